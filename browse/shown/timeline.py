"""The time line of an article: looks as ticks, versions as bars, what nobody saw as hatching; nothing else is drawn."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from archive.catalog.life import LookRow, sighted
from archive.facts.addresses import host_of
from archive.facts.names import instant
from archive.facts.outcomes import ABSENT, SEEN
from browse.shown.scale import Scale, days, percent
from browse.tongue import Tongue

UNSEEN = timedelta(days=1)
"""A longer time between two looks is hatched: nothing is claimed of it."""
_APART = 4.5
"""Per cent between two labels."""
_LABELLED = ("absent", "version")
"""What has a label where there is room, the rarer one first."""
_STRETCH = Literal["version", "unseen", "absent", "unknown"]
_UNKNOWN = -1
"""In the place of a version: the article was there, with a text that is not at hand."""
_NEAR = 0.6
"""Per cent between two looks below which they are drawn as one block, with their number, from three on."""
_ROOM = 2.8
"""Per cent of the width that the number takes."""
TickKind = Literal["seen", "absent", "silent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One look, or some of a kind that stand too near to be told apart: a block."""

    x: str
    kind: TickKind
    """silent: it got no answer that says anything."""
    looks: int = 1
    width: str = ""
    """Of a block."""
    middle: str = ""
    """Where there is room for its number."""


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


def timeline(
    tongue: Tongue, looks: Sequence[LookRow], begun: Sequence[Mapping[str, Any]], unheld: Collection[str] = ()
) -> Timeline | None:
    """Return the time line of an article's looks and versions (`number`, `captured_at`), None before the first look.

    `unheld` are instants of looks that read a text which is not at hand: which version it was is not claimed.
    """
    own = [look for look in looks if look.get("kind", "article") == "article"]
    instants = sorted({*(look["at"] for look in looks), *(version["captured_at"] for version in begun)})
    if not instants:
        return None
    scale = Scale(instant(instants[0]), instant(instants[-1]))
    hosts = dict.fromkeys(host_of(look["url"]) for look in looks if look.get("kind") == "mirror")
    return Timeline(
        days=tuple(days(tongue, scale)),
        ticks=tuple(_ticks(scale, own, begun)),
        stretches=tuple(_placed(scale, _stretches(_seen(own, begun, unheld)))),
        mirrors=tuple(
            MirrorLine(host=host, ticks=tuple(_ticks(scale, [look for look in looks if _is_at(look, host)], ())))
            for host in hosts
        ),
        looks=len(own),
    )


def _is_at(look: LookRow, host: str) -> bool:
    return look.get("kind") == "mirror" and host_of(look["url"]) == host


def _kind(look: LookRow) -> TickKind:
    if sighted(look):
        return "seen"
    counts = look["outcome"] in ABSENT and not (look.get("held") or look.get("void"))
    return "absent" if counts else "silent"


def _ticks(scale: Scale, looks: Sequence[LookRow], begun: Iterable[Mapping[str, Any]]) -> Iterator[Tick]:
    looked = {look["at"] for look in looks}
    told: list[tuple[str, TickKind]] = [(look["at"], _kind(look)) for look in looks]
    told += [(version["captured_at"], "seen") for version in begun if version["captured_at"] not in looked]
    near: list[float] = []
    kind: TickKind = "seen"
    for at, which in sorted(told):
        place = scale.place(instant(at))
        if near and (which != kind or place - near[-1] >= _NEAR):
            yield from _drawn(near, kind)
            near = []
        near.append(place)
        kind = which
    yield from _drawn(near, kind)


def _drawn(near: Sequence[float], kind: TickKind) -> Iterator[Tick]:
    if len(near) < 3:
        # Ticks that would lie on one another are one.
        yield from (Tick(x=place, kind=kind) for place in dict.fromkeys(map(percent, near)))
        return
    width = max(near[-1] - near[0], _NEAR)
    middle = percent(near[0] + width / 2) if width >= _ROOM else ""
    yield Tick(x=percent(near[0]), kind=kind, looks=len(near), width=percent(width), middle=middle)


def _seen(own: Sequence[LookRow], begun: Sequence[Mapping[str, Any]], unheld: Collection[str]) -> list[tuple[str, int]]:
    """Return (instant, version seen) of each look that says which; version 0 where there was none."""
    told = {version["captured_at"]: version["number"] for version in begun}
    starts = sorted({**dict.fromkeys(unheld, _UNKNOWN), **told}.items())
    for look in own:
        if look["at"] in told or not (sighted(look) or _kind(look) == "absent"):
            continue
        before = [_UNKNOWN, *(number for at, number in starts if at <= look["at"])]
        if look["outcome"] not in SEEN:
            told[look["at"]] = 0
        elif before[-1] != _UNKNOWN:
            told[look["at"]] = before[-1]
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


def _placed(scale: Scale, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
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
        width = percent(max(until - since, 0.25))
        at = percent((since + until) / 2)
        yield replace(each, x=percent(since), width=width, middle=at, label=place in labelled)


def sights(
    looks: Sequence[LookRow], begun: Sequence[Mapping[str, Any]], unheld: Collection[str] = ()
) -> dict[int, tuple[str, str]]:
    """Return when each version was seen first and last, by its number."""
    found: dict[int, tuple[str, str]] = {}
    for at, version in _seen([look for look in looks if look.get("kind", "article") == "article"], begun, unheld):
        found[version] = (found.get(version, (at, at))[0], at)
    return found
