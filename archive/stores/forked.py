"""A store whose log goes on elsewhere: what is appended is kept in memory, and what it names is stored.

So a writer's whole work can be done beside an archive, and be named in it later, by somebody else.
"""

from collections.abc import Iterator

from archive.errors import KeyMissing
from archive.facts.names import FACTS, LOG_PREFIX, commit_key
from archive.stores.memory import MemoryStore
from archive.stores.store import DOCUMENT, Entry, Store


class ForkedStore:
    """The objects of a store up to one commit; segments are put there, all else that is written stays here."""

    def __init__(self, store: Store, head: int) -> None:
        """Fork a store behind the commit of that number."""
        self.uri = store.uri
        self._store, self._own, self._last = store, MemoryStore(store.uri), commit_key(head)

    def _place(self, key: str) -> Store:
        ahead = key.startswith(LOG_PREFIX) and key > self._last
        return self._own if ahead else self._store

    def create(self, key: str, data: bytes) -> None:
        """See `Store.create`."""
        (self._store if key.startswith(FACTS) else self._own).create(key, data)

    def get(self, key: str, most: int = DOCUMENT) -> bytes:
        """See `Store.get`."""
        try:
            return self._own.get(key, most)
        except KeyMissing:
            return self._place(key).get(key, most)

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """See `Store.get_range`."""
        return self._place(key).get_range(key, offset, length)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """See `Store.list`; what was appended here is not listed."""
        return (entry for entry in self._store.list(prefix) if self._place(entry.key) is self._store)

    def names(self, prefix: str = "") -> Iterator[str]:
        """See `Store.names`."""
        return self._store.names(prefix)

    def now(self) -> None:
        """See `Store.now`: nobody's age is judged here."""

    def delete(self, key: str) -> None:
        """See `Store.delete`."""
        self._own.delete(key)
