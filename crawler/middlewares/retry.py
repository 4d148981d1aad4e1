"""Try again, but gently: Retry-After stops the host's queue, backoff grows with jitter, a breaker spares a sick host.

Every wait happens in `process_request`, before a request joins its host's queue, in short sleeps that a closing crawl
ends. Hosts are told apart as Scrapy's download slots are, by name.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import retry
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import call_later
from scrapy.utils.response import response_status_message
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from archive.facts.httpdates import http_date
from archive.facts.items import Capture
from crawler import pages
from crawler.crawl.ask import way_of
from crawler.crawl.clock import Clock
from crawler.editions.edition import Edition
from crawler.editions.known import edition_named
from crawler.middlewares import guard
from crawler.middlewares.apart import read_apart
from crawler.middlewares.ended import EndedError, WaitError
from crawler.net.waits import retry_after

# Scrapy's own list has OSError too, which a full disk raises.
FAILURES: tuple[type[Exception], ...] = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
)
LONGEST_BACKOFF = 60.0
_TICK = 0.25
_ENDING = "the crawl is ending"
_LIMITING = frozenset({429, 503})


@dataclass(slots=True)
class _Host:
    failures: int = 0
    """Consecutive ones."""
    not_before: float = 0.0
    """On the monotonic clock."""
    tripped: bool = False
    trial: Request | None = None
    """The one request that shows whether a host that rested is well again."""
    given_up: EndedError | None = None
    """Why no more is asked of it in this crawl."""


def again(request: Request, *, spider: Spider, reason: str | Exception, at_once: bool = False) -> Request | None:
    """Return the request to be tried again, or None after RETRY_TIMES.

    It waits for a random part of RETRY_BACKOFF_BASE × 2ⁿ seconds, 60 at most.
    `at_once` leaves the backoff out, where the server named a wait itself.
    """
    retried = retry.get_retry_request(request, spider=spider, reason=reason)
    if retried is not None:
        base = 0.0 if at_once else spider.crawler.settings.getfloat("RETRY_BACKOFF_BASE", 1.0)
        most = min(base * 2 ** (retried.meta["retry_times"] - 1), LONGEST_BACKOFF)
        way_of(retried).not_before = monotonic() + random.uniform(0, most)  # noqa: S311 - jitter, no secret
    return retried


class RetryMiddleware(retry.RetryMiddleware):
    """Scrapy's retries with waits and a breaker; stats `retry/rate_limited_waits` and `retry/breaker_opened`."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.cap = settings.getfloat("RETRY_AFTER_CAP", 900)
        self.limit = settings.getint("BREAKER_FAILURES", 10)
        self.rest = settings.getfloat("BREAKER_PAUSE", 60)
        self.clock, self.edition = Clock(), edition_named(str(settings["EDITION"]))
        self._hosts: dict[str, _Host] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware from RETRY_*, BREAKER_FAILURES (0: no breaker) and BREAKER_PAUSE (seconds)."""
        made = cls(crawler.settings)
        made.crawler = crawler
        # Not in process_response: the host's next request has gone by then, and a deeper middleware may end the answer.
        crawler.signals.connect(made.note, signal=signals.response_downloaded)
        return made

    async def process_request(self, request: Request) -> None:
        """Hold a request back while its host rests. Raises EndedError (not_attempted) when that is for good."""
        host = self._host(request)
        while not host.given_up:
            wait = max(host.not_before, way_of(request).not_before) - monotonic()
            if wait <= 0 and host.trial is None:
                host.trial = request if host.tripped else None
                return
            if self._closing():
                raise EndedError("not_attempted", _ENDING)
            await asyncio.sleep(min(max(wait, 0.02), _TICK))
        raise host.given_up.again()

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request to be tried again, or the response once retries are used up.

        Raises WaitError (http_error) for a wait over RETRY_AFTER_CAP.
        """
        host = self._host(request)
        if response.status not in self.retry_http_codes or request.meta.get("dont_retry"):
            return response
        named = self._named(response)
        if named is not None and named > self.cap:
            raise WaitError("http_error", int(named))
        walled = partial(_walled, response, self.edition, self.clock())
        if host.given_up is not None or await read_apart(len(response.body), walled):
            return response
        reason = response_status_message(response.status)
        return again(request, spider=self._spider(), reason=reason, at_once=named is not None) or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:  # type: ignore[override]
        """Return the request to be tried again after a failure of its host, else None."""
        host = self._host(request)
        if not isinstance(exception, FAILURES) or guard.refused(request.url):
            host.trial = None if host.trial is request else host.trial
            return None
        self._count(request, host)
        if host.given_up or request.meta.get("dont_retry"):
            return None
        return again(request, spider=self._spider(), reason=exception)

    def note(self, response: Response, request: Request) -> None:
        """Count an answer as the host's failure (5xx, or cut off) or its recovery, and begin the wait that it names."""
        host = self._host(request)
        if response.status >= 500 or "dataloss" in response.flags:
            self._count(request, host)
        else:
            host.failures, host.tripped, host.trial = 0, False, None
        named = self._named(response)
        if named is not None and named <= self.cap:
            self.crawler.stats.inc_value("retry/rate_limited_waits")
            self._pause(request, host, named)
        elif named is not None:
            self._give_up(request, host, WaitError("not_attempted", int(named)))

    def _count(self, request: Request, host: _Host) -> None:
        host.failures += 1
        if host.trial is not None:
            self._give_up(request, host, EndedError("not_attempted", "breaker"))
        elif self.limit and host.failures >= self.limit and not host.tripped:
            host.tripped = True
            self.crawler.stats.inc_value("retry/breaker_opened")
            self._pause(request, host, self.rest)

    def _named(self, response: Response) -> float | None:
        value = response.headers.get("Retry-After")
        if value is None or response.status not in _LIMITING:
            return None
        # The server's own date is the better zero for its dates: its clock may be off by days.
        sent = (response.headers.get("Date") or b"").decode("latin-1")
        return retry_after(value.decode("latin-1"), now=http_date(sent) or self.clock())

    def _give_up(self, request: Request, host: _Host, why: EndedError) -> None:
        host.given_up, host.trial = why, None
        if slot := self._slot(request):
            _dismiss(slot, why)

    def _pause(self, request: Request, host: _Host, seconds: float) -> None:
        host.not_before = max(host.not_before, monotonic() + seconds)
        # Requests that are queued already have passed process_request: the queue's own timer has to hold them.
        if slot := self._slot(request):
            if slot.latercall:
                slot.latercall.cancel()
            self._hold(slot, host)

    def _hold(self, slot: Slot, host: _Host) -> None:
        slot.latercall = None
        if self._closing():
            _dismiss(slot, EndedError("not_attempted", _ENDING))
        left = host.not_before - monotonic()
        if left > 0:
            slot.latercall = call_later(min(left, _TICK), self._hold, slot, host)
        else:
            self._downloader()._process_queue(slot)  # noqa: SLF001 - what the timer would have called

    def _slot(self, request: Request) -> Slot | None:
        downloader = self._downloader()
        return downloader.slots.get(downloader.get_slot_key(request))

    def _downloader(self) -> Downloader:
        downloader: Downloader = self.crawler.engine.downloader
        return downloader

    def _host(self, request: Request) -> _Host:
        key = self._downloader().get_slot_key(request)
        return self._hosts.setdefault(key, _Host())

    def _closing(self) -> bool:
        engine: Any = self.crawler.engine
        # No signal comes before the engine waits for requests in flight, and these are in flight.
        return not engine.running or engine._slot is None or engine._slot.closing is not None  # noqa: SLF001

    def _spider(self) -> Spider:
        assert self.crawler.spider is not None
        return self.crawler.spider


def _walled(response: Response, edition: Edition, now: datetime) -> bool:
    # Asking a wall again only makes it higher, and would open the breaker before three walls end the crawl.
    headers = tuple((name, value) for name, values in response.headers.items() for value in values)
    capture = Capture(
        url=response.url, captured_at=now, status=response.status, response_headers=headers, body=response.body
    )
    return pages.read(capture, edition).outcome == "challenge"


def _dismiss(slot: Slot, why: EndedError) -> None:
    while slot.queue:
        _, waiting = slot.queue.popleft()
        waiting.errback(Failure(why.again()))  # type: ignore[no-untyped-call]
