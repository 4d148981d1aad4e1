"""How long after a look at a known article the next is due."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from archive.catalog.articles import ArticleRow
from archive.catalog.due import LAST_INTERVAL, STEPS, due_at, interval, spread, wait_of
from archive.facts.names import stamp

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def article(
    number="7", *, published=30 * DAY, looked=timedelta(0), first=20 * DAY, edited=None, state="live", absent=None
):
    """Return an article as the catalog has it; each argument says how long before NOW."""
    return ArticleRow(
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
        absent_from=stamp(NOW - absent) if absent is not None else None,
    )


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), 10 * MINUTE),
        (-DAY, 10 * MINUTE),
        (2 * HOUR, 10 * MINUTE),
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


@pytest.mark.parametrize(
    ("age", "edited_ago", "wait"),
    [
        (400 * DAY, HOUR, 10 * MINUTE),
        (400 * DAY, 3 * DAY, 12 * HOUR),
        (400 * DAY, 300 * DAY, 22.5 * DAY),
        (20 * 365 * DAY, 19 * 365 * DAY, 60 * DAY),
        (HOUR, HOUR, 10 * MINUTE),
        (DAY, 20 * HOUR, 2 * HOUR),
    ],
)
def test_what_changed_before_is_looked_at_sooner(age, edited_ago, wait):
    """As young as its last change, later twice as often as its like, never more often than the newest are."""
    assert interval(age, edited_ago=edited_ago) == wait


def test_the_steps_only_grow():
    """No age is looked at less often than a greater one."""
    waits = [*(wait for _, wait in STEPS), LAST_INTERVAL]

    assert all(a < b for a, b in pairwise(waits))


def test_the_first_step_fits_between_two_crawls():
    """An article seen late in one crawl of every quarter of an hour is due when the next begins."""
    assert STEPS[0][1] * 1.1 + 3 * MINUTE <= 15 * MINUTE


@pytest.mark.parametrize(
    ("about", "wait"),
    [
        (article(published=HOUR, first=HOUR), 10 * MINUTE),
        (article(published=9 * 365 * DAY, first=HOUR), 120 * DAY),
        (article(published=None, first=HOUR), 10 * MINUTE),
        (article(published=-3 * DAY, first=HOUR), 10 * MINUTE),
        (article(published=400 * DAY, edited=HOUR), 10 * MINUTE),
        (article(published=400 * DAY, edited=300 * DAY), 22.5 * DAY),
        (article(state="unread", first=HOUR), 10 * MINUTE),
        (article(state="unread", first=90 * DAY), 14 * DAY),
    ],
    ids=["young", "old", "undated", "future", "edited-lately", "edited-long-ago", "unread", "long-unread"],
)
def test_when_an_article_is_due(about, wait):
    """Age counts from publication, without a date or a reading from the first sight; each spread by its number."""
    assert due_at(about) - NOW == spread(wait, "7")


@pytest.mark.parametrize(
    ("absent", "wait"),
    [(None, 6 * HOUR), (timedelta(0), 6 * HOUR), (5 * HOUR, 6 * HOUR), (DAY, 6 * HOUR), (90 * DAY, 14 * DAY)],
    ids=["no-look-known", "just-now", "not-yet-confirmed", "a-day", "three-months"],
)
@pytest.mark.parametrize("number", ["7", "8", "12"])
def test_a_gone_article_is_looked_at_again_in_six_hours(number, absent, wait):
    """A removal takes two looks six hours apart, not a minute less; later it counts as young as its absence."""
    about = article(number, state="gone", published=9 * 365 * DAY, absent=absent)

    assert due_at(about) - NOW == max(spread(wait, number), 6 * HOUR)


def test_a_burst_parts_ways():
    """Ten thousand articles of one crawl fall due over a fifth of their interval, no day with a tenth of them."""
    days = Counter(due_at(article(str(n), published=9 * 365 * DAY)).date() for n in range(700_000, 710_000))

    assert len(days) >= 24
    assert max(days.values()) < 1000


@given(st.integers(1, 10**9), st.integers(-60, 20 * 525_600), st.one_of(st.none(), st.integers(0, 20 * 525_600)))
def test_never_never_and_never_a_storm(number, age, edited):
    """Whatever the age and the edits, the wait is from nine minutes to 132 days, and the same each time."""
    ago = edited * MINUTE if edited is not None else None
    about = article(str(number), published=age * MINUTE, edited=ago)
    wait = wait_of(about)

    assert 9 * MINUTE <= wait <= 132 * DAY
    assert wait_of(about) == wait


def test_a_date_that_cannot_be_read_counts_as_none():
    """What a foreign program wrote for a date is no reason never to look again; nor is the end of the calendar."""
    odd = replace(article(first=HOUR), published="hier")

    assert wait_of(odd) == wait_of(article(published=None, first=HOUR))
    assert due_at(replace(odd, last_look="9999-12-31T23:59:59Z", state="gone")) == datetime.max.replace(tzinfo=UTC)
