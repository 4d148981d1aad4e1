"""An archive as it would be if it held only our own captures, or as it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from archive.catalog.catalog import Catalog
from archive.catalog.selection import Source
from archive.opened import Archive
from archive.stores.temporary import temporary_folder


@contextmanager
def selected(archive: Archive, source: Source) -> Iterator[Archive]:
    """Give the archive as that source has it; for `own` with a catalog of its own, beside ours, until the block ends.

    Its versions, changes, events and states are derived from our captures and looks alone.
    """
    if source == "all":
        yield archive
        return
    with temporary_folder("own") as folder:
        path, catalog = Path(folder) / "catalog.sqlite", archive.catalog
        with closing(sqlite3.connect(path)) as copy:
            catalog.db.backup(copy)
        with closing(Catalog(path, catalog.place, catalog.vocabulary)) as own:
            from archive.catalog.fold import leave_others_out  # noqa: PLC0415 - as in archive.catalog.catalog

            with own.writing():
                leave_others_out(own.db, own.vocabulary)
            yield replace(archive, catalog=own, own=True)
