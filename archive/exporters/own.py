"""An archive as it would be if it held only our own captures, or as it is."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from archive.catalog.catalog import Catalog
from archive.catalog.selection import Source
from archive.opened import Archive


@contextmanager
def selected(archive: Archive, source: Source) -> Iterator[Archive]:
    """Give the archive as that source has it; for `own` with a catalog of its own, beside ours, until the block ends.

    Its versions, changes, events and states are derived from our captures and looks alone.
    """
    if source == "all":
        yield archive
        return
    with tempfile.TemporaryDirectory(prefix="own-") as folder:
        path, catalog = Path(folder) / "catalog.sqlite", archive.catalog
        with closing(sqlite3.connect(path)) as copy:
            catalog.db.backup(copy)
        with closing(Catalog(path, catalog.place, catalog.vocabulary)) as own:
            _leave_others_out(own)
            yield replace(archive, catalog=own, own=True)


def _leave_others_out(catalog: Catalog) -> None:
    from archive.catalog.fold import refold  # noqa: PLC0415 - as in archive.catalog.catalog

    with catalog.writing():
        touched = set()
        for table in ("records", "checks"):
            rows = catalog.db.execute(f"SELECT article_id FROM {table} WHERE source IS NOT NULL")
            touched |= {number for (number,) in rows if number is not None}
            catalog.db.execute(f"DELETE FROM {table} WHERE source IS NOT NULL")
        refold(catalog.db, touched, touched, catalog.vocabulary)
