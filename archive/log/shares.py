"""Shares: one work done by many machines, what each piece of it came to left in the store until one commits it.

`claims/shares/<run>/plan.json` says what is read, up to which commit, in how many shares; `….json` beside it, one a
piece, what the piece came to. Nothing there is believed: whoever commits holds each against the plan and the log.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeVar

import msgspec

from archive.errors import ArchiveError, IntegrityError, KeyMissing
from archive.facts.canonical import canonical, digest
from archive.facts.names import compact, instant, segment_key, stamp
from archive.log.chain import Log, Segment
from archive.stores.store import Entry, Store

PREFIX = "claims/shares/"
KEPT = timedelta(days=30)
"""How long what a piece names is spared by `scrapy gc`, and how long a run that nobody commits is kept."""
MOST_SHARES = 100_000
_MOST = 2**24
_RUN = re.compile(r"[a-z]+-[0-9a-f]{16}-[1-9][0-9]{0,5}")
_PIECE = re.compile(rf"{PREFIX}({_RUN.pattern})/([0-9]{{6,12}})\.json")
_ANY = re.compile(rf"{PREFIX}({_RUN.pattern})/(?:plan|end|[0-9]{{6,12}})\.json")
_DIGITS = 16
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Kind = TypeVar("_Kind", bound=msgspec.Struct)


class ShareWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is asked for, and by which program: of other words, it is another run."""

    archive: str
    """The archive's identity (`Log.identity`)."""
    command: str
    edition: str
    revision: int
    version: str
    since: str = ""
    ids: tuple[str, ...] = ()
    """What is named: articles of a replay, files of a backfill."""


class SharePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What all shares of a run go by; the first one that begins writes it."""

    words: ShareWords
    of: int
    """How many shares there are."""
    head: int
    """The commit up to which the archive is read, and beside which readings are held."""
    head_digest: str
    begun: str
    """RFC 3339; the names of the run's segments tell it."""


class ShareCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of a piece."""

    read: _Count
    same: _Count
    differ: _Count
    newer: _Count
    unread: tuple[str, ...]
    failed: tuple[str, ...]


class SharePiece(msgspec.Struct, frozen=True, kw_only=True):
    """What one piece came to."""

    plan: str
    """The digest of the plan's bytes."""
    read: str
    """The key of the segment that was read."""
    segment: Segment | None
    """What was written, where anything was."""
    unpacked: _Count
    """Bytes of its lines."""
    counts: ShareCounts


class _NamesMany(msgspec.Struct, frozen=True):
    segments: tuple[Segment, ...] = ()


class _Names(msgspec.Struct, frozen=True):
    """What a piece of any command names: one segment, or those of several commits."""

    segment: Segment | None = None
    commits: tuple[_NamesMany, ...] = ()


class ShareEnd(msgspec.Struct, frozen=True, kw_only=True):
    """That a run was committed, or dropped."""

    how: Literal["committed", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRun:
    """One run of shares, under its name."""

    name: str
    plan: SharePlan
    digest: str
    """Of the plan's bytes."""

    @property
    def crawl(self) -> str:
        """The id that the run's commits carry."""
        return f"{self.plan.words.command}-{compact(self._begun)}-{self._mark}"

    @property
    def _begun(self) -> datetime:
        return instant(self.plan.begun)

    @property
    def _mark(self) -> str:
        return self.digest.removeprefix("sha256:")[:8]

    def key(self, place: int) -> str:
        """Return the key under which a piece says what it came to; places count from 1."""
        return f"{PREFIX}{self.name}/{place:06d}.json"

    def records_key(self, place: int) -> str:
        """Return the key of the records that a piece writes: the same whoever does it, and however often."""
        batch = f"{compact(self._begun)}-{self._mark}-{place:04d}"
        return segment_key("records", self._begun.date(), batch, "jsonl.gz")


def name_of(words: ShareWords, number: int) -> str:
    """Return the name of the so-manieth run of the same words."""
    told = digest(canonical(msgspec.to_builtins(words))).removeprefix("sha256:")
    return f"{words.command}-{told[:_DIGITS]}-{number}"


def encoded(value: msgspec.Struct) -> bytes:
    """Return the canonical bytes of a plan, a piece or an end."""
    return canonical(msgspec.to_builtins(value))


def _read(store: Store, key: str, kind: type[_Kind]) -> tuple[_Kind, bytes]:
    data = store.get(key, _MOST)
    try:
        return msgspec.json.decode(data, type=kind), data
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise IntegrityError(f"{key} is no share of ours: {error}; remove it, and run its share again") from error


def read_run(log: Log, name: str) -> ShareRun | None:
    """Return a run by its name, None where there is none.

    Raises IntegrityError for a plan that is torn, of another archive, of other words than its name or of another log.
    """
    key = plan_key(name)
    try:
        plan, data = _read(log.store, key, SharePlan)
    except KeyMissing:
        return None
    if wrong := _wrong(log, name, plan):
        raise IntegrityError(f"{key} {wrong}; remove {PREFIX}{name}/, and run the shares again")
    return ShareRun(name=name, plan=plan, digest=digest(data))


def _wrong(log: Log, name: str, plan: SharePlan) -> str:
    if plan.words.archive != log.identity():
        return "is of another archive"
    if name_of(plan.words, _number(name)) != name:
        return "has other words than its name"
    try:
        fits = plan.begun == stamp(instant(plan.begun)) and 1 <= plan.of <= MOST_SHARES and plan.head >= 0
    except ValueError:
        fits = False
    if not fits:
        return "is no plan"
    held = log.read(plan.head) if plan.head else None
    return "" if plan.head_digest == (held.digest if held else "") else "is of another log"


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def read_piece(store: Store, run: ShareRun, place: int, read: str) -> SharePiece | None:
    """Return what a piece came to, None where it is not done yet.

    Raises IntegrityError for one that is torn, of another plan or segment, or names what is not its own.
    """
    key = run.key(place)
    try:
        piece, _ = _read(store, key, SharePiece)
    except KeyMissing:
        return None
    own = piece.segment is None or (piece.segment.key == run.records_key(place) and piece.segment.kind == "records")
    if piece.plan != run.digest or piece.read != read or not own:
        why = "names what is not its own" if piece.plan == run.digest else "is of another run"
        raise IntegrityError(f"{key} {why}; remove it, and run its share again")
    return piece


def ended(store: Store, name: str) -> bool:
    """Tell whether a run was committed or dropped. Raises IntegrityError for an end that is torn."""
    try:
        _read(store, end_key(name), ShareEnd)
    except KeyMissing:
        return False
    return True


def plan_key(name: str) -> str:
    """Return the key under which a run's plan lies."""
    return f"{PREFIX}{name}/plan.json"


def end_key(name: str) -> str:
    """Return the key under which a run's end is told."""
    return f"{PREFIX}{name}/end.json"


def open_runs(store: Store) -> list[str]:
    """Return the names of the runs that were neither committed nor dropped, sorted."""
    found = dict[str, set[str]]()
    for entry in store.list(PREFIX):
        if match := _ANY.fullmatch(entry.key):
            found.setdefault(match[1], set()).add(entry.key.rpartition("/")[2])
    return sorted(name for name, files in found.items() if "plan.json" in files and "end.json" not in files)


def places_done(store: Store, run: ShareRun) -> set[int]:
    """Return the places of a run under which something lies."""
    matches = (_PIECE.fullmatch(entry.key) for entry in store.list(f"{PREFIX}{run.name}/"))
    return {int(match[2]) for match in matches if match}


def spared(store: Store, now: datetime | None = None, runs: Collection[str] | None = None) -> set[str]:
    """Return the keys that pieces of runs name, of these runs or of all; at `now` of those of thirty days alone."""
    keys = set[str]()
    for entry in store.list(PREFIX):
        match = _PIECE.fullmatch(entry.key)
        if match and (runs is None or match[1] in runs) and not (now and is_over(entry, now)):
            keys.update(_named(store, entry.key))
    return keys


def _named(store: Store, key: str) -> Iterator[str]:
    try:
        piece, _ = _read(store, key, _Names)
    except ArchiveError:
        return
    yield from (
        segment.key for segment in (piece.segment, *(s for one in piece.commits for s in one.segments)) if segment
    )


def is_over(entry: Entry, now: datetime) -> bool:
    """Tell whether a share's object is too old to spare anything."""
    return entry.modified < now - KEPT


def over(store: Store, now: datetime) -> list[str]:
    """Return the keys of shares that are thirty days old."""
    return [entry.key for entry in store.list(PREFIX) if _ANY.fullmatch(entry.key) and is_over(entry, now)]
