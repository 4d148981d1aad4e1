"""The rows that hold records: the newest of each article, those that began versions, and all there are."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from archive.catalog import articles
from archive.catalog.articles import ArticleRow, Db, Version
from archive.catalog.events import begun_at, looks_of
from archive.catalog.life import sighted
from archive.catalog.packing import unpacked
from archive.catalog.selection import Selection, Where
from archive.exporters.marks import Row
from archive.opened import Archive

_MOST_CRAWLS = 4096
_RECORDS = (
    "SELECT r.article_id, r.captured_at, r.address, r.payload, r.revision, r.seq, r.line, r.source, r.packed "
    "FROM records r JOIN articles a ON a.article_id = r.article_id WHERE 1{} "
    "ORDER BY r.article_id, r.captured_at, r.seq, r.line"
)
_READING = itemgetter(4, 5, 6)
"""By which the standing one of a capture is chosen: revision, commit, line."""
_CAPTURE = itemgetter(1, 2, 3)


def crawls_of(db: Db) -> Callable[[int], str]:
    """Return what gives the crawl of a commit by its number."""

    @lru_cache(_MOST_CRAWLS)
    def crawl(seq: int) -> str:
        return str(db.execute("SELECT crawl FROM commits WHERE seq = ?", (seq,)).fetchone()[0])

    return crawl


def versions_of(
    archive: Archive, chosen: Selection, where: Where, away: Callable[[ArticleRow], str | None], *, newest: bool = False
) -> Iterator[Row]:
    """Yield the rows of the view `versions`, or with `newest` of `latest`; `away` says when one was first missed."""
    db, last = archive.catalog.db, _LastSights(archive.catalog.db)
    crawl = crawls_of(db)
    for article, version, seq in articles.placed(db, where, newest=newest):
        seen = max(version.captured_at, version.record["captured_at"])
        if chosen.timely(seen, away(article)) and chosen.in_section(version.record["sections"]):
            yield {
                **version.record,
                "source": version.source,
                "version": version.number,
                "versions": article.versions,
                "state": article.state,
                "state_source": article.state_source,
                "first_seen": article.first_seen,
                "last_seen": article.last_seen,
                "last_look": article.last_look,
                "last_outcome": article.last_outcome,
                "edited_at": article.edited_at,
                "begun_at": version.captured_at,
                "last_at": version.last_at,
                "seen_at": last.of(article, version),
                "commit": seq,
                "crawl": crawl(seq),
            }


class _LastSights:
    """When versions were seen last; articles are asked for one after the other."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._number, self._seen, self._begun = "", list[str](), list[str]()

    def of(self, article: ArticleRow, version: Version) -> str:
        if version.number == article.versions:
            return max(version.last_at, article.last_seen or version.last_at)
        if self._number != article.article_id:
            number = int(article.article_id)
            looks = (look for look in looks_of(self._db, number) if look["kind"] == "article" and sighted(look))
            self._number, self._seen = article.article_id, [look["at"] for look in looks]
            self._begun = begun_at(self._db, number)
        until = self._begun[version.number]
        return max([version.last_at, *(at for at in self._seen if version.captured_at <= at < until)])


def every_record(archive: Archive, chosen: Selection, where: Where) -> Iterator[Row]:
    """Yield the rows of the view `records`: each reading of each capture, by article and time."""
    db = archive.catalog.db
    crawl, mirrored = crawls_of(db), _mirrored(db)
    found = db.execute(_RECORDS.format(where[0]), where[1])
    for number, group in groupby(found, key=itemgetter(0)):
        readings = list(group)
        standing: dict[Any, Any] = {}
        for one in readings:
            standing[_CAPTURE(one)] = max(standing.get(_CAPTURE(one), (0, 0, 0)), _READING(one))
        shown = mirrored(number)
        for one in readings:
            _, at, _, _, _, seq, line, source, data = one
            record = unpacked(data)
            if chosen.timely(at) and chosen.in_section(record["sections"]):
                yield {
                    **record,
                    "source": source,
                    "kind": "mirror" if at in shown else "article",
                    "stands": standing[_CAPTURE(one)] == _READING(one),
                    "commit": seq,
                    "crawl": crawl(seq),
                    "line": line,
                }


def _mirrored(db: Db) -> Callable[[int], set[str]]:
    if db.execute("SELECT 1 FROM results WHERE kind = 'mirror'").fetchone() is None:
        return lambda _: set()
    sql = "SELECT at FROM checks WHERE article_id = ? AND kind = 'mirror'"
    return lambda number: {at for (at,) in db.execute(sql, (number,))}


def known_articles(
    archive: Archive, chosen: Selection, where: Where, away: Callable[[ArticleRow], str | None]
) -> Iterator[Row]:
    """Yield the rows of the view `articles`: everyone that was ever seen, read or not."""
    for row in archive.catalog.db.execute(
        f"SELECT a.* FROM articles a WHERE 1{where[0]} ORDER BY a.article_id", where[1]
    ):
        article = articles.row_of(row)
        if chosen.timely(article.latest or article.first_seen, away(article)):
            yield _known(article)


def _known(article: ArticleRow) -> Row:
    return {
        "article_id": article.article_id,
        "url": article.url,
        "state": article.state,
        "state_source": article.state_source,
        "headline": article.headline,
        "published": article.published,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "last_look": article.last_look,
        "last_outcome": article.last_outcome,
        "absent_from": article.absent_from,
        "versions": article.versions,
        "edited_at": article.edited_at,
        "captured_at": article.latest,
    }
