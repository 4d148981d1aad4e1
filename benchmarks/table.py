"""The table that `make bench` prints: ours, the yardstick beside it, the ratio (over 1: ours is better), the aim."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line; a figure that there is no yardstick or ratio for is None."""

    what: str
    ours: float
    beside: float | None = None
    ratio: float | None = None
    aim: str = ""


def compared(what: str, rounds: Iterable[tuple[float, float]], *, less: bool = False, aim: str = "") -> Row:
    """Make a row of interleaved rounds (ours, yardstick's): medians, and the median of each round's ratio.

    `less` says that the smaller figure is the better one.
    """
    pairs = list(rounds)
    ratios = [b / a if less else a / b for a, b in pairs]
    mine, others = zip(*pairs, strict=True)
    return Row(
        what=what,
        ours=statistics.median(mine),
        beside=statistics.median(others),
        ratio=statistics.median(ratios),
        aim=aim,
    )


def alone(what: str, figures: Sequence[float], *, aim: str = "") -> Row:
    """Make a row of a figure without a yardstick, the median of its rounds."""
    return Row(what=what, ours=statistics.median(figures), aim=aim)


def lines(title: str, rows: Iterable[Row], beside: str = "") -> list[str]:
    """Return a table's lines, title and head first; `beside` names the yardstick."""
    head = f"{title:<62} {'ours':>9} {beside:>12} {'ratio':>7}  aim"
    return [head, *(_line(row) for row in rows), ""]


def _line(row: Row) -> str:
    beside = "" if row.beside is None else figure(row.beside)
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return f"  {row.what:<60} {figure(row.ours):>9} {beside:>12} {ratio:>7}  {row.aim}".rstrip()


def figure(value: float) -> str:
    """Return a number with three digits that mean something, thousands parted."""
    if value == int(value) or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def say(lines: Iterable[str], out: Callable[[str], None] = print) -> None:
    """Print lines."""
    for line in lines:
        out(line)
