"""The fold: how one commit's facts become versions and changes. Pure over the tables it is given."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from archive import changes, life
from archive.ids import stamp
from archive.log import Commit
from archive.lookup import MOST_VERSIONS
from archive.record import Record, canonical, comparison_form, parse

Db = sqlite3.Connection


class Reading(NamedTuple):
    """What one revision of the extractor read from one capture, and where it was committed."""

    seq: int
    line: int
    record: Record


Readings = dict[int, Reading]
"""Of one capture: extractor revision to its last reading."""


def commit(db: Db, new: Commit, lines: Mapping[str, Sequence[Any]]) -> None:
    """Fold one commit into the tables; every article that it touches is folded anew, whole.

    `lines` holds the decoded lines of its `index`, `records` and `checks` segments, by kind. Raises KeyError, TypeError
    or ValueError for lines that are none of these.
    """
    size = sum(s.bytes for s in new.segments) + len(new.data)
    db.execute(
        "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)",
        (new.seq, new.digest, stamp(new.committed_at), new.crawl, _batch(new), size, canonical(new.summary).decode()),
    )
    for line in lines.get("index", ()):
        _capture(db, new.seq, line)
    read = {_record(db, new.seq, number, line) for number, line in enumerate(lines.get("records", ()))}
    looked = {_check(db, new, number, line) for number, line in enumerate(lines.get("checks", ()))}
    for section, walk in new.summary.get("sections", {}).items():
        _walk(db, new, section, walk)
    for article_id in sorted(read):
        _versions(db, article_id)
    for touched in sorted(read | {number for number in looked if number is not None}):
        _article(db, touched)


def _batch(new: Commit) -> str | None:
    return new.segments[0].key.rpartition("/")[2].partition(".")[0] if new.segments else None


def _capture(db: Db, seq: int, line: Mapping[str, Any]) -> None:
    db.execute(
        "INSERT OR IGNORE INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line["url"], line["captured_at"], line["digest"], int(line["status"]), line["filename"],
            int(line["offset"]), int(line["length"]), line["mime"] == "warc/revisit", seq,
        ),
    )  # fmt: skip


def _record(db: Db, seq: int, number: int, record: Record) -> int:
    article_id = int(record["article_id"])
    digests = record["digests"]
    db.execute(
        "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article_id, record["captured_at"], seq, number, record["url"], digests["payload"],
            record["extraction"]["revision"], digests["version"], canonical(record).decode(),
        ),
    )  # fmt: skip
    return article_id


def _check(db: Db, new: Commit, number: int, check: Mapping[str, Any]) -> int | None:
    article = int(check["article_id"]) if check.get("article_id") else None
    db.execute(
        "INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.seq, number, check["at"], check["url"], article, check["kind"], check["outcome"], check.get("status"),
            check.get("confirms"), check.get("detail", ""),
        ),
    )  # fmt: skip
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
        "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "at = excluded.at, kind = excluded.kind, outcome = excluded.outcome, status = excluded.status, "
        "payload = CASE WHEN excluded.status = 304 THEN payload ELSE excluded.payload END, "
        "etag = CASE WHEN excluded.status = 304 THEN etag ELSE excluded.etag END, "
        "last_modified = CASE WHEN excluded.status = 304 THEN last_modified ELSE excluded.last_modified END, "
        "listed = CASE WHEN excluded.status = 304 THEN listed ELSE excluded.listed END "
        "WHERE excluded.at >= at",
        (
            check["url"], check["at"], check["kind"], check["outcome"], check.get("status"), check.get("payload"),
            check.get("etag"), check.get("last_modified"), ",".join(listed) if listed else None,
        ),
    )  # fmt: skip


def _walk(db: Db, new: Commit, section: str, walk: Mapping[str, Any]) -> None:
    db.execute(
        "INSERT OR REPLACE INTO walks VALUES (?, ?, ?, ?, ?, ?)",
        (section, new.seq, new.crawl, stamp(new.committed_at), bool(walk["complete"]), walk["pages"]),
    )
    if walk["complete"]:
        db.execute("UPDATE placements SET known = 1 WHERE section = ? AND crawl = ?", (section, new.crawl))


def readings(db: Db, article_id: int) -> list[Readings]:
    """Return each capture's readings in the order of capture time, then of arrival.

    Of several readings of a capture by one revision the last committed counts.
    """
    rows = db.execute(
        "SELECT url, captured_at, payload, revision, seq, line, json FROM records WHERE article_id = ? "
        "ORDER BY captured_at, seq, line",
        (article_id,),
    )
    captures: dict[tuple[str, str, str], Readings] = {}
    for url, captured_at, payload, revision, seq, line, text in rows:
        captures.setdefault((url, captured_at, payload), {})[revision] = Reading(seq, line, parse(text))
    return list(captures.values())


def standing(capture: Readings) -> Reading:
    """Return the reading that stands for a capture: the highest (extractor revision, commit number, line)."""
    return capture[max(capture)]


def _likened(old: Readings, new: Readings) -> tuple[Reading, Reading]:
    # By the newest revision that read both: what only the extractor changed is never an edit.
    both = old.keys() & new.keys()
    return (old[max(both)], new[max(both)]) if both else (standing(old), standing(new))


def _versions(db: Db, article_id: int) -> None:
    for table in ("versions", "changes"):
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    first = article_id * MOST_VERSIONS
    db.execute("DELETE FROM taken_out WHERE rowid >= ? AND rowid < ?", (first, first + MOST_VERSIONS))
    runs = _runs(readings(db, article_id))
    for number, run in enumerate(runs, 1):
        begun, last = standing(run[0]), standing(run[-1])
        db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article_id, number, begun.record["captured_at"], begun.record["digests"]["version"], begun.seq,
                begun.line, last.record["captured_at"], last.seq, last.line,
            ),
        )  # fmt: skip
        if number > 1:
            before = runs[number - 2]
            from_at = standing(before[0]).record["captured_at"]
            _change(db, (article_id, number, from_at), *_likened(before[-1], run[0]))
    newest = standing(runs[-1][-1]).record
    db.execute("DELETE FROM texts WHERE rowid = ?", (article_id,))
    db.execute(
        "INSERT INTO texts (rowid, headline, body) VALUES (?, ?, ?)",
        (article_id, comparison_form(newest["headline"]), _searchable(newest)),
    )


def _runs(captures: Iterable[Readings]) -> list[list[Readings]]:
    runs: list[list[Readings]] = []
    for capture in captures:
        old, new = _likened(runs[-1][-1], capture) if runs else (None, None)
        if old and new and old.record["digests"]["version"] == new.record["digests"]["version"]:
            runs[-1].append(capture)
        else:
            runs.append([capture])
    return runs


def _change(db: Db, place: tuple[int, int, str], old: Reading, new: Reading) -> None:
    change = changes.to_json(changes.compare(old.record, new.record))
    # A backfill makes a change of an older commit's record: the change is as new as the newer of the two.
    seq = max(old.seq, new.seq)
    article_id, number, _ = place
    db.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*place, new.record["captured_at"], seq, change["silent"], canonical(change).decode()),
    )
    sentences = [*change["removed"], *(pair["from"] for pair in change["reworded"])]
    if sentences:
        marks = (text for pair in change["reworded"] for sign, text in pair["marks"] if sign == "-")
        db.execute(
            "INSERT INTO taken_out (rowid, sentences, words) VALUES (?, ?, ?)",
            (article_id * MOST_VERSIONS + number, "\n".join(sentences), "\n".join([*change["removed"], *marks])),
        )


def _searchable(record: Record) -> str:
    parts = [record["kicker"], record["lead"], *record["body"], *(c["text"] for c in record["captions"])]
    return "\n".join(comparison_form(part) for part in parts if part)


def _article(db: Db, article_id: int) -> None:
    looks = [
        {"at": at, "url": url, "outcome": outcome}
        for at, url, outcome in db.execute(
            "SELECT at, url, outcome FROM checks WHERE article_id = ? ORDER BY at, seq, line", (article_id,)
        )
    ]
    versions = db.execute(
        "SELECT captured_at, last_at, last_seq, last_line FROM versions WHERE article_id = ? ORDER BY number",
        (article_id,),
    ).fetchall()
    newest = _newest(db, article_id, *versions[-1][1:]) if versions else {}
    captured = [at for version in versions for at in version[:2]]
    sights = [*captured, *(look["at"] for look in looks if look["outcome"] in life.SEEN)]
    looked = [*sights, *(look["at"] for look in looks)]
    db.execute(
        "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article_id, newest.get("url") or looks[-1]["url"], life.state(looks, captured, read=bool(versions)),
            newest.get("headline", ""), (newest.get("published") or {}).get("utc"), min(looked),
            max(sights, default=None), max(looked), looks[-1]["outcome"] if looks else "new", len(versions),
            versions[-1][0] if len(versions) > 1 else None, newest.get("captured_at"),
        ),
    )  # fmt: skip


def _newest(db: Db, article_id: int, captured_at: str, seq: int, line: int) -> Record:
    row = db.execute(
        "SELECT json FROM records WHERE article_id = ? AND captured_at = ? AND seq = ? AND line = ?",
        (article_id, captured_at, seq, line),
    ).fetchone()
    return dict(parse(row[0]))
