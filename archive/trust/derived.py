"""Bundles and packs held against the log that they are derived from: what is wrong costs requests, never truth."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from archive.log.bundles import SIZE, STEP, bundle_tile
from archive.log.chain import Commit, Log
from archive.log.distant import commits_after
from archive.log.gathering import bundle_of, gathered_there, packs_of
from archive.log.packs import pack_last


class _Right(NamedTuple):
    """An object that is right."""

    key: str
    width: int
    """How many commits it is of."""


class DerivedAudit:
    """Takes the commits of a log in order, and tells at each step what is wrong with what is made of them."""

    def __init__(self, log: Log) -> None:
        """List what is there; nothing is read where nothing is."""
        self._store, self._there = log.store, gathered_there(log.store)
        self._held: list[Commit] = []
        self._right = defaultdict[tuple[int, str | None], list[_Right]](list)

    @property
    def any(self) -> bool:
        """Whether anything is there."""
        return bool(self._there)

    def take(self, commit: Commit) -> Iterator[tuple[str, str]]:
        """Yield (key, what is wrong) once the last commit of a step is taken, and those before it were."""
        if self._held and commit.seq != self._held[-1].seq + 1:
            self._held = []
        if self._held or commit.seq % SIZE == 1:
            self._held.append(commit)
        if self._held and len(self._held) % STEP == 0:
            yield from self._judged([*self._held])
        if len(self._held) == SIZE:
            self._held = []

    def _judged(self, commits: list[Commit]) -> Iterator[tuple[str, str]]:
        whole = packs_of(commits, SIZE) if len(commits) == SIZE else ()
        for one in (bundle_of(commits), *packs_of(commits[-STEP:], STEP), *whole):
            if one.key not in self._there:
                continue
            if why := one.wrong(self._store):
                yield one.key, why
            else:
                self._right[commits[0].seq, one.kind].append(_Right(one.key, len(one.commits)))

    def beyond(self, last: int) -> Iterator[tuple[str, str]]:
        """Yield (key, what is wrong) of what is of commits past the log's last one, where that was listed after it."""
        for key in sorted(self._there):
            tile = bundle_tile(key)
            upto = tile.last if tile else pack_last(key)
            if upto > last:
                yield key, f"it is of commits up to {upto}, and the log ends with {last}: forged, or the log was cut"

    def superseded(self) -> list[str]:
        """Return the keys of what is right, and stands in something wider that is right as well: nobody asks for it."""
        found = list[str]()
        for same in self._right.values():
            widest = max(one.width for one in same)
            found += [one.key for one in same if one.width < widest]
        return found


class Swept(NamedTuple):
    """What was removed of bundles and packs."""

    wrong: dict[str, str]
    """Keys, and what was wrong with each."""
    superseded: list[str]


def sweep_derived(log: Log, *, dry_run: bool) -> Swept:
    """Remove bundles and packs that are not what the log makes them, and those that wider ones came after.

    With `dry_run` they are only named. Those past the log's last whole step stay: nobody can judge them. Raises
    IntegrityError for a broken log.
    """
    audit, wrong = DerivedAudit(log), dict[str, str]()
    for commit in commits_after(log) if audit.any else ():
        wrong.update(audit.take(commit))
    swept = Swept(wrong, audit.superseded())
    for key in () if dry_run else (*swept.wrong, *swept.superseded):
        log.store.delete(key)
    return swept
