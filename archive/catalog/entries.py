"""A commit's lines as rows: captures, records, checks, what each look left of its address, placements and walks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from archive.catalog import teasers
from archive.catalog.articles import Db
from archive.catalog.cells import sealed
from archive.catalog.memory import confirmed
from archive.catalog.patterns import stated
from archive.facts.canonical import canonical
from archive.facts.names import BACKFILL, instant, stamp
from archive.facts.outcomes import reason_of
from archive.facts.record import Record, check_instants, source_line
from archive.log.chain import Commit
from archive.warc.warc import target_uri

_REVISIT = "warc/revisit"
_NOT_MODIFIED = 304


def enter(db: Db, new: Commit, lines: Mapping[str, Sequence[Any]]) -> tuple[set[int], set[int]]:
    """Put a commit and its segments' decoded lines into the tables; return the articles read, and those looked at.

    `lines` are by kind: `index`, `records` and `checks`. Raises KeyError, TypeError or ValueError for lines that are
    none of these.
    """
    size = sum(s.bytes for s in new.segments) + len(new.data)
    db.execute(
        "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)",
        (new.seq, new.digest, stamp(new.committed_at), new.crawl, _batch(new), size, canonical(new.summary).decode()),
    )
    for line in lines.get("index", ()):
        _capture(db, new.seq, line)
    read = {_record(db, new, number, line) for number, line in enumerate(lines.get("records", ()))}
    looked = {_check(db, new, number, line) for number, line in enumerate(lines.get("checks", ()))}
    if not new.crawl.startswith(BACKFILL):
        _proofs(db, lines.get("index", ()), lines.get("checks", ()))
    for section, walk in new.summary.get("sections", {}).items():
        _walk(db, new, section, walk)
    return read, {number for number in looked if number is not None}


def _batch(new: Commit) -> str | None:
    return new.segments[0].key.rpartition("/")[2].partition(".")[0] if new.segments else None


def _capture(db: Db, seq: int, line: Mapping[str, Any]) -> None:
    db.execute(
        "INSERT OR IGNORE INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line["url"], line["captured_at"], line["digest"], int(line["status"]), line["filename"],
            int(line["offset"]), int(line["length"]), line["mime"] == _REVISIT, seq,
        ),
    )  # fmt: skip


def _record(db: Db, new: Commit, number: int, record: Record) -> int:
    # Whoever wrote it: each field is of its kind from here on, so that no reader has to doubt it.
    msgspec.convert(record, Record)
    check_instants(record)
    article_id = int(record["article_id"])
    digests = record["digests"]
    db.execute(
        "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article_id, record["captured_at"], new.seq, number, record["url"], digests["payload"],
            record["extraction"]["revision"], digests["version"], _whose(db, record), sealed(record),
        ),
    )  # fmt: skip
    return article_id


def _whose(db: Db, record: Record) -> str | None:
    # A reading of today may be anybody's: whose a capture is follows from who committed it.
    stated = record["capture"].get("source")
    if stated:
        return source_line(stated)
    row = db.execute(
        "SELECT m.crawl FROM captures c JOIN commits m ON m.seq = c.seq "
        "WHERE c.url = ? AND c.captured_at = ? AND c.payload = ?",
        (target_uri(record["url"]), record["captured_at"], record["digests"]["payload"]),
    ).fetchone()
    return row[0] if row and row[0].startswith(BACKFILL) else None


def _check(db: Db, new: Commit, number: int, check: Mapping[str, Any]) -> int | None:
    instant(check["at"])
    article = int(check["article_id"]) if check.get("article_id") else None
    source = check.get("source") or (new.crawl if new.crawl.startswith(BACKFILL) else None)
    db.execute(
        "INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.seq, number, check["at"], check["url"], article, check["kind"], check["outcome"], reason_of(check),
            check.get("status"), check.get("confirms"), check.get("detail", ""), check.get("answered"), source,
        ),
    )  # fmt: skip
    stated(db, check)
    # What others were answered is no look of ours: it gives nothing to ask with, and nothing to be confirmed.
    if source is None:
        if (check.get("listed") or check.get("teasers")) and check["kind"] != "sitemap":
            # Before the page's row says that this was the last look.
            teasers.note(db, new, check)
        _page(db, check)
    if check.get("section"):
        db.executemany(
            "INSERT INTO placements VALUES (?, ?, ?, 0) ON CONFLICT DO UPDATE SET crawl = excluded.crawl",
            [(check["section"], int(listed), new.crawl) for listed in check.get("listed", ())],
        )
    return article


def _page(db: Db, check: Mapping[str, Any]) -> None:
    # A 304 repeats neither payload nor validators: those of the answer that it confirms stay.
    listed = check.get("listed")
    db.execute(
        "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "at = excluded.at, kind = excluded.kind, outcome = excluded.outcome, status = excluded.status, "
        "payload = CASE WHEN excluded.status = 304 THEN payload ELSE excluded.payload END, "
        "etag = CASE WHEN excluded.status = 304 THEN etag ELSE excluded.etag END, "
        "last_modified = CASE WHEN excluded.status = 304 THEN last_modified ELSE excluded.last_modified END, "
        "listed = CASE WHEN excluded.status = 304 THEN listed ELSE excluded.listed END, "
        "confirms = CASE WHEN excluded.status = 304 THEN confirms ELSE excluded.confirms END, "
        "onward = CASE WHEN excluded.status = 304 THEN onward ELSE excluded.onward END, "
        "teasers = CASE WHEN excluded.status = 304 THEN teasers ELSE excluded.teasers END "
        "WHERE excluded.at >= at",
        (
            check["url"], check["at"], check["kind"], check["outcome"], check.get("status"), check.get("payload"),
            check.get("etag"), check.get("last_modified"), ",".join(listed) if listed else None, _stood_for(check),
            check.get("onward"), teasers.named(check),
        ),
    )  # fmt: skip


def _stood_for(check: Mapping[str, Any]) -> str | None:
    whole = check.get("article_id") and check.get("status") != _NOT_MODIFIED
    return confirmed(check["outcome"], check.get("confirms"), check["at"]) if whole else None


def _proofs(db: Db, index: Iterable[Mapping[str, Any]], checks: Iterable[Mapping[str, Any]]) -> None:
    # A look and its capture have the instant and the payload in common, not the address: a redirect may have led away.
    named = {(line["captured_at"], line["digest"], line["url"]): line for line in index}
    led = {name[:2]: line for name, line in named.items()}
    for check in checks:
        at, url, payload = check["at"], check["url"], check.get("payload", "")
        capture = named.get((at, payload, target_uri(url))) or led.get((at, payload))
        if capture is None:
            continue
        db.execute("UPDATE pages SET proved_at = max(coalesce(proved_at, ''), ?) WHERE url = ?", (at, url))
        if capture["mime"] != _REVISIT:
            sql = "UPDATE pages SET kept_at = ?1, kept_url = ?2 WHERE url = ?3 AND coalesce(kept_at, '') <= ?1"
            db.execute(sql, (at, capture["url"], url))


def _walk(db: Db, new: Commit, section: str, walk: Mapping[str, Any]) -> None:
    db.execute(
        "INSERT OR REPLACE INTO walks VALUES (?, ?, ?, ?, ?, ?)",
        (section, new.seq, new.crawl, stamp(new.committed_at), bool(walk["complete"]), walk["pages"]),
    )
    if deep := walk.get("deep"):
        instant(deep["begun"])
        urlsplit(deep.get("url") or "")
        row = (section, deep["begun"], int(deep["page"]), deep.get("url"), deep.get("ended", ""))
        db.execute("INSERT OR REPLACE INTO deep_walks VALUES (?, ?, ?, ?, ?)", row)
    if walk["complete"]:
        db.execute("UPDATE placements SET known = 1 WHERE section = ? AND crawl = ?", (section, new.crawl))
