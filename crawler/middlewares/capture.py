"""Keep every exchange as it came over the wire: each answer goes to the spool before anything is made of it.

At order 800 each redirect, robots.txt and each retry arrives once, content coding still on. Scrapy gives neither the
reason phrase nor the headers' order and case, and drops Transfer-Encoding; DATA_FORMAT.md says so, nothing is invented.
"""

import asyncio
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.facts.canonical import digest
from archive.facts.items import Capture
from archive.facts.outcomes import Kind, Outcome
from crawler.crawl.ask import for_robots, way_of
from crawler.middlewares.ended import EndedError
from crawler.pages.wholeness import not_whole
from pipelines.look import Look

MOST_HEAD = 30 * 1024
"""Bytes of headers that an answer may have: readers of WARC files give up at 32 KiB, and on all that follows."""


_CONDITIONS = ("If-None-Match", "If-Modified-Since")


class CaptureMiddleware:
    """Spool answers, and hold requests back while commits lag behind."""

    def __init__(self, crawler: Crawler) -> None:
        self.spider: Any = crawler.spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware for a crawl; its spider holds the writer and the clock."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:  # noqa: ARG002 - Scrapy's signature
        """Wait while more than one batch is being committed: a slow store slows the crawl."""
        while (commit := self.spider.writer.behind) is not None:
            # Gathered, so that its error counts as seen here; the writer keeps it.
            await asyncio.gather(asyncio.wrap_future(commit), return_exceptions=True)
            self.spider.writer.turn()

    def process_response(self, request: Request, response: Response) -> Response:
        """Spool the exchange. A 304 has no payload of its own: it is a check, not a capture.

        Raises EndedError (http_error) for an answer of more than 30 KiB of headers, which is not kept, and for a 304
        that no condition asked for, which says nothing.
        """
        if response.status == 304:
            if not any(name in request.headers for name in _CONDITIONS):
                raise EndedError("http_error", f"{response.url} answered 304, though no condition was asked")
            return response
        capture = captured(request, response, self.spider)
        size = sum(len(name) + len(value) + 4 for name, value in capture.response_headers)
        if size > MOST_HEAD:
            raise EndedError("http_error", f"{response.url} answered {size} bytes of headers, at most {MOST_HEAD}")
        self.spider.writer.spool(capture)
        if for_robots(request):
            self._take_in(capture)
        else:
            way_of(request).hops.append(capture)
        return response

    def _take_in(self, capture: Capture) -> None:
        # Only robots.txt is asked for by nobody's callback.
        kind: Kind = "robots" if capture.url.endswith("/robots.txt") else "other"
        whole: Outcome = "unchanged" if capture.status == 200 else "http_error"
        outcome = "truncated" if not_whole(capture)[0] else whole
        self.spider.books.take_in(
            Look(
                url=capture.url,
                kind=kind,
                at=capture.captured_at,
                outcome=outcome,
                status=capture.status,
                capture=capture,
            )
        )


def captured(request: Request, response: Response, spider: Any) -> Capture:
    """Return the capture of one exchange as Scrapy gives it."""
    body = response.body
    return Capture(
        url=response.url,
        captured_at=spider.clock(),
        method=request.method,
        status=response.status,
        protocol=response.protocol or "HTTP/1.1",
        request_headers=_lines(request.headers),
        response_headers=_lines(response.headers),
        body=body,
        payload=digest(body),
        unbounded="partial" in response.flags,
        truncated="disconnect" if "dataloss" in response.flags else "",
        server_address=str(response.ip_address) if response.ip_address else None,
    )


def _lines(headers: Any) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name, value) for name, values in headers.items() for value in values)
