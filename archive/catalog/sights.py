"""An article's captures in the order of time, each with its readings: what the fold makes versions of.

What others captured has its place among them. Where a look of ours found our own text again behind it, that text
stands there again, though the look left no capture.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, groupby, pairwise
from typing import NamedTuple

from archive.catalog import suspects
from archive.catalog.articles import Db
from archive.facts.canonical import parse
from archive.facts.record import Record, feed_of, with_feed


class CommittedRecord(NamedTuple):
    """What one revision of the extractor read from one capture, and where it was committed."""

    seq: int
    line: int
    record: Record
    source: str | None = None
    """Whose capture it was read from; None for our own."""


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


def last_like(run: Sequence[Sight], sight: Sight) -> Sight:
    """Return the last sight of a run that was read by the layout which read another sight, else the run's last.

    What another layout leaves out is no edit, so looks that it read can't tell what was taken out meanwhile.
    """
    layout = _layout(sight)
    return next((seen for seen in reversed(run) if _layout(seen) == layout), run[-1])


def _layout(sight: Sight) -> str:
    return str(sight.standing.record["extraction"]["layout"])


def readings(db: Db, article_id: int) -> list[ByRevision]:
    """Return each capture's readings in the order of capture time, then of arrival.

    Of several readings of a capture by one revision the last committed counts.
    """
    rows = db.execute(
        "SELECT url, captured_at, payload, revision, seq, line, json, source FROM records WHERE article_id = ? "
        "ORDER BY captured_at, seq, line",
        (article_id,),
    )
    captures: dict[tuple[str, str, str], ByRevision] = {}
    feeds: dict[tuple[str, str, str], str | None] = {}
    for url, captured_at, payload, revision, seq, line, text, source in rows:
        read = CommittedRecord(seq, line, parse(text), source)
        place = url, captured_at, payload
        captures.setdefault(place, {})[revision] = read
        feeds[place] = feeds.get(place) or feed_of(read.record)
    return [_told_by_feed(capture, feeds[place]) for place, capture in captures.items()]


def _told_by_feed(capture: ByRevision, feed: str | None) -> ByRevision:
    # The feed is not on the page: a reading of another day may lack what the one that the crawl made was told.
    return {revision: read._replace(record=with_feed(read.record, feed)) for revision, read in capture.items()}


def standing(capture: ByRevision) -> CommittedRecord:
    """Return the reading that stands for a capture: the highest (extractor revision, commit number, line)."""
    return capture[max(capture)]


def first(capture: ByRevision) -> tuple[int, CommittedRecord]:
    """Return the revision and the reading that were committed first: of the crawl that made the capture."""
    return min(capture.items(), key=lambda item: item[1][:2])


def sorted_out(db: Db, article_id: int) -> tuple[list[Sight], list[Sight]]:
    """Return (the article's sights, those of parity looks at mirrors), less what a suspect crawl saw changed.

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
    return [*_confirmed(db, article_id, told)], mirrors


def _sight(capture: ByRevision) -> Sight:
    earliest = first(capture)[1]
    return Sight(earliest.record["captured_at"], capture, earliest.seq, earliest.source)


def _in_order(sights: Iterable[Sight]) -> Iterator[Sight]:
    """Yield sights in the order of time, those of one instant as they came in no order of their own.

    Ours is first. Of others' the one goes on with what was seen before, another is what was seen next; no order of
    files makes a text come and go.
    """
    instants: list[list[Sight]] = [list(told) for _, told in groupby(sights, key=lambda sight: sight.at)]
    before = ""
    for told, then in pairwise([*instants, []]):
        after = {_text(sight) for sight in then}
        places = [(_place(sight, before, after), sight) for sight in told]
        ordered = [sight for _, sight in sorted(places, key=lambda placed: placed[0])]
        yield from ordered
        before = _text(ordered[-1])


def _place(sight: Sight, before: str, after: Collection[str]) -> tuple[bool, bool, bool, str]:
    text, payload = _text(sight), sight.standing.record["digests"]["payload"]
    return sight.source is not None, text != before, text in after, payload


def _text(sight: Sight) -> str:
    return sight.standing.record["digests"]["version"]


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
