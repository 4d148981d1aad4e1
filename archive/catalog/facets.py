"""How many of what was found are in each section, month, state and layout, edited, removed, ours or others'.

What every article counts as is read once for a state of the archive (`counted`); a search then costs its own matches.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from archive.catalog import traits
from archive.catalog.articles import Db
from archive.catalog.found import Search
from archive.catalog.schema import MEMBER
from archive.facts.outcomes import STATES, State

Trait = Literal["edited", "silent", "removed", "own", "others"]
_TRAITS: dict[Trait, int] = {
    "edited": traits.EDITED, "silent": traits.SILENT, "removed": traits.REMOVED, "own": traits.OWN,
    "others": traits.OTHERS,
}  # fmt: skip


class Alike(NamedTuple):
    """What many articles count as alike."""

    month: int
    layout: int
    flags: int
    sections: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What each article counts as, at one state of the archive."""

    kinds: tuple[Alike, ...]
    of: Mapping[int, int]
    """Article to the place of its kind."""
    sections: Mapping[int, str]
    layouts: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many articles of a search are of each kind; what none is of is left out."""

    total: int
    months: Mapping[str, int]
    """`2026-11` to articles published in it, in the outlet's zone, the newest first."""
    sections: Mapping[str, int]
    """By name, as their newest record has them; an article counts in each of its sections. The most first."""
    layouts: Mapping[str, int]
    states: Mapping[State, int]
    traits: Mapping[Trait, int]
    """Edited at all, silently, removed once (be it back since), captured by ourselves, by others."""


def counted(db: Db) -> Counted:
    """Return what each article counts as."""
    kinds: dict[Alike, int] = {}
    of = {
        number: kinds.setdefault(Alike(*kind), len(kinds))
        for number, *kind in db.execute("SELECT article_id, month, layout, flags, sections FROM facets")
    }
    numbers = json.dumps(sorted({kind.layout for kind in kinds}))
    layouts = db.execute(f"SELECT number, text FROM interned WHERE number {MEMBER}", (numbers,))
    sections = db.execute("SELECT number, name FROM sections")
    return Counted(kinds=tuple(kinds), of=of, sections=dict(sections.fetchall()), layouts=dict(layouts.fetchall()))


def facets(db: Db, known: Counted, asked: Search | None = None) -> Facets:
    """Return the facets of what a search finds, without one of all; of versions that lack it each article once."""
    found = Counter(known.of.values()) if asked is None else _found(known, asked.numbers(db))
    kinds = [(known.kinds[place], count) for place, count in found.items()]
    months, layouts, states = (_sums(kinds, name) for name in ("month", "layout", "flags"))
    sections = Counter[int]()
    for kind, count in kinds:
        for number in map(int, kind.sections.split()):
            sections[number] += count
    return Facets(
        total=sum(found.values()),
        months={f"{month // 100}-{month % 100:02d}": months[month] for month in sorted(months, reverse=True) if month},
        sections={known.sections[number]: count for number, count in sections.most_common()},
        layouts={known.layouts[number]: count for number, count in layouts.most_common() if number},
        states=_states(states),
        traits={name: total for name, bit in _TRAITS.items() if (total := _having(states, bit))},
    )  # fmt: skip


def _found(known: Counted, numbers: Iterable[int]) -> Counter[int]:
    of = known.of
    return Counter(of[number] for number in numbers if number in of)


def _sums(kinds: Iterable[tuple[Alike, int]], name: Literal["month", "layout", "flags"]) -> Counter[Any]:
    sums = Counter[Any]()
    for kind, count in kinds:
        sums[getattr(kind, name)] += count
    return sums


def _states(flags: Counter[int]) -> dict[State, int]:
    told = {state: sum(n for bits, n in flags.items() if bits & traits.STATE == at) for at, state in enumerate(STATES)}
    return {state: count for state, count in told.items() if count}


def _having(flags: Counter[int], bit: int) -> int:
    return sum(count for bits, count in flags.items() if bits & bit)
