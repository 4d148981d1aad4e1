"""What the archive asks of a place to store: create a key if it is absent, and read it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored object; `modified` is aware UTC."""

    key: str
    size: int
    modified: datetime


class Store(Protocol):
    """Promises of every store."""

    uri: str

    def create(self, key: str, data: bytes) -> None:
        """Store bytes, durable when it returns; never a part of them. Raises KeyExists where the key is taken."""

    def get(self, key: str) -> bytes:
        """Return an object's bytes. Raises KeyMissing."""

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`. Raises KeyMissing."""

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield the objects below a prefix by key; strangers are left out."""

    def delete(self, key: str) -> None:
        """Remove an orphan or a scratch key; a missing one is fine."""
