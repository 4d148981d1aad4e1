"""One replay from end to end: which segments are read, what is committed, what is told of it."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.catalog import articles
from archive.catalog.segments import segments
from archive.catalog.since import Since
from archive.committing import Committer
from archive.errors import UsageError
from archive.facts.record import Record
from archive.log.chain import Commit, Segment
from archive.opened import Archive
from archive.texts.amounts import amount, amounts
from crawler.editions.edition import Edition
from crawler.pages import REVISION
from crawler.reread.segments import Found, Task, readings, vouched
from crawler.reread.stored import rereader


def segments_of(archive: Archive, edition: Edition, since: Since, ids: Collection[str] = ()) -> Iterator[Segment]:
    """Yield the WARC segments past a commit number that hold captures of these articles, or of any."""
    holding = _holding(archive.catalog.db, edition, ids) if ids else None
    for _, segment, _ in segments(archive.catalog.db, "warc", since.seq):
        if holding is None or segment.key in holding:
            yield segment


def _holding(db: sqlite3.Connection, edition: Edition, ids: Collection[str]) -> set[str]:
    rows = db.execute("SELECT DISTINCT url, segment FROM captures")
    return {segment for url, segment in rows if edition.article_id(url) in ids}


@dataclass(slots=True, kw_only=True)
class Replay:
    """One replay: reads, and commits what differs in batches of so many records."""

    committer: Committer
    task: Task
    limit: int
    """Records to a commit (BATCH_CAPTURES)."""
    progress: Callable[[Found], object] | None = None
    total: Found = field(default_factory=Found)
    differ: int = 0
    beside: int = 0
    """Readings that say the same, written beside a neighbour's that differs."""
    _waiting: list[Record] = field(default_factory=list)

    def run(self, since: Since, processes: int) -> None:
        """Read the captures, commit what differs. Raises IntegrityError and what the store raises."""
        archive = self.committer.archive
        # Listed before the first commit of ours, whose segments hold no captures, is made.
        for found in readings(self.task, segments_of(archive, self.task.edition, since, self.task.ids), processes):
            self.total.add(found)
            self.differ += len(found.records)
            self._take(found.records)
            if self.progress:
                self.progress(found)
        self._commit()
        for record in vouched(archive, rereader(archive.store, self.task.edition), self.task.ids):
            self.beside += 1
            self._take([record])
        self._commit()

    def _take(self, records: list[Record]) -> None:
        self._waiting += records
        while len(self._waiting) >= self.limit:
            self._commit()

    def _commit(self) -> None:
        if not self._waiting:
            return
        batch = self.committer.begin()
        batch.records = [(record, None) for record in self._waiting[: self.limit]]
        del self._waiting[: self.limit]
        self.committer.commit(batch, {"replay": self.summary()})

    def summary(self) -> dict[str, int]:
        """Return the counts so far, for a commit and a report."""
        total = self.total
        return {
            "revision": REVISION, "segments": total.segments, "read": total.read, "same": total.same,
            "differ": self.differ, "beside": self.beside, "newer": total.newer, "unread": len(total.unread),
            "failed": len(total.failed),
        }  # fmt: skip

    def exit_code(self) -> int:
        """Return 3 where a capture could not be read, or gave no article any more, else 0."""
        return 3 if self.total.failed or self.total.unread else 0


def known_ids(archive: Archive, text: str) -> frozenset[str]:
    """Return the articles that a comma-separated list names. Raises UsageError for none, or one unknown."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    if text and not names:
        raise UsageError(f"--ids {text!r} names no article; write numbers parted by commas")
    return frozenset(articles.article_row(archive.catalog.db, name).article_id for name in names)


def lines_of(replay: Replay) -> Iterator[str]:
    """Yield the report for a person."""
    told, commits = replay.summary(), replay.committer.commits
    yield (
        f"{replay.committer.crawl}: {amount(told['read'], 'capture')} of articles read by revision "
        f"{told['revision']} in {amount(told['segments'], 'segment')}"
    )
    yield f"  {told['differ']} read differently, {told['same']} as before"
    if told["beside"]:
        yield f"  {told['beside']} more written for comparison: neighbours of those, read the same"
    for name, why in (("unread", "no article found any more; its record stands"), ("failed", "")):
        places = getattr(replay.total, name)
        yield from (f"  {name}: {place} {why}".rstrip() for place in places[:3])
        if len(places) > 3:
            yield f"  … and {len(places) - 3} more {name}; --json lists them"
    if told["newer"]:
        yield f"  {told['newer']} passed over: a newer revision read them; update this program"
    head = replay.committer.archive.catalog.head().seq
    stored = sum(s.bytes for c in commits for s in c.segments)
    yield f"  stored: {amounts(commit=len(commits), byte=stored)}; head {head}"


def report_of(replay: Replay) -> dict[str, Any]:
    """Return the report, JSON-ready."""
    commits: list[Commit] = replay.committer.commits
    return {
        "schema": "presstv.replay/1",
        "crawl": replay.committer.crawl,
        "archive": replay.committer.archive.store.uri,
        **replay.summary(),
        "unread": replay.total.unread,
        "failed": replay.total.failed,
        "commits": len(commits),
        "head": replay.committer.archive.catalog.head().seq,
        "bytes": sum(s.bytes for c in commits for s in c.segments),
    }
