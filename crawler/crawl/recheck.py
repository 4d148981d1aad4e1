"""When to look at a known article again: minutes in the first hours, then hours, days, weeks, months; never "never"."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zlib import crc32

from archive.catalog import articles
from archive.catalog.articles import ArticleRow
from archive.catalog.life import REMOVAL_APART
from archive.catalog.own import own_rows
from archive.facts.names import instant

# (age up to, interval): corrections come within hours, silent edits within weeks.
STEPS = (
    # Less than the quarter of an hour between two crawls, or each second crawl would come a second too early.
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(hours=12), timedelta(hours=1)),
    (timedelta(days=2), timedelta(hours=4)),
    (timedelta(days=7), timedelta(hours=12)),
    (timedelta(days=30), timedelta(days=2)),
    (timedelta(days=180), timedelta(days=14)),
    (timedelta(days=730), timedelta(days=45)),
)
LAST_INTERVAL = timedelta(days=120)
SPREAD = 0.1
"""How much sooner or later than its interval an article may be due."""
ABSENT = frozenset({"gone", "removed"})


def interval(age: timedelta, *, edited_ago: timedelta | None = None) -> timedelta:
    """Return how long after a look the next is due, for an article of that age, before it is spread.

    One that changed counts as young as the time since its last change, and once that is long ago it is still looked at
    twice as often as its like: who edits once edits again.
    """
    if edited_ago is None:
        return _step(age)
    return max(min(_step(edited_ago), _step(age) / 2), STEPS[0][1])


def _step(age: timedelta) -> timedelta:
    return next((step for upto, step in STEPS if age <= upto), LAST_INTERVAL)


def spread(wait: timedelta, article_id: str) -> timedelta:
    """Return an interval made up to a tenth shorter or longer, always alike for one article.

    Articles that were taken in by one crawl so part ways, and no later crawl has them all at once.
    """
    share = crc32(article_id.encode()) / 0xFFFFFFFF
    return wait * (1 + SPREAD * (2 * share - 1))


def wait_of(article: ArticleRow, absent_since: str | None = None) -> timedelta:
    """Return how long after an article's last look the next is due, spread.

    `absent_since` is the first look (RFC 3339) that found an absent article gone: a second one, hours later, makes it a
    removal, and from then on it counts as young as its absence, since what is restored is restored soon. One that was
    never read counts as young as its first sight.
    """
    looked = instant(article.last_look)
    if article.state in ABSENT:
        away = looked - instant(absent_since or article.last_look)
        step = REMOVAL_APART if away < REMOVAL_APART else max(interval(away), REMOVAL_APART)
        return max(spread(step, article.article_id), REMOVAL_APART)
    born = instant(article.first_seen if article.state == "unread" else article.published or article.first_seen)
    edited_ago = looked - instant(article.edited_at) if article.edited_at else None
    return spread(interval(looked - born, edited_ago=edited_ago), article.article_id)


def due_at(article: ArticleRow, absent_since: str | None = None) -> datetime:
    """Return the instant (UTC) from which the article is to be looked at again; see `wait_of`."""
    return instant(article.last_look) + wait_of(article, absent_since)


def due(
    known: Iterable[ArticleRow], now: datetime, absent_since: Callable[[str], str | None]
) -> list[tuple[datetime, ArticleRow]]:
    """Return (due since, article) of those due at `now`, the most overdue first.

    Overdue is measured by the article's own interval: twenty minutes weigh more for an article of this hour than a day
    for one of last year, so that a long queue never keeps the young ones waiting. `absent_since` gives, by article
    number, the first look that found it gone.
    """
    waiting = []
    for article in known:
        wait = wait_of(article, absent_since(article.article_id) if article.state in ABSENT else None)
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
    return [article for _, article in due(own_rows(db), now, partial(articles.absent_since, db))[:budget]]


def backlog(db: articles.Db, now: datetime, budget: int) -> dict[str, Any]:
    """Return how many articles are due at `now`, for how long, and how many crawls of `budget` it takes, JSON-ready."""
    waiting = due(own_rows(db), now, partial(articles.absent_since, db))
    return {
        "due": len(waiting),
        "longest_overdue_seconds": int((now - min(at for at, _ in waiting)).total_seconds()) if waiting else 0,
        "recheck_budget": budget,
        "crawls_to_catch_up": -(-len(waiting) // budget),
    }
