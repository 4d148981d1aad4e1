"""The catalog: a SQLite file folded from the log, to be thrown away and rebuilt at any time.

Folding is deterministic: the same log gives the same catalog, whether commit by commit or from nothing.
"""

import contextlib
import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.catalog import schema
from archive.errors import IntegrityError, NoSpace, StorageError, UsageError
from archive.facts.names import commit_key, instant, stamp
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import EMPTY, Commit, Head, Log, Segment
from archive.log.segments import decode_lines, most, read_segment
from archive.seen.judging import Lag, check, recall
from archive.seen.memory import HeadMemory
from archive.stores.room import is_full
from archive.warc import cdxj

PROBE_LASTS = timedelta(days=1)
_WAIT_MS = 60_000
_PRIMARY = 0xFF
# What nonsense under a right digest comes to in the fold, SQLite's refusals of a value among it.
_UNFIT = (
    KeyError, TypeError, ValueError, AttributeError, OverflowError, UsageError,
    sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError,
)  # fmt: skip
_FOLDED = ("index", "records", "checks")


class Catalog:
    """One connection to the catalog of one archive; each thread opens its own."""

    def __init__(self, path: str | Path, place: str, vocabulary: Vocabulary) -> None:
        """Open or make the catalog at `path` for the archive in a place; one of another place or schema is emptied.

        `place` is that of `archive.stores.opening.place_of`, `vocabulary` that of the edition in archive.json.
        A file that is damaged is made anew.
        """
        self.path, self.place, self.vocabulary = Path(path), place, vocabulary
        self.memory = HeadMemory(path)
        self.archive = ""
        """Which archive it is folded from (`Log.identity`), once it followed a log that says so."""
        self.db = _open(self.path, self.memory)
        try:
            self._fit()
        except BaseException:
            self.db.close()
            raise

    def _fit(self) -> None:
        if self._fits():
            return
        self.memory.take_over()
        with self.writing():
            if not self._fits():
                self.db.execute(schema.PROBES)
                self._empty()

    def _fits(self) -> bool:
        if not self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return False
        rows = dict(self.db.execute("SELECT name, value FROM meta").fetchall())
        return rows == {"schema": str(schema.VERSION), "place": self.place}

    def _empty(self) -> None:
        names = self.db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC"
        ).fetchall()
        for (name,) in names:
            # A search table takes its shadow tables with it.
            if name not in schema.KEPT:
                self.db.execute(f'DROP TABLE IF EXISTS "{name}"')
        for statement in schema.TABLES.split(";\n"):
            if statement.strip():
                self.db.execute(statement)
        self.db.executemany("INSERT INTO meta VALUES (?, ?)", [("schema", str(schema.VERSION)), ("place", self.place)])

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock for one transaction; all of it is kept, or nothing."""
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            finally:
                # A full disk rolls back by itself.
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            raise _explained(error, self.path) from error

    def head(self) -> Head:
        """Return the last commit folded."""
        row = self.db.execute("SELECT seq, digest FROM commits ORDER BY seq DESC LIMIT 1").fetchone()
        return Head(seq=row[0], digest=row[1]) if row else EMPTY

    def check_head(self, log: Log) -> Lag | None:
        """Hold the log against what this machine saw (`archive.seen.judging.check`) and against what is folded here."""
        seen = recall(log, self.memory, archive=self.archive)
        lag = check(log, seen, self.head())
        self.archive = seen.archive
        return lag

    def follow(self, log: Log, progress: Callable[[Commit], None] | None = None) -> Head:
        """Fold the commits past the last one folded; return the head. Raises IntegrityError."""
        self.check_head(log)
        while not self._caught_up(log, progress):
            pass
        self._remember(log)
        return self.head()

    def _remember(self, log: Log) -> None:
        head = self.head()
        if not self.archive and head.seq:
            # Before its first commit an archive of before 0.2.0 has no name.
            self.archive = recall(log, self.memory).archive
        self.memory.saw(log.store, self.archive, head, self._digests)

    def _digests(self, past: int) -> Iterator[tuple[int, str]]:
        yield from self.db.execute("SELECT seq, digest FROM commits WHERE seq > ? ORDER BY seq", (past,))

    def _caught_up(self, log: Log, progress: Callable[[Commit], None] | None) -> bool:
        for commit in log.after(self.head()):
            if not self.fold(commit, log):
                return False
            if progress:
                progress(commit)
        return True

    def fold(self, commit: Commit, log: Log) -> bool:
        """Fold one commit, unless another process did; tell whether the catalog holds it now.

        False: another process emptied the catalog meanwhile, so that commits before it are missing. Raises
        IntegrityError, naming the key, for a segment that is missing, damaged or holds what no writer of ours writes.
        """
        from archive.catalog import fold  # noqa: PLC0415 - where nothing is new it is not needed

        lines: dict[str, list[Any]] = {kind: [] for kind in _FOLDED}
        for segment in commit.segments:
            if segment.kind in lines:
                lines[segment.kind] += _lines(commit, segment, log)
        with self.writing():
            if not self._fits():
                raise StorageError(
                    f"the catalog {self.path} was taken over for another archive; set a CATALOG_PATH for each"
                )
            at = self.head()
            if at.seq >= commit.seq:
                return True
            if at.digest != commit.previous:
                return False
            try:
                fold.commit(self.db, commit, lines, self.vocabulary)
            except _UNFIT as error:
                raise IntegrityError(
                    f"{commit_key(commit.seq)} names lines that can't be folded ({error!r}): an older or foreign "
                    "program wrote them; run: scrapy verify"
                ) from error
        return True

    def probed(self, now: datetime) -> bool:
        """Return whether the store was found safe within the last day."""
        row = self.db.execute("SELECT at FROM probed WHERE place = ?", (self.place,)).fetchone()
        return bool(row) and timedelta(0) <= now - instant(row[0]) < PROBE_LASTS

    def remember_probe(self, now: datetime) -> None:
        """Note that the store was found safe at `now`."""
        with self.writing():
            self.db.execute("INSERT OR REPLACE INTO probed VALUES (?, ?)", (self.place, stamp(now)))


def _lines(commit: Commit, segment: Segment, log: Log) -> list[Any]:
    data = read_segment(log.store, segment)
    if segment.kind != "index":
        return decode_lines(data, segment.key, most(commit, segment))
    try:
        return list(cdxj.decode(data, most(commit, segment)))
    except IntegrityError as error:
        raise IntegrityError(f"{segment.key}: {error}") from error


def _open(path: Path, memory: HeadMemory) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if not _damaged(error):
            raise _explained(error, path) from error
        return _renewed(path, memory)
    except OSError as error:
        raise StorageError(
            f"cannot make the catalog's folder {path.parent}: {error.strerror}; set CATALOG_PATH"
        ) from error


def _renewed(path: Path, memory: HeadMemory) -> sqlite3.Connection:
    # One process at a time: another one's new file must not be taken for the damaged one.
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(sqlite3.DatabaseError):
            return _connect(path)
        memory.take_over()
        for leftover in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            leftover.unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=_WAIT_MS / 1000, check_same_thread=False)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "trusted_schema = 0"):
            db.execute(f"PRAGMA {pragma}")
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError:
        db.close()
        raise
    if found != "ok":
        db.close()
        corrupt = sqlite3.DatabaseError(f"malformed: {found}")
        corrupt.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise corrupt
    return db


def _damaged(error: sqlite3.DatabaseError) -> bool:
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(error: sqlite3.DatabaseError) -> int:
    """Return SQLite's primary result code, 0 for an error that is not SQLite's own (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


def _explained(error: sqlite3.DatabaseError, path: Path) -> StorageError | NoSpace:
    text, code = str(error), _code(error)
    if code == sqlite3.SQLITE_FULL or is_full(path.parent):
        return NoSpace(f"no space for the catalog {path}: free some and run the command again")
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return StorageError(f"the catalog {path} can't be used: {text}; look at its disk and at the rights to it")
    return StorageError(f"the catalog {path} can't be used: {text}; it is derived: delete it and run the command again")
