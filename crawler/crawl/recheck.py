"""Which of the known articles are due, and which of these come first; when one is due is `archive.catalog.due`'s."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import nsmallest
from typing import Any

from archive.catalog import own
from archive.catalog.articles import ArticleRow, Db
from archive.facts.names import instant


def most_overdue(known: Iterable[tuple[int, str, str]], now: datetime, most: int) -> list[int]:
    """Return so many of the articles (number, last look, since when it is due) that are due at `now`, in their order.

    The most overdue comes first, by the article's own interval: twenty minutes weigh more for an article of this hour
    than a day for one of last year, so that a long queue never keeps the young ones waiting. Equals go by number.
    """

    def waits(article: tuple[int, str, str]) -> tuple[float, int]:
        number, looked, since = article
        at = instant(since)
        return (at - now) / (at - instant(looked)), number

    return [number for number, *_ in nsmallest(most, known, key=waits)]


def chosen(db: Db, wanted: str, now: datetime, budget: int) -> Iterator[ArticleRow]:
    """Yield the known articles that a crawl at `now` looks at again, by `recheck=`: of those due `budget` at most."""
    if wanted == "all":
        yield from own.own_rows(db)
    elif wanted == "due":
        for number in most_overdue(own.due(db, now), now, budget):
            yield own.own_row(db, str(number))


def backlog(db: Db, now: datetime, budget: int) -> dict[str, Any]:
    """Return how many articles are due at `now`, for how long, and how many crawls of `budget` it takes, JSON-ready."""
    count, first = own.due_since(db, now)
    return {
        "due": count,
        "longest_overdue_seconds": int((now - first).total_seconds()) if first else 0,
        "recheck_budget": budget,
        "crawls_to_catch_up": -(-count // budget),
    }
