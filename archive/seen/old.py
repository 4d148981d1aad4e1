"""What catalogs remember: those of 0.1 and before in a table `heads`, by the archive's URI as it was spelt.

Those of today hold the commits that were folded, which tell of a log's end where the memory's own file is gone.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.errors import ConfigurationError, NoSpace, StorageError
from archive.log.chain import Head
from archive.stores.opening import open_store, place_of
from archive.stores.room import is_full
from archive.stores.sqlite import UNREADABLE, code_of
from archive.stores.store import Store

_WAIT_SECONDS = 60
_FOLDED = "SELECT value, seq, digest FROM meta, commits WHERE name = 'place' ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldHeads:
    """What a catalog tells of where logs ended."""

    spelt: Mapping[str, Head] = field(default_factory=dict)
    """Of one of 0.1 and before, by URI."""
    folded: Mapping[str, Head] = field(default_factory=dict)
    """Of one of today up to where it is folded, by the place of its archive."""


def told_by(catalog: Path) -> OldHeads:
    """Return what a catalog tells; nothing where it is none, or no longer tells.

    Raises StorageError where the file can't be read, NoSpace where only a full disk keeps it from that.
    """
    if not catalog.exists():
        return OldHeads()
    try:
        try:
            heads, folded = _read(catalog, "ro")
        except sqlite3.OperationalError as error:
            heads, folded = _read(catalog, _otherwise(error, catalog))
    except sqlite3.DatabaseError as error:
        if code_of(error) in UNREADABLE:
            if is_full(catalog.parent):
                raise NoSpace(f"no space beside the catalog {catalog}: free some and run the command again") from error
            told = f"the catalog {catalog} can't be read: {error}; look at its disk and at the rights to it"
            raise StorageError(told) from error
        return OldHeads()
    return OldHeads(spelt=_heads(heads), folded=_heads(folded))


def _heads(rows: Iterable[Sequence[Any]]) -> Mapping[str, Head]:
    return {str(name): Head(seq=seq, digest=str(digest)) for name, seq, digest in rows if isinstance(seq, int)}


def _otherwise(error: sqlite3.OperationalError, catalog: Path) -> str:
    """Return how a catalog is opened that can't be for reading alone. Raises the error where there is no other way."""
    # A process that was killed amid its first transaction left a journal, which only a writer can roll back.
    if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK:
        return "rw"
    # Where no file can be made beside it SQLite has to be told that nobody writes to it.
    if code_of(error) == sqlite3.SQLITE_CANTOPEN and not os.access(catalog.parent, os.W_OK):
        return "ro&immutable=1"
    raise error


def _read(catalog: Path, mode: str) -> tuple[list[Any], list[Any]]:
    place = f"{catalog.absolute().as_uri()}?mode={mode}"
    with contextlib.closing(sqlite3.connect(place, uri=True, timeout=_WAIT_SECONDS)) as db:
        # SQLite then reads what it can of a file that is cut short.
        db.execute("PRAGMA writable_schema = ON")
        return _rows(db, "SELECT uri, seq, digest FROM heads"), _rows(db, _FOLDED)


def _rows(db: sqlite3.Connection, query: str) -> list[Any]:
    try:
        return db.execute(query).fetchall()
    except sqlite3.DatabaseError as error:
        # One of the two tables every catalog lacks.
        if code_of(error) in {*UNREADABLE, sqlite3.SQLITE_READONLY}:
            raise
        return []


def is_at(uri: str, store: Store) -> bool:
    """Tell whether a URI, as it was spelt once, names the place of this store."""
    if uri == store.uri:
        return True
    if uri.startswith("s3://"):
        # Not opened: that asks boto3. The endpoint was not remembered then.
        return place_of(store).partition(" ")[0] == uri.rstrip("/")
    try:
        return place_of(open_store(uri)) == place_of(store)
    except ConfigurationError:
        return False
