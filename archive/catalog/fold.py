"""The fold: how one commit's facts become versions and changes. Pure over the tables it is given."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from archive.catalog import life, shifts, suspects
from archive.catalog.articles import MOST_VERSIONS, Db
from archive.catalog.entries import enter
from archive.catalog.events import looks_of
from archive.catalog.search import searched, sentences_out
from archive.facts.canonical import canonical, parse
from archive.facts.record import Record, identity, utc_of
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Commit
from archive.texts import changes, clocks
from archive.texts.readings import read_otherwise
from archive.texts.wordforms import indexed_form


class CommittedRecord(NamedTuple):
    """What one revision of the extractor read from one capture, and where it was committed."""

    seq: int
    line: int
    record: Record


_UNDATED = {"published": None}
ByRevision = dict[int, CommittedRecord]
"""Of one capture: extractor revision to its last reading."""


def commit(db: Db, new: Commit, lines: Mapping[str, Sequence[Any]], vocabulary: Vocabulary) -> None:
    """Fold one commit into the tables; every article that it touches is folded anew, whole.

    `lines` holds the decoded lines of its `index`, `records` and `checks` segments, by kind, `vocabulary` the words of
    the archive's edition. Raises KeyError, TypeError or ValueError for lines that are none of these.
    """
    read, looked = enter(db, new, lines)
    turned = suspects.note(db, new)
    for article_id in sorted(read | turned):
        _versions(db, article_id, vocabulary)
    for touched in sorted(read | turned | looked):
        _article(db, touched)


def readings(db: Db, article_id: int) -> list[ByRevision]:
    """Return each capture's readings in the order of capture time, then of arrival.

    Of several readings of a capture by one revision the last committed counts.
    """
    rows = db.execute(
        "SELECT url, captured_at, payload, revision, seq, line, json FROM records WHERE article_id = ? "
        "ORDER BY captured_at, seq, line",
        (article_id,),
    )
    captures: dict[tuple[str, str, str], ByRevision] = {}
    for url, captured_at, payload, revision, seq, line, text in rows:
        captures.setdefault((url, captured_at, payload), {})[revision] = CommittedRecord(seq, line, parse(text))
    return list(captures.values())


def _sorted_out(db: Db, article_id: int) -> tuple[list[ByRevision], list[ByRevision]]:
    """Return (own captures, those of parity looks at mirrors), less what a suspect crawl saw changed.

    What a mirror says is never a version. A held capture counts once a newer revision has read it: then like is
    compared with like.
    """
    mirrored, held = suspects.set_apart(db, article_id)
    own, mirrors, waiting = [], [], []
    for capture in readings(db, article_id):
        at = standing(capture).record["captured_at"]
        if at in mirrored:
            mirrors.append(capture)
        elif at in held and max(capture) <= _first(capture)[0]:
            waiting.append(capture)
        else:
            own.append(capture)
    return own or waiting[:1], mirrors


def _first(capture: ByRevision) -> tuple[int, CommittedRecord]:
    # The reading by the crawl that made the capture.
    return min(capture.items(), key=lambda item: item[1][:2])


def standing(capture: ByRevision) -> CommittedRecord:
    """Return the reading that stands for a capture: the highest (extractor revision, commit number, line)."""
    return capture[max(capture)]


def _likened(old: ByRevision, new: ByRevision) -> tuple[CommittedRecord, CommittedRecord]:
    # By the newest revision that read both: what only the extractor changed is never an edit.
    both = old.keys() & new.keys()
    return (old[max(both)], new[max(both)]) if both else (standing(old), standing(new))


def _same(old: Record, new: Record, vocabulary: Vocabulary) -> bool:
    if old["digests"]["version"] == new["digests"]["version"] or read_otherwise(old, new, vocabulary):
        return True
    # `il y a 3 heures`, or a date that lay in the future at the first look: another instant, the same date.
    return clocks.same_date(old, new) and identity(old) | _UNDATED == identity(new) | _UNDATED


def _versions(db: Db, article_id: int, vocabulary: Vocabulary) -> None:
    for table in ("versions", "changes", "shifts"):
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    first = article_id * MOST_VERSIONS
    db.execute("DELETE FROM taken_out WHERE rowid >= ? AND rowid < ?", (first, first + MOST_VERSIONS))
    db.execute("DELETE FROM texts WHERE rowid = ?", (article_id,))
    own, mirrors = _sorted_out(db, article_id)
    runs = _runs(own, vocabulary)
    _number(db, article_id, runs, vocabulary)
    found = [*_shifts(own), *_divergences(own, mirrors, vocabulary)]
    _note_shifts(db, article_id, found)
    if runs:
        newest = standing(runs[-1][-1]).record
        db.execute(
            "INSERT INTO texts (rowid, headline, body) VALUES (?, ?, ?)",
            (article_id, *map(indexed_form, searched(newest))),
        )


def _runs(captures: Iterable[ByRevision], vocabulary: Vocabulary) -> list[list[ByRevision]]:
    runs: list[list[ByRevision]] = []
    for capture in captures:
        old, new = _likened(runs[-1][-1], capture) if runs else (None, None)
        if old and new and _same(old.record, new.record, vocabulary):
            runs[-1].append(capture)
        else:
            runs.append([capture])
    return runs


def _number(db: Db, article_id: int, runs: Sequence[Sequence[ByRevision]], vocabulary: Vocabulary) -> None:
    for number, run in enumerate(runs, 1):
        begun, last = standing(run[0]), standing(run[-1])
        db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article_id, number, begun.record["captured_at"], begun.record["digests"]["version"], begun.seq,
                begun.line, last.record["captured_at"], last.seq, last.line, _first(run[0])[1].seq,
            ),
        )  # fmt: skip
        if number > 1:
            before = runs[number - 2]
            from_at = standing(before[0]).record["captured_at"]
            again = _returns_to(runs[: number - 2], run[0])
            old, new = _likened(before[-1], run[0])
            change = changes.compare(old.record, new.record, vocabulary, returns_to=again)
            told = changes.to_json(change, vocabulary.language)
            # A backfill makes a change of an older commit's record: the change is as new as the newer of the two.
            place = (article_id, number, from_at, new.record["captured_at"], max(old.seq, new.seq))
            _change(db, place, told)


def _returns_to(earlier: Sequence[Sequence[ByRevision]], capture: ByRevision) -> int | None:
    told = {reading.record["digests"]["version"] for reading in capture.values()}
    for number in range(len(earlier), 0, -1):
        was = {reading.record["digests"]["version"] for old in earlier[number - 1] for reading in old.values()}
        if told & was:
            return number
    return None


def _shifts(own: Sequence[ByRevision]) -> Iterator[tuple[ByRevision, shifts.Shift]]:
    for before, after in pairwise(own):
        old, new = _likened(before, after)
        yield from ((after, shift) for shift in shifts.between(old.record, new.record))


def _note_shifts(db: Db, article_id: int, found: Iterable[tuple[ByRevision, shifts.Shift]]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO shifts VALUES (?, ?, ?, ?, ?, ?)",
        [
            (article_id, standing(capture).record["captured_at"], shift.kind, shift.since, _first(capture)[1].seq,
             shift.detail)
            for capture, shift in found
        ],
    )  # fmt: skip


def _divergences(
    own: Sequence[ByRevision], mirrors: Sequence[ByRevision], vocabulary: Vocabulary
) -> Iterator[tuple[ByRevision, shifts.Shift]]:
    for _, told in groupby(sorted(mirrors, key=_mirror), key=_mirror):
        said = ""
        for capture in told:
            old, new = _likened(_in_force(own, capture), capture) if own else (None, None)
            if old is None or new is None or _same(old.record, new.record, vocabulary):
                said = ""
            elif said != new.record["digests"]["version"]:
                said = new.record["digests"]["version"]
                yield capture, shifts.divergence(old.record, new.record, vocabulary)


def _mirror(capture: ByRevision) -> str:
    return str(standing(capture).record["mirror"])


def _in_force(own: Sequence[ByRevision], mirrored: ByRevision) -> ByRevision:
    at = standing(mirrored).record["captured_at"]
    return next((c for c in reversed(own) if standing(c).record["captured_at"] <= at), own[0])


def _change(db: Db, place: tuple[int, int, str, str, int], change: Mapping[str, Any]) -> None:
    article_id, number, *_ = place
    db.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*place, change["silent"], canonical(change).decode()),
    )
    if sentences := sentences_out(change):
        marks = (text for pair in change["reworded"] for sign, text in pair["marks"] if sign == "-")
        db.execute(
            "INSERT INTO taken_out (rowid, sentences, words) VALUES (?, ?, ?)",
            (
                article_id * MOST_VERSIONS + number,
                indexed_form("\n".join(sentences)),
                indexed_form("\n".join([*change["removed"], *marks])),
            ),
        )


def _article(db: Db, article_id: int) -> None:
    looks = list(looks_of(db, article_id))
    own = [look for look in looks if look["kind"] != "mirror"]
    versions = db.execute(
        "SELECT captured_at, last_at, last_seq, last_line FROM versions WHERE article_id = ? ORDER BY number",
        (article_id,),
    ).fetchall()
    if not own and not versions:
        return
    newest = _newest(db, article_id, *versions[-1][1:]) if versions else None
    captured = [at for version in versions for at in version[:2]]
    sights = [*captured, *(look["at"] for look in own if life.sighted(look))]
    looked = [*sights, *(look["at"] for look in own)]
    db.execute(
        "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article_id, _address(own, newest), life.state(own, captured, read=bool(versions)),
            newest["headline"] if newest else "", utc_of(newest["published"]) if newest else None, min(looked),
            max(sights, default=None), max(looked), own[-1]["outcome"] if own else "new", len(versions),
            versions[-1][0] if len(versions) > 1 else None, newest["captured_at"] if newest else None,
        ),
    )  # fmt: skip


def _address(own: Sequence[life.LookRow], newest: Record | None) -> str:
    # A redirect to another slug leaves the text, and so the record, as it was; one away from the article moves nothing.
    since = newest["captured_at"] if newest else ""
    led = [answered for look in own if (answered := look.get("answered")) and life.sighted(look) and look["at"] > since]
    return led[-1] if led else newest["url"] if newest else own[-1]["url"]


def _newest(db: Db, article_id: int, captured_at: str, seq: int, line: int) -> Record:
    row = db.execute(
        "SELECT json FROM records WHERE article_id = ? AND captured_at = ? AND seq = ? AND line = ?",
        (article_id, captured_at, seq, line),
    ).fetchone()
    newest: Record = parse(row[0])
    return newest
