"""Try again: Retry-After is honoured, other failures wait longer each time, with jitter."""

import asyncio
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import retry
from scrapy.http import Response

from crawler.middlewares.outcomes import EndedError


def wait_named(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, section 10.2.3); None for what says nothing."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return seconds if seconds > 0 else None


class RetryMiddleware(retry.RetryMiddleware):
    """Scrapy's retries, spaced out."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.cap = settings.getint("RETRY_AFTER_CAP")
        self.base = settings.getfloat("RETRY_BACKOFF_BASE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware from RETRY_TIMES, RETRY_AFTER_CAP and RETRY_BACKOFF_BASE."""
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Wait as long as the answer asks for, then ask again. Raises EndedError for a wait over the cap."""
        result = super().process_response(request, response)
        if isinstance(result, Request):
            spider: Any = self.crawler.spider
            named = wait_named((response.headers.get("Retry-After") or b"").decode("latin-1") or None, spider.clock())
            if named is not None and named > self.cap:
                raise EndedError("http_error", f"Retry-After {int(named)} s is over RETRY_AFTER_CAP")
            await self._wait(request, named)
        return result

    async def _wait(self, request: Request, named: float | None) -> None:
        tries = request.meta.get("retry_times", 0)
        spread = random.random() * self.base * 2**tries  # noqa: S311 - jitter, not a secret
        await asyncio.sleep(named if named is not None else spread)
