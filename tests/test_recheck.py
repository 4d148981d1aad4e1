"""When a known article is due again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from archive.ids import stamp
from archive.lookup import Standing
from crawler.recheck import LAST_INTERVAL, STEPS, due, due_at, interval

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def article(number="7", *, published=30 * DAY, looked=timedelta(0), first=20 * DAY, edited=None, state="live"):
    """Return an article as the catalog has it; each argument says how long before NOW."""
    return Standing(
        article_id=number,
        url=f"https://h/Detail/2026/11/24/{number}/x",
        state=state,
        headline="Un titre",
        published=stamp(NOW - published) if published is not None else None,
        first_seen=stamp(NOW - first),
        last_seen=stamp(NOW - looked),
        last_look=stamp(NOW - looked),
        last_outcome="unchanged",
        versions=1,
        edited_at=stamp(NOW - edited) if edited is not None else None,
        latest=None,
    )


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), 15 * MINUTE),
        (-DAY, 15 * MINUTE),
        (2 * HOUR, 15 * MINUTE),
        (3 * HOUR, HOUR),
        (DAY, 4 * HOUR),
        (5 * DAY, 12 * HOUR),
        (20 * DAY, 2 * DAY),
        (90 * DAY, 14 * DAY),
        (500 * DAY, 45 * DAY),
        (20 * 365 * DAY, 120 * DAY),
    ],
)
def test_the_older_the_rarer(age, wait):
    """Minutes in the first hours, months in the end, never "never"; a date in the future counts as now."""
    assert interval(age) == wait


def test_the_steps_only_grow():
    """No age is looked at less often than a greater one."""
    waits = [*(wait for _, wait in STEPS), LAST_INTERVAL]

    assert all(a < b for a, b in pairwise(waits))


@pytest.mark.parametrize(
    ("about", "wait"),
    [
        (article(published=HOUR, first=HOUR), 15 * MINUTE),
        (article(published=9 * 365 * DAY, first=HOUR), 120 * DAY),
        (article(published=None, first=HOUR), 15 * MINUTE),
        (article(published=-3 * DAY, first=HOUR), 15 * MINUTE),
        (article(published=400 * DAY, edited=HOUR), 15 * MINUTE),
        (article(published=400 * DAY, edited=300 * DAY), 45 * DAY),
        (article(state="unread"), timedelta(0)),
    ],
    ids=["young", "old", "undated", "future", "edited-lately", "edited-long-ago", "never-read"],
)
def test_when_an_article_is_due(about, wait):
    """Age counts from publication, without a date from the first sight; an edit makes young; unread is due at once."""
    assert due_at(about) - NOW == wait


@pytest.mark.parametrize(
    ("absent", "wait"),
    [(None, 6 * HOUR), (timedelta(0), 6 * HOUR), (5 * HOUR, 6 * HOUR), (DAY, 6 * HOUR), (90 * DAY, 14 * DAY)],
    ids=["no-look-known", "just-now", "not-yet-confirmed", "a-day", "three-months"],
)
def test_a_gone_article_is_looked_at_again_in_six_hours(absent, wait):
    """A removal takes two looks six hours apart, however old the article; later it counts as young as its absence."""
    since = stamp(NOW - absent) if absent is not None else None

    assert due_at(article(state="gone", published=9 * 365 * DAY), since) - NOW == wait


def test_the_most_overdue_comes_first():
    """Only those due, by how long they are; equals by number."""
    old, young = article("3", looked=40 * DAY), article("12", published=HOUR, looked=HOUR)
    gone = article("5", state="gone", looked=5 * HOUR)
    found = due([young, gone, article("4"), article("2", looked=40 * DAY), old], NOW, lambda number: None)

    assert [about.article_id for _, about in found] == ["2", "3", "12"]
