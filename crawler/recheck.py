"""When to look at a known article again: minutes in the first hours, then hours, days, weeks, months; never "never"."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from archive.ids import instant
from archive.lookup import Standing

# (age up to, interval): corrections come within hours, silent edits within weeks.
STEPS = (
    (timedelta(hours=2), timedelta(minutes=15)),
    (timedelta(hours=12), timedelta(hours=1)),
    (timedelta(days=2), timedelta(hours=4)),
    (timedelta(days=7), timedelta(hours=12)),
    (timedelta(days=30), timedelta(days=2)),
    (timedelta(days=180), timedelta(days=14)),
    (timedelta(days=730), timedelta(days=45)),
)
LAST_INTERVAL = timedelta(days=120)
_CONFIRM_GONE = timedelta(hours=6)


def interval(age: timedelta, *, edited_ago: timedelta | None = None) -> timedelta:
    """Return how long after a look the next is due, for an article of that age.

    An article that changed counts as young as the time since its last change, though at half its age at least.
    """
    felt = age if edited_ago is None else max(min(age, edited_ago), timedelta(0))
    return next((step for upto, step in STEPS if felt <= upto), LAST_INTERVAL)


def due_at(article: Standing) -> datetime:
    """Return the instant (UTC) from which the article is to be looked at again."""
    looked = instant(article.last_look)
    if article.state == "unread":
        return looked
    born = max(_instant(article.published), instant(article.first_seen) - timedelta(days=3650))
    edited_ago = looked - instant(article.edited_at) if article.edited_at else None
    wait = interval(max(looked - born, timedelta(0)), edited_ago=edited_ago)
    if article.state == "gone":
        wait = max(wait, _CONFIRM_GONE)
    return looked + wait


def _instant(text: str | None) -> datetime:
    return instant(text or "1970-01-01T00:00:00Z")


def due(articles: Iterable[Standing], now: datetime) -> list[Standing]:
    """Return the articles due at `now`, the most overdue first."""
    waiting = [(due_at(article), article) for article in articles]
    return [
        article for at, article in sorted(waiting, key=lambda pair: (pair[0], int(pair[1].article_id))) if at <= now
    ]
