"""Known articles looked at again: those due, all of them, or those that were named."""

from collections.abc import Mapping
from dataclasses import dataclass

from archive.catalog import articles, suspects
from archive.catalog.articles import ArticleRow, Db
from archive.catalog.own import own_row
from archive.facts.outcomes import SEEN
from crawler.crawl import recheck
from crawler.crawl.session import Session
from crawler.spiders.articles import Articles
from crawler.spiders.asking import NO_HEADERS, Output, Priority
from crawler.spiders.host import Host
from crawler.spiders.looks import conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecks:
    """Ask for known articles, where their last answers allow it conditionally."""

    session: Session
    host: Host
    articles: Articles
    budget: int
    """How many of those due a crawl takes."""

    def named(self) -> Output:
        """Ask for the articles of `ids`."""
        for number in self.session.plan.ids:
            yield from self._again(own_row(self._db, number))

    def due(self) -> Output:
        """Ask for what `recheck` says: none, all, or those due, the most overdue first, as far as the budget goes."""
        session = self.session
        for article in recheck.chosen(self._db, session.plan.recheck, session.clock(), self.budget):
            yield from self._again(article)

    def _again(self, article: ArticleRow) -> Output:
        address = self.host.here(article.url)
        headers = self._conditions(article, address)
        if article.state == "live":
            self.session.ledger.brake.expect(address)
        yield from self.articles.ask(article.article_id, address, priority=Priority.RECHECK, headers=headers)

    def _conditions(self, article: ArticleRow, address: str) -> Mapping[str, str]:
        last, session = self.session.writer.last_look(address), self.session
        if last is None or last.proved_at is None or last.outcome not in SEEN:
            return NO_HEADERS
        # What came since from another host, or from somebody else's captures, is no text that this address showed.
        newest = articles.article_row(self._db, article.article_id).latest
        if last.confirms != article.latest or newest != article.latest:
            return NO_HEADERS
        # Servers have answered 304 for pages that did change: believed only so long.
        fresh = session.clock() - last.proved_at < session.rules.keep_for
        # What a suspect crawl saw must not be confirmed: a 304 would pass for a sight of the text before it.
        return conditions(last) if fresh and not suspects.waits(self._db, article.article_id) else NO_HEADERS

    @property
    def _db(self) -> Db:
        return self.session.archive.catalog.db
