"""Which stored WARC segments a replay reads."""

import sqlite3
from collections.abc import Collection, Iterator

from archive.catalog.segments import segments
from archive.log.chain import Segment
from archive.opened import Archive
from crawler.editions.edition import Edition


def segments_of(
    archive: Archive, edition: Edition, since: int, ids: Collection[str] = ()
) -> Iterator[tuple[int, Segment]]:
    """Yield the WARC segments past a commit number, each with its commit's, that hold captures of these articles."""
    holding = _holding(archive.catalog.db, edition, ids) if ids else None
    for seq, segment, _ in segments(archive.catalog.db, "warc", since):
        if holding is None or segment.key in holding:
            yield seq, segment


def _holding(db: sqlite3.Connection, edition: Edition, ids: Collection[str]) -> set[str]:
    rows = db.execute("SELECT DISTINCT url, segment FROM captures")
    return {segment for url, segment in rows if edition.article_id(url) in ids}
