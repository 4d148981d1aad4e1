"""How long an answer asks to wait, for the crawl and for whoever fetches besides (F-OUT-10)."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.net.waits import retry_after

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.row("F-OUT-10")
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("3", 3, id="seconds"),
        pytest.param(" 120 ", 120, id="spaces"),
        pytest.param("007", 7, id="padded"),
        pytest.param("99999999", 99999999, id="large"),
        pytest.param("9" * 5000, 1e12, id="absurd"),
        pytest.param("0", None, id="zero"),
        pytest.param("-1", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("+5", None, id="signed"),
        pytest.param("Tue, 24 Nov 2026 08:00:30 GMT", 30, id="date"),
        pytest.param("Tuesday, 24-Nov-26 08:00:30 GMT", 30, id="rfc850-date"),
        pytest.param("Tue Nov 24 08:00:30 2026", 30, id="asctime-date"),
        pytest.param("Tue, 24 Nov 2026 08:01:30", 90, id="no-zone"),
        pytest.param("Tue, 24 Nov 2026 11:31:30 +0330", 90, id="other-zone"),
        pytest.param("Tue, 24 Nov 2026 07:59:59 GMT", None, id="past"),
        pytest.param("Tue, 24 Nov 2026 08:00:00 GMT", None, id="now"),
        pytest.param("Tue, 99 Nov 2026 08:01:30 GMT", None, id="no-such-day"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 -2359", None, id="past-the-calendar"),
        pytest.param("demain", None, id="garbage"),
        pytest.param("٣", None, id="other-digits"),
        pytest.param("２", None, id="wide-digits"),
        pytest.param("", None, id="empty"),
    ],
)
def test_retry_after(value, seconds):
    """F-OUT-10: seconds and dates ahead name a wait; a past date, zero, a negative number and garbage name none."""
    assert retry_after(value, now=NOW) == seconds


@pytest.mark.row("F-OUT-10")
@given(
    st.text(max_size=60)
    | st.integers().map(str)
    | st.datetimes().map(lambda d: f"{d:%a, %d %b %Y %T} GMT")
    | st.datetimes(timezones=st.timezones()).map(format_datetime)
    | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,9} [A-Z][a-z]{2} [0-9]{1,9} [0-9:]{1,12} [+-][0-9]{1,12}")
)
def test_retry_after_is_total(value):
    """No value raises, and no wait is nil or negative, whatever zone the clock speaks."""
    seconds = retry_after(value, now=NOW.astimezone(timezone(timedelta(hours=3.5))))

    assert seconds is None or seconds > 0
