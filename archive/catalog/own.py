"""Articles as our own looks alone have them: what a crawl goes by, whatever others captured."""

from collections.abc import Iterator
from datetime import datetime

from archive.catalog.articles import OWN, ArticleRow, Db, article_row, latest, own_first, row_of, was_read
from archive.catalog.packing import unpacked
from archive.facts.names import instant, stamp
from archive.facts.record import Record

_AT_ONCE = 500


def own_rows(db: Db) -> Iterator[ArticleRow]:
    """Yield every article known, by its number, as our own looks alone have it.

    One that only others captured is `unread`, at the address that they give. Whoever is slow over them keeps nobody
    from writing: they are read some hundreds at a time.
    """
    last = 0
    while found := db.execute(_PAST, (_AT_ONCE, last)).fetchall():
        yield from map(row_of, found)
        last = found[-1][0]


_PAST = own_first("article_id", "article_id > ?2")
_DUE = f"SELECT article_id, last_look, due_at FROM ({OWN}) WHERE due_at <= ?1"


def due(db: Db, now: datetime) -> Iterator[tuple[int, str, str]]:
    """Yield (article, last look, since when it is due) of those due at `now` (aware) by our own looks, in no order."""
    yield from db.execute(_DUE, (stamp(now),))


def due_since(db: Db, now: datetime) -> tuple[int, datetime | None]:
    """Return how many articles are due at `now` by our own looks, and since when the first of them is."""
    count, first = db.execute(f"SELECT count(*), min(due_at) FROM ({_DUE})", (stamp(now),)).fetchone()
    return count, instant(first) if first else None


def own_row(db: Db, article_id: str) -> ArticleRow:
    """Return one article as our own looks alone have it. Raises UsageError where the archive has none."""
    row = article_row(db, article_id)
    own = db.execute("SELECT * FROM own WHERE article_id = ?", (int(article_id),)).fetchone()
    return row_of(own) if own else row


def own_latest(db: Db, article_id: str) -> Record | None:
    """Return the newest standing record of an article that was read from a capture of ours, or None."""
    own = db.execute("SELECT latest FROM own WHERE article_id = ?", (int(article_id),)).fetchone()
    if own is None:
        return latest(db, article_id)
    row = db.execute(
        "SELECT packed FROM records WHERE article_id = ? AND captured_at = ? AND source IS NULL "
        "ORDER BY revision DESC, seq DESC, line DESC LIMIT 1",
        (int(article_id), own[0]),
    ).fetchone()
    return unpacked(row[0]) if row else None


def saw(db: Db, article_id: str) -> bool:
    """Return whether we read the article ourselves, whatever became of it since."""
    own = db.execute("SELECT last_seen FROM own WHERE article_id = ?", (int(article_id),)).fetchone()
    return own[0] is not None if own else was_read(db, article_id)
