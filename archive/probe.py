"""Prove on the real store that a key can be created only once: in sequence, and in a race."""

import contextlib
import uuid
from concurrent.futures import ThreadPoolExecutor

from archive.errors import KeyExists, StorageError, UnsafeStore
from archive.store import Store


def probe(store: Store, *, threads: int = 8, rounds: int = 5) -> None:
    """Raise UnsafeStore where create-if-absent lets a second writer win; scratch keys are removed."""
    keys = [f"probe/{uuid.uuid4()}" for _ in range(rounds)]
    try:
        for key in keys:
            _race(store, key, threads)
            if _wins(store, key, b"late"):
                raise _unsafe(store)
    finally:
        for key in keys:
            with contextlib.suppress(StorageError):
                store.delete(key)


def _race(store: Store, key: str, threads: int) -> None:
    racers = [str(number).encode() for number in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        won = [
            data for data, wins in zip(racers, pool.map(lambda d: _wins(store, key, d), racers), strict=True) if wins
        ]
    if won != [store.get(key)]:
        raise _unsafe(store)


def _wins(store: Store, key: str, data: bytes) -> bool:
    try:
        store.create(key, data)
    except KeyExists:
        return False
    return True


def _unsafe(store: Store) -> UnsafeStore:
    return UnsafeStore(
        f"{store.uri} lets two writers create one key (If-None-Match is ignored), so an archive there could lose "
        "facts; use an unversioned bucket of a server that honours it, such as AWS S3 or SeaweedFS, or a local folder"
    )
