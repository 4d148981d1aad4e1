"""What an export since a commit says besides its rows: which articles may have had some then, and have none now.

The rows of an article that was touched since are given whole, so whoever has an earlier export replaces all that it has
of each article named.
"""

from collections.abc import Iterable, Iterator

from archive.catalog.articles import Db
from archive.catalog.selection import Selection
from archive.exporters.marks import Row

LEAST_RECORDS = {"latest": 1, "versions": 1, "changes": 2, "events": 0, "records": 1, "articles": 0}
"""View → how many records an article must have had by then for a row in it."""


def with_gone(db: Db, view: str, chosen: Selection, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield a view's rows, and behind them one of `rows` 0 for each article that has none of them any more.

    Without a commit to begin at these are all the rows there are.
    """
    if not chosen.since.seq:
        yield from rows
        return
    left = _had_rows(db, view, chosen)
    for row in rows:
        left.discard(int(row["article_id"]))
        yield row
    yield from ({"article_id": str(number), "rows": 0} for number in sorted(left))


def _had_rows(db: Db, view: str, chosen: Selection) -> set[int]:
    """Return the articles touched since a commit that may have had rows in an export of it, whatever was selected."""
    where, values = chosen.touched("t.article_id")
    seq = chosen.since.seq
    rows = db.execute(
        "SELECT t.article_id FROM touched t WHERE t.seq > ? AND t.first_seq <= ? AND "
        f"(SELECT count(*) FROM records r WHERE r.article_id = t.article_id AND r.seq <= ?) >= ?{where}",
        (seq, seq, seq, LEAST_RECORDS[view], *values),
    )
    return {number for (number,) in rows}
