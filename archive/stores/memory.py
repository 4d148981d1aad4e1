"""A store in memory: for tests and trials, with the promises of the others."""

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from archive.errors import KeyExists, KeyMissing
from archive.stores.store import DOCUMENT, Entry, check_key, cut, too_long


class MemoryStore:
    """A store in this process's memory, gone with it."""

    def __init__(self, uri: str = "memory:") -> None:
        self.uri = uri
        self._lock = threading.Lock()
        self._objects: dict[str, tuple[bytes, datetime]] = {}

    def create(self, key: str, data: bytes) -> None:
        """See `Store.create`."""
        check_key(key)
        with self._lock:
            if key in self._objects:
                raise KeyExists(key, self.uri)
            self._objects[key] = (bytes(data), self.now())

    def get(self, key: str, most: int = DOCUMENT) -> bytes:
        """See `Store.get`."""
        with self._lock:
            if check_key(key) not in self._objects:
                raise KeyMissing(key, self.uri)
            data = self._objects[key][0]
        if len(data) > most:
            raise too_long(key, most)
        return data

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """See `Store.get_range`."""
        return cut(self.get(key, sys.maxsize), key, offset, length)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """See `Store.list`."""
        with self._lock:
            held = sorted(self._objects.items())
        for key, (data, modified) in held:
            if key.startswith(prefix):
                yield Entry(key=key, size=len(data), modified=modified)

    def names(self, prefix: str = "") -> Iterator[str]:
        """See `Store.names`."""
        return (entry.key for entry in self.list(prefix))

    def now(self) -> datetime:
        """See `Store.now`. A clock of its own, as a server or a file system has one."""
        return datetime.now(UTC)  # noqa: TID251

    def delete(self, key: str) -> None:
        """See `Store.delete`."""
        with self._lock:
            self._objects.pop(check_key(key), None)
