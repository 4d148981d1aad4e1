"""The forms in which dates are printed: text in, a reading out. No clock, no zone rules, no dateparser.

The outlet's own forms stand in docs/outlet.md: it prints dates in English also on French pages. A reading is naive
unless the text states its offset or leans on the capture's instant (`il y a 5 mn`).
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

from archive.languages.known import LANGUAGES, UNIT_WORDS, UNITS

LONGEST = 64
"""Characters of a text that are looked at, the update's suffix apart: parsers take seconds over a long one."""


class ReadDate(NamedTuple):
    """What a text says, before the zone rules and the range; a tuple, for it is made of every text that is a date."""

    moment: datetime
    """Naive wall clock, or aware where the text settles the offset."""
    precision: str
    zone: str = ""
    """`UTC` or `+03:30` where the text settles it, else empty."""
    issue: str = ""
    """relative, year_inferred or jalali."""


_JALALI_MONTHS = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
_WORDS = tuple(language.dates for language in LANGUAGES.values())
_WEEKDAYS = "|".join(name for words in _WORDS for name in words.weekdays.split())
_DIGITS = {ord(d): str(n % 10) for n, d in enumerate("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩")}
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-") | {0x2019: "'", 0x060C: " "}
_ACCENT = re.compile("[\u0300-\u034e\u0350-\u036f]")
_MARKS = dict.fromkeys([0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_TABLE: dict[int, str | None] = {**_DIGITS, **_DASHES, **_MARKS}

_TIME = (
    r"(?P<hour>\d{1,2})(?:(?: ?h ?| ?: ?)(?P<minute>\d\d)(?: ?: ?(?P<second>\d\d)(?:\.\d+)?)?"
    r"(?: ?(?P<half>[ap])\.? ?m\.?)?| ?h(?:eures?)?| ?(?P<half_of_hour>[ap])\.? ?m\.?)"
)
_ZONE = r"(?: ?\(?(?P<zone>z|(?:utc|gmt)(?: ?[+-]\d{1,2}(?::?\d\d)?)?|[+-]\d\d(?::?\d\d)?)\)?)?"
_CLOCK_PARTS = ("hour", "minute", "second", "half", "half_of_hour", "zone")
_CLOCK = rf"(?: (?:(?:a|at|-|\||:) )?{_TIME}{_ZONE})?$"
_WEEKDAY = rf"^(?:(?:{_WEEKDAYS})\.? )?(?:le )?"
_MONTH_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<month>[a-z]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<year>\d{{4}}){_CLOCK}"
)
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:er|e|st|nd|rd|th|\.)? (?P<month>[^\W\d]{{2,10}})\.?"
    rf"(?: (?P<year>\d{{4}}))?{_CLOCK}"
)
_YEAR_FIRST = re.compile(
    r"^(?P<year>\d{4})(?P<cut>[-/.])(?P<month>\d{1,2})(?P=cut)(?P<day>\d{1,2})"
    rf"(?:(?:t| (?:a |- )?){_TIME}{_ZONE})?$"
)
_NUMBERS = re.compile(rf"^(?P<first>\d{{1,2}})(?P<cut>[-/.])(?P<next>\d{{1,2}})(?P=cut)(?P<year>\d{{4}}){_CLOCK}")
_CLOCK_FIRST = re.compile(
    r"^(?P<clock>(?:0?[1-9]|1[0-2])[:h]\d\d ?[ap]\.?m\.?|\d{1,2}[:h]\d\d)(?: [-|])? (?P<date>.+ (?:19|20)\d\d)$"
)
_PATH = re.compile(r"(?:^|/)(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:/|$)")
_AGO = re.compile(
    r"^(?:il y a (?P<count>\d{1,4}|une?) ?(?P<unit>[a-z]+)\.?|(?P<number>\d{1,4}|an?) ?(?P<word>[a-z]+)\.? ago)$"
)
_DAYS_BACK = {word: days for words in _WORDS for word, days in words.back.items()}
_NEAR = re.compile(rf"^(?P<day>{'|'.join(_DAYS_BACK)}){_CLOCK}")
_NOW = re.compile(rf"^(?:{'|'.join(word for words in _WORDS for word in words.now)})$")
_LABELS, _UPDATES, _ON, _PUBLISHED = (
    "|".join(dict.fromkeys(itertools.chain.from_iterable(rows)))
    for rows in zip(*((words.labels, words.updates, words.on, words.published) for words in _WORDS), strict=True)
)
_PREFIX = re.compile(rf"^(?:{_LABELS})?(?: ?: ?| |$)?(?:(?:{_ON}) )?(?:: )?")
_UPDATE = re.compile(rf"\[?\s*(?:{_UPDATES})\b(?:\s+(?:{_ON})\b)?\s*:?\s*([^\]]*)\]?", re.IGNORECASE)
_BEHIND = re.compile(rf"(?<!\w)(?:{_PUBLISHED})\b(?:\s+(?:{_ON})\b)?\s*:?\s*", re.IGNORECASE)
_PARTING = " |-–—,;·•\r\n"


def _bare(text: str) -> str:
    """Return text without combining marks."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


MONTHS = {
    _bare(name): number for words in _WORDS for number, names in enumerate(words.months, 1) for name in names.split()
}
"""Names of Gregorian months, lower case without accents, in every language of `archive.languages`."""
_JALALI = {_bare(name): number for number, name in enumerate(_JALALI_MONTHS.split(), 1)}


def split_update(text: str) -> tuple[str, str]:
    """Part `… [Updated: …]` and `Mis à jour le … - Publié le …` into the date and the update's, each maybe empty."""
    near = text.strip()[: 4 * LONGEST]
    found = _UPDATE.search(near)
    if found is None:
        return near, ""
    main, update = near[: found.start()].strip(_PARTING), found[1].strip()
    first = None if any(map(str.isdigit, main)) else _BEHIND.search(update)
    return (update[first.end() :], update[: first.start()].strip(_PARTING)) if first else (main, update)


def fold(text: str) -> str:
    """Return text for matching, at most LONGEST long: lower case, ASCII digits, no accents, single spaces."""
    near = text.strip()[: 2 * LONGEST]
    if not near.isascii():
        near = _ACCENT.sub("", unicodedata.normalize("NFD", near))
        # What French leaves behind is ASCII; the rest is for other scripts, digits and marks.
        near = near if near.isascii() else _bare(near.translate(_TABLE))
    near = " ".join(near.lower().replace(",", " ").split())[:LONGEST].rstrip()
    prefix = _PREFIX.match(near)
    return near[prefix.end() :] if prefix else near


def read(text: str, source: str, *, captured_at: datetime, zone: tzinfo, month_first: bool) -> ReadDate | None:
    """Read a folded text by the first form that fits; None where none does.

    `month_first` says which of two numbers is the month. Raises ValueError for a form that fits with numbers that are
    no date.
    """
    kind = source.lower()
    if kind.startswith("url") and (found := _PATH.search(text)):
        return ReadDate(moment=_day(found, int(found["month"])), precision="day")
    if (found := _MONTH_FIRST.match(text)) and (month := MONTHS.get(found["month"])):
        return _stated(found, int(found["year"]), month)
    if found := _YEAR_FIRST.match(text):
        return _stated(found, int(found["year"]), int(found["month"]))
    if found := _NUMBERS.match(text):
        return _numbers(found, month_first=month_first)
    if found := _DAY_FIRST.match(text):
        return _day_first(found, captured_at, zone)
    return _clock_first(text) or _relative(text, captured_at, zone)


def _day(found: re.Match[str], month: int) -> datetime:
    return datetime(int(found["year"]), month, int(found["day"]))  # noqa: DTZ001 - the zone comes later


def _numbers(found: re.Match[str], *, month_first: bool) -> ReadDate:
    day, month = (found["next"], found["first"]) if month_first else (found["first"], found["next"])
    return _timed(found, int(found["year"]), int(month), int(day))


def _stated(found: re.Match[str], year: int, month: int) -> ReadDate:
    if 1300 <= year <= 1499:
        return _jalali(found, month)
    return _timed(found, year, month, int(found["day"]))


def _jalali(found: re.Match[str], month: int) -> ReadDate:
    day = gregorian(int(found["year"]), month, int(found["day"]))
    return _timed(found, day.year, day.month, day.day, issue="jalali")


def _clock_first(text: str) -> ReadDate | None:
    parts = _CLOCK_FIRST.match(text)
    if parts is None:
        return None
    turned = f"{parts['date']} {parts['clock']}"
    found = _MONTH_FIRST.match(turned) or _DAY_FIRST.match(turned)
    if found is None or found["month"] not in MONTHS or not found["year"]:
        return None
    return _timed(found, int(found["year"]), MONTHS[found["month"]], int(found["day"]))


def _day_first(found: re.Match[str], captured_at: datetime, zone: tzinfo) -> ReadDate | None:
    name = found["month"]
    if found["year"] and name in _JALALI:
        return _jalali(found, _JALALI[name])
    if name not in MONTHS:
        return None
    if found["year"]:
        return _timed(found, int(found["year"]), MONTHS[name], int(found["day"]))
    day = _latest(captured_at.astimezone(zone).date(), MONTHS[name], int(found["day"]))
    return _timed(found, day.year, day.month, day.day, issue="year_inferred")


def _latest(seen: date, month: int, day: int) -> date:
    # Eight years back hold a 29 February whatever the century.
    years = (year for year in range(seen.year, seen.year - 9, -1))
    days = (date(y, month, day) for y in years if (month, day) != (2, 29) or (y % 4 == 0 and (y % 100 or y % 400 == 0)))
    return next(d for d in days if d <= seen)


def _timed(found: re.Match[str], year: int, month: int, day: int, issue: str = "") -> ReadDate:
    hour, minute, second, half, half_of_hour, zone = found.group(*_CLOCK_PARTS)
    if hour is None:
        return ReadDate(moment=datetime(year, month, day), precision="day", issue=issue)  # noqa: DTZ001
    precision = "second" if second else "minute" if minute else "hour"
    stated, name = _offset(zone) if zone else (None, "")
    whole = _hour(int(hour), half or half_of_hour)
    moment = datetime(year, month, day, whole, int(minute or 0), int(second or 0), 0, stated)
    return ReadDate(moment, precision, name, issue)


def _hour(hour: int, half: str | None) -> int:
    if half is None or (half == "p" and hour > 12):
        return hour
    if hour > 12:
        raise ValueError(f"no such hour before noon: {hour}")
    return hour % 12 + (12 if half == "p" else 0)


@lru_cache(maxsize=256)
def _offset(text: str) -> tuple[tzinfo, str]:
    digits = re.sub(r"[^\d+-]", "", text)
    if not digits:
        return UTC, "UTC"
    hours, minutes = (digits[1:-2], digits[-2:]) if len(digits) > 3 else (digits[1:], "0")
    ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if digits[0] == "-" else 1)
    return timezone(ahead), offset_name(ahead)


def offset(name: str) -> tzinfo:
    """Return the offset that `offset_name` named."""
    return _offset(name)[0]


def offset_name(ahead: timedelta) -> str:
    """Name an offset from UTC: `UTC` for none, else `+03:30`."""
    minutes = abs(ahead) // timedelta(minutes=1)
    return f"{'-' if ahead < timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}" if ahead else "UTC"


def _relative(text: str, captured_at: datetime, zone: tzinfo) -> ReadDate | None:
    if _NOW.match(text):
        return _before(captured_at, timedelta(), "minute")
    if found := _NEAR.match(text):
        day = captured_at.astimezone(zone).date() - timedelta(days=_DAYS_BACK[found["day"]])
        return _timed(found, day.year, day.month, day.day, issue="relative")
    found = _AGO.match(text)
    unit = UNIT_WORDS.get(found["unit"] or found["word"]) if found else None
    if found is None or unit is None:
        return None
    number = found["count"] or found["number"]
    back = UNITS[unit] * (int(number) if number.isdigit() else 1)
    if unit not in ("day", "week"):
        return _before(captured_at, back, unit)
    day = (captured_at.astimezone(zone) - back).date()
    return ReadDate(moment=datetime(day.year, day.month, day.day), precision="day", issue="relative")  # noqa: DTZ001


def _before(captured_at: datetime, back: timedelta, precision: str) -> ReadDate:
    moment = captured_at.astimezone(UTC) - back
    whole = moment.replace(microsecond=0) if precision == "second" else moment.replace(second=0, microsecond=0)
    return ReadDate(moment=whole, precision=precision, zone="UTC", issue="relative")


def gregorian(year: int, month: int, day: int) -> date:
    """Convert a day of the Solar Hijri (Jalali) calendar, years 1300 to 1499.

    Leap years by the 33-year rule, which agrees with the calendar in use from 1206 to 1498 (K. M. Borkowski, "The
    Persian calendar for 3000 years", 1996). Raises ValueError for what is no such day.
    """
    leap = year % 33 in {1, 5, 9, 13, 17, 22, 26, 30}
    length = 31 if month <= 6 else 30 if month <= 11 or leap else 29
    if not (1300 <= year <= 1499 and 1 <= month <= 12 and 1 <= day <= length):
        raise ValueError(f"no Jalali day {year}/{month}/{day}")
    leaps = (8 * year + 21) // 33 - (8 * 1400 + 21) // 33
    before = 31 * (month - 1) - max(0, month - 7)
    return date(2021, 3, 21) + timedelta(days=365 * (year - 1400) + leaps + before + day - 1)


def with_names(text: str, names: Sequence[str]) -> str | None:
    """Return a folded text with its month's name in full from `names` (January first); None where none or several are.

    Abbreviations never reach dateparser: it reads the French `sept.` as July.
    """
    words = re.split(r"([^\W\d]+)", text)
    spots = [n for n, word in enumerate(words) if word in MONTHS]
    if len(spots) != 1:
        return None
    words[spots[0]] = names[MONTHS[words[spots[0]]] - 1]
    return "".join(words)
