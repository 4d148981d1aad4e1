"""Figures over the whole archive: what happened on each day, in each section, and to which articles most."""

from collections import Counter
from dataclasses import dataclass

from archive.catalog import articles
from archive.catalog.articles import ArticleRow, Db
from browse.queries.lists import ListName, days, everything

MOST_DAYS = 400
_DAY = len("2026-11-24")
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """What looks of one day (UTC) found."""

    day: str
    crawls: int
    new: int
    edited: int
    silent: int
    vanished: int


def by_day(db: Db, since: str) -> list[DayFigures]:
    """Return each day since an instant on which anything was found or a crawl ended, in order; the last 400 at most."""
    crawls = dict(days(db, since[:_DAY]))
    lists: tuple[ListName, ...] = ("new", "changed", "silent", "gone")
    counts = {name: Counter(at[:_DAY] for at, _, _ in everything(db, name, since)) for name in lists}
    told = sorted({*crawls, *(day for each in counts.values() for day in each)})[-MOST_DAYS:]
    return [
        DayFigures(
            day=day, crawls=crawls.get(day, 0), new=counts["new"][day], edited=counts["changed"][day],
            silent=counts["silent"][day], vanished=counts["gone"][day],
        )
        for day in told
    ]  # fmt: skip


def most_edited(db: Db) -> list[ArticleRow]:
    """Return the articles of the most versions, those of one version left out."""
    rows = db.execute(
        "SELECT * FROM articles WHERE versions > 1 ORDER BY versions DESC, article_id DESC LIMIT ?", (_MOST,)
    )
    return [articles.row_of(row) for row in rows]


def by_section(db: Db) -> list[tuple[str, int, int, int, int]]:
    """Return (listing, articles, edited, edited silently, gone or removed) of each listing."""
    return db.execute(
        "SELECT p.section, count(*), sum(a.versions > 1), sum(EXISTS (SELECT 1 FROM changes n "
        "WHERE n.article_id = a.article_id AND n.silent)), sum(a.state IN ('gone', 'removed')) "
        "FROM placements p JOIN articles a ON a.article_id = p.article_id GROUP BY p.section ORDER BY p.section"
    ).fetchall()
