"""A stream into an object of a store: sent in parts as it is written, so that its size costs no memory.

Nobody sees the object before it is whole, and none is replaced: what lies under its key by then is held against it.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from archive.errors import ArchiveError, KeyExists, KeyMissing
from archive.stores.putting import put_once
from archive.stores.s3 import S3Store
from archive.stores.store import Store, Unclear

PART = 2**23
"""Bytes of a part at first; S3 takes 10,000 parts, and twice as large ones after each thousand."""
_PARTS = 1_000
_OLD = timedelta(days=1)


class Sending(io.RawIOBase):
    """What is on its way to a key; what is less than a part goes there in one put."""

    def __init__(self, store: Store, key: str) -> None:
        super().__init__()
        self._store, self._key = store, key
        self._held = bytearray()
        self._hash, self.size = hashlib.sha256(), 0
        self._upload: PartsUpload | None = None
        self._there = False

    @property
    def sha256(self) -> str:
        """The digest of what was written, `sha256:…`."""
        return f"sha256:{self._hash.hexdigest()}"

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Take bytes in; full parts are sent. Raises as `Store.create`."""
        given = bytes(data)
        self._hash.update(given)
        self.size += len(given)
        self._held += given
        if isinstance(self._store, S3Store):
            self._send_parts(self._store)
        return len(given)

    def _send_parts(self, store: S3Store) -> None:
        while len(self._held) >= (part := self._part()):
            if self._upload is None and not self._there:
                self._there = store.holds(self._key)
            if not self._there:
                self._upload = self._upload or PartsUpload(store, self._key)
                self._upload.send(bytes(self._held[:part]))
            del self._held[:part]

    def _part(self) -> int:
        sent = len(self._upload.tags) if self._upload else 0
        return int(PART << (sent // _PARTS))

    def keep(self) -> bool:
        """Make the object be there; return whether its bytes are these: made now, or found equal."""
        if self._upload is None and not self._there:
            return put_once(self._store, self._key, bytes(self._held))
        if self._upload is None:
            return self._is_there()
        if self._held:
            self._upload.send(bytes(self._held))
        try:
            self._upload.end()
        except KeyExists:
            self.drop()
            return self._is_there()
        except Unclear:
            if self._is_there():
                return True
            raise
        return True

    def _is_there(self) -> bool:
        """Return whether these bytes lie under the key, read piece by piece."""
        assert isinstance(self._store, S3Store)
        try:
            if self._store.size(self._key) != self.size:
                return False
            found = hashlib.sha256()
            for at in range(0, self.size, PART):
                found.update(self._store.get_range(self._key, at, min(PART, self.size - at)))
        except KeyMissing:
            return False
        return found.digest() == self._hash.digest()

    def drop(self) -> None:
        """Forget what was sent in parts; what is whole stays."""
        if self._upload:
            with suppress(ArchiveError):  # gc removes what is left of it
                self._upload.drop()


class PartsUpload:
    """An upload of several parts that was begun."""

    def __init__(self, store: S3Store, key: str) -> None:
        self._store, self._key = store, key
        _forget_old(store, key)
        self._id = store.begin_parts(key)
        self.tags: list[str] = []

    def send(self, data: bytes) -> None:
        """Send the next part."""
        self.tags.append(self._store.put_part(self._key, self._id, len(self.tags) + 1, data))

    def end(self) -> None:
        """Make the object of the parts. Raises KeyExists and Unclear as `Store.create`."""
        self._store.end_parts(self._key, self._id, self.tags)

    def drop(self) -> None:
        """Have the parts forgotten."""
        self._store.drop_parts(self._key, self._id)


def _forget_old(store: S3Store, key: str) -> None:
    """Have what a killed process sent of the same object a day ago forgotten; not everybody may."""
    with suppress(ArchiveError):
        if now := store.now():
            store.sweep(now - _OLD, key=key)


@contextmanager
def sending(store: Store, key: str) -> Iterator[Sending]:
    """Give a stream to a key, of which nothing is left where its block fails before `keep`."""
    out = Sending(store, key)
    try:
        yield out
    except BaseException:
        out.drop()
        raise
