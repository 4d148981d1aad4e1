"""How a record lies in the catalog: its canonical JSON as zlib has it (RFC 1950)."""

from typing import cast

from isal import isal_zlib

from archive.catalog.cells import CatalogDamaged
from archive.facts.canonical import canonical, parse
from archive.facts.record import Record

_LEVEL = 2
_TORN = cast("type[Exception]", isal_zlib.error)


def packed(record: Record) -> bytes:
    """Return a record as the catalog keeps it."""
    return bytes(isal_zlib.compress(canonical(record), _LEVEL))


def unpacked(data: bytes) -> Record:
    """Return the record that `packed` made this of. Raises CatalogDamaged where a byte of it was flipped."""
    try:
        return cast("Record", parse(isal_zlib.decompress(data)))
    except (_TORN, ValueError) as error:
        raise CatalogDamaged(
            "the catalog is damaged: a record in it is not the one that was folded; run the command again"
        ) from error
