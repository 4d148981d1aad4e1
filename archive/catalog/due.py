"""When to look at a known article again: minutes in the first hours, then hours, days, weeks, months; never "never"."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zlib import crc32

from archive.catalog.articles import ArticleRow
from archive.catalog.life import REMOVAL_APART
from archive.facts.names import instant
from archive.facts.outcomes import State

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
ABSENT: frozenset[State] = frozenset({"gone", "removed"})
_LAST = datetime.max.replace(tzinfo=UTC)


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


def wait_of(article: ArticleRow) -> timedelta:
    """Return how long after an article's last look the next is due, spread.

    Of an absent one a second look, hours after the first, makes it a removal, and from then on it counts as young as
    its absence, since what is restored is restored soon. One that was never read counts as young as its first sight.
    """
    looked = instant(article.last_look)
    if article.state in ABSENT:
        away = looked - instant(article.absent_from or article.last_look)
        step = REMOVAL_APART if away < REMOVAL_APART else max(interval(away), REMOVAL_APART)
        return max(spread(step, article.article_id), REMOVAL_APART)
    edited_ago = looked - instant(article.edited_at) if article.edited_at else None
    return spread(interval(looked - _born(article), edited_ago=edited_ago), article.article_id)


def _born(article: ArticleRow) -> datetime:
    if article.state != "unread" and article.published:
        # A foreign program's date is no reason never to look again.
        with suppress(ValueError):
            return instant(article.published)
    return instant(article.first_seen)


def due_at(article: ArticleRow) -> datetime:
    """Return the instant (UTC) from which the article is to be looked at again; see `wait_of`."""
    try:
        return instant(article.last_look) + wait_of(article)
    except OverflowError:
        return _LAST
