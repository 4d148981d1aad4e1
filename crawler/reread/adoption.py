"""Recovery: what dead crawls left in their spools is committed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

from archive.catalog import articles, memory
from archive.errors import ArchiveError
from archive.facts.addresses import host_of
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.facts.outcomes import SEEN, Outcome
from archive.log.spool import Spool, adoptable, planted
from archive.opened import Archive
from archive.texts.amounts import amount
from archive.warc import warc
from crawler.editions.edition import Edition
from crawler.pages.feed import read_feed
from crawler.pages.likeness import NO_ANSWER, MadeUp
from crawler.pages.outcome import is_doubtful, made_up_of, settled
from crawler.reread.chains import Chain, Chains
from crawler.reread.endings import Endings
from crawler.reread.spools import SpoolPlace
from crawler.reread.stored import bare_look, look_of
from pipelines.clean import Clean
from pipelines.dates import Dates
from pipelines.export import Export
from pipelines.look import Look
from pipelines.version import Judge, Judged, Rules, unread
from pipelines.writer import Writer

_log = logging.getLogger(__name__)


class Weigher(Protocol):
    """The brake, as far as adoption needs it: what says whether re-checks are to be believed."""

    def expect(self, url: str) -> None:
        """Note that an article which was there at its last look was looked at again."""

    def end(self, url: str, outcome: Outcome) -> None:
        """Note how that look ended."""

    def saw(self, item: Judged) -> None:
        """Note what read a page, and what differs from before."""

    @property
    def pulled(self) -> bool:
        """Whether what the re-checks found is not to be believed."""

    def report(self) -> dict[str, Any]:
        """Return the counts, JSON-ready."""


def adopt(
    place: SpoolPlace, archive: Archive, writer: Callable[[], Writer], rules: Rules, edition: Edition, *,
    braking: Callable[[], Weigher],
) -> int:  # fmt: skip
    """Commit what dead crawls left in their spools, each spool in a writer of its own; return how many captures.

    Only spools of this archive and its edition are taken in; any other is left where it is, and said.
    One whose batch the log already names is only deleted; a capture that is archived already is passed over, so a
    death in the middle of this adopts again without a double. After an error the spool lies where it was.

    The commits are the dead crawl's own, and weighed with what it had committed by then, so that it is suspect where it
    would have been had it lived. `braking` makes a brake.
    """
    taken = 0
    brakes: dict[str, Weigher] = {}
    for path in [path for folder in place.folders for path in planted(folder)]:
        _log.warning("%s is no file of this user's, nor of its folder's owner: left where it is; remove it", path)
    for path in [path for folder in place.folders for path in adoptable(folder)]:
        spool = Spool.adopt(path, place.owns(path))
        if spool is None:
            continue
        _tell(spool, place)
        if not spool.ours:
            spool.close()
            continue
        batch = path.name.partition(".")[0]
        try:
            if not memory.names_batch(archive.catalog.db, batch):
                crawl = memory.crawl_of(archive.catalog.db, batch)
                if crawl not in brakes:
                    brakes[crawl] = _weighed(archive.catalog.db, crawl, braking())
                adoption = _Adoption(
                    archive=archive, writer=writer(), rules=rules, edition=edition, brake=brakes[crawl], crawl=crawl
                )
                taken += adoption.run(spool)
            spool.delete()
        finally:
            spool.close()
    return taken


def _tell(spool: Spool, place: SpoolPlace) -> None:
    path = spool.path
    if not spool.ours and spool.owner:
        _log.warning("%s is another archive's (%s): left where it is, for its own crawls", path, dict(spool.owner))
    elif not spool.ours:
        told = (
            "its beginning is damaged and does not tell whose it is: left where it is; if it is this archive's, move it"
        )
        _log.warning("%s: %s to %s and run once with -s 'SPOOL_DIR=%s'", path, told, *place.alone)
    elif spool.lost:
        count, where = amount(sum(lost.captures for lost in spool.lost), "capture"), "; ".join(map(str, spool.lost))
        _log.warning("%s: %s in it damaged and lost: %s; what stands behind is taken in", path, count, where)
    if spool.ours and spool.tail:
        _log.warning("%s: what it ends in is no whole capture and is cut off: %s", path, spool.tail)


def _weighed(db: articles.Db, crawl: str, brake: Weigher) -> Weigher:
    for url, outcome in memory.rechecked(db, crawl):
        brake.expect(url)
        brake.end(url, outcome)
    return brake


@dataclass(slots=True, kw_only=True)
class _Adoption:
    """One spool's captures on their way through the steps: what a crawl would have made of them."""

    archive: Archive
    writer: Writer
    rules: Rules
    edition: Edition
    brake: Weigher
    crawl: str
    """The dead crawl's id."""
    taken: int = 0
    _steps: tuple[Any, ...] = field(init=False)
    _chains: Chains = field(init=False)
    _endings: Endings = field(init=False)
    _doubtful: list[Look] = field(default_factory=list)
    """Looks that wait for the answer to a made-up address."""
    _made_up: MadeUp = NO_ANSWER
    _shown: bool = False
    """Whether an article was shown to the dead crawl: else it stood before a gate."""
    _fed: dict[str, str] | None = None
    """Article → the date that the feed gave for it in the dead crawl; None while what that committed was not read."""

    def __post_init__(self) -> None:
        if self.crawl:
            self.writer.speak_for(self.crawl)
        self.writer.suspect = lambda: self.brake.pulled
        clean, dates = Clean(self.edition.template), Dates(self.edition.calendar)
        self._steps = (clean, dates, Judge(self.writer, self.rules), Export(self.writer))
        self._chains = Chains(edition=self.edition)
        self._endings = Endings(db=self.db, store=self.archive.store)

    @property
    def db(self) -> articles.Db:
        """The catalog's connection."""
        return self.archive.catalog.db

    def run(self, spool: Spool) -> int:
        """Take in a spool and commit it; return how many captures were not archived before."""
        try:
            for capture in spool.captures():
                self.take(capture)
            self.finish()
            weighed = {"brake": self.brake.report()} if self.brake.pulled else {}
            self.writer.close({"adopted": self.taken, **weighed} if self.taken else {})
        finally:
            self.writer.abandon()
        return self.taken

    def take(self, capture: Capture) -> None:
        """Take in the next capture, unless it is archived already."""
        if self._archived(capture):
            return
        self.writer.spool(capture)
        self.taken += 1
        if self._is_feed(capture.url):
            self._feed.update(dates_in(capture, self.edition))
        if (chain := self._chains.take(capture)) is not None:
            self._guarded(chain, self._ended)

    def finish(self) -> None:
        """Take in what waited for more."""
        for chain in self._chains.rest():
            self._guarded(chain, self._ended)
        if self._doubtful and not self._made_up.is_known:
            self._made_up = self._answered_before()
        self._shown = self._shown or any(end in SEEN for _, end in memory.rechecked(self.db, self.crawl))
        for look in self._doubtful:
            assert look.capture is not None
            compare = partial(self._compared, look)
            self._guarded((*look.hops, look.capture), compare)

    def _answered_before(self) -> MadeUp:
        """Return how a made-up address was answered where the dead crawl had committed that."""
        places = memory.pages_of(self.db, self.crawl)
        made_up = next((place for url, place in places if self.edition.is_made_up(url)), None)
        answer = warc.decode(self.archive.store.get_range(*made_up)) if made_up else None
        return (made_up_of(answer, self.edition) if answer else None) or NO_ANSWER

    def _is_feed(self, url: str) -> bool:
        return urlsplit(url).path == self.edition.feed_path

    @property
    def _feed(self) -> dict[str, str]:
        if self._fed is None:
            self._fed = {}
            places = memory.pages_of(self.db, self.crawl)
            if place := next((place for url, place in places if self._is_feed(url)), None):
                stored = warc.decode(self.archive.store.get_range(*place))
                self._fed.update(dates_in(stored, self.edition) if stored else {})
        return self._fed

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
        look = self._endings.judge(look) or look
        if look.kind == "probe":
            self._made_up = made_up_of(chain[-1], self.edition) or self._made_up
        if is_doubtful(look, known=articles.was_read(self.db, look.article_id or "0")):
            self._doubtful.append(look)
        else:
            self._through(self._placed(look))

    def _compared(self, look: Look, _chain: Chain) -> None:
        self._through(self._placed(settled(look, self._made_up, self.edition, shown=self._shown)))

    def _placed(self, look: Look) -> Look:
        # Which host the dead crawl read is not stored. A known article on another host may be a parity look, and as
        # one it can begin no false version; the next crawl looks at the article again.
        before = self.writer.latest(look.article_id) if look.article_id else None
        return replace(look, kind="mirror") if before and before["mirror"] != host_of(look.url) else look

    def _through(self, look: Look) -> None:
        self._shown = self._shown or look.article is not None
        if look.kind == "article" and articles.state(self.db, look.article_id or "0") == "live":
            self.brake.expect(look.url)
        item: Any = replace(look, feed_date=self._feed.get(look.article_id or "")) if look.kind == "article" else look
        for step in self._steps:
            item = step.process_item(item)
        self.brake.end(look.url, item.verdict.outcome)
        self.brake.saw(item)


def dates_in(feed: Capture, edition: Edition) -> dict[str, str]:
    """Return article → the date that a stored feed gives for it, raw; nothing for one that can't be read."""
    try:
        items = read_feed(feed, feed.url) if feed.status == HTTPStatus.OK else ()
    except ArchiveError:
        return {}
    return {number: item.date for item in items if item.date and (number := edition.article_id(item.url))}
