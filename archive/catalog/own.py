"""Articles as our own looks alone have them: what a crawl goes by, whatever others captured."""

from collections.abc import Iterator
from datetime import datetime

from archive.catalog.articles import OWN, ArticleRow, Db, article_row, latest, row_of, was_read
from archive.catalog.packing import unpacked
from archive.facts.names import stamp
from archive.facts.record import Record


def own_rows(db: Db) -> Iterator[ArticleRow]:
    """Yield every article known, by its number, as our own looks alone have it.

    One that only others captured is `unread`, at the address that they give.
    """
    for row in db.execute(f"{OWN} ORDER BY article_id"):
        yield row_of(row)


def due_rows(db: Db, now: datetime) -> Iterator[ArticleRow]:
    """Yield the articles that are due at `now` (aware), as our own looks alone have them, in no order."""
    theirs = "SELECT article_id FROM own"
    sql = f"SELECT * FROM articles WHERE due_at <= ?1 AND article_id NOT IN ({theirs})"
    for row in db.execute(f"{sql} UNION ALL SELECT * FROM own WHERE due_at <= ?1", (stamp(now),)):
        yield row_of(row)


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
