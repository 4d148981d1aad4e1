"""The one committer, of a crawl, a replay, a backfill and an acceptance: it names, writes, signs and folds."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Self

from archive.catalog.catalog import Catalog
from archive.facts.names import batch_id
from archive.log import batch as batches
from archive.log.batch import Batch
from archive.log.chain import Commit, Draft, Segment
from archive.log.gathering import gather_passed
from archive.log.splitting import split
from archive.log.spool import Spool
from archive.opened import Archive
from archive.warc.warc import encode_info


@dataclass(slots=True, kw_only=True)
class Committer:
    """Appends batches to an archive, one after the other, in the caller's thread."""

    archive: Archive
    crawl: str
    """The id that the commits carry: a crawl's own, `replay-…` or `backfill-…`."""
    program: Mapping[str, Any]
    """The commits' `writer`: name, version and extractor revision."""
    clock: Callable[[], datetime]
    sign: Callable[[Commit], object] | None = None
    """Called with each commit once it is in the log."""
    settle: Callable[[], object] | None = None
    """Called before each commit: signs what is ours, and raises for what others left unsigned."""
    identity: str = ""
    """The archive's (`Log.identity`), once it was asked for."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the first commit's summary says besides: whose clock was not believed."""
    commits: list[Commit] = field(default_factory=list)
    named_by: str = ""
    """The crawl whose id names the batches, where it is not the one that the commits carry: no two share a name."""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def for_thread(self) -> Self:
        """Return a committer of the same crawl with a catalog connection and a list of commits of its own.

        The two number their batches together, so that no two share a name. Whoever asks closes the new one's archive.
        """
        catalog = self.archive.catalog
        own = Catalog(catalog.path, catalog.place, catalog.vocabulary)
        return replace(self, archive=replace(self.archive, catalog=own), commits=[])

    def begin(self, spool: Callable[[str, bytes], Spool] | None = None) -> Batch:
        """Return a new batch; `spool` makes the file for its captures of the batch's name and a warcinfo record."""
        self._create()
        now = self.clock()
        name = batch_id(now, self.named_by or self.crawl, next(self._numbers))
        return Batch(
            batch_id=name, crawl=self.crawl, opened_at=now, spool=spool(name, self._info(now)) if spool else None
        )

    def _create(self) -> None:
        # Only now: a backfill that finds nothing to take makes no archive.
        if self.archive.create:
            self.archive.create()
            self.archive = replace(self.archive, create=None)

    def commit(self, batch: Batch, summary: Mapping[str, Any]) -> Commit:
        """Write the batch, append its commit, sign it, fold it, and delete its spool. Raises what the store raises.

        What is too long for one commit becomes several; the last one is returned.
        """
        made = self._append(
            partial(batches.write, batch, self.archive.log, writer=self.program, clock=self.clock),
            {"outcomes": batches.outcome_counts(batch.checks), **summary},
        )
        if batch.spool is not None:
            batch.spool.delete()
        return made

    def name(self, segments: Sequence[Segment], summary: Mapping[str, Any]) -> Commit:
        """Append a commit that names segments which others wrote, sign and fold it. Raises as `commit` does."""

        def drafts(*, summary: Mapping[str, Any]) -> list[Draft]:
            now = self.clock()
            named = Draft(
                crawl=self.crawl, writer=self.program, segments=segments, summary=summary, committed_at=now
            )  # fmt: skip
            return split(named)

        return self._append(drafts, {"outcomes": {}, **summary})

    def _append(self, drafts: Callable[..., list[Draft]], summary: Mapping[str, Any]) -> Commit:
        archive = self.archive
        whole = {**self._archive(), **summary}
        if self.settle:
            self.settle()
        head = before = archive.catalog.head()
        made = list[Commit]()
        # What was just written is folded from memory.
        with archive.log.remembering():
            for draft in drafts(summary=whole):
                made.append(archive.log.append(draft, head))
                head = made[-1].head
                if self.sign:
                    self.sign(made[-1])
            # Folded before it is done: what a writer lets go of by then is in the catalog.
            archive.catalog.follow(archive.log)
        self.commits += made
        gather_passed(archive.log, before.seq, head.seq)
        return made[-1]

    def _info(self, now: datetime) -> bytes:
        # Several archives may share a folder of spools: whoever adopts one must know whose it is.
        self.identity = self.identity or self.archive.log.identity()
        edition = self.archive.catalog.vocabulary.edition
        software = f"{self.program['name']}/{self.program['version']}"
        # Twice, so that one flipped byte leaves one of them.
        return 2 * encode_info(software, now, archive=self.identity, edition=edition)

    def _archive(self) -> dict[str, Any]:
        # Once a crawl: from then on the chain holds archive.json as well.
        return {} if self.commits else {"archive": self.archive.log.description_digest(), **self.told}

    def accept(self, crawl: str) -> Commit:
        """Append the commit that believes a suspect crawl; it names no segments. Raises what the store raises."""
        return self.commit(self.begin(), {"accept": crawl})
