"""Parity looks: do the other hosts still serve the edition, and do they say the same? A sample, once in PARITY_DAYS."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from scrapy.http import Response

from archive.catalog import articles, memory
from archive.catalog.life import REMOVAL_APART
from crawler.crawl.session import Session
from crawler.net.origins import same_origin
from crawler.spiders.asking import ArchivingSpider, Asked
from crawler.spiders.looks import article_look, look_at, menu_of
from pipelines.look import Look

SAMPLE = 5
"""The newest articles: what a mirror lacks or changes shows there first."""
_LAST = -50


class ParitySpider(ArchivingSpider):
    """Ask mirrors for what the first choice serves; their answers never begin a version."""

    base: str
    """The origin that this crawl reads."""

    def __init__(self, *, session: Session, **kwargs: object) -> None:
        super().__init__(session=session, **kwargs)
        self.plan, self.db = session.plan, session.archive.catalog.db

    def parity(self) -> Asked:
        """Ask for the front page of each other host whose last parity look is PARITY_DAYS old; 0 days: of none."""
        days = self._days()
        if not days or self.plan.recheck == "none" or self.plan.limit is not None or not self._sample():
            return
        for base in self.plan.bases:
            front, last = f"{base}/", memory.mirrored_at(self.db, base)
            rested = last is None or self.clock() - last >= timedelta(days=days)
            # A host before the chosen one has failed in this crawl already.
            if rested and not self.ledger.known(front):
                yield from self.ask(front, "mirror", self.mirror_front, priority=_LAST, base=base)

    def _sample(self) -> list[articles.Standing]:
        return articles.newest_live(self.db, SAMPLE)

    def mirror_front(self, response: Response) -> Asked:
        """Say whether a host serves the edition; if so, ask it for the sample."""
        look, menu = menu_of(self._at_home(response), response, self.plan.edition)
        yield look
        base = response.meta["base"]
        if not menu:
            yield from self.lost(base)
            return
        for article in self._sample():
            parts = urlsplit(article.url)
            url = base + parts.path + (f"?{parts.query}" if parts.query else "")
            yield from self.ask(
                url, "mirror", self.mirror_article, priority=_LAST, base=base, number=article.article_id
            )

    def lost(self, base: str) -> Asked:
        """Ask a host that does not serve the edition for what it served before; twice, hours apart, is a host lost."""
        last = memory.mirrored_at(self.db, base)
        if not self._days() or (last is not None and self.clock() - last < REMOVAL_APART):
            return
        for url in memory.served_by(self.db, base, SAMPLE):
            if number := self.session.plan.edition.article_id(url):
                yield from self.ask(
                    url, "mirror", self.mirror_article, priority=_LAST, base=base, number=number, dont_retry=True
                )

    def _days(self) -> int:
        return self.settings.getint("PARITY_DAYS")

    def mirror_article(self, response: Response) -> Iterator[Look]:
        """Read an article as a mirror serves it."""
        look = self._at_home(response)
        if look.outcome != "redirected_offsite":
            look = article_look(look, response, self.session.plan.edition, self.writer.latest)
        yield look

    def _at_home(self, response: Response) -> Look:
        look = look_at(response, self.clock())
        if same_origin(response.url, response.meta["base"]):
            return look
        # What another host answered says nothing of this one.
        return replace(look, outcome="redirected_offsite", detail=f"redirected to {response.url}")
