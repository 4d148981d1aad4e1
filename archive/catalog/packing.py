"""How a record lies in the catalog: its canonical JSON as zlib has it (RFC 1950)."""

from typing import cast

from isal import isal_zlib

from archive.facts.canonical import canonical, parse
from archive.facts.record import Record

_LEVEL = 2


def packed(record: Record) -> bytes:
    """Return a record as the catalog keeps it."""
    return bytes(isal_zlib.compress(canonical(record), _LEVEL))


def unpacked(data: bytes) -> Record:
    """Return the record that `packed` made this of."""
    return cast("Record", parse(isal_zlib.decompress(data)))
