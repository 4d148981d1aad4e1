"""`scrapy replay` over stored pages as heavy as real ones: in one process, in two, and with every record written anew.

The yardstick reads the same WARCs by warcio and gives each page to trafilatura's fast mode. Rates are taken from the
second segment's end on, so that the start of processes, which a long replay does not feel, is a line of its own.
"""

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import trafilatura
from warcio.archiveiterator import ArchiveIterator

from archive.catalog.since import Since
from archive.committing import Committer
from archive.facts.canonical import digest
from archive.facts.items import Capture, Check
from archive.facts.record import Record
from archive.log.segments import read_segment
from archive.log.spool import Spool
from archive.opened import Archive, open_for_writing
from benchmarks.children import Broken, scratch
from benchmarks.padded import open_padded
from benchmarks.table import Row, alone, compared
from crawler.crawl.program import PROGRAM
from crawler.editions.presstv_fr import PRESSTV_FR
from crawler.pages import REVISION
from crawler.reread.replay import Replay
from crawler.reread.segments import Found, Task
from crawler.reread.stored import reader

MORE, SEGMENT, ROUNDS = 580, 30, 3
_START = datetime(2026, 11, 24, tzinfo=UTC)


def captures(more: int) -> Iterator[Capture]:
    """Yield a capture of each article of the demo outlet and of `more` generated ones, padded, gzipped."""
    with open_padded(more) as server:
        for number, article in enumerate(server.outlet.articles.values()):
            _, packed, _ = server.answer(unquote(article.path))[1]
            kind = ((b"Content-Type", b"text/html; charset=utf-8"), (b"Content-Encoding", b"gzip"))
            yield Capture(
                url=f"https://{PRESSTV_FR.hosts[0]}{article.path}", captured_at=_START + timedelta(seconds=number),
                status=200, response_headers=kind, body=packed, payload=digest(packed),
            )  # fmt: skip


def fill(
    folder: Path, more: int, *, segment: int = SEGMENT, as_read: Callable[[Record], Record] = lambda read: read
) -> int:
    """Write an archive below a folder, its records as `as_read` makes them; return how many."""
    archive, count = opened(folder), 0
    committing, read = committer(archive), reader(PRESSTV_FR)
    batch = committing.begin(partial(Spool.create, folder / "spool"))
    for count, capture in enumerate(captures(more), 1):  # noqa: B007 - the last count is returned
        record = read(capture, "")
        if record is None:
            raise Broken(f"{capture.url} was not read: nothing to replay")
        batch.spooled(capture)
        batch.records.append((as_read(record), capture))
        batch.checks.append(
            Check(
                at=capture.captured_at, url=capture.url, kind="article", outcome="new", status=200,
                article_id=record["article_id"],
            )
        )  # fmt: skip
        if len(batch.records) == segment:
            committing.commit(batch, {})
            batch = committing.begin(partial(Spool.create, folder / "spool"))
    if batch.records:
        committing.commit(batch, {})
    elif batch.spool is not None:
        batch.spool.delete()
    archive.close()
    return count


def opened(folder: Path) -> Archive:
    """Open the archive below a folder for writing."""
    return open_for_writing(
        f"file:{folder}/archive", folder / "catalog.sqlite", vocabulary=PRESSTV_FR.vocabulary, version="1", now=_START
    )


def committer(archive: Archive) -> Committer:
    """Return what commits to an archive, its clock a second a reading."""
    times = iter(_START + timedelta(days=1, seconds=n) for n in range(10**9))
    crawl = f"replay-20261125t000000z-{archive.catalog.head().seq:08x}"
    return Committer(archive=archive, crawl=crawl, program=PROGRAM, clock=times.__next__)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One segment read."""

    seconds: float
    """Since the replay began."""
    cpu: float
    """Seconds of this process's own."""
    read: int
    """Pages."""


def replayed(folder: Path, processes: int) -> tuple[list[End], Replay]:
    """Replay the archive; return when each segment was read, and the replay."""
    archive, ends = opened(folder), []
    start, before = time.perf_counter(), time.process_time()
    task = Task(archive=archive.store.uri, catalog=archive.catalog.path, edition=PRESSTV_FR)

    def note(found: Found) -> None:
        ends.append(
            End(seconds=time.perf_counter() - start, cpu=time.process_time() - before, read=found.read)
        )  # fmt: skip

    try:
        replay = Replay(committer=committer(archive), task=task, limit=200, progress=note)
        replay.run(Since(None), processes)
    finally:
        archive.close()
    return ends, replay


def rate(ends: list[End], *, cpu: bool = False) -> float:
    """Return pages a second from the second segment's end on; `cpu`: of this process's CPU.

    Raises Broken where there are too few segments.
    """
    if len(ends) < 4:
        raise Broken(f"{len(ends)} segments are too few to tell a rate")
    taken = ends[-1].cpu - ends[1].cpu if cpu else ends[-1].seconds - ends[1].seconds
    return sum(end.read for end in ends[2:]) / taken


def theirs(folder: Path) -> float:
    """Return pages a second of warcio and trafilatura over the first segment of an archive."""
    archive = opened(folder)
    try:
        segment = next(s for commit in archive.log.after() for s in commit.segments if s.kind == "warc")
        data = read_segment(archive.store, segment)
    finally:
        archive.close()
    start, count = time.perf_counter(), 0
    for record in ArchiveIterator(BytesIO(data)):
        if record.rec_type == "response":
            markup = gzip.decompress(record.raw_stream.read()).decode()
            count += bool(trafilatura.bare_extraction(markup, fast=True, with_metadata=True))
    return count / (time.perf_counter() - start)


def measure(more: int = MORE, rounds: int = ROUNDS, **how: Any) -> list[Row]:
    """Return pages a second of a replay. Raises Broken where a page was not read."""
    with scratch() as folder:
        count = fill(folder, more, **how)
        ones, twos, others = [], [], []
        for _ in range(rounds):
            ones.append(_whole(*replayed(folder, 1), count))
            twos.append(_whole(*replayed(folder, 2), count))
            others.append(theirs(folder))
        anew = _written(folder / "old", more // 4, **how)
    rates = [rate(one) for one in ones]
    asking = [(1 / rate(two, cpu=True), 1 / rate(one, cpu=True)) for one, two in zip(ones, twos, strict=True)]
    later = [two[0].seconds - one[0].seconds for one, two in zip(ones, twos, strict=True)]
    return [
        compared("pages a second, one process", zip(rates, others, strict=True)),
        compared("pages a second, two processes, beside one", zip(map(rate, twos), rates, strict=True), aim="2"),
        alone("pages a second of CPU, one process", [rate(one, cpu=True) for one in ones]),
        compared("CPU of whoever asks two processes, beside one that reads", asking, aim="0.1"),
        alone("seconds later the first segment is read by two", later),
        alone("pages a second, every record written anew and folded", [anew]),
    ]


def _whole(ends: list[End], replay: Replay, count: int) -> list[End]:
    if replay.total.same != count or replay.total.failed or replay.total.unread:
        raise Broken(f"a replay read {replay.total.same} of {count} pages as before: nothing to compare")
    return ends


def _written(folder: Path, more: int, **how: Any) -> float:
    """Return pages a second of a replay that writes a record for each capture, and folds it."""
    count = fill(folder, more, as_read=misread, **how)
    start = time.perf_counter()
    _, replay = replayed(folder, 1)
    if replay.total.differ != count:
        raise Broken(f"a replay wrote {replay.total.differ} of {count} records: nothing to tell")
    return count / (time.perf_counter() - start)


def misread(record: Record) -> Record:
    """Return a record as an older extractor would have read it."""
    return record | {"headline": "Mal lu", "extraction": record["extraction"] | {"revision": REVISION - 1}}
