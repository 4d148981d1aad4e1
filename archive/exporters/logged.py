"""The rows that tell of the log: each commit with what lies beside it, each capture with where it lies."""

from collections.abc import Iterator
from typing import Any

from archive.catalog.selection import Selection
from archive.exporters.looks import at_commit
from archive.exporters.marks import Row
from archive.facts.names import BACKFILL, LOG_PREFIX, stamp
from archive.log.chain import Commit
from archive.log.distant import commits_after
from archive.opened import Archive
from archive.warc.warc import target_uri

_CAPTURES = (
    "SELECT c.url, c.captured_at, c.payload, c.status, c.segment, c.offset, c.length, c.revisit, c.seq, m.crawl "
    "FROM captures c JOIN commits m ON m.seq = c.seq WHERE c.seq > ? ORDER BY c.seq, c.segment, c.offset, c.url"
)
_ADDRESSES = (
    "SELECT u.text FROM interned u WHERE u.number IN (SELECT address FROM records WHERE article_id = ?1 "
    "UNION SELECT address FROM looks WHERE article_id = ?1)"
)
_SAID = "SELECT crawl, suspect, accepted FROM crawls"
_RETOLD = (
    "SELECT seq FROM commits WHERE seq <= ?1 AND crawl IN (SELECT crawl FROM commits WHERE seq > ?1 "
    "UNION SELECT json_extract(summary, '$.accept') FROM commits WHERE seq > ?1)"
)


def commits(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield each commit as it is stored, with what lies beside it and what is held of its crawl by now.

    Past the selection's commit also those before it of crawls of which something was said since.
    """
    since, db = chosen.since.seq, archive.catalog.db
    said = {crawl: (bool(suspect), bool(accepted)) for crawl, suspect, accepted in db.execute(_SAID)}
    beside = {entry.key for entry in archive.store.list(LOG_PREFIX)}
    again = {seq for (seq,) in db.execute(_RETOLD, (since,))} if since else set()
    head = archive.catalog.head().seq
    for commit in commits_after(archive.log, at_commit(archive, min(again, default=since + 1) - 1)):
        if commit.seq > head:
            return
        theirs = archive.own and commit.crawl.startswith(BACKFILL)
        if (commit.seq > since or commit.seq in again) and not theirs and chosen.timely(stamp(commit.committed_at)):
            yield _commit(commit, *said.get(commit.crawl, (False, False)), beside)


def _commit(commit: Commit, suspect: bool, accepted: bool, beside: set[str]) -> Row:  # noqa: FBT001 - a row's cells
    name = f"{LOG_PREFIX}{commit.seq:012}"
    return {
        "commit": commit.seq,
        "digest": commit.digest,
        "previous": commit.previous,
        "committed_at": stamp(commit.committed_at),
        "crawl": commit.crawl,
        "writer": dict(commit.writer),
        "segments": [
            {"key": s.key, "kind": s.kind, "bytes": s.bytes, "sha256": s.sha256, "lines": s.lines}
            for s in commit.segments
        ],
        "summary": dict(commit.summary),
        "suspect": suspect,
        "accepted": accepted,
        "signed": f"{name}.sig" in beside,
        "timestamped": f"{name}.tsr" in beside,
    }


def captures(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield every capture in the order of the log: what was asked, what came, and where it lies."""
    db = archive.catalog.db
    asked = {target_uri(url) for number in chosen.ids for (url,) in db.execute(_ADDRESSES, (int(number),))}
    for row in db.execute(_CAPTURES, (chosen.since.seq,)):
        told = _capture(row)
        named = not chosen.ids or told["url"] in asked
        if named and chosen.timely(told["captured_at"]) and not (archive.own and told["source"]):
            yield told


def _capture(row: tuple[Any, ...]) -> Row:
    url, at, payload, status, segment, offset, length, revisit, seq, crawl = row
    return {
        "url": url,
        "captured_at": at,
        "payload": payload,
        "status": status,
        "segment": segment,
        "offset": offset,
        "length": length,
        "revisit": bool(revisit),
        "commit": seq,
        "crawl": crawl,
        "source": crawl if crawl.startswith(BACKFILL) else None,
    }
