"""The outlet's sitemaps, one more listing: articles that no section lists, or that stand too deep for a walk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from urllib.parse import urljoin

from scrapy.http import Response

from archive.catalog import memory
from archive.errors import ArchiveError
from archive.facts.outcomes import Outcome
from crawler.crawl.ask import Ask
from crawler.crawl.session import Session
from crawler.middlewares.apart import apart
from crawler.spiders.articles import Articles
from crawler.spiders.asking import NO_HEADERS, Asker, Output, Priority
from crawler.spiders.host import Host
from crawler.spiders.looks import conditions, gone_or_refused, look_at, refused_apart
from crawler.spiders.sitemap import SitemapEntry, SitemapFile, read_sitemap
from pipelines.look import Look

MOST_FILES = 50
"""How many sitemap files a crawl asks for."""
_DOUBTFUL = 3
"""How many files read within a day a crawl asks for, of those of which the index does not say when they changed."""
_WEIGHED = 2_000
"""How many entries of an index are held against the archive."""
_ANSWERED: frozenset[Outcome] = frozenset({"listed", "filtered", "gone"})
_DEEPEST = 2
"""How far an index may lie in another."""
_DAY = timedelta(hours=23)
"""A day, less what a daily crawl may begin earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemaps:
    """Ask for the sitemaps that robots.txt names, or for the edition's, and for articles that nobody read yet."""

    session: Session
    asker: Asker
    host: Host
    articles: Articles
    named: Callable[[str], Iterable[str]]
    """Gives the sitemaps that the robots.txt of an origin names."""
    budget: int
    """How many articles a crawl asks for because a sitemap names them."""
    _files: set[str] = field(default_factory=set)
    _named: set[str] = field(default_factory=set)
    _fresh: set[str] = field(default_factory=set)
    _taken: set[str] = field(default_factory=set)

    def begin(self) -> Output:
        """Ask for the sitemaps; behind all that listings, feed and re-checks bring."""
        if self.budget == 0:
            return
        base = self.host.base
        named = [url for each in self.named(base) if (url := self.host.ours(urljoin(f"{base}/", each)))]
        for url in named or self._guessed():
            yield from self._ask(url, 0)

    def _guessed(self) -> list[str]:
        # Nobody said that it is there: asked for by a new archive, then once a day until it is.
        db, now = self.session.archive.catalog.db, self.session.clock()
        url = self.host.base + self.session.plan.edition.sitemap_path
        last, at = self.session.writer.last_look(url), memory.looked_at(db, url) or memory.deep_since(db)
        there = last.outcome == "listed" if last else self.session.archive.catalog.head().seq == 0
        return [url] if there or (at is not None and now - at >= _DAY) else []

    def _ask(self, url: str, depth: int) -> Output:
        counts = self.session.ledger.sitemaps
        if self.session.ledger.known(url):
            return
        if len(self._files) >= MOST_FILES:
            counts["files_left"] += 1
            return
        self._files.add(url)
        read = partial(self.read, depth)
        yield from self.asker.ask(
            Ask(url=url, kind="sitemap"), read, priority=Priority.DEEP, headers=self._conditions(url)
        )

    def _conditions(self, url: str) -> Mapping[str, str]:
        last = self.session.writer.last_look(url)
        # An index names no article: it is asked for whole, since a 304 would hide which of its files were not read.
        done = last is not None and bool(last.listed) and all(map(self.articles.met, last.listed))
        return conditions(last) if done else NO_HEADERS

    def read(self, depth: int, response: Response) -> Output:
        """Read a sitemap; ask for the files that it names, or for articles of which no record exists."""
        look, edition = look_at(response, self.session.clock()), self.session.plan.edition
        if response.status == 304:
            self.session.ledger.sitemaps["files"] += 1
            yield replace(look, outcome="listed")
        elif response.status != 200 or look.capture is None:
            yield (yield from gone_or_refused(look, response, edition))
        else:
            yield from self._read(depth, look, response)

    def _read(self, depth: int, look: Look, response: Response) -> Output:
        try:
            # One that is packed in itself holds more than its size says.
            sitemap = yield from apart(10 * len(response.body), partial(read_sitemap, response.body))
        except ArchiveError as error:
            refusal = yield from refused_apart(look, response, self.session.plan.edition)
            filtered = replace(look, outcome="filtered", detail=f"{look.url}: {error}")
            yield refusal if refusal.outcome == "challenge" else filtered
            return
        self.session.ledger.sitemaps["files"] += 1
        if sitemap.index:
            yield replace(look, outcome="listed")
            yield from self._index(depth, sitemap)
        else:
            yield from self._pages(look, sitemap)

    def _index(self, depth: int, sitemap: SitemapFile) -> Output:
        weighed = sitemap.entries[: _WEIGHED if depth < _DEEPEST else 0]
        if left := len(sitemap.entries) - len(weighed):
            self.session.ledger.sitemaps["files_left"] += left
        files = {url: entry for entry in weighed if (url := self.host.ours(entry.url))}
        # The newest first; among files without a date those that were not looked at for longest.
        turns = sorted(files, key=lambda url: self._turn(url, files[url]))
        standing = {url for url in turns if self._stands(url, files[url])}
        doubtful = [url for url in turns if url in standing and files[url].changed is None]
        for url in (*(url for url in turns if url not in standing), *doubtful[:_DOUBTFUL]):
            yield from self._ask(url, depth + 1)

    def _turn(self, url: str, entry: SitemapEntry) -> tuple[float, float]:
        seen = memory.looked_at(self.session.archive.catalog.db, url)
        return -(entry.changed.timestamp() if entry.changed else 0.0), seen.timestamp() if seen else 0.0

    def _stands(self, url: str, entry: SitemapEntry) -> bool:
        # By the index's word it is as it was when it was read; without a word that is believed for a day.
        seen, last = memory.looked_at(self.session.archive.catalog.db, url), self.session.writer.last_look(url)
        if seen is None or last is None or last.outcome not in _ANSWERED:
            return False
        stands = self.session.clock() - seen < _DAY if entry.changed is None else entry.changed < seen
        return stands and all(map(self.articles.met, last.listed))

    def _pages(self, look: Look, sitemap: SitemapFile) -> Output:
        places = ((self.host.ours(entry.url), entry) for entry in sitemap.entries)
        found = {number: url for url, _ in places if url and (number := self.session.plan.edition.article_id(url))}
        fresh = sorted((number for number in found if not self.articles.met(number)), key=int, reverse=True)
        share = fresh[: max(0, self.budget - len(self._taken))]
        self._named.update(found)
        self._fresh.update(fresh)
        self._taken.update(share)
        # Not all that was ever published, each time anew: the newest, what is asked for, the first that is left.
        newest, left = sorted(found, key=int)[-1:], fresh[len(share) :][:1]
        yield replace(look, outcome="listed", listed=tuple(dict.fromkeys((*newest, *share, *left))))
        for number in share:
            yield from self.articles.found(number, found[number])
        counts = self.session.ledger.sitemaps
        counts["articles"], counts["new"] = len(self._named), len(self._fresh)
        counts["left"] = len(self._fresh - self._taken)
