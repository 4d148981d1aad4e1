"""The file of the memory: SQLite with a rollback journal, made whole or not at all, and never believed when damaged."""

import errno
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from archive.errors import IntegrityError, NoSpace, StorageError
from archive.facts.canonical import canonical, digest
from archive.stores.newfile import create_file
from archive.stores.room import is_full
from archive.stores.sqlite import UNREADABLE, code_of

_Found = TypeVar("_Found")
_WAIT_SECONDS = 60
_TABLES = """
CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), json BLOB NOT NULL, digest TEXT NOT NULL);
CREATE TABLE commits (archive TEXT, seq INTEGER, digest BLOB NOT NULL, PRIMARY KEY (archive, seq)) WITHOUT ROWID;
CREATE TABLE own (digest BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_UNWRITABLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})

_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class MemoryDamaged(Exception):
    """Raise inside `MemoryFile` for what no program of ours wrote."""


class ReadOnly(Exception):
    """Raise where the memory's folder may only be read."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The tables, within one opening of the file."""

    db: sqlite3.Connection

    def state(self) -> tuple[bytes, str] | None:
        """Return the one row of the state and its digest, None where there is none."""
        row = self.db.execute("SELECT json, digest FROM state").fetchone()
        return (row[0], row[1]) if row else None

    def put(self, state: tuple[bytes, str]) -> None:
        """Replace the state."""
        self.db.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?)", state)

    def commits(self, archive: str) -> Mapping[int, str]:
        """Return digests by number. Raises MemoryDamaged."""
        found = self.db.execute("SELECT seq, digest FROM commits WHERE archive = ?", (archive,))
        return {seq: _unpacked(archive, seq, data) for seq, data in found}

    def commit(self, archive: str, seq: int) -> str | None:
        """Return the digest of one commit, None where it has no row. Raises MemoryDamaged."""
        found = self.db.execute("SELECT digest FROM commits WHERE archive = ? AND seq = ?", (archive, seq)).fetchone()
        return _unpacked(archive, seq, found[0]) if found else None

    def learn(self, archive: str, commits: Iterable[tuple[int, str]]) -> int:
        """Add digests by number, those that are known stay; return how many were added."""
        rows = ((archive, seq, _packed(archive, seq, told)) for seq, told in commits)
        return max(self.db.executemany("INSERT OR IGNORE INTO commits VALUES (?, ?, ?)", rows).rowcount, 0)

    def note_own(self, commit: str) -> None:
        """Add the digest of a commit that is about to be appended here."""
        self.db.execute("INSERT OR IGNORE INTO own VALUES (?)", (_raw(commit),))

    def is_own(self, commit: str) -> bool:
        """Tell whether a commit was about to be appended here; a damaged row is none."""
        return bool(self.db.execute("SELECT 1 FROM own WHERE digest = ?", (_raw(commit),)).fetchone())


class MemoryFile:
    """One file; `read` and `writing` open it, and close it again."""

    def __init__(self, path: Path, catalog: Path) -> None:
        self.path, self.catalog = path, catalog

    def read(self, ask: Callable[[Rows], _Found]) -> _Found | None:
        """Return what `ask` finds, None where there is no file yet. Raises IntegrityError, StorageError."""
        if not os.path.lexists(self.path):
            return None
        try:
            with self._explained(), closing(self._open()) as db:
                return ask(Rows(db))
        except ReadOnly as error:
            told = f"{self.path} must be rolled back first, after a program that was killed: open it once as its owner"
            raise StorageError(told) from error

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """Hold the file for one transaction, all of it kept or nothing; the first one makes it.

        Raises ReadOnly, IntegrityError, StorageError, NoSpace.
        """
        self._make()
        with self._explained(), closing(self._open()) as db:
            db.execute("BEGIN IMMEDIATE")
            yield Rows(db)
            db.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        # Not `mode=ro`: what a process that was killed left half done can only be rolled back by one that may write.
        # Nor read whole: what it is asked for tells by itself that it is what was written.
        place = f"{self.path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(place, uri=True, isolation_level=None, timeout=_WAIT_SECONDS)

    def _make(self) -> None:
        if os.path.lexists(self.path):
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            # Under its name it is whole from the first instant: an empty file there is a damaged one.
            with _closing(folder), suppress(FileExistsError):
                create_file(folder, self.path.name, _fresh())
        except OSError as error:
            if error.errno in _NO_RIGHT:
                raise ReadOnly from error
            if is_full(self.path.parent):
                raise NoSpace(f"no space for {self.path}: free some and run the command again") from error
            raise StorageError(f"cannot make {self.path}: {error.strerror}; set CATALOG_PATH") from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (MemoryDamaged, TypeError, UnicodeDecodeError) as error:
            raise self._damaged(error) from error
        except sqlite3.DatabaseError as error:
            code = code_of(error)
            if code in _UNWRITABLE:
                raise ReadOnly from error
            if code == sqlite3.SQLITE_FULL or (code in UNREADABLE and is_full(self.path.parent)):
                raise NoSpace(f"no space for {self.path}: free some and run the command again") from error
            if code in UNREADABLE:
                told = f"{self.path} can't be used: {error}; look at its disk and at the rights to it"
                raise StorageError(told) from error
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> IntegrityError:
        return IntegrityError(
            f"{self.path}, in which this machine remembers where logs ended, is damaged ({error}); hold the archive "
            f"against a published head (scrapy verify --head DIGEST), then delete {self.path}, or restore it from a "
            "backup"
        )


@contextmanager
def _closing(handle: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(handle)


def _fresh() -> bytes:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        empty = canonical({})
        db.execute("INSERT INTO state VALUES (1, ?, ?)", (empty, digest(empty)))
        db.commit()
        return db.serialize()


def _packed(archive: str, seq: int, told: str) -> bytes:
    """Return a digest's 32 bytes and, behind them, four that hold the whole row together."""
    raw = _raw(told)
    return raw + _check(archive, seq, raw)


def _raw(told: str) -> bytes:
    return bytes.fromhex(told.removeprefix("sha256:"))


def _unpacked(archive: str, seq: int, data: bytes) -> str:
    if _check(archive, seq, data[:-4]) != data[-4:]:
        raise MemoryDamaged(f"its row of commit {seq} contradicts itself")
    return f"sha256:{data[:-4].hex()}"


def _check(archive: str, seq: int, raw: bytes) -> bytes:
    return zlib.crc32(f"{archive} {seq} ".encode() + raw).to_bytes(4, "big")
