"""Days for people: the outlet's own, as its page prints them, with the instant beside it."""

from zoneinfo import ZoneInfo

import pytest

from archive.facts.days import day_of, in_words

TEHRAN = ZoneInfo("Asia/Tehran")


def moment(utc, zone="Asia/Tehran (assumed)", precision="minute", raw="samedi"):
    return {"utc": utc, "raw": raw, "zone": zone, "precision": precision, "source": "item-date", "issue": ""}


@pytest.mark.row("F-SAY-02")
@pytest.mark.parametrize(
    ("told", "day", "words"),
    [
        (
            moment("2021-07-16T19:30:00Z", precision="day"),
            "2021-07-17",
            "2021-07-17 Asia/Tehran (assumed), 2021-07-16T19:30:00Z",
        ),
        (moment("2021-07-16T21:05:00Z"), "2021-07-17", "2021-07-17 01:35 Asia/Tehran (assumed), 2021-07-16T21:05:00Z"),
        (moment("2025-04-08T21:00:00Z", "+03:30"), "2025-04-09", "2025-04-09 00:30 +03:30, 2025-04-08T21:00:00Z"),
        (moment("2025-04-08T22:30:00Z", "-02:00"), "2025-04-08", "2025-04-08 20:30 -02:00, 2025-04-08T22:30:00Z"),
        (moment("2025-04-08T21:00:00Z", "UTC"), "2025-04-09", "2025-04-09 00:30 Asia/Tehran, 2025-04-08T21:00:00Z"),
        (
            moment("2025-04-08T21:00:00Z", "Europe/Paris (assumed)"),
            "2025-04-08",
            "2025-04-08 23:00 Europe/Paris (assumed), 2025-04-08T21:00:00Z",
        ),
        (
            moment("2025-04-08T21:00:00Z", "Mars/Olympus (assumed)"),
            "2025-04-09",
            "2025-04-09 00:30 Mars/Olympus (assumed), 2025-04-08T21:00:00Z",
        ),
        (moment("2025-04-08T21:00:00Z", "+99:99"), "2025-04-09", None),
        (moment(None), None, "samedi"),
        (moment(None, raw=""), None, "unknown"),
        (None, None, "unknown"),
    ],
    ids=[
        "a day",
        "past midnight",
        "stated",
        "stated elsewhere",
        "a machine's",
        "another zone",
        "no zone",
        "no offset",
        "not believed",
        "empty",
        "none",
    ],
)
def test_a_date_is_the_pages(told, day, words):
    """Its day in the zone in which the page prints it; what a machine states in UTC is in the outlet's."""
    assert day_of(told, TEHRAN) == day
    assert words is None or in_words(told, TEHRAN) == words


@pytest.mark.parametrize("utc", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("zone", ["Asia/Tehran (assumed)", "+14:00", "-12:00", "UTC"])
def test_the_calendars_ends_have_a_day(utc, zone):
    """What an outlet prints for fun has no day in a zone that lies past the calendar: UTC's is taken."""
    for outlet in (TEHRAN, ZoneInfo("America/New_York")):
        assert day_of(moment(utc, zone), outlet)[:4] in (utc[:4], "0000")
        assert in_words(moment(utc, zone), outlet).startswith(utc[:4])
