"""The time line: nothing is drawn that no look saw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.names import stamp
from browse.shown.timeline import sights, timeline
from browse.tongue import Tongue
from tests import facts

TONGUE = Tongue("en", "Asia/Tehran")
DAY = 24 * 60


def look(minute, outcome="unchanged", **more):
    """Return a look as the catalog has it."""
    about = {
        "at": stamp(facts.at(minute)),
        "url": facts.url_of(1),
        "outcome": outcome,
        "kind": "article",
        "crawl": "c",
        "seq": 1,
    }
    return about | more


def version(number, minute):
    """Return a version as the catalog has it."""
    return {"number": number, "captured_at": stamp(facts.at(minute))}


def drawn(looks, begun):
    """Return (kind, version, minutes from, to) of each stretch."""
    line = timeline(TONGUE, looks, begun)
    return [(s.kind, s.version, facts.minutes(s.since), facts.minutes(s.until)) for s in line.stretches]


def test_looks_a_day_apart_are_not_joined():
    """Up to a day between two looks alike is a bar, more is hatched; between two that differ the time is unknown."""
    looks = [
        look(0, "new"),
        look(60),
        look(3 * DAY),
        look(3 * DAY + 60, "changed"),
        look(4 * DAY, "gone"),
        look(9 * DAY, "gone"),
    ]

    assert drawn(looks, [version(1, 0), version(2, 3 * DAY + 60)]) == [
        ("version", 1, 0, 60), ("unseen", 1, 60, 3 * DAY), ("version", 1, 3 * DAY, 3 * DAY),
        ("unknown", 1, 3 * DAY, 3 * DAY + 60), ("version", 2, 3 * DAY + 60, 3 * DAY + 60),
        ("unknown", 2, 3 * DAY + 60, 4 * DAY), ("absent", 0, 4 * DAY, 9 * DAY),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "more", [{"outcome": "timeout"}, {"outcome": "gone", "void": True}, {"outcome": "changed", "held": True}]
)
def test_a_look_that_says_nothing_ends_nothing(more):
    """A time-out, an answer of a seized host, a look of a suspect crawl: a tick, and no stretch."""
    looks = [look(0, "new"), look(60) | more, look(120)]

    assert drawn(looks, [version(1, 0)]) == [("version", 1, 0, 120)]
    assert [tick.kind for tick in timeline(TONGUE, looks, [version(1, 0)]).ticks] == ["seen", "silent", "seen"]


def test_looks_close_together_are_a_block_with_their_number():
    """From three on, nearer than can be told apart; another outcome among them stays a tick of its own."""
    looks = [look(minute, "new" if not minute else "unchanged") for minute in range(0, 600, 10)]
    looks += [look(605, "gone"), look(610), look(20 * DAY)]
    ticks = timeline(TONGUE, looks, [version(1, 0)]).ticks

    assert [(tick.kind, tick.looks) for tick in ticks] == [("seen", 60), ("absent", 1), ("seen", 1), ("seen", 1)]
    assert [bool(tick.width) for tick in ticks] == [True, False, False, False]


def test_a_mirror_has_a_line_of_its_own():
    """What a mirror showed is no look at the article's own address."""
    line = timeline(TONGUE, [look(0, "new"), look(5, kind="mirror", url=facts.url_of(1, "m.example"))], [version(1, 0)])

    assert [(mirror.host, len(mirror.ticks)) for mirror in line.mirrors] == [("m.example", 1)]
    assert len(line.ticks) == 1


def test_nothing_seen_is_no_time_line():
    """Without a look and a version there is nothing to draw."""
    assert timeline(TONGUE, [], []) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.sampled_from(["unchanged", "gone", "timeout", "soft_404"])),
        min_size=1,
        max_size=40,
    )
)
def test_everything_lies_on_the_line(looks):
    """Whatever the looks, all is drawn between the edges, ticks never more than can be told apart."""
    begun = [version(1, min(minute for minute, _ in looks))]
    line = timeline(TONGUE, [look(*each) for each in looks], begun)
    places = [
        float(x.rstrip("%"))
        for x in [*(t.x for t in line.ticks), *(s.x for s in line.stretches), *(d[0] for d in line.days)]
    ]

    assert all(0 <= place <= 100 for place in places)
    assert len(line.ticks) <= 3 * 401
    assert len(line.days) < 20


def test_a_version_is_seen_from_its_first_look_to_its_last():
    """A look after it, and before the next one, counts for it."""
    looks = [look(0, "new"), look(60), look(90, "gone"), look(120, "changed")]

    assert {n: tuple(map(facts.minutes, s)) for n, s in sights(looks, [version(1, 0), version(2, 120)]).items()} == {
        1: (0, 60),
        0: (90, 90),
        2: (120, 120),
    }
