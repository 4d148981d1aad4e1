"""Bar charts, of days and of classes: places per cent of the width, heights in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from archive.catalog.days import Day

HEIGHT = 64
_LABELS_APART = 17.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day's bar."""

    day: date
    number: int
    x: str
    width: str
    y: int
    height: int
    label: bool
    looked: bool
    """Whether a crawl looked on that day."""


def bars(figures: Sequence[tuple[str, int, int]]) -> list[Bar]:
    """Return the bars of (day, number, crawls), in order, over the time from the first day to the last."""
    if not figures:
        return []
    days = [date.fromisoformat(day) for day, _, _ in figures]
    span = (days[-1] - days[0]) // timedelta(days=1) + 1
    most = max(1, *(number for _, number, _ in figures))
    found: list[Bar] = []
    last = -_LABELS_APART
    for day, (_, number, crawls) in zip(days, figures, strict=True):
        place = (day - days[0]) // timedelta(days=1) * 100 / span
        height = max(round(number * HEIGHT / most), 2) if number else 0
        label = place - last >= _LABELS_APART and place <= 100 - _LABELS_APART / 2
        last = place if label else last
        found.append(
            Bar(
                day=day, number=number, x=f"{place:.2f}%", width=f"{max(80 / span, 0.15):.2f}%", y=HEIGHT - height,
                height=height, label=label, looked=crawls > 0,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One class's bar, a part of it marked."""

    label: str
    number: int
    part: int
    x: str
    middle: str
    width: str
    height: int
    part_height: int


def columns(figures: Sequence[tuple[str, int, int]]) -> list[Column]:
    """Return the bars of (label, number, marked part of it), in order, side by side."""
    most = max([1, *(number for _, number, _ in figures)])
    step = 100 / max(1, len(figures))
    return [
        Column(
            label=label, number=number, part=part, x=f"{place * step + step * 0.1:.2f}%",
            middle=f"{place * step + step / 2:.2f}%", width=f"{step * 0.8:.2f}%", height=round(number * HEIGHT / most),
            part_height=round(part * HEIGHT / most),
        )
        for place, (label, number, part) in enumerate(figures)
    ]  # fmt: skip


STRIP_HEIGHT = 46


@dataclass(frozen=True, slots=True, kw_only=True)
class StripDay:
    """One day of the calendar strip."""

    day: date
    told: Day | None
    """What happened; None where there is nothing to tell."""
    x: str
    middle: str
    width: str
    y: int
    height: int
    label: bool

    @property
    def looked(self) -> bool:
        """Whether anything was looked at."""
        return self.told is not None and bool(self.told.looks or self.told.crawls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The calendar strip: a bar for each day's looks, open where there was none."""

    days: tuple[StripDay, ...]
    most: int
    """Looks on the day that has most."""


def strip_of(found: Sequence[tuple[date, Day | None]]) -> Strip:
    """Return the strip of neighbouring days; a bar's height goes with the root of its looks, so that few are seen."""
    most = max([1, *(day.looks for _, day in found if day)])
    step, labelled = 100 / max(1, len(found)), max(14, len(found) // 5)
    told = []
    for place, (day, about) in enumerate(found):
        looks = about.looks if about else 0
        height = (
            max(round((looks / most) ** 0.5 * STRIP_HEIGHT), 5) if about and (looks or about.crawls) else STRIP_HEIGHT
        )
        told.append(
            StripDay(
                day=day, told=about, x=f"{place * step:.2f}%", middle=f"{place * step + step * 0.43:.2f}%",
                width=f"{step * 0.86:.2f}%", y=STRIP_HEIGHT - height, height=height, label=place % labelled == 0,
            )
        )  # fmt: skip
    return Strip(days=tuple(told), most=most)
