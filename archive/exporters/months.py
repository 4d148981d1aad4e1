"""A view parted by months: a file each, `VIEW-2026-11.parquet`; since a commit only the files that it touched.

A row is of the month (UTC) in which its article was published, or in which it happened. A month's file holds the same
bytes however it came to be: written with all the others, or alone since a commit.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from archive.catalog.articles import Db
from archive.catalog.packing import unpacked
from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.catalog.suspects import held_since
from archive.errors import UsageError
from archive.exporters.folders import folder_at
from archive.exporters.format import Progress
from archive.exporters.marks import Row
from archive.exporters.targets import MANIFEST, Written, is_store
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical, parse
from archive.facts.record import utc_of
from archive.opened import Archive
from archive.stores.temporary import temporary_folder

WriteRows = Callable[[Iterable[Row], BinaryIO], int]
_UNDATED = "undated"
_HAPPENED = {
    "changes": "to", "events": "not_after", "checks": "at", "placements": "at", "articles": "published",
    "captures": "captured_at", "commits": "committed_at",
}  # fmt: skip
"""View → when what a row tells happened; rows of the others are of their article's publication."""
_ADDED = {
    "checks": "SELECT at FROM looks",
    "placements": "SELECT at FROM looks",
    "captures": "SELECT captured_at FROM captured",
}
"""View → when what a commit brought happened, where what earlier ones brought stays as it is."""


def month_of(view: str, row: Mapping[str, Any]) -> str:
    """Return the month of a row as `2026-11`, or `undated`."""
    at = row[_HAPPENED[view]] if view in _HAPPENED else utc_of(row["published"])
    return at[:7] if at else _UNDATED


def write_months(
    archive: Archive, view: str, *, chosen: Selection, target: str, progress: Progress, write: WriteRows
) -> Written:  # fmt: skip
    """Write a view into a folder, a file a month; count the rows written. A file whose rows are gone is taken away.

    Raises UsageError for a store's prefix since a commit: nothing stored is replaced there. Raises as `folder_at`.
    """
    if chosen.since.seq and is_store(target):
        raise UsageError(
            f"--since {chosen.since.seq}: files of months would be written anew, and nothing stored is replaced; leave "
            "--since out and choose a new prefix, or a folder"
        )
    months = _touched(archive.catalog.db, view, chosen.since.seq) if chosen.since.seq else None
    rows = progress(VIEWS[view](archive, replace(chosen, since=Since()) if chosen.since.seq else chosen))
    named = re.compile(rf"{view}-(\d{{4}}-\d\d|{_UNDATED})\.parquet")

    def is_ours(name: str) -> bool:
        return bool(named.fullmatch(name))

    def is_gone(name: str) -> bool:
        return months is None or any(name == f"{view}-{month}.parquet" for month in months)

    with temporary_folder("months") as spools, folder_at(target) as folder:
        folder.only(is_ours, is_gone, f"{view}{MANIFEST}")
        parted = _part(view, rows, months, Path(spools))
        count = 0
        for month, spool in sorted(parted.items()):
            count += folder.put(f"{view}-{month}.parquet", partial(_write_month, write, spool))
    return Written(count, *folder.files)


def _write_month(write: WriteRows, spool: Path, out: BinaryIO, name: str) -> int:
    del name
    return write(_read(spool), out)


def _part(view: str, rows: Iterable[Row], months: frozenset[str] | None, folder: Path) -> dict[str, Path]:
    """Put the rows of each month into a file, a line each: rows come by article, and all months are never held."""
    open_files: dict[str, BinaryIO] = {}
    with ExitStack() as files:
        for row in rows:
            month = month_of(view, row)
            if months is not None and month not in months:
                continue
            if month not in open_files:
                open_files[month] = files.enter_context((folder / month).open("wb"))
            open_files[month].write(canonical(row) + b"\n")
    return {month: folder / month for month in open_files}


def _read(spool: Path) -> Iterator[Row]:
    with spool.open("rb") as lines:
        yield from map(parse, lines)
    spool.unlink()


def _touched(db: Db, view: str, seq: int) -> frozenset[str] | None:
    """Return the months whose rows commits past that one may have changed; None for all of them.

    An event may vanish that any look ever told, and a commit's crawl be accepted: those are held against what is there.
    """
    if view in _ADDED:
        months = {at[:7] for (at,) in db.execute(f"{_ADDED[view]} WHERE seq > ?", (seq,))}
        return frozenset(months | (_judged_anew(db, seq) if view == "checks" else set()))
    if view in _HAPPENED and view != "articles":
        return None
    rows = db.execute(
        "SELECT r.packed FROM records r JOIN touched t ON t.article_id = r.article_id WHERE t.seq > ?", (seq,)
    )
    return frozenset({_UNDATED} | {month_of("records", unpacked(data)) for (data,) in rows})


def _judged_anew(db: Db, seq: int) -> set[str]:
    """Return the months of earlier looks of which it changed since a commit whether they wait."""
    sql = "SELECT substr(at, 1, 7) FROM looks WHERE seq = ? AND line = ?"
    return {db.execute(sql, place).fetchone()[0] for place in held_since(db, seq)}
