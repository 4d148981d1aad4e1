"""Every look as the log has it, read from the segments of checks; commits that hold none that is asked for are left."""

from collections.abc import Iterator

from archive.catalog.selection import Selection
from archive.exporters.increments import Row
from archive.facts.names import BACKFILL
from archive.log.chain import EMPTY, Commit, Head
from archive.log.segments import decode_lines, most, read_segment
from archive.opened import Archive


def looks(archive: Archive, chosen: Selection, *, narrowed: bool = False) -> Iterator[Row]:
    """Yield the looks of each commit past the selection's, up to the catalog's head, with `commit` and `crawl`.

    With `narrowed` commits without a look at the articles and in the days that are asked for are not read.
    """
    wanted = _commits(archive, chosen) if narrowed else None
    head = archive.catalog.head().seq
    for commit in archive.log.after(_at(archive, chosen.since.seq)):
        if commit.seq > head:
            return
        if wanted is None or commit.seq in wanted:
            yield from _of(archive, commit)


def _of(archive: Archive, commit: Commit) -> Iterator[Row]:
    for segment in commit.segments:
        if segment.kind == "checks":
            for line in decode_lines(read_segment(archive.store, segment), segment.key, most(commit, segment)):
                others = bool(line.get("source")) or commit.crawl.startswith(BACKFILL)
                if not (archive.own and others):
                    yield {"commit": commit.seq, "crawl": commit.crawl, **line}


def _at(archive: Archive, seq: int) -> Head:
    row = archive.catalog.db.execute("SELECT seq, digest FROM commits WHERE seq = ?", (seq,)).fetchone()
    return Head(seq=row[0], digest=row[1]) if row else EMPTY


def _commits(archive: Archive, chosen: Selection) -> set[int] | None:
    if not chosen.ids and not chosen.is_timed():
        return None
    where, values = chosen.touched("article_id")
    for sign, at in ((">=", chosen.since.at), ("<=", chosen.until.at)):
        if at:
            where += f" AND at {sign} ?"
            values.append(at)
    rows = archive.catalog.db.execute(f"SELECT DISTINCT seq FROM checks WHERE 1{where}", values)
    return {seq for (seq,) in rows}
