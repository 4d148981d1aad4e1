"""What happened on each day of the outlet, kept by the fold: nobody goes through all looks for a calendar or a chart.

A look counts as what it found, on the day on which it was made, be its crawl suspect or not. What is told of articles
(new, edited, removed, restored) counts as it is believed today: what waits counts on its day once it waits no more, and
a removal on the day of the first look that found nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Literal, get_args

from archive.catalog.articles import Db
from archive.facts.days import in_zone
from archive.facts.names import BACKFILL, REPLAY, instant, stamp
from archive.facts.outcomes import ABSENT, SEEN, Outcome
from archive.log.chain import Commit

Column = Literal["crawls", "looks", "found", "absent", "failed", "new", "edited", "silent", "removed", "restored"]
COLUMNS: tuple[Column, ...] = get_args(Column)
EVERYTHING = ""
"""The section under which all of the archive is counted, each article once."""
_MINUTE = len("2026-11-24T12:00")
_WHOLE = len("2026-11-24T12:00:00.000000Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened on one day of the outlet, in all of the archive or in one section; see the module's words."""

    day: str
    """`2026-11-24`."""
    crawls: int
    """Our crawls that committed something on it; of the whole archive only."""
    looks: int
    """Our looks at articles: what they found, what was absent, and what failed or said nothing."""
    found: int
    absent: int
    failed: int
    new: int
    """Articles seen for the first time, by whomever."""
    edited: int
    """Versions that an edit began, silent ones among them."""
    silent: int
    removed: int
    """Removals that are believed."""
    restored: int


class Days:
    """What commits add to the days, in memory until it is written. Of one transaction."""

    def __init__(self, db: Db, zone: tzinfo) -> None:
        self._db, self._zone = db, zone
        self._added: Counter[tuple[str, str, Column]] = Counter()
        """By section, day and what."""
        self._crawled: dict[str, set[str]] = {}

    def day(self, at: str) -> str:
        """Return the outlet's day of an instant. Raises ValueError for text that is none."""
        return day_of(at, self._zone)

    def add(self, day: str, column: Column, sections: Iterable[str], times: int = 1) -> None:
        """Count something of a day in sections; `times` may be less than none."""
        for section in sections:
            self._added[section, day, column] += times

    def crawl(self, new: Commit) -> None:
        """Count the crawl of a commit, where it is ours, once on each day on which it commits."""
        if new.crawl.startswith((BACKFILL, REPLAY)):
            return
        if new.crawl not in self._crawled:
            sql = "SELECT committed_at FROM commits WHERE crawl = ? AND seq < ?"
            self._crawled[new.crawl] = {self.day(at) for (at,) in self._db.execute(sql, (new.crawl, new.seq))}
        day = self.day(stamp(new.committed_at))
        if day not in self._crawled[new.crawl]:
            self._crawled[new.crawl].add(day)
            self.add(day, "crawls", (EVERYTHING,))

    def write(self) -> None:
        """Write what was counted."""
        rows: dict[tuple[str, str], dict[Column, int]] = {}
        for (section, day, column), times in self._added.items():
            if times:
                rows.setdefault((section, day), {})[column] = times
        self._db.executemany(_ADD, [(*of, *(told.get(c, 0) for c in COLUMNS)) for of, told in sorted(rows.items())])
        self._db.executemany(_DROP, [of for of, told in rows.items() if min(told.values()) < 0])
        self._added.clear()


_ADD = f"INSERT INTO days VALUES (?, ?, {', '.join('?' * len(COLUMNS))}) ON CONFLICT DO UPDATE SET " + ", ".join(
    f"{name} = {name} + excluded.{name}" for name in COLUMNS
)
_DROP = f"DELETE FROM days WHERE section = ? AND day = ? AND {' AND '.join(f'NOT {name}' for name in COLUMNS)}"


def column_of(outcome: Outcome) -> Column:
    """Return as what a look counts."""
    return "found" if outcome in SEEN else "absent" if outcome in ABSENT else "failed"


def day_of(at: str, zone: tzinfo) -> str:
    """Return the day (`2026-11-24`) of an instant (RFC 3339) in a zone."""
    as_we_write = len(at) == _WHOLE and at[4] == "-" and at[13] == at[16] == ":" and at[-1] == "Z"
    return _day(f"{at[:_MINUTE]}Z" if as_we_write else at, zone)


@lru_cache(maxsize=2**16)
def _day(at: str, zone: tzinfo) -> str:
    return in_zone(instant(at), zone).date().isoformat()


def days(db: Db, since: str = "", until: str = "9999", section: str = EVERYTHING) -> Iterator[Day]:
    """Yield the days of which there is anything to tell, in order, between two days (`2026-11-24`), both included."""
    rows = db.execute(
        f"SELECT day, {', '.join(COLUMNS)} FROM days WHERE section = ? AND day BETWEEN ? AND ? ORDER BY day",
        (section, since, until),
    )
    for day, *told in rows:
        yield Day(day=day, **dict(zip(COLUMNS, told, strict=True)))
