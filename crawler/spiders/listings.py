"""The sections' listings, walked newest first; what they list is asked for, and each walk says how far it came."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

from scrapy.http import Response

from archive.catalog.memory import Listed
from archive.facts.outcomes import Outcome
from crawler import pages
from crawler.crawl.ask import Ask, ask_of, way_of
from crawler.crawl.seam import Shelf
from crawler.crawl.session import Session
from crawler.crawl.walk import Walk
from crawler.editions.edition import Section, listing_of
from crawler.spiders.articles import Articles
from crawler.spiders.asking import NO_HEADERS, Asker, Output, Priority
from crawler.spiders.deep import DeepWalks
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
from crawler.spiders.seams import Seams
from pipelines.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Listings:
    """Walk through sections; one walk a section."""

    session: Session
    asker: Asker
    host: Host
    articles: Articles
    seams: Seams
    deep: DeepWalks
    cap: int
    """How many pages without an article of an earlier walk a walk may ask for."""
    walks: dict[str, Walk] = field(default_factory=dict)
    """Section's key → its walk."""

    def lacks(self, section: Section) -> None:
        """Note that the menu does not have a section."""
        self._walk(section).fail("not in the menu")

    def begin(self, section: Section, url: str) -> Output:
        """Ask for the first page of a section's listing; `url` may be relative."""
        yield from self._ask(self._walk(section), urljoin(f"{self.host.base}/", url), 1)

    def _walk(self, section: Section) -> Walk:
        db = self.session.archive.catalog.db
        walk = Walk(
            edition=self.session.plan.edition,
            section=section.key,
            known=Listed(db, section.key, complete=True),
            listed=Listed(db, section.key, complete=False),
            cap=self.cap,
            since=self.session.plan.since,
        )
        return self.walks.setdefault(section.key, walk)

    def _ask(self, walk: Walk, url: str, page: int) -> Output:
        address, ledger = self.host.ours(url), self.session.ledger
        if address is None:
            walk.fail(f"its listing lies elsewhere: {url}")
        elif ledger.known(address) and page > 1:
            walk.loop()
            yield from self.deep.below(walk, page - 1, None, whole=True)
        elif ledger.known(address):
            walk.fail(f"its listing {address} is another section's, too")
        else:
            ask = Ask(url=address, kind="section", section=walk.section, page=page)
            headers = self._conditions(address, walk)
            yield from self.asker.ask(ask, self.page, missed=self.missed, priority=Priority.LISTING, headers=headers)

    def _conditions(self, address: str, walk: Walk) -> Mapping[str, str]:
        last = self.session.writer.last_look(address)
        # Only where a 304 would end the walk: otherwise the next page's address is needed.
        believed = last is not None and bool(last.listed) and walk.knows(last.listed) and not walk.since
        blind = last is not None and last.onward is None and self.deep.wanted(walk.section)
        return conditions(last) if believed and not blind else NO_HEADERS

    def page(self, response: Response) -> Output:
        """Read one page of a section's listing; ask for its new articles and, where the walk goes on, the next page."""
        look, walk = look_at(response, self.session.clock()), self._walk_of(ask_of(response))
        if response.status == 304:
            last = self.session.writer.last_look(look.url)
            ids = last.listed if last else ()
            onward = last.onward if last else None
            walk.take(ids, (), None)
            yield replace(look, outcome="listed", listed=ids)
            yield from self.deep.below(walk, look.page or 1, onward, whole=False)
        elif response.status != 200 or look.capture is None:
            walk.fail(f"page {look.page} answered {response.status}")
            yield (yield from refused_apart(look, response, self.session.plan.edition))
        elif away := led_away(look, self.session.plan.edition, self.session.ledger.known):
            yield self._led_away(walk, away)
        else:
            yield from self._read(look, response, (yield from listing_apart(look, response, self.session.plan.edition)))

    def _read(self, look: Look, response: Response, listing: pages.Listing) -> Output:
        ask = ask_of(response)
        links = self.host.articles(listing.links)
        others = self._pass_over(listing.others)
        known = self._walk_of(ask).known
        if listing.issue or (not links and ask.page == 1 and (known or not others)):
            refusal = yield from refused_apart(look, response, self.session.plan.edition)
            yield from self._without_links(refusal, response, listing.issue)
            return
        if not links and (no_page := (yield from self._no_page(look, response))):
            self._walk_of(ask).fail(f"page {ask.page}: {no_page.detail or no_page.outcome}")
            yield no_page
            return
        yield listed(look, listing, self.host.ours)
        for number, address in links:
            yield from self.articles.found(number, address)
        if not links and others:
            self._walk_of(ask).fail(f"page {ask.page}: lists only {others[0]}…, no articles")
            return
        yield from self._onward(ask, links, listing.next_url)

    def _no_page(self, look: Look, response: Response) -> Generator[Any, Any, Look | None]:
        """Return the look at a page that lists nothing since something else stands there; None for an empty page."""
        refusal = yield from refused_apart(look, response, self.session.plan.edition)
        if refusal.outcome == "challenge":
            return refusal
        return elsewhere(look) if is_away(look) else None

    def _led_away(self, walk: Walk, away: Look) -> Look:
        """End a walk whose next page leads elsewhere; behind a page that was not full that is how some listings end."""
        if walk.is_past_end() and self._is_first(away):
            walk.loop()
            return replace(away, outcome="soft_404")
        walk.fail(f"page {away.page}: {away.detail}")
        return away

    def _is_first(self, away: Look) -> bool:
        asked, there = listing_of(away.url), listing_of(away.answered or "")
        return asked is not None and there == (asked[0], 1)

    def _pass_over(self, urls: Iterable[str]) -> list[str]:
        # What is no article's is named, so that nobody takes it for archived.
        edition, passed_over = self.session.plan.edition, self.session.ledger.passed_over
        found = [(kind, url) for url in filter(None, map(self.host.ours, urls)) if (kind := edition.other_kind(url))]
        for kind, url in found:
            passed_over.setdefault(kind, set()).add(url)
        return [kind for kind, _ in found]

    def _onward(self, ask: Ask, links: Iterable[tuple[str, str]], next_url: str | None) -> Output:
        walk = self._walk_of(ask)
        ids, addresses = tuple(number for number, _ in links), tuple(address for _, address in links)
        above, page = walk.shelf, ask.page or 1
        walk.shelf = Shelf(page=page, url=ask.url, ids=ids)
        onward = walk.take(ids, addresses, next_url)
        if above is not None:
            yield from self.seams.between(walk, above, walk.shelf)
        if onward is not None:
            yield from self._ask(walk, onward, page + 1)
        else:
            yield from self.deep.below(walk, page, next_url, whole=True)

    def _without_links(self, look: Look, response: Response, issue: str) -> Output:
        ask = ask_of(response)
        walk, wall = self._walk_of(ask), look.outcome == "challenge"
        if not (wall or issue or ask.once_more):
            # Servers have hiccups: it is asked for once more, behind all that is to be done.
            again = self.asker.request(
                replace(ask, once_more=True), self.page, missed=self.missed, priority=Priority.ONCE_MORE
            )
            way_of(again).hops = way_of(response).hops
            yield again
            return
        walk.fail(f"page {ask.page}: {issue or 'no article listed'}")
        if not (wall or issue) and walk.known:
            self.session.ledger.emptied.add(walk.section)
        outcome: Outcome = "extract_failed" if issue else "empty"
        yield look if wall else replace(look, outcome=outcome, detail=issue)

    def missed(self, ask: Ask, look: Look) -> Output:
        """End the walk of a listing that brought no response."""
        self._walk_of(ask).fail(f"page {ask.page}: {look.outcome}")
        yield from ()

    def tripped(self, ask: Ask, error: BaseException) -> None:
        """End the walk of a listing that the spider's own code failed on."""
        if ask.kind == "section" and not self.deep.tripped(ask, error):
            self._walk_of(ask).fail(f"page {ask.page}: {type(error).__name__}")

    def _walk_of(self, ask: Ask) -> Walk:
        return self.walks[ask.section or ""]

    def summaries(self) -> dict[str, dict[str, object]]:
        """Return what the last commit says of each section's walk; call it once the ledger is closed."""
        unseen = {url for url, _, _ in self.session.ledger.failures()}
        asked, left = self.articles.asked, self.articles.left
        for walk in self.walks.values():
            walk.unread = {number for number in walk.articles if asked.get(number) in unseen or number in left}
        deep = {section: {"deep": place.summary()} for section, place in self.deep.places.items()}
        return {section: walk.summary() | deep.get(section, {}) for section, walk in self.walks.items()}
