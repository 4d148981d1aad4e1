"""The spider: front page menu, section listings, feed, due re-checks; each request ends in one outcome."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from archive import lookup
from archive.errors import ArchiveError
from archive.items import Look
from crawler import pages, recheck
from crawler.edition import Section, article_day, article_id, find_listings
from crawler.middlewares.mirrors import rewrite
from crawler.session import Session
from crawler.spiders.failures import outcome_of
from crawler.walk import Walk
from pipelines.export import Export
from pipelines.version import Judged, Version

_FRONT, _LISTING, _FOUND, _RECHECK = 100, 50, 10, 0
_SEEN = frozenset({"new", "changed", "unchanged"})
_ABSENT = frozenset({404, 410})
_FIRST_CHOICE = frozenset({"classic", "modern"})
Asked = Iterator[Request | Look]


class PressTV(Spider):
    """Crawl the outlet into the archive that the session holds."""

    name = "presstv"

    def __init__(self, *, session: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session, self.plan, self.ledger = session, session.plan, session.ledger
        self.writer, self.clock, self.rules = session.writer, session.clock, session.rules
        self.db = session.archive.catalog.db
        self.walks: dict[str, Walk] = {}
        self.asked: dict[str, str] = {}
        self.left: set[str] = set()
        self.base = self.plan.bases[0]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider and listen to what becomes of its looks."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.look_done, signal=signals.item_scraped)
        crawler.signals.connect(spider.look_failed, signal=signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the front page of the first host; everything else follows from it."""
        yield self._front(0)

    def _front(self, number: int) -> Request:
        self.base = self.plan.bases[number]
        return self._request(f"{self.base}/", "front", self.front, priority=_FRONT, seed=True, number=number)

    def front(self, response: Response, *, number: int) -> Asked:
        """Read the menu; ask for the listings, the feed and what is due."""
        look = self._look(response, "front")
        menu = pages.read_menu(look.capture, response.url) if response.status == 200 and look.capture else ()
        if not menu:
            yield _refused(look)
            yield from self._next_host(number)
            return
        yield replace(look, outcome="listed")
        if self.plan.ids:
            yield from self._named()
            return
        found, missing = find_listings([(e.name, e.url) for e in menu], self.plan.sections, self.plan.edition)
        for section in missing:
            self._walk(section).fail("not in the menu")
            self.logger.warning("section %s (%s) is not in the menu of %s", section.key, section.name, response.url)
        for section, url in found.items():
            self._walk(section)
            yield from self._listing(section.key, urljoin(response.url, url), 1)
        yield from self._feed()
        yield from self._due()

    def _next_host(self, number: int) -> Iterator[Request]:
        if number + 1 < len(self.plan.bases):
            yield self._front(number + 1)

    def _walk(self, section: Section) -> Walk:
        walk = Walk(
            section=section.key,
            known=lookup.listed_before(self.db, section.key),
            listed=lookup.listed_ever(self.db, section.key),
            cap=self.settings.getint("SECTION_PAGE_CAP"),
            since=self.plan.since,
        )
        return self.walks.setdefault(section.key, walk)

    def _listing(self, section: str, url: str, page: int, *, whole: bool = False) -> Iterator[Request]:
        address = self._ours(url)
        if address is None:
            self.walks[section].fail(f"its listing lies elsewhere: {url}")
            return
        known = self.writer.known(address)
        walk = self.walks[section]
        # Only where a 304 would end the walk: otherwise the next page's address is needed.
        believed = not whole and known is not None and bool(known.listed) and set(known.listed) <= walk.known
        headers = _conditions(known) if believed and known and not walk.since else {}
        yield self._request(
            address, "section", self.listing, priority=_LISTING, seed=page == 1, headers=headers,
            again=whole, section=section, page=page,
        )  # fmt: skip

    def listing(self, response: Response, *, section: str, page: int) -> Asked:
        """Read one page of a section's listing; ask for its new articles and, where the walk goes on, the next page."""
        look = replace(self._look(response, "section"), section=section, page=page)
        walk = self.walks[section]
        if response.status == 304:
            known = self.writer.known(look.url)
            ids = known.listed if known else ()
            walk.take(ids, (), None)
            yield replace(look, outcome="listed", listed=ids)
            return
        if response.status != 200 or look.capture is None:
            walk.fail(f"page {page} answered {response.status}")
            yield _refused(look)
            return
        listing = pages.read_listing(look.capture, response.url)
        links = [(link.article_id, address) for link in listing.links if (address := self._ours(link.url))]
        ids = tuple(number for number, _ in links)
        if not links and page == 1:
            walk.fail("page 1 lists no article")
            yield _refused(replace(look, outcome="empty"))
            return
        yield replace(look, outcome="listed", listed=ids)
        for number, address in links:
            yield from self._found(number, address)
        onward = walk.take(ids, tuple(address for _, address in links), listing.next_url)
        if onward is not None:
            yield from self._listing(section, onward, page + 1)

    def _feed(self) -> Iterator[Request]:
        url = self.base + self.plan.edition.feed_path
        known = self.writer.known(url)
        read = known is not None and all(self._read(number) for number in known.listed)
        yield self._request(
            url, "feed", self.feed, priority=_LISTING, headers=_conditions(known) if read and known else {}
        )

    def feed(self, response: Response) -> Asked:
        """Read the feed; ask for articles that no listing named. Its links may name an alias of the edition."""
        look = self._look(response, "feed")
        if response.status == 304:
            known = self.writer.known(look.url)
            yield replace(look, outcome="listed", listed=known.listed if known else ())
            return
        if response.status != 200 or look.capture is None:
            yield _refused(look)
            return
        try:
            items = pages.read_feed(response.body, response.url)
        except ArchiveError as error:
            yield replace(look, outcome="filtered", detail=str(error))
            return
        links = [(n, a) for item in items if (a := self._ours(item.url, feed=True)) and (n := article_id(a))]
        yield replace(look, outcome="listed", listed=tuple(number for number, _ in links))
        for number, address in links:
            yield from self._found(number, address)

    def _named(self) -> Iterator[Request]:
        for number in self.plan.ids:
            yield from self._again(lookup.standing(self.db, number))

    def _due(self) -> Iterator[Request]:
        if self.plan.recheck == "none":
            return
        articles = lookup.standings(self.db)
        for article in articles if self.plan.recheck == "all" else recheck.due(articles, self.clock()):
            yield from self._again(article)

    def _again(self, article: lookup.Standing) -> Iterator[Request]:
        parts = urlsplit(article.url)
        address = self.base + parts.path + (f"?{parts.query}" if parts.query else "")
        known = self.writer.known(address)
        fresh = known and known.kept_at and self.clock() - known.kept_at < self.rules.keep_for
        headers = _conditions(known) if known and fresh and known.outcome in _SEEN else {}
        yield from self._article(article.article_id, address, priority=_RECHECK, headers=headers)

    def _read(self, number: str) -> bool:
        return number in self.asked or lookup.state(self.db, number) in ("live", "gone")

    def _found(self, number: str, url: str) -> Iterator[Request]:
        day = article_day(url)
        too_old = self.plan.since is not None and day is not None and day < self.plan.since
        if not too_old and not self._read(number):
            yield from self._article(number, url, priority=_FOUND, headers={})

    def _article(self, number: str, url: str, *, priority: int, headers: dict[str, str]) -> Iterator[Request]:
        if number in self.asked:
            return
        if self.plan.limit is not None and len(self.asked) >= self.plan.limit:
            self.left.add(number)
            self.ledger.left_by_limit = len(self.left)
            return
        self.asked[number] = url
        yield self._request(url, "article", self.article, priority=priority, headers=headers, number=number)

    def article(self, response: Response, *, number: str) -> Iterator[Look]:
        """Read an article page, or say what stands in its place."""
        look = replace(self._look(response, "article"), article_id=number)
        if response.status == 304:
            before = self.writer.latest(number)
            yield replace(look, outcome="unchanged", confirms=before["captured_at"] if before else None)
        elif response.meta.get("redirected_home") or urlsplit(response.url).path in ("", "/"):
            yield replace(look, outcome="soft_404", detail="redirected to the front page")
        elif response.status in _ABSENT:
            yield replace(look, outcome="gone")
        elif response.status != 200 or look.capture is None:
            yield _refused(look)
        elif article_id(response.url) != number:
            yield replace(look, outcome="soft_404", detail=f"redirected to {response.url}")
        else:
            yield self._reading(look)

    def _reading(self, look: Look) -> Look:
        assert look.capture is not None
        reading = pages.read(look.capture)
        if reading.article is None:
            return replace(look, outcome=reading.outcome, detail=reading.detail)
        first = reading.article.layout in _FIRST_CHOICE
        self.ledger.read_by_first_choice += first
        self.ledger.read_by_fallback += not first
        return replace(look, outcome="article", article=reading.article)

    def _request(  # noqa: PLR0913 - what differs between kinds of requests
        self, url: str, kind: str, callback: Any, *, priority: int = 0, seed: bool = False,
        headers: dict[str, str] | None = None, again: bool = False, **kwargs: Any,
    ) -> Request:  # fmt: skip
        self.ledger.schedule(url, kind, seed=seed)
        meta = {"hops": [], "asked": url, "kind": kind}
        return Request(
            url, callback=callback, errback=self.failed, headers=headers or {}, priority=priority, meta=meta,
            cb_kwargs=kwargs, dont_filter=again or kind == "front",
        )  # fmt: skip

    def _look(self, response: Response, kind: str) -> Look:
        if self.writer.failure:
            raise CloseSpider("storage_failed")
        hops = list(response.meta["hops"])
        capture = hops.pop() if response.status != 304 and hops else None
        return Look(
            url=response.meta["asked"],
            kind=kind,
            at=capture.captured_at if capture else self.clock(),
            outcome="http_error",
            status=response.status,
            capture=capture,
            hops=tuple(hops),
        )

    def failed(self, failure: Failure) -> Asked:
        """Note a request that brought no response."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, ArchiveError):
            self.ledger.failure = self.ledger.failure or (failure.value.exit_code, str(failure.value))
            raise CloseSpider("storage_failed")
        outcome, detail = outcome_of(failure)
        kind, hops = request.meta["kind"], request.meta["hops"]
        look = Look(
            url=request.meta["asked"], kind=kind, at=self.clock(), outcome=outcome, detail=detail, hops=tuple(hops)
        )
        if kind == "section":
            section = request.cb_kwargs["section"]
            look = replace(look, section=section, page=request.cb_kwargs["page"])
            self.walks[section].fail(f"page {request.cb_kwargs['page']}: {outcome}")
        yield replace(look, article_id=request.cb_kwargs.get("number") if kind == "article" else None)
        if kind == "front":
            yield from self._next_host(request.cb_kwargs["number"])

    def take_in(self, look: Look) -> None:
        """Judge and write a look that no callback asked for, such as robots.txt."""
        Export(self.writer).process_item(Version(self.writer, self.rules).process_item(look))

    def look_done(self, item: Judged) -> None:
        """Close a look's line in the ledger."""
        self.ledger.end(item.look.url, item.verdict.outcome, item.verdict.detail)

    def look_failed(self, item: Look, failure: Failure) -> None:
        """Note a look that a pipeline step could not take; the crawl goes on with the others."""
        error = failure.value
        stored = error if isinstance(error, ArchiveError) else None
        self.ledger.end(item.url, "storage_failed" if stored else "extract_failed", f"{type(error).__name__}: {error}")
        if stored:
            self.ledger.failure = self.ledger.failure or (stored.exit_code, str(stored))

    def walk_summaries(self) -> dict[str, dict[str, object]]:
        """Return what the last commit says of each section's walk; call it once the ledger is closed."""
        unseen = {url for url, _, _ in self.ledger.failures()}
        for walk in self.walks.values():
            walk.unread = {n for n in walk.articles if self.asked.get(n) in unseen or n in self.left}
        return {section: walk.summary() for section, walk in self.walks.items()}

    def _ours(self, url: str, *, feed: bool = False) -> str | None:
        edition = self.plan.edition
        aliases = edition.aliases if feed else ()
        return rewrite(url, hosts=edition.hosts, aliases=aliases, base=self.base)


def _conditions(known: lookup.Known | None) -> dict[str, str]:
    # RFC 9110, section 13.1: both may be sent, the entity tag wins.
    pairs = (("If-None-Match", known and known.etag), ("If-Modified-Since", known and known.last_modified))
    return {name: value for name, value in pairs if value}


def _refused(look: Look) -> Look:
    if look.capture is None:
        return look
    reading = pages.read(look.capture)
    if reading.outcome == "challenge":
        return replace(look, outcome="challenge", detail=reading.detail)
    return replace(look, detail=look.detail or f"answered {look.status}")
