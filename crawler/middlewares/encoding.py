"""Take the content coding off, strictly: a body that is cut is asked for again and never read."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from crawler import decoding
from crawler.middlewares.outcomes import EndedError


class EncodingMiddleware:
    """Stands in the place of HttpCompressionMiddleware, which reads a cut gzip body without a word."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware; DOWNLOAD_MAXSIZE bounds what a body may grow to."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say which codings can be read back."""
        request.headers.setdefault("Accept-Encoding", "gzip, deflate")

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response decoded, or the request again where its body was cut."""
        names = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        codings = [name.strip().lower() for name in names.split(",") if name.strip()]
        if not codings or not response.body:
            return response
        try:
            body = decoding.content(response.body, codings, self.limit)
        except decoding.Truncated as error:
            again = get_retry_request(request, spider=self.crawler.spider, reason="truncated")  # type: ignore[arg-type]
            if again is None:
                raise EndedError("truncated", str(error)) from error
            return again
        except decoding.TooLarge as error:
            raise EndedError("bomb", str(error)) from error
        except decoding.UnknownCoding as error:
            raise EndedError("http_error", str(error)) from error
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return response.replace(body=body, headers=headers, cls=kind)
