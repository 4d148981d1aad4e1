"""Where a version comes from: the commit that brought its capture, the look that made it, the crawl's robots.txt."""

from dataclasses import dataclass

from archive.catalog.articles import Db
from archive.facts.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitFacts:
    """A commit of the log."""

    seq: int
    digest: str
    committed_at: str
    crawl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFacts:
    """One look as its check has it."""

    at: str
    url: str
    outcome: str
    status: int | None
    detail: str
    answered: str | None
    """The address that answered, where a redirect led to another one."""


def commit_of(db: Db, record: Record) -> CommitFacts | None:
    """Return the commit that brought the capture of a record, or None."""
    found = db.execute(
        "SELECT m.seq, m.digest, m.committed_at, m.crawl FROM captures c JOIN commits m ON m.seq = c.seq "
        "WHERE c.url = ? AND c.captured_at = ? ORDER BY m.seq LIMIT 1",
        (record["url"], record["captured_at"]),
    ).fetchone()
    return CommitFacts(seq=found[0], digest=found[1], committed_at=found[2], crawl=found[3]) if found else None


_LOOK = "SELECT c.at, c.url, c.outcome, c.status, c.detail, c.answered FROM checks c"


def look_of(db: Db, record: Record) -> LookFacts | None:
    """Return the look that made the capture of a record, or None."""
    found = db.execute(
        f"{_LOOK} WHERE c.article_id = ? AND c.at = ? ORDER BY c.seq, c.line LIMIT 1",
        (int(record["article_id"]), record["captured_at"]),
    ).fetchone()
    return _look(found)


def robots_of(db: Db, crawl: str, at: str) -> LookFacts | None:
    """Return a crawl's last look at robots.txt by an instant, or None where it has none."""
    found = db.execute(
        f"{_LOOK} JOIN commits m ON m.seq = c.seq WHERE m.crawl = ? AND c.kind = 'robots' AND c.at <= ? "
        "ORDER BY c.at DESC LIMIT 1",
        (crawl, at),
    ).fetchone()
    return _look(found)


def _look(row: tuple[str, str, str, int | None, str, str | None] | None) -> LookFacts | None:
    return LookFacts(**dict(zip(LookFacts.__slots__, row, strict=True))) if row else None  # type: ignore[arg-type]
