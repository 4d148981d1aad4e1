"""What a crawl asks the catalog: what it knows of an address, a listing, a batch, a host."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.catalog.articles import Db
from archive.catalog.packing import short, whole
from archive.catalog.schema import MEMBER, members
from archive.facts import names
from archive.facts.canonical import parse
from archive.facts.names import instant, stamp
from archive.facts.outcomes import ABSENT, SEEN, Outcome
from archive.warc.warc import target_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """What the archive knows of one address from looks before."""

    outcome: Outcome | None
    """How the last look ended; None before the first."""
    payload: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    listed: tuple[str, ...] = ()
    onward: str | None = None
    """Of a listing, the address of the next page as it named it."""
    teasers: str | None = None
    """The digest of what a listing showed of these; None where that was not kept."""
    kept_at: datetime | None = None
    """When a capture of it was last kept with its bytes."""
    kept_url: str | None = None
    """Its address as archived: where a redirect led, or the one that was asked."""
    kept_payload: str | None = None
    proved_at: datetime | None = None
    """When it was last fetched whole and that was kept, with its bytes or as a revisit of them."""
    confirms: str | None = None
    """captured_at of the record that the look which gave the validators read or confirmed; a 304 confirms no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepPlace:
    """How far the deep walk of a section is."""

    begun: datetime
    page: int
    """The deepest page that it read; 0 before the first."""
    url: str | None = None
    """The address of the page to go on with, or None where it is over."""
    ended: str = ""
    """Why it is over: `end`, or what went wrong; empty before its end."""

    def summary(self) -> dict[str, object]:
        """Return what a commit says of it."""
        more = {name: text for name, text in (("url", self.url), ("ended", self.ended)) if text}
        return {"begun": stamp(self.begun), "page": self.page, **more}


def confirmed(outcome: str, confirms: str | None, at: str) -> str | None:
    """Return the captured_at of the record that a whole answer stands for: the one it confirms, or its own at `at`.

    None where it saw no article.
    """
    return (confirms or at) if outcome in SEEN else None


def last_look(db: Db, url: str) -> LastLook | None:
    """Return what the newest look at `url` left, or None where it was never looked at."""
    row = db.execute(
        "SELECT outcome, p.payload, etag, last_modified, listed, proved_at, kept_at, k.text, c.payload, confirms, "
        "onward, teasers FROM interned u JOIN pages p ON p.address = u.number "
        "LEFT JOIN interned k ON k.number = p.kept "
        "LEFT JOIN captured c ON c.address = p.kept AND c.captured_at = kept_at AND NOT c.revisit WHERE u.text = ?",
        (url,),
    ).fetchone()
    if row is None:
        return None
    return LastLook(
        outcome=row[0],
        payload=whole(row[1]),
        etag=row[2],
        last_modified=row[3],
        listed=tuple(row[4].split(",")) if row[4] else (),
        proved_at=instant(row[5]) if row[5] else None,
        kept_at=instant(row[6]) if row[6] else None,
        kept_url=row[7],
        kept_payload=row[8],
        confirms=row[9],
        onward=row[10],
        teasers=row[11],
    )


def last_answer(db: Db, url: str, since: datetime) -> tuple[int, str, tuple[str, int, int] | None] | None:
    """Return (status, time, place of its kept bytes) of the newest answer at `url` from `since` on; None without one.

    An answer is a status of the classes 2 and 4, but 429, and whole. The place is (segment, offset, length), of the
    same payload where the look itself left no bytes. `url` is no article's.
    """
    look = db.execute(
        "SELECT p.answered, p.answered_at FROM interned u JOIN pages p ON p.address = u.number "
        "WHERE u.text = ? AND p.answered_at >= ?",
        (url, stamp(since)),
    ).fetchone()
    if look is None:
        return None
    place = db.execute(
        "SELECT segment, offset, length FROM captures WHERE url = ?1 AND revisit = 0 AND payload = ("
        "SELECT payload FROM captures WHERE url = ?1 AND captured_at <= ?2 ORDER BY captured_at DESC LIMIT 1) "
        "ORDER BY captured_at DESC LIMIT 1",
        (target_uri(url), look[1]),
    ).fetchone()
    return look[0], look[1], place


def holds(db: Db, url: str, captured_at: str, payload: str) -> bool:
    """Return whether a capture of that identity is archived already."""
    sql = "SELECT 1 FROM captures WHERE url = ? AND captured_at = ? AND payload = ?"
    return db.execute(sql, (target_uri(url), captured_at, payload)).fetchone() is not None


def names_batch(db: Db, batch: str) -> bool:
    """Return whether the log names a segment of that batch."""
    return db.execute("SELECT 1 FROM commits WHERE batch = ?", (batch,)).fetchone() is not None


def crawl_of(db: Db, batch: str) -> str:
    """Return the id of the crawl that a batch was opened in, by its name: as the log has it, else as the name says."""
    named = names.crawl_of(batch)
    sql = "SELECT crawl FROM commits WHERE crawl LIKE ? AND length(crawl) = ? ORDER BY seq DESC LIMIT 1"
    row = db.execute(sql, (f"%-{named.rpartition('-')[2]}", len(named))).fetchone() if named else None
    return str(row[0]) if row else named


def rechecked(db: Db, crawl: str) -> list[tuple[str, Outcome]]:
    """Return (address, outcome) of each look of a crawl at an article that was there at its last look before."""
    answered = members(SEEN | ABSENT)
    sql = (
        f"SELECT c.url, c.outcome FROM commits m JOIN checks c ON c.seq = m.seq AND c.outcome {MEMBER} "
        "WHERE m.crawl = ? AND c.kind = 'article' "
        "AND (SELECT p.outcome FROM checks p WHERE p.article_id = c.article_id "
        f"AND p.kind = 'article' AND p.at < c.at AND p.outcome {MEMBER} ORDER BY p.at DESC LIMIT 1) {MEMBER}"
    )
    return db.execute(sql, (answered, crawl, answered, members(SEEN))).fetchall()


def lately(db: Db, since: datetime, upto: int) -> dict[str, Outcome]:
    """Return address → how our newest look since an instant (aware) at each known article ended, of those answered.

    Looks behind the commit `upto` don't count. Left out are articles that were absent before it already, and those of
    which a suspect crawl was accepted.
    """
    answered, at = members(SEEN | ABSENT), stamp(since)
    # SQLite gives the other columns from the row that has the maximum.
    sql = (
        "SELECT c.article_id, c.url, c.outcome, max(c.at), coalesce(h.accepted, 0) FROM commits m "
        "CROSS JOIN checks c ON c.seq = m.seq LEFT JOIN crawls h ON h.crawl = m.crawl AND h.suspect "
        "WHERE m.committed_at >= ? AND +m.seq <= ? AND c.kind = 'article' AND c.source IS NULL AND c.at >= ? "
        f"AND c.outcome {MEMBER} GROUP BY c.article_id"
    )
    before = (
        "SELECT outcome FROM checks WHERE article_id = ? AND at < ? AND kind = 'article' AND source IS NULL "
        f"AND outcome {MEMBER} ORDER BY at DESC LIMIT 1"
    )
    told = {}
    for number, url, outcome, _, accepted in db.execute(sql, (at, upto, at, answered)):
        earlier = db.execute(before, (number, at, answered)).fetchone()
        if not accepted and not (outcome in ABSENT and earlier and earlier[0] in ABSENT):
            told[url] = outcome
    return told


def pages_of(db: Db, crawl: str) -> Iterator[tuple[str, tuple[str, int, int]]]:
    """Yield (address, (segment, offset, length)) of each page that a crawl kept, answered with 200."""
    sql = (
        "SELECT u.text, s.text, c.offset, c.length FROM commits m CROSS JOIN looks l ON l.seq = m.seq "
        "CROSS JOIN captured c ON c.address IN (l.address, l.answered) AND c.captured_at = l.at AND c.seq = l.seq "
        "JOIN interned u ON u.number = c.address JOIN interned s ON s.number = c.segment "
        "WHERE m.crawl = ? AND c.status = 200 AND NOT c.revisit ORDER BY l.seq, l.line"
    )
    for url, *place in db.execute(sql, (crawl,)):
        segment, offset, length = place
        yield url, (segment, offset, length)


def mirrored_at(db: Db, base: str) -> datetime | None:
    """Return the newest parity look at an origin (`https://host`, no slash behind), or None where there was none."""
    row = db.execute("SELECT mirrored_at FROM origins WHERE origin = ?", (base,)).fetchone()
    return instant(row[0]) if row and row[0] else None


def served_by(db: Db, base: str, count: int) -> list[str]:
    """Return so many article addresses on an origin, those looked at last: what it served, or was last asked for.

    The catalog keeps sixteen.
    """
    row = db.execute("SELECT served FROM origins WHERE origin = ?", (base,)).fetchone()
    return [url for url, _ in parse(row[0])][:count] if row else []


def showed(db: Db, article_id: str, version: str) -> str | None:
    """Return when the article's newest version of that digest began (RFC 3339), or None where we never read it so."""
    sql = (
        "SELECT max(v.captured_at) FROM versions v JOIN records r ON r.article_id = v.article_id "
        "AND r.captured_at = v.record_at AND r.seq = v.seq AND r.line = v.line "
        "WHERE v.article_id = ? AND r.version = ? AND r.source IS NULL"
    )
    found: str | None = db.execute(sql, (int(article_id), short(version))).fetchone()[0]
    return found


def looked(db: Db, article_id: str, at: str) -> bool:
    """Return whether a look of ours at an article at that instant is archived already."""
    sql = "SELECT 1 FROM checks WHERE article_id = ? AND at = ? AND source IS NULL"
    return db.execute(sql, (int(article_id), at)).fetchone() is not None


def looked_at(db: Db, url: str) -> datetime | None:
    """Return when an address was last looked at, or None where it never was."""
    sql = "SELECT p.at FROM interned u JOIN pages p ON p.address = u.number WHERE u.text = ?"
    row = db.execute(sql, (url,)).fetchone()
    return instant(row[0]) if row else None


def deep_place(db: Db, section: str) -> DeepPlace | None:
    """Return how far a section's deep walk is, or None where there never was one."""
    row = db.execute("SELECT begun, page, url, ended FROM deep_walks WHERE section = ?", (section,)).fetchone()
    return DeepPlace(begun=instant(row[0]), page=row[1], url=row[2], ended=row[3]) if row else None


def deep_since(db: Db) -> datetime | None:
    """Return when the first of the sections' newest deep walks began, or None where there never was one."""
    found = db.execute("SELECT min(begun) FROM deep_walks").fetchone()[0]
    return instant(found) if found else None


@dataclass(frozen=True, slots=True)
class Listed:
    """The articles of a section that its walks have seen, asked for one by one: in time it is all there are."""

    db: Db
    section: str
    complete: bool
    """Whether only those count that a complete walk has seen."""

    def __contains__(self, number: object) -> bool:
        row = self.db.execute(f"{self._seen} AND article_id = ?", (self.section, int(str(number)))).fetchone()
        return row is not None

    def __bool__(self) -> bool:
        return self.db.execute(f"{self._seen} LIMIT 1", (self.section,)).fetchone() is not None

    @property
    def _seen(self) -> str:
        return f"SELECT 1 FROM placements WHERE section = ?{' AND known' if self.complete else ''}"
