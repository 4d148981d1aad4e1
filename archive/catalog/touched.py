"""Which articles a commit touched: what any view tells of them may be otherwise from it on, and of no other article.

So an export of the articles touched since a commit, whole, and one of that commit are together one of today.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from archive.catalog.articles import Db

_OF_CRAWL = "IN (SELECT seq FROM commits WHERE crawl = ?)"
_TURNS = "SELECT compared, changed FROM turns WHERE crawl = ?"
_TEXTS = "SELECT count(DISTINCT text) FROM teasers WHERE article_id = ?"
_TOUCH = (
    "INSERT INTO touched VALUES (?1, ?2, ?2) ON CONFLICT (article_id) DO UPDATE SET seq = excluded.seq "
    "WHERE excluded.seq > seq"
)


def touch(db: Db, seq: int, numbers: Iterable[int]) -> None:
    """Note that a commit touched these articles."""
    db.executemany(_TOUCH, [(number, seq) for number in sorted(set(numbers))])


def turns_of(db: Db, crawl: str) -> tuple[int, int] | None:
    """Return what a crawl's listings come to so far: texts compared, and those that are others now."""
    found: tuple[int, int] | None = db.execute(_TURNS, (crawl,)).fetchone()
    return found


def by_turns(db: Db, crawl: str) -> set[int]:
    """Return the articles of which a crawl was the first to see a text in a listing: how many turned names theirs."""
    sql = f"SELECT DISTINCT article_id FROM teasers WHERE begun {_OF_CRAWL}"
    return {number for (number,) in db.execute(sql, (crawl,))}


def by_teasers(db: Db, crawl: str) -> set[int]:
    """Return the articles whose texts in listings a crawl saw: those of one that waits, or waits no more.

    It reads every text.
    """
    sql = (
        "SELECT DISTINCT t.article_id FROM teasers t, json_each(t.sights) s "
        f"WHERE json_extract(s.value, '$[1]') {_OF_CRAWL}"
    )
    return {number for (number,) in db.execute(sql, (crawl,))}


def by_listings(db: Db, checks: Iterable[Mapping[str, Any]]) -> set[int]:
    """Return the articles in a commit's listings of ours that some listing showed under more than one text."""
    named = {int(n) for c in checks if not c.get("source") and c["kind"] != "sitemap" for n in c.get("listed", ())}
    return {number for number in named if db.execute(_TEXTS, (number,)).fetchone()[0] > 1}
