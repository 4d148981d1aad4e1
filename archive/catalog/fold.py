"""The fold: how one commit's facts become versions and changes. Pure over the tables it is given."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from archive.catalog import life, patterns, shifts, suspects, takeovers, touched
from archive.catalog.articles import MOST_VERSIONS, Db, cited
from archive.catalog.cells import sealed
from archive.catalog.entries import enter
from archive.catalog.events import looks_of
from archive.catalog.search import searched, sentences_out
from archive.catalog.sights import CommittedRecord, Sight, last_like, sorted_out
from archive.facts.canonical import parse
from archive.facts.outcomes import ROTATING
from archive.facts.record import Record, clock_of, identity, utc_of
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Commit
from archive.texts import changes, clocks
from archive.texts.readings import read_otherwise
from archive.texts.rotating import is_damaged
from archive.texts.wordforms import indexed_form

_UNDATED = {"published": None}
_MOST_LOOKS = 20
"""Records back from an edit by which it is told whether a clock runs."""


def commit(db: Db, new: Commit, lines: Mapping[str, Sequence[Any]], vocabulary: Vocabulary) -> None:
    """Fold one commit into the tables; every article that it touches is folded anew, whole.

    `lines` holds the decoded lines of its `index`, `records` and `checks` segments, by kind, `vocabulary` the words of
    the archive's edition. Raises KeyError, TypeError or ValueError for lines that are none of these.
    """
    turns = touched.turns_of(db, new.crawl)
    read, looked = enter(db, new, lines)
    believed = suspects.note(db, new)
    turned = patterns.note(db, new).union(*(suspects.waiting(db, crawl) for crawl in believed))
    shared = {number for number in looked if _shared(db, number)}
    looked |= takeovers.note(db, new)
    refold(db, read | turned | shared, looked, vocabulary)
    told = patterns.alike_in(new) | touched.by_listings(db, lines.get("checks", ()))
    told = told.union(*(touched.by_teasers(db, crawl) for crawl in believed))
    if touched.turns_of(db, new.crawl) != turns:
        told |= touched.by_turns(db, new.crawl)
    touched.touch(db, new.seq, read | turned | looked | told)


def refold(db: Db, read: Iterable[int], looked: Iterable[int], vocabulary: Vocabulary) -> None:
    """Make articles anew from what the tables hold: versions and state of those read, the state of those looked at."""
    for article_id in sorted(set(read)):
        _versions(db, article_id, vocabulary)
    for article_id in sorted({*read, *looked}):
        _article(db, article_id, vocabulary)


def _shared(db: Db, article_id: int) -> bool:
    # Where others captured it, too, a look of ours that only confirms may begin a version.
    sql = "SELECT 1 FROM records WHERE article_id = ? AND source IS NOT NULL LIMIT 1"
    return db.execute(sql, (article_id,)).fetchone() is not None


def _likened(old: Sight, new: Sight) -> tuple[CommittedRecord, CommittedRecord]:
    # By the newest revision that read both: what only the extractor changed is never an edit.
    both = old.readings.keys() & new.readings.keys()
    return (old.readings[max(both)], new.readings[max(both)]) if both else (old.standing, new.standing)


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
    told, mirrors = sorted_out(db, article_id)
    runs = _runs(told, vocabulary)
    _number(db, article_id, runs, vocabulary)
    # A mirror is held against what we saw of the article: what others captured is nobody's text but theirs.
    own = [sight for sight in told if sight.source is None]
    found = [*_shifts(told), *_divergences(own, mirrors, vocabulary)]
    _note_shifts(db, article_id, found)
    if runs:
        newest = runs[-1][-1].standing.record
        db.execute(
            "INSERT INTO texts (rowid, headline, body) VALUES (?, ?, ?)",
            (article_id, *map(indexed_form, searched(newest))),
        )


def _runs(sights: Iterable[Sight], vocabulary: Vocabulary) -> list[list[Sight]]:
    runs: list[list[Sight]] = []
    for sight in sights:
        if runs and all(_says_the_same(old, sight, vocabulary) for old in _neighbours(runs[-1], sight)):
            runs[-1].append(sight)
        else:
            runs.append([sight])
    return runs


def _says_the_same(old: Sight, new: Sight, vocabulary: Vocabulary) -> bool:
    one, other = _likened(old, new)
    return _same(one.record, other.record, vocabulary)


def _neighbours(run: Sequence[Sight], sight: Sight) -> Iterator[Sight]:
    yield run[-1]
    # A layout that leaves something out bridges no edit of it.
    yield last_like(run, sight)
    if sight.source is None and run[-1].source is not None:
        # What others captured between two looks of ours bridges no difference between these.
        yield from [old for old in run if old.source is None][-1:]


def _number(db: Db, article_id: int, runs: Sequence[Sequence[Sight]], vocabulary: Vocabulary) -> None:
    since = 0
    for number, run in enumerate(runs, 1):
        begun, last = run[0].standing, run[-1].standing
        db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article_id, number, run[0].at, begun.record["captured_at"], begun.record["digests"]["version"],
                begun.seq, begun.line, last.record["captured_at"], last.seq, last.line, run[0].seq,
            ),
        )  # fmt: skip
        if number > 1:
            from_at = runs[number - 2][0].at
            earlier = _told_of(runs[: number - 1], run[0])
            like = last_like(earlier[-1], run[0])
            old, new = _likened(like, run[0])
            again = _returns_to(earlier[:-1], run[0])
            known = _known(db, article_id, earlier, run[0], since)
            change = changes.compare(old.record, new.record, vocabulary, returns_to=again, known=known)
            told = changes.to_json(change, vocabulary.language) | _about(db, begun.record)
            if like is not earlier[-1][-1]:
                told["not_before"] = like.at
            since = since if change.noise in ROTATING else number - 1
            # A backfill makes a change of an older commit's record: the change is as new as the newer of the two.
            place = (article_id, number, from_at, run[0].at, max(old.seq, new.seq, run[0].seq))
            _change(db, place, told)


def _about(db: Db, record: Record) -> dict[str, Any]:
    """Return what a change says of the version that it made."""
    told = {"headline": record["headline"], "url": record["url"], "sections": record["sections"]}
    return told | {"cite": cited(db, record)}


def _told_of(earlier: Sequence[Sequence[Sight]], sight: Sight) -> Sequence[Sequence[Sight]]:
    """Return the runs before a sight with what says something of its change: where both are ours, no others' sights."""
    own = [[old for old in run if old.source is None] for run in earlier]
    return own if sight.source is None and own[-1] else earlier


def _known(db: Db, article_id: int, earlier: Sequence[Sequence[Sight]], sight: Sight, since: int) -> changes.Known:
    """Return what is known, beside the two readings that are held against each other, of a sight and those before.

    From the run at `since` on nobody edited the text, though a counter may have moved.
    """
    last = last_like(earlier[-1], sight)
    old, new = (reading.record for reading in _likened(last, sight))
    seen = [each.standing.record for run in earlier[since:] for each in run][-_MOST_LOOKS:]
    whole = (run[-1].standing.record for run in reversed(earlier[:-1]) if run)
    own = last.source is None and sight.source is None
    running = patterns.running_clocks(db, seen, new, sight.seq) if clocks.moved(old, new) else {}
    every = [*(each.standing.record for run in earlier for each in run), new]
    dated_now = clocks.dated_now(every[-_MOST_LOOKS:])
    if dated_now and new["published"] and not clocks.updated(old, new):
        clock = clock_of(new["published"]["source"])
        running = {**running, clock: clocks.moved_parts(old, new, clock)}
    return changes.Known(
        spots=patterns.spots_in(db, article_id, old, new, own=own),
        running=running,
        dated_now=dated_now,
        undamaged=next((record for record in whole if not is_damaged(record)), None) if is_damaged(old) else None,
    )


def _returns_to(earlier: Sequence[Sequence[Sight]], sight: Sight) -> int | None:
    told = {reading.record["digests"]["version"] for reading in sight.readings.values()}
    for number in range(len(earlier), 0, -1):
        was = {read.record["digests"]["version"] for old in earlier[number - 1] for read in old.readings.values()}
        if told & was:
            return number
    return None


def _shifts(own: Sequence[Sight]) -> Iterator[tuple[Sight, shifts.Shift]]:
    for before, after in pairwise(own):
        old, new = _likened(before, after)
        for shift in shifts.between(old.record, new.record):
            yield after, shift._replace(since=before.at)


def _note_shifts(db: Db, article_id: int, found: Iterable[tuple[Sight, shifts.Shift]]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO shifts VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (article_id, sight.at, shift.kind, shift.since, sight.seq, shift.detail, sight.source)
            for sight, shift in found
        ],
    )


def _divergences(
    own: Sequence[Sight], mirrors: Sequence[Sight], vocabulary: Vocabulary
) -> Iterator[tuple[Sight, shifts.Shift]]:
    for _, told in groupby(sorted(mirrors, key=_mirror), key=_mirror):
        said = ""
        for sight in told:
            old, new = _likened(_in_force(own, sight), sight) if own else (None, None)
            if old is None or new is None or _same(old.record, new.record, vocabulary):
                said = ""
            elif said != new.record["digests"]["version"]:
                said = new.record["digests"]["version"]
                yield sight, shifts.divergence(old.record, new.record, vocabulary)


def _mirror(sight: Sight) -> str:
    return str(sight.standing.record["mirror"])


def _in_force(own: Sequence[Sight], mirrored: Sight) -> Sight:
    return next((sight for sight in reversed(own) if sight.at <= mirrored.at), own[0])


def _change(db: Db, place: tuple[int, int, str, str, int], change: Mapping[str, Any]) -> None:
    article_id, number, *_ = place
    db.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*place, change["silent"], sealed(change)),
    )
    if change["noise"] in ROTATING:
        return
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


class _Seen(NamedTuple):
    """What was seen of an article, by everybody or by ourselves."""

    looks: Sequence[life.LookRow]
    begun: Sequence[str]
    """When its versions began."""
    captured: Sequence[str]
    """When it was captured, at the beginning and the end of each version."""
    newest: Record | None
    rotated: Collection[str]
    """When a version began in which only what rotates differs: nobody edited it, and it makes no article young."""


def _article(db: Db, article_id: int, vocabulary: Vocabulary) -> None:
    looks = [look for look in looks_of(db, article_id) if look["kind"] != "mirror"]
    versions = db.execute(
        "SELECT captured_at, last_at, last_seq, last_line FROM versions WHERE article_id = ? ORDER BY number",
        (article_id,),
    ).fetchall()
    for table in ("articles", "own"):
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    if not looks and not versions:
        return
    newest = _newest(db, article_id, *versions[-1][1:]) if versions else None
    captured = [at for version in versions for at in version[:2]]
    seen = _Seen(looks, [version[0] for version in versions], captured, newest, _rotated(db, article_id))
    row = _row(seen, article_id)
    if _shared(db, article_id) or any(look["source"] for look in looks):
        ours = _row(_ours(db, article_id, looks, vocabulary), article_id) or _unseen(row)
        # Where it lies nobody else says once we saw it ourselves; until then we have nothing better.
        address = row[1] if ours[_LAST_SEEN] is None else ours[1]
        db.execute(_ROW.format("own"), (article_id, address, *ours[2:]))
        row = (article_id, address, *row[2:])
    db.execute(_ROW.format("articles"), row)


_LAST_SEEN = 6
_ROW = "INSERT INTO {} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _row(seen: _Seen, article_id: int) -> tuple[Any, ...]:
    looks, begun, captured, newest, rotated = seen
    sights = [*captured, *(look["at"] for look in looks if life.sighted(look))]
    looked = [*sights, *(look["at"] for look in looks)]
    if not looked:
        return ()
    state = life.state(looks, captured, read=bool(begun))
    return (
        article_id, _address(looks, newest), state, newest["headline"] if newest else "",
        utc_of(newest["published"]) if newest else None, min(looked), max(sights, default=None), max(looked),
        looks[-1]["outcome"] if looks else "new", len(begun),
        next((at for at in reversed(begun[1:]) if at not in rotated), None),
        newest["captured_at"] if newest else None, life.absent_by(looks, captured),
    )  # fmt: skip


def _ours(db: Db, article_id: int, looks: Sequence[life.LookRow], vocabulary: Vocabulary) -> _Seen:
    own = [sight for sight in sorted_out(db, article_id)[0] if sight.source is None]
    runs = _runs(own, vocabulary)
    newest = own[-1].standing.record if own else None
    mine = [look for look in looks if look["source"] is None]
    begun, captured = [run[0].at for run in runs], [sight.at for sight in own]
    return _Seen(mine, begun, captured, newest, _rotated(db, article_id))


def _rotated(db: Db, article_id: int) -> set[str]:
    rows = db.execute("SELECT to_at, json FROM changes WHERE article_id = ?", (article_id,))
    return {at for at, text in rows if parse(text)["noise"] in ROTATING}


def _unseen(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the row of an article that others saw and we did not: it is still to be read."""
    *known, _state, headline, published, first_seen, _seen, last_look, last_outcome = row[:9]
    return (*known, "unread", headline, published, first_seen, None, last_look, last_outcome, 0, None, None, None)


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
