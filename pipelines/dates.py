"""Step 5: the page's date texts become aware UTC instants that can be believed, or none with the reason why."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.errors import ConfigurationError
from archive.facts.items import Article, DateText, Moment
from archive.languages.known import LANGUAGES
from pipelines import dateforms
from pipelines.dateforms import ReadDate
from pipelines.look import Look

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

AHEAD = timedelta(hours=24)
"""How far the outlet's clock may run before ours, and its dates from each other."""
_CLOCKS = ("minute", "second")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00)?\b")
_SHOWN = 2
"""Where a source stands that readers see, behind JSON-LD and the head."""
_LEANING = ("relative", "year_inferred")
_NAMES = {language.code: language.dates.full for language in LANGUAGES.values() if language.dates.full}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What is known of an edition's dates beforehand."""

    zone: str
    """The IANA name of the zone that is taken where a page states none."""
    began: datetime
    """Aware UTC: no article of the edition is older."""
    month_first: tuple[str, ...] = ()
    """Sources of dates, in lower case and by what stands in their names, whose numbers begin with the month."""

    def is_month_first(self, source: str) -> bool:
        """Tell whether dates of that source that are but numbers begin with the month."""
        return any(mark in source.lower() for mark in self.month_first)


class Dates:
    """The pipeline step."""

    def __init__(self, calendar: Calendar) -> None:
        """Take the edition's calendar. Raises ConfigurationError for a zone that is not in the IANA database."""
        _zone(calendar.zone)
        self.calendar = calendar

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """Make the step with the calendar of the crawl's edition."""
        return cls(crawler.spider.plan.edition.calendar)

    def process_item(self, item: Look) -> Look:
        """Return the look with its article's dates read, against the instant of its capture."""
        if item.article is None:
            return item
        captured_at = item.capture.captured_at if item.capture else item.at
        return replace(item, article=dates(item.article, captured_at=captured_at, calendar=self.calendar))


def dates(article: Article, *, captured_at: datetime, calendar: Calendar) -> Article:
    """Return the article with `published` and `modified` set from its candidates; None where there is no text.

    The first instant that states its offset is taken: JSON-LD's, the head's meta lines', an element's. Else
    the first moment, its zone assumed: no document of the outlet states it. `zone_doubtful` says that a clock printed
    without a zone shows the digits of the stated instant of another offset. An update printed behind the publication
    date (`[Updated: …]`) is the last candidate for `modified`.
    """
    behind = [replace(c, text=text) for c in article.published_texts if (text := updated_part(c.text))]
    published = _first(article.published_texts, captured_at, calendar, today=captured_at)
    modified = _first([*map(_update_only, article.modified_texts), *behind], captured_at, calendar)
    return replace(article, published=published, modified=modified)


def updated_part(text: str) -> str:
    """Return the update's date text of `Sun Mar 17, 2019 01:16PM [Updated: Tue Mar 19, 2019 12:03PM ]`, or empty."""
    main, updated = dateforms.split_update(text)
    return updated if main else ""


def read_date(text: DateText, *, captured_at: datetime, calendar: Calendar, assumed: bool) -> Moment:
    """Read one date text; an offset that the text states wins over the calendar's zone, which may be `assumed`.

    Pure: the same arguments give the same moment at any time. Day precision means that day's first instant in the
    zone; fractions of seconds are dropped. `utc` is None, and `issue` says why, before the edition began, later
    than a day after `captured_at` (aware), or where the text is no whole date. Where a local time exists twice the
    first is taken; one skipped by summer time is moved forward. Raises ConfigurationError for an unknown zone, nothing
    for any text.
    """
    zone, rules = calendar.zone, _zone(calendar.zone)
    reading = _reading(text, captured_at, calendar)
    if reading is None:
        return Moment(utc=None, raw=text.text, source=text.source, issue="unreadable")
    utc, odd = _instant(reading, captured_at, rules, calendar.began)
    return Moment(
        utc=utc,
        raw=text.text,
        zone=reading.zone or (_assumed(zone) if assumed else zone),
        precision=reading.precision,
        source=text.source,
        issue=_joined(reading.issue, odd),
    )


def _first(
    candidates: Iterable[DateText], captured_at: datetime, calendar: Calendar, *, today: datetime | None = None
) -> Moment | None:
    whole = (c for c in candidates if c.text.strip())
    moments = [_possible(c, captured_at, calendar) for c in whole]
    believed = [m for m in moments if m.utc]
    if not believed:
        return moments[0] if moments else None
    # What leans on the time of the look moves with every look, and would make versions of its own.
    steady = [m for m in believed if not m.issue.startswith(_LEANING)]
    best = _best(steady or believed, calendar, today)
    chosen = _either_way(best, believed, captured_at, calendar)
    issue = chosen.issue
    if any(_tells_the_same_digits(chosen, other, calendar) for other in steady):
        issue = _joined(issue, "zone_doubtful")
    if any(_apart(chosen, other) > AHEAD for other in believed if other is not best):
        issue = _joined(issue, "sources_disagree")
    return chosen if issue == chosen.issue else replace(chosen, issue=issue)


def _possible(text: DateText, captured_at: datetime, calendar: Calendar) -> Moment:
    """Return what a date text says; of numbers that are one way round no date that can be, the other way round."""
    read = read_date(text, captured_at=captured_at, calendar=calendar, assumed=True)
    other = None if read.utc or not text.source else _swapped(text, captured_at, calendar)
    return other if other is not None and other.utc else read


def _swapped(text: DateText, captured_at: datetime, calendar: Calendar) -> Moment | None:
    """Return what a date text says with day and month the other way round; None where its source has but one."""
    if calendar.is_month_first(text.source):
        return None
    swapped = replace(calendar, month_first=(text.source.lower(),))
    return read_date(text, captured_at=captured_at, calendar=swapped, assumed=True)


def _either_way(chosen: Moment, believed: Sequence[Moment], captured_at: datetime, calendar: Calendar) -> Moment:
    """Return a moment whose numbers may be day and month or month and day as another date has it, else as doubtful."""
    other = _swapped(DateText(text=chosen.raw, source=chosen.source), captured_at, calendar) if chosen.source else None
    if other is None or other.utc is None or _apart(chosen, other) <= AHEAD:
        return chosen
    rest = [moment for moment in believed if moment is not chosen]
    told = [way for way in (chosen, other) if any(_apart(way, moment) <= AHEAD for moment in rest)]
    if told or chosen.utc is None:
        return told[0] if told else chosen
    day = chosen.utc.astimezone(_zone(calendar.zone)).replace(hour=0, minute=0, second=0)
    return replace(chosen, utc=day.astimezone(UTC), precision="day", issue=_joined(chosen.issue, "day_or_month"))


def _best(moments: Sequence[Moment], calendar: Calendar, today: datetime | None) -> Moment:
    """Return the first instant with an offset of its own, the page's data before its print, else the first moment."""
    stated = [m for m in moments if _is_stated(m, calendar) and not _is_bare_day(m, moments, calendar)]
    if stated:
        return min(stated, key=lambda m: _standing(m.source))
    if today is None:
        return moments[0]
    day = today.astimezone(_zone(calendar.zone)).date()
    return next((m for m in moments if not _is_todays(m, moments, day, calendar)), moments[0])


def _is_stated(moment: Moment, calendar: Calendar) -> bool:
    return moment.precision in _CLOCKS and moment.zone != _assumed(calendar.zone)


def _is_bare_day(moment: Moment, others: Iterable[Moment], calendar: Calendar) -> bool:
    # A day without a clock is often stated as its midnight; a clock printed of that day says more.
    printed = (m for m in others if m.precision in _CLOCKS and not _is_stated(m, calendar))
    return bool(_MIDNIGHT.search(moment.raw)) and any(_apart(moment, m) < AHEAD for m in printed)


def _is_todays(moment: Moment, others: Iterable[Moment], today: date, calendar: Calendar) -> bool:
    """Tell whether a bare day is that of the look while another source says an earlier one: a page's head shows it."""
    if moment.precision != "day" or moment.utc is None or _standing(moment.source) < _SHOWN:
        return False
    day = moment.utc.astimezone(_zone(calendar.zone)).date()
    return day == today and any(other.utc and other.utc < moment.utc for other in others)


def _standing(source: str) -> int:
    if source == "json-ld":
        return 0
    return _SHOWN if source.startswith(("time", "item-", "generic")) else 1


def _tells_the_same_digits(stated: Moment, other: Moment, calendar: Calendar) -> bool:
    """Tell whether a clock printed without a zone shows the digits of a stated instant, and so may be of its zone."""
    if not _is_stated(stated, calendar) or _is_stated(other, calendar) or other.precision not in _CLOCKS:
        return False
    if stated.utc is None or other.utc is None or abs(stated.utc - other.utc) < timedelta(minutes=1):
        return False
    walls = (stated.utc.astimezone(dateforms.offset(stated.zone)), other.utc.astimezone(_zone(calendar.zone)))
    first, second = (wall.replace(second=0, tzinfo=None) for wall in walls)
    return first == second


def _assumed(zone: str) -> str:
    return f"{zone} (assumed)"


def _update_only(candidate: DateText) -> DateText:
    part = updated_part(candidate.text)
    return replace(candidate, text=part) if part else candidate


def _apart(one: Moment, other: Moment) -> timedelta:
    if one.utc is None or other.utc is None:
        return timedelta()
    earlier = one if one.utc <= other.utc else other
    # A day is a stretch of time: only what lies beyond its end counts.
    return abs(other.utc - one.utc) - (timedelta(days=1) if earlier.precision == "day" else timedelta())


def _reading(text: DateText, captured_at: datetime, calendar: Calendar) -> ReadDate | None:
    zone, source = _zone(calendar.zone), text.source
    month_first = calendar.is_month_first(source)
    read = partial(dateforms.read, source=source, captured_at=captured_at, zone=zone, month_first=month_first)
    try:
        # No form but an address holds a bracket: `… [Updated: …]` is parted at once.
        own = dateforms.split_update(text.text)[0] if "[" in text.text and source != "url" else ""
        near = dateforms.fold(own or text.text)
        found = read(near)
        if found is None and not own and (main := dateforms.split_update(text.text)[0]):
            near = dateforms.fold(main)
            found = read(near)
        return found or _by_dateparser(near, captured_at, zone)
    except (ValueError, OverflowError):
        return None


def _instant(reading: ReadDate, captured_at: datetime, zone: ZoneInfo, began: datetime) -> tuple[datetime | None, str]:
    # Before any arithmetic: at the ends of the calendar it overflows.
    if reading.moment.year < began.year - 1:
        return None, "before_outlet"
    if reading.moment.year > captured_at.year + 1:
        return None, "future"
    utc, odd = (reading.moment.astimezone(UTC), "") if reading.moment.tzinfo else _from_wall(reading.moment, zone)
    if utc < began:
        return None, "before_outlet"
    if utc > captured_at + AHEAD:
        return None, "future"
    return utc, odd if reading.precision != "day" else ""


def _from_wall(wall: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    if (steady := _steady_offset(wall.date(), zone)) is not None:
        return datetime.combine(wall.date(), wall.time(), UTC) - steady, ""
    first, second = _offsets(wall, zone)
    utc = wall.replace(tzinfo=UTC) - first
    if first == second:
        return utc, ""
    return utc, "gap" if second > first else "ambiguous"


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    # PEP 495: only in a gap or a fold do the two folds differ, and the offset grows over a gap.
    first, second = zone.utcoffset(wall), zone.utcoffset(wall.replace(fold=1))
    return first or timedelta(), second or timedelta()


@lru_cache(maxsize=4096)
def _steady_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """Return the zone's offset where it is one from a day's first instant to its last, else None."""
    ends = (datetime.combine(day, edge) for edge in (time.min, time.max))
    offsets = {offset for wall in ends for offset in _offsets(wall, zone)}
    return offsets.pop() if len(offsets) == 1 else None


def _joined(one: str, other: str) -> str:
    return f"{one}, {other}" if one and other else one or other


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(f"OUTLET_ZONE={name!r} is no zone of the IANA database; try 'Asia/Tehran'") from error


def _by_dateparser(text: str, captured_at: datetime, zone: ZoneInfo) -> ReadDate | None:
    # Only for whole dates with a month's name: dateparser completes the rest from the day of the look.
    if not any(text[n : n + 2] in {"19", "20"} for n in range(len(text) - 3)):
        return None
    for language, names in _NAMES.items():
        named = dateforms.with_names(text, names)
        if named is None:
            return None
        found = _parser(language, captured_at.astimezone(zone).replace(tzinfo=None)).get_date_data(named)
        if found.date_obj is not None:
            return _from_dateparser(found.date_obj, found.period)
    return None


def _from_dateparser(moment: datetime, period: str | None) -> ReadDate:
    if period != "time":
        return ReadDate(moment=moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None), precision="day")
    offset = moment.utcoffset()
    whole = moment.replace(microsecond=0)
    if offset is None:
        return ReadDate(moment=whole, precision="second" if moment.second else "minute")
    return ReadDate(
        moment=whole.astimezone(UTC),
        precision="second" if moment.second else "minute",
        zone=dateforms.offset_name(offset),
    )


def _parser(language: str, base: datetime) -> "DateDataParser":
    from dateparser.date import DateDataParser  # noqa: PLC0415 - 0.2 s that only odd forms need

    settings = {
        "STRICT_PARSING": True,
        "REQUIRE_PARTS": ["day", "month", "year"],
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "DMY",
        "RELATIVE_BASE": base,
        "RETURN_TIME_AS_PERIOD": True,
    }
    return DateDataParser(languages=[language], settings=settings)
