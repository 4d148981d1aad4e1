"""Places in a diagram of time: per cent of the width, as SVG takes them, so that no style and no script is needed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from archive.facts.days import in_zone
from browse.tongue import Tongue

_MARGIN = 1.5
_LAST = datetime.max.replace(tzinfo=UTC) - timedelta(minutes=1)
_DAYS_APART = 17.0
"""Per cent between two labels of days."""


class Scale:
    """A span of time across the width."""

    def __init__(self, first: datetime, last: datetime) -> None:
        # On the calendar's last minute the span begins before it.
        self.first = min(first, _LAST)
        self.last = max(last, self.first + timedelta(minutes=1))

    def place(self, at: datetime) -> float:
        """Return where an instant lies, in per cent."""
        return _MARGIN + (100 - 2 * _MARGIN) * ((at - self.first) / (self.last - self.first))


def percent(place: float) -> str:
    """Return a place as an attribute has it."""
    return f"{place:.2f}%"


def days(tongue: Tongue, scale: Scale) -> Iterator[tuple[str, str, bool]]:
    """Yield (place, label, whether there is room for it) of each line of the grid."""
    span = scale.last - scale.first
    step = next((days for days in (1, 2, 3, 7, 14, 30, 91, 182, 365, 1826) if span / timedelta(days=days) < 16), 3652)
    day = in_zone(scale.first, tongue.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last = -_DAYS_APART
    while day <= scale.last:
        place = scale.place(day)
        if place >= 0:
            shown = place - last >= _DAYS_APART and place <= 100 - _DAYS_APART / 2
            label = tongue.day(day) if step > 90 else tongue.short_day(day)
            yield percent(place), label, shown
            last = place if shown else last
        if day > _LAST - timedelta(days=step):
            return
        day += timedelta(days=step)
