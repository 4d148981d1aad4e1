"""What a store promises: create a key if it is absent, read it, list what is there. Every store keeps all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archive.errors import IntegrityError, StorageError
from archive.facts.names import KEY

DOCUMENT = 2**26
"""Bytes of an object at most, where nothing names their number: of a commit, a signature, a claim."""
LARGEST = 2**31
"""Bytes that any object may have: a batch is full long before that."""


class Unclear(StorageError):
    """Raise when nobody knows whether a write was done: no answer, or one that proves nothing. Read the key back."""


class NotOffered(StorageError):
    """Raise for an operation that a server does not have, and that is not needed to keep an archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object of a listing."""

    key: str
    size: int
    """In bytes."""
    modified: datetime
    """By the store's own clock, aware UTC; good for telling old orphans from new ones, for nothing else."""


class Store(Protocol):
    """A place for objects that are written once; safe to use from several threads and processes at a time.

    Keys are those of `is_key`; any other raises IntegrityError before the place is touched. Where the place can't be
    reached, read or written every method raises StorageError, CredentialsError or NoSpace, and NoArchive for a bucket
    that isn't there. No method retries for ever.
    """

    @property
    def uri(self) -> str:
        """The place as it was given, fit for messages: it never holds a secret."""

    def create(self, key: str, data: bytes) -> None:
        """Store `data` under a key that is free, durable by the time this returns; readers see all of it or nothing.

        One of many who race for a key wins. Raises KeyExists where the key is taken, be it by these very bytes, and
        Unclear where the answer was lost: the object may be there, and `archive.stores.opening.put_once` finds out.
        """

    def get(self, key: str, most: int = DOCUMENT) -> bytes:
        """Return all bytes of an object, their number checked. Raises KeyMissing.

        Raises IntegrityError where they are more than `most`, of which no more are read.
        """

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes (at least one) from `offset` on.

        Raises KeyMissing, and IntegrityError where the object ends before.
        """

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield what lies under keys that begin with `prefix`, sorted by key; `prefix` may end within a name.

        Objects made meanwhile may be missing. Strangers (names that are no key of ours, temporary files) are left out.
        """

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield every name that begins with `prefix`, in any order: keys and strangers, but no temporary files."""

    def now(self) -> datetime | None:
        """Return the present by the clock that `Entry.modified` is told by, aware UTC; None where it tells none."""

    def delete(self, key: str) -> None:
        """Remove an object that no commit names: an orphan, a probe's scratch key. One that is missing is fine."""


def is_key(key: str) -> bool:
    """Tell whether a name may be a key: `[a-z0-9./-]`, relative, no part empty or with a dot in front."""
    return bool(KEY.fullmatch(key)) and all(part and part[0] != "." for part in key.split("/"))


def check_key(key: str) -> str:
    """Return the key. Raises IntegrityError for a name that may not be one: it could point out of the archive."""
    if not is_key(key):
        raise IntegrityError(
            f"{key!r} is no key of an archive (a-z, 0-9, dot, dash and slash; no part empty or with a dot in front); "
            "what names it was tampered with or written by another program"
        )
    return key


def cut(data: bytes, key: str, offset: int, length: int) -> bytes:
    """Return `length` bytes of an object from `offset` on. Raises IntegrityError where it ends before."""
    part = data[offset : offset + length]
    if len(part) != length:
        raise short(key, offset + length, len(data))
    return part


def too_long(key: str, most: int) -> IntegrityError:
    """Make the error for an object that has more bytes than anything of ours may have there."""
    return IntegrityError(
        f"{key} has more than {most} bytes, which is more than belongs there; restore it from another copy"
    )


def short(key: str, wanted: int, found: int | None = None) -> IntegrityError:
    """Make the error for an object that ends before byte `wanted`."""
    known = "" if found is None else f" (it has {found})"
    return IntegrityError(
        f"{key} ends before byte {wanted}{known}; run scrapy verify, and restore it from another copy"
    )
