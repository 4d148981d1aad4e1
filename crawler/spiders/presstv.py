"""The spider: front page menu, section listings, feed, due re-checks; each request ends in one outcome."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.catalog import articles, memory, suspects
from archive.errors import ArchiveError
from crawler import pages
from crawler.crawl import recheck
from crawler.crawl.session import Session
from crawler.crawl.walk import Walk
from crawler.editions.edition import Section
from crawler.middlewares.ended import EndedError
from crawler.net.origins import rewrite
from crawler.spiders.asking import NO_HEADERS, Asked
from crawler.spiders.failures import outcome_of
from crawler.spiders.looks import (
    absent,
    article_look,
    conditions,
    look_at,
    look_without,
    menu_of,
    refused,
    turned_away,
)
from crawler.spiders.soft404 import ProbingSpider
from pipelines.look import Look

_FRONT, _LISTING, _FOUND, _RECHECK, _ONCE_MORE = 100, 50, 10, 0, -10
_READ = frozenset({"live", "gone", "removed"})
_SEEN = frozenset({"new", "changed", "unchanged"})


class PressTV(ProbingSpider):
    """Crawl the outlet into the archive that the session holds."""

    name = "presstv"

    def __init__(self, *, session: Session, **kwargs: Any) -> None:
        super().__init__(session=session, **kwargs)
        self.walks: dict[str, Walk] = {}
        self.asked: dict[str, str] = {}
        """Article number → the address asked."""
        self.feed_dates: dict[str, str] = {}
        """Article number → what the feed gives as its date."""
        self.left: set[str] = set()
        """Articles not asked for, because of `limit` or `since`."""
        self.base = self.plan.bases[0]

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the front page of the first host; everything else follows from it."""
        yield self._front(0)

    def _front(self, number: int) -> Request:
        self.base = self.plan.bases[number]
        return self.request(f"{self.base}/", "front", self.front, priority=_FRONT, seed=True, host=number)

    def front(self, response: Response) -> Asked:
        """Read the menu; ask for the listings, the feed and what is due."""
        look, menu = menu_of(look_at(response, self.clock()), response, self.plan.edition)
        if menu and look.capture is not None:
            links = pages.read_listing(look.capture, response.url, self.plan.edition).links
            look = replace(look, listed=tuple(link.article_id for link in links))
        yield look
        if not menu:
            yield from self._next_host(look, response.meta["host"])
            return
        if self.plan.ids:
            for number in self.plan.ids:
                yield from self._again(articles.standing(self.db, number))
            return
        yield from self._sections({entry.name: urljoin(response.url, entry.url) for entry in menu})
        yield from self._feed()
        yield from self._due()
        yield from self.parity()

    def _next_host(self, look: Look, number: int) -> Asked:
        if number + 1 < len(self.plan.bases) and not turned_away(look):
            yield self._front(number + 1)
            yield from self.lost(self.plan.bases[number])

    def _sections(self, menu: Mapping[str, str]) -> Asked:
        found, missing = self.plan.edition.find_listings(list(menu.items()), self.plan.sections)
        for section in missing:
            self._walk(section).fail("not in the menu")
            self.logger.warning("section %s (%s) is not in the menu of %s", section.key, section.name, self.base)
        for section, url in found.items():
            self._walk(section)
            yield from self._listing(section.key, urljoin(f"{self.base}/", url), 1)

    def _walk(self, section: Section) -> Walk:
        walk = Walk(
            edition=self.plan.edition,
            section=section.key,
            known=memory.listed_before(self.db, section.key),
            listed=memory.listed_ever(self.db, section.key),
            cap=self.settings.getint("SECTION_PAGE_CAP"),
            since=self.plan.since,
        )
        return self.walks.setdefault(section.key, walk)

    def _listing(self, section: str, url: str, page: int) -> Asked:
        address, walk = self._ours(url), self.walks[section]
        if address is None:
            walk.fail(f"its listing lies elsewhere: {url}")
        elif self.ledger.known(address) and page > 1:
            walk.loop()
        elif self.ledger.known(address):
            walk.fail(f"its listing {address} is another section's, too")
        else:
            known = self.writer.known(address)
            # Only where a 304 would end the walk: otherwise the next page's address is needed.
            believed = known is not None and bool(known.listed) and set(known.listed) <= walk.known and not walk.since
            yield from self.ask(
                address, "section", self.listing, priority=_LISTING, seed=page == 1,
                headers=conditions(known) if believed else NO_HEADERS, section=section, page=page,
            )  # fmt: skip

    def listing(self, response: Response) -> Asked:
        """Read one page of a section's listing; ask for its new articles and, where the walk goes on, the next page."""
        look = look_at(response, self.clock())
        section, page = response.meta["section"], response.meta["page"]
        walk = self.walks[section]
        if response.status == 304:
            known = self.writer.known(look.url)
            ids = known.listed if known else ()
            walk.take(ids, (), None)
            yield replace(look, outcome="listed", listed=ids)
            return
        if response.status != 200 or look.capture is None:
            walk.fail(f"page {page} answered {response.status}")
            yield refused(look, self.plan.edition)
            return
        listing = pages.read_listing(look.capture, response.url, self.plan.edition)
        links = [(link.article_id, address) for link in listing.links if (address := self._ours(link.url))]
        if listing.issue or (not links and page == 1):
            yield from self._without_links(refused(look, self.plan.edition), response, listing.issue)
            return
        ids, addresses = tuple(number for number, _ in links), tuple(address for _, address in links)
        yield replace(look, outcome="listed", listed=ids)
        for number, address in links:
            yield from self._found(number, address)
        onward = walk.take(ids, addresses, listing.next_url)
        if onward is not None:
            yield from self._listing(section, onward, page + 1)

    def _without_links(self, look: Look, response: Response, issue: str) -> Asked:
        section, page = response.meta["section"], response.meta["page"]
        walk, wall = self.walks[section], look.outcome == "challenge"
        if not (wall or issue or response.meta.get("again")):
            # Servers have hiccups: it is asked for once more, behind all that is to be done.
            more = {"section": section, "page": page, "hops": response.meta["hops"], "again": True}
            yield self.request(look.url, "section", self.listing, priority=_ONCE_MORE, seed=True, **more)
            return
        walk.fail(f"page {page}: {issue or 'no article listed'}")
        if not (wall or issue) and walk.known:
            self.ledger.emptied.add(section)
        outcome = "extract_failed" if issue else "empty"
        yield look if wall else replace(look, outcome=outcome, detail=issue)

    def _feed(self) -> Asked:
        url = self.base + self.plan.edition.feed_path
        known = self.writer.known(url)
        # A 304 says only that nothing was added since; what was listed then must have been read.
        read = known is not None and bool(known.listed) and all(self._read(number) for number in known.listed)
        headers = conditions(known) if read else NO_HEADERS
        yield from self.ask(url, "feed", self.feed, priority=_LISTING, headers=headers)

    def feed(self, response: Response) -> Asked:
        """Read the feed; ask for articles that no listing named. Its links may name an alias of the edition."""
        look = look_at(response, self.clock())
        if response.status == 304:
            known = self.writer.known(look.url)
            yield replace(look, outcome="listed", listed=known.listed if known else ())
            return
        if response.status != 200 or look.capture is None:
            yield replace(look, outcome="gone") if absent(look) else refused(look, self.plan.edition)
            return
        try:
            items = pages.read_feed(response.body, response.url)
        except ArchiveError as error:
            yield replace(look, outcome="filtered", detail=str(error))
            return
        number_of = self.plan.edition.article_id
        dated = [(n, a, item) for item in items if (a := self._ours(item.url, feed=True)) and (n := number_of(a))]
        self.feed_dates = {number: item.date for number, _, item in dated if item.date}
        links = [(number, address) for number, address, _ in dated]
        yield replace(look, outcome="listed", listed=tuple(number for number, _ in links))
        for number, address in links:
            yield from self._found(number, address)

    def _due(self) -> Asked:
        if self.plan.recheck == "none":
            return
        asked = list(articles.standings(self.db))
        if self.plan.recheck == "due":
            due = recheck.due(asked, self.clock(), partial(articles.absent_since, self.db))
            asked = [article for _, article in due[: self.settings.getint("RECHECK_BUDGET")]]
        for article in asked:
            yield from self._again(article)

    def _again(self, article: articles.Standing) -> Asked:
        parts = urlsplit(article.url)
        address = self.base + parts.path + (f"?{parts.query}" if parts.query else "")
        known = self.writer.known(address)
        # Servers have answered 304 for pages that did change: believed only so long.
        fresh = known and known.proved_at and self.clock() - known.proved_at < self.rules.keep_for
        # What a suspect crawl saw must not be confirmed: a 304 would pass for a sight of the text before it.
        asked = known and fresh and known.outcome in _SEEN and not suspects.waits(self.db, article.article_id)
        headers = conditions(known) if asked else NO_HEADERS
        if article.state == "live":
            self.ledger.brake.expect(address)
        yield from self._article(article.article_id, address, priority=_RECHECK, headers=headers)

    def _read(self, number: str) -> bool:
        return number in self.asked or articles.state(self.db, number) in ("live", "gone", "removed")

    def _found(self, number: str, url: str) -> Asked:
        day = self.plan.edition.article_day(url)
        if self._read(number):
            return
        if self.plan.since is not None and day is not None and day < self.plan.since:
            self.left.add(number)
            return
        yield from self._article(number, url, priority=_FOUND)

    def _article(self, number: str, url: str, *, priority: int, headers: Mapping[str, str] = NO_HEADERS) -> Asked:
        if number in self.asked:
            return
        if self.plan.limit is not None and len(self.asked) >= self.plan.limit:
            self.ledger.left_by_limit += number not in self.left
            self.left.add(number)
            return
        self.asked[number] = url
        yield from self.ask(url, "article", self.article, priority=priority, headers=headers, number=number)

    def article(self, response: Response) -> Asked:
        """Read an article page, or say what stands in its place."""
        look = article_look(look_at(response, self.clock()), response, self.plan.edition, self.writer.latest)
        look = replace(look, feed_date=self.feed_dates.get(look.article_id or ""))
        yield from self.judged(look, known=articles.state(self.db, look.article_id or "0") in _READ)

    def settled(self, look: Look) -> Look:
        """Count which layouts read the pages; return the look."""
        first = look.article is not None and pages.is_known(look.article.layout)
        self.ledger.read_by_first_choice += first
        self.ledger.read_by_fallback += not first and (look.article is not None or look.outcome == "extract_failed")
        return look

    def failed(self, failure: Failure) -> Asked:
        """Note a request that brought no response."""
        request: Request = failure.request  # type: ignore[attr-defined]
        meta, error = request.meta, failure.value
        if isinstance(error, ArchiveError):
            self.ledger.end(meta["asked"], "storage_failed", str(error))
            self.ledger.failure = self.ledger.failure or (error.exit_code, str(error))
            raise CloseSpider("storage_failed")
        outcome, detail = outcome_of(failure)
        if meta["kind"] == "section":
            self.walks[meta["section"]].fail(f"page {meta['page']}: {outcome}")
        look = look_without(request, self.clock(), outcome, detail, answered=isinstance(error, EndedError))
        yield look
        if meta["kind"] == "front":
            yield from self._next_host(look, meta["host"])
        elif meta["kind"] == "probe":
            yield from self.release()
        elif meta["kind"] == "mirror" and "number" not in meta:
            yield from self.lost(meta["base"])

    def tripped(self, request: Request, error: BaseException) -> None:
        """End the walk of a listing that the spider's own code failed on."""
        if request.meta["kind"] == "section":
            self.walks[request.meta["section"]].fail(f"page {request.meta['page']}: {type(error).__name__}")

    def walk_summaries(self) -> dict[str, dict[str, object]]:
        """Return what the last commit says of each section's walk; call it once the ledger is closed."""
        unseen = {url for url, _, _ in self.ledger.failures()}
        for walk in self.walks.values():
            walk.unread = {n for n in walk.articles if self.asked.get(n) in unseen or n in self.left}
        return {section: walk.summary() for section, walk in self.walks.items()}

    def _ours(self, url: str, *, feed: bool = False) -> str | None:
        edition = self.plan.edition
        aliases = edition.aliases if feed else ()
        return rewrite(url, hosts=edition.hosts, aliases=aliases, base=self.base, origins=self.plan.outlet)
