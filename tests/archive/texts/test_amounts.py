"""Numbers before what they count, as a person says them."""

import pytest

from archive.texts.amounts import amount, amounts, duration, first_of


@pytest.mark.parametrize(("number", "told"), [(0, "0 commits"), (1, "1 commit"), (2, "2 commits")])
def test_one_is_no_plural(number, told):
    """Only one has the word as it is."""
    assert amount(number, "commit") == told


def test_several_stand_in_a_row():
    """Each with its own number, in the order given."""
    assert amounts(commit=1, byte=40, page=0) == "1 commit, 40 bytes, 0 pages"


@pytest.mark.parametrize(
    ("most", "told"), [(1, "a and 2 more"), (2, "a, b and 1 more"), (3, "a, b, c"), (4, "a, b, c")]
)
def test_of_many_the_first_are_named(most, told):
    """And how many more there are, where there are."""
    assert first_of(["a", "b", "c"], most) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3599.9, "1 h 0 min"),
        (21_720, "6 h 2 min"),
    ],
)  # fmt: skip
def test_a_duration_has_its_two_largest_units(seconds, told):
    """Rounded to a second; a clock that went back is no negative time."""
    assert duration(seconds) == told
