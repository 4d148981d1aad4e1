"""robots.txt as RFC 9309 says: 4xx allows all, 5xx or no answer forbids all, 500 KiB are read."""

from typing import Any, Self

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.middlewares.outcomes import EndedError

_READ = 500 * 1024


class RobotsMiddleware:
    """Ask each origin's robots.txt once, and refuse what it forbids."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.agent = crawler.settings["USER_AGENT"]
        self._rules: dict[str, Protego | str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise EndedError where the page is forbidden, or where nothing is known of what is allowed."""
        if request.meta.get("robots") or not self.crawler.settings.getbool("ROBOTSTXT_OBEY"):
            return
        parts = urlparse_cached(request)
        place = f"{parts.scheme}://{parts.netloc}/robots.txt"
        if place not in self._rules:
            self._rules[place] = await self._fetched(place)
        rules = self._rules[place]
        if isinstance(rules, str):
            if rules:
                raise EndedError(*rules.split(" ", 1))
            return
        if not rules.can_fetch(request.url, self.agent):
            raise EndedError("robots_denied", f"robots.txt of {parts.netloc} forbids it")

    async def _fetched(self, place: str) -> Protego | str:
        request = Request(place, priority=1000, callback=NO_CALLBACK, meta={"robots": True})
        engine: Any = self.crawler.engine
        try:
            response = await engine.download_async(request)
        except IgnoreRequest as error:
            return f"robots_denied {error}"
        except Exception as error:  # noqa: BLE001 - whatever kept it from answering, all is forbidden
            return f"conn_error robots.txt did not answer: {type(error).__name__} {error}"
        if response.status >= 500:
            return f"robots_denied robots.txt answered {response.status}"
        if response.status >= 300:
            return ""
        return Protego.parse(response.body[:_READ].decode("utf-8-sig", "replace"))
