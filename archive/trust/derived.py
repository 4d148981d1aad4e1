"""Bundles and packs held against the log that they are derived from: what is wrong costs requests, never truth."""

from collections.abc import Iterator

from archive.log.bundles import SIZE
from archive.log.chain import Commit, Log
from archive.log.distant import commits_after
from archive.log.gathering import derived_keys, gathered_there, wrong


class DerivedAudit:
    """Takes the commits of a log one after the other, and tells of each 256 what is wrong with what is made of them."""

    def __init__(self, log: Log) -> None:
        """List what is there; nothing is read where nothing is."""
        self._store, self._there = log.store, gathered_there(log.store)
        self._held: list[Commit] = []

    @property
    def any(self) -> bool:
        """Whether anything is there."""
        return bool(self._there)

    def take(self, commit: Commit) -> Iterator[tuple[str, str]]:
        """Yield (key, what is wrong) once the last commit of a bundle is taken, and those before it were."""
        if self._held and commit.seq != self._held[-1].seq + 1:
            self._held = []
        if self._held or commit.seq % SIZE == 1:
            self._held.append(commit)
        if len(self._held) == SIZE:
            for key in derived_keys(commit.seq // SIZE - 1):
                if key in self._there and (why := wrong(self._store, key, self._held)):
                    yield key, why
            self._held = []


def remove_wrong(log: Log, *, dry_run: bool) -> dict[str, str]:
    """Remove bundles and packs that are not what the log makes them, with `dry_run` only name them; return them.

    Those past the log's last whole 256 commits stay: nobody can judge them. Raises IntegrityError for a broken log.
    """
    audit, found = DerivedAudit(log), dict[str, str]()
    for commit in commits_after(log) if audit.any else ():
        found.update(audit.take(commit))
    for key in () if dry_run else found:
        log.store.delete(key)
    return found
