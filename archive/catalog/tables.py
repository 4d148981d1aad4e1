"""The tables of articles as a fold reads and writes them: rows, versions, changes, shifts, what is searched, counts."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from archive.catalog.articles import ArticleRow, Db, latest, row_of
from archive.catalog.cells import sealed, unsealed
from archive.catalog.course import Course, likened
from archive.catalog.indexing import index_changes, index_newest
from archive.catalog.life import Absence
from archive.catalog.schema import MEMBER
from archive.catalog.shifts import Shift, between
from archive.catalog.sights import Sight
from archive.catalog.traits import Retold
from archive.facts.record import Record

RowTable = Literal["articles", "own"]
_ROW = attrgetter(*ArticleRow.__struct_fields__)
_MARKS = ", ".join("?" * len(ArticleRow.__struct_fields__))
_UPSERT = f"INSERT INTO {{}} VALUES ({_MARKS}) ON CONFLICT DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in ArticleRow.__struct_fields__[1:]
)

_TRAITS = ("state", "published", "first_seen", "edited_at", "latest", "versions")
"""What of a row an article is found by."""
_CHANGES = "SELECT number, to_at, edited, silent, json FROM changes WHERE article_id = ?"


class Before(NamedTuple):
    """What stood of an article before something was added."""

    last: Sight | None
    """Its newest sight, where what is added goes on from there."""
    newest: Record | None
    """The record that is searched,"""
    changes: Mapping[int, Mapping[str, Any]]
    """and the changes that are and that go, by version."""


class Tables:
    """Of one transaction. Rows and counts are written at its end."""

    def __init__(self, db: Db, counted: Counter[str] | None = None, *, searched: bool = True) -> None:
        """`counted` are rows that others added; unless `searched` nothing is put into the search tables."""
        self._searched = searched
        self.db = db
        self.counted: Counter[str] = Counter() if counted is None else counted
        self.retold = Retold()
        self._rows: dict[RowTable, list[tuple[Any, ...]]] = {"articles": [], "own": []}

    def rows(self, table: RowTable, numbers: Iterable[int]) -> dict[int, ArticleRow]:
        """Return the rows of articles, as far as there are any, as the last fold left them."""
        sql = f"SELECT * FROM {table} WHERE article_id {MEMBER}"
        return {row[0]: row_of(row) for row in self.db.execute(sql, (json.dumps([*numbers]),))}

    def row(self, table: RowTable, article_id: int) -> ArticleRow | None:
        """Return an article's row as the last fold left it."""
        return self.rows(table, [article_id]).get(article_id)

    def put(self, table: RowTable, row: ArticleRow, before: ArticleRow | None) -> None:
        """Set an article's row, in the place of the one before."""
        self._rows[table].append(_ROW(row))
        if table == "articles":
            self._count(row, before)
            if before is None or any(getattr(row, name) != getattr(before, name) for name in _TRAITS):
                self.retold.articles.add(int(row.article_id))

    def drop(self, article_id: int) -> None:
        """Take out what stands of an article."""
        self._count(None, self.row("articles", article_id))
        self.retold.articles.add(article_id)
        for table in self._rows:
            self.db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))

    def _count(self, row: ArticleRow | None, before: ArticleRow | None) -> None:
        for each, sign in ((row, 1), (before, -1)):
            if each is not None:
                self.counted["articles"] += sign
                self.counted[each.state] += sign
                self.counted["versions"] += sign * each.versions
                self.counted["changes"] += sign * max(each.versions - 1, 0)
                self.retold.event(int(each.article_id), each.first_seen, "new", sign)

    def forget(self, article_id: int) -> Before:
        """Take out an article's versions, changes and shifts; return what of them is searched."""
        newest = latest(self.db, str(article_id))
        changes = self.db.execute(_CHANGES, (article_id,)).fetchall()
        for _, at, edited, silent, _ in changes:
            self._edit(article_id, at, edited, silent, -1)
        for table in ("versions", "changes", "shifts") if newest is not None else ():
            self.db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
        return Before(None, newest, {number: unsealed(text) for number, *_, text in changes})

    def versions(self, told: Course, before: Before) -> None:
        """Write what was added to an article's versions."""
        number = told.article_id
        self.db.executemany(
            f"INSERT OR REPLACE INTO versions VALUES ({', '.join('?' * 10)})", told.rows[told.first_new :]
        )
        self.db.executemany(
            "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, *each[:4], each.change["silent"], each.is_edit, sealed(each.change))
                for each in told.changed
            ],
        )  # fmt: skip
        for each in told.changed:
            self._edit(number, each.to_at, each.is_edit, each.change["silent"])
        self.retold.read[number] = told.newest()
        self.retold.articles.add(number)
        self.shifts(number, _shifts([before.last, *told.added] if before.last else told.added))
        if not self._searched:
            return
        index_newest(self.db, number, before.newest, told.newest())
        index_changes(self.db, number, before.changes, {each.number: each.change for each in told.changed})

    def _edit(self, article_id: int, at: str, edited: int, silent: int, times: int = 1) -> None:
        if edited:
            self.retold.event(article_id, at, "edited", times)
        if silent:
            self.retold.event(article_id, at, "silent", times)

    def away(self, article_id: int, told: Iterable[Absence], *, anew: bool) -> None:
        """Write the removals among an article's absences, with `anew` in the place of those before."""
        found = {each.first["at"]: each.ended for each in told if each.removal}
        if not found and not anew:
            return
        known = dict(self.db.execute("SELECT at, ended FROM away WHERE article_id = ?", (article_id,)).fetchall())
        gone = known.keys() - found.keys() if anew else ()
        self.db.executemany("DELETE FROM away WHERE article_id = ? AND at = ?", [(article_id, at) for at in gone])
        other = [at for at, ended in found.items() if at not in known or known[at] != ended]
        rows = [(article_id, at, found[at]) for at in sorted(other)]
        self.db.executemany("INSERT OR REPLACE INTO away VALUES (?, ?, ?)", rows)
        for each, sign in ((known, -1), (found, 1)):
            for at in (*gone, *other):
                self._removal(article_id, at, each, sign)

    def _removal(self, article_id: int, at: str, told: Mapping[str, str | None], sign: int) -> None:
        if at in told:
            self.retold.articles.add(article_id)
            self.retold.event(article_id, at, "removed", sign)
            if ended := told[at]:
                self.retold.event(article_id, ended, "restored", sign)

    def shifts(self, article_id: int, found: Iterable[tuple[Sight, Shift]]) -> None:
        """Write what changed beside an article's versions, and the sights that showed it."""
        self.db.executemany(
            "INSERT OR REPLACE INTO shifts VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (article_id, sight.at, shift.kind, shift.since, sight.seq, shift.detail, sight.source)
                for sight, shift in found
            ],
        )

    def write(self) -> None:
        """Write the rows and the counts."""
        for table, rows in self._rows.items():
            self.db.executemany(_UPSERT.format(table), rows)
        add = "INSERT INTO counted VALUES (?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number"
        self.db.executemany(add, sorted(self.counted.items()))
        self.db.execute("DELETE FROM counted WHERE number = 0")


def _shifts(told: Sequence[Sight]) -> Iterator[tuple[Sight, Shift]]:
    for before, after in pairwise(told):
        old, new = likened(before, after)
        for shift in between(old.record, new.record):
            yield after, shift._replace(since=before.at)
