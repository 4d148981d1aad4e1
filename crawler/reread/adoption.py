"""Recovery: what dead crawls left in their spools is committed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from archive.catalog import articles, memory
from archive.errors import ArchiveError
from archive.facts.addresses import host_of
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.log.spool import Spool, adoptable
from archive.opened import Archive
from crawler.editions.edition import Edition
from crawler.pages.likeness import NO_ANSWER, MadeUp
from crawler.pages.outcome import compared, is_doubtful, made_up_of
from crawler.reread.chains import Chain, Chains
from crawler.reread.stored import bare_look, look_of
from pipelines.clean import Clean
from pipelines.dates import Dates
from pipelines.export import Export
from pipelines.look import Look
from pipelines.version import Judge, Rules, unread
from pipelines.writer import Writer

_log = logging.getLogger(__name__)


def adopt(spool_dir: str | Path, archive: Archive, writer: Callable[[], Writer], rules: Rules, edition: Edition) -> int:
    """Commit what dead crawls left in their spools, each spool in a writer of its own; return how many captures.

    A spool whose batch the log already names is only deleted; a capture that is archived already is passed over, so a
    death in the middle of this adopts again without a double. After an error the spool lies where it was.
    """
    taken = 0
    for path in adoptable(Path(spool_dir)):
        spool = Spool.adopt(path)
        if spool is None:
            continue
        try:
            if not memory.names_batch(archive.catalog.db, path.name.partition(".")[0]):
                taken += _take_in(spool, archive, writer(), rules, edition)
            spool.delete()
        finally:
            spool.close()
    return taken


def _take_in(spool: Spool, archive: Archive, writer: Writer, rules: Rules, edition: Edition) -> int:
    steps = (Clean(edition.template), Dates(edition.calendar), Judge(writer, rules), Export(writer))
    adoption = _Adoption(db=archive.catalog.db, writer=writer, edition=edition, steps=steps)
    try:
        for capture in spool.captures():
            adoption.take(capture)
        adoption.finish()
        writer.close({"adopted": adoption.taken} if adoption.taken else {})
    finally:
        writer.abandon()
    return adoption.taken


@dataclass(slots=True, kw_only=True)
class _Adoption:
    """One spool's captures on their way through the steps: what a crawl would have made of them."""

    db: articles.Db
    writer: Writer
    edition: Edition
    steps: tuple[Any, ...]
    taken: int = 0
    _chains: Chains = field(init=False)
    _doubtful: list[Look] = field(default_factory=list)
    """Looks that wait for the answer to a made-up address."""
    _made_up: MadeUp = NO_ANSWER

    def __post_init__(self) -> None:
        self._chains = Chains(edition=self.edition)

    def take(self, capture: Capture) -> None:
        """Take in the next capture, unless it is archived already."""
        if self._archived(capture):
            return
        self.writer.spool(capture)
        self.taken += 1
        if (chain := self._chains.take(capture)) is not None:
            self._guarded(chain, self._ended)

    def finish(self) -> None:
        """Take in what waited for more."""
        for chain in self._chains.rest():
            self._guarded(chain, self._ended)
        for look in self._doubtful:
            assert look.capture is not None
            compare = partial(self._compared, look)
            self._guarded((*look.hops, look.capture), compare)

    def _archived(self, capture: Capture) -> bool:
        at, number = stamp(capture.captured_at), self.edition.article_id(capture.url)
        # A look that found nothing new left no capture, but a check of the same instant.
        looked = number is not None and memory.looked(self.db, number, at)
        return looked or memory.holds(self.db, capture.url, at, capture.payload)

    def _guarded(self, chain: Chain, step: Callable[[Chain], None]) -> None:
        try:
            step(chain)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - logged; see below
            # A page that our own code trips over must not keep the others out, crawl after crawl.
            _log.exception("a step failed on %s", chain[-1].url)
            bare = replace(bare_look(chain[-1], self.edition, asked=chain[0].url), hops=chain[:-1])
            self._through(unread(bare, error))

    def _ended(self, chain: Chain) -> None:
        look = look_of(chain, self.edition)
        if look is None:
            for capture in chain:
                self.writer.decide(capture, "capture")
            return
        if look.kind == "probe":
            self._made_up = made_up_of(chain[-1], self.edition) or self._made_up
        if is_doubtful(look, known=articles.was_read(self.db, look.article_id or "0")):
            self._doubtful.append(look)
        else:
            self._through(self._placed(look))

    def _compared(self, look: Look, _chain: Chain) -> None:
        self._through(self._placed(compared(look, self._made_up, self.edition)))

    def _placed(self, look: Look) -> Look:
        # Which host the dead crawl read is not stored. A known article on another host may be a parity look, and as
        # one it can begin no false version; the next crawl looks at the article again.
        before = self.writer.latest(look.article_id) if look.article_id else None
        return replace(look, kind="mirror") if before and before["mirror"] != host_of(look.url) else look

    def _through(self, item: Any) -> None:
        for step in self.steps:
            item = step.process_item(item)
