"""How many of what was found are in each section, month, state and layout, edited, removed, ours or others'; narrowed.

What every article counts as is read once (`counted`), and then that of the articles that commits touched since: a
search costs its own matches.
"""

import json
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from archive.catalog import traits
from archive.catalog.articles import MOST_VERSIONS, Db, head_of
from archive.catalog.found import RANKED, Search
from archive.catalog.schema import MEMBER
from archive.facts.outcomes import STATES, State

Trait = Literal["edited", "silent", "removed", "own", "others"]
TRAITS: tuple[Trait, ...] = get_args(Trait)
_BITS: dict[Trait, int] = {
    "edited": traits.EDITED, "silent": traits.SILENT, "removed": traits.REMOVED, "own": traits.OWN,
    "others": traits.OTHERS,
}  # fmt: skip
_COUNTED = traits.STATE | sum(_BITS.values())


class Alike(NamedTuple):
    """What many articles count as alike."""

    month: int
    layout: int
    flags: int
    sections: str

    def has(self, section: int) -> bool:
        """Return whether they are in a section."""
        return str(section) in self.sections.split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What each article counts as, at one state of the archive."""

    head: tuple[int, str]
    """Number and digest of its last commit."""
    kinds: tuple[Alike, ...]
    of: Mapping[int, int]
    """Article to the place of its kind, by number."""
    sections: Mapping[int, str]
    layouts: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What is wanted of each facet; nothing is anything."""

    section: str = ""
    """A name, capitals make no difference."""
    month: str = ""
    """`2026-11`."""
    layout: str = ""
    state: State | None = None
    traits: frozenset[Trait] = frozenset()

    def kinds(self, known: Counted) -> set[int] | None:
        """Return the places of the kinds that are wanted; None for all."""
        if self == _ANYTHING:
            return None
        sections = [n for n, name in known.sections.items() if name.casefold() == self.section.casefold()]
        return {place for place, kind in enumerate(known.kinds) if self._keeps(kind, known, sections)}

    def _keeps(self, kind: Alike, known: Counted, sections: Iterable[int]) -> bool:
        bits = sum(_BITS[trait] for trait in self.traits)
        return (
            (not self.section or any(kind.has(number) for number in sections))
            and self.month in ("", _month(kind.month))
            and self.layout in ("", known.layouts.get(kind.layout, ""))
            and self.state in (None, STATES[kind.flags & traits.STATE])
            and kind.flags & bits == bits
        )


_ANYTHING = Narrowing()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What a search found, narrowed: how many, what they are, and where the newest 10,000 stand."""

    total: int
    """Of articles; of versions, where a search is for what they lack."""
    facets: Facets
    rows: Sequence[int]
    """In the index, the newest first."""


def counted(db: Db, before: Counted | None = None) -> Counted:
    """Return what each article counts as; of what was counted before only what was touched since is read again."""
    last = head_of(db)
    if before is not None and db.execute(_HELD, before.head).fetchone():
        kinds = {kind: place for place, kind in enumerate(before.kinds)}
        touched = {number for (number,) in db.execute(_TOUCHED, (before.head[0],))}
        now = _placed(db.execute(f"{_ROWS} WHERE article_id IN ({_TOUCHED})", (before.head[0],)), kinds)
        of = _with(before.of, now, touched - now.keys())
    else:
        kinds = {}
        of = _placed(db.execute(_ROWS), kinds)
    return Counted(head=last, kinds=tuple(kinds), of=of, **_names(db, kinds))


def _placed(rows: Iterable[Sequence[Any]], kinds: dict[Alike, int]) -> dict[int, int]:
    return {number: kinds.setdefault(_alike(*kind), len(kinds)) for number, *kind in rows}


def _with(known: Mapping[int, int], now: Mapping[int, int], gone: Iterable[int]) -> dict[int, int]:
    """Return what is known with what is now in its place, by number; most that is new has the highest ones."""
    told = {**known}
    for number in gone:
        told.pop(number, None)
    highest, first = next(reversed(told), 0), min(now.keys() - told.keys(), default=None)
    told |= now
    return told if first is None or first > highest else dict(sorted(told.items()))


def _alike(month: int, layout: int, flags: int, sections: str) -> Alike:
    return Alike(month, layout, flags & _COUNTED, sections)


def _names(db: Db, kinds: Iterable[Alike]) -> dict[str, dict[int, str]]:
    numbers = json.dumps(sorted({kind.layout for kind in kinds}))
    layouts = db.execute(f"SELECT number, text FROM interned WHERE number {MEMBER}", (numbers,))
    return {"sections": dict(db.execute("SELECT number, name FROM sections").fetchall()), "layouts": dict(layouts)}


_HELD = "SELECT 1 FROM commits WHERE seq = ? AND digest = ?"
_TOUCHED = "SELECT article_id FROM touched WHERE seq > ?"
_ROWS = "SELECT article_id, day / 100, layout, flags, sections FROM facets"


def narrowed(db: Db, known: Counted, asked: Search | None, wanted: Narrowing = _ANYTHING) -> Narrowed:
    """Return what of a search's finds, without one of all articles, is wanted; of versions each article counts once."""
    rows: Collection[int] = known.of.keys() if asked is None else asked.rows(db)
    removed = asked is not None and asked.removed
    kinds, of = wanted.kinds(known), known.of
    if kinds is not None:
        rows = [row for row in rows if of.get(row // MOST_VERSIONS if removed else row) in kinds]
    numbers = {row // MOST_VERSIONS for row in rows} if removed else rows
    found = Counter(map(of.get, numbers))
    del found[None]
    newest = list(rows)[-RANKED:]
    facets = facets_of(known, {place: count for place, count in found.items() if place is not None})
    return Narrowed(total=len(rows), facets=facets, rows=array("q", reversed(newest)))


def facets_of(known: Counted, found: Mapping[int, int]) -> Facets:
    """Return the facets of so many articles of each kind, by the kinds' places."""
    kinds = [(known.kinds[place], count) for place, count in found.items()]
    months, layouts, states = (_sums(kinds, name) for name in ("month", "layout", "flags"))
    sections = Counter[int]()
    for kind, count in kinds:
        for number in map(int, kind.sections.split()):
            sections[number] += count
    return Facets(
        total=sum(found.values()),
        months={_month(month): months[month] for month in sorted(months, reverse=True) if month},
        sections={known.sections[number]: count for number, count in sections.most_common()},
        layouts={known.layouts[number]: count for number, count in layouts.most_common() if number},
        states=_states(states),
        traits={name: total for name, bit in _BITS.items() if (total := _having(states, bit))},
    )  # fmt: skip


def _month(month: int) -> str:
    return f"{month // 100:04d}-{month % 100:02d}"


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
