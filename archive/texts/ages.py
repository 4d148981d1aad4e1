"""Times that lean on the look, `il y a 5 minutes`, `il est 12:03:45`: do two looks say the same, each from its instant?

A page that counts the minutes reads otherwise at each look, and nobody edited it. Pure functions of texts.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from archive.languages.known import LANGUAGES, UNIT_PATTERN, UNIT_WORDS, UNITS

_Age = tuple[timedelta, timedelta]
"""A distance, and its unit."""
_ONE = "une?|an?|one"
_COUNTED = rf"(?:\d{{1,4}}|{_ONE}) ?(?:{UNIT_PATTERN})"
_FORMS = [language.dates.ago.format(_COUNTED) for language in LANGUAGES.values() if language.dates.ago]
_FORMS += [language.dates.moment for language in LANGUAGES.values() if language.dates.moment]
_AGE = re.compile(rf"(?<!\w)(?:{'|'.join(_FORMS)})(?!\w)", re.IGNORECASE)
_NUMBER = re.compile(rf"(\d+|\b(?:{_ONE})\b) ?({UNIT_PATTERN})\b", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d:/.,-])([01]?\d|2[0-3])[:h]([0-5]\d)(?::([0-5]\d))?(?![\d:/])")
_DAY, _SLACK = 86_400, 120
"""Seconds of a day, and by how many a clock may be off."""
RENDERED = timedelta(minutes=1)
"""How long before a capture its page may have been made."""
_SHORT = 60
"""Characters of a label; in a sentence a day that counts on must have had the time for it."""
_COARSE = timedelta(days=1)
_LEAST_SHARE = 8


def same_times(old: str, new: str, looked: tuple[datetime, datetime]) -> bool:
    """Tell whether two texts (in comparison form) differ only in distances that name the same times, or in the present.

    `looked` are the instants (aware) of their captures, in the zone that a clock on the page would show, or UTC. Each
    distance counts on by what passed between the looks: whether it is cut off or rounded, an instant must be left that
    both can mean.
    """
    if _AGE.split(old) != _AGE.split(new):
        return _shows_now(old, new, looked)
    label = max(len(old), len(new)) <= _SHORT
    ages = list(zip(_ages(old), _ages(new), strict=True))
    return bool(ages) and all(one == other or _fit(one, other, looked, label=label) for one, other in ages)


def _shows_now(old: str, new: str, looked: tuple[datetime, datetime]) -> bool:
    texts = (old, new)
    if len({_TIME.sub("#", text) for text in texts}) > 1:
        return False
    times = [(found, at) for text, at in zip(texts, looked, strict=True) for found in _TIME.finditer(text)]
    zones = (looked[0].tzinfo, UTC)
    return bool(times) and any(all(_near(found, at.astimezone(zone)) for found, at in times) for zone in zones)


def _near(found: re.Match[str], at: datetime) -> bool:
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    apart = hours * 3600 + minutes * 60 + seconds - (at.hour * 3600 + at.minute * 60 + at.second)
    return min(apart % _DAY, -apart % _DAY) <= _SLACK


def _ages(text: str) -> Iterator[_Age]:
    for found in _AGE.finditer(text):
        number = _NUMBER.search(found[0])
        unit = UNITS[UNIT_WORDS[number[2].lower()]] if number else timedelta(minutes=1)
        count = int(number[1]) if number and number[1].isdigit() else 1
        yield (count * unit if number else timedelta(), unit)


def _fit(old: _Age, new: _Age, looked: tuple[datetime, datetime], *, label: bool) -> bool:
    unit, passed = max(old[1], new[1]), looked[1] - looked[0]
    if unit >= _COARSE and not label and passed * _LEAST_SHARE < unit:
        return False
    return any(_meet(old, new, passed, share) for share in (0, 0.5))


def _meet(old: _Age, new: _Age, passed: timedelta, share: float) -> bool:
    # The stretches of time, seen from the first look, in which each puts what it dates.
    (one, one_unit), (other, other_unit) = old, new
    latest = -one + share * one_unit
    earliest = -one - (1 - share) * one_unit - RENDERED
    since = passed - other - (1 - share) * other_unit - RENDERED
    until = passed - other + share * other_unit
    return since < latest and earliest < until
