"""What catalogs remember: those of 0.1 and before in a table `heads`, by the archive's URI as it was spelt.

Those of today hold the commits that were folded, which tell of a log's end where the memory's own file is gone.
"""

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archive.errors import ConfigurationError, NoSpace, StorageError
from archive.log.chain import Head
from archive.stores.opening import open_store, place_of
from archive.stores.room import is_full
from archive.stores.sqlite import UNREADABLE, code_of
from archive.stores.store import Store

_WAIT_SECONDS = 60


def heads(catalog: Path) -> Mapping[str, Head]:
    """Return what a catalog remembers, by URI; nothing of a newer one, or of a file that no longer tells.

    Raises StorageError where the file can't be read, NoSpace where only a full disk keeps it from that.
    """
    found = _asked(catalog, "SELECT uri, seq, digest FROM heads")
    return {str(uri): Head(seq=int(seq), digest=str(digest)) for uri, seq, digest in found}


def folded(catalog: Path) -> Mapping[str, Head]:
    """Return up to where a catalog of today is folded, by the place of its archive; nothing where that can't be told.

    Raises as `heads`.
    """
    found = _asked(
        catalog,
        "SELECT value, seq, digest FROM meta, commits WHERE name = 'place' ORDER BY seq DESC LIMIT 1",
    )
    return {str(place): Head(seq=seq, digest=str(digest)) for place, seq, digest in found if isinstance(seq, int)}


def _asked(catalog: Path, query: str) -> list[tuple[Any, ...]]:
    if not catalog.exists():
        return []
    try:
        try:
            return _read(catalog, "ro", query)
        except sqlite3.OperationalError as error:
            return _read(catalog, _otherwise(error, catalog), query)
    except sqlite3.DatabaseError as error:
        if code_of(error) in UNREADABLE:
            if is_full(catalog.parent):
                raise NoSpace(f"no space beside the catalog {catalog}: free some and run the command again") from error
            told = f"the catalog {catalog} can't be read: {error}; look at its disk and at the rights to it"
            raise StorageError(told) from error
        return []


def _otherwise(error: sqlite3.OperationalError, catalog: Path) -> str:
    """Return how a catalog is opened that can't be for reading alone. Raises the error where there is no other way."""
    # A process that was killed amid its first transaction left a journal, which only a writer can roll back.
    if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK:
        return "rw"
    # Where no file can be made beside it SQLite has to be told that nobody writes to it.
    if code_of(error) == sqlite3.SQLITE_CANTOPEN and not os.access(catalog.parent, os.W_OK):
        return "ro&immutable=1"
    raise error


def _read(catalog: Path, mode: str, query: str) -> list[tuple[Any, ...]]:
    place = f"{catalog.absolute().as_uri()}?mode={mode}"
    with contextlib.closing(sqlite3.connect(place, uri=True, timeout=_WAIT_SECONDS)) as db:
        # SQLite then reads what it can of a file that is cut short.
        db.execute("PRAGMA writable_schema = ON")
        return db.execute(query).fetchall()


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
