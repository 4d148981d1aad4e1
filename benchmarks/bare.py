"""Bare Scrapy: downloads a list of addresses with its own settings and does nothing with the answers."""

from collections.abc import AsyncIterator
from pathlib import Path

from scrapy import Request, Spider
from scrapy.http import Response


class Bare(Spider):
    """Ask for each address in a file of lines."""

    name = "bare"

    def __init__(self, addresses: str) -> None:
        super().__init__()
        self.urls = Path(addresses).read_text(encoding="utf-8").split()

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every address."""
        for url in self.urls:
            yield Request(url)

    def parse(self, response: Response) -> None:
        """Let the answer go."""
