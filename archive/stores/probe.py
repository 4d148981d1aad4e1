"""Prove on the real store that a key can be created only once: in a race, and in sequence."""

import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from archive.errors import CredentialsError, KeyExists, KeyMissing, StorageError, UnsafeStore
from archive.stores.store import Store

_log = logging.getLogger(__name__)


def probe(store: Store, *, threads: int = 8, rounds: int = 5) -> None:
    """Raise UnsafeStore (13) where create-if-absent fails: each round `threads` racers create one scratch key.

    One must win, its bytes must lie there, and a later create must find the key taken. Documentation is no proof: some
    servers are right in sequence and wrong in a race, or right in plain buckets and wrong in versioned ones. An answer
    that was lost proves neither, so racers whose bytes lie there count as winners. The scratch keys (`probe/…`) are
    removed where the store allows it. Raises what the store raises when it can't be used at all.
    """
    keys = [f"probe/{uuid.uuid4()}" for _ in range(rounds)]
    try:
        for key in keys:
            _race(store, key, threads)
            if _created(store, key, b"late"):
                raise _unsafe(store, "a key that was taken was created again")
    finally:
        for key in keys:
            _remove(store, key)


def _race(store: Store, key: str, threads: int) -> None:
    gate = threading.Barrier(threads)

    def run(data: bytes) -> bool:
        gate.wait()
        return _created(store, key, data)

    racers = [b"racer %d" % number for number in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        won = [data for data, wins in zip(racers, pool.map(run, racers), strict=True) if wins]
    try:
        stored = store.get(key)
    except KeyMissing as error:
        raise _unsafe(store, "what was created can't be read back") from error
    if len(won) > 1:
        raise _unsafe(
            store, f"{len(won)} of {threads} writers who created one key at a time were all told that they did"
        )
    # Nobody won for sure: the winner's answer was lost, and the client's own retry was told that the key is taken.
    if stored not in (won or racers):
        raise _unsafe(store, "one writer was told that it created a key, and other bytes lie there")


def _created(store: Store, key: str, data: bytes) -> bool:
    try:
        store.create(key, data)
    except KeyExists:
        return False
    return True


def _remove(store: Store, key: str) -> None:
    """Remove a scratch key; a store that forbids it (append-only rights, Object Lock) is none the worse."""
    try:
        store.delete(key)
    except (StorageError, CredentialsError) as error:
        _log.debug("the probe's scratch key %s stays: %s", key, error)


def _unsafe(store: Store, found: str) -> UnsafeStore:
    return UnsafeStore(
        f"{store.uri} can't hold an archive: {found}. Two crawls, or one that was cut off and ran again, could "
        "overwrite each other's facts there. Use an S3 server that honours If-None-Match, such as AWS S3 or SeaweedFS "
        "(with older Ceph a bucket without versions), or a local directory"
    )
