"""Repair an archive from another copy of it: only bytes that somebody else than the two copies vouches for are taken.

A store never overwrites, so a damaged object is removed and created again, once the good bytes are at hand. Between the
two its key is free: no crawl may run meanwhile.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from archive.errors import ArchiveError, IntegrityError, KeyMissing, NoArchive, StorageError, UsageError
from archive.facts.canonical import digest
from archive.facts.names import LOG_PREFIX, commit_key
from archive.log.chain import ARCHIVE_KEY, Commit, Log, Segment
from archive.log.segments import readable
from archive.parallel.journal import Journal
from archive.stores.opening import place_of
from archive.stores.putting import put_once
from archive.texts.amounts import amount
from archive.trust.examining import Spread
from archive.trust.findings import ProblemKind, Report
from archive.trust.verify import Part, Trust, verify
from archive.trust.vouching import Voucher, commit_in, vouchers

_LOG_KINDS: frozenset[ProblemKind] = frozenset({"chain", "head"})
_ROUNDS = 3
"""Readings at most: what a mended commit names is known only by the next one."""
_NOBODY = "nothing vouches for it: no head that this machine saw, no published one (--head), no signature (VERIFY_KEY)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What was done: keys put right, and why others could not be."""

    report: Report
    """Of the last reading, after all repairs."""
    keys: list[str] = field(default_factory=list)
    vouched: dict[str, str] = field(default_factory=dict)
    """Key → who vouched for its bytes."""
    refused: list[str] = field(default_factory=list)


def examine(
    log: Log,
    other: Log | None = None,
    *,
    part: Part | None = None,
    trust: Trust | None = None,
    processes: Spread = 1,
    journal: Journal | None = None,
) -> Repaired:
    """Verify an archive, and where another copy of it is given repair it from there: then without the journal.

    Raises NoArchive where there is none, IntegrityError where there is none any more: this machine saw one there;
    UsageError where the other copy is the archive itself.
    """
    if other is not None and place_of(other.store) == place_of(log.store):
        raise UsageError("--repair-from names the archive itself; name another copy of it")
    try:
        if other is not None:
            _check_there(other)
            return repair(log, other, part=part, trust=trust, processes=processes)
        return Repaired(report=verify(log, part=part, trust=trust, processes=processes, journal=journal))
    except NoArchive as error:
        if trust and (seen := trust.seen.here.seq):
            raise IntegrityError(f"missing: archive.json: this machine saw {amount(seen, 'commit')} there") from error
        raise


def _check_there(other: Log) -> None:
    """Raise UsageError where the other copy is none: while all is whole nobody would look at it."""
    if not any(True for _ in other.store.list(LOG_PREFIX)):
        raise UsageError(f"--repair-from {other.store.uri}: no archive lies there; name another copy of this one")


def repair(
    log: Log, other: Log, *, part: Part | None = None, trust: Trust | None = None, processes: Spread = 1
) -> Repaired:  # fmt: skip
    """Verify an archive, put right what another copy can prove, and verify it again.

    A commit is taken when it is vouched for (`archive.trust.vouching`), a segment when a vouched commit names its
    length and SHA-256, archive.json when one names its digest, or, where none names any, both logs begin with one. The
    other copy is believed in nothing else, and nothing is written to it.
    """
    trust, done = trust or Trust(), dict[str, str]()
    # A copy that lags is brought up to where the archive was seen to reach.
    trust = replace(trust, seen=replace(trust.seen, here=trust.seen.highest))
    for _ in range(_ROUNDS):
        report = verify(log, part=part, trust=trust, processes=processes)
        repair = _Repair(log=log, other=other, report=report, vouched=vouchers(log, other, trust))
        new = dict([*repair.log_and_description()] or [*repair.segments()]) if report.problems else {}
        done |= new
        if ARCHIVE_KEY in new:
            trust = replace(trust, seen=replace(trust.seen, other=""))
        if not new:
            return Repaired(report=report, keys=[*done], vouched=done, refused=repair.refused)
    return Repaired(
        report=verify(log, part=part, trust=trust, processes=processes),
        keys=[*done],
        vouched=done,
        refused=repair.refused,
    )


@dataclass(slots=True, kw_only=True)
class _Repair:
    """One round: what a report calls wrong, and who vouches for what. Each step yields (key, who vouched)."""

    log: Log
    other: Log
    report: Report
    vouched: Mapping[int, Voucher]
    refused: list[str] = field(default_factory=list)

    def log_and_description(self) -> Iterator[tuple[str, str]]:
        """Put commits right, then archive.json."""
        if any(p.key.startswith(LOG_PREFIX) or p.kind in _LOG_KINDS for p in self.report.problems):
            yield from self._commits()
        if any(problem.key == ARCHIVE_KEY for problem in self.report.problems):
            yield from self._description()

    def _commits(self) -> Iterator[tuple[str, str]]:
        wrong = {p.key for p in self.report.problems if p.kind in ("missing", "damaged", "chain")}
        for seq in sorted({*self.vouched, *self._standing()}, reverse=True):
            key, ours, voucher = commit_key(seq), commit_in(self.log, seq), self.vouched.get(seq)
            if voucher is None:
                if key in wrong:
                    self.refused.append(f"{key}: {_NOBODY}")
            elif ours is None or ours.digest != voucher.digest:
                theirs = commit_in(self.other, seq)
                if theirs is None or theirs.digest != voucher.digest:
                    lacks = f"{self.other.store.uri} does not hold it with the digest {voucher.digest}"
                    self.refused.append(f"{key}: {lacks}, which {voucher.by} names")
                else:
                    _replace(self.log, key, theirs.data)
                    yield key, voucher.by

    def _standing(self) -> set[int]:
        """Return the numbers of commits that are named by a problem, whatever stands there."""
        keys = (p.key.removeprefix(LOG_PREFIX).partition(".") for p in self.report.problems)
        return {int(name) for name, _, ending in keys if ending == "json" and name.isdecimal()}

    def _description(self) -> Iterator[tuple[str, str]]:
        try:
            self.other.description()
            data = self.other.store.get(ARCHIVE_KEY)
        except (NoArchive, IntegrityError) as error:
            self.refused.append(f"{ARCHIVE_KEY}: {error}")
            return
        named = {str(c.summary["archive"]): v.by for c, v in self._good() if "archive" in c.summary}
        by = named.get(digest(data)) if named else self._same_beginning()
        if by is None:
            why = "no commit that is vouched for names the digest of the other copy's" if named else _NOBODY
            self.refused.append(f"{ARCHIVE_KEY}: {why}")
            return
        _replace(self.log, ARCHIVE_KEY, data)
        yield ARCHIVE_KEY, by

    def _same_beginning(self) -> str | None:
        """Return who vouches for commit 1, where both logs begin with it: commits of before 0.2.0 don't name it."""
        theirs, voucher = commit_in(self.other, 1), self.vouched.get(1)
        return voucher.by if theirs and voucher and theirs.digest == voucher.digest else None

    def _good(self) -> Iterator[tuple[Commit, Voucher]]:
        for seq, voucher in sorted(self.vouched.items()):
            commit = commit_in(self.log, seq)
            if commit is not None and commit.digest == voucher.digest:
                yield commit, voucher

    def segments(self) -> Iterator[tuple[str, str]]:
        """Put segments right that commits name which are vouched for."""
        wrong = {p.key: p.kind for p in self.report.problems if p.kind in ("missing", "damaged")}
        left = set(wrong)
        for commit, voucher in self._good() if wrong else ():
            for segment in (s for s in commit.segments if s.key in left):
                left.discard(segment.key)
                if _is_good(self.log, segment):
                    self.refused.append(f"{segment.key}: its commit names these bytes")
                elif (data := _from(self.other, segment, self.refused)) is not None:
                    _replace(self.log, segment.key, data)
                    yield segment.key, voucher.by
        self.refused += [f"{key}: {_NOBODY}" for key in sorted(left) if not key.startswith((LOG_PREFIX, ARCHIVE_KEY))]


def _is_good(log: Log, segment: Segment) -> bool:
    """Tell whether a segment's bytes are those of its commit: what is wrong then lies in them, in every copy."""
    try:
        return digest(log.store.get(segment.key, readable(segment))) == segment.sha256
    except (KeyMissing, IntegrityError):
        return False


def _from(other: Log, segment: Segment, refused: list[str]) -> bytes | None:
    try:
        data = other.store.get(segment.key, readable(segment))
    except (KeyMissing, IntegrityError) as error:
        refused.append(f"{segment.key}: {error}")
        return None
    if len(data) != segment.bytes or digest(data) != segment.sha256:
        refused.append(f"{segment.key}: {other.store.uri} holds other bytes than its commit names")
        return None
    return data


def _replace(log: Log, key: str, data: bytes) -> None:
    log.store.delete(key)
    try:
        taken = not put_once(log.store, key, data)
    except ArchiveError as error:
        raise StorageError(f"{key} was removed, and could not be stored anew: {error}; run the repair again") from error
    if taken:
        raise IntegrityError(
            f"{key} was taken by another program while it was repaired; stop all crawls, then run the repair again"
        )
