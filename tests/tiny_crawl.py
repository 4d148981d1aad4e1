"""A crawl of a few addresses in a process of its own (a reactor can't be started twice); prints what came of each.

The settings are the project's, less what needs an archive; waits are nil unless a test sets them.
"""

import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response, TextResponse

from crawler.crawl.ask import way_of
from settings import base
from tests import loaded
from tests.project import environment

_OURS: dict[str, Any] = {name: value for name, value in vars(base).items() if name.isupper()}
_QUIET: dict[str, Any] = {
    "ITEM_PIPELINES": {},
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
    "CRAWLER_CONTACT": "",
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_TIMEOUT": 20,
    "LOG_LEVEL": "ERROR",
    "LOG_FORMATTER": "scrapy.logformatter.LogFormatter",
    "RETRY_BACKOFF_BASE": 0,
    "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
    "BREAKER_PAUSE": 0,
    "ROBOTSTXT_OBEY": False,
    "HTTPPROXY_ENABLED": False,
}
CAPTURE = "crawler.middlewares.capture.CaptureMiddleware"
GUARD = "crawler.middlewares.guard.GuardMiddleware"
OPEN = {"TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingThreadedResolver", "without": [GUARD]}
"""Settings for a crawl that may ask several loopback addresses."""


class Seen(dict[str, Any]):
    """What came of each address asked: `crawl(…)["/path"]`; the crawl's stats are in `stats`."""

    stats: dict[str, Any]


def crawl(asked: Sequence[str], *, names: Mapping[str, Sequence[str]] | None = None, **settings: Any) -> Seen:
    """Crawl some addresses and return, by address, a dict with `how` (callback or errback) and what it was given.

    `names` are host names and the addresses that the machine's resolver shall give for them; none: the name is unknown.
    """
    task = {"asked": list(asked), "names": names or {}, "settings": settings}
    done = loaded.run([sys.executable, "-m", "tests.tiny_crawl"], env=environment(), told=json.dumps(task), seconds=90)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    seen = Seen()
    for event in said["events"]:
        assert event["asked"] not in seen, f"two ends for {event['asked']}"
        seen[event["asked"]] = event
    seen.stats = said["stats"]
    seen.stats["stderr"] = done.stderr
    return seen


class Tiny(scrapy.Spider):
    """Ask each address once and note what it came to."""

    name = "tiny"
    events: list[dict[str, Any]]
    asked: list[str]

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for every address."""
        for url in self.asked:
            yield scrapy.Request(url, callback=self.seen, errback=self.failed, meta={"asked": url})

    def seen(self, response: Response) -> None:
        """Note a response."""
        self.events.append(
            {
                "asked": response.meta["asked"],
                "how": "callback",
                "url": response.url,
                "status": response.status,
                "text": response.text[:200] if isinstance(response, TextResponse) else None,
                "size": len(response.body),
                "flags": response.flags,
                "encoding": response.headers.get("Content-Encoding", b"").decode(),
                "home": way_of(response).led_home,
                "hops": response.meta.get("redirect_urls", []),
                "listening": _listening(),
            }
        )

    def failed(self, failure: Any) -> None:
        """Note an exception."""
        error = failure.value
        self.events.append(
            {
                "asked": failure.request.meta["asked"],
                "how": "errback",
                "error": type(error).__name__,
                "outcome": getattr(error, "outcome", None),
                "detail": getattr(error, "detail", str(error)),
            }
        )


def _listening() -> list[str]:
    ours = {link.readlink().name for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()]
    # Column 3 is the state (0A: listening), column 9 the inode, as proc(5) has it.
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in ours]


def _name(names: Mapping[str, Sequence[str]]) -> None:
    system = socket.getaddrinfo

    def answer(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in names:
            return system(host, port, *args, **kwargs)
        if not names[host]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in names[host]]

    socket.getaddrinfo = answer


def _main() -> None:
    task = json.load(sys.stdin)
    without = task["settings"].pop("without", [])
    order = {**_OURS["DOWNLOADER_MIDDLEWARES"], CAPTURE: None, **dict.fromkeys(without)}
    settings = {**_OURS, **_QUIET, "DOWNLOADER_MIDDLEWARES": order, **task["settings"]}
    _name(task["names"])
    events: list[dict[str, Any]] = []
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Tiny)
    process.crawl(crawler, asked=task["asked"], events=events)
    process.start()
    json.dump({"events": events, "stats": crawler.stats.get_stats()}, sys.stdout, default=str)


if __name__ == "__main__":
    _main()
