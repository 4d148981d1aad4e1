"""Follow redirects on the outlet only, and say where the others led; Scrapy drops them without a word."""

from typing import Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import redirect
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.middlewares.guard import allowed
from crawler.middlewares.outcomes import EndedError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class RedirectMiddleware(redirect.RedirectMiddleware):
    """Scrapy's redirects within the outlet; one to the front page is handed to the callback unfollowed."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware."""
        made = super().from_crawler(crawler)
        made.base = crawler.settings.get("OUTLET_BASE") or ""  # type: ignore[attr-defined]
        return made

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the request that follows, or the response. Raises EndedError off the outlet and for a loop."""
        place = response.headers.get("Location")
        if response.status not in _REDIRECTS or place is None:
            return response
        target = urljoin(response.url, place.decode("utf-8", "replace"))
        if not allowed(target, self.base):  # type: ignore[attr-defined]
            raise EndedError("redirected_offsite", target)
        if request.meta.get("kind") == "article" and urlsplit(target).path in ("", "/"):
            request.meta["redirected_home"] = True
            return response
        if target in (request.url, *request.meta.get("redirect_urls", ())):
            raise EndedError("http_error", f"redirect_loop at {target}")
        try:
            followed = super().process_response(request, response)
        except IgnoreRequest as error:
            raise EndedError("http_error", f"redirect_loop: more than {self.max_redirect_times} hops") from error
        # The duplicate filter would swallow a target that was asked before, and its outcome with it.
        return followed.replace(dont_filter=True) if isinstance(followed, Request) else followed
