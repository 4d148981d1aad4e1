"""The seams of a walk: pages of a listing read again where the list may have moved between two of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from scrapy.http import Response

from crawler.crawl.ask import Ask
from crawler.crawl.seam import Seam, Shelf
from crawler.crawl.session import Session
from crawler.crawl.walk import Walk
from crawler.spiders.articles import Articles
from crawler.spiders.asking import NO_HEADERS, Asker, Output, Priority
from crawler.spiders.host import Host
from crawler.spiders.looks import conditions, led_away, listed, listing_apart, look_at, refused_apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """Prove that the pages of a walk adjoin, and find what slipped through where they don't."""

    session: Session
    asker: Asker
    host: Host
    articles: Articles

    def between(self, walk: Walk, above: Shelf, below: Shelf) -> Output:
        """Ask for the upper page again, unless what was read shows that the two adjoin."""
        seam = Seam(above=above, below=below)
        seam.look_at(walk.known)
        walk.torn.add(above.page)
        yield from self._onward(walk, seam)

    def _onward(self, walk: Walk, seam: Seam) -> Output:
        if seam.closed:
            walk.torn.discard(seam.above.page)
        elif seam.again is not None:
            shelf = seam.again
            ask = Ask(url=shelf.url, kind="section", section=walk.section, page=shelf.page)
            yield self.asker.request(
                ask, partial(self.page, walk, seam), priority=Priority.SEAM, headers=self._conditions(shelf)
            )

    def _conditions(self, shelf: Shelf) -> Mapping[str, str]:
        last = self.session.writer.last_look(shelf.url)
        return conditions(last) if last is not None and last.listed == shelf.ids else NO_HEADERS

    def page(self, walk: Walk, seam: Seam, response: Response) -> Output:
        """Read a page that was read before in this walk; where it can't be had the seam stays open."""
        look, shelf, edition = look_at(response, self.session.clock()), seam.again, self.session.plan.edition
        assert shelf is not None
        if response.status == 304:
            yield replace(look, outcome="listed", listed=shelf.ids)
            seam.take(shelf.ids, news=False)
            yield from self._onward(walk, seam)
        elif response.status != 200 or look.capture is None:
            yield (yield from refused_apart(look, response, edition))
        elif away := led_away(look, edition, self.session.ledger.known):
            yield away
        else:
            listing = yield from listing_apart(look, response, edition)
            links = self.host.articles(listing.links)
            if not links:
                refusal = yield from refused_apart(look, response, edition)
                failed = replace(look, outcome="extract_failed" if listing.issue else "empty", detail=listing.issue)
                yield refusal if refusal.outcome == "challenge" else failed
                return
            ids = tuple(number for number, _ in links)
            yield listed(look, listing, self.host.ours)
            strangers = [number for number in ids if number not in walk.articles and number not in walk.known]
            seam.take(ids, news=any(not self.articles.read(number) for number in strangers))
            walk.articles.update(ids)
            for number, address in links:
                yield from self.articles.found(number, address)
            yield from self._onward(walk, seam)
