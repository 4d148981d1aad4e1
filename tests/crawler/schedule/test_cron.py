from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from crawler.schedule import cron
from crawler.schedule.clockwatch import JUMP, ClockWatch

SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)


def days(text, start=SUNDAY, within=timedelta(days=7)):
    found, at, trigger = [], start, cron.trigger(text)
    while (at := trigger.get_next_fire_time(None, at)) < start + within:
        found.append(at.strftime("%a").lower())
        at += timedelta(seconds=1)
    return found


@pytest.mark.row("F-PRC-12")
@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("*", "sun mon tue wed thu fri sat"),
        ("*/2", "sun tue thu sat"),
        ("*/3", "sun wed sat"),
        ("mon-fri/2", "mon wed fri"),
        ("1-5", "mon tue wed thu fri"),
        ("0", "sun"),
        ("7", "sun"),
        ("5-7", "sun fri sat"),
        ("0-7", "sun mon tue wed thu fri sat"),
        ("fri-mon", "sun mon fri sat"),
        ("SUN,3,Sat", "sun wed sat"),
        ("0-6/3", "sun wed sat"),
    ],
)
def test_weekdays_are_crons(weekday, expected):
    """By name or number, in ranges and steps, as crontab(5) has them: what a crontab says moves over unchanged."""
    assert days(f"0 3 * * {weekday}") == expected.split()


def test_a_day_or_a_weekday():
    """Both given: either fits, as in cron; one that begins with a star restricts the other."""
    either = list(islice(_times("0 3 15 * mon"), 6))
    both = list(islice(_times("0 3 */15 * mon"), 2))

    assert [(at.day, at.strftime("%a")) for at in either] == [
        (2, "Mon"), (9, "Mon"), (15, "Sun"), (16, "Mon"), (23, "Mon"), (30, "Mon"),
    ]  # fmt: skip
    assert all(at.strftime("%a") == "Mon" and at.day in {1, 16, 31} for at in both)


def _times(text):
    at, trigger = datetime(2026, 11, 1, tzinfo=UTC), cron.trigger(text)
    while True:
        at = trigger.get_next_fire_time(None, at)
        yield at
        at += timedelta(seconds=1)


@pytest.mark.parametrize("weekday", ["8", "montag", "mon/2", "*/0", "1-", "*-5", "-", "mon,,tue", "٣"])
def test_what_is_no_weekday_is_refused(weekday):
    """No guess at what was meant: the part is quoted, with what can be written."""
    with pytest.raises(ValueError, match="is no weekday; write sun to sat or 0 to 7"):
        cron.trigger(f"0 3 * * {weekday}")


def test_a_clock_that_goes_on_is_no_jump():
    """A second more or less is drift; half a minute, ahead or back, is told once."""
    looks = iter([(0, 0), (20, 20), (41, 40), (41 + 40 + 31, 80), (132, 100), (92, 120)])
    wall, steady = zip(*looks, strict=True)
    walls, steadies = iter(wall), iter(steady)
    watch = ClockWatch(wall=lambda: SUNDAY + timedelta(seconds=next(walls)), steady=lambda: float(next(steadies)))

    assert [watch.jump() for _ in wall[1:]] == [None, None, timedelta(seconds=31), None, timedelta(seconds=-60)]
    assert timedelta(seconds=31) > JUMP
