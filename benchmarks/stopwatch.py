"""A Scrapy extension that notes when a crawl opened, first asked and ended, what CPU it took, and its peak memory.

It goes into our crawl and into the yardsticks alike. The end is the interpreter's own, so commits that are written
after the spider closed count. Linux only: the peak is VmHWM of /proc, since ru_maxrss may be the parent's.
"""

import atexit
import json
import re
import time
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

SETTING = "STOPWATCH_FILE"
COUNTED = ("item_scraped_count", "response_received_count", "downloader/request_count")


class Stopwatch:
    """Write one JSON object to STOPWATCH_FILE when the process ends; times are seconds of the monotonic clock."""

    def __init__(self, crawler: Crawler, path: Path) -> None:
        self.crawler, self.path = crawler, path
        self.noted: dict[str, float] = {}
        crawler.signals.connect(self.opened, signal=signals.spider_opened)
        crawler.signals.connect(self.asked, signal=signals.request_reached_downloader)
        atexit.register(self.write)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the extension; without STOPWATCH_FILE it stays away."""
        if not (path := crawler.settings.get(SETTING)):
            raise NotConfigured
        return cls(crawler, Path(path))

    def opened(self) -> None:
        self.noted |= {"opened": time.monotonic(), "opened_cpu": time.process_time()}

    def asked(self) -> None:
        if "asked" not in self.noted:
            self.noted |= {"asked": time.monotonic(), "asked_cpu": time.process_time()}

    def write(self) -> None:
        ended = {"ended": time.monotonic(), "ended_cpu": time.process_time(), "peak_mb": peak_mb()}
        stats = self.crawler.stats.get_stats() if self.crawler.stats else {}
        counts = {name: stats.get(name, 0) for name in COUNTED}
        self.path.write_text(json.dumps(self.noted | ended | {"counts": counts}), encoding="utf-8")


def peak_mb() -> float:
    """Return the most memory that this process ever held resident, in megabytes of 10^6 bytes."""
    return told_mb("VmHWM", "self")


def told_mb(line: str, process: int | str) -> float:
    """Return what Linux tells of a process's memory (proc(5), status) under a name, in megabytes of 10^6 bytes."""
    found = re.search(rf"{line}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    return int(found[1]) * 1024 / 1e6 if found else 0.0
