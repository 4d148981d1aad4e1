"""What crawls left in the log: how they ended, as their last commits say, and the walks of sections."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from archive.catalog.articles import Db
from archive.facts.canonical import parse

_TALLIES = ("requests", "articles")
# A long replay's commits end no crawl: an index has those that do.
_ENDED = "SELECT crawl, committed_at, summary FROM commits WHERE instr(summary, '\"exit\":') ORDER BY seq DESC"


class EndedCrawl(NamedTuple):
    """A crawl that ended: its id, when its last commit was made (RFC 3339, UTC), and what that says."""

    crawl: str
    at: str
    summary: dict[str, Any]


def ended(db: Db) -> Iterator[EndedCrawl]:
    """Yield the crawls that ended, the newest first."""
    for crawl, at, text in db.execute(_ENDED):
        summary = parse(text)
        if isinstance(summary.get("exit"), int):
            yield EndedCrawl(crawl, at, summary)


def last_crawl(db: Db) -> dict[str, Any] | None:
    """Return the newest finished crawl: its id, when it was committed, its last commit's summary; None without one."""
    for crawl, at, summary in ended(db):
        told = {name: held for name in _TALLIES if isinstance(held := summary.get(name), dict)}
        rest = {name: value for name, value in summary.items() if name not in _TALLIES}
        return {**rest, "crawl": crawl, "at": at, "requests": {}, **told}
    return None


def walks(db: Db) -> list[dict[str, Any]]:
    """Return the last walk of each section: section, crawl, at, complete, pages."""
    rows = db.execute("SELECT section, crawl, at, complete, pages FROM walks ORDER BY section")
    return [
        {"section": s, "crawl": crawl, "at": at, "complete": bool(complete), "pages": pages}
        for s, crawl, at, complete, pages in rows
    ]


_LISTED = "listed "
"""Before a section's key in `counted`: how many articles its listing has named."""


def listed_name(section: str) -> str:
    """Return what `counted` calls the articles that a section's listing has named."""
    return f"{_LISTED}{section}"


def listed(db: Db) -> dict[str, int]:
    """Return how many articles each section's listing has named, by its key; of some no look may have asked yet."""
    rows = db.execute("SELECT name, number FROM counted WHERE name LIKE ? ORDER BY name", (f"{_LISTED}%",))
    return {name.removeprefix(_LISTED): number for name, number in rows}
