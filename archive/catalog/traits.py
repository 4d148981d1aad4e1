"""What an article is found and counted by beside its words: its month, sections, layout, state, edits, whose it is.

The fold keeps a narrow row of it for each article (`facets`), counts these (`tallies`, `first_edits`), and each day's
looks and events in its sections.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

from archive.catalog.articles import Db
from archive.catalog.days import EVERYTHING, Column, Days, column_of
from archive.catalog.interned import Interned
from archive.catalog.life import LookRow
from archive.catalog.schema import MEMBER
from archive.facts.names import instant
from archive.facts.outcomes import STATES
from archive.facts.record import Record

STATE = 3
"""The bits of `flags` that hold the state, a place in STATES; the others say yes or no."""
EDITED, SILENT, REMOVED, OWN, OTHERS = 4, 8, 16, 32, 64
"""Edited at all, and silently; removed once, be it back since; captured by ourselves, and by others."""
EARLY, SILENT_FIRST = 128, 256
"""First seen within a day of its publication; its first edit was silent."""
SEEN_WITHIN = timedelta(days=1)
"""Of an article that was first seen later after its publication nobody knows whether it was edited before."""
UNEDITED, SEEN_LATE = -1, -2
"""Minutes to no edit, of an article that was seen early; and to one of which nobody knows whether it was the first."""
Events = Counter[tuple[str, Column]]
"""Instant and what happened then, and how often."""


class Traits(NamedTuple):
    """A row of `facets`."""

    article_id: int
    day: int
    layout: int
    flags: int
    sections: str
    edited: int | None

    @property
    def numbers(self) -> list[int]:
        """The numbers of its sections."""
        return [int(number) for number in self.sections.split()]

    @property
    def first_edit(self) -> tuple[int, int, bool] | None:
        """The row of `first_edits` that it counts in: (day, minutes, silent); None where it counts in none."""
        early, silent = bool(self.flags & EARLY), bool(self.flags & SILENT_FIRST)
        if not self.day or (self.edited is None and not early):
            return None
        if self.edited is None:
            return self.day, UNEDITED, False
        return self.day, self.edited if early else SEEN_LATE, silent


class Sections:
    """The numbers of sections, given in the order in which they are met. Of one transaction."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._numbers = {name: number for number, name in db.execute("SELECT number, name FROM sections")}
        self._names = {number: name for name, number in self._numbers.items()}

    def meet(self, names: Iterable[str]) -> None:
        """Give numbers to the names that are new."""
        for name in names:
            if name and name not in self._numbers:
                number = self._numbers[name] = len(self._numbers) + 1
                self._names[number] = name
                self._db.execute("INSERT INTO sections VALUES (?, ?)", (number, name))

    def numbered(self, names: Iterable[str]) -> str:
        """Return sections as a row of `facets` has them."""
        return " ".join(map(str, sorted({self._numbers[name] for name in names if name})))

    def named(self, traits: Traits | None) -> list[str]:
        """Return the names of an article's sections."""
        return [self._names[number] for number in traits.numbers] if traits else []


def summed(told: Iterable[Traits], sections: Sections) -> dict[str, Counter[Any]]:
    """Return the rows of `tallies` and `first_edits` that articles make: key to number."""
    tallies, edits = Counter[tuple[str, int]](), Counter[tuple[int, int, bool]]()
    for one in told:
        tallies.update((name, one.flags) for name in sections.named(one))
        if row := one.first_edit:
            edits[row] += 1
    return {"tallies": tallies, "first_edits": edits}


class Retold:
    """What a fold told anew of articles, in memory until their traits and the days are written."""

    def __init__(self) -> None:
        self.events: defaultdict[int, Events] = defaultdict(Counter)
        """By article: what is told of it now and was not before, less what is told no more."""
        self.articles: set[int] = set()
        """Those whose traits may be others now."""
        self.read: dict[int, Record | None] = {}
        """The newest record of those that were read."""

    def event(self, article_id: int, at: str, column: Column, times: int = 1) -> None:
        """Note an event that is told now, or with -1 no more."""
        self.events[article_id][at, column] += times


class TraitTables:
    """Brings the traits of articles, and the days, up to what a fold told. Of one transaction."""

    def __init__(self, db: Db, days: Days, interned: Interned, sections: Sections) -> None:
        self._db, self._days, self._interned, self._sections = db, days, interned, sections

    def write(self, retold: Retold, looks: Mapping[int, Collection[LookRow]], first: int) -> None:
        """Write them. `looks` are the new ones by article, of commits from `first` on."""
        numbers = json.dumps(sorted({*retold.articles, *looks}))
        before = {row[0]: Traits(*row) for row in self._db.execute(f"{_BEFORE} {MEMBER}", (numbers,))}
        now = self._now(retold, before)
        self._tally(before, now, retold.articles)
        for number in {*retold.articles, *retold.events, *looks}:
            old = self._sections.named(before.get(number))
            new = self._sections.named(now.get(number)) if number in retold.articles else old
            if number in before and old != new:
                self._move(number, retold.events[number], old, new, first)
            self._count(retold.events[number], new)
            self._count_looks(looks.get(number, ()), new)
        self._days.write()

    def _now(self, retold: Retold, before: Mapping[int, Traits]) -> dict[int, Traits]:
        found = {}
        for number, published, seen, edited, state, *told in self._db.execute(
            f"{_NOW} {MEMBER}", (json.dumps(sorted(retold.articles)),)
        ):
            layout, sections = self._read(number, retold, before.get(number))
            day, early, minutes = self._times(published, seen, edited)
            flags = STATES.index(state) | sum(bit for bit, is_so in zip(_BITS, (*told, early), strict=True) if is_so)
            found[number] = Traits(number, day, layout, flags, sections, minutes)
        gone = [(number,) for number in before if number in retold.articles and number not in found]
        self._db.executemany("DELETE FROM facets WHERE article_id = ?", gone)
        rows = [row for number, row in sorted(found.items()) if row != before.get(number)]
        self._db.executemany("INSERT OR REPLACE INTO facets VALUES (?, ?, ?, ?, ?, ?)", rows)
        return found

    def _read(self, number: int, retold: Retold, before: Traits | None) -> tuple[int, str]:
        if number not in retold.read:
            return (before.layout, before.sections) if before else (0, "")
        record = retold.read[number]
        if record is None:
            return 0, ""
        return self._interned.text(record["extraction"]["layout"]), self._sections.numbered(record["sections"])

    def _times(self, published: str | None, seen: str, edited: str | None) -> tuple[int, bool, int | None]:
        """Return (day of publication, whether it was seen early, minutes to its first edit)."""
        # A foreign program's date is no reason not to fold.
        with suppress(ValueError):
            if published:
                day, at = int(self._days.day(published).replace("-", "")), instant(published)
                late = max(timedelta(), instant(edited) - at) if edited else None
                return day, instant(seen) - at <= SEEN_WITHIN, None if late is None else late // _MINUTE
        return 0, False, None

    def _tally(self, before: Mapping[int, Traits], now: Mapping[int, Traits], numbers: Iterable[int]) -> None:
        chosen = [*numbers]
        old = summed((before[number] for number in chosen if number in before), self._sections)
        for table, counts in summed((now[number] for number in chosen if number in now), self._sections).items():
            counts.subtract(old[table])
            self._add(table, counts)

    def _add(self, table: str, counted: Mapping[Any, int]) -> None:
        rows = [(*key, times) for key, times in sorted(counted.items()) if times]
        if rows:
            self._db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))}) {_SUM}", rows)
        if any(times < 0 for *_, times in rows):
            self._db.execute(f"DELETE FROM {table} WHERE number = 0")

    def _count(self, events: Events, sections: Iterable[str]) -> None:
        for (at, column), times in events.items():
            if times:
                self._days.add(self._days.day(at), column, (EVERYTHING, *sections), times)

    def _count_looks(self, looks: Iterable[LookRow], sections: Iterable[str]) -> None:
        ours = Counter((self._days.day(look["at"]), look["outcome"]) for look in looks if _is_ours(look))
        for (day, outcome), times in ours.items():
            for column in ("looks", column_of(outcome)):
                self._days.add(day, column, (EVERYTHING, *sections), times)

    def _move(
        self, number: int, events: Events, old: Collection[str], new: Collection[str], first: int
    ) -> None:  # fmt: skip
        """Count what was told of an article before in its sections of today."""
        looks = self._db.execute(_LOOKED, (number, first))
        told = [(at, column) for at, outcome in looks for column in ("looks", column_of(outcome))]
        told += self._db.execute(_EVENTS, {"number": number}).fetchall()
        earlier = Counter(told)
        earlier.subtract(events)
        for (at, column), times in earlier.items():
            day = self._days.day(at)
            self._days.add(day, column, old, -times)
            self._days.add(day, column, new, times)


def _is_ours(look: LookRow) -> bool:
    return look["source"] is None and look.get("kind", "article") == "article"


_BEFORE = "SELECT * FROM facets WHERE article_id"
_BITS = (EDITED, SILENT, REMOVED, OWN, OTHERS, SILENT_FIRST, EARLY)
_MINUTE = timedelta(minutes=1)
_SUM = "ON CONFLICT DO UPDATE SET number = number + excluded.number"
_OF = "{} o WHERE o.article_id = a.article_id"
_FIRST = f"{_OF.format('changes')} AND +o.edited ORDER BY o.number LIMIT 1"
_NOW = (
    "SELECT a.article_id, a.published, a.first_seen, "
    f"CASE WHEN a.versions > 1 THEN (SELECT o.to_at FROM {_FIRST}) END, a.state, a.edited_at IS NOT NULL, "
    f"a.versions > 1 AND EXISTS (SELECT 1 FROM {_OF.format('changes')} AND +o.silent), "
    f"EXISTS (SELECT 1 FROM {_OF.format('away')}), EXISTS (SELECT 1 FROM {_OF.format('records')} AND o.source IS NULL),"
    f" EXISTS (SELECT 1 FROM {_OF.format('records')} AND o.source IS NOT NULL), "
    f"a.versions > 1 AND (SELECT o.silent FROM {_FIRST}) FROM articles a WHERE a.article_id"
)
_LOOKED = (
    "SELECT l.at, r.outcome FROM looks l JOIN results r ON r.number = l.result "
    "WHERE l.article_id = ? AND l.seq < ? AND r.kind = 'article' AND r.source IS NULL"
)
_EVENTS = (
    "SELECT first_seen, 'new' FROM articles WHERE article_id = :number "
    "UNION ALL SELECT to_at, 'edited' FROM changes WHERE article_id = :number AND +edited "
    "UNION ALL SELECT to_at, 'silent' FROM changes WHERE article_id = :number AND +silent "
    "UNION ALL SELECT at, 'removed' FROM away WHERE article_id = :number "
    "UNION ALL SELECT ended, 'restored' FROM away WHERE article_id = :number AND ended IS NOT NULL"
)
