"""Five cron fields as APScheduler's trigger, with cron's weekdays: 0 and 7 are Sunday, steps count from Sunday."""

import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS = {name: number for number, name in enumerate(_NAMES)} | {str(number): number for number in range(8)}
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[1-9]\d*))?", re.ASCII)


def trigger(text: str) -> Any:
    """Return the trigger of `minute hour day month weekday`, in UTC: a summer-time night has each slot once.

    As in cron (crontab(5)), a day or a weekday fits where both are given, both must where one begins with `*`. Raises
    ValueError for what is no such five fields.
    """
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"Wrong number of fields; got {len(fields)}, expected 5")
    minute, hour, day, month, weekday = fields
    days = _weekdays(weekday)
    if day.startswith("*") or weekday.startswith("*"):
        return _of(minute, hour, day, month, days)
    return OrTrigger([_of(minute, hour, day, month, "*"), _of(minute, hour, "*", month, days)])


def _of(minute: str, hour: str, day: str, month: str, weekday: str) -> Any:
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC)


def _weekdays(field: str) -> str:
    if field == "*":
        return field
    found = {number for part in field.lower().split(",") for number in _part(part)}
    return ",".join(_NAMES[number] for number in sorted(found))


def _part(part: str) -> Iterator[int]:
    form = _PART.fullmatch(part)
    words = (form["first"] or "sun", form["last"] or form["first"] or "sat") if form else ("", "")
    if form is None or not _DAYS.keys() >= {*words} or (form["step"] and form["first"] and not form["last"]):
        raise ValueError(f"{part!r} is no weekday; write sun to sat or 0 to 7, a range as mon-fri, a step as */2")
    first, last = (_DAYS[word] for word in words)
    for number in range(first, last + (7 if last < first else 0) + 1, int(form["step"] or 1)):
        yield number % 7
