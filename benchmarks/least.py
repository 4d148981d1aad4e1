"""The least that a crawl by Scrapy costs which reads and keeps: the naive spider with our packing and settings.

It keeps each answer by `archive.warc` and has its page parsed by parsel; with `fields` the eight of the naive one are
read, else its title. No digest of a text, no date, no version, no commit.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from scrapy.http import Response

from archive.facts.items import Capture
from archive.warc import warc
from benchmarks.naive import FIELDS, Naive

_TITLE = {"headline": "/html/head/title/text()"}


class Least(Naive):
    """Walk one listing to its end and keep what it lists."""

    name = "least"
    fields = ""

    def article(self, response: Response) -> Iterator[dict[str, str]]:
        """Keep one page; its item has what is read."""
        self.keep(response)
        read = FIELDS if self.fields else _TITLE
        yield {name: " ".join(response.xpath(path).getall()).strip() for name, path in read.items()}

    def keep(self, response: Response) -> None:
        """Keep an answer as one record of WARC."""
        lines = tuple((name, value) for name, values in response.headers.items() for value in values)
        kept = Capture(
            url=response.url, captured_at=datetime.now(UTC), status=response.status, response_headers=lines,
            body=response.body, payload="",
        )  # fmt: skip
        self.file.write(warc.encode(kept))
