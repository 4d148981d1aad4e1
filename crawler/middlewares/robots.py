"""robots.txt as RFC 9309 says: 4xx allows all, 5xx or no answer forbids all, 500 KiB are read, asked once an origin.

429 counts as no answer, not as 4xx: who is told to slow down has not been told that all is open. Where no answer can
be had, the one of the last 24 hours that the archive holds is obeyed (section 2.4).
"""

import asyncio
import logging
import re
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Self

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.internet.error import ConnectError

from archive.catalog import memory
from archive.opened import Archive
from archive.warc import warc
from crawler.crawl.ask import Ask, for_robots
from crawler.middlewares.ended import EndedError, about_tls
from crawler.middlewares.retry import FAILURES
from crawler.net.origins import PORTS, origin
from crawler.pages.decoding import DecodingError, codings, content

READ = 500 * 1024
LONGEST_DELAY = 60.0
_MOST_SITEMAPS = 20
FRESH = timedelta(hours=24)
"""How long an answer is as good as a new one, while there is none."""
_TOKEN = re.compile(r"[A-Za-z_-]+")
# Outcomes of the robots.txt request that are the page's own, too.
_SHARED = frozenset({"ssrf_blocked", "not_attempted"})
_UNANSWERED: tuple[type[Exception], ...] = (*FAILURES, DownloadCancelledError)
_log = logging.getLogger(__name__)
# Rules to ask, what ends every request, or None where all is allowed.
RobotsRules = Protego | EndedError | None


class RobotsMiddleware:
    """Refuse what an origin's robots.txt forbids, and ask no faster than its Crawl-delay."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.obey = crawler.settings.getbool("ROBOTSTXT_OBEY")
        self.agent = token(crawler.settings["USER_AGENT"])
        self._asked: dict[str, asyncio.Future[RobotsRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware from ROBOTSTXT_OBEY and USER_AGENT."""
        return cls(crawler)

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of an address's origin names, as it names them, twenty at most.

        None of them where it was not read in this crawl, or can't be: an empty tuple.
        """
        read = self._asked.get(_place(url) or "")
        rules = read.result() if read is not None and read.done() and read.exception() is None else None
        return tuple(islice(rules.sitemaps, _MOST_SITEMAPS)) if isinstance(rules, Protego) else ()

    async def process_request(self, request: Request) -> None:
        """Let a request pass once its origin's rules are known.

        Raises EndedError: robots_denied (`unreachable …` where the rules can't be read), or what kept the origin itself
        from being reached.
        """
        place = _place(request.url)
        if not self.obey or place is None or for_robots(request):
            return
        if place not in self._asked:
            self._asked[place] = asyncio.ensure_future(self._rules(place))
        # Shielded: one request that is dropped must not take the answer from the others.
        rules = await asyncio.shield(self._asked[place])
        if isinstance(rules, EndedError):
            raise rules.again()
        if rules is not None:
            self._apply(rules, request)

    def _apply(self, rules: Protego, request: Request) -> None:
        if not rules.can_fetch(request.url, self.agent):
            raise EndedError("robots_denied", f"robots.txt forbids {request.url} to {self.agent}")
        delay = min(rules.crawl_delay(self.agent) or 0.0, LONGEST_DELAY)
        if delay > self.crawler.settings.getfloat("DOWNLOAD_DELAY"):
            self._slow(request, delay)

    def _slow(self, request: Request, delay: float) -> None:
        downloader: Any = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        # Scrapy forgets an idle slot after a minute, and AutoThrottle would lower its delay again.
        downloader.per_slot_settings[key] = {**downloader.per_slot_settings.get(key, {}), "delay": delay, "jitter": 0.0}
        request.meta["autothrottle_dont_adjust_delay"] = True
        if slot := downloader.slots.get(key):
            slot.delay, slot.jitter = max(slot.delay, delay), 0.0

    async def _rules(self, place: str) -> RobotsRules:
        found = await self._fetch(place)
        session: Any = getattr(self.crawler.spider, "session", None)
        if session is None or not isinstance(found, EndedError) or found.reason != "unreachable":
            return found
        before = kept(session.archive, place, session.clock() - FRESH)
        if before is None:
            return found
        at, answer = before
        _log.warning("%s; the answer of %s is obeyed", found.detail, at)
        return rules_of(answer)

    async def _fetch(self, place: str) -> RobotsRules:
        request = Request(place, priority=1000, callback=NO_CALLBACK, meta={"ask": Ask(url=place, kind="robots")})
        engine: Any = self.crawler.engine
        try:
            return rules_of(await engine.download_async(request))
        except EndedError as error:
            return _ended(error)
        except _UNANSWERED as error:
            return _unanswered(place, error)


def kept(archive: Archive, place: str, since: datetime) -> tuple[str, Response] | None:
    """Return (time, answer) of the newest robots.txt from `since` on that the archive holds, or None.

    Answers are told from failures as in `rules_of`; one that was met behind a redirect is not found. Raises as the
    store does.
    """
    found = memory.last_answer(archive.catalog.db, place, since)
    if found is None:
        return None
    status, at, where = found
    capture = warc.decode(archive.store.get_range(*where)) if where else None
    if capture is None or capture.status != status:
        return None
    with suppress(DecodingError):
        return at, Response(place, status=status, body=content(capture.body, codings(capture)))
    return None


def token(user_agent: str) -> str:
    """Return the product token by which robots.txt names a crawler (RFC 9309, 2.2.1): letters, `_` and `-`."""
    match = _TOKEN.match(user_agent)
    return match[0] if match else "*"


def rules_of(response: Response) -> RobotsRules:
    """Return what a robots.txt answer means: its rules, None where it allows all, or what ends every request."""
    if response.status == 429 or response.status >= 500:
        return _unreachable(f"{response.url} answered {response.status}")
    if not 200 <= response.status < 300:
        return None
    body = response.body
    if len(body) > READ:
        body = body[:READ]
        # Half a line would be a rule that nobody wrote.
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    return Protego.parse(body.decode("utf-8-sig", "replace"))


def _place(url: str) -> str | None:
    found = origin(url)
    if found is None:
        return None
    scheme, host, port = found
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{'' if port == PORTS[scheme] else f':{port}'}/robots.txt"


def _ended(error: EndedError) -> RobotsRules:
    if error.outcome in _SHARED:
        return error
    if error.reason == "redirect_loop":
        return None
    return _unreachable(f"robots.txt ended as {error.outcome}: {error.detail}")


def _unanswered(place: str, error: Exception) -> RobotsRules:
    detail = f"{place}: {' '.join(str(error).split())[:200]}"
    if isinstance(error, CannotResolveHostError):
        return EndedError("dns_error", detail)
    if isinstance(error, (DownloadConnectionRefusedError, ConnectError)):
        return EndedError("conn_error", detail)
    if isinstance(error, DownloadFailedError) and about_tls(detail):
        return EndedError("tls_error", detail)
    return _unreachable(detail or type(error).__name__)


def _unreachable(why: str) -> EndedError:
    return EndedError("robots_denied", f"unreachable: {why}", reason="unreachable")
