"""Who vouches for a snapshot, what is wrong with those that are there, and which are kept."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archive.catalog import schema
from archive.catalog.catalog import Catalog
from archive.catalog.snapshots import (
    Manifest,
    Snapshot,
    SnapshotJudge,
    SnapshotWord,
    check,
    read_manifest,
    signature_of,
    signer_in,
    snapshots_there,
    tables_of,
    unpack,
)
from archive.catalog.starting import OUTLIVED, is_outlived
from archive.errors import ArchiveError, ConfigurationError, IntegrityError
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Commit, Log
from archive.stores.opening import place_of
from archive.stores.temporary import temporary_folder
from archive.trust.orphans import OLD
from archive.trust.signing import is_signed_by

KEPT = 2
"""Of the snapshots of one schema the newest are kept: the last but one, too, which somebody may be reading."""
_ENDINGS = ("json", "sig", "sqlite.zst")
_JUDGED = 8
"""How many are judged at most, the newest ones: more are none of a program's that keeps to `remove_superseded`."""


def judge(keys: Collection[str], *, required: bool) -> SnapshotJudge:
    """Return what judges signatures by public keys; with `required` a snapshot that none of them signed is bad."""

    def vouched(manifest: bytes, signature: bytes | None) -> SnapshotWord:
        if signature is not None and keys:
            return "signed" if is_signed_by(manifest, signature, keys) else "bad"
        return "bad" if required else "unsigned"

    return vouched


def wrong_snapshots(log: Log, keys: Collection[str], last: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) of each snapshot of this schema that is not what it says; nothing is folded.

    So is one that a key signed which signs the log no more, where `last` says with which commit that ends.
    """
    for one in _ours(log):
        if why := _wrong(log, one, keys):
            yield one.key(), why
        elif keys and (signed := signature_of(log.store, one)) and is_outlived(log, signer_in(signed), last):
            yield one.key(), OUTLIVED


def unproven(log: Log, keys: Collection[str]) -> Iterator[str]:
    """Yield the keys of those of this schema that have no signature, or none that was looked at."""
    for one in _ours(log):
        if not (keys and signature_of(log.store, one)):
            yield one.key()


def _ours(log: Log) -> list[Snapshot]:
    return [one for one in snapshots_there(log.store) if one.schema == schema.VERSION][-_JUDGED:]


def _wrong(log: Log, one: Snapshot, keys: Collection[str]) -> str:
    try:
        _judge(log, one, keys)
    except ArchiveError as error:
        return str(error)
    except OSError as error:
        return f"it could not be unpacked: {error.strerror}"
    return ""


def _judge(log: Log, one: Snapshot, keys: Collection[str]) -> Manifest:
    manifest, data = read_manifest(log, one)
    signature = signature_of(log.store, one)
    if signature is not None and keys and not is_signed_by(data, signature, keys):
        raise IntegrityError("its signature is bad, or by a key that VERIFY_KEY does not name")
    with temporary_folder("snapshot") as folder:
        path = Path(folder) / "catalog"
        unpack(log.store, one, manifest, path)
        check(path, manifest, every_row=True)
    return manifest


class Refolded(NamedTuple):
    """What the newest snapshot came to that is what it says, held against the log folded up to its commit."""

    snapshot: Snapshot | None
    """None where there is none."""
    vouched: SnapshotWord
    differing: list[str]
    """Tables that the log folds to otherwise."""
    wrong: dict[str, str]
    """Keys of newer ones that are not what they say, and what is wrong."""


def refolded(
    log: Log, keys: Collection[str], vocabulary: Vocabulary, progress: Callable[[Commit], None] | None = None
) -> Refolded:
    """Fold the log anew, up to the commit of the newest snapshot that is what it says, and hold the two together.

    Raises ConfigurationError where it was folded in another zone, IntegrityError for a broken log, and what a fold
    raises.
    """
    wrong = dict[str, str]()
    for one in reversed(_ours(log)):
        try:
            manifest = _judge(log, one, keys)
        except IntegrityError as error:
            wrong[one.key()] = str(error)
            continue
        differing = _differing(log, manifest, vocabulary, progress)
        vouched: SnapshotWord = "signed" if keys and signature_of(log.store, one) else "unsigned"
        return Refolded(one, vouched, differing, wrong)
    return Refolded(None, "unsigned", [], wrong)


def _differing(
    log: Log, manifest: Manifest, vocabulary: Vocabulary, progress: Callable[[Commit], None] | None
) -> list[str]:  # fmt: skip
    if manifest.zone != str(vocabulary.zone):
        raise ConfigurationError(
            f"the newest snapshot was folded in the zone {manifest.zone}, here it is {vocabulary.zone}; set "
            "OUTLET_ZONE to that for this one command"
        )
    with temporary_folder("refolded") as folder:
        catalog = Catalog(Path(folder) / "catalog", place_of(log.store), vocabulary)
        with closing(catalog):
            catalog.until = manifest.head.seq
            catalog.follow(log, progress)
            found = tables_of(catalog.db)
    names = sorted(name for name in {*found, *manifest.tables} if not name.startswith("sqlite_"))
    return [name for name in names if found.get(name) != manifest.tables.get(name)]


def remove_damaged(log: Log, keys: Collection[str], *, dry_run: bool) -> dict[str, str]:
    """Remove the snapshots of this schema that are not what they say, with `dry_run` only name them; return them.

    One that could not be read, or unpacked here, stays. Raises what the store raises over removing.
    """
    found = dict[Snapshot, str]()
    for one in _ours(log):
        try:
            _judge(log, one, keys)
        except IntegrityError as error:
            found[one] = str(error)
        except (ArchiveError, OSError):
            continue
    for one in () if dry_run else found:
        # Without a manifest it is not there any more.
        for ending in _ENDINGS:
            log.store.delete(one.key(ending))
    return {one.key(): why for one, why in found.items()}


def remove_superseded(log: Log, now: datetime, *, dry_run: bool, damaged: Collection[str] = ()) -> list[str]:
    """Remove what snapshots are older than a day and not among the newest two of their schema; return their keys.

    Those past the log's end count for none, whatever number they give themselves. So do a file without a manifest and
    those that are known as `damaged`.
    """
    entries = {entry.key: entry for entry in log.store.list("snapshots/0")}
    by_schema = defaultdict[int, list[Snapshot]](list)
    for one in snapshots_there(log.store):
        if one.key() not in damaged and _is_of(log, one):
            by_schema[one.schema].append(one)
    kept = {one.key(ending) for told in by_schema.values() for one in sorted(told)[-KEPT:] for ending in _ENDINGS}
    old = sorted(key for key, entry in entries.items() if key not in kept and entry.modified < now - OLD)
    for key in () if dry_run else old:
        log.store.delete(key)
    return old


def _is_of(log: Log, one: Snapshot) -> bool:
    """Tell whether a snapshot is one of this archive, as far as a program of this schema can tell."""
    try:
        if one.schema == schema.VERSION:
            read_manifest(log, one)
        return log.read(one.seq) is not None
    except ArchiveError:
        return False
