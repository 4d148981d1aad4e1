"""Follow a meta refresh from an article's address to another of the same article, as a redirect is followed.

Any other is left to the judge of the answer (`crawler/pages/outcome.py`). Scrapy's own would follow each of them.
"""

from functools import partial
from http import HTTPStatus
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.crawl.ask import Ask, way_of
from crawler.editions.edition import Edition
from crawler.editions.known import edition_named
from crawler.middlewares.apart import read_apart
from crawler.middlewares.redirect import RedirectMiddleware
from crawler.pages.onward import leads_to


class RefreshMiddleware(RedirectMiddleware):
    """Redirects by a page's own word; it stands where bodies are decoded."""

    edition: Edition

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware as that of redirects is made, and from EDITION."""
        made = super().from_crawler(crawler)
        made.edition = edition_named(str(crawler.settings["EDITION"]))
        return made

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request that follows, or the response where nothing is to be followed.

        Raises EndedError as for a redirect.
        """
        ask: Ask | None = request.meta.get("ask")
        hops = way_of(request).hops if ask is not None and ask.article_id else []
        if ask is None or not hops or response.status != HTTPStatus.OK:
            return response
        reading = partial(leads_to, hops[-1], self.edition, response.body)
        place = await read_apart(len(response.body), reading)
        target = self._target(request, place.encode()) if place else request.url
        if target in (request.url, *request.meta.get("redirect_urls", ())):
            return response
        if self.edition.article_id(target) != ask.article_id:
            return response
        self._judge(request, target)
        return self._followed(request, response, target)
