"""When to look at a known article again: minutes in the first hours, then hours, days, weeks, months; never "never"."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from archive.ids import instant
from archive.life import REMOVAL_APART
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
ABSENT = frozenset({"gone", "removed"})
_ABSENT = frozenset({"gone", "removed"})


def interval(age: timedelta, *, edited_ago: timedelta | None = None) -> timedelta:
    """Return how long after a look the next is due, for an article of that age.

    One that changed counts as young as the time since its last change.
    """
    felt = age if edited_ago is None else min(age, edited_ago)
    return next((step for upto, step in STEPS if felt <= upto), LAST_INTERVAL)


def due_at(article: Standing, absent_since: str | None = None) -> datetime:
    """Return the instant (UTC) from which the article is to be looked at again.

    `absent_since` is the first look (RFC 3339) that found an absent article gone: a second one, hours later, makes it a
    removal, and from then on it counts as young as its absence, since what is restored is restored soon.
    """
    looked = instant(article.last_look)
    if article.state == "unread":
        return looked
    if article.state in _ABSENT:
        away = looked - instant(absent_since or article.last_look)
        return looked + (REMOVAL_APART if away < REMOVAL_APART else max(interval(away), REMOVAL_APART))
    born = instant(article.published or article.first_seen)
    edited_ago = looked - instant(article.edited_at) if article.edited_at else None
    return looked + interval(looked - born, edited_ago=edited_ago)


def due(
    articles: Iterable[Standing], now: datetime, absent_since: Callable[[str], str | None]
) -> list[tuple[datetime, Standing]]:
    """Return (due since, article) of those due at `now`, the most overdue first.

    `absent_since` gives, by article number, the first look that found it gone.
    """
    waiting = [
        (due_at(article, absent_since(article.article_id) if article.state in _ABSENT else None), article)
        for article in articles
    ]
    return sorted(
        ((at, article) for at, article in waiting if at <= now), key=lambda pair: (pair[0], int(pair[1].article_id))
    )
