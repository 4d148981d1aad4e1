"""Texts of the catalog that carry a checksum: a byte that was flipped in one is found when it is read."""

import sqlite3
from typing import Any
from zlib import crc32

from archive.errors import StorageError
from archive.facts.canonical import canonical, parse

_MARK = "\x01"
_DIGITS = 8
_DAMAGED = "the catalog is damaged: a text in it is not the one that was folded; run the command again"


class CatalogDamaged(StorageError):
    """Raise where what the catalog gives is not what was folded into it; it is derived, and can be made anew."""


def sealed(value: Any) -> str:
    """Return the text under which a JSON value is stored."""
    data = canonical(value)
    return f"{_MARK}{crc32(data):08x}{data.decode()}"


def unsealed(text: str) -> Any:
    """Return the value of a stored text. Raises CatalogDamaged where it is not the one that was folded."""
    data = text[1 + _DIGITS :].encode()
    # Other texts are the outlet's, and may begin as they like: only whoever asks for a sealed one knows that it is.
    if text[: 1 + _DIGITS] != f"{_MARK}{crc32(data):08x}":
        raise CatalogDamaged(_DAMAGED)
    return parse(data)


def checking(db: sqlite3.Connection) -> sqlite3.Connection:
    """Have a connection raise CatalogDamaged for a text that is none."""
    db.text_factory = _decoded
    return db


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except ValueError as error:
        raise CatalogDamaged(_DAMAGED) from error
