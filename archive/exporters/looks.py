"""Every look as the log has it, read from the segments of checks; commits that hold none that is asked for are left."""

from collections.abc import Iterator

from archive.catalog.selection import Selection
from archive.catalog.suspects import held_since, waiting_looks
from archive.exporters.marks import Row
from archive.facts.names import BACKFILL
from archive.log.chain import EMPTY, Commit, Head
from archive.log.distant import commits_after
from archive.log.segments import decode_lines, most, read_segment
from archive.opened import Archive


def looks(archive: Archive, chosen: Selection, *, narrowed: bool = False) -> Iterator[Row]:
    """Yield the looks of each commit past the selection's, up to the catalog's head, with `commit`, `line`, `crawl`.

    With `narrowed` commits without a look at the articles and in the days that are asked for are not read.
    """
    wanted = _commits(archive, chosen) if narrowed else None
    head = archive.catalog.head().seq
    for commit in commits_after(archive.log, at_commit(archive, chosen.since.seq)):
        if commit.seq > head:
            return
        if wanted is None or commit.seq in wanted:
            yield from _of(archive, commit)


def judged_looks(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield the looks of `looks`, each with `held`: whether it waits, as what a suspect crawl saw changed or gone.

    Before them come earlier ones of which that became another since the selection's commit.
    """
    db, since = archive.catalog.db, chosen.since.seq
    waiting = waiting_looks(db)
    again = held_since(db, since) if since else set()
    for seq in sorted({seq for seq, _ in again}):
        commit = archive.log.read(seq)
        assert commit is not None
        told = (look for look in _of(archive, commit) if (seq, look["line"]) in again)
        yield from ({**look, "held": (seq, look["line"]) in waiting} for look in told)
    for look in looks(archive, chosen, narrowed=True):
        yield {**look, "held": (look["commit"], look["line"]) in waiting}


def _of(archive: Archive, commit: Commit) -> Iterator[Row]:
    number = 0
    for segment in commit.segments:
        if segment.kind == "checks":
            for line in decode_lines(read_segment(archive.store, segment), segment.key, most(commit, segment)):
                others = bool(line.get("source")) or commit.crawl.startswith(BACKFILL)
                if not (archive.own and others):
                    yield {"commit": commit.seq, "crawl": commit.crawl, "line": number, **line}
                number += 1


def at_commit(archive: Archive, seq: int) -> Head:
    """Return where the log stood at a commit of the catalog, the beginning before its first."""
    if archive.unproven and seq:
        # Nobody vouches for what the catalog says of earlier commits: a false word would be a broken chain.
        commit = archive.log.read(seq)
        return commit.head if commit else EMPTY
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
