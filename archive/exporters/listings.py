"""What the first page of each listing showed at each look, newest first: read from segments of checks, and kept.

Segments never change, so that what was read of one is right for ever; a page over many commits reads each once.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.catalog.articles import Db
from archive.catalog.schema import MEMBER, members
from archive.facts.outcomes import Kind
from archive.log.chain import Segment
from archive.log.segments import decode_lines, read_segment
from archive.stores.store import Store

KINDS: frozenset[Kind] = frozenset({"section", "front", "feed"})
MOST_SEGMENTS = 1_000
"""Of one answer, the newest ones."""
_KEPT = 2_000
_LEAST = 20
"""So many segments are read even where nobody has time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLook:
    """One look of ours at the first page of a listing."""

    at: str
    listing: str
    """A section's key, or `front`, `feed`."""
    listed: tuple[str, ...]
    """Article numbers in the order of rank, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The looks of a span of time, oldest first."""

    looks: tuple[ListingLook, ...]
    left: bool
    """Whether older looks of the span were not read."""


class ListingLooks:
    """The looks at listings of one archive; may be asked by many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, tuple[ListingLook, ...]] = {}
        self._lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def shown(
        self, db: Db, listing: str, since: str, until: str, *, may_go_on: Callable[[], bool] = lambda: True
    ) -> Shown:
        """Return the looks at a listing from one instant (RFC 3339, UTC) to another.

        Those of the newest commits come first; where `may_go_on` says no, what is older is left for another time.
        Raises IntegrityError for a segment that can't be read.
        """
        places, looks = _places(db, since, until), list[ListingLook]()
        left = len(places) > MOST_SEGMENTS
        for number, (segment, most) in enumerate(places[:MOST_SEGMENTS]):
            if number >= _LEAST and segment.sha256 not in self._known and not may_go_on():
                left = True
                break
            looks += (look for look in self._of(segment, most) if look.listing == listing and since <= look.at <= until)
        return Shown(looks=tuple(sorted(looks, key=lambda look: look.at)), left=left)

    def _of(self, segment: Segment, most: int) -> tuple[ListingLook, ...]:
        known = self._known.get(segment.sha256)
        if known is not None:
            return known
        found = tuple(self._looks(decode_lines(read_segment(self._store, segment), segment.key, most)))
        with self._lock:
            while len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            self._known[segment.sha256] = found
        return found

    def _looks(self, checks: Sequence[Mapping[str, Any]]) -> Iterator[ListingLook]:
        for check in checks:
            listed = tuple(map(str, check.get("listed", ())))
            if check["kind"] in KINDS and listed and check.get("page", 1) == 1 and not check.get("source"):
                # Most looks find what the one before found: it is kept once.
                with self._lock:
                    same = self._lists.setdefault(listed, listed)
                    if len(self._lists) > 4 * _KEPT:
                        self._lists.clear()
                yield ListingLook(at=check["at"], listing=check.get("section") or check["kind"], listed=same)


def _places(db: Db, since: str, until: str) -> list[tuple[Segment, int]]:
    """Return the segments of commits that hold looks at listings, newest first, one more than are read at once."""
    rows = db.execute(_PLACES, (since, until, members(KINDS), MOST_SEGMENTS + 1))
    return [
        (Segment(key=key, kind="checks", bytes=size, sha256=sha256, lines=lines), most)
        for key, size, sha256, lines, most in rows
    ]


# A batch is committed after its looks: the first of a span may lie in a commit of before `until`, the last behind it.
_PLACES = (
    "SELECT s.key, s.bytes, s.sha256, s.lines, s.most FROM segments s JOIN commits m ON m.seq = s.seq "
    "WHERE s.kind = 'checks' AND m.committed_at >= ?1 AND EXISTS (SELECT 1 FROM looks l "
    f"JOIN results r ON r.number = l.result WHERE l.seq = s.seq AND r.kind {MEMBER.replace('?', '?3')} "
    "AND r.source IS NULL AND l.at <= ?2) ORDER BY s.seq DESC, s.place LIMIT ?4"
)
