"""An archive opened: its store, its log and the catalog folded from it, checked against what this machine knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.catalog import Catalog, remembered_head
from archive.errors import IntegrityError, NoArchive
from archive.log import Commit, Log
from archive.probe import probe
from archive.store import Store
from archive.stores import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The parts of one archive; `catalog` is followed up to the log's head at opening."""

    store: Store
    log: Log
    catalog: Catalog

    def close(self) -> None:
        """Close the catalog."""
        self.catalog.close()


def open_archive(uri: str, catalog_path: str | Path, *, progress: Callable[[Commit], None] | None = None) -> Archive:
    """Open an archive for reading and fold what its log holds past the catalog.

    Raises NoArchive (10) where there is none, IntegrityError (9) where one was known here and is gone or changed,
    ConfigurationError (4) for a newer format.
    """
    store = open_store(uri)
    log = Log(store)
    catalog = _described(log, catalog_path)
    catalog.follow(log, progress)
    return Archive(store=store, log=log, catalog=catalog)


def open_for_writing(uri: str, catalog_path: str | Path, *, edition: str, version: str, now: datetime) -> Archive:
    """Open an archive for writing; the first time creates it, after the store was probed.

    Raises UnsafeStore (13) where create-if-absent can't be relied on, and as `open_archive` does.
    """
    store = open_store(uri)
    log = Log(store)
    catalog = Catalog(catalog_path, store.uri)
    catalog.check_head(log)
    if not catalog.probed(now):
        probe(store)
        catalog.remember_probe(now)
    try:
        log.description()
    except NoArchive:
        log.create(edition=edition, version=version)
    catalog.follow(log)
    return Archive(store=store, log=log, catalog=catalog)


def _described(log: Log, catalog_path: str | Path) -> Catalog:
    try:
        log.description()
    except NoArchive as error:
        seen = remembered_head(catalog_path, log.store.uri)
        if seen.seq == 0:
            raise
        raise IntegrityError(
            f"archive.json is missing from {log.store.uri}, where this machine saw {seen.seq} commits; restore it from "
            f"another copy, or delete {catalog_path} to forget the archive"
        ) from error
    return Catalog(catalog_path, log.store.uri)
