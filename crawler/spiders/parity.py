"""Parity looks: do the other hosts still serve the edition, and do they say the same? A sample, once in PARITY_DAYS."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from scrapy.http import Response

from archive.catalog import articles, memory
from archive.catalog.articles import Db
from archive.catalog.life import REMOVAL_APART
from crawler.crawl.ask import Ask, ask_of
from crawler.crawl.session import Session
from crawler.middlewares.apart import apart
from crawler.net.origins import at_origin, same_origin
from crawler.spiders.asking import Asker, Output, Priority
from crawler.spiders.looks import article_look, look_at, menu_of
from pipelines.look import Look

SAMPLE = 5
"""The newest articles: what a mirror lacks or changes shows there first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """Ask mirrors for what the first choice serves; their answers never begin a version."""

    session: Session
    asker: Asker
    days: int
    """How long a host rests after a parity look; 0: no host is asked."""

    def fronts(self) -> Output:
        """Ask for the front page of each other host whose last parity look is so many days old."""
        plan = self.session.plan
        if not self.days or plan.recheck == "none" or plan.limit is not None or not self._sample():
            return
        for base in plan.bases:
            front = f"{base}/"
            # A host before the chosen one has failed in this crawl already.
            if self._rested(base, timedelta(days=self.days)) and not self.session.ledger.known(front):
                ask = Ask(url=front, kind="mirror", base=base)
                yield from self.asker.ask(ask, self.front, missed=self.no_front, priority=Priority.MIRROR)

    def front(self, response: Response) -> Output:
        """Say whether a host serves the edition; if so, ask it for the sample."""
        base = ask_of(response).base
        reading = partial(menu_of, self._at_home(response), response, self.session.plan.edition)
        look, menu = yield from apart(len(response.body), reading)
        yield look
        if not menu:
            yield from self.lost(base)
            return
        for article in self._sample():
            url = at_origin(article.url, base)
            ask = Ask(url=url, kind="mirror", base=base, article_id=article.article_id)
            yield from self.asker.ask(ask, self.article, priority=Priority.MIRROR)

    def no_front(self, ask: Ask, _look: Look) -> Output:
        """Ask a host whose front page brought no response for what it served before."""
        yield from self.lost(ask.base)

    def lost(self, base: str) -> Output:
        """Ask a host that does not serve the edition for what it served before; twice, hours apart, is a host lost."""
        if not self.days or not self._rested(base, REMOVAL_APART):
            return
        for url in memory.served_by(self._db, base, SAMPLE):
            if number := self.session.plan.edition.article_id(url):
                ask = Ask(url=url, kind="mirror", base=base, article_id=number, patient=False)
                yield from self.asker.ask(ask, self.article, priority=Priority.MIRROR)

    def article(self, response: Response) -> Output:
        """Read an article as a mirror serves it."""
        look = self._at_home(response)
        if look.outcome != "redirected_offsite":
            reading = partial(article_look, look, response, self.session.plan.edition, self.session.writer.last_look)
            look = yield from apart(len(response.body), reading)
        yield look

    @property
    def _db(self) -> Db:
        return self.session.archive.catalog.db

    def _sample(self) -> list[articles.ArticleRow]:
        return articles.newest_live(self._db, SAMPLE)

    def _rested(self, base: str, span: timedelta) -> bool:
        last = memory.mirrored_at(self._db, base)
        return last is None or self.session.clock() - last >= span

    def _at_home(self, response: Response) -> Look:
        look = look_at(response, self.session.clock())
        if same_origin(response.url, ask_of(response).base):
            return look
        # What another host answered says nothing of this one.
        return replace(look, outcome="redirected_offsite", detail=f"redirected to {response.url}")
