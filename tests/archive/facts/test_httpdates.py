"""Dates of HTTP: one reader for Date, Retry-After and Memento-Datetime."""

from datetime import UTC, datetime

import pytest

from archive.facts.httpdates import http_date


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Tue, 24 Nov 2026 08:00:30 GMT", datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC), id="imf"),
        pytest.param("Tuesday, 24-Nov-26 08:00:30 GMT", datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC), id="rfc850"),
        pytest.param("Tue Nov 24 08:00:30 2026", datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC), id="asctime"),
        pytest.param("Tue, 24 Nov 2026 11:30:30 +0330", datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC), id="zone"),
        pytest.param("Tue, 24 Nov 2026 08:00:30 -0000", datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC), id="unknown zone"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 -0100", None, id="past the calendar"),
        pytest.param("2026-11-24T08:00:30Z", None, id="rfc3339"),
        pytest.param("", None, id="empty"),
    ],
)  # fmt: skip
def test_http_date(text, found):
    """Each form of RFC 9110 is read, in UTC; what is none, or lies past the calendar, is None."""
    assert http_date(text) == found
    assert found is None or http_date(text).utcoffset().total_seconds() == 0
