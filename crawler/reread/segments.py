"""`scrapy replay`: stored captures read by today's code, segment by segment, in one process or in several.

What reads as its standing record writes nothing. What reads differently becomes a record beside it, never an edit by
the outlet: the fold holds readings of one revision against each other, and `vouched` sees to it that neighbours have
one. The same archive and the same code give the same records, whatever the number of processes.
"""

import logging
import sqlite3
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from archive.catalog import sights
from archive.catalog.catalog import NO_END
from archive.catalog.cells import checking
from archive.catalog.packing import short, unpacked
from archive.catalog.schema import MEMBER, members
from archive.catalog.sights import ByRevision
from archive.errors import ArchiveError
from archive.facts.canonical import canonical, parse
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.facts.outcomes import SEEN, Reason
from archive.facts.record import Record, beside_identity, feed_of, with_feed
from archive.log.chain import Segment
from archive.log.segments import read_segment
from archive.opened import Archive
from archive.parallel.workers import in_order
from archive.stores.opening import open_store
from archive.stores.store import Store
from archive.warc import warc
from crawler.editions.edition import Edition
from crawler.pages import REVISION
from crawler.reread.stored import Reader, reader, rereader
from pipelines.version import Reread

_REMEMBERED = 256
_WRITTEN_ELSEWHERE = frozenset({"capture", "extraction", "url", "mirror"})
_BY_OTHERS: tuple[Reason, ...] = ("made_up_alike", "no_end")
_Piece = TypeVar("_Piece")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What each process needs to know; it is sent to them."""

    archive: str
    catalog: Path
    edition: Edition
    ids: frozenset[str] = frozenset()
    """Articles to read; none: all."""
    since: str = ""
    """Captures from this instant on (RFC 3339); empty: all."""
    head: int = NO_END
    """The commit at which the archive is read: what stood by then is what a reading is held against."""


@dataclass(slots=True, kw_only=True)
class Found:
    """What a segment, or all of them, came to."""

    segments: int = 0
    read: int = 0
    """Captures of articles that were read."""
    same: int = 0
    unread: list[str] = field(default_factory=list)
    """Addresses of captures with a standing record in which today's code finds no article; the record stands."""
    failed: list[str] = field(default_factory=list)
    """Addresses of captures that our own code tripped over, with the error."""
    newer: int = 0
    """Captures read by a newer revision already."""
    differ: int = 0
    """How many records there are, or were."""
    records: list[Record] = field(default_factory=list)

    def copy(self) -> "Found":
        """Return the counts as they stand, without records."""
        return replace(self, unread=[*self.unread], failed=[*self.failed], records=[])

    def exit_code(self) -> int:
        """Return 3 where a capture could not be read, or gave no article any more, else 0."""
        return 3 if self.failed or self.unread else 0

    def add(self, other: "Found") -> None:
        """Take in the counts of another, its records left out."""
        self.differ += other.differ
        self.segments += other.segments
        self.read += other.read
        self.same += other.same
        self.newer += other.newer
        self.unread += other.unread
        self.failed += other.failed


@dataclass(slots=True, kw_only=True)
class SegmentReader:
    """One process's connections and its reader."""

    task: Task
    store: Store
    db: sqlite3.Connection
    read: Reader
    reread: Reread

    def segment(self, segment: Segment) -> Found:
        """Read a segment's captures. Raises IntegrityError where it is not what its commit names."""
        found = Found(segments=1)
        for capture in warc.read(read_segment(self.store, segment), segment.key):
            number = self.task.edition.article_id(capture.url)
            if number is not None and self._wanted(capture, number):
                found.read += 1
                self._capture(capture, number, found)
        return found

    def _wanted(self, capture: Capture, number: str) -> bool:
        # A revisit has no bytes of its own, and no record ever points to one.
        whole = not isinstance(capture, warc.Revisit) and not 300 <= capture.status < 400
        mine = not self.task.ids or number in self.task.ids
        return whole and mine and stamp(capture.captured_at) >= self.task.since

    def _capture(self, capture: Capture, number: str, found: Found) -> None:
        try:
            new = self.read(capture, _asked(self.db, capture), was_seen=_was_seen(self.db, number, capture))
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - told in the report; one page must not keep the others out
            _log.debug("a step failed on %s", capture.url, exc_info=True)
            found.failed.append(f"{capture.url} {type(error).__name__}: {error}")
            return
        old = _standing(self.db, number, capture, self.task.head)
        if old is None and _was_no_article(self.db, number, capture):
            record = None
        elif old is None:
            record = self._first_reading(new, capture) if new else None
        elif old["extraction"]["revision"] > REVISION:
            found.newer += 1
            return
        elif new is None:
            found.unread.append(capture.url)
            return
        else:
            new = with_feed(new, feed_of(old))
            record = _as_stored(new, old) if _content(new) != _content(old) else None
        found.same += record is None
        if record is not None:
            found.differ += 1
            found.records.append(record)

    def _first_reading(self, new: Record, capture: Capture) -> Record | None:
        """Return the reading of a capture without a record: written unless it reads as the record in force then."""
        before = _in_force(self.db, new["article_id"], stamp(capture.captured_at), self.task.head)
        if before is not None and before["extraction"]["revision"] < REVISION:
            before = self.reread(before) or before
        if before is None or before["digests"]["version"] != new["digests"]["version"]:
            return new
        return new if beside_identity(before) != beside_identity(new) else None


def _standing(db: sqlite3.Connection, number: str, capture: Capture, head: int) -> Record | None:
    # By instant and payload: a WARC names some addresses in another spelling than the record that was asked for.
    row = db.execute(
        "SELECT packed FROM records WHERE article_id = ? AND captured_at = ? AND payload = ? "
        "AND seq <= ? ORDER BY revision DESC, seq DESC, line DESC LIMIT 1",
        (int(number), stamp(capture.captured_at), short(capture.payload), head),
    ).fetchone()
    return unpacked(row[0]) if row else None


def _asked(db: sqlite3.Connection, capture: Capture) -> str:
    """Return the address first asked where redirects led from it to a capture's own, as its check says; else empty."""
    row = db.execute(
        "SELECT url FROM checks WHERE seq = (SELECT seq FROM captures WHERE url = ? AND captured_at = ?) AND at = ? "
        "AND answered IS NOT NULL",
        (warc.target_uri(capture.url), stamp(capture.captured_at), stamp(capture.captured_at)),
    ).fetchone()
    return str(row[0]) if row else ""


def _was_no_article(db: sqlite3.Connection, number: str, capture: Capture) -> bool:
    # Told by other pages, which this one's bytes don't hold.
    sql = f"SELECT 1 FROM checks WHERE article_id = ? AND at = ? AND reason {MEMBER}"
    return db.execute(sql, (int(number), stamp(capture.captured_at), members(_BY_OTHERS))).fetchone() is not None


def _was_seen(db: sqlite3.Connection, number: str, capture: Capture) -> bool:
    row = db.execute(
        "SELECT outcome FROM checks WHERE article_id = ? AND at = ?", (int(number), stamp(capture.captured_at))
    ).fetchone()
    return row is not None and row[0] in SEEN


def _in_force(db: sqlite3.Connection, number: str, at: str, head: int) -> Record | None:
    row = db.execute(
        "SELECT packed FROM records r WHERE article_id = ? AND captured_at < ? AND seq <= ? AND NOT EXISTS "
        "(SELECT 1 FROM checks c WHERE c.article_id = r.article_id AND c.at = r.captured_at AND c.kind = 'mirror') "
        "ORDER BY captured_at DESC, revision DESC, seq DESC, line DESC LIMIT 1",
        (int(number), at, head),
    ).fetchone()
    return unpacked(row[0]) if row else None


def _content(record: Mapping[str, Any]) -> bytes:
    """Return what a reading says: all of a record but its revision, its place and how its address is spelled."""
    told = {name: value for name, value in record.items() if name not in _WRITTEN_ELSEWHERE}
    return canonical(told | {"extraction": record["extraction"] | {"revision": 0}})


def _as_stored(new: Record, old: Record) -> Record:
    return new | {"capture": old["capture"], "url": old["url"], "mirror": old["mirror"]}


def open_reader(task: Task) -> SegmentReader:
    """Open the archive for one process, its catalog for reading only; close `db` when done."""
    store = open_store(task.archive)
    db = checking(sqlite3.connect(f"{task.catalog.absolute().as_uri()}?mode=ro", uri=True, timeout=60))
    reread = _cached(rereader(store, task.edition))
    return SegmentReader(task=task, store=store, db=db, read=reader(task.edition), reread=reread)


def _cached(reread: Reread) -> Reread:
    @lru_cache(maxsize=_REMEMBERED)
    def known(key: bytes) -> Record | None:
        return reread(parse(key))

    return lambda record: known(canonical(record))


_here: list[SegmentReader] = []


def _begin(task: Task) -> None:
    _here[:] = [open_reader(task)]


def _work(work: Callable[[SegmentReader, _Piece], Found], piece: _Piece) -> Found:
    return work(_here[0], piece)


def spread(
    task: Task, work: Callable[[SegmentReader, _Piece], Found], pieces: Iterable[_Piece], processes: int, *,
    name: Callable[[_Piece], str],
) -> Generator[Found, None, None]:  # fmt: skip
    """Yield what `work` makes of each piece, in the order given, in so many processes; few are held at a time.

    `work` can be pickled; `name` tells a piece by which its worker died.
    """
    if processes == 1:
        reading = open_reader(task)
        with closing(reading.db):
            yield from (work(reading, piece) for piece in pieces)
        return
    yield from in_order(partial(_work, work), pieces, processes=processes, begin=partial(_begin, task), name=name)


def readings(task: Task, segments: Iterable[Segment], processes: int) -> Generator[Found, None, None]:
    """Yield what each segment came to, in the order given."""
    return spread(task, SegmentReader.segment, segments, processes, name=lambda segment: segment.key)


def vouched(archive: Archive, reread: Reread, ids: Collection[str] = ()) -> Iterator[Record]:
    """Yield readings by today's revision of captures beside one that it read differently.

    An edit is a difference between two readings of one revision. Where only one of two neighbours has today's, and it
    is not what an older revision that read both said, the other one's is written as well, though it says the same.
    """
    rows = archive.catalog.db.execute(
        "SELECT article_id FROM records GROUP BY article_id HAVING max(revision) >= ? AND min(revision) < ? "
        "AND count(DISTINCT captured_at) > 1 ORDER BY article_id",
        (REVISION, REVISION),
    ).fetchall()
    for (number,) in rows:
        if ids and str(number) not in ids:
            continue
        for capture in _lacking(sights.readings(archive.catalog.db, number)):
            if (new := reread(sights.standing(capture).record)) is not None:
                yield _as_stored(new, sights.standing(capture).record)


def _lacking(captures: list[ByRevision]) -> Iterator[ByRevision]:
    told = set()
    for one, other in pairwise(captures):
        for read, bare in ((one, other), (other, one)):
            name = id(bare)
            if REVISION in read and max(bare) < REVISION and _moved(read, bare) and name not in told:
                told.add(name)
                yield bare


def _moved(read: ByRevision, bare: ByRevision) -> bool:
    both = read.keys() & bare.keys()
    return not both or _content(read[max(both)].record) != _content(read[REVISION].record)
