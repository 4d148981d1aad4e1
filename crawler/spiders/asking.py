"""The bookkeeping of a spider that archives: requests told to the ledger, looks through the steps, errors of ours."""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call
from twisted.python.failure import Failure

from archive.errors import ArchiveError, IntegrityError
from archive.facts.outcomes import Kind
from crawler.crawl.session import Session
from crawler.spiders.looks import look_at, look_without
from pipelines.export import Export
from pipelines.look import Look
from pipelines.version import Judged, Version, unread

NO_HEADERS: Mapping[str, str] = {}
Asked = Iterator[Request | Look]
_TURN_SECONDS = 1.0


class ArchivingSpider(Spider):
    """Keep ledger and writer in step with what Scrapy does; a subclass knows what to ask for."""

    def __init__(self, *, session: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session, self.ledger = session, session.ledger
        self.writer, self.clock, self.rules = session.writer, session.clock, session.rules
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider and listen to what becomes of its looks."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        turning = create_looping_call(spider.turn)
        listeners = {
            signals.item_scraped: spider.look_done,
            signals.item_error: spider.look_failed,
            signals.spider_error: spider.callback_failed,
            # A batch grows old while nothing comes in, and a commit that failed must be noticed then, too.
            signals.spider_opened: lambda: turning.start(_TURN_SECONDS, now=False),
            signals.spider_closed: lambda: turning.stop() if turning.running else None,
        }
        for signal, listener in listeners.items():
            crawler.signals.connect(listener, signal=signal, weak=False)
        return spider

    def ask(self, url: str, kind: Kind, callback: Any, **more: Any) -> Asked:
        """Yield a request, or its look where the address is too long to be asked."""
        request = self.request(url, kind, callback, **more)
        if len(url) <= self.settings.getint("URLLENGTH_LIMIT"):
            yield request
        else:
            # Scrapy would drop it without a word.
            detail = f"an address of {len(url)} characters"
            yield look_without(request, self.clock(), "filtered", detail, answered=False)

    def request(
        self, url: str, kind: Kind, callback: Any, *, priority: int = 0, seed: bool = False,
        headers: Mapping[str, str] = NO_HEADERS, **about: Any,
    ) -> Request:  # fmt: skip
        """Return a request that the ledger knows of; `about` goes into its meta."""
        self.ledger.schedule(url, kind, seed=seed)
        meta = {"hops": [], "asked": url, "kind": kind, **about}
        # Twice the same is known here already; Scrapy's filter would drop a request and its outcome with it.
        return Request(
            url, callback=callback, errback=self.failed, headers=dict(headers), priority=priority, meta=meta,
            dont_filter=True,
        )  # fmt: skip

    def failed(self, failure: Failure) -> Asked:
        """Note a request that brought no response; a subclass says how."""
        raise NotImplementedError

    def tripped(self, request: Request, error: BaseException) -> None:
        """Hear of a page that a callback failed on; a subclass may draw its conclusions."""

    def turn(self) -> None:
        """Let the writer commit what is full or old; end the crawl where a commit failed or the outlet refused."""
        try:
            self.writer.turn()
        except ArchiveError as error:
            self.ledger.failure = self.ledger.failure or (error.exit_code, str(error))
        self._end_early()

    def _end_early(self) -> None:
        reason = "storage_failed" if self.writer.failure else "refused" if self.ledger.refused else ""
        engine = self.crawler.engine
        if reason and self._closing is None and engine is not None and engine.spider is not None:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason=reason))

    def take_in(self, look: Look) -> None:
        """Judge and write a look that no callback asked for, such as robots.txt."""
        Export(self.writer).process_item(Version(self.writer, self.rules).process_item(look))

    def look_done(self, item: Judged) -> None:
        """Close a look's line in the ledger."""
        verdict = item.verdict
        self.ledger.end(item.look.url, verdict.outcome, verdict.detail or item.look.detail)
        if item.look.article is not None and item.look.kind == "article":
            self.ledger.brake.read(item.look.article.layout)
            if verdict.before is not None and verdict.record is not None:
                self.ledger.brake.changed(verdict.before, verdict.record)
        self._end_early()

    def look_failed(self, item: Look, failure: Failure) -> None:
        """Note a look that a pipeline step could not take; the crawl goes on with the others."""
        assert failure.value is not None
        self._spoilt(item, failure.value)

    def callback_failed(self, failure: Failure, response: Any) -> None:
        """Note a page that the spider itself tripped over."""
        request = getattr(response, "request", None)
        if request is None or "asked" not in request.meta:
            return
        if isinstance(response, Response):
            look = look_at(response, self.clock())
        else:
            look = look_without(request, self.clock(), "extract_failed", "", answered=False)
        assert failure.value is not None
        self.tripped(request, failure.value)
        self._spoilt(look, failure.value)

    def _spoilt(self, look: Look, error: BaseException) -> None:
        left = unread(look, error)
        stored = isinstance(error, ArchiveError | OSError | sqlite3.Error)
        self.ledger.spoil(look.url, "storage_failed" if stored else "extract_failed", left.detail)
        if isinstance(error, IntegrityError):
            self.ledger.failure = self.ledger.failure or (error.exit_code, str(error))
        if not stored:
            self.take_in(left)
            return
        # No check is left: the next crawl looks again.
        for capture in (*look.hops, *((look.capture,) if look.capture else ())):
            self.writer.decide(capture, "capture")
