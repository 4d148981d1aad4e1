"""Take the content coding off, strictly: a body that is not whole is asked for again and never read.

Only gzip and deflate are asked for: any reader of the archive has them at hand; brotli and zstd are read when sent.
"""

from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.responsetypes import responsetypes

from archive.facts.outcomes import Reason
from crawler.middlewares.ended import EndedError
from crawler.middlewares.retry import again
from crawler.pages import decoding
from crawler.pages.wholeness import DISCONNECTED


class EncodingMiddleware:
    """Stand in the place of HttpCompressionMiddleware, which reads a cut gzip body without a word."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware; DOWNLOAD_MAXSIZE bounds, in bytes, what a body may grow to."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say which codings are wanted."""
        request.headers.setdefault("Accept-Encoding", "gzip, deflate")

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response decoded, or the request again where its body was cut.

        Raises EndedError: truncated once retries are used up, bomb, http_error for a coding that is not known.
        """
        codings = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
        try:
            body, issues = decoding.unpack(response.body, codings, self.limit)
        except decoding.Truncated as error:
            return self._again(request, "packing", str(error))
        except decoding.DecodingError as error:
            raise EndedError(decoding.ended(error, codings), f"{request.url}: {error}") from error
        if "dataloss" in response.flags and not decoding.proves_end(response.body, codings, issues):
            return self._again(request, *DISCONNECTED)
        return _replaced(response, body, issues) if codings and response.body else response

    def _again(self, request: Request, reason: Reason, why: str) -> Request:
        assert self.crawler.spider is not None
        retried = again(request, spider=self.crawler.spider, reason="truncated")
        if retried is None:
            raise EndedError("truncated", f"{request.url}: {why}", reason=reason)
        return retried


def _replaced(response: Response, body: bytes, issues: tuple[str, ...]) -> Response:
    # The capture has its own; this response ends here.
    headers = response.headers
    del headers["Content-Encoding"]
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    # The encoding guessed from the compressed bytes means nothing for the text.
    fresh: dict[str, Any] = {"encoding": None} if issubclass(kind, TextResponse) else {}
    return response.replace(cls=kind, body=body, headers=headers, flags=[*response.flags, *issues], **fresh)
