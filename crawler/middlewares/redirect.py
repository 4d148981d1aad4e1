"""Follow redirects on the outlet only, and end the others with a word; Scrapy drops them without one.

A redirect of any page to the front page is not followed: the callback gets the 3xx response itself, with
`led_home` true on its way, and judges whether the page was removed. The duplicate filter is passed by, since it
would swallow a target that was asked before, and the outcome with it; chains are bounded by REDIRECT_MAX_TIMES.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import redirect
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.crawl.ask import for_robots, way_of
from crawler.middlewares.ended import EndedError
from crawler.middlewares.guard import Policy, policy_of
from crawler.net.origins import origin, same_origin
from crawler.net.redirects import REDIRECTS, is_home, led_to


class RedirectMiddleware(redirect.RedirectMiddleware):
    """Scrapy's redirects, kept to the outlet."""

    policy: Policy
    longest: int

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware from REDIRECT_MAX_TIMES, URLLENGTH_LIMIT and the guard's policy."""
        made = cls(crawler.settings)
        made.crawler, made.policy = crawler, policy_of(crawler.settings)
        made.longest = crawler.settings.getint("URLLENGTH_LIMIT")
        return made

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the request that follows, or the response where nothing is to be followed.

        Raises EndedError: redirected_offsite or ssrf_blocked with the target, http_error for a loop or a Location that
        is no address, filtered for one too long.
        """
        place = response.headers.get("Location")
        if response.status not in REDIRECTS or place is None or request.meta.get("dont_redirect"):
            return response
        target = self._target(request, place)
        self._judge(request, target)
        if is_home(target) and not is_home(request.url):
            way_of(request).led_home = True
            return response
        if target in (request.url, *request.meta.get("redirect_urls", ())):
            raise EndedError("http_error", f"redirect_loop at {target}", reason="redirect_loop")
        return self._followed(request, response, target)

    def _target(self, request: Request, place: bytes) -> str:
        try:
            own = next((base for base in self.policy.bases if same_origin(request.url, base)), None)
            return led_to(request.url, place, hosts=self.policy.hosts, own=own)
        except ValueError as error:
            raise EndedError("http_error", f"redirect to {place[:200]!r}, which is no address") from error

    def _judge(self, request: Request, target: str) -> None:
        if origin(target) is None:
            raise EndedError("redirected_offsite", target[:2083])
        if error := self.policy.refusal(target, any_host=for_robots(request)):
            raise error
        if self.longest and len(target) > self.longest:
            raise EndedError("filtered", f"redirect to an address of {len(target)} characters: {target[:200]}")

    def _followed(self, request: Request, response: Response, target: str) -> Request:
        try:
            followed = self._build_redirect_request(request, response, url=target)
            followed = self._redirect(followed, request, response.status)
        except IgnoreRequest as error:
            detail = f"redirect_loop: more than {self.max_redirect_times} hops, the next would be {target}"
            raise EndedError("http_error", detail, reason="redirect_loop") from error
        followed.dont_filter = True
        # Another host has a queue and a delay of its own.
        followed.meta.pop("download_slot", None)
        return followed
