"""The naive archiver to beat: eight fields by parsel, each page into a WARC by warcio, no versions, no commits.

Run by `scrapy runspider` with Scrapy's own settings. Like many of its kind it keeps the answer only, decoded.
"""

from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

LISTING = "/Section/33013"
FIELDS = {
    "headline": "//h1[@class='news-title-container']//text() | //h2[@class='page-header']//text()",
    "kicker": "//span[@class='rotitr']//text() | //h3[@class='page-kicker']//text()",
    "date": "//time[@class='news-detail']//text() | //div[@class='item-date']//text()",
    "byline": "//div[@class='news-author']//text() | //div[@class='item-author']//text()",
    "lead": "//p[@class='lead']//text() | //meta[@property='og:description']/@content",
    "body": "//div[@class='news-body-container']//p//text() | //div[starts-with(@class, 'item-')]//p//text()",
    "captions": "//figcaption//text()",
    "sections": "//div[@class='breadcrumb']//text()",
}


class Naive(Spider):
    """Walk one listing to its end and archive what it lists."""

    name = "naive"
    base: str
    warc: str

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.file = Path(self.warc).open("wb")  # noqa: SIM115 - closed in `closed`
        self.writer = WARCWriter(self.file, gzip=True)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the listing."""
        yield Request(self.base + LISTING, callback=self.listing)

    def listing(self, response: Response) -> Iterator[Request]:
        """Ask for each article and for the next page."""
        yield from response.follow_all(response.xpath("//a[@class='hover-effect']/@href").getall(), self.article)
        yield from response.follow_all(response.xpath("//li[@class='next']/a/@href").getall(), self.listing)

    def article(self, response: Response) -> Iterator[dict[str, str]]:
        """Archive one page; an item is yielded only where headline and body were found."""
        self.keep(response)
        fields = {name: " ".join(response.xpath(path).getall()).strip() for name, path in FIELDS.items()}
        if fields["headline"] and fields["body"]:
            yield fields

    def keep(self, response: Response) -> None:
        # The length named was that of the compressed body, which is gone.
        lines = [(k, v) for k, values in response.headers.items() for v in values if k != b"Content-Length"]
        headers = StatusAndHeaders(f"{response.status} OK", [(k.decode(), v.decode()) for k, v in lines], "HTTP/1.1")
        self.writer.write_record(
            self.writer.create_warc_record(response.url, "response", BytesIO(response.body), http_headers=headers)
        )

    def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy gives it
        """Close the WARC."""
        self.file.close()
