"""What the catalog answers: the questions of a crawl, of the commands and of the exporters."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.errors import UsageError
from archive.ids import ARTICLE_ID, instant
from archive.record import Record, parse

Db = sqlite3.Connection
MARK = "\x02"
END_MARK = "\x03"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the archive knows of one address from looks before."""

    outcome: str
    payload: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    listed: tuple[str, ...] = ()
    kept_at: datetime | None = None
    """When a capture of it was last kept with its bytes."""
    kept_payload: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One article as the catalog has it; instants are RFC 3339 UTC text."""

    article_id: str
    url: str
    state: str
    """live, gone (its last look found nothing) or unread (never read yet)."""
    headline: str
    published: str | None
    first_seen: str
    last_seen: str | None
    last_look: str
    last_outcome: str
    versions: int
    edited_at: str | None
    latest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article: where it begins and the record that stands for it."""

    article_id: str
    number: int
    of: int
    captured_at: str
    record: Record


def known(db: Db, url: str) -> Known | None:
    """Return what the newest look at `url` left, or None where it was never looked at."""
    row = db.execute("SELECT outcome, payload, etag, last_modified, listed FROM pages WHERE url = ?", (url,)).fetchone()
    if row is None:
        return None
    kept = db.execute(
        "SELECT captured_at, payload FROM captures WHERE url = ? AND revisit = 0 ORDER BY captured_at DESC LIMIT 1",
        (url,),
    ).fetchone()
    return Known(
        outcome=row[0],
        payload=row[1],
        etag=row[2],
        last_modified=row[3],
        listed=tuple(row[4].split(",")) if row[4] else (),
        kept_at=instant(kept[0]) if kept else None,
        kept_payload=kept[1] if kept else None,
    )


def holds(db: Db, url: str, captured_at: str, payload: str) -> bool:
    """Return whether a capture of that identity is archived already."""
    sql = "SELECT 1 FROM captures WHERE url = ? AND captured_at = ? AND payload = ?"
    return db.execute(sql, (url, captured_at, payload)).fetchone() is not None


def names_batch(db: Db, batch: str) -> bool:
    """Return whether the log names a segment of that batch."""
    return db.execute("SELECT 1 FROM commits WHERE batch = ?", (batch,)).fetchone() is not None


def standings(db: Db) -> Iterator[Standing]:
    """Yield every article known, by its number."""
    for row in db.execute("SELECT * FROM articles ORDER BY article_id"):
        yield Standing(
            **dict(zip(Standing.__slots__, (str(row[0]), *row[1:]), strict=True)),
        )


def standing(db: Db, article_id: str) -> Standing:
    """Return one article. Raises UsageError where the archive has none of that number."""
    row = None
    if ARTICLE_ID.fullmatch(article_id):
        row = db.execute("SELECT * FROM articles WHERE article_id = ?", (int(article_id),)).fetchone()
    if row is None:
        raise UsageError(f"no article {article_id!r} in the archive; find its number with: scrapy search WORDS")
    return Standing(**dict(zip(Standing.__slots__, (str(row[0]), *row[1:]), strict=True)))


def latest(db: Db, article_id: str) -> Record | None:
    """Return the newest standing record of an article, or None."""
    row = db.execute(
        "SELECT r.json FROM versions v JOIN records r ON r.article_id = v.article_id AND r.captured_at = v.last_at "
        "AND r.seq = v.last_seq AND r.line = v.last_line WHERE v.article_id = ? ORDER BY v.number DESC LIMIT 1",
        (int(article_id),),
    ).fetchone()
    return parse(row[0]) if row else None


def versions(db: Db, article_id: str | None = None) -> Iterator[Version]:
    """Yield the versions of one article, or of all by article number, each with the record that began it."""
    where = "WHERE v.article_id = ? " if article_id else ""
    rows = db.execute(
        "SELECT v.article_id, v.number, a.versions, v.captured_at, r.json FROM versions v "
        "JOIN articles a ON a.article_id = v.article_id "
        "JOIN records r ON r.article_id = v.article_id AND r.captured_at = v.captured_at "
        f"AND r.seq = v.seq AND r.line = v.line {where}ORDER BY v.article_id, v.number",
        (int(article_id),) if article_id else (),
    )
    for number, ordinal, of, captured_at, text in rows:
        yield Version(article_id=str(number), number=ordinal, of=of, captured_at=captured_at, record=parse(text))


def version_at(db: Db, article_id: str, at: str | None = None) -> Version:
    """Return the version in force at an instant (RFC 3339, or a day: its end), or the newest. Raises UsageError."""
    found = list(versions(db, standing(db, article_id).article_id))
    if at is not None:
        found = [v for v in found if v.captured_at <= at]
    if not found:
        when = f" at {at}" if at else ""
        raise UsageError(f"article {article_id} has no version{when}; list them with: scrapy history {article_id}")
    return found[-1]


def changes(db: Db, article_id: str | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (commit number, change) of each version that has one before it, by article number and version."""
    where = "WHERE article_id = ? " if article_id else ""
    rows = db.execute(
        f"SELECT seq, article_id, number, from_at, to_at, json FROM changes {where}ORDER BY article_id, number",
        (int(article_id),) if article_id else (),
    )
    for seq, number, ordinal, from_at, to_at, text in rows:
        change = {"article_id": str(number), "version": ordinal, "from": from_at, "to": to_at}
        yield seq, change | parse(text)


def looks(db: Db, article_id: str) -> Iterator[dict[str, Any]]:
    """Yield every look at an article in the order of time: at, url, outcome, status, detail."""
    sql = (
        "SELECT at, url, outcome, status, detail FROM checks WHERE article_id = ? AND kind = 'article' "
        "ORDER BY at, seq, line"
    )
    for row in db.execute(sql, (int(article_id),)):
        yield dict(zip(("at", "url", "outcome", "status", "detail"), row, strict=True))


def listed_before(db: Db, section: str) -> frozenset[str]:
    """Return the articles of a section that a complete walk of it has seen."""
    rows = db.execute("SELECT article_id FROM placements WHERE section = ? AND known = 1", (section,))
    return frozenset(str(row[0]) for row in rows)


def listed_ever(db: Db, section: str) -> frozenset[str]:
    """Return the articles of a section that any walk of it has seen, cut ones included."""
    rows = db.execute("SELECT article_id FROM placements WHERE section = ?", (section,))
    return frozenset(str(row[0]) for row in rows)


def walks(db: Db) -> list[dict[str, Any]]:
    """Return the last walk of each section: section, crawl, at, complete, pages."""
    rows = db.execute("SELECT section, crawl, at, complete, pages FROM walks ORDER BY section")
    return [
        {"section": s, "crawl": crawl, "at": at, "complete": bool(complete), "pages": pages}
        for s, crawl, at, complete, pages in rows
    ]


def search(db: Db, words: str, *, removed: bool = False, limit: int = 20) -> list[dict[str, Any]]:
    """Return articles whose newest text, or with `removed` what was taken out of them, holds all the words.

    Words are matched without accents and case; apostrophes part words. The best match comes first. Raises UsageError
    for a search without a word.
    """
    query = " ".join('"' + word.replace('"', "") + '"' for word in words.replace("\0", " ").split() if word.strip('"'))
    if not query:
        raise UsageError("nothing to search for; give one word or more: scrapy search WORDS")
    if removed:
        sql = (
            f"SELECT t.article_id, a.headline, a.published, snippet(taken_out, 0, '{MARK}', '{END_MARK}', '…', 16), "
            "t.number FROM taken_out t JOIN articles a ON a.article_id = t.article_id "
            "WHERE taken_out MATCH ? ORDER BY rank, t.article_id LIMIT ?"
        )
    else:
        sql = (
            f"SELECT a.article_id, a.headline, a.published, snippet(texts, -1, '{MARK}', '{END_MARK}', '…', 16), "
            "a.versions FROM texts JOIN articles a ON a.article_id = texts.rowid "
            "WHERE texts MATCH ? ORDER BY rank, a.article_id LIMIT ?"
        )
    try:
        rows = db.execute(sql, (query, limit)).fetchall()
    except sqlite3.OperationalError as error:
        raise UsageError(f"can't search for {words!r}: {error}; use plain words") from error
    return [
        {
            "article_id": str(number),
            "headline": headline,
            "published": published,
            "snippet": snippet,
            "version": version,
        }
        for number, headline, published, snippet, version in rows
    ]


def counts(db: Db) -> dict[str, int]:
    """Return how many commits, articles (and of them live, gone, unread), versions, changes and looks there are."""
    states = dict(db.execute("SELECT state, count(*) FROM articles GROUP BY state").fetchall())
    tables = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _COUNTED}
    size = db.execute("SELECT coalesce(sum(bytes), 0) FROM commits").fetchone()[0]
    return {**tables, **{s: states.get(s, 0) for s in ("live", "gone", "unread")}, "bytes": size}


_COUNTED = ("commits", "articles", "versions", "changes", "captures", "checks")


def last_crawl(db: Db) -> dict[str, Any] | None:
    """Return the newest finished crawl: its id, when it was committed, and what its last commit sums up."""
    rows = db.execute("SELECT crawl, committed_at, summary FROM commits ORDER BY seq DESC")
    for crawl, committed_at, text in rows:
        summary = parse(text)
        if "exit" in summary:
            return {"crawl": crawl, "at": committed_at, **summary}
    return None


def state(db: Db, article_id: str) -> str | None:
    """Return an article's state (live, gone, unread), or None where it is not known."""
    row = db.execute("SELECT state FROM articles WHERE article_id = ?", (int(article_id),)).fetchone()
    return row[0] if row else None


def commit_of(db: Db, record: Record) -> int:
    """Return the number of the commit that brought a record."""
    row = db.execute(
        "SELECT max(seq) FROM records WHERE article_id = ? AND captured_at = ? AND version = ? AND revision = ?",
        (
            int(record["article_id"]),
            record["captured_at"],
            record["digests"]["version"],
            record["extraction"]["revision"],
        ),
    ).fetchone()
    return int(row[0] or 0)
