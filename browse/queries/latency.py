"""How long after publication articles were first edited, as far as looks can tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low

from archive.catalog.articles import Db
from archive.facts.canonical import parse
from archive.facts.names import BACKFILL, instant
from archive.facts.outcomes import ROTATING

_STEPS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 24 * 7, 24 * 30))
_SEEN_WITHIN = timedelta(days=1)
"""Of an article that was first seen later after its publication nobody knows whether it was edited before."""


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
    """The time from publication to the look that found the first edit."""

    buckets: tuple[Bucket, ...]
    measured: int
    """Articles edited since, that were first seen within a day of their publication."""
    left_out: int
    """Edited ones that were first seen later, or have no date: what was done to them before is not known."""
    unedited: int
    """Articles seen within a day of their publication, and never seen edited."""
    median: timedelta | None


def first_edits(db: Db, since: str) -> FirstEdits:
    """Return it for the articles published since an instant (RFC 3339, UTC)."""
    first: dict[int, tuple[str, bool]] = {}
    rows = db.execute(
        "SELECT n.article_id, n.to_at, n.silent, n.json FROM changes n JOIN articles a ON a.article_id = n.article_id "
        "WHERE coalesce(a.published, a.first_seen) >= ? ORDER BY n.article_id, n.number DESC",
        (since,),
    )
    for number, at, silent, text in rows:
        if parse(text)["noise"] not in ROTATING:
            first[number] = at, bool(silent)
    published = db.execute(
        "SELECT article_id, published, first_seen FROM articles WHERE published >= ? AND versions > 0", (since,)
    )
    told: list[tuple[timedelta, bool]] = []
    unedited = 0
    for number, at, seen in published:
        if instant(seen) - instant(at) <= _SEEN_WITHIN:
            if number in first:
                told.append((max(timedelta(), instant(first[number][0]) - instant(at)), first[number][1]))
            else:
                unedited += 1
    return FirstEdits(
        buckets=_buckets(told), measured=len(told), left_out=len(first) - len(told), unedited=unedited,
        median=median_low(length for length, _ in told) if told else None,
    )  # fmt: skip


def _buckets(told: list[tuple[timedelta, bool]]) -> tuple[Bucket, ...]:
    edges: list[timedelta | None] = [timedelta(), *_STEPS, None]
    found = []
    for least, below in pairwise(edges):
        assert least is not None
        inside = [silent for length, silent in told if length >= least and (below is None or length < below)]
        found.append(Bucket(least=least, below=below, edited=len(inside), silent=sum(inside)))
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
        "AND crawl NOT LIKE 'replay-%' GROUP BY crawl ORDER BY 1",
        (since, f"{BACKFILL}%"),
    )
    ends = [instant(at) for (at,) in rows]
    apart = [later - earlier for earlier, later in pairwise(ends)]
    since_last = [max(timedelta(), now - ends[-1])] if ends else []
    return Cadence(
        crawls=len(ends), median=median_low(apart) if apart else None, longest=max([*apart, *since_last], default=None)
    )
