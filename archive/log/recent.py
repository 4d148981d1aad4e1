"""What a log's reader knows of it without asking the store: what it read, wrote or saw listed a moment ago."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from archive.facts.names import LOG_PREFIX, commit_key
from archive.stores.opening import tags_of
from archive.stores.store import Store

_FEW = 4
"""Objects that are kept while an archive is opened: its description, the newest commits, no whole log."""


class Recent:
    """One log's objects as they were read and written lately; what is written once stays as it is."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._once: dict[str, bytes] | None = None
        self._tags: dict[int, Mapping[str, str]] = {}
        self._written: dict[str, bytes] | None = None
        self._newest: tuple[int, bytes] = (0, b"")

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Ask the store once for archive.json and for the newest commits, however often a block reads them."""
        self._once = {}
        try:
            yield
        finally:
            self._once, self._tags = None, {}

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Let a block have what it writes from memory: commits, and what `keep` is told of."""
        self._written = {}
        try:
            yield
        finally:
            self._written = None

    def keep(self, key: str, data: bytes) -> None:
        """Remember what was just stored under a key, for the block of `remembering`."""
        if self._written is not None:
            self._written[key] = data

    def written(self, key: str) -> bytes | None:
        """Return what the block of `remembering` stored under a key; None where it must be read."""
        return (self._written or {}).get(key)

    def get(self, key: str) -> bytes:
        """Return an object, asking the store only where it must be. Raises KeyMissing."""
        if (data := self.written(key)) is not None:
            return data
        once = self._once
        if once is None:
            return self.store.get(key)
        data = once.get(key) or self.store.get(key)
        if len(once) < _FEW:
            once[key] = data
        return data

    def stands(self, seq: int, md5: str) -> bool:
        """Tell whether one listing of a bucket shows commit `seq` as it was; else that is to be seen by reading it.

        Within `reading_once` alone: there the listing also tells whether another commit is behind it.
        """
        if self._once is None or not md5:
            return False
        if seq not in self._tags:
            self._tags[seq] = tags_of(self.store, LOG_PREFIX, commit_key(seq).removesuffix(".json")) or {}
        return self._tags[seq].get(commit_key(seq)) == md5

    def ends_with(self, seq: int) -> bool:
        """Tell whether such a listing showed commit `seq` and none behind it."""
        told = self._tags.get(seq, {})
        return commit_key(seq) in told and commit_key(seq + 1) not in told

    def note(self, seq: int, data: bytes) -> None:
        """Note the bytes of a commit that was read or written."""
        self._newest = max(self._newest, (seq, data))

    def md5_of(self, seq: int) -> str:
        """Return the MD5 of a commit, by which `stands` knows it again; empty where it is not the newest one read."""
        newest, data = self._newest
        return hashlib.md5(data, usedforsecurity=False).hexdigest() if newest == seq else ""
