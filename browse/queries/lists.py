"""Lists of articles by what happened to them since an instant: new, edited, vanished, back.

Instants are RFC 3339 text in UTC. Each row says between which two looks it happened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from archive.catalog import articles
from archive.catalog import crawls as listings
from archive.catalog.articles import ArticleRow, Db
from archive.catalog.events import events_of
from archive.catalog.schema import MEMBER, members
from archive.facts.outcomes import SEEN

ListName = Literal["silent", "gone", "back", "changed", "new"]
LISTS: tuple[ListName, ...] = get_args(ListName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that happened to an article."""

    article: ArticleRow
    not_before: str | None
    not_after: str
    """Of a disappearance of which no look tells: the last sight."""
    version: int | None = None
    """Of an edit: the version that it began."""
    change: dict[str, Any] | None = None
    source: str | None = None
    """Whose look saw it; None for our own."""
    confirmed: bool = True
    """Of a disappearance: whether a second look six hours later found nothing, too."""

    @property
    def key(self) -> str:
        """What names it for ever, in a feed."""
        return f"{self.article.article_id}@{self.not_after}"


Rows = list[tuple[str, int, int]]
"""(when, article, version or 0), the newest first."""
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a list holds: how many, and the newest 10,000 of them."""

    total: int
    rows: Rows


def found(db: Db, name: ListName, since: str, until: str = "", among: Callable[[int], bool] | None = None) -> Found:
    """Return what a list holds since an instant and before another, as numbers: `rows` tells them.

    `among` says which articles are wanted; it is asked of each row.
    """
    at, rest = _LISTED[name]
    told, span = rest.format(at=at), (since, until or _EVER)
    sql = f"SELECT {at}, article_id, {_NUMBER.get(name, 0)} FROM {told} ORDER BY {at} DESC, article_id DESC"
    if among:
        rows = [row for row in db.execute(sql, span) if among(row[1])]
        return Found(total=len(rows), rows=rows[:MOST_ROWS])
    rows = db.execute(f"{sql} LIMIT ?", (*span, MOST_ROWS)).fetchall()
    total = len(rows)
    if total == MOST_ROWS:
        known = None if until or name != "new" else _nearly_all(db, since)
        total = known or db.execute(f"SELECT count(*) FROM {told}", span).fetchone()[0]
    return Found(total=total, rows=rows)


def _nearly_all(db: Db, since: str) -> int | None:
    """Return how many articles are new since an instant where few are older; None where many are."""
    older = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM articles WHERE first_seen < ? LIMIT ?)", (since, MOST_ROWS)
    ).fetchone()[0]
    return articles.counts(db)["articles"] - older if older < MOST_ROWS else None


_EVER = "9999-12-31T23:59:59.999999Z"
# Each is a stretch of an index.
_LISTED: dict[ListName, tuple[str, str]] = {
    "silent": ("to_at", "changes WHERE silent AND {at} >= ? AND {at} < ?"),
    "changed": ("to_at", "changes WHERE edited AND {at} >= ? AND {at} < ?"),
    "gone": ("absent_from", "articles WHERE {at} >= ? AND {at} < ?"),
    "back": (
        "ended",
        "away w WHERE {at} >= ? AND {at} < ? AND EXISTS (SELECT 1 FROM articles a WHERE a.article_id = w.article_id "
        "AND a.state = 'live') AND NOT EXISTS (SELECT 1 FROM away o WHERE o.article_id = w.article_id AND o.at > w.at)",
    ),
    "new": ("first_seen", "articles WHERE {at} >= ? AND {at} < ?"),
}
_NUMBER: dict[ListName, str] = {"silent": "number", "changed": "number"}


def rows(db: Db, name: ListName, part: Rows) -> list[Happened]:
    """Return a part of a list, told."""
    told = []
    for at, number, version in part:
        article = articles.article_row(db, str(number))
        if version:
            ((_, change),) = articles.changes(db, article.article_id, (" AND n.number = ?", [version]))
            told.append(_edit(db, article, change))
        elif name == "new":
            told.append(Happened(article=article, not_before=None, not_after=at))
        else:
            told.append(_turn(db, article, name, at))
    return told


def _turn(db: Db, article: ArticleRow, name: ListName, at: str) -> Happened:
    if name == "gone":
        return Happened(
            article=article, not_before=article.last_seen, not_after=at, source=article.state_source,
            confirmed=article.state == "removed",
        )  # fmt: skip
    told = (each for each in reversed(events_of(db, int(article.article_id))) if each["event"] == "restored")
    event = next((each for each in told if each["not_after"] == at), None)
    if event is None:
        return Happened(article=article, not_before=None, not_after=at)
    return Happened(article=article, not_before=event["not_before"], not_after=at, source=event.get("source"))


def _edit(db: Db, article: ArticleRow, change: dict[str, Any]) -> Happened:
    sights = db.execute(
        f"SELECT max(at) FROM checks WHERE article_id = ?1 AND kind = 'article' AND at < ?2 "
        f"AND at >= ?3 AND outcome {MEMBER.replace('?', '?4')}",
        (int(article.article_id), change["to"], change["from"], members(SEEN)),
    ).fetchone()
    return Happened(
        article=article, not_before=sights[0] or change["from"], not_after=change["to"],
        version=change["version"], change=change,
        source=change["source"],
    )  # fmt: skip


# A listing may name what no look has asked for yet.
_PLACED = "FROM placements p JOIN articles a ON a.article_id = p.article_id"


def section_rows(db: Db, section: str, page: int, count: int) -> tuple[int, list[ArticleRow]]:
    """Return how many articles a listing has named, and one page of those that are known, the newest first."""
    total = listings.listed(db).get(section, 0)
    found = db.execute(
        f"SELECT a.* {_PLACED} WHERE p.section = ? ORDER BY p.article_id DESC LIMIT ? OFFSET ?",
        (section, count, (page - 1) * count),
    )
    return total, [articles.row_of(row) for row in found]


def listed(db: Db, section: str, count: int) -> list[int]:
    """Return the numbers of the articles that a listing has shown, the greatest first."""
    found = db.execute(
        f"SELECT p.article_id {_PLACED} WHERE p.section = ? ORDER BY p.article_id DESC LIMIT ?", (section, count)
    )
    return [number for (number,) in found]


def sections_of(db: Db, article_id: str) -> list[str]:
    """Return the keys of the listings that have shown an article."""
    placed = "SELECT 1 FROM placements WHERE section = ? AND article_id = ?"
    return [key for key in listings.listed(db) if db.execute(placed, (key, int(article_id))).fetchone()]


def near(db: Db, number: int, count: int = 5) -> Iterator[ArticleRow]:
    """Yield the articles whose numbers are nearest to one that is not there."""
    below = db.execute(
        "SELECT * FROM articles WHERE article_id < ? ORDER BY article_id DESC LIMIT ?", (number, count)
    ).fetchall()
    above = db.execute(
        "SELECT * FROM articles WHERE article_id > ? ORDER BY article_id LIMIT ?", (number, count)
    ).fetchall()
    for row in sorted([*below, *above], key=lambda row: (abs(row[0] - number), row[0]))[:count]:
        yield articles.row_of(row)
