"""What an article's sights come to: versions and the changes between them, made one sight after the other.

Of an article that is known its newest sights are taken from the tables, and the new ones added to them: what comes of
it is the same as from all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any, NamedTuple

from archive.catalog import patterns
from archive.catalog.articles import Db, cited
from archive.catalog.packing import short
from archive.catalog.rows import Text
from archive.catalog.sights import CommittedRecord, Sight, last_like, like, newest
from archive.facts.outcomes import ROTATING
from archive.facts.record import Record, clock_of, identity, utc_of
from archive.languages.vocabulary import Vocabulary
from archive.texts import changes, clocks
from archive.texts.readings import read_otherwise
from archive.texts.rotating import is_damaged

_UNDATED = {"published": None}
_MOST_LOOKS = 20
"""Records back from an edit by which it is told whether a clock runs."""
Runs = Sequence[Sequence[Sight]]


class Older(Exception):
    """What is asked for lies further back than the sights that were taken from the tables."""


class VersionRow(NamedTuple):
    """A row of `versions`."""

    article_id: int
    number: int
    captured_at: str
    record_at: str
    seq: int
    line: int
    last_at: str
    last_seq: int
    last_line: int
    seen_seq: int


class Changed(NamedTuple):
    """A row of `changes`, its JSON still apart."""

    number: int
    from_at: str
    to_at: str
    seq: int
    change: dict[str, Any]

    @property
    def is_edit(self) -> bool:
        """Whether somebody edited the text: where only what rotates differs nobody did."""
        return self.change["noise"] not in ROTATING


def likened(old: Sight, new: Sight) -> tuple[CommittedRecord, CommittedRecord]:
    """Return the readings of two sights that are held against each other.

    By the newest revision that read both: what only the extractor changed is never an edit.
    """
    both = old.readings.keys() & new.readings.keys()
    return (old.readings[max(both)], new.readings[max(both)]) if both else (old.standing, new.standing)


def says_the_same(old: Sight, new: Sight, vocabulary: Vocabulary) -> bool:
    """Tell whether two sights are of one version."""
    one, other = likened(old, new)
    return same(one, other, vocabulary)


def same(one: CommittedRecord, other: CommittedRecord, vocabulary: Vocabulary) -> bool:
    """Tell whether two readings are of one version."""
    if one.version == other.version:
        return True
    old, new = one.record, other.record
    if read_otherwise(old, new, vocabulary):
        return True
    # `il y a 3 heures`, or a date that lay in the future at the first look: another instant, the same date.
    return clocks.same_date(old, new) and identity(old) | _UNDATED == identity(new) | _UNDATED


@dataclass(slots=True, kw_only=True)
class Course:
    """The versions of an article as far as its sights were added."""

    db: Db
    article_id: int
    vocabulary: Vocabulary
    runs: list[list[Sight]] = field(default_factory=list)
    """Sights that say the same, one run a version."""
    rows: list[VersionRow] = field(default_factory=list)
    """Those of the runs."""
    since: int = 0
    """The number of versions before the one from which on nobody edited the text."""
    cut: bool = False
    """Whether there are older sights: of the first run, or of runs before it."""
    first_new: int = 0
    """The place of the first row that is new or other than before."""
    added: list[Sight] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    """The changes that came of what was added."""

    def add(self, sights: Iterable[Sight]) -> None:
        """Add sights, each newer than those before. Raises Older."""
        for sight in sights:
            self.added.append(sight)
            if self._goes_on(sight):
                self.runs[-1].append(sight)
                self._lengthen(sight)
            else:
                self._begin(sight)

    def runs_of(self, sights: Iterable[Sight]) -> list[list[Sight]]:
        """Return sights parted into runs, of an article of which nothing was added."""
        for sight in sights:
            if self._goes_on(sight):
                self.runs[-1].append(sight)
            else:
                self.runs.append([sight])
        return self.runs

    def _goes_on(self, sight: Sight) -> bool:
        return bool(self.runs) and all(says_the_same(old, sight, self.vocabulary) for old in self._neighbours(sight))

    def newest(self) -> Record | None:
        """Return the newest standing record; None without one."""
        return self.runs[-1][-1].standing.record if self.runs else None

    def captured(self) -> list[str]:
        """Return when the article was captured, at the beginning and the end of each version that is new or other."""
        return [at for row in self.rows[self.first_new :] for at in (row.captured_at, row.last_at)]

    def text(self, edited_at: str | None = None) -> Text | None:
        """Return what the versions come to; `edited_at` is the last edit before what was added."""
        newest = self.newest()
        if newest is None:
            return None
        # Where only what rotates differs nobody edited it, and it makes no article young.
        rotated = {each.to_at for each in self.changed if not each.is_edit}
        edited = next((each.to_at for each in reversed(self.changed) if each.to_at not in rotated), edited_at)
        return Text(
            newest["url"], newest["headline"], utc_of(newest["published"]), newest["captured_at"], self.rows[-1].number,
            edited,
        )  # fmt: skip

    def _neighbours(self, sight: Sight) -> list[Sight]:
        run = self.runs[-1]
        # A layout that leaves something out bridges no edit of it.
        found = [run[-1], self._last_like(run, sight)]
        if sight.source is None and run[-1].source is not None:
            # What others captured between two looks of ours bridges no difference between these.
            found += [old for old in run if old.source is None][-1:]
        return found

    def _last_like(self, run: Sequence[Sight], sight: Sight) -> Sight:
        found = like(run, sight)
        if found is None and self.cut and len(self.runs) == 1:
            raise Older
        return found or run[-1]

    def _lengthen(self, sight: Sight) -> None:
        last = sight.standing
        self.rows[-1] = self.rows[-1]._replace(last_at=last.at, last_seq=last.seq, last_line=last.line)

    def _begin(self, sight: Sight) -> None:
        number = self.rows[-1].number + 1 if self.rows else 1
        if self.runs:
            self.changed.append(self._change(sight, number))
        one = sight.standing
        self.rows.append(
            VersionRow(
                self.article_id, number, sight.at, one.at, one.seq, one.line, one.at, one.seq, one.line,
                sight.seq,
            )
        )  # fmt: skip
        self.runs.append([sight])

    def _change(self, sight: Sight, number: int) -> Changed:
        earlier = _told_of(self.runs, sight)
        before = self._last_like(earlier[-1], sight)
        old, new = likened(before, sight)
        change = changes.compare(
            old.record, new.record, self.vocabulary, returns_to=self._returns_to(earlier, sight),
            known=self._known(earlier, sight),
        )  # fmt: skip
        told = changes.to_json(change, self.vocabulary.language) | _about(self.db, sight.standing.record)
        if before is not earlier[-1][-1]:
            told["not_before"] = before.at
        if change.noise not in ROTATING:
            self.since = number - 1
        # A backfill makes a change of an older commit's record: the change is as new as the newer of the two.
        return Changed(number, self.rows[-1].captured_at, sight.at, max(old.seq, new.seq, sight.seq), told)

    def _returns_to(self, earlier: Runs, sight: Sight) -> int | None:
        told = {reading.version for reading in sight.readings.values()}
        begun = self.rows[0].number
        for place in range(len(earlier) - 2, -1, -1):
            if any(read.version in told for old in earlier[place] for read in old.readings.values()):
                return begun + place
        return self._showed_before(told) if self.cut else None

    def _showed_before(self, told: set[str]) -> int | None:
        until = min(self.runs[0][0].at, self.rows[-1].captured_at)
        marks = ", ".join("?" * len(told))
        sql = (
            "SELECT max(number) FROM versions WHERE article_id = ?1 AND captured_at <= (SELECT max(captured_at) "
            f"FROM records WHERE article_id = ?1 AND captured_at < ?2 AND version IN ({marks}))"
        )
        found: int | None = self.db.execute(sql, (self.article_id, until, *map(short, sorted(told)))).fetchone()[0]
        return found

    def _known(self, earlier: Runs, sight: Sight) -> changes.Known:
        """Return what is known, beside the two readings that are held against each other, of a sight and those before.

        From the run at `since` on nobody edited the text, though a counter may have moved.
        """
        last = last_like(earlier[-1], sight)
        old, new = (reading.record for reading in likened(last, sight))
        since = max(0, self.since + 1 - self.rows[0].number)
        own = last.source is None and sight.source is None
        running: Mapping[str, int] = {}
        if clocks.moved(old, new):
            running = patterns.running_clocks(self.db, _last(earlier[since:], _MOST_LOOKS), new, sight.seq)
        dated_now = clocks.dated_now([*_last(earlier, _MOST_LOOKS - 1), new])
        if dated_now and new["published"] and not clocks.updated(old, new):
            clock = clock_of(new["published"]["source"])
            running = {**running, clock: clocks.moved_parts(old, new, clock)}
        return changes.Known(
            spots=patterns.spots_in(self.db, self.article_id, old, new, own=own),
            running=running,
            dated_now=dated_now,
            undamaged=self._undamaged(earlier) if is_damaged(old) else None,
        )

    def _undamaged(self, earlier: Runs) -> Record | None:
        whole = (run[-1].standing.record for run in reversed(earlier[:-1]) if run)
        found = next((record for record in whole if not is_damaged(record)), None)
        if found is None and self.cut:
            raise Older
        return found


def _about(db: Db, record: Record) -> dict[str, Any]:
    """Return what a change says of the version that it made."""
    told = {"headline": record["headline"], "url": record["url"], "sections": record["sections"]}
    return told | {"cite": cited(db, record)}


def _last(earlier: Runs, count: int) -> list[Record]:
    """Return the standing records of the last sights, oldest first."""
    newest_first = (each for run in reversed(earlier) for each in reversed(run))
    return [each.standing.record for each in islice(newest_first, count)][::-1]


def _told_of(earlier: Runs, sight: Sight) -> Runs:
    """Return the runs before a sight with what says something of its change: where both are ours, no others' sights."""
    own = [[old for old in run if old.source is None] for run in earlier]
    return own if sight.source is None and own[-1] else earlier


def kept(db: Db, article_id: int, vocabulary: Vocabulary, until: str) -> Course:
    """Return what the tables hold of an article's versions until an instant, with its newest sights.

    All its sights are our own, none of them waits. Raises Older where the newest can't be told by themselves: of
    captures of one instant the order may change with what follows.
    """
    sights, cut = newest(db, article_id, until, _MOST_LOOKS)
    if not sights or (cut and len(sights) < _MOST_LOOKS) or any(one.at == other.at for one, other in pairwise(sights)):
        raise Older
    rows = [
        VersionRow(*row)
        for row in db.execute("SELECT * FROM versions WHERE article_id = ? ORDER BY number DESC", (article_id,))
    ]
    first = next((place for place, row in enumerate(rows) if row.captured_at <= sights[0].at), None)
    if first is None:
        raise Older
    told = Course(db=db, article_id=article_id, vocabulary=vocabulary, rows=rows[first::-1], cut=cut)
    told.since, told.first_new = _edited_last(db, article_id), len(told.rows) - 1
    ends = [*(row.captured_at for row in told.rows[1:]), "~"]
    told.runs = [
        [sight for sight in sights if row.captured_at <= sight.at < end]
        for row, end in zip(told.rows, ends, strict=True)
    ]
    return told


def _edited_last(db: Db, article_id: int) -> int:
    sql = "SELECT max(number) - 1 FROM changes WHERE article_id = ? AND +edited"
    found: int | None = db.execute(sql, (article_id,)).fetchone()[0]
    return found or 0
