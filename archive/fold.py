"""The fold: how one commit's facts become versions and changes. Pure over the tables it is given."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive import changes
from archive.ids import stamp
from archive.log import Commit
from archive.record import Record, canonical, comparison_form, parse

SEEN = frozenset({"new", "changed", "unchanged"})
ABSENT = frozenset({"gone", "soft_404"})
Db = sqlite3.Connection


def commit(db: Db, new: Commit, lines: Mapping[str, Sequence[Any]]) -> None:
    """Fold one commit into the tables; every article that it touches is folded anew, whole.

    `lines` holds the decoded lines of its `index`, `records` and `checks` segments.
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


def standing_records(db: Db, article_id: int) -> list[tuple[int, int, Record]]:
    """Return (seq, line, record) of each capture's standing record, in the order of capture.

    Of several records of one capture the highest (extractor revision, commit number, line) stands.
    """
    rows = db.execute(
        "SELECT url, captured_at, payload, revision, seq, line, json FROM records WHERE article_id = ?", (article_id,)
    )
    best: dict[tuple[str, str, str], tuple[int, int, int, str]] = {}
    for url, captured_at, payload, *rank in rows:
        name = (url, captured_at, payload)
        if name not in best or tuple(rank[:3]) > best[name][:3]:
            best[name] = tuple(rank)
    kept = [(captured_at, seq, line, text) for (_, captured_at, _), (_, seq, line, text) in best.items()]
    return [(seq, line, parse(text)) for _, seq, line, text in sorted(kept)]


def _versions(db: Db, article_id: int) -> None:
    for table in ("versions", "changes"):
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    db.execute("DELETE FROM taken_out WHERE article_id = ?", (article_id,))
    runs = _runs(standing_records(db, article_id))
    for number, run in enumerate(runs, 1):
        (seq, line, first), (last_seq, last_line, last) = run[0], run[-1]
        db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article_id, number, first["captured_at"], first["digests"]["version"], seq, line,
                last["captured_at"], last_seq, last_line,
            ),
        )  # fmt: skip
        if number > 1:
            before = runs[number - 2]
            _change(db, number, before[0][2]["captured_at"], before[-1][2], run[0])
    newest = runs[-1][-1][2]
    db.execute("DELETE FROM texts WHERE rowid = ?", (article_id,))
    db.execute(
        "INSERT INTO texts (rowid, headline, body) VALUES (?, ?, ?)",
        (article_id, comparison_form(newest["headline"]), _searchable(newest)),
    )


def _runs(records: Iterable[tuple[int, int, Record]]) -> list[list[tuple[int, int, Record]]]:
    runs: list[list[tuple[int, int, Record]]] = []
    for entry in records:
        if runs and runs[-1][-1][2]["digests"]["version"] == entry[2]["digests"]["version"]:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs


def _change(db: Db, number: int, from_at: str, old: Record, new: tuple[int, int, Record]) -> None:
    seq, _, record = new
    change = changes.to_json(changes.compare(old, record))
    article_id = int(record["article_id"])
    db.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
        (article_id, number, from_at, record["captured_at"], seq, change["silent"], canonical(change).decode()),
    )
    gone = [*change["removed"], *(pair["from"] for pair in change["reworded"])]
    if gone:
        db.execute("INSERT INTO taken_out VALUES (?, ?, ?)", ("\n".join(gone), article_id, number))


def _searchable(record: Record) -> str:
    parts = [record["kicker"], record["lead"], *record["body"], *(c["text"] for c in record["captions"])]
    return "\n".join(comparison_form(part) for part in parts if part)


def _article(db: Db, article_id: int) -> None:
    looks = db.execute(
        "SELECT at, url, outcome FROM checks WHERE article_id = ? ORDER BY at, seq, line", (article_id,)
    ).fetchall()
    versions = db.execute(
        "SELECT captured_at, last_at, last_seq, last_line FROM versions WHERE article_id = ? ORDER BY number",
        (article_id,),
    ).fetchall()
    newest: Record | None = None
    if versions:
        row = db.execute(
            "SELECT json FROM records WHERE article_id = ? AND captured_at = ? AND seq = ? AND line = ?",
            (article_id, *versions[-1][1:]),
        ).fetchone()
        newest = parse(row[0])
    sights = [at for at, _, outcome in looks if outcome in SEEN] + [v[0] for v in versions] + [v[1] for v in versions]
    last_at, last_url, last_outcome = looks[-1] if looks else (max(sights), newest["url"] if newest else "", "new")
    db.execute(
        "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article_id, newest["url"] if newest else last_url, _state(looks, read=bool(versions)),
            newest["headline"] if newest else "", ((newest or {}).get("published") or {}).get("utc"),
            min(sights + [at for at, *_ in looks]), max(sights, default=None),
            max([last_at, *sights]),
            last_outcome, len(versions), versions[-1][0] if len(versions) > 1 else None,
            newest["captured_at"] if newest else None,
        ),
    )  # fmt: skip


def _state(looks: Sequence[tuple[str, str, str]], *, read: bool) -> str:
    telling = [outcome for _, _, outcome in looks if outcome in SEEN | ABSENT]
    if telling and telling[-1] in ABSENT:
        return "gone"
    return "live" if read else "unread"
