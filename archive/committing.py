"""Commits made without a crawl: what a replay and a backfill found, batch by batch, signed and folded at once."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.facts.names import batch_id, crawl_id
from archive.log import batch as batches
from archive.log.batch import Batch
from archive.log.chain import Commit, Draft
from archive.log.spool import Spool
from archive.opened import Archive, check_clock


@dataclass(slots=True, kw_only=True)
class Committer:
    """Appends batches to an archive, one after the other, in the caller's thread."""

    archive: Archive
    crawl: str
    """The id that the commits carry: `replay-…` or `backfill-…`."""
    program: Mapping[str, Any]
    """The commits' `writer`: name, version and extractor revision."""
    clock: Callable[[], datetime]
    sign: Callable[[Commit], object] | None = None
    """Called with each commit once it is in the log."""
    commits: list[Commit] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def begin(self, spool: Callable[[str], Spool] | None = None) -> Batch:
        """Return a new batch; `spool` makes the file for its captures of the batch's name."""
        now = self.clock()
        name = batch_id(now, self.crawl, next(self._numbers))
        return Batch(batch_id=name, crawl=self.crawl, opened_at=now, spool=spool(name) if spool else None)

    def commit(self, batch: Batch, summary: Mapping[str, Any]) -> Commit:
        """Write the batch, append its commit, fold it, and delete its spool. Raises what the store raises."""
        archive = self.archive
        whole = {"outcomes": batches.outcome_counts(batch.checks), **summary}
        new = batches.commit(
            batch, archive.log, head=archive.catalog.head(), writer=self.program, summary=whole, clock=self.clock
        )
        if self.sign:
            self.sign(new)
        archive.catalog.follow(archive.log)
        if batch.spool is not None:
            batch.spool.delete()
        self.commits.append(new)
        return new


def accept(archive: Archive, crawl: str, *, now: datetime, program: Mapping[str, Any]) -> Commit:
    """Append the commit that accepts a crawl, and fold it; `now` is aware UTC. Raises what the store raises."""
    check_clock(archive, now)
    draft = Draft(
        crawl=crawl_id(now),
        writer=program,
        segments=[],
        summary={"outcomes": {}, "accept": crawl},
        committed_at=now,
    )
    made = archive.log.append(draft, archive.catalog.head())
    archive.catalog.follow(archive.log)
    return made
