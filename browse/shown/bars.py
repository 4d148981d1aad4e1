"""Bar charts, of days and of classes: places per cent of the width, heights in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
