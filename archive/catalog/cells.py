"""Texts of the catalog that carry a checksum: a byte that was flipped in one is found when it is read, by whomever."""

import sqlite3
from typing import Any
from zlib import crc32

from archive.errors import StorageError
from archive.facts.canonical import canonical

_MARK = b"\x01"
_DIGITS = 8


class CatalogDamaged(StorageError):
    """Raise where what the catalog gives is not what was folded into it; it is derived, and can be made anew."""


def sealed(value: Any) -> str:
    """Return the text under which a JSON value is stored; a connection of `checking` gives back its JSON."""
    data = canonical(value)
    return f"{_MARK.decode()}{crc32(data):08x}{data.decode()}"


def checking(db: sqlite3.Connection) -> sqlite3.Connection:
    """Let a connection hold each text against its checksum, where it has one; reading raises CatalogDamaged."""
    db.text_factory = _checked
    return db


def _checked(data: bytes) -> str:
    try:
        if data[:1] != _MARK:
            return data.decode()
        text = data[1 + _DIGITS :]
        if int(data[1 : 1 + _DIGITS], 16) == crc32(text):
            return text.decode()
    except ValueError:
        pass
    raise CatalogDamaged("the catalog is damaged: a text in it is not the one that was folded; run the command again")
