"""An article's captures in the order of time, each with its readings: what the fold makes versions of.

What others captured has its place among them. Where a look of ours found our own text again behind it, that text
stands there again, though the look left no capture.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, pairwise
from typing import Any, NamedTuple

from archive.catalog import suspects
from archive.catalog.articles import Db
from archive.catalog.packing import unpacked, whole
from archive.facts.record import Record, feed_of, with_feed


@dataclass(slots=True, eq=False)
class CommittedRecord:
    """What one revision of the extractor read from one capture, and where it was committed."""

    at: str
    """The instant (RFC 3339) of the capture."""
    seq: int
    line: int
    version: str
    """The digest of its version identity."""
    stored: bytes | Record
    """The record, or what the catalog keeps of it until it is asked for."""
    source: str | None = None
    """Whose capture it was read from; None for our own."""

    @property
    def record(self) -> Record:
        """The record, whole."""
        if isinstance(self.stored, bytes):
            self.stored = unpacked(self.stored)
        return self.stored


ByRevision = dict[int, CommittedRecord]
"""Of one capture: extractor revision to its last reading."""


class Sight(NamedTuple):
    """An article seen at one instant (RFC 3339): the capture that showed it, or that a look of ours confirmed then."""

    at: str
    readings: ByRevision
    seq: int
    """The commit that first told of it."""
    source: str | None
    """Who saw it; None for ourselves."""

    @property
    def standing(self) -> CommittedRecord:
        """The reading that stands for it."""
        return standing(self.readings)


class Sights(NamedTuple):
    """All sights of an article."""

    told: list[Sight]
    """Those of which its versions are made."""
    mirrors: list[Sight]
    """Those of parity looks."""
    waiting: bool
    """Whether a suspect crawl, which nobody accepted, saw it changed."""

    @property
    def own(self) -> list[Sight]:
        """Those told that are ours."""
        return [sight for sight in self.told if sight.source is None]


def like(run: Sequence[Sight], sight: Sight) -> Sight | None:
    """Return the last sight of a run that was read by the layout which read another sight, or None."""
    layout = _layout(sight)
    return next((seen for seen in reversed(run) if _layout(seen) == layout), None)


def last_like(run: Sequence[Sight], sight: Sight) -> Sight:
    """Return the last sight of a run that was read by the layout which read another sight, else the run's last.

    What another layout leaves out is no edit, so looks that it read can't tell what was taken out meanwhile.
    """
    return like(run, sight) or run[-1]


def _layout(sight: Sight) -> str:
    return str(sight.standing.record["extraction"]["layout"])


_COLUMNS = "address, captured_at, payload, revision, seq, line, version, packed, source"


def readings(db: Db, article_id: int) -> list[ByRevision]:
    """Return each capture's readings in the order of capture time, then of arrival.

    Of several readings of a capture by one revision the last committed counts.
    """
    sql = f"SELECT {_COLUMNS} FROM records WHERE article_id = ? ORDER BY captured_at, seq, line"
    return _by_capture(db.execute(sql, (article_id,)))


def _by_capture(rows: Iterable[Sequence[Any]]) -> list[ByRevision]:
    captures: dict[tuple[int, str, str], ByRevision] = {}
    feeds: dict[tuple[int, str, str], list[CommittedRecord]] = {}
    for address, captured_at, payload, revision, seq, line, version, packed, source in rows:
        read = CommittedRecord(captured_at, seq, line, whole(version), packed, source)
        place = address, captured_at, payload
        captures.setdefault(place, {})[revision] = read
        feeds.setdefault(place, []).append(read)
    return [_told_by_feed(capture, feeds[place]) for place, capture in captures.items()]


def _told_by_feed(capture: ByRevision, read: Sequence[CommittedRecord]) -> ByRevision:
    # The feed is not on the page: a reading of another day may lack what the one that the crawl made was told.
    if len(read) == 1:
        return capture
    feed = next((told for one in read if (told := feed_of(one.record))), None)
    return {revision: replace(one, stored=with_feed(one.record, feed)) for revision, one in capture.items()}


def newest(db: Db, article_id: int, until: str, count: int) -> tuple[list[Sight], bool]:
    """Return (the sights of an article's newest captures until an instant, so many or more, whether there are others).

    They are its sights where they are all our own, none of them waits and none is a mirror's.
    """
    most = 2 * count + 1
    sql = (
        f"SELECT {_COLUMNS} FROM records WHERE article_id = ? AND captured_at <= ? "
        "ORDER BY captured_at DESC, seq DESC, line DESC LIMIT ?"
    )  # fmt: skip
    rows = db.execute(sql, (article_id, until, most)).fetchall()[::-1]
    cut = len(rows) == most
    # Of the oldest capture there may be more readings.
    whole = [row for row in rows if row[1] != rows[0][1]] if cut else rows
    return [_sight(capture) for capture in _by_capture(whole)], cut


def standing(capture: ByRevision) -> CommittedRecord:
    """Return the reading that stands for a capture: the highest (extractor revision, commit number, line)."""
    return capture[max(capture)]


def first(capture: ByRevision) -> tuple[int, CommittedRecord]:
    """Return the revision and the reading that were committed first: of the crawl that made the capture."""
    return min(capture.items(), key=lambda item: (item[1].seq, item[1].line))


def sorted_out(db: Db, article_id: int) -> Sights:
    """Return the article's sights, those of parity looks at mirrors apart, less what a suspect crawl saw changed.

    What a mirror says is never a version. A held capture counts once a newer revision has read it: then like is
    compared with like.
    """
    mirrored, held = suspects.set_apart(db, article_id)
    told: list[Sight] = []
    mirrors, waiting = [], []
    for sight in _in_order(map(_sight, readings(db, article_id))):
        whose = sight.at, sight.source
        if whose in mirrored:
            mirrors.append(sight)
        elif whose in held and max(sight.readings) <= first(sight.readings)[0]:
            waiting.append(sight)
        else:
            told.append(sight)
    told = told or waiting[:1]
    return Sights([*_confirmed(db, article_id, told)], mirrors, bool(held))


def _sight(capture: ByRevision) -> Sight:
    earliest = first(capture)[1]
    return Sight(earliest.at, capture, earliest.seq, earliest.source)


def _in_order(sights: Iterable[Sight]) -> Iterator[Sight]:
    """Yield sights in the order of time, those of one instant as they came in no order of their own.

    Ours is first. Of others' the one goes on with what was seen before, another is what was seen next; no order of
    files makes a text come and go.
    """
    instants: list[list[Sight]] = [list(told) for _, told in groupby(sights, key=lambda sight: sight.at)]
    before = ""
    for told, then in pairwise([*instants, []]):
        ordered = told if len(told) == 1 else _of_one_instant(told, before, then)
        yield from ordered
        before = _text(ordered[-1])


def _of_one_instant(told: Sequence[Sight], before: str, then: Iterable[Sight]) -> list[Sight]:
    after = {_text(sight) for sight in then}
    return sorted(told, key=lambda sight: _place(sight, before, after))


def _place(sight: Sight, before: str, after: Collection[str]) -> tuple[bool, bool, bool, str]:
    text, payload = _text(sight), sight.standing.record["digests"]["payload"]
    return sight.source is not None, text != before, text in after, payload


def _text(sight: Sight) -> str:
    return sight.standing.version


def _confirmed(db: Db, article_id: int, told: Sequence[Sight]) -> Iterable[Sight]:
    """Return sights with those put in at which a look of ours confirmed a capture of ours, others' being the newest."""
    if all(sight.source is None for sight in told):
        return told
    ours = {sight.at: sight for sight in told if sight.source is None}
    rows = db.execute(
        "SELECT at, confirms, seq FROM checks WHERE article_id = ? AND kind = 'article' AND source IS NULL "
        "AND confirms IS NOT NULL ORDER BY at, seq, line",
        (article_id,),
    )
    again = [Sight(at, ours[of].readings, seq, None) for at, of, seq in rows if of in ours]
    return _behind_others(sorted(chain(told, again), key=lambda sight: sight.at), told)


def _behind_others(sights: Iterable[Sight], told: Sequence[Sight]) -> Iterator[Sight]:
    captured, newest = {id(sight) for sight in told}, None
    for sight in sights:
        if id(sight) in captured or (newest is not None and newest.source is not None):
            newest = sight
            yield sight
