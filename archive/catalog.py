"""The catalog: a SQLite file folded from the log, to be thrown away and rebuilt at any time.

Folding is deterministic: the same log gives the same catalog, whether commit by commit or from nothing.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive import cdxj, fold, schema
from archive.batch import decode_lines, read_segment
from archive.errors import IntegrityError, KeyMissing, NoSpace, StorageError
from archive.ids import commit_key, instant, stamp
from archive.log import EMPTY, Commit, Head, Log, Segment

PROBE_LASTS = timedelta(days=1)
_WAIT_MS = 60_000


class Catalog:
    """One connection to the catalog of one archive; each thread opens its own."""

    def __init__(self, path: str | Path, uri: str) -> None:
        """Open or make the catalog at `path` for the archive at `uri`; one of another archive or schema is emptied."""
        self.path, self.uri = Path(path), uri
        self.db = _open(self.path)
        self._fit()

    def _fit(self) -> None:
        with self.writing():
            for statement in (schema.HEADS, schema.PROBES):
                self.db.execute(statement)
            if self._made_for() != (str(schema.VERSION), self.uri):
                self._empty()

    def _made_for(self) -> tuple[str, str] | None:
        if not self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return None
        rows = dict(self.db.execute("SELECT name, value FROM meta").fetchall())
        return rows.get("schema", ""), rows.get("uri", "")

    def _empty(self) -> None:
        names = self.db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        for (name,) in names:
            self.db.execute(f"DROP TABLE {name}")
        plain = self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in plain:
            if name not in schema.KEPT:
                self.db.execute(f"DROP TABLE {name}")
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
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")
        except sqlite3.OperationalError as error:
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
        seen = self.remembered()
        if seen.seq == 0:
            return
        key = commit_key(seen.seq)
        commit = log.read(seen.seq)
        hint = f"restore it from another copy; to start anew on purpose, delete {self.path} too"
        if commit is None:
            raise IntegrityError(f"{key} is missing from {self.uri}: this machine saw the log reach it; {hint}")
        if commit.digest != seen.digest:
            raise IntegrityError(
                f"{key} in {self.uri} is {commit.digest}, this machine saw {seen.digest}: the log was changed; {hint}"
            )

    def follow(self, log: Log, progress: Callable[[Commit], None] | None = None) -> Head:
        """Fold the commits past the last one folded; return the head. Raises IntegrityError."""
        self.check_head(log)
        for commit in log.after(self.head()):
            self.fold(commit, log)
            if progress:
                progress(commit)
        return self.head()

    def fold(self, commit: Commit, log: Log) -> None:
        """Fold one commit, unless another process has folded it meanwhile."""
        lines = {s.kind: (s, _lines(s, log)) for s in commit.segments if s.kind in ("index", "records", "checks")}
        with self.writing():
            at = self.head()
            if at.seq >= commit.seq:
                return
            fold.commit(self.db, commit, {kind: rows for kind, (_, rows) in lines.items()})
            self.db.execute(
                "INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT (uri) DO UPDATE "
                "SET seq = excluded.seq, digest = excluded.digest WHERE excluded.seq > seq",
                (self.uri, commit.seq, commit.digest),
            )

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
    if not Path(path).exists():
        return EMPTY
    try:
        with contextlib.closing(sqlite3.connect(f"file:{Path(path).absolute()}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT seq, digest FROM heads WHERE uri = ?", (uri,)).fetchone()
    except sqlite3.DatabaseError:
        return EMPTY
    return Head(seq=row[0], digest=row[1]) if row else EMPTY


def _lines(segment: Segment, log: Log) -> list[Any]:
    try:
        data = read_segment(log.store, segment)
    except KeyMissing as error:
        raise IntegrityError(
            f"{segment.key} is missing from {log.store.uri}, though a commit names it; restore it from another copy"
        ) from error
    return list(cdxj.decode(data)) if segment.kind == "index" else decode_lines(data, segment.key)


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise _explained(error, path) from error
        # Not a database any more: it is derived, so a fresh one loses nothing but the memory of the head.
        for leftover in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            leftover.unlink(missing_ok=True)
        return _connect(path)
    except OSError as error:
        raise StorageError(
            f"cannot make the catalog's folder {path.parent}: {error.strerror}; set CATALOG_PATH"
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=_WAIT_MS / 1000, check_same_thread=False)
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"busy_timeout = {_WAIT_MS}",
            "trusted_schema = 0",
        ):
            db.execute(f"PRAGMA {pragma}")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _explained(error: sqlite3.OperationalError, path: Path) -> StorageError | NoSpace:
    text = str(error)
    if "full" in text:
        return NoSpace(f"no space for the catalog {path}: free some and run the command again")
    return StorageError(f"the catalog {path} can't be used: {text}; it is derived: delete it and run the command again")
