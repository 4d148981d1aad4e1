"""What a crawl or backfill learns from many looks together, for its last commit (`archive/catalog/takeovers.py`)."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archive.catalog.articles import Db
from archive.catalog.takeovers import TakenOver, hosts_taken_over, looks_at, taken_over
from archive.facts.addresses import host_of
from archive.facts.outcomes import SEEN, TAKEN_OVER, Outcome, Reason

_SERVED: frozenset[Outcome] = SEEN | {"listed"}


class Takeovers:
    """Gather, look by look, what is told of hosts at the end."""

    def __init__(self, *, own: bool = True) -> None:
        """Begin; with `own` for a crawl of ours, which others' captures tell nothing, else for a backfill."""
        self._own = own
        self._notices: dict[str, dict[str, Reason]] = {}
        self._served: dict[str, set[str]] = {}

    def look(self, url: str, at: str, outcome: Outcome, reason: Reason) -> None:
        """Take in how a look ended that an address answered; `at` is RFC 3339."""
        if outcome == "challenge" and reason in TAKEN_OVER:
            self._notices.setdefault(host_of(url), {})[at] = reason
        elif outcome in _SERVED:
            self._served.setdefault(host_of(url), set()).add(at)

    def learned(self, db: Db) -> dict[str, Any]:
        """Return what the looks came to, less what the catalog knows, for the summary's `learned`; empty for none."""
        told = {}
        for host in sorted({*self._notices, *(self._served.keys() & hosts_taken_over(db, own=self._own))}):
            known = taken_over(db, host, own=self._own)
            if self._is_over(host, known):
                continue
            notices = {at: one["reason"] for one in known for at in (one["first"], one["last"])}
            found = list(_stretches(notices | self._notices.get(host, {}), sorted(self._served_at(db, host, known))))
            if found != known:
                told[host] = found
        return {"taken_over": told} if told else {}

    def _is_over(self, host: str, known: Sequence[TakenOver]) -> bool:
        """Tell whether a host has long been the outlet's again, and these looks say no more than that."""
        until = known[-1]["until"] if known else None
        return until is not None and host not in self._notices and until <= min(self._served[host])

    def _served_at(self, db: Db, host: str, known: Sequence[TakenOver]) -> set[str]:
        """Return when a host served the outlet, as far as that bounds a stretch in which it did not."""
        bounds = {at for one in known for at in (one["after"], one["until"]) if at and at != one["first"]}
        # A backfill's captures may be of any time; our looks are committed once they were made.
        since = (known[-1]["until"] or known[-1]["last"]) if known and self._own else ""
        found = {at for _, at in looks_at(db, host, _SERVED, own=self._own, since=since)}
        return self._served.get(host, set()) | bounds | found


def _stretches(notices: Mapping[str, Reason], served: Sequence[str]) -> Iterator[TakenOver]:
    together: dict[int, list[str]] = {}
    for at in sorted(notices):
        together.setdefault(bisect_left(served, at), []).append(at)
    for place, told in together.items():
        yield TakenOver(
            after=served[place - 1] if place else told[0],
            first=told[0],
            last=told[-1],
            until=served[place] if place < len(served) else None,
            reason=notices[told[0]],
        )
