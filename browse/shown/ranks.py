"""What stood where in a listing, under which teaser, for how long: bars by rank, and a line for each article.

Only what two looks saw alike, no more than a day apart, is drawn through; between others nothing is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from archive.exporters.listings import ListingLook
from archive.facts.names import instant
from browse.shown.scale import Scale, days, percent
from browse.shown.timeline import UNSEEN
from browse.tongue import Tongue

ROW = 22
"""Pixels of a rank."""
TOP = 44
_MOST_BARS = 3_000
_LEAST_WIDTH = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One article at one rank, at looks that follow on one another."""

    article_id: str
    rank: int
    since: str
    until: str
    looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Teased:
    """What a listing called an article, and when: the first and the last look that showed it so."""

    text: str
    since: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One article in a listing over a span of time."""

    article_id: str
    headline: str
    teasers: tuple[Teased, ...]
    stays: tuple[Stay, ...]
    there: timedelta
    """How long it stood there at least: the stays' lengths, and what lies between two of one article at neighbouring
    looks."""
    first_look: bool
    """Whether it stood there at the span's first look already,"""
    last_look: bool
    """and whether at its last."""

    def called(self, stay: Stay) -> str:
        """Return what the listing called it in one of its stays: its last teaser there, else its headline."""
        shown = [teased.text for teased in self.teasers if teased.since <= stay.until]
        return shown[-1] if shown else self.headline

    @property
    def best(self) -> int:
        """Its best rank."""
        return min(stay.rank for stay in self.stays)

    @property
    def worst(self) -> int:
        """Its worst rank."""
        return max(stay.rank for stay in self.stays)

    @property
    def looks(self) -> int:
        """How many looks found it there."""
        return sum(stay.looks for stay in self.stays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stay, drawn."""

    stay: Stay
    text: str
    x: str
    width: str
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """All that is drawn."""

    days: tuple[tuple[str, str, bool], ...]
    ticks: tuple[str, ...]
    unseen: tuple[tuple[str, str], ...]
    """(place, width) of each time of more than a day without a look."""
    bars: tuple[Bar, ...]
    ranks: int

    @property
    def height(self) -> int:
        """Pixels of the whole."""
        return TOP + self.ranks * ROW + 4


def stays(looks: Sequence[ListingLook]) -> list[Stay]:
    """Return who stood at which rank from which look to which, in the order of time, then rank. Looks are in order."""
    going: dict[tuple[str, int], Stay] = {}
    ended: list[Stay] = []
    last = ""
    for look in looks:
        near = bool(last) and instant(look.at) - instant(last) <= UNSEEN
        before, going, last = going, {}, look.at
        for rank, number in enumerate(dict.fromkeys(look.listed), 1):
            old = before.pop((number, rank), None) if near else None
            since, count = (old.since, old.looks + 1) if old else (look.at, 1)
            going[number, rank] = Stay(article_id=number, rank=rank, since=since, until=look.at, looks=count)
        ended += before.values()
    return sorted([*ended, *going.values()], key=lambda stay: (stay.since, stay.rank))


def standings(
    looks: Sequence[ListingLook], headlines: Mapping[str, str], teasers: Mapping[str, Sequence[Teased]]
) -> list[Standing]:
    """Return each article that looks at a listing found there, what came last first, then by rank."""
    parts: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays(looks):
        parts[stay.article_id].append(stay)
    there = _there(looks)
    first, last = (frozenset(looks[place].listed) if looks else frozenset[str]() for place in (0, -1))
    found = [
        Standing(
            article_id=number, headline=headlines.get(number, ""), teasers=tuple(teasers.get(number, ())),
            stays=tuple(each), there=there[number], first_look=number in first, last_look=number in last,
        )
        for number, each in parts.items()
    ]  # fmt: skip
    by_rank = sorted(found, key=lambda standing: standing.stays[0].rank)
    return sorted(by_rank, key=lambda standing: standing.stays[0].since, reverse=True)


def _there(looks: Sequence[ListingLook]) -> dict[str, timedelta]:
    """Return how long each article stood there at least: between neighbouring looks that both found it."""
    found: dict[str, timedelta] = defaultdict(timedelta)
    for old, new in pairwise(looks):
        apart = instant(new.at) - instant(old.at)
        if apart <= UNSEEN:
            for number in {*old.listed} & {*new.listed}:
                found[number] += apart
    return found


def ranks(tongue: Tongue, looks: Sequence[ListingLook], told: Sequence[Standing]) -> Ranks | None:
    """Return the chart of a listing's looks and of who stood there, None without a look."""
    if not looks:
        return None
    scale = Scale(instant(looks[0].at), instant(looks[-1].at))
    return Ranks(
        days=tuple(days(tongue, scale)),
        ticks=tuple(dict.fromkeys(percent(round(scale.place(instant(look.at)) * 5) / 5) for look in looks)),
        unseen=tuple(_unseen(scale, looks)),
        bars=tuple(_bars(scale, told)),
        ranks=max(len(look.listed) for look in looks),
    )


def _unseen(scale: Scale, looks: Sequence[ListingLook]) -> Iterator[tuple[str, str]]:
    for old, new in pairwise(looks):
        if instant(new.at) - instant(old.at) > UNSEEN:
            since = scale.place(instant(old.at)) + _LEAST_WIDTH
            if (width := scale.place(instant(new.at)) - since) > 0:
                yield percent(since), percent(width)


def _bars(scale: Scale, told: Sequence[Standing]) -> Iterator[Bar]:
    every = [(stay, standing) for standing in told for stay in standing.stays]
    newest = sorted(every, key=lambda each: each[0].until, reverse=True)[:_MOST_BARS]
    for stay, standing in sorted(newest, key=lambda each: (each[0].since, each[0].rank)):
        since, until = (scale.place(instant(at)) for at in (stay.since, stay.until))
        text = standing.called(stay) or stay.article_id
        width = percent(max(until - since, _LEAST_WIDTH))
        yield Bar(stay=stay, text=text, x=percent(since), width=width, y=TOP + (stay.rank - 1) * ROW)
