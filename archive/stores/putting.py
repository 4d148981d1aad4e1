"""Put a key once: tries again, and reads back what an answer left unclear."""

from archive.errors import KeyExists, KeyMissing, StorageError
from archive.stores.store import DOCUMENT, Store, Unclear

TRIES = 3


def put_once(store: Store, key: str, data: bytes) -> bool:
    """Create an object and tell whether our bytes lie under its key now: made just now, or found equal.

    False: other bytes lie there. An unclear answer (time-out, reset, "exists" after the client's own retry) is settled
    by reading the key back. Raises what `Store.create` and `Store.get` raise, but KeyExists and KeyMissing.
    """
    lost: StorageError = StorageError(
        f"{key} in {store.uri} comes and goes: another program deletes it (stop that one), or the store answers with "
        "what it held before (run the command again later)"
    )
    for _ in range(TRIES):
        try:
            store.create(key, data)
        except KeyExists:
            pass
        except Unclear as error:
            lost = error
        else:
            return True
        try:
            return store.get(key, max(len(data), DOCUMENT)) == data
        except KeyMissing:
            continue  # the lost write never arrived, or what was in the way has been deleted: the key is free again
    raise lost
