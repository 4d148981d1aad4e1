"""The catalog: a SQLite file folded from the log, to be thrown away and rebuilt at any time.

Folding is deterministic: the same log gives the same catalog, whether commit by commit or from nothing.
"""

import atexit
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.catalog import schema
from archive.catalog.cells import CatalogDamaged
from archive.catalog.file import explained, is_damaged, no_space, open_file, private_copy
from archive.errors import ArchiveError, IntegrityError, StorageError, UsageError
from archive.facts.names import commit_key, instant, stamp
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import EMPTY, Commit, Head, Log, Segment
from archive.log.distant import ReadCommit, read_after
from archive.log.segments import decode_lines, most, read_segment
from archive.seen.judging import Lag, check, recall
from archive.seen.memory import HeadMemory
from archive.stores.room import is_full
from archive.warc import cdxj

if TYPE_CHECKING:
    from archive.catalog.fold import Decoded

PROBE_LASTS = timedelta(days=1)
NO_END = 2**62
"""A number behind that of every commit."""
# What nonsense under a right digest comes to in the fold, SQLite's refusals of a value among it.
_UNFIT = (KeyError, TypeError, ValueError, AttributeError, OverflowError, UsageError)
_UNFIT_VALUE = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
_FOLDED = ("index", "records", "checks")
_MOST_COMMITS, _MOST_BYTES = 1000, 2**24
"""What is folded in one transaction: commits, and bytes of their segments as they are stored."""


_open: "weakref.WeakSet[Catalog]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    # A command that ends over an error ends well all the same: the next one need not check the file.
    for catalog in list(_open):
        catalog.close()


class Catalog:
    """One connection to the catalog of one archive; each thread opens its own."""

    def __init__(self, path: str | Path, place: str, vocabulary: Vocabulary) -> None:
        """Open or make the catalog at `path` for an archive in a place; of another place, schema or zone it is emptied.

        `place` is that of `archive.stores.opening.place_of`, `vocabulary` that of the edition in archive.json.
        A file that is damaged is made anew. One that may only be read is read, and what it lacks is folded into a copy
        of this process's own.
        """
        self.path, self.place, self.vocabulary = Path(path), place, vocabulary
        self.memory = HeadMemory(path)
        self._copied = False
        self.unproven = False
        """Whether it began as a snapshot that nobody vouches for: what it says of earlier commits is not remembered."""
        self.until = NO_END
        """The commit behind which nothing is folded: whoever reads the archive as of it says so before."""
        self.archive = ""
        """Which archive it is folded from (`Log.identity`), once it followed a log that says so."""
        try:
            self._open()
        except (CatalogDamaged, sqlite3.DatabaseError) as error:
            if not is_damaged(error):
                raise
            # What its tables are is read only now; it was noted as damaged, and is made anew.
            self._open()

    def _open(self) -> None:
        self._file = open_file(self.path, self.memory)
        self.db, self.writable = self._file.db, self._file.writable
        _open.add(self)
        try:
            self._fit()
        except BaseException as error:
            self.condemn(error)
            self.close()
            raise

    def renew(self, error: Exception) -> bool:
        """Make the catalog anew, empty, where an error says that it is damaged; tell whether that was done."""
        if not (is_damaged(error) and self.writable):
            return False
        self.condemn(error)
        self.close()
        self._open()
        return True

    def _fit(self) -> None:
        if self._fits():
            return
        if self.writable:
            self.memory.take_over(folded=True)
        with self.writing():
            if not self._fits():
                self.db.execute(schema.PROBES)
                self._empty()

    def _fits(self) -> bool:
        if not self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return False
        return dict(self.db.execute("SELECT name, value FROM meta").fetchall()) == self._meant()

    def _meant(self) -> dict[str, str]:
        return {"schema": str(schema.VERSION), "place": self.place, "zone": str(self.vocabulary.zone)}

    def sign(self, db: sqlite3.Connection) -> None:
        """Write into the tables of a catalog whose they are: of which schema, archive's place and zone of days."""
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", self._meant().items())

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
        self.sign(self.db)

    def close(self) -> None:
        """Close the connection."""
        self.db.close()
        self._file.close()
        _open.discard(self)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock for one transaction; all of it is kept, or nothing.

        Of a file that may only be read a copy of this process's own is written from here on.
        """
        if not self.writable and not self._copied:
            shared, self.db, self._copied = self.db, private_copy(self.db), True
            shared.close()
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
            self.condemn(error)
            raise explained(error, self.path) from error

    def condemn(self, error: BaseException) -> None:
        """Note that the catalog is damaged, where an error says so: whoever opens it next makes it anew."""
        if is_damaged(error):
            self._file.hold.condemn()

    def check_writable(self) -> None:
        """Raise StorageError, or NoSpace, where the file may only be read: a writer must find there what it wrote."""
        if not self.writable and is_full(self.path.parent):
            raise no_space(self.path)
        if not self.writable:
            raise StorageError(
                f"the catalog {self.path} may only be read, and a writer needs more; give the right to write it and "
                "its folder, or set CATALOG_PATH to a place of your own"
            )

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
        self.memory.saw(log.store, self.archive, head, self._digests, md5=log.md5_of(head.seq))

    def _digests(self, past: int) -> Iterator[tuple[int, str]]:
        if not self.unproven:
            yield from self.db.execute("SELECT seq, digest FROM commits WHERE seq > ? ORDER BY seq", (past,))

    def _caught_up(self, log: Log, progress: Callable[[Commit], None] | None) -> bool:
        wanted = takewhile(lambda one: one[0].seq <= self.until, read_after(log, self.head(), _FOLDED))
        return all(map(self._folded, _parts(_told(wanted, progress))))

    def fold(self, commit: Commit, log: Log) -> bool:
        """Fold one commit, unless another process did; tell whether the catalog holds it now.

        False: another process emptied the catalog meanwhile, so that commits before it are missing. Raises
        IntegrityError, naming the key, for a segment that is missing, damaged or holds what no writer of ours writes.
        """
        segments = [segment for segment in commit.segments if segment.kind in _FOLDED]
        return self._folded([(commit, [(segment, read_segment(log.store, segment)) for segment in segments])])

    def _folded(self, part: Sequence[ReadCommit]) -> bool:
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

    def _fold(self, part: Sequence[ReadCommit]) -> bool:
        with self.writing():
            if not self._fits():
                raise StorageError(
                    f"the catalog {self.path} was taken over for another archive or OUTLET_ZONE; set a CATALOG_PATH "
                    "for each"
                )
            at = self.head()
            left = [one for one in part if one[0].seq > at.seq]
            if left and at.digest != left[0][0].previous:
                return False
            if left:
                self._take_in(_decoded(left))
        return True

    def _take_in(self, told: "Iterable[tuple[Commit, Decoded]]", *, searched: bool = True) -> None:
        from archive.catalog import fold  # noqa: PLC0415 - where nothing is new it is not needed

        try:
            fold.commits(self.db, told, self.vocabulary, searched=searched)
        except _UNFIT_VALUE as error:
            # The lines are at fault, not the file.
            raise ValueError(str(error)) from error

    def take(self, told: "Sequence[tuple[Commit, Decoded]]") -> None:
        """Fold commits of no log, with their lines; what is searched is left out (`indexing.index_all`).

        Raises KeyError, TypeError or ValueError for lines that are none.
        """
        with self.writing():
            self._take_in(told, searched=False)

    def probed(self, now: datetime) -> bool:
        """Return whether the store was found safe within the last day."""
        row = self.db.execute("SELECT at FROM probed WHERE place = ?", (self.place,)).fetchone()
        return bool(row) and timedelta(0) <= now - instant(row[0]) < PROBE_LASTS

    def remember_probe(self, now: datetime) -> None:
        """Note that the store was found safe at `now`."""
        with self.writing():
            self.db.execute("INSERT OR REPLACE INTO probed VALUES (?, ?)", (self.place, stamp(now)))


def _told(read: Iterable[ReadCommit], progress: Callable[[Commit], None] | None) -> Iterator[ReadCommit]:
    for one in read:
        yield one
        if progress:
            progress(one[0])


def _parts(read: Iterable[ReadCommit]) -> Iterator[list[ReadCommit]]:
    """Yield commits in parts that are folded in one transaction each. What was read before an error is one, too."""
    part: list[ReadCommit] = []
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


def _decoded(read: Iterable[ReadCommit]) -> Iterator[tuple[Commit, "Decoded"]]:
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
