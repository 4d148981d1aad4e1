"""How long after publication articles were first edited, as far as looks can tell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low

from archive.catalog.articles import Db
from archive.catalog.traits import SEEN_LATE, UNEDITED
from archive.facts.names import BACKFILL, instant

_LAST_DAY = 99991231
_STEPS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 24 * 7, 24 * 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Articles that were first seen edited so long after their publication: at `least`, and before `below`."""

    least: timedelta
    below: timedelta | None
    """None for the last one."""
    edited: int
    silent: int
    """Of these, those whose first edit no date of the outlet's admits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEdits:
    """The time from publication to the look that found the first edit, in whole minutes; of articles with a date."""

    buckets: tuple[Bucket, ...]
    measured: int
    """Articles edited since, that were first seen within a day of their publication."""
    left_out: int
    """Edited ones that were first seen later: what was done to them before is not known."""
    unedited: int
    """Articles seen within a day of their publication, and never seen edited."""
    median: timedelta | None


def first_edits(db: Db, since: str) -> FirstEdits:
    """Return it for the articles published since a day of the outlet (`2026-11-24`)."""
    told = list[tuple[timedelta, bool, int]]()
    apart = Counter[int]()
    rows = db.execute(
        "SELECT minutes, silent, sum(number) FROM first_edits WHERE day BETWEEN ? AND ? GROUP BY minutes, silent",
        (int(since.replace("-", "")), _LAST_DAY),
    )
    for minutes, silent, number in rows:
        if minutes < 0:
            apart[minutes] += number
        else:
            told.append((timedelta(minutes=minutes), bool(silent), number))
    return FirstEdits(
        buckets=_buckets(told), measured=sum(number for _, _, number in told), left_out=apart[SEEN_LATE],
        unedited=apart[UNEDITED], median=_median(told),
    )  # fmt: skip


def _median(told: Sequence[tuple[timedelta, bool, int]]) -> timedelta | None:
    """Return the lower one of the two in the middle; None without any."""
    left = (sum(number for _, _, number in told) + 1) // 2
    for length, _, number in sorted(told):
        left -= number
        if left <= 0:
            return length
    return None


def _buckets(told: Sequence[tuple[timedelta, bool, int]]) -> tuple[Bucket, ...]:
    edges: list[timedelta | None] = [timedelta(), *_STEPS, None]
    found = []
    for least, below in pairwise(edges):
        assert least is not None
        inside = [each for each in told if each[0] >= least and (below is None or each[0] < below)]
        silent = sum(number for _, is_silent, number in inside if is_silent)
        found.append(Bucket(least=least, below=below, edited=sum(each[2] for each in inside), silent=silent))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How far apart crawls of ours ended."""

    crawls: int
    median: timedelta | None
    longest: timedelta | None


def cadence(db: Db, since: str, now: datetime) -> Cadence:
    """Return how far apart crawls ended since an instant (RFC 3339, UTC); the time since the last one counts, too."""
    rows = db.execute(
        "SELECT max(committed_at) FROM commits WHERE committed_at >= ? AND crawl NOT LIKE ? "
        "AND crawl NOT LIKE 'replay-%' GROUP BY +crawl ORDER BY 1",
        (since, f"{BACKFILL}%"),
    )
    ends = [instant(at) for (at,) in rows]
    apart = [later - earlier for earlier, later in pairwise(ends)]
    since_last = [max(timedelta(), now - ends[-1])] if ends else []
    return Cadence(
        crawls=len(ends), median=median_low(apart) if apart else None, longest=max([*apart, *since_last], default=None)
    )
