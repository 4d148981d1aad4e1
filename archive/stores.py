"""Stores by their URI, and the one write that everything rests on."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from archive.errors import ConfigurationError, KeyExists, KeyMissing, StorageError
from archive.folder import FolderStore
from archive.store import Entry, Store

_shared: dict[str, "MemoryStore"] = {}


class MemoryStore:
    """Objects in this process, for tests."""

    def __init__(self, uri: str = "memory:") -> None:
        self.uri = uri
        self._objects: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def create(self, key: str, data: bytes) -> None:
        """Store bytes under a key that is absent."""
        with self._lock:
            if key in self._objects:
                raise KeyExists(key, self.uri)
            self._objects[key] = bytes(data)

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        try:
            return self._objects[key]
        except KeyError as error:
            raise KeyMissing(key, self.uri) from error

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Return a part of an object."""
        return self.get(key)[offset : offset + length]

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield objects by key."""
        for key in sorted(self._objects):
            if key.startswith(prefix):
                yield Entry(key=key, size=len(self._objects[key]), modified=datetime.fromtimestamp(0, UTC))

    def delete(self, key: str) -> None:
        """Remove an object."""
        self._objects.pop(key, None)


def open_store(uri: str) -> Store:
    """Return the store that a URI names. Raises ConfigurationError for a scheme that is not known."""
    if uri.startswith("memory:"):
        return _shared.setdefault(uri, MemoryStore(uri))
    if uri.startswith("s3://"):
        from archive.s3 import S3Store  # noqa: PLC0415 - boto3 costs most of a second

        return S3Store(uri)
    scheme, found, rest = uri.partition(":")
    if not found or scheme == "file":
        path = rest.removeprefix("//") if found else uri
        if path:
            return FolderStore(path, uri)
    raise ConfigurationError(f"ARCHIVE_URI={uri!r} names no store; write file:var/archive or s3://bucket/prefix")


def put_once(store: Store, key: str, data: bytes) -> bool:
    """Create a key and return whether our bytes lie there now; False where others' do.

    An unclear answer (time-out, reset, a conflict after the client's own retry) is settled by reading the key back.
    """
    try:
        store.create(key, data)
    except KeyExists:
        return store.get(key) == data
    except StorageError as error:
        try:
            if store.get(key) == data:
                return True
        except StorageError:
            raise error from None
        raise
    return True
