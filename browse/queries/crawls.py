"""The last crawls, as their last commits tell of them."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from archive.catalog.articles import Db
from archive.catalog.crawls import ended


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFacts:
    """One crawl that ended."""

    crawl: str
    ended: str
    exit: int
    closed_by: str
    outcomes: dict[str, int]
    """Outcome to requests, over the whole crawl."""
    articles: dict[str, int]
    """The same of articles alone."""
    suspect: bool
    sections: int
    complete: int
    """Of the sections those that were walked whole."""


def last_crawls(db: Db, count: int) -> list[CrawlFacts]:
    """Return the crawls that ended last, the newest first."""
    return [_told(*one) for one in islice(ended(db), count)]


def _told(crawl: str, at: str, summary: dict[str, Any]) -> CrawlFacts:
    walked = _table(summary, "sections")
    return CrawlFacts(
        crawl=crawl, ended=at, exit=summary["exit"], closed_by=str(summary.get("closed_by", "")),
        outcomes=_counts(summary, "requests"), articles=_counts(summary, "articles"),
        suspect=bool(summary.get("suspect")), sections=len(walked),
        complete=sum(isinstance(walk, dict) and bool(walk.get("complete")) for walk in walked.values()),
    )  # fmt: skip


def _table(summary: dict[str, Any], name: str) -> dict[str, Any]:
    found = summary.get(name)
    return found if isinstance(found, dict) else {}


def _counts(summary: dict[str, Any], name: str) -> dict[str, int]:
    return {key: number for key, number in _table(summary, name).items() if isinstance(number, int)}
