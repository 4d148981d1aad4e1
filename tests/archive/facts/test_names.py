"""Instants as text: what a person types, and what keys hold."""

from datetime import UTC, datetime

import pytest

from archive.facts.names import compact, from_compact, stamp, typed


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        pytest.param("2026-11-24", "2026-11-24T00:00:00.000000Z", "2026-11-24T23:59:59.999999Z", id="day"),
        pytest.param("20261124", "2026-11-24T00:00:00.000000Z", "2026-11-24T23:59:59.999999Z", id="plain day"),
        pytest.param("2026-W48-2", "2026-11-24T00:00:00.000000Z", "2026-11-24T23:59:59.999999Z", id="day of a week"),
        pytest.param("9999-12-31", "9999-12-31T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", id="last day"),
        pytest.param("2026-11-24T13:00:00Z", *["2026-11-24T13:00:00.000000Z"] * 2, id="instant"),
        pytest.param("2026-11-24T13:00", *["2026-11-24T13:00:00.000000Z"] * 2, id="no zone"),
        pytest.param("2026-11-24 13:00", *["2026-11-24T13:00:00.000000Z"] * 2, id="a space"),
        pytest.param("2026-11-24T16:30:00+03:30", *["2026-11-24T13:00:00.000000Z"] * 2, id="zone"),
        pytest.param("20261124T130000Z", *["2026-11-24T13:00:00.000000Z"] * 2, id="plain instant"),
        pytest.param("2026-11-24T13:00:00.5Z", *["2026-11-24T13:00:00.500000Z"] * 2, id="half a second"),
    ],
)
def test_typed(text, start, end):
    """A day is its start or its end, an instant is itself; UTC where no zone is named."""
    assert (stamp(typed(text)), stamp(typed(text, end=True))) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "hier", "2026", "2026-11", "2026-02-30", "2026-11-24T25:00", "24/11/2026", "0001-01-01T00:00+01:00"]
)
def test_what_is_no_time_is_refused(text):
    """Half a day, another order and what lies before the calendar are no times."""
    with pytest.raises(ValueError, match=r"\w"):
        typed(text)


def test_a_compact_instant_is_read_back():
    """To the second, in UTC; any other form is none."""
    at = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)

    assert from_compact(compact(at)) == at
    with pytest.raises(ValueError, match="does not match"):
        from_compact("2026-11-24T12:00:05Z")
