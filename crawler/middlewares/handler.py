"""Scrapy's HTTP handler, but for headers whose names no RFC allows: browsers show such a page, and so it is read."""

from typing import Any

from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler
from twisted.internet.interfaces import IAddress
from twisted.web.client import HTTPConnectionPool
from twisted.web.http_headers import InvalidHeaderName


class _Parser(http11._LenientHTTPClientParser):  # noqa: SLF001 - the seam that Scrapy has for it
    MAX_LENGTH = 2**19
    """Bytes of a line; Twisted's own 16 KiB lets a long policy or cookie end the page."""
    left = 2**22
    """Bytes of a head that are read yet."""

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take a header as it came, whatever its name; a blank before the colon is none of the name's."""
        self.left -= len(name) + len(value)
        if self.left < 0:
            self.lineLengthExceeded(name)  # type: ignore[no-untyped-call]
            return
        try:
            super().headerReceived(name.strip(), value)  # type: ignore[no-untyped-call]
        except InvalidHeaderName:
            if name.strip():
                # Nothing is asked for by such a name; it stays for the capture.
                self.headers._rawHeaders.setdefault(name, []).append(value)  # noqa: SLF001 - its methods refuse the name


class _Protocol(http11._LenientHTTP11ClientProtocol):  # noqa: SLF001 - as above
    def request(self, request: Any) -> Any:
        """Send a request, and read its answer by our parser."""
        found = super().request(request)
        assert self._parser is not None
        self._parser.__class__ = _Parser
        return found


class _Factory(http11._LenientHTTP11ClientFactory):  # noqa: SLF001 - as above
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: N802 - Twisted's name
        """Return the protocol of a new connection."""
        del addr
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class Handler(http11.HTTP11DownloadHandler):
    """What fetches http and https addresses."""

    _pool: HTTPConnectionPool

    def __init__(self, crawler: Crawler) -> None:
        """Make the pool of connections; as Scrapy's own, but for the parser."""
        super().__init__(crawler)
        self._pool._factory = _Factory  # noqa: SLF001 - as Scrapy does
