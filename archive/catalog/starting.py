"""Where a machine without a catalog begins: with a snapshot where there is a good one, else with nothing."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from archive.catalog import schema
from archive.catalog.catalog import Catalog
from archive.catalog.hold import ENDING as HELD
from archive.catalog.hold import Hold
from archive.catalog.snapshots import (
    Snapshot,
    SnapshotJudge,
    read_manifest,
    signature_of,
    signer_in,
    snapshots_there,
    take,
)
from archive.errors import ArchiveError, IntegrityError, KeyMissing
from archive.log.chain import EMPTY, Log, beside

_TRIED = 4
"""Snapshots that are looked at, the newest first."""
_ENDING = "-unproven"
_SIGNED = 4
"""Commits at the log's end among which a signature is looked for: the newest may be about to be signed."""
OUTLIVED = "a key signed it that signs this log no more"


class Started(NamedTuple):
    """A catalog to go on with, and whether nobody vouches for its rows."""

    catalog: Catalog
    unproven: bool = False
    taken: Snapshot | None = None
    """The signed snapshot that it began as just now; until `stands` says so nothing of it is remembered."""
    signer: str = ""
    """The public key that signed it."""


def unproven_path(path: Path) -> Path:
    """Return where a catalog lies that began as a snapshot which nobody signed: never the one that writers use."""
    return path.with_name(f"{path.name}{_ENDING}")


def started(log: Log, catalog: Catalog, judge: SnapshotJudge | None, *, reads: bool) -> Started:
    """Return a catalog as it is, or where it is empty and writable one that began as a snapshot.

    A signed one is put into the catalog itself. One that nobody signed serves who only reads, in a file of its own.
    What is wrong is passed over and noted in `Log.ignored`. Whoever gets another catalog back is to close that.
    """
    if not catalog.writable or not catalog.path.parent.is_dir():
        return Started(catalog)
    if catalog.head() != EMPTY:
        _sweep(unproven_path(catalog.path))
        return Started(catalog)
    if judge is None:
        return Started(catalog)
    # Keys that count now may not have counted when it began.
    if reads and judge(b"", None) == "unsigned" and (other := _begun(catalog)):
        catalog.close()
        return Started(other, unproven=True)
    fit = (one for one in snapshots_there(log.store) if one.schema == schema.VERSION)
    there = [one for one in fit if one.seq <= catalog.until]
    for one in reversed([one for one in there[-_TRIED:] if one.key() not in log.ignored]):
        try:
            if found := _taken(log, catalog, one, judge, reads=reads):
                return found
        except (ArchiveError, sqlite3.Error, OSError, MemoryError) as error:
            log.ignored[one.key()] = str(error)
    return Started(catalog)


def stands(log: Log, begun: Started) -> bool:
    """Tell, once a catalog followed the log, whether it may be gone on with; what is remembered of it waits for that.

    False where the log is signed by another key by now than the snapshot that it began as: whoever had the key before
    vouches for what stands in the log, where nothing can be changed, and for no catalog any more.
    """
    if begun.taken is None:
        return True
    if is_outlived(log, begun.signer, begun.catalog.head().seq):
        log.ignored[begun.taken.key()] = OUTLIVED
        return False
    begun.catalog.unproven = False
    begun.catalog.follow(log)
    return True


def is_outlived(log: Log, signer: str, last: int) -> bool:
    """Tell whether the newest signature of the log, which ends with commit `last`, names another key than a snapshot's.

    Whether that one is good is not looked at: who can put another in its place, and has a key that counts, signs there
    as well as here.
    """
    for seq in range(last, max(0, last - _SIGNED), -1):
        with suppress(KeyMissing):
            return signer_in(log.store.get(beside(seq, "sig"))) != signer
    return False


def _sweep(path: Path) -> None:
    """Remove what began as a snapshot before this machine folded a catalog, unless somebody has it open."""
    if path.exists() and Hold(path).peek() != "open":
        for ending in ("", "-wal", "-shm", ".lock", HELD):
            with suppress(OSError):
                Path(f"{path}{ending}").unlink()


def _begun(catalog: Catalog) -> Catalog | None:
    """Return the catalog that began as an unsigned snapshot before, if there is one."""
    if not unproven_path(catalog.path).exists():
        return None
    other = _aside(catalog)
    if EMPTY.seq < other.head().seq <= catalog.until:
        return other
    other.close()
    return None


def _aside(catalog: Catalog) -> Catalog:
    other = Catalog(unproven_path(catalog.path), catalog.place, catalog.vocabulary)
    other.unproven, other.until = True, catalog.until
    return other


def _taken(log: Log, catalog: Catalog, one: Snapshot, judge: SnapshotJudge, *, reads: bool) -> Started | None:
    manifest, data = read_manifest(log, one)
    if manifest.zone != str(catalog.vocabulary.zone):
        raise IntegrityError(f"it was folded in the zone {manifest.zone}, here it is {catalog.vocabulary.zone}")
    signature = signature_of(log.store, one)
    vouched = judge(data, signature)
    if vouched == "bad":
        raise IntegrityError("no key that counts signed it")
    if vouched == "signed":
        take(catalog, log.store, one, manifest, signed=True)
        catalog.unproven = True
        return Started(catalog, taken=one, signer=signer_in(signature or b""))
    if not reads:
        return None
    other = _aside(catalog)
    try:
        take(other, log.store, one, manifest, signed=False)
    except BaseException:
        other.close()
        raise
    catalog.close()
    return Started(other, unproven=True)
