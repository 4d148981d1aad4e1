"""Whether a place has room for a new archive: nobody else's files lie there."""

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from archive.errors import ConfigurationError, StorageError
from archive.stores.folder import FolderStore
from archive.stores.store import Store

_SHOWN = 3
_LOOKED_AT = 1000
_DAY = r"[0-9]{4}/[0-9]{2}/[0-9]{2}"
_OURS = re.compile(
    rf"archive\.json|log/[0-9]{{12}}\.(json|sig|tsr)|captures/{_DAY}/[0-9a-z-]+\.(warc|cdxj)\.gz"
    rf"|(records|checks)/{_DAY}/[0-9a-z-]+\.jsonl\.gz|claims/([a-z0-9-]+|shares/[a-z0-9-]+)/[0-9a-z]+\.json|probe/[0-9a-f-]+"
    r"|tile/entries/(x[0-9]{3}/)*[0-9]{3}|snapshots/packs/[0-9]{12}-[a-z]+\.bin\.zst|snapshots/[0-9]{12}-[0-9a-z.-]+"
)
"""The tree of keys of DATA_FORMAT.md."""
_FOLDERS = frozenset({"log", "captures", "records", "checks", "claims", "probe", "tile", "snapshots"})
_OF_THE_DISK = frozenset({"lost+found"})


def is_ours(name: str) -> bool:
    """Return whether a program of ours gives such a name."""
    return _OURS.fullmatch(name) is not None


def check_vacant(store: Store, beside: Collection[Path] = ()) -> None:
    """Raise ConfigurationError naming what lies in the place of an archive to be made, unless all of it is ours.

    Keys of ours, hidden files, a file system's own `lost+found` and the files `beside`, which are the catalog's, are no
    matter. Raises what the store raises when it can't be read.
    """
    found = list(dict.fromkeys(_strangers(store, _within(store, beside))))
    if found:
        more = " and more" if len(found) > _SHOWN else ""
        raise ConfigurationError(
            f"{store.uri} is not empty, and no archive: {', '.join(found[:_SHOWN])}{more} there; give ARCHIVE_URI a "
            "place of its own, or move that away"
        )


def _within(store: Store, files: Collection[Path]) -> set[str]:
    if not isinstance(store, FolderStore):
        return set()
    root = store.root.resolve()
    return {file.name for file in files if file.resolve().parent == root}


def _strangers(store: Store, beside: Collection[str]) -> Iterator[str]:
    """Yield the first parts of names that are not ours, one more than are shown; of many the first are looked at."""
    tops: set[str] = set()
    for count, name in enumerate(_names(store)):
        top, slash, _ = name.partition("/")
        if top[:1] == "." or top in _OF_THE_DISK or top in beside or is_ours(name):
            continue
        tops.add(top)
        yield name if top in _FOLDERS else top + slash
        if len(tops) > _SHOWN or count > _LOOKED_AT:
            return


def _names(store: Store) -> Iterator[str]:
    if isinstance(store, FolderStore):
        yield from _in_folder(store)
        return
    yield from store.names()


def _in_folder(store: FolderStore) -> Iterator[str]:
    """Yield what stands in the folder itself, folders that hold nothing included, and the names below those of ours."""
    try:
        entries = sorted(os.scandir(store.root), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(f"cannot look into {store.root} ({error.strerror}): choose another ARCHIVE_URI") from error
    for entry in entries:
        if entry.name in _FOLDERS and entry.is_dir(follow_symlinks=False):
            yield from store.names(f"{entry.name}/")
        else:
            yield f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
