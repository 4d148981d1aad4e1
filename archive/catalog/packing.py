"""How a record lies in the catalog: its canonical JSON as zlib has it (RFC 1950); and digests, as bytes.

Of a record there are two beside it: as text a digest weighs more than twice as much.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from isal import isal_zlib

from archive.catalog.cells import CatalogDamaged
from archive.facts.canonical import canonical, parse
from archive.facts.record import Record

Told = TypeVar("Told")
_LEVEL = 2
_SCHEME = "sha256:"
_DIGEST = re.compile(f"{_SCHEME}[0-9a-f]{{64}}")
_TORN = cast("type[Exception]", isal_zlib.error)


def packed(record: Record) -> bytes:
    """Return a record as the catalog keeps it."""
    return bytes(isal_zlib.compress(canonical(record), _LEVEL))


def unpacked(data: bytes) -> Record:
    """Return the record that `packed` made this of. Raises CatalogDamaged where a byte of it was flipped."""
    return cast("Record", read_by(parse, data))


def read_by(decode: Callable[[bytes], Told], data: bytes) -> Told:
    """Return what a decoder of JSON reads of a packed record. Raises CatalogDamaged where a byte of it was flipped."""
    try:
        return decode(isal_zlib.decompress(data))
    except (_TORN, ValueError, RecursionError) as error:
        raise CatalogDamaged(
            "the catalog is damaged: a record in it is not the one that was folded; run the command again"
        ) from error


def short(value: Any) -> Any:
    """Return a digest as the catalog keeps it; what is none as it is."""
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return bytes.fromhex(value.removeprefix(_SCHEME))
    return value


def whole(value: Any) -> Any:
    """Return the digest that `short` made this of."""
    return f"{_SCHEME}{value.hex()}" if isinstance(value, bytes) else value
