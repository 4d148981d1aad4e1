"""The deep walk: a section's pages below the overlap, in slices over many crawls, for what was put in among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from scrapy.http import Response

from archive.catalog import memory
from archive.catalog.memory import DeepPlace
from crawler import pages
from crawler.crawl import deep
from crawler.crawl.ask import Ask, ask_of
from crawler.crawl.session import Session
from crawler.crawl.walk import Walk
from crawler.spiders.articles import Articles
from crawler.spiders.asking import NO_HEADERS, Asker, Output, Priority
from crawler.spiders.host import Host
from crawler.spiders.looks import (
    conditions,
    elsewhere,
    is_away,
    led_away,
    listed,
    listing_apart,
    look_at,
    refused_apart,
)
from pipelines.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepWalks:
    """Walk on below what a complete walk saw, as far as a slice goes; the next crawl goes on where this one ended."""

    session: Session
    asker: Asker
    host: Host
    articles: Articles
    most: int
    """How many pages a slice has, two at least; 0: there is no deep walk."""
    days: int
    """How many days lie between two deep walks, for each slice that the last one had."""
    places: dict[str, DeepPlace] = field(default_factory=dict)
    """Section's key → how far its deep walk is after this crawl, where it went on."""
    _asked: set[str] = field(default_factory=set)
    _slices: dict[str, Walk] = field(default_factory=dict)

    def wanted(self, section: str) -> bool:
        """Return whether a section's deep walk goes on in this crawl, so that the way down must be known."""
        place = memory.deep_place(self.session.archive.catalog.db, section)
        due = place is not None and deep.goes_on(place, self.session.clock(), self.most, self.days)
        return due and self.most > 0 and self.session.plan.since is None

    def below(self, walk: Walk, page: int, next_url: str | None, *, whole: bool) -> Output:
        """Go on behind a walk that ended on a page, or note that it came to the listing's end itself.

        `whole` says that the page was read, not only confirmed: then there is nothing below where it names no next one.
        """
        if not walk.complete or self.most == 0 or self.session.plan.since is not None:
            return
        now, before = self.session.clock(), memory.deep_place(self.session.archive.catalog.db, walk.section)
        if whole and (next_url is None or walk.ended == "end"):
            self.places[walk.section] = DeepPlace(begun=now, page=page, ended="end")
        elif before is None:
            # What no deep walk is known of, such as an archive of an older version, has its first one a day later.
            self.places[walk.section] = DeepPlace(begun=now, page=0)
        elif next_url is not None and self.wanted(walk.section):
            self._slices[walk.section] = Walk(
                edition=walk.edition, section=walk.section, known=frozenset(), listed=frozenset(), cap=self.most
            )
            place = DeepPlace(begun=now, page=page, url=next_url) if before.url is None else before
            self.places[walk.section] = place
            if place.url is not None and place.page > page:
                yield from self._ask(walk.section, self.host.here(place.url), place.page)
            else:
                yield from self._ask(walk.section, next_url, page + 1)

    def _ask(self, section: str, url: str, page: int) -> Output:
        address = self.host.ours(url)
        if address is None or self.session.ledger.known(address):
            self._end(section, "end")
            return
        ask = Ask(url=address, kind="section", section=section, page=page)
        headers = self._conditions(address)
        self._asked.add(address)
        yield from self.asker.ask(ask, self.page, missed=self.missed, priority=Priority.DEEP, headers=headers)

    def _conditions(self, address: str) -> Mapping[str, str]:
        last = self.session.writer.last_look(address)
        # A 304 names neither the next page nor the addresses of its articles.
        done = last is not None and last.onward and last.listed and all(map(self.articles.read, last.listed))
        return conditions(last) if done else NO_HEADERS

    def page(self, response: Response) -> Output:
        """Read one page of a slice; ask for its new articles and, as far as the slice goes, the next page."""
        look, edition = look_at(response, self.session.clock()), self.session.plan.edition
        if response.status == 304:
            last = self.session.writer.last_look(look.url)
            ids, onward = (last.listed, last.onward) if last else ((), None)
            yield replace(look, outcome="listed", listed=ids)
            yield from self._onward(ask_of(response), ids, onward)
        elif response.status != 200 or look.capture is None:
            self._end(look.section or "", f"page {look.page} answered {response.status}")
            yield (yield from refused_apart(look, response, edition))
        elif away := led_away(look, edition, self.session.ledger.known):
            self._end(look.section or "", f"page {look.page}: {away.detail}")
            yield away
        else:
            yield from self._read(look, response, (yield from listing_apart(look, response, edition)))

    def _read(self, look: Look, response: Response, listing: pages.Listing) -> Output:
        refusal = yield from refused_apart(look, response, self.session.plan.edition)
        links = self.host.articles(listing.links)
        if listing.issue or (not links and refusal.outcome == "challenge"):
            self._end(look.section or "", f"page {look.page}: {listing.issue or refusal.outcome}")
            yield replace(look, outcome="extract_failed", detail=listing.issue) if listing.issue else refusal
            return
        ids = tuple(number for number, _ in links)
        if not links and is_away(look):
            self._end(look.section or "", f"page {look.page}: {elsewhere(look).detail}")
            yield elsewhere(look)
            return
        yield listed(look, listing, self.host.ours)
        for number, address in links:
            yield from self.articles.found(number, address)
        yield from self._onward(ask_of(response), ids, listing.next_url)

    def _onward(self, ask: Ask, ids: tuple[str, ...], next_url: str | None) -> Output:
        section, page = ask.section or "", ask.page or 1
        walk = self._slices[section]
        onward = walk.take(ids, (), next_url)
        # The next slice begins with the page that was read last, since the list may move until then.
        self.places[section] = replace(self.places[section], page=page, url=ask.url)
        if onward is not None:
            yield from self._ask(section, onward, page + 1)
        elif walk.ended != "cap":
            self._end(section, "end")

    def missed(self, ask: Ask, look: Look) -> Output:
        """End a deep walk at a page that brought no response; it begins anew in its time."""
        self._end(ask.section or "", f"page {ask.page}: {look.outcome}")
        yield from ()

    def tripped(self, ask: Ask, error: BaseException) -> bool:
        """End a deep walk at a page that the spider's own code failed on; return whether it was one of its pages."""
        if ask.url not in self._asked:
            return False
        self._end(ask.section or "", f"page {ask.page}: {type(error).__name__}")
        return True

    def _end(self, section: str, why: str) -> None:
        self.places[section] = replace(self.places[section], url=None, ended=why)
