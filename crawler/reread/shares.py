"""A replay done in pieces, one WARC segment each, by whoever and wherever: many writers of segments, one committer.

A piece is read, what differs is written as a records segment of a name that follows from the plan, and what it came to
is told in the store. Done again it comes to the same, so nothing is lost with a machine that dies.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from archive.catalog.since import Since
from archive.errors import IntegrityError, UsageError
from archive.facts.canonical import digest
from archive.facts.names import stamp
from archive.log.chain import Segment
from archive.log.segments import encode_lines
from archive.log.shares import (
    ShareCounts,
    SharePiece,
    SharePlan,
    ShareRun,
    ShareWords,
    encoded,
    ended,
    name_of,
    places_done,
    plan_key,
    read_piece,
    read_run,
)
from archive.opened import Archive
from archive.stores.putting import put_once
from archive.stores.store import Store
from archive.texts.amounts import amount, first_of
from crawler.editions.edition import Edition
from crawler.pages import REVISION
from crawler.reread.listing import segments_of
from crawler.reread.segments import Found, SegmentReader, Task, spread
from settings.base import VERSION

_SHOWN = 8
Placed = tuple[int, Segment]
"""A piece: its place in the plan, from 1 on, and the WARC segment that is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of the shares of a run: the pieces that are its own, in the order of the log."""

    run: ShareRun
    pieces: tuple[Placed, ...]
    done: frozenset[int]
    """Places of those that were done before."""

    @property
    def left(self) -> Iterator[Placed]:
        """The pieces that are to be done."""
        return (piece for piece in self.pieces if piece[0] not in self.done)


def words_of(archive: Archive, task: Task, since: Since) -> ShareWords:
    """Return what a run is asked for."""
    return ShareWords(
        archive=archive.log.identity(), command="replay", edition=task.edition.name, revision=REVISION, version=VERSION,
        since=since.at or (str(since.seq) if since.seq else ""), ids=tuple(sorted(task.ids, key=int)),
    )  # fmt: skip


def begun(archive: Archive, words: ShareWords, of: int | None, now: datetime) -> ShareRun:
    """Return the run of these words that is under way, or begin one of so many shares; None takes any.

    Whoever is first writes the plan, and all others go by that. Raises UsageError where it has another number of
    shares, IntegrityError for a plan that is none.
    """
    head = archive.catalog.head()
    number = 1
    while ended(archive.store, name_of(words, number)):
        number += 1
    name = name_of(words, number)
    run = read_run(archive.log, name)
    if run is None:
        plan = SharePlan(words=words, of=of or 1, head=head.seq, head_digest=head.digest or "", begun=stamp(now))
        put_once(archive.store, plan_key(name), encoded(plan))
        run = read_run(archive.log, name)
    if run is None:
        raise IntegrityError(f"{plan_key(name)} comes and goes; run the share again")
    if of is not None and run.plan.of != of:
        raise UsageError(
            f"{name} has {run.plan.of} shares, and one of {of} would overlap with them: give N/{run.plan.of}, or "
            f"let go of it: scrapy commit-shares --drop {name}"
        )
    return run


def pieces_of(archive: Archive, run: ShareRun, edition: Edition) -> list[Placed]:
    """Return all pieces of a run in the order of the log. Raises UsageError where this copy ends before its head."""
    if archive.catalog.head().seq < run.plan.head:
        raise UsageError(f"{run.name} reads up to commit {run.plan.head}, and this copy ends before; wait for it")
    since, at = run.plan.words.since, run.plan.head
    listed = segments_of(archive, edition, int(since) if since.isdecimal() else 0, run.plan.words.ids)
    return list(enumerate((segment for seq, segment in listed if seq <= at), 1))


def shared(pieces: Iterable[Placed], of: int) -> Iterator[tuple[int, Placed]]:
    """Yield each piece behind its share's number: neighbours in the log, about as many bytes in every share."""
    held = list(pieces)
    total = max(sum(segment.bytes for _, segment in held), 1)
    before = 0
    for piece in held:
        yield min((before + piece[1].bytes // 2) * of // total + 1, of), piece
        before += piece[1].bytes


def share_of(pieces: Iterable[Placed], number: int, of: int) -> tuple[Placed, ...]:
    """Return the pieces of one share."""
    return tuple(piece for whose, piece in shared(pieces, of) if whose == number)


def taken(archive: Archive, run: ShareRun, edition: Edition, number: int) -> Share:
    """Return a share with what is left of it."""
    pieces = share_of(pieces_of(archive, run, edition), number, run.plan.of)
    return Share(run=run, pieces=pieces, done=frozenset(places_done(archive.store, run)))


def done(run: ShareRun, reading: SegmentReader, piece: Placed) -> Found:
    """Do one piece: read, write what differs, tell what it came to; return its counts, without records.

    Raises IntegrityError where other bytes lie there, and what the store raises.
    """
    place, segment = piece
    found = reading.segment(segment)
    made, unpacked = _written(reading.store, run.records_key(place), found)
    told = SharePiece(plan=run.digest, read=segment.key, segment=made, unpacked=unpacked, counts=_counts(found))
    if not put_once(reading.store, run.key(place), encoded(told)):
        # By a program that packs otherwise, if by ours; then it says as much.
        other = read_piece(reading.store, run, place, segment.key)
        if other is None or other.counts != told.counts:
            raise IntegrityError(f"{run.key(place)} tells something else than was read; remove it, and run again")
    return found.copy()


def _written(store: Store, key: str, found: Found) -> tuple[Segment | None, int]:
    if not found.records:
        return None, 0
    packed = encode_lines(found.records)
    if not put_once(store, key, packed.data):
        raise IntegrityError(
            f"{key} holds other records than this share reads: another program wrote them; drop the run with "
            "scrapy commit-shares --drop, and begin it anew with one program"
        )
    made = Segment(
        key=key, kind="records", bytes=len(packed.data), sha256=digest(packed.data), lines=packed.lines
    )  # fmt: skip
    return made, packed.unpacked


def _counts(found: Found) -> ShareCounts:
    return ShareCounts(
        read=found.read, same=found.same, differ=found.differ, newer=found.newer, unread=tuple(found.unread),
        failed=tuple(found.failed),
    )  # fmt: skip


def left_of(archive: Archive, run: ShareRun, edition: Edition) -> list[Placed]:
    """Return the pieces of a run that nobody has done yet, whatever share they belong to."""
    before = places_done(archive.store, run)
    return [piece for piece in pieces_of(archive, run, edition) if piece[0] not in before]


def task_of(task: Task, run: ShareRun) -> Task:
    """Return a task read as a run's plan says."""
    return replace(task, head=run.plan.head)


def doing(task: Task, share: Share, processes: int) -> Generator[Found, None, None]:
    """Do what is left of a share in so many processes, and yield what each piece came to."""
    work = partial(done, share.run)
    return spread(task_of(task, share.run), work, share.left, processes, name=lambda piece: piece[1].key)


def check_all_there(run: ShareRun, lacking: Mapping[int, str], *, do: str) -> None:
    """Raise UsageError naming the shares of any command that are missing, each with what it lacks, and what to `do`."""
    if lacking:
        named = [f"{number}/{run.plan.of} ({what})" for number, what in lacking.items()]
        raise UsageError(
            f"{run.name} is not done: missing {first_of(named, _SHOWN)}; {do}, or commit what is there: --partial"
        )


def report_of_share(share: Share, number: int, total: Found) -> dict[str, Any]:
    """Return what a share came to, JSON-ready."""
    return {
        "schema": "presstv.share/1", "run": share.run.name, "share": number, "of": share.run.plan.of,
        "head": share.run.plan.head, "segments": len(share.pieces), "done_before": len(share.pieces) - total.segments,
        "read": total.read, "same": total.same, "differ": total.differ, "newer": total.newer, "unread": total.unread,
        "failed": total.failed,
    }  # fmt: skip


def lines_of_share(share: Share, number: int, total: Found) -> Iterator[str]:
    """Yield the report for a person."""
    of, before = share.run.plan.of, len(share.pieces) - total.segments
    read = f"{amount(len(share.pieces), 'segment')} up to commit {share.run.plan.head}"
    yield f"share {number}/{of} of {share.run.name}: {read}"
    if before:
        yield f"  went on: {before} were read before"
    yield f"  {amount(total.read, 'capture')} of articles read, {total.differ} differently, {total.same} as before"
    yield from (f"  {name}: {place}" for name in ("unread", "failed") for place in getattr(total, name)[:3])
    yield f"  nothing is committed yet: scrapy commit-shares {share.run.name}"
