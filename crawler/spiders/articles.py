"""The articles of a crawl: each asked for once, as far as `since` and `limit` go, and read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from scrapy.http import Response

from archive.catalog import articles
from archive.catalog.own import saw
from crawler import pages
from crawler.crawl.ask import Ask
from crawler.crawl.ledger import Ledger
from crawler.crawl.session import Session
from crawler.middlewares.apart import apart
from crawler.spiders.asking import NO_HEADERS, Asker, Output, Priority
from crawler.spiders.looks import article_look, look_at
from crawler.spiders.soft404 import Soft404
from pipelines.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Articles:
    """Ask for articles and read them."""

    session: Session
    asker: Asker
    soft404: Soft404
    asked: dict[str, str] = field(default_factory=dict)
    """Article number → the address asked."""
    left: set[str] = field(default_factory=set)
    """Articles not asked for, because of `limit` or `since`."""
    feed_dates: dict[str, str] = field(default_factory=dict)
    """Article number → what the feed gives as its date."""

    def read(self, number: str) -> bool:
        """Return whether an article was read before, or is asked for in this crawl."""
        return number in self.asked or saw(self.session.archive.catalog.db, number)

    def met(self, number: str) -> bool:
        """Return whether an article was looked at before, whatever came of it, or is asked for in this crawl."""
        return number in self.asked or articles.state(self.session.archive.catalog.db, number) is not None

    def _known(self, number: str) -> bool:
        return articles.was_read(self.session.archive.catalog.db, number)

    def found(self, number: str, url: str) -> Output:
        """Ask for an article that a listing or the feed names, unless it was read before or is older than `since`."""
        plan = self.session.plan
        day, since = plan.edition.article_day(url), plan.since
        if self.read(number):
            return
        if since is not None and day is not None and day < since:
            self.left.add(number)
            return
        yield from self.ask(number, url, priority=Priority.FOUND)

    def ask(self, number: str, url: str, *, priority: Priority, headers: Mapping[str, str] = NO_HEADERS) -> Output:
        """Ask for an article, unless it is asked for already or the limit is reached."""
        plan, ledger = self.session.plan, self.session.ledger
        if number in self.asked:
            return
        if plan.limit is not None and len(self.asked) >= plan.limit:
            ledger.left_by_limit += number not in self.left
            self.left.add(number)
            return
        self.asked[number] = url
        yield from self.asker.ask(
            Ask(url=url, kind="article", article_id=number), self.page, priority=priority, headers=headers
        )

    def page(self, response: Response) -> Output:
        """Read an article's page, or say what stands in its place."""
        session = self.session
        asked = look_at(response, session.clock())
        reading = partial(article_look, asked, response, session.plan.edition, session.writer.last_look)
        look = yield from apart(len(response.body), reading)
        look = session.endings.judge(look, response.body) or look
        look = replace(look, feed_date=self.feed_dates.get(look.article_id or ""))
        yield from self.soft404.judged(look, known=self._known(look.article_id or "0"))


def counted(look: Look, ledger: Ledger) -> Look:
    """Count in the ledger what read a page, one of the outlet's layouts whole or a fallback; return the look."""
    first = look.article is not None and pages.is_whole(look.article)
    ledger.read_by_first_choice += first
    ledger.read_by_fallback += not first and (look.article is not None or look.outcome == "extract_failed")
    return look
