"""Repair an archive from another copy of it: only bytes whose digest is known from what stands are taken.

A store never overwrites, so a damaged object is removed and created again, once the good bytes are at hand. Between the
two its key is free: no crawl may run meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from archive.errors import ArchiveError, IntegrityError, KeyMissing, NoArchive, StorageError, UsageError
from archive.facts.canonical import digest
from archive.facts.names import LOG_PREFIX, commit_key
from archive.log.chain import ARCHIVE_KEY, Commit, Log, Segment, read_commit
from archive.stores.putting import put_once
from archive.trust.findings import ProblemKind, Report
from archive.trust.verify import Part, Trust, verify

_LOG_KINDS: frozenset[ProblemKind] = frozenset({"chain", "head"})
_ROUNDS = 3
"""Readings at most: what a mended commit names is known only by the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What was done: keys put right, and why others could not be."""

    report: Report
    """Of the last reading, after all repairs."""
    keys: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def examine(log: Log, other: Log | None = None, *, part: Part | None = None, trust: Trust | None = None) -> Repaired:
    """Verify an archive, and where another copy of it is given repair it from there.

    Raises NoArchive where there is none, IntegrityError where there is none any more: this machine saw one there;
    UsageError where the other copy is the archive itself.
    """
    if other is not None and other.store.uri == log.store.uri:
        raise UsageError("--repair-from names the archive itself; name another copy of it")
    try:
        if other is not None:
            return repair(log, other, part=part, trust=trust)
        return Repaired(report=verify(log, part=part, trust=trust))
    except NoArchive as error:
        if trust and (seen := trust.seen.here.seq):
            raise IntegrityError(f"missing: archive.json: this machine saw {seen} commits there") from error
        raise


def repair(log: Log, other: Log, *, part: Part | None = None, trust: Trust | None = None) -> Repaired:
    """Verify an archive, put right what another copy can prove, and verify it again.

    A segment is taken when it has the length and SHA-256 of its commit; a commit when its neighbour's `previous`, the
    remembered or the published head names its digest; archive.json when both logs begin alike. The other copy is
    believed in nothing else, and nothing is written to it.
    """
    trust, keys = trust or Trust(), list[str]()
    # A copy that lags is brought up to where the archive was seen to reach.
    trust = replace(trust, seen=replace(trust.seen, here=trust.seen.highest))
    for _ in range(_ROUNDS):
        report, refused = verify(log, part=part, trust=trust), list[str]()
        done = [*_mend_log(log, other, trust, report, refused)] or [*_mend_segments(log, other, report, refused)]
        keys += done
        if not done:
            return Repaired(report=report, keys=keys, refused=refused)
    return Repaired(report=verify(log, part=part, trust=trust), keys=keys, refused=refused)


def _mend_log(log: Log, other: Log, trust: Trust, report: Report, refused: list[str]) -> Iterator[str]:
    bad = {p.key for p in report.problems if p.key.startswith(LOG_PREFIX) or p.kind in _LOG_KINDS}
    if bad:
        yield from _mend_commits(log, other, trust, refused)
    if any(problem.key == ARCHIVE_KEY for problem in report.problems):
        yield from _mend_description(log, other, refused)


def _mend_commits(log: Log, other: Log, trust: Trust, refused: list[str]) -> Iterator[str]:
    """Go back from the end: each commit's digest is known from the one after it, the last one's from elsewhere."""
    known = {head.seq: head.digest for head in (trust.seen.highest,) if head.seq}
    seqs = {int(e.key[4:16]) for e in log.store.list(LOG_PREFIX) if e.key.endswith(".json") and e.key[4:16].isdecimal()}
    known |= _published(other, trust.published)
    for seq in range(max(seqs | known.keys(), default=0), 0, -1):
        ours, wanted = _commit(log, seq), known.get(seq)
        if wanted is None and ours is None:
            refused.append(f"{commit_key(seq)}: neither its neighbour nor a head names its digest")
        if wanted is not None and (ours is None or ours.digest != wanted):
            theirs = _commit(other, seq)
            if theirs is None or theirs.digest != wanted:
                refused.append(f"{commit_key(seq)}: {other.store.uri} does not hold it with the digest {wanted}")
                ours = None
            else:
                _replace(log, commit_key(seq), theirs.data)
                yield commit_key(seq)
                ours = theirs
        if ours is not None and ours.previous and seq > 1:
            known.setdefault(seq - 1, ours.previous)


def _published(other: Log, wanted: str | None) -> dict[int, str | None]:
    if wanted is None:
        return {}
    for entry in reversed([e for e in other.store.list(LOG_PREFIX) if e.key.endswith(".json")]):
        try:
            if digest(other.store.get(entry.key)) == wanted:
                return {int(entry.key[4:16]): wanted}
        except (KeyMissing, IntegrityError, ValueError):
            continue
    return {}


def _commit(log: Log, seq: int) -> Commit | None:
    """Return a commit that is in good form by itself, else None."""
    try:
        return read_commit(log.store.get(commit_key(seq)), seq)
    except (KeyMissing, IntegrityError):
        return None


def _mend_description(log: Log, other: Log, refused: list[str]) -> Iterator[str]:
    first = _commit(log, 1)
    try:
        other.description()
        data, theirs = other.store.get(ARCHIVE_KEY), _commit(other, 1)
    except (NoArchive, IntegrityError) as error:
        refused.append(f"{ARCHIVE_KEY}: {error}")
        return
    if first is None or theirs is None or first.digest != theirs.digest:
        refused.append(f"{ARCHIVE_KEY}: the logs of both copies don't begin with the same commit")
        return
    _replace(log, ARCHIVE_KEY, data)
    yield ARCHIVE_KEY


def _mend_segments(log: Log, other: Log, report: Report, refused: list[str]) -> Iterator[str]:
    wrong = {problem.key: problem.kind for problem in report.problems if problem.kind in ("missing", "damaged")}
    # With the log broken, a commit's word is good enough to add what lacks, not to remove what is there.
    broken = [p for p in report.problems if p.kind in _LOG_KINDS or p.key.startswith(LOG_PREFIX)]
    numbers = range(1, report.head.seq + 1) if wrong else ()
    for commit in filter(None, (_commit(log, seq) for seq in numbers)):
        for segment in commit.segments:
            kind = wrong.get(segment.key)
            if kind is None:
                continue
            if kind == "damaged" and (broken or _is_good(log, segment)):
                refused.append(f"{segment.key}: {'mend the log first' if broken else 'its commit names these bytes'}")
            elif (data := _from(other, segment, refused)) is not None:
                _replace(log, segment.key, data)
                yield segment.key


def _is_good(log: Log, segment: Segment) -> bool:
    """Tell whether a segment's bytes are those of its commit: what is wrong then lies in them, in every copy."""
    try:
        return digest(log.store.get(segment.key)) == segment.sha256
    except (KeyMissing, IntegrityError):
        return False


def _from(other: Log, segment: Segment, refused: list[str]) -> bytes | None:
    try:
        data = other.store.get(segment.key)
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
