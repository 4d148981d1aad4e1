"""Where what was searched for stands: articles, or versions that lack it, in the index's own order. One search for all.

The newest come first, by the articles' numbers; on request the best of the newest 10,000.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from archive.catalog.articles import MOST_VERSIONS, Db, latest
from archive.catalog.cells import unsealed
from archive.catalog.matching import Match
from archive.catalog.selection import Where
from archive.catalog.snippets import searched, sentences_out, snippet
from archive.facts.record import Record

Order = Literal["newest", "best"]
RANKED = 10_000
"""The newest matches among which the best are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search, and what narrows it: conditions on articles `a`, on the index's row `i` and on `{number}`."""

    match: Match | None
    """None for all of the index."""
    removed: bool = False
    order: Order = "newest"
    where: Where = ("", [])

    @property
    def table(self) -> str:
        """The index that is asked."""
        return "taken_out" if self.removed else "texts"

    def _from(self) -> tuple[str, list[Any]]:
        number = f"i.rowid / {MOST_VERSIONS}" if self.removed else "i.rowid"
        where, values = self.where
        # What is found comes first: the other way round the index would be asked for each article.
        joined = f" CROSS JOIN articles a ON a.article_id = {number}" if "a." in where else ""
        if self.match is None:
            return f"FROM {self.table} i{joined} WHERE 1{where.format(number=number)}", [*values]
        expression = self.match.removed if self.removed else self.match.newest
        told = f"FROM {self.table} i{joined} WHERE {self.table} MATCH ?{where.format(number=number)}"
        return told, [expression, *values]

    def total(self, db: Db) -> int:
        """Return how many there are."""
        told, values = self._from()
        found: int = db.execute(f"SELECT count(*) {told}", values).fetchone()[0]
        return found

    def rows(self, db: Db) -> list[int]:
        """Return all rows of the index that were found, the oldest first."""
        told, values = self._from()
        # One text is read faster than many rows.
        listed = db.execute(f"SELECT '[' || coalesce(group_concat(i.rowid), '') || ']' {told}", values).fetchone()[0]
        rows: list[int] = json.loads(listed)
        return rows

    def places(self, db: Db, count: int = -1, first: int = 0) -> list[tuple[int, int]]:
        """Return (article, version that lacks it or 0) of so many, all with -1, past the first ones."""
        rows = self.ordered(db, count, first)
        return [divmod(row, MOST_VERSIONS) if self.removed else (row, 0) for row in rows]

    def ordered(self, db: Db, count: int = -1, first: int = 0) -> list[int]:
        """Return the rows of the index in the order that was asked for."""
        told, values = self._from()
        order, again = "i.rowid DESC", list[Any]()
        if self.order == "best":
            newest = f"SELECT i.rowid AS place {told} ORDER BY i.rowid DESC LIMIT {RANKED}"
            told += f" AND i.rowid >= (SELECT min(place) FROM ({newest}))"
            order, again = "i.rank, i.rowid DESC", values
        sql = f"SELECT i.rowid {told} ORDER BY {order} LIMIT ? OFFSET ?"
        return [row for (row,) in db.execute(sql, [*values, *again, count, first])]

    def snippet(self, db: Db, number: int, version: int, newest: Record | None = None) -> str:
        """Return the piece of a text that was found that holds the most of what was asked for, marked.

        `newest` is the article's newest record, where that was read already.
        """
        texts = _taken_out(db, number, version) if self.removed else _texts(newest or latest(db, str(number)))
        return snippet(texts, self.match.signs if self.match else ())


def _texts(record: Record | None) -> list[str]:
    # The headline stands beside the snippet already.
    return list(reversed(searched(record))) if record else []


def _taken_out(db: Db, number: int, version: int) -> list[str]:
    row = db.execute("SELECT json FROM changes WHERE article_id = ? AND number = ?", (number, version)).fetchone()
    return ["\n".join(sentences_out(unsealed(row[0])))] if row else []
