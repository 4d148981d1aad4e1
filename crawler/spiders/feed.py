"""The outlet's feed: its dates, and articles that no listing named."""

from dataclasses import dataclass, replace
from functools import partial

from scrapy.http import Response

from archive.errors import ArchiveError
from archive.facts.teasers import LONGEST, Teaser
from crawler import pages
from crawler.crawl.ask import Ask
from crawler.crawl.session import Session
from crawler.middlewares.apart import apart
from crawler.pages import FeedItem
from crawler.spiders.articles import Articles
from crawler.spiders.asking import NO_HEADERS, Asker, Output, Priority
from crawler.spiders.host import Host
from crawler.spiders.looks import conditions, gone_or_refused, look_at
from pipelines.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Ask for the feed, and for the articles in it."""

    session: Session
    asker: Asker
    host: Host
    articles: Articles

    def ask(self) -> Output:
        """Ask for the feed."""
        url = self.host.base + self.session.plan.edition.feed_path
        last = self.session.writer.last_look(url)
        # A 304 says only that nothing was added since; what was listed then must have been read.
        read = last is not None and bool(last.listed) and all(self.articles.read(number) for number in last.listed)
        headers = conditions(last) if read else NO_HEADERS
        yield from self.asker.ask(Ask(url=url, kind="feed"), self.read, priority=Priority.LISTING, headers=headers)

    def read(self, response: Response) -> Output:
        """Read the feed; ask for articles that no listing named. Its links may name an alias of the edition."""
        look = look_at(response, self.session.clock())
        if response.status == 304:
            last = self.session.writer.last_look(look.url)
            yield replace(look, outcome="listed", listed=last.listed if last else ())
        elif response.status != 200 or look.capture is None:
            yield (yield from gone_or_refused(look, response, self.session.plan.edition))
        else:
            yield from self._items(look, response)

    def _items(self, look: Look, response: Response) -> Output:
        try:
            items = yield from apart(len(response.body), partial(pages.read_feed, response.body, response.url))
        except ArchiveError as error:
            yield replace(look, outcome="filtered", detail=str(error))
            return
        found = [each for item in items if (each := self._placed(item))]
        self.articles.feed_dates.update({number: item.date for number, _, item in found if item.date})
        shown = tuple(Teaser(text=item.title[:LONGEST], picture=item.picture) for *_, item in found)
        yield replace(look, outcome="listed", listed=tuple(number for number, *_ in found), teasers=shown)
        for number, address, _ in found:
            yield from self.articles.found(number, address)

    def _placed(self, item: FeedItem) -> tuple[str, str, FeedItem] | None:
        address = self.host.ours(item.url, feed=True)
        number = self.session.plan.edition.article_id(address) if address else None
        return (number, address, item) if address and number else None
