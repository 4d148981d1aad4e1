"""A crawl's own snapshot of the catalog, once in SNAPSHOT_COMMITS: signed, so that another machine's crawl takes it."""

import logging
import sqlite3

from archive.catalog import schema
from archive.catalog.snapshots import Snapshot, make, snapshots_there, write
from archive.errors import ArchiveError
from archive.opened import Archive
from archive.trust.signing import SigningKey, snapshot_signature
from crawler.crawl.keys import key_of
from settings.given import Given

_log = logging.getLogger(__name__)


def snapshot(archive: Archive, key: SigningKey | None) -> Snapshot:
    """Make a snapshot of a followed catalog and store it, signed where there is a key; return it."""
    made, data, manifest = make(archive.catalog, archive.log)
    write(archive.store, made, data, manifest, snapshot_signature(manifest, key) if key else None)
    return made


def snapshot_when_due(archive: Archive, settings: Given) -> Snapshot | None:
    """Make one where there is a key and SNAPSHOT_COMMITS came since the newest; a crawl does not fail for it."""
    every = settings.getint("SNAPSHOT_COMMITS")
    head = archive.catalog.head().seq
    try:
        key = key_of(settings) if every and head >= every else None
        if key is None:
            return None
        there = [one.seq for one in snapshots_there(archive.store) if one.schema == schema.VERSION and one.seq <= head]
        if head - max(there, default=0) < every:
            return None
        made = snapshot(archive, key)
    except (ArchiveError, sqlite3.Error, OSError, MemoryError) as error:
        _log.warning("no snapshot was made of the catalog (%s); scrapy snapshot makes one", error)
        return None
    _log.info("stored %s", made.key())
    return made
