"""`scrapy commit-shares`: what the shares of a replay wrote is held against their plan and the log, and committed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from archive.committing import Committer
from archive.errors import IntegrityError, NamedMeanwhile
from archive.log.chain import Segment
from archive.log.segments import decode_lines, read_segment
from archive.log.shares import ShareEnd, SharePiece, ShareRun, encoded, end_key, read_piece
from archive.opened import Archive
from archive.stores.putting import put_once
from archive.texts.amounts import amount
from archive.trust.lines import wrong_record
from archive.warc.warc import UNPACKED
from crawler.editions.edition import Edition
from crawler.reread.replay import Replay, lines_of, report_of
from crawler.reread.segments import Found, Task
from crawler.reread.shares import Placed, check_all_there, pieces_of, shared

SCHEMA = "presstv.shares/1"
_TO_A_COMMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenShares:
    """What the shares of a run left."""

    run: ShareRun
    pieces: tuple[Placed, ...]
    there: tuple[tuple[int, SharePiece], ...]
    """What was read, with its place, in the order of the log."""

    @property
    def missing(self) -> dict[int, int]:
        """The numbers of the shares that are not done, each with how many of its segments are not read."""
        have = {place for place, _ in self.there}
        whose = shared(self.pieces, self.run.plan.of)
        return dict(Counter(number for number, (place, _) in whose if place not in have))


def written_shares(archive: Archive, run: ShareRun, edition: Edition) -> WrittenShares:
    """Read what the shares of a run left. Raises IntegrityError for what is none of its own."""
    pieces = pieces_of(archive, run, edition)
    found = ((place, read_piece(archive.store, run, place, segment.key)) for place, segment in pieces)
    return WrittenShares(
        run=run, pieces=tuple(pieces), there=tuple((place, piece) for place, piece in found if piece is not None)
    )  # fmt: skip


def check_whole(told: WrittenShares) -> None:
    """Raise UsageError naming the shares that are missing."""
    lacking = {number: f"{amount(count, 'segment')} not read" for number, count in told.missing.items()}
    check_all_there(told.run, lacking, do=f"run scrapy replay --share N/{told.run.plan.of}")


def joined(
    committer: Committer, task: Task, told: WrittenShares, limit: int, *, progress: Callable[[object], object] | None
) -> "Joining":
    """Commit what shares wrote under the id of their run, records beside it by so many; return what it came to.

    Raises as `Joining.run`.
    """
    committer.named_by, committer.crawl = committer.named_by or committer.crawl, told.run.crawl
    joining = Joining(
        replay=Replay(committer=committer, task=task, limit=limit), told=told, progress=progress
    )  # fmt: skip
    joining.run()
    return joining


@dataclass(slots=True, kw_only=True)
class Joining:
    """One commit of shares."""

    replay: Replay
    """Whose committer commits, and whose counts are told."""
    told: WrittenShares
    progress: Callable[[object], object] | None = None
    named: int = 0
    """Segments that were named now."""
    before: int = 0
    """Those that an earlier commit of this run names already."""
    _known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._known = self._stored()

    @property
    def _archive(self) -> Archive:
        return self.replay.committer.archive

    def _stored(self) -> frozenset[str]:
        rows = self._archive.catalog.db.execute("SELECT key FROM segments WHERE kind IN ('records', 'warc')")
        return frozenset(key for (key,) in rows)

    def run(self) -> None:
        """Commit what is there; once nothing is missing, what is written beside it, and the run's end.

        Stopped anywhere and run again it goes on. Raises IntegrityError for records that no share may write.
        """
        # All of them before the first is committed.
        for place, piece in self.told.there:
            self._check(place, piece)
        for start in range(0, len(self.told.there), _TO_A_COMMIT):
            self._commit([piece for _, piece in self.told.there[start : start + _TO_A_COMMIT]])
        if not self.told.missing:
            self.replay.vouch()
            put_once(self._archive.store, end_key(self.told.run.name), encoded(ShareEnd(how="committed")))

    def _check(self, place: int, piece: SharePiece) -> None:
        if self.progress:
            self.progress(piece)
        if piece.segment is None or piece.segment.key in self._known:
            return
        try:
            data = read_segment(self._archive.store, piece.segment)
        except IntegrityError as error:
            raise IntegrityError(
                f"{piece.segment.key} is not there as its share wrote it ({self.told.run.key(place)}): it was removed "
                "or changed since; remove what is left of both, and run the share again"
            ) from error
        lines = decode_lines(data, piece.segment.key, min(piece.unpacked, UNPACKED))
        as_told = len(lines) == piece.segment.lines == piece.counts.differ
        wrong = next(filter(None, map(self._wrong, lines)), "" if as_told else "it has other lines than it tells")
        if wrong:
            raise IntegrityError(
                f"{piece.segment.key} is not what a share writes: {wrong}; let go of the run (--drop) and run it anew"
            )

    def _wrong(self, record: Any) -> str:
        if wrong := wrong_record(record):
            return wrong
        if record["extraction"]["revision"] != self.told.run.plan.words.revision:
            return "it is read by another revision"
        return (
            "" if record["capture"]["segment"] in self._known else "no commit names the capture that it was read from"
        )

    def _commit(self, pieces: Sequence[SharePiece]) -> None:
        for piece in pieces:
            self.replay.total.add(_found(piece))
        made = [(piece.segment, piece.unpacked) for piece in pieces if piece.segment]
        while left := self._unnamed(made):
            unpacked = {segment.key: size for segment, size in left}
            summary = {"replay": self.replay.summary(), "unpacked": unpacked}
            # Somebody else may commit the same at this moment; what he named is left out then.
            with suppress(NamedMeanwhile):
                self.replay.committer.name([segment for segment, _ in left], summary)
                self.named += len(left)
                break
        self.before += len(made) - len(left)

    def _unnamed(self, made: Sequence[tuple[Segment, int]]) -> list[tuple[Segment, int]]:
        self._archive.catalog.follow(self._archive.log)
        self._known = self._stored()
        return [(segment, size) for segment, size in made if segment.key not in self._known]


def _found(piece: SharePiece) -> Found:
    counts = piece.counts
    return Found(
        segments=1, read=counts.read, same=counts.same, unread=[*counts.unread], failed=[*counts.failed],
        newer=counts.newer, differ=counts.differ,
    )  # fmt: skip


def report_of_shares(joining: Joining) -> dict[str, Any]:
    """Return the report, JSON-ready."""
    told = joining.told
    return report_of(joining.replay) | {
        "schema": SCHEMA, "run": told.run.name, "shares": told.run.plan.of, "named": joining.named,
        "named_before": joining.before, "missing": {str(number): count for number, count in told.missing.items()},
    }  # fmt: skip


def lines_of_shares(joining: Joining) -> Iterator[str]:
    """Yield the report for a person."""
    told, of = joining.told, joining.told.run.plan.of
    yield f"{told.run.name}: {amount(joining.named, 'segment')} of {amount(of, 'share')} named now"
    if joining.before:
        yield f"  {joining.before} more were named before"
    for number, count in told.missing.items():
        yield f"  share {number}/{of} is missing: {amount(count, 'segment')} not read; the run waits for it"
    yield from lines_of(joining.replay)
