"""The spider: front page menu, section listings, feed, due re-checks; each request ends in one outcome."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Self
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler.crawl.ask import Ask, ask_of
from crawler.crawl.session import Session
from crawler.middlewares.apart import apart
from crawler.middlewares.robots import RobotsMiddleware
from crawler.spiders.articles import Articles, counted
from crawler.spiders.asking import Asker, Books, Output, Priority
from crawler.spiders.deep import DeepWalks
from crawler.spiders.feed import Feed
from crawler.spiders.host import Host
from crawler.spiders.listings import Listings
from crawler.spiders.looks import listing_apart, look_at, menu_of, turned_away
from crawler.spiders.parity import Parity
from crawler.spiders.rechecks import Rechecks
from crawler.spiders.seams import Seams
from crawler.spiders.sitemaps import Sitemaps
from crawler.spiders.soft404 import Soft404
from pipelines.look import Look


class PressTV(Spider):
    """Crawl the outlet into the archive that the session holds."""

    name = "presstv"

    def __init__(self, *, session: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session, self.plan, self.ledger = session, session.plan, session.ledger
        self.writer, self.clock, self.rules = session.writer, session.clock, session.rules
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider with all that works for it, and listen to what becomes of its looks."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.equip(crawler.settings)
        spider.books.listen(crawler)
        return spider

    def equip(self, settings: BaseSettings) -> None:
        """Make what works for the spider, from the settings that bound a crawl."""
        session, ledger = self.session, self.ledger
        self.asker = asker = Asker(ledger=ledger, clock=self.clock, longest=settings.getint("URLLENGTH_LIMIT"))
        self.host = host = Host(plan=self.plan, base=self.plan.bases[0])
        soft404 = Soft404(
            asker=asker, edition=self.plan.edition, address=self._made_up, settled=partial(counted, ledger=ledger)
        )
        self.articles = articles = Articles(session=session, asker=asker, soft404=soft404)
        self.listings = self._walking(settings)
        self.sitemaps = Sitemaps(
            session=session, asker=asker, host=host, articles=articles, named=self._named_sitemaps,
            budget=settings.getint("SITEMAP_ARTICLES"),
        )  # fmt: skip
        self.feed = Feed(session=session, asker=asker, host=host, articles=articles)
        self.rechecks = Rechecks(
            session=session, host=host, articles=articles, budget=settings.getint("RECHECK_BUDGET")
        )
        self.parity = Parity(session=session, asker=asker, days=settings.getint("PARITY_DAYS"))
        self.books = Books(session, tripped=self.listings.tripped, end=self._end)

    def _walking(self, settings: BaseSettings) -> Listings:
        session, asker, host, articles = self.session, self.asker, self.host, self.articles
        most, days = settings.getint("DEEP_WALK_PAGES"), settings.getint("DEEP_WALK_DAYS")
        # A slice begins with the last page of the one before: one of a single page would not come on.
        most = max(2, most) if most else 0
        return Listings(
            session=session, asker=asker, host=host, articles=articles, cap=settings.getint("SECTION_PAGE_CAP"),
            seams=Seams(session=session, asker=asker, host=host, articles=articles),
            deep=DeepWalks(session=session, asker=asker, host=host, articles=articles, most=most, days=days),
        )  # fmt: skip

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the front page of the first host; everything else follows from it."""
        yield self._front(self.plan.bases[0])

    def _front(self, base: str) -> Request:
        self.host.base = base
        ask = Ask(url=f"{base}/", kind="front", base=base)
        return self.asker.request(ask, self.front, missed=self.next_host, priority=Priority.FRONT)

    def front(self, response: Response) -> Output:
        """Read the menu; ask for the listings, the feed and what is due, or where it is none of ours the next host."""
        size, edition = len(response.body), self.plan.edition
        asked = look_at(response, self.clock())
        look, menu = yield from apart(size, partial(menu_of, asked, response, edition))
        if menu and look.capture is not None:
            links = (yield from listing_apart(look, response, edition)).links
            shown = tuple(link.teaser for link in links)
            look = replace(look, listed=tuple(link.article_id for link in links), teasers=shown)
        yield look
        if not menu:
            yield from self.next_host(ask_of(response), look)
        elif self.plan.ids:
            yield from self.rechecks.named()
        else:
            yield from self._sections({entry.name: urljoin(response.url, entry.url) for entry in menu})
            yield from self.feed.ask()
            yield from self.sitemaps.begin()
            yield from self.rechecks.due()
            yield from self.parity.fronts()

    def next_host(self, ask: Ask, look: Look) -> Output:
        """Ask the next host, unless the outlet refused us, and the one before for what it served."""
        bases = self.plan.bases
        after = bases[bases.index(ask.base) + 1 :]
        if after and not turned_away(look):
            yield self._front(after[0])
            yield from self.parity.lost(ask.base)

    def _sections(self, menu: Mapping[str, str]) -> Output:
        found, missing = self.plan.edition.find_listings(list(menu.items()), self.plan.sections)
        for section in missing:
            self.listings.lacks(section)
            self.logger.warning("section %s (%s) is not in the menu of %s", section.key, section.name, self.host.base)
        for section, url in found.items():
            yield from self.listings.begin(section, url)

    def _named_sitemaps(self, base: str) -> tuple[str, ...]:
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        return robots.sitemaps(f"{base}/") if robots else ()

    def _made_up(self) -> str:
        return self.host.base + self.plan.edition.made_up_path(self.clock(), self.session.crawl)

    def _end(self, reason: str) -> None:
        engine = self.crawler.engine
        if self._closing is None and engine is not None and engine.spider is not None:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason=reason))
