"""One replay from end to end: which segments are read, what is committed, what is told of it."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import tee
from typing import Any

from archive.catalog.since import Since
from archive.committing import Committer
from archive.facts.record import Record
from archive.log.chain import Commit
from archive.texts.amounts import amount, amounts
from crawler.pages import REVISION
from crawler.reread.bookmark import Bookmark, Stopped
from crawler.reread.listing import segments_of
from crawler.reread.segments import Found, Task, readings, vouched
from crawler.reread.stored import rereader


def scope_of(task: Task, since: Since) -> str:
    """Return the words of a replay in one line: one that was stopped is gone on with by the same ones alone."""
    return f"{task.archive} revision {REVISION} since {since.text} ids {','.join(sorted(task.ids))}"


@dataclass(slots=True, kw_only=True)
class Replay:
    """One replay: reads, and commits what differs in batches of so many records."""

    committer: Committer
    task: Task
    limit: int
    """Records to a commit (BATCH_CAPTURES)."""
    bookmark: Bookmark | None = None
    """Where one of these words that was stopped is gone on with."""
    progress: Callable[[Found], object] | None = None
    total: Found = field(default_factory=Found)
    beside: int = 0
    """Readings that say the same, written beside a neighbour's that differs."""
    resumed: int = 0
    """The commit behind which it goes on; 0 where it began at the beginning."""
    _waiting: deque[tuple[int, Record]] = field(default_factory=deque)
    """Each with the commit that its capture came with."""
    _read: deque[Stopped] = field(default_factory=deque)
    """Where the bookmark may lie once nothing older waits."""
    _noted: int = -1

    def run(self, since: Since, processes: int) -> None:
        """Read the captures, commit what differs. Raises IntegrityError and what the store raises."""
        archive = self.committer.archive
        if self.bookmark and (stopped := self.bookmark.read()):
            self.resumed, self.total = stopped.commit, stopped.found
        # Not held against what it commits itself on the way, which depends on where batches end.
        self.task = replace(self.task, head=archive.catalog.head().seq)
        # Listed before the first commit of ours, whose segments hold no captures, is made.
        listed = segments_of(archive, self.task.edition, max(since.seq, self.resumed), self.task.ids)
        asked, numbered = tee(listed)
        with closing(readings(self.task, (segment for _, segment in asked), processes)) as row:
            for one, (seq, _) in zip(row, numbered, strict=True):
                self._note(before=seq)
                self.total.add(one)
                self._take(one.records, seq)
                if self.progress:
                    self.progress(one)
        self._commit()
        self.vouch()
        if self.bookmark:
            self.bookmark.end()

    def vouch(self) -> None:
        """Commit readings that say the same beside those that differ, once all that differ are committed."""
        archive = self.committer.archive
        for record in vouched(archive, rereader(archive.store, self.task.edition), self.task.ids):
            self.beside += 1
            self._take([record])
        self._commit()

    def _take(self, records: list[Record], seq: int = 0) -> None:
        self._waiting += [(seq, record) for record in records]
        while len(self._waiting) >= self.limit:
            self._commit()

    def _commit(self) -> None:
        if not self._waiting:
            return
        batch = self.committer.begin()
        some = range(min(self.limit, len(self._waiting)))
        batch.records = [(self._waiting.popleft()[1], None) for _ in some]
        self.committer.commit(batch, {"replay": self.summary()})

    def _note(self, *, before: int) -> None:
        """Move the bookmark behind the last commit that was read whole and of which no record waits."""
        if self.bookmark is None:
            return
        if before - 1 > self._noted:
            self._noted = before - 1
            self._read.append(Stopped(commit=self._noted, found=self.total.copy()))
        reached = None
        while self._read and (not self._waiting or self._read[0].commit < self._waiting[0][0]):
            reached = self._read.popleft()
        if reached and reached.commit > self.resumed:
            self.bookmark.move(reached)

    def summary(self) -> dict[str, int]:
        """Return the counts so far, for a commit and a report."""
        total = self.total
        return {
            "revision": REVISION, "segments": total.segments, "read": total.read, "same": total.same,
            "differ": total.differ, "beside": self.beside, "newer": total.newer, "unread": len(total.unread),
            "failed": len(total.failed),
        }  # fmt: skip

    def exit_code(self) -> int:
        """Return 3 where a capture could not be read, or gave no article any more, else 0."""
        return self.total.exit_code()


def lines_of(replay: Replay) -> Iterator[str]:
    """Yield the report for a person."""
    told, commits = replay.summary(), replay.committer.commits
    if replay.resumed:
        yield f"went on behind commit {replay.resumed}, where a replay of the same words was stopped"
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
        "resumed": replay.resumed,
        **replay.summary(),
        "unread": replay.total.unread,
        "failed": replay.total.failed,
        "commits": len(commits),
        "head": replay.committer.archive.catalog.head().seq,
        "bytes": sum(s.bytes for c in commits for s in c.segments),
    }
