"""When a section's deep walk goes on, and when it begins anew."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.catalog.memory import DeepPlace
from crawler.crawl.deep import goes_on

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "hours", "expected"),
    [
        ({"page": 51, "url": "/p/51"}, 0, True),
        ({"page": 0}, 22, False),
        ({"page": 0}, 23, True),
        ({"page": 12, "ended": "end"}, 23, True),
        ({"page": 50, "ended": "end"}, 23, True),
        ({"page": 51, "ended": "end"}, 24, False),
        ({"page": 51, "ended": "end"}, 47, True),
        ({"page": 500, "ended": "page 500: timeout"}, 9 * 24, False),
    ],
    ids=[
        "under-way", "not-begun", "a-day-less-what-a-daily-crawl-is-early", "one-slice", "a-whole-slice", "two-slices",
        "two-days-later", "ten-slices",
    ],
)  # fmt: skip
def test_a_slice_a_day_in_the_long_run(place, hours, expected):
    """What is under way goes on at once; what is over rests for a day a slice of fifty pages."""
    assert goes_on(DeepPlace(begun=NOON, **place), NOON + timedelta(hours=hours), 50, 1) is expected
