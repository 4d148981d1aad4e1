"""The catalog: a SQLite file folded from the log, to be thrown away and rebuilt at any time.

Folding is deterministic: the same log gives the same catalog, whether commit by commit or from nothing.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.catalog import fold, schema
from archive.errors import ArchiveError, IntegrityError, NoSpace, StorageError, UsageError
from archive.facts.names import commit_key, instant, stamp
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import EMPTY, Commit, Head, Log, Segment
from archive.log.segments import decode_lines, most, read_segment
from archive.warc import cdxj

PROBE_LASTS = timedelta(days=1)
_LEAST_ROOM = 64 * 2**10
_WAIT_MS = 60_000
_PRIMARY = 0xFF
# What nonsense under a right digest comes to in the fold, SQLite's refusals of a value among it.
_UNFIT = (
    KeyError, TypeError, ValueError, AttributeError, OverflowError, UsageError,
    sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError,
)  # fmt: skip
_PRAGMAS = (
    # A packed record fits on a page, and what a fold touches in the cache (32 MiB).
    "page_size = 8192", "cache_size = -32768", "journal_mode = WAL", "synchronous = NORMAL", "trusted_schema = 0",
)  # fmt: skip
_FOLDED = ("index", "records", "checks")
_MOST_COMMITS, _MOST_BYTES = 1000, 2**24
"""What is folded in one transaction: commits, and bytes of their segments as they are stored."""
_Read = tuple[Commit, list[tuple[Segment, bytes]]]
"""A commit, its segments of lines and their bytes."""
_REMEMBER = (
    "INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT (uri) DO UPDATE "
    "SET seq = excluded.seq, digest = excluded.digest WHERE excluded.seq > seq"
)


class Catalog:
    """One connection to the catalog of one archive; each thread opens its own."""

    def __init__(self, path: str | Path, uri: str, vocabulary: Vocabulary) -> None:
        """Open or make the catalog at `path` for the archive at `uri`; one of another archive or schema is emptied.

        `vocabulary` is that of the edition in archive.json.
        A file that is damaged is made anew, with what it remembers of heads where that can still be read.
        """
        self.path, self.uri, self.vocabulary = Path(path), uri, vocabulary
        self.db = _open(self.path)
        try:
            self._fit()
        except BaseException:
            self.db.close()
            raise

    def _fit(self) -> None:
        if self._fits():
            return
        with self.writing():
            if not self._fits():
                for statement in (schema.HEADS, schema.PROBES):
                    self.db.execute(statement)
                self._empty()

    def _fits(self) -> bool:
        if not self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return False
        rows = dict(self.db.execute("SELECT name, value FROM meta").fetchall())
        return rows == {"schema": str(schema.VERSION), "uri": self.uri}

    def _empty(self) -> None:
        names = self.db.execute(
            "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') "
            "ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC"
        ).fetchall()
        for kind, name in names:
            # A search table takes its shadow tables with it.
            if name not in schema.KEPT:
                self.db.execute(f'DROP {kind} IF EXISTS "{name}"')
        for statement in schema.TABLES.split(";\n"):
            if statement.strip():
                self.db.execute(statement)
        self.db.executemany("INSERT INTO meta VALUES (?, ?)", [("schema", str(schema.VERSION)), ("uri", self.uri)])

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

    def remembered(self) -> Head:
        """Return the last head that this machine saw of this archive; it outlives a rebuild."""
        return remembered_head(self.path, self.uri)

    def check_head(self, log: Log) -> None:
        """Raise IntegrityError when the log is shorter than, or differs at, the last head that this machine saw."""
        check_memory(log, self.path)

    def follow(self, log: Log, progress: Callable[[Commit], None] | None = None) -> Head:
        """Fold the commits past the last one folded; return the head. Raises IntegrityError."""
        self.check_head(log)
        while not self._caught_up(log, progress):
            pass
        return self.head()

    def _caught_up(self, log: Log, progress: Callable[[Commit], None] | None) -> bool:
        return all(map(self._folded, _parts(_read(log.after(self.head()), log, progress))))

    def fold(self, commit: Commit, log: Log) -> bool:
        """Fold one commit, unless another process did; tell whether the catalog holds it now.

        False: another process emptied the catalog meanwhile, so that commits before it are missing. Raises
        IntegrityError, naming the key, for a segment that is missing, damaged or holds what no writer of ours writes.
        """
        return self._folded([*_read([commit], log)])

    def _folded(self, part: Sequence[_Read]) -> bool:
        try:
            return self._fold(part)
        except (*_UNFIT, IntegrityError) as error:
            if len(part) > 1:
                # One by one: what comes before the unfit one is kept, and that one can be named.
                return all(self._folded([one]) for one in part)
            if isinstance(error, IntegrityError):
                raise
            raise IntegrityError(
                f"{commit_key(part[0][0].seq)} names lines that can't be folded ({error!r}): an older or foreign "
                "program wrote them; run: scrapy verify"
            ) from error

    def _fold(self, part: Sequence[_Read]) -> bool:
        with self.writing():
            if not self._fits():
                raise StorageError(
                    f"the catalog {self.path} was taken over for another archive; set a CATALOG_PATH for each"
                )
            at = self.head()
            left = [one for one in part if one[0].seq > at.seq]
            if left and at.digest != left[0][0].previous:
                return False
            if left:
                fold.commits(self.db, _decoded(left), self.vocabulary)
                newest = left[-1][0]
                self.db.execute(_REMEMBER, (self.uri, newest.seq, newest.digest))
        return True

    def probed(self, now: datetime) -> bool:
        """Return whether the store was found safe within the last day."""
        row = self.db.execute("SELECT at FROM probes WHERE uri = ?", (self.uri,)).fetchone()
        return bool(row) and timedelta(0) <= now - instant(row[0]) < PROBE_LASTS

    def remember_probe(self, now: datetime) -> None:
        """Note that the store was found safe at `now`."""
        with self.writing():
            self.db.execute("INSERT OR REPLACE INTO probes VALUES (?, ?)", (self.uri, stamp(now)))


def remembered_head(path: str | Path, uri: str) -> Head:
    """Return the last head that this machine saw of the archive at `uri`, without touching the catalog."""
    found = [Head(seq=seq, digest=digest) for name, seq, digest in _memory(Path(path)) if name == uri]
    return found[0] if found else EMPTY


def _memory(path: Path) -> list[tuple[str, int, str]]:
    if not path.exists():
        return []
    try:
        try:
            return _heads(path, "ro")
        except sqlite3.OperationalError as error:
            # A process that was killed amid its first transaction left a journal, which only a writer can roll back.
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            return _heads(path, "rw")
    except sqlite3.DatabaseError as error:
        # The plain error is that of a file without the table.
        if _damaged(error) or _code(error) == sqlite3.SQLITE_ERROR:
            return []
        raise _explained(error, path) from error


def _heads(path: Path, mode: str) -> list[tuple[str, int, str]]:
    place = f"{path.absolute().as_uri()}?mode={mode}"
    with contextlib.closing(sqlite3.connect(place, uri=True, timeout=_WAIT_MS / 1000)) as db:
        # SQLite then reads what it can of a file that is cut short.
        db.execute("PRAGMA writable_schema = ON")
        return db.execute("SELECT uri, seq, digest FROM heads").fetchall()


def check_memory(log: Log, path: str | Path) -> None:
    """Hold the log against what the catalog at `path` remembers of it, without touching the catalog.

    Raises IntegrityError (9) naming the key where the log is shorter, differs, or has lost archive.json.
    """
    uri, seen = log.store.uri, remembered_head(path, log.store.uri)
    if seen.seq == 0:
        return
    key, commit = commit_key(seen.seq), log.read(seen.seq)
    hint = f"restore it from another copy; to start anew on purpose, delete {path} too"
    if commit is None:
        raise IntegrityError(f"{key} is missing from {uri}: this machine saw the log reach it; {hint}")
    if commit.digest != seen.digest:
        raise IntegrityError(
            f"{key} in {uri} is {commit.digest}, this machine saw {seen.digest}: the log was changed; {hint}"
        )


def _read(
    commits: Iterable[Commit], log: Log, progress: Callable[[Commit], None] | None = None
) -> Iterator[_Read]:  # fmt: skip
    for commit in commits:
        yield commit, [(one, read_segment(log.store, one)) for one in commit.segments if one.kind in _FOLDED]
        if progress:
            progress(commit)


def _parts(read: Iterable[_Read]) -> Iterator[list[_Read]]:
    """Yield commits in parts that are folded in one transaction each. What was read before an error is one, too."""
    part: list[_Read] = []
    size = 0
    try:
        for one in read:
            part.append(one)
            size += sum(len(data) for _, data in one[1])
            if len(part) >= _MOST_COMMITS or size >= _MOST_BYTES:
                yield part
                part, size = [], 0
    except ArchiveError:
        if part:
            yield part
        raise
    if part:
        yield part


def _decoded(read: Iterable[_Read]) -> Iterator[tuple[Commit, fold.Decoded]]:
    for commit, segments in read:
        lines: dict[str, list[Any]] = {kind: [] for kind in _FOLDED}
        for segment, data in segments:
            lines[segment.kind] += _lines(commit, segment, data)
        yield commit, lines


def _lines(commit: Commit, segment: Segment, data: bytes) -> list[Any]:
    if segment.kind != "index":
        return decode_lines(data, segment.key, most(commit, segment))
    try:
        return list(cdxj.decode(data, most(commit, segment)))
    except IntegrityError as error:
        raise IntegrityError(f"{segment.key}: {error}") from error


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if not _damaged(error):
            raise _explained(error, path) from error
        return _renewed(path)
    except OSError as error:
        raise StorageError(
            f"cannot make the catalog's folder {path.parent}: {error.strerror}; set CATALOG_PATH"
        ) from error


def _renewed(path: Path) -> sqlite3.Connection:
    # One process at a time: another one's new file must not be taken for the damaged one.
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(sqlite3.DatabaseError):
            return _connect(path)
        memory = _memory(path)
        for leftover in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            leftover.unlink(missing_ok=True)
        db = _connect(path)
        db.execute(schema.HEADS)
        db.executemany(_REMEMBER, memory)
        return db


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=_WAIT_MS / 1000, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
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
    if code == sqlite3.SQLITE_FULL or _is_full(path.parent):
        return NoSpace(f"no space for the catalog {path}: free some and run the command again")
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return StorageError(f"the catalog {path} can't be used: {text}; look at its disk and at the rights to it")
    return StorageError(f"the catalog {path} can't be used: {text}; it is derived: delete it and run the command again")


def _is_full(folder: Path) -> bool:
    # SQLite that finds no room, or no inode, for a new file says "unable to open" or "I/O error", and hides the errno.
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _LEAST_ROOM or (disk.f_files > 0 and disk.f_favail == 0)
