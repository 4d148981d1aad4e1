"""The time line of an article: looks as ticks, versions as bars, what nobody saw as hatching; nothing else is drawn.

Places are per cent of the width, as SVG takes them, so that no style and no script is needed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from archive.catalog.life import LookRow, sighted
from archive.facts.addresses import host_of
from archive.facts.names import instant
from archive.facts.outcomes import ABSENT, SEEN
from browse.tongue import Tongue

UNSEEN = timedelta(days=1)
"""A longer time between two looks is hatched: nothing is claimed of it."""
_MARGIN = 1.5
_APART = 4.5
"""Per cent between two labels."""
_DAYS_APART = 17.0
_LABELLED = ("absent", "version")
"""What has a label where there is room, the rarer one first."""
_STRETCH = Literal["version", "unseen", "absent", "unknown"]
_BINS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One look, or some that stand too near to be told apart."""

    x: str
    kind: Literal["seen", "absent", "silent"]
    """silent: it got no answer that says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What is known from one instant to another."""

    kind: _STRETCH
    version: int
    since: str
    until: str
    x: str = ""
    width: str = ""
    middle: str = ""
    label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorLine:
    """The looks at one mirror."""

    host: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All that is drawn."""

    days: tuple[tuple[str, str, bool], ...]
    """(place, label, whether the label is shown) of each line of the grid."""
    ticks: tuple[Tick, ...]
    stretches: tuple[Stretch, ...]
    mirrors: tuple[MirrorLine, ...]
    looks: int


def timeline(tongue: Tongue, looks: Sequence[LookRow], begun: Sequence[Mapping[str, Any]]) -> Timeline | None:
    """Return the time line of an article's looks and versions (`number`, `captured_at`), None before the first look."""
    own = [look for look in looks if look.get("kind", "article") == "article"]
    instants = sorted({*(look["at"] for look in looks), *(version["captured_at"] for version in begun)})
    if not instants:
        return None
    scale = _Scale(instant(instants[0]), instant(instants[-1]))
    hosts = dict.fromkeys(host_of(look["url"]) for look in looks if look.get("kind") == "mirror")
    return Timeline(
        days=tuple(_days(tongue, scale)),
        ticks=tuple(_ticks(scale, own, begun)),
        stretches=tuple(_placed(scale, _stretches(_seen(own, begun)))),
        mirrors=tuple(
            MirrorLine(host=host, ticks=tuple(_ticks(scale, [look for look in looks if _is_at(look, host)], ())))
            for host in hosts
        ),
        looks=len(own),
    )


def _is_at(look: LookRow, host: str) -> bool:
    return look.get("kind") == "mirror" and host_of(look["url"]) == host


class _Scale:
    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, max(last, first + timedelta(minutes=1))

    def place(self, at: datetime) -> float:
        return _MARGIN + (100 - 2 * _MARGIN) * ((at - self.first) / (self.last - self.first))


def _percent(place: float) -> str:
    return f"{place:.2f}%"


def _days(tongue: Tongue, scale: _Scale) -> Iterator[tuple[str, str, bool]]:
    span = scale.last - scale.first
    step = next((days for days in (1, 2, 3, 7, 14, 30, 91, 182, 365, 1826) if span / timedelta(days=days) < 16), 3652)
    day = scale.first.astimezone(tongue.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last = -_DAYS_APART
    while day <= scale.last:
        place = scale.place(day)
        if place >= 0:
            shown = place - last >= _DAYS_APART and place <= 100 - _DAYS_APART / 2
            label = tongue.day(day) if step > 90 else tongue.short_day(day)
            yield _percent(place), label, shown
            last = place if shown else last
        day += timedelta(days=step)


def _kind(look: LookRow) -> Literal["seen", "absent", "silent"]:
    if sighted(look):
        return "seen"
    counts = look["outcome"] in ABSENT and not (look.get("held") or look.get("void"))
    return "absent" if counts else "silent"


def _ticks(scale: _Scale, looks: Sequence[LookRow], begun: Iterable[Mapping[str, Any]]) -> Iterator[Tick]:
    looked = {look["at"] for look in looks}
    told: list[tuple[str, Literal["seen", "absent", "silent"]]] = [(look["at"], _kind(look)) for look in looks]
    told += [(version["captured_at"], "seen") for version in begun if version["captured_at"] not in looked]
    drawn = set()
    for at, kind in sorted(told):
        place = scale.place(instant(at))
        # Ticks that would lie on one another are one.
        if (spot := (round(place * _BINS / 100), kind)) not in drawn:
            drawn.add(spot)
            yield Tick(x=_percent(place), kind=kind)


def _seen(own: Sequence[LookRow], begun: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return (instant, version seen) of each look that says something; version 0 where there was none."""
    starts = sorted((version["captured_at"], version["number"]) for version in begun)
    told = dict(starts)
    for look in own:
        if look["at"] in told or not (sighted(look) or _kind(look) == "absent"):
            continue
        before = [number for at, number in starts if at <= look["at"]]
        told[look["at"]] = (before[-1] if before else 0) if look["outcome"] in SEEN else 0
    return sorted(told.items())


def _stretches(seen: Sequence[tuple[str, int]]) -> Iterator[Stretch]:
    last: Stretch | None = None
    for run in _runs(seen):
        if last is not None:
            gap: _STRETCH = "unseen" if last.version == run.version else "unknown"
            yield Stretch(kind=gap, version=last.version, since=last.until, until=run.since)
        yield run
        last = run


def _runs(seen: Sequence[tuple[str, int]]) -> Iterator[Stretch]:
    """Yield what was seen alike at looks that follow close on one another; of an absence at all its looks."""
    run: Stretch | None = None
    for at, version in seen:
        if run and run.version == version and (not version or instant(at) - instant(run.until) <= UNSEEN):
            run = replace(run, until=at)
        else:
            if run:
                yield run
            run = Stretch(kind="version" if version else "absent", version=version, since=at, until=at)
    if run:
        yield run


def _placed(scale: _Scale, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    found = [(each, scale.place(instant(each.since)), scale.place(instant(each.until))) for each in stretches]
    taken: list[float] = []
    labelled = set()
    for kind in _LABELLED:
        for place, (each, since, until) in enumerate(found):
            middle = (since + until) / 2
            if each.kind == kind and all(abs(middle - other) >= _APART for other in taken):
                taken.append(middle)
                labelled.add(place)
    for place, (each, since, until) in enumerate(found):
        width = _percent(max(until - since, 0.25))
        at = _percent((since + until) / 2)
        yield replace(each, x=_percent(since), width=width, middle=at, label=place in labelled)


def sights(looks: Sequence[LookRow], begun: Sequence[Mapping[str, Any]]) -> dict[int, tuple[str, str]]:
    """Return when each version was seen first and last, by its number."""
    found: dict[int, tuple[str, str]] = {}
    for at, version in _seen([look for look in looks if look.get("kind", "article") == "article"], begun):
        found[version] = (found.get(version, (at, at))[0], at)
    return found
