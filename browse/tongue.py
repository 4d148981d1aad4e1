"""The languages of the page: what we say in French and English, dates and numbers as each writes them.

English stands in the code and the templates, French in locale/fr.po; a catalog is compiled in memory when it is first
needed. What is archived is never translated.
"""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
    get_timezone_location,
)
from babel.lists import format_list
from babel.messages import mofile, pofile
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from archive.facts.days import in_zone
from archive.facts.names import instant

Code = Literal["fr", "en"]
CODES: tuple[Code, ...] = get_args(Code)
LOCALE = Path(__file__).parent / "locale"
_LOCALES: dict[Code, Locale] = {"fr": Locale("fr"), "en": Locale("en", "GB")}
_AT: dict[Code, str] = {"fr": "{day} à {time}", "en": "{day}, {time}"}
_NEVER = 1e9
"""Of a unit, before the next greater one is taken: we part them ourselves."""
_TIME: dict[Code, str] = {"fr": "H'\u00a0h\u00a0'mm", "en": "HH:mm"}


class Tongue:
    """One language, and the time zone in which instants are told."""

    def __init__(self, code: Code, zone: str) -> None:
        self.code: Code = code
        self.zone = ZoneInfo(zone)
        self.locale = _LOCALES[code]
        self.translations = _translations(code)
        self.place = get_timezone_location(self.zone, locale=self.locale, return_city=True)
        """What the zone is called by: `Téhéran`."""

    def say(self, text: str, **values: object) -> str:
        """Return one of our sentences in this language, `%(name)s` filled in."""
        return self.translations.ugettext(text) % values if values else str(self.translations.ugettext(text))

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the form of a sentence that fits a number: `%(num)s` in it, on the line of what it counts."""
        text = str(self.translations.ungettext(one, many, number)).replace("%(num)s ", "%(num)s\u00a0")
        return text % {"num": self.number(number), **values}

    def number(self, number: int) -> str:
        """Return a number with its thousands parted."""
        return format_decimal(number, locale=self.locale)

    def day(self, at: str | datetime | date) -> str:
        """Return the day of an instant in the outlet's zone: `12 nov. 2026`."""
        return format_date(self.local(at), format="medium", locale=self.locale)

    def long_day(self, at: str | datetime | date) -> str:
        """Return the day in words: `12 novembre 2026`."""
        return format_date(self.local(at), format="long", locale=self.locale)

    def short_day(self, at: str | datetime | date) -> str:
        """Return the day without its year: `12 nov.`."""
        return format_date(self.local(at), format={"fr": "d MMM", "en": "d MMM"}[self.code], locale=self.locale)

    def month(self, month: str) -> str:
        """Return a month (`2026-11`) in words: `novembre 2026`. Raises ValueError for text that is none."""
        return format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale=self.locale)

    def time(self, at: str | datetime) -> str:
        """Return the time of day in the outlet's zone: `8 h 20`."""
        # Already in the zone, which Babel would turn it into once more.
        told = in_zone(_moment(at), self.zone).replace(tzinfo=UTC)
        return format_time(told, format=_TIME[self.code], tzinfo=UTC, locale=self.locale)

    def moment(self, at: str | datetime) -> str:
        """Return day and time in the outlet's zone, to the minute."""
        return _AT[self.code].format(day=self.day(at), time=self.time(at))

    def length(self, length: timedelta) -> str:
        """Return how long something took, in its two greatest units: `2 jours et 3 heures`."""
        minutes = int(length / timedelta(minutes=1))
        units: tuple[tuple[int, int, Literal["day", "hour", "minute"]], ...] = (
            (minutes // 1440, 86400, "day"), (minutes % 1440 // 60, 3600, "hour"), (minutes % 60, 60, "minute"),
        )  # fmt: skip
        told = [
            format_timedelta(number * seconds, threshold=_NEVER, granularity=name, locale=self.locale)
            for number, seconds, name in units
            if number
        ]
        return self.listed(told[:2]) if told else self.say("less than a minute")

    def utc(self, at: str | datetime) -> str:
        """Return day and time in UTC, to the second, as citations have it."""
        return format_datetime(
            _moment(at), format="d MMM y, HH:mm:ss 'UTC'", tzinfo=ZoneInfo("UTC"), locale=self.locale
        )

    def local(self, at: str | datetime | date) -> date | datetime:
        """Return an instant (RFC 3339 text or aware) in the outlet's zone; a day stays what it is."""
        if isinstance(at, str):
            at = instant(at)
        return in_zone(at, self.zone) if isinstance(at, datetime) else at

    def listed(self, items: Sequence[str]) -> str:
        """Return items as a list in words: `une, deux et trois`."""
        return format_list(list(items), locale=self.locale)


def _moment(at: str | datetime) -> datetime:
    return instant(at) if isinstance(at, str) else at


@cache
def _translations(code: Code) -> NullTranslations:
    path = LOCALE / f"{code}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalog = pofile.read_po(file, locale=code)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def chosen(asked: str, accepted: str, default: Code) -> Code:
    """Return the language of a page: the one asked for, else the best of Accept-Language (RFC 9110, 12.5.4)."""
    for code in CODES:
        if code == asked:
            return code
    weighed = []
    for place, part in enumerate(accepted[:1000].split(",")):
        tag, _, weight = part.strip().partition(";")
        found = next((code for code in CODES if code == tag.strip().lower().partition("-")[0]), None)
        if found is not None and (rank := _weight(weight)) > 0:
            weighed.append((-rank, place, found))
    return min(weighed)[2] if weighed else default


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
