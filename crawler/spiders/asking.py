"""How the spider asks, and the books it keeps: requests told to the ledger, looks through the steps, errors of ours."""

import sqlite3
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import partial
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call
from twisted.python.failure import Failure

from archive.errors import ArchiveError, IntegrityError
from crawler.crawl.ask import Ask, Way, ask_of
from crawler.crawl.ledger import Ledger
from crawler.crawl.session import Session
from crawler.middlewares.apart import Apart
from crawler.middlewares.ended import EndedError, WaitError
from crawler.spiders.failures import outcome_of
from crawler.spiders.looks import look_at, look_without
from pipelines.export import Export
from pipelines.look import Look
from pipelines.version import Judge, Judged, unread

NO_HEADERS: Mapping[str, str] = {}
Output = Generator[Request | Look | Apart, Any, None]
"""What a callback yields: requests, looks, and what it waits for (`crawler.middlewares.apart`)."""
OnResponse = Callable[[Response], Output]
Missed = Callable[[Ask, Look], Output]
_TURN_SECONDS = 1.0


class Priority(IntEnum):
    """Which of the requests that wait is asked next: one of the greatest number."""

    MADE_UP = 200
    FRONT = 100
    SEAM = 60
    LISTING = 50
    FOUND = 10
    RECHECK = 0
    ONCE_MORE = -10
    DEEP = -20
    MIRROR = -50
    LAST = -100


def nothing_more(_ask: Ask, _look: Look) -> Output:
    """Ask for nothing more where a request brought no response."""
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Make the requests that the ledger knows of; whatever becomes of one, it ends in a look."""

    ledger: Ledger
    clock: Callable[[], datetime]
    longest: int
    """How many characters an address may have."""

    def ask(
        self, ask: Ask, read: OnResponse, *, priority: Priority, missed: Missed = nothing_more,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Output:  # fmt: skip
        """Yield a request, or its look where the address is too long to be asked."""
        request = self.request(ask, read, priority=priority, missed=missed, headers=headers)
        if len(ask.url) <= self.longest:
            yield request
        else:
            # Scrapy would drop it without a word.
            detail = f"an address of {len(ask.url)} characters"
            yield look_without(request, self.clock(), "filtered", detail, answered=False)

    def request(
        self, ask: Ask, read: OnResponse, *, priority: Priority, missed: Missed = nothing_more,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Request:  # fmt: skip
        """Return the request: `read` gets its response, `missed` hears of the look that one without a response is."""
        self.ledger.schedule(ask.url, ask.kind, seed=ask.seed)
        meta: dict[str, object] = {"ask": ask, "way": Way()}
        if not ask.patient:
            meta["dont_retry"] = True
        # Twice the same is known here already; Scrapy's filter would drop a request and its outcome with it.
        return Request(
            ask.url, callback=read, errback=partial(self.failed, missed=missed), headers=dict(headers),
            priority=priority, meta=meta, dont_filter=True,
        )  # fmt: skip

    def failed(self, failure: Failure, *, missed: Missed = nothing_more) -> Output:
        """Yield the look that a request without a response is, and what follows from it.

        Raises CloseSpider where the archive failed.
        """
        request: Request = failure.request  # type: ignore[attr-defined]
        ask, error = ask_of(request), failure.value
        if isinstance(error, ArchiveError):
            self.ledger.end(ask.url, "storage_failed", str(error))
            self.ledger.fail(error.exit_code, str(error))
            raise CloseSpider("storage_failed")
        if isinstance(error, WaitError):
            self.ledger.wait(ask.kind, error.seconds)
        outcome, reason, detail = outcome_of(failure)
        ended = isinstance(error, EndedError)
        look = look_without(request, self.clock(), outcome, detail, answered=ended, reason=reason)
        yield look
        yield from missed(ask, look)


class Books:
    """Keep ledger and writer in step with what Scrapy does."""

    def __init__(
        self, session: Session, *, tripped: Callable[[Ask, BaseException], None], end: Callable[[str], None]
    ) -> None:
        """`tripped` hears of a page that its callback failed on; `end` ends the crawl, for a reason in a word."""
        self.writer, self.ledger = session.writer, session.ledger
        self._catalog = session.archive.catalog
        self.clock, self.rules = session.clock, session.rules
        self._endings, self.patterns = session.endings, session.patterns
        self._tripped, self._end = tripped, end

    def listen(self, crawler: Crawler) -> None:
        """Hear what becomes of a crawl's looks."""
        turning = create_looping_call(self.turn)
        listeners = {
            signals.item_scraped: self.look_done,
            signals.item_error: self.look_failed,
            signals.spider_error: self.callback_failed,
            # A batch grows old while nothing comes in, and a commit that failed must be noticed then, too.
            signals.spider_opened: lambda: turning.start(_TURN_SECONDS, now=False),
            signals.spider_closed: lambda: turning.stop() if turning.running else None,
        }
        for signal, listener in listeners.items():
            crawler.signals.connect(listener, signal=signal, weak=False)

    def turn(self) -> None:
        """Let the writer commit what is full or old; end the crawl where a commit failed or the outlet refused."""
        try:
            self.writer.turn()
        except ArchiveError as error:
            self.ledger.fail(error.exit_code, str(error))
        self._end_early()

    def _end_early(self) -> None:
        if reason := "storage_failed" if self.writer.failure else "refused" if self.ledger.refused else "":
            self._end(reason)

    def take_in(self, look: Look) -> None:
        """Judge and write a look that no callback asked for, such as robots.txt."""
        Export(self.writer).process_item(Judge(self.writer, self.rules).process_item(look))

    def look_done(self, item: Judged) -> None:
        """Close a look's line in the ledger."""
        verdict = item.verdict
        self.ledger.end(item.look.url, verdict.outcome, verdict.detail or item.look.detail)
        if item.look.outcome == "listed":
            self._endings.note(item.look)
        self.patterns.note(item.look, verdict)
        self.ledger.brake.saw(item)
        self._end_early()

    def look_failed(self, item: Look, failure: Failure) -> None:
        """Note a look that a pipeline step could not take; the crawl goes on with the others."""
        assert failure.value is not None
        self._spoilt(item, failure.value)

    def callback_failed(self, failure: Failure, response: Any) -> None:
        """Note a page that the spider itself tripped over."""
        request = getattr(response, "request", None)
        if request is None or "ask" not in request.meta:
            return
        if isinstance(response, Response):
            look = look_at(response, self.clock())
        else:
            look = look_without(request, self.clock(), "extract_failed", "", answered=False)
        assert failure.value is not None
        self._tripped(ask_of(request), failure.value)
        self._spoilt(look, failure.value)

    def _spoilt(self, look: Look, error: BaseException) -> None:
        left = unread(look, error)
        stored = isinstance(error, ArchiveError | OSError | sqlite3.Error)
        self.ledger.spoil(look.url, "storage_failed" if stored else "extract_failed", left.detail)
        if isinstance(error, IntegrityError):
            self.ledger.fail(error.exit_code, str(error))
        if not stored:
            self.take_in(left)
            return
        self._catalog.condemn(error)
        # No check is left: the next crawl looks again.
        for capture in (*look.hops, *((look.capture,) if look.capture else ())):
            self.writer.decide(capture, "capture")
