"""The log: numbered commits, each holding the digest of the one before; the only place that says what is archived.

docs/architecture.md states the protocol. Everything here needs one promise of the store: create a key if it is absent.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from math import ceil
from typing import Any

import msgspec

from archive.errors import ConfigurationError, IntegrityError, KeyMissing, LimitReached, NamedMeanwhile, NoArchive
from archive.facts.canonical import canonical, digest, parse
from archive.facts.names import commit_key, instant, stamp
from archive.facts.outcomes import SegmentKind
from archive.log.ahead import in_order
from archive.log.recent import Recent
from archive.stores.putting import put_once
from archive.stores.store import Store

FORMAT = 1
ARCHIVE_KEY = "archive.json"
CLOCK_TOLERANCE = timedelta(minutes=5)
_SLOW = 60
MOST_COMMIT = 60_000
"""Bytes at which a commit is too long to be appended: an entry of a bundle has 65,535 at most (`bundles.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One object that a commit names. `sha256` is `sha256:…` of its bytes, `lines` the records in it."""

    key: str
    kind: SegmentKind
    bytes: int
    sha256: str
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a log ends: the number and digest of its last commit."""

    seq: int
    digest: str | None


EMPTY = Head(seq=0, digest=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit as read back; `digest` is over its stored bytes."""

    seq: int
    previous: str | None
    committed_at: datetime
    crawl: str
    writer: Mapping[str, Any]
    segments: tuple[Segment, ...]
    summary: Mapping[str, Any]
    digest: str
    data: bytes = field(repr=False)

    @property
    def head(self) -> Head:
        """The log's head when this commit is its last."""
        return Head(seq=self.seq, digest=self.digest)


class _Stored(msgspec.Struct, kw_only=True):
    """The types of a commit's fields; those that later programs add are passed over."""

    seq: int
    previous: str | None
    committed_at: str
    crawl: str
    writer: dict[str, Any]
    segments: list[Segment]
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A commit before it has a number."""

    crawl: str
    writer: Mapping[str, Any]
    segments: Sequence[Segment]
    summary: Mapping[str, Any]
    committed_at: datetime

    def at(self, head: Head) -> bytes:
        """Return the canonical bytes of this commit as the successor of `head`."""
        return canonical(
            {
                "seq": head.seq + 1,
                "previous": head.digest,
                "committed_at": stamp(self.committed_at),
                "crawl": self.crawl,
                "writer": dict(self.writer),
                "segments": [
                    {"key": s.key, "kind": s.kind, "bytes": s.bytes, "sha256": s.sha256, "lines": s.lines}
                    for s in self.segments
                ],
                "summary": dict(self.summary),
            }
        )


def read_commit(data: bytes, seq: int) -> Commit:
    """Read a commit's bytes. Raises IntegrityError where they are no commit of that number in canonical form."""
    key = commit_key(seq)
    try:
        raw = parse(data)
        stored = msgspec.convert(raw, _Stored)
        commit = Commit(
            seq=stored.seq,
            previous=stored.previous,
            committed_at=instant(stored.committed_at),
            crawl=stored.crawl,
            writer=stored.writer,
            segments=tuple(Segment(**s) for s in raw["segments"]),
            summary=stored.summary,
            digest=digest(data),
            data=data,
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise IntegrityError(f"{key} is damaged: {error}; restore it from another copy of the archive") from error
    if commit.seq != seq or canonical(raw) != data:
        raise IntegrityError(f"{key} is damaged: not the canonical bytes of commit {seq}; restore it from another copy")
    return commit


def check_link(commit: Commit, before: Head) -> None:
    """Raise IntegrityError naming both neighbours where `commit` does not hold the digest of the one before."""
    if commit.previous != before.digest:
        raise IntegrityError(
            f"the chain is broken between {commit_key(before.seq)} and {commit_key(commit.seq)}: "
            f"{commit_key(commit.seq)} names {commit.previous} as the one before, which is {before.digest}; "
            "compare both with another copy of the archive"
        )


def check_clock(newest: Commit, now: datetime, *, disbelieved: int | None = None) -> None:
    """Raise ConfigurationError where `now` is more than five minutes before the newest commit, naming the way out.

    `disbelieved` is the number of a commit that was made while a clock was ahead: its time holds nobody up.
    """
    if newest.seq != disbelieved and now < newest.committed_at - CLOCK_TOLERANCE:
        raise ConfigurationError(
            f"the clock is behind the archive: it says {stamp(now)}, {commit_key(newest.seq)} was committed at "
            f"{stamp(newest.committed_at)}; set the clock, or where that commit's was ahead and this one is right, run "
            f"the command once with -s CLOCK_BEFORE={newest.seq}: the next commit then says so"
        )


def check_store_clock(store: datetime | None, now: datetime, *, apart: timedelta = timedelta()) -> timedelta | None:
    """Raise ConfigurationError where `now` and the clock of the store are further apart than five minutes, naming it.

    Ahead or behind: a commit made while a clock is ahead shuts everybody else out. `apart` is how far they may be all
    the same. Returns how far this clock is ahead (negative: behind) where that is more than five minutes, else None.
    """
    ahead = now - store if store else timedelta()
    if abs(ahead) <= CLOCK_TOLERANCE:
        return None
    seconds = ceil(abs(ahead).total_seconds())
    if abs(ahead) > apart:
        side = "ahead of" if ahead > timedelta() else "behind"
        raise ConfigurationError(
            f"the clock is {seconds} s {side} the store's: it says {stamp(now)}; set the clock, or where this one is "
            f"right and the store's is not, run the command once with -s CLOCK_APART={seconds + _SLOW}: the next "
            "commit then says so"
        )
    return ahead


def _check_unnamed(draft: Draft, passed: Commit) -> None:
    named = {segment.key for segment in passed.segments}
    if twice := next((segment.key for segment in draft.segments if segment.key in named), None):
        raise NamedMeanwhile(
            f"{twice} was named by {commit_key(passed.seq)} meanwhile: somebody else commits the same; run this again, "
            "which goes on behind what is named"
        )


def beside(seq: int, ending: str) -> str:
    """Return the key of what lies beside a commit: `log/000000000042.sig` for the ending `sig`."""
    return f"{commit_key(seq).removesuffix('json')}{ending}"


class Log(Recent):
    """The log of the archive in one store."""

    def __init__(self, store: Store, announce: Callable[[str], object] | None = None) -> None:
        """Take the log in a store; `announce` is told the digest of each commit that is about to be put there."""
        super().__init__(store)
        self.announce = announce
        self.ignored: dict[str, str] = {}
        """Keys of derived objects that were passed over, and why each was."""

    def description(self) -> Mapping[str, Any]:
        """Return archive.json. Raises NoArchive where there is none, ConfigurationError where its format is newer."""
        try:
            data = self.get(ARCHIVE_KEY)
        except KeyMissing as error:
            raise NoArchive(
                f"no archive in {self.store.uri}: it has no {ARCHIVE_KEY}; the first crawl creates one"
            ) from error
        try:
            described: dict[str, Any] = parse(data)
            found = described["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"{ARCHIVE_KEY} in {self.store.uri} is damaged: {error}") from error
        if not isinstance(found, int) or found > FORMAT:
            raise ConfigurationError(
                f"archive format {found} in {self.store.uri} is newer than this program's ({FORMAT}); update it"
            )
        return described

    def identity(self) -> str:
        """Return what names this archive wherever it lies: archive.json's `id`, or before 0.2.0 commit 1's digest.

        Empty for an archive of before 0.2.0 that has no commit yet. Raises as `description` and `read` do.
        """
        told = self.description().get("id")
        first = None if isinstance(told, str) else self.read(1)
        return told if isinstance(told, str) else first.digest if first else ""

    def description_digest(self) -> str:
        """Return the digest of archive.json as it is stored. Raises KeyMissing."""
        return digest(self.store.get(ARCHIVE_KEY))

    def edition(self) -> str:
        """Return the edition that archive.json names. Raises as `description`, IntegrityError where it names none."""
        try:
            return str(self.description()["edition"])
        except KeyError as error:
            raise IntegrityError(f"{ARCHIVE_KEY} in {self.store.uri} names no edition; restore it") from error

    def create(self, *, edition: str, version: str) -> None:
        """Create archive.json; an archive that is there already stays as it is."""
        described = {"format": FORMAT, "version": version, "edition": edition, "digest": "sha256"}
        described["id"] = secrets.token_hex(16)
        put_once(self.store, ARCHIVE_KEY, canonical(described))

    def read(self, seq: int) -> Commit | None:
        """Return commit `seq`, or None where the log has none. Raises IntegrityError for a damaged one."""
        try:
            data = self.get(commit_key(seq))
        except KeyMissing:
            return None
        return self._noted(read_commit(data, seq))

    def _noted(self, commit: Commit) -> Commit:
        self.note(commit.seq, commit.data)
        return commit

    def after(self, head: Head = EMPTY) -> Iterator[Commit]:
        """Yield the commits past `head` in order, each checked against the one before; many are read ahead."""
        for commit in () if self.ends_with(head.seq) else in_order(self.read, count(head.seq + 1)):
            if commit is None:
                return
            check_link(commit, head)
            yield commit
            head = commit.head

    def append(self, draft: Draft, head: Head = EMPTY) -> Commit:
        """Append a commit past `head`, wherever the log ends by then; return it as stored.

        The draft's segments must be durable already. Two writers, a lost answer and a crash are all safe: a number is
        taken by create-if-absent alone, and an unclear answer is settled by reading the key back. Raises
        ConfigurationError when the clock is more than five minutes behind the newest commit, LimitReached for one that
        is too long, NamedMeanwhile where a commit past `head` names one of its segments.
        """
        newest: Commit | None = None
        while True:
            for newest in self.after(head):
                if draft.segments and newest.segments == tuple(draft.segments):
                    return newest  # an earlier try of ours, whose answer was lost
                _check_unnamed(draft, newest)
                head = newest.head
            if newest:
                check_clock(newest, draft.committed_at, disbelieved=draft.summary.get("clock_before"))
            data = draft.at(head)
            if len(data) >= MOST_COMMIT:
                raise LimitReached(
                    f"{commit_key(head.seq + 1)} would have {len(data)} bytes, and a commit has fewer than "
                    f"{MOST_COMMIT}: give it fewer segments (BATCH_CAPTURES, BATCH_BYTES) or a shorter summary"
                )
            if self.announce:
                self.announce(digest(data))
            if put_once(self.store, commit_key(head.seq + 1), data):
                self.keep(commit_key(head.seq + 1), data)
                return self._noted(read_commit(data, head.seq + 1))
