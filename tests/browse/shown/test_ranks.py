"""Who stood at which rank of a listing from which look to which: nothing is drawn that two looks did not see."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exporters.listings import ListingLook
from archive.facts.names import stamp
from browse.shown.ranks import Teased, ranks, standings, stays
from browse.tongue import Tongue
from tests import facts

TONGUE = Tongue("en", "Asia/Tehran")
DAY = 24 * 60


def looked(minute, *listed):
    return ListingLook(at=stamp(facts.at(minute)), listing="une", listed=tuple(map(str, listed)))


def told(looks):
    return [(s.article_id, s.rank, facts.minutes(s.since), facts.minutes(s.until), s.looks) for s in stays(looks)]


@pytest.mark.row("F-PAG-01")
def test_an_article_stays_until_a_look_finds_it_elsewhere():
    """At one rank from look to look it is one stay; a new one pushes it down, and what is gone ends at its last look."""
    looks = [looked(0, 1, 2), looked(60, 1, 2), looked(120, 3, 1), looked(180, 3, 1)]

    assert told(looks) == [("1", 1, 0, 60, 2), ("2", 2, 0, 60, 2), ("3", 1, 120, 180, 2), ("1", 2, 120, 180, 2)]


@pytest.mark.row("F-PAG-01")
def test_more_than_a_day_between_two_looks_is_not_bridged():
    """Over a longer time nothing is claimed, though both ends are alike; how long it stood counts the rest alone."""
    looks = [looked(0, 1), looked(60, 1), looked(3 * DAY, 1), looked(3 * DAY + 30, 1)]

    assert told(looks) == [("1", 1, 0, 60, 2), ("1", 1, 3 * DAY, 3 * DAY + 30, 2)]
    assert standings(looks, {}, {})[0].there == timedelta(minutes=90)
    assert len(ranks(TONGUE, looks, standings(looks, {}, {})).unseen) == 1


def test_an_article_that_is_listed_twice_stands_at_its_better_rank():
    """The second link to the same article takes no rank of its own."""
    assert told([looked(0, 1, 1, 2)]) == [("1", 1, 0, 0, 1), ("2", 2, 0, 0, 1)]


def test_a_bar_says_what_the_listing_called_it_then():
    """The teaser that stood at the bar's time, else the headline, else the number."""
    looks = [looked(0, 1, 2, 3), looked(60, 2, 1, 3), looked(120, 2, 1, 3)]
    teased = [
        Teased(text=t, since=stamp(facts.at(a)), until=stamp(facts.at(b)))
        for t, a, b in (("old", 0, 0), ("new", 60, 120))
    ]
    chart = ranks(TONGUE, looks, standings(looks, {"2": "head"}, {"1": teased}))

    assert {(bar.stay.article_id, bar.text) for bar in chart.bars} == {
        ("1", "old"),
        ("1", "new"),
        ("2", "head"),
        ("3", "3"),
    }
    assert ranks(TONGUE, [], []) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.lists(st.integers(1, 9), min_size=1, max_size=9)), min_size=1, max_size=30
    )
)
@pytest.mark.row("F-PAG-01")
def test_each_look_is_told_by_the_stays(listed):
    """Whatever was listed, at each look exactly the listed ones stand at their ranks, and all lies on the chart."""
    looks = [looked(minute, *numbers) for minute, numbers in sorted(dict(listed).items())]
    found = stays(looks)
    for look in looks:
        there = {(s.rank, s.article_id) for s in found if s.since <= look.at <= s.until}
        assert there == set(enumerate(dict.fromkeys(look.listed), 1))
    chart = ranks(TONGUE, looks, standings(looks, {}, {}))
    assert all(0 <= float(bar.x.rstrip("%")) <= 100 for bar in chart.bars)
    assert sum(each.looks for each in standings(looks, {}, {})) == sum(len(set(look.listed)) for look in looks)
