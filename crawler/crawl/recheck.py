"""Which of the known articles are due, and which of these come first; when one is due is `archive.catalog.due`'s."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from archive.catalog import articles
from archive.catalog.articles import ArticleRow
from archive.catalog.due import wait_of
from archive.catalog.own import due_rows, own_rows
from archive.facts.names import instant


def due(known: Iterable[ArticleRow], now: datetime) -> list[tuple[datetime, ArticleRow]]:
    """Return (due since, article) of those due at `now`, the most overdue first.

    Overdue is measured by the article's own interval: twenty minutes weigh more for an article of this hour than a day
    for one of last year, so that a long queue never keeps the young ones waiting.
    """
    waiting = []
    for article in known:
        wait = wait_of(article)
        at = instant(article.last_look) + wait
        if at <= now:
            waiting.append(((at - now) / wait, int(article.article_id), at, article))
    return [(at, article) for *_, at, article in sorted(waiting, key=lambda row: row[:2])]


def chosen(db: articles.Db, wanted: str, now: datetime, budget: int) -> list[ArticleRow]:
    """Return the known articles that a crawl at `now` looks at again, by `recheck=`: of those due `budget` at most."""
    if wanted == "none":
        return []
    if wanted == "all":
        return list(own_rows(db))
    return [article for _, article in due(due_rows(db, now), now)[:budget]]


def backlog(db: articles.Db, now: datetime, budget: int) -> dict[str, Any]:
    """Return how many articles are due at `now`, for how long, and how many crawls of `budget` it takes, JSON-ready."""
    waiting = due(due_rows(db, now), now)
    return {
        "due": len(waiting),
        "longest_overdue_seconds": int((now - min(at for at, _ in waiting)).total_seconds()) if waiting else 0,
        "recheck_budget": budget,
        "crawls_to_catch_up": -(-len(waiting) // budget),
    }
