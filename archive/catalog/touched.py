"""Which articles a commit touched: what any view tells of them may be otherwise from it on, and of no other article.

So an export of the articles touched since a commit, whole, and one of that commit are together one of today.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.catalog.articles import Db
from archive.log.chain import Commit

_OF_CRAWL = "IN (SELECT seq FROM commits WHERE crawl = ?)"
_TURNS = "SELECT compared, changed FROM turns WHERE crawl = ?"
_TEXTS = "SELECT count(DISTINCT text) FROM teasers WHERE article_id = ?"
_TOUCH = (
    "INSERT INTO touched VALUES (?, ?, ?) ON CONFLICT (article_id) DO UPDATE SET seq = excluded.seq "
    "WHERE excluded.seq > seq"
)


class Touches:
    """The articles that commits touch, in memory until they are written. Of one transaction."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._found: dict[int, tuple[int, int]] = {}

    def add(self, seq: int, numbers: Iterable[int]) -> None:
        """Note that a commit, newer than those before, touched these articles."""
        for number in numbers:
            first, _ = self._found.get(number, (seq, seq))
            self._found[number] = first, seq

    def write(self) -> None:
        """Write what was noted."""
        self._db.executemany(_TOUCH, [(number, *seqs) for number, seqs in sorted(self._found.items())])


def by_commit(
    db: Db, new: Commit, lines: Mapping[str, Sequence[Any]], believed: Iterable[str], turns: tuple[int, int] | None
) -> set[int]:
    """Return the articles of which a commit told what listings showed of them, or with it came to count otherwise.

    `believed` are the crawls that wait now, or no more, `turns` what the commit's crawl came to before it.
    """
    told = by_listings(db, lines.get("checks", ())).union(*(by_teasers(db, crawl) for crawl in believed))
    return told | by_turns(db, new.crawl) if turns_of(db, new.crawl) != turns else told


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
