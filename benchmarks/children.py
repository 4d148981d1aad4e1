"""Crawls in processes of their own: ours, the naive spider, bare Scrapy; each is checked by the server's count.

A crawl that got fewer good answers than there are articles ends the benchmark: failing requests is quick.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive.log.chain import EMPTY, Commit, Log
from archive.stores.opening import open_store
from benchmarks.padded import Site
from benchmarks.stopwatch import SETTING

ROOT = Path(__file__).parent.parent
# Scrapy's own defaults, stated for ours, whose settings are polite.
HASTE = {
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "SECTION_PAGE_CAP": 10_000,
}
# What our settings spare a request, of Scrapy's defaults.
SPARING = {
    "CONCURRENT_ITEMS": 1,
    **dict.fromkeys(
        (
            "COOKIES_ENABLED", "REFERER_ENABLED", "METAREFRESH_ENABLED", "HTTPPROXY_ENABLED", "DOWNLOADER_STATS",
            "TELNETCONSOLE_ENABLED",
        ),
        False,
    ),
}  # fmt: skip


class Broken(Exception):
    """Raise where a crawl failed or got too few good answers: its time would mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One crawl measured, from the spider's opening to the end of its process."""

    seconds: float
    cpu: float
    started: float
    """Seconds from the start of the process to the first request,"""
    start_cpu: float
    """and of CPU until then."""
    whole_cpu: float
    """From the start of the process to its end."""
    peak_mb: float
    items: int
    asked: tuple[Mapping[str, Any], ...]
    """What the server noted of it."""

    @property
    def articles(self) -> int:
        """How many article pages were sent whole."""
        return sum(r["status"] == 200 and r["path"].startswith("/Detail/") for r in self.asked)


def measured(command: Sequence[str], settings: Mapping[str, Any], site: Site, folder: Path, *, cwd: Path) -> Run:
    """Run `scrapy` with these words and settings. Raises Broken with its last lines where it fails."""
    noted = folder / "stopwatch.json"
    common = {"EXTENSIONS": '{"benchmarks.stopwatch.Stopwatch": 0}', SETTING: noted, "LOG_LEVEL": "WARNING"}
    words = [word for name, value in (common | dict(settings)).items() for word in ("-s", f"{name}={value}")]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SCRAPY_")} | {"PYTHONPATH": str(ROOT)}
    before, start = len(site.asked()), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *command, *words],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if done.returncode or not noted.exists():
        raise Broken(f"scrapy {' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    told = json.loads(noted.read_text(encoding="utf-8"))
    return Run(
        seconds=told["ended"] - told["opened"],
        cpu=told["ended_cpu"] - told["opened_cpu"],
        started=told["asked"] - start,
        start_cpu=told["asked_cpu"],
        whole_cpu=told["ended_cpu"],
        peak_mb=told["peak_mb"],
        items=told["counts"]["item_scraped_count"],
        asked=tuple(site.asked()[before:]),
    )


def places(folder: Path) -> dict[str, Any]:
    """Return the settings that put an archive, its catalog and its spool below a folder."""
    return {
        "ARCHIVE_URI": f"file:{folder}/archive",
        "CATALOG_PATH": folder / "catalog.sqlite",
        "SPOOL_DIR": folder / "spool",
    }


def ours(site: Site, folder: Path, *arguments: str) -> Run:
    """Crawl by our spider into an archive below `folder`; arguments as `sections=continu`. Items are its records."""
    words = [word for argument in (f"outlet={site.url}", *arguments) for word in ("-a", argument)]
    run = measured(["crawl", "presstv", *words], HASTE | places(folder), site, folder, cwd=ROOT)
    return replace(run, items=sum(s.lines for c in commits(folder) for s in c.segments if s.kind == "records"))


def commits(folder: Path) -> list[Commit]:
    """Return the commits of the archive below a folder."""
    return list(Log(open_store(f"file:{folder}/archive")).after(EMPTY))


def naive(site: Site, folder: Path) -> Run:
    """Crawl by the naive archiver, from the same listing."""
    words = ["runspider", str(ROOT / "benchmarks/naive.py"), "-a", f"base={site.url}", "-a", f"warc={folder}/naive.gz"]
    return whole(measured(words, {"TELNETCONSOLE_ENABLED": False}, site, folder, cwd=folder), site, "the naive spider")


def least(site: Site, folder: Path, *, fields: bool) -> Run:
    """Crawl by the least that keeps and parses each page, and with `fields` reads the naive archiver's eight."""
    words = ["runspider", str(ROOT / "benchmarks/least.py"), "-a", f"base={site.url}", "-a", f"warc={folder}/least.gz"]
    words += ["-a", "fields=8"] if fields else []
    return whole(measured(words, SPARING, site, folder, cwd=folder), site, "the least spider")


def bare(site: Site, folder: Path, paths: Sequence[str]) -> Run:
    """Download these paths by bare Scrapy."""
    addresses = folder / "addresses.txt"
    addresses.write_text("".join(f"{site.url}{path}\n" for path in paths), encoding="utf-8")
    words = ["runspider", str(ROOT / "benchmarks/bare.py"), "-a", f"addresses={addresses}"]
    return measured(words, {"TELNETCONSOLE_ENABLED": False}, site, folder, cwd=folder)


def whole(run: Run, site: Site, who: str) -> Run:
    """Return the run. Raises Broken where it did not get, and read, every article of the site."""
    if run.articles != site.articles or run.items < site.articles:
        raise Broken(f"{who} got {run.articles} and read {run.items} of {site.articles} articles: nothing to compare")
    return run


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)
