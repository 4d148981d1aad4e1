"""The catalog's file: opened, checked, made anew where it is damaged, only read where it may not be written."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import NamedTuple

from archive.catalog.cells import CatalogDamaged, checking
from archive.catalog.hold import Hold, HowLeft
from archive.errors import NoSpace, StorageError
from archive.seen.memory import HeadMemory
from archive.stores.room import is_full
from archive.stores.sqlite import code_of

_WAIT_MS = 60_000
PAGE_SIZE = 8192
"""Bytes of a page: a packed record fits on one."""
# What a fold touches fits in the cache (32 MiB).
_WRITTEN = (f"page_size = {PAGE_SIZE}", "cache_size = -32768", "journal_mode = WAL", "synchronous = NORMAL")
_HELD = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SHUT = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})


class Opened(NamedTuple):
    """A catalog's file, opened."""

    db: sqlite3.Connection
    writable: bool
    hold: Hold

    def close(self) -> None:
        """Close it, and note how it was left."""
        self.db.close()
        self.hold.leave()


def open_file(path: Path, memory: HeadMemory) -> Opened:
    """Open or make a catalog.

    One that is damaged is made anew. One on a read-only disk, or of another user, is read as it is. Raises StorageError
    and NoSpace.
    """
    if _only_readable(path):
        return _read_only(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make the catalog's folder {path.parent}: {error.strerror}; set CATALOG_PATH"
        ) from error
    hold = Hold(path)
    try:
        with hold.taking() as found:
            return Opened(_sound(path, memory, hold, found), writable=True, hold=hold)
    except sqlite3.DatabaseError as error:
        hold.leave()
        if code_of(error) in _SHUT and os.access(path, os.R_OK) and path.stat().st_size:
            return _read_only(path)
        raise explained(error, path) from error
    except BaseException:
        hold.leave()
        raise


def _sound(path: Path, memory: HeadMemory, hold: Hold, found: HowLeft) -> sqlite3.Connection:
    try:
        if found != "damaged":
            return _connect(path, check=found == "unclean")
    except sqlite3.DatabaseError as error:
        if not is_damaged(error):
            raise
    return _made_anew(path, memory, hold)


def renewed(path: Path, memory: HeadMemory) -> None:
    """Make a catalog anew, empty, though it seems sound. Raises OSError, StorageError, sqlite3.DatabaseError."""
    hold = Hold(path)
    hold.condemn()
    with hold.taking():
        _made_anew(path, memory, hold, anyway=True).close()
    hold.leave()


def _made_anew(path: Path, memory: HeadMemory, hold: Hold, *, anyway: bool = False) -> sqlite3.Connection:
    # One process at a time: another one's new file must not be taken for the damaged one.
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (anyway or hold.is_condemned):
            with contextlib.suppress(sqlite3.DatabaseError):
                return _connect(path, check=True)
        memory.take_over()
        for leftover in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            leftover.unlink(missing_ok=True)
        hold.absolve()
        return _connect(path)


def looked_over(path: Path) -> tuple[HowLeft, str]:
    """Return how a catalog was left, and what SQLite's own check of all of it finds wrong; empty where that is nothing.

    Nothing in it is changed. Raises StorageError.
    """
    if not path.exists():
        return "none", ""
    left = Hold(path).peek()
    try:
        with contextlib.closing(_read_only(path).db if _only_readable(path) else _connect(path)) as db:
            return left, str(fault_of(db) or "")
    except sqlite3.DatabaseError as error:
        if is_damaged(error):
            return left, str(error)
        raise explained(error, path) from error


def private_copy(db: sqlite3.Connection) -> sqlite3.Connection:
    """Return a catalog of this process alone, which begins as another is and is gone when it is closed."""
    copy = checking(sqlite3.connect("", isolation_level=None, check_same_thread=False))
    try:
        db.backup(copy)
    except BaseException:
        copy.close()
        raise
    return copy


def is_damaged(error: BaseException) -> bool:
    """Tell whether an error says that a catalog is damaged."""
    broken = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return isinstance(error, CatalogDamaged) or (isinstance(error, sqlite3.DatabaseError) and code_of(error) in broken)


def no_space(path: Path) -> NoSpace:
    """Return what is said where the disk of a catalog is full."""
    return NoSpace(f"no space for the catalog {path}: free some and run the command again")


def explained(error: sqlite3.DatabaseError, path: Path) -> StorageError | NoSpace:
    """Return what SQLite's error means and what to do."""
    text, code = str(error), code_of(error)
    if is_damaged(error):
        return CatalogDamaged(f"the catalog {path} is damaged ({text}); the next command makes it anew: run it again")
    if code == sqlite3.SQLITE_FULL or is_full(path.parent):
        return no_space(path)
    if code in _HELD:
        return StorageError(f"the catalog {path} is held by another process ({text}): let that go on, or end it")
    if code in _SHUT or code == sqlite3.SQLITE_IOERR:
        return StorageError(f"the catalog {path} can't be used: {text}; look at its disk and at the rights to it")
    return StorageError(f"the catalog {path} can't be used: {text}; it is derived: delete it and run the command again")


def _only_readable(path: Path) -> bool:
    # SQLite in WAL mode makes files beside its own.
    there = os.access(path, os.R_OK) and path.is_file() and path.stat().st_size > 0
    return there and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _read_only(path: Path) -> Opened:
    return Opened(_as_it_stands(path), writable=False, hold=Hold(Path()))


def _as_it_stands(path: Path) -> sqlite3.Connection:
    try:
        with tempfile.TemporaryDirectory() as folder:
            log = Path(f"{path}-wal")
            if not (log.exists() and log.stat().st_size):
                return _connect(path, "?mode=ro&immutable=1", check=not Hold(path).is_as_noted)
            # What its writer has not yet brought into the file itself is read from a copy: here nothing can be locked.
            for file in (path, log):
                shutil.copyfile(file, Path(folder) / file.name)
            with contextlib.closing(_connect(Path(folder) / path.name, check=True)) as db:
                return private_copy(db)
    except sqlite3.DatabaseError as error:
        if is_damaged(error):
            return checking(sqlite3.connect("", isolation_level=None, check_same_thread=False))
        raise explained(error, path) from error
    except OSError as error:
        raise StorageError(f"the catalog {path} can't be read: {error.strerror}; set CATALOG_PATH") from error


def _connect(path: Path, how: str = "", *, check: bool = False) -> sqlite3.Connection:
    place = f"{path.absolute().as_uri()}{how}" if how else path
    db = sqlite3.connect(place, uri=bool(how), isolation_level=None, timeout=_WAIT_MS / 1000, check_same_thread=False)
    try:
        for pragma in () if how else _WRITTEN:
            db.execute(f"PRAGMA {pragma}")
        db.execute("PRAGMA trusted_schema = 0")
        if check and (fault := fault_of(db)):
            raise fault
    except sqlite3.DatabaseError:
        db.close()
        raise
    return checking(db)


def fault_of(db: sqlite3.Connection) -> sqlite3.DatabaseError | None:
    """Read a catalog whole by SQLite's own check; return what is wrong with its pages."""
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found == "ok":
        return None
    corrupt = sqlite3.DatabaseError(f"malformed: {found}")
    corrupt.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return corrupt
