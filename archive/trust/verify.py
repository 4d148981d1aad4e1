"""Prove an archive whole: the chain, each segment's bytes, each index against its WARC, and what nobody names."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from archive.errors import IntegrityError, KeyMissing, NoArchive, UsageError
from archive.facts.names import FACTS, LOG_PREFIX, commit_key, stamp
from archive.log.chain import ARCHIVE_KEY, EMPTY, Commit, Head, Log, beside, check_link
from archive.log.shares import open_runs, spared
from archive.parallel.journal import Journal
from archive.seen.judging import Lag, Recalled
from archive.texts.amounts import amount
from archive.trust.audit import Audit
from archive.trust.derived import DerivedAudit
from archive.trust.examining import Spread
from archive.trust.findings import ProblemKind, Report, fault
from archive.trust.guarding import is_signed
from archive.trust.orphans import strangers
from archive.trust.part import Part
from archive.trust.resumed import resumed
from archive.trust.signing import wrong_signature
from archive.trust.snapshots import unproven, wrong_snapshots
from archive.trust.summaries import wrong_summary
from archive.trust.timestamps import Authority, is_before, is_years_apart, stamped_at
from archive.trust.unsigned import Signatures

__all__ = ["Part", "Report", "Trust", "fault", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What is known from elsewhere."""

    seen: Recalled = field(default_factory=Recalled)
    """What this machine saw of the archive and its place."""
    published: str | None = None
    """The digest of a head that was published: the archive must still hold it."""
    keys: tuple[str, ...] = ()
    """Public keys (hex) whose signatures count; none: signatures are not looked at."""
    signatures_required: bool = False
    now: datetime | None = None
    """Aware UTC; by it an unsigned commit is young or old. None: nobody's age is judged."""
    authority: Authority | None = None
    """Who may have stamped; none: stamps are not looked at."""


@dataclass(slots=True, kw_only=True)
class _Run:
    log: Log
    trust: Trust
    audit: Audit
    beside: frozenset[str] = frozenset()
    """Keys of signatures and stamps."""
    description: str = ""
    """Digest of archive.json; empty where it can't be read or is known to be wrong."""
    signatures: Signatures = field(default_factory=Signatures)
    early: dict[int, str] = field(default_factory=dict)
    """Number of a commit → how much older its time-stamp is."""
    disbelieved: set[int] = field(default_factory=set)
    """Commits of which a later one says that they were made while a clock was ahead."""
    unlooked: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    """Keys of the segments that commits name."""
    all_read: bool = True
    report: Report = field(default_factory=Report)
    """What is wrong with the chain, and in the end all that is."""


def verify(
    log: Log, *, part: Part | None = None, trust: Trust | None = None, processes: Spread = 1,
    journal: Journal | None = None,
) -> Report:  # fmt: skip
    """Read the archive, one segment in memory at a time in each process, and report every fault; nothing is trusted.

    Of each capture 24 bytes are kept. What is wrong with the chain is told first, then what is with segments; the same
    in any number of processes, on any cluster. What `journal` holds is not read again. Raises NoArchive without one.
    """
    part = part or Part()
    run = _Run(log=log, trust=trust or Trust(), audit=Audit(store=log.store, thorough=part.thorough))
    run.signatures = Signatures(now=run.trust.now, bound=run.trust.seen.signed_from)
    # Listed first: what is committed meanwhile is then no orphan, and a commit that comes later is read no more.
    derived = DerivedAudit(log)
    stored = [entry.key for folder in FACTS for entry in log.store.list(folder)]
    listed = [entry.key for entry in log.store.list(LOG_PREFIX)]
    run.report.strangers = [*strangers(log.store)]
    run.beside = frozenset(key for key in listed if key.endswith((".sig", ".tsr")))
    numbers = {seq for key in listed if (seq := _number(key))} | {run.trust.seen.here.seq} - {0}
    _description(run, known=bool(numbers))
    if run.trust.seen.other:
        run.report.add("head", ARCHIVE_KEY, f"{run.trust.seen.other}; {run.trust.seen.start_anew}")
    with closing(resumed(log.store, _chain(run, sorted(numbers), part, derived), processes, journal)) as row:
        for found in row:
            run.audit.take(found)
    run.report.take(run.audit.report)
    run.report.skipped, run.audit.report = run.audit.report.skipped, run.report
    run.audit.end()
    _ended(run)
    _derived(run, derived)
    _orphans(run, stored)
    return run.report


def _derived(run: _Run, derived: DerivedAudit) -> None:
    last = run.report.head.seq
    run.report.derived.update(derived.beyond(last))
    run.report.derived.update(wrong_snapshots(run.log, run.trust.keys, last))
    run.report.notes += [
        f"{key}: no key that counts vouches for its rows: reading commands alone take it"
        for key in unproven(run.log, run.trust.keys)
        if key not in run.report.derived
    ]


def _orphans(run: _Run, stored: Sequence[str]) -> None:
    # What a copy lacks of the log may name them.
    if not run.all_read or run.report.lags:
        return
    told = spared(run.log.store)
    run.report.orphans = [key for key in stored if key not in run.named | told]
    # What a run that ended did not name, nobody commits any more.
    waiting = told and spared(run.log.store, runs=open_runs(run.log.store))
    if count := len(waiting.intersection(stored) - run.named):
        run.report.notes.append(f"{amount(count, 'segment')} of shares not committed yet: scrapy commit-shares")


def _chain(run: _Run, numbers: Sequence[int], part: Part, derived: DerivedAudit) -> Iterator[Commit]:
    """Hold the commits against each other and what is known of them, and yield those whose segments are to be read."""
    before = EMPTY
    for seq in numbers:
        commit = _commit(run, seq, before)
        run.all_read &= commit is not None and seq == before.seq + 1
        if commit is None:
            before = Head(seq=seq, digest=None)
            continue
        _link(run, commit, before)
        _described(run, commit)
        _vouched(run, commit)
        before = run.report.head = commit.head
        _named(run, commit, run.named)
        run.report.derived.update(derived.take(commit))
        if part.holds(commit):
            yield commit
        else:
            run.audit.skip(commit)


def _number(key: str) -> int | None:
    """Return the number of a commit, signature or stamp: the last two tell that a commit was there."""
    name, _, ending = key.removeprefix(LOG_PREFIX).partition(".")
    return int(name) if ending in ("json", "sig", "tsr") and len(name) == 12 and name.isdecimal() else None


def _description(run: _Run, *, known: bool) -> None:
    try:
        run.log.description()
        run.description = run.log.description_digest()
    except NoArchive:
        if not known:
            raise
        run.report.add("missing", ARCHIVE_KEY, f"{LOG_PREFIX} holds commits, or this machine saw some there")
    except IntegrityError as error:
        run.report.add("damaged", ARCHIVE_KEY, str(error))


def _described(run: _Run, commit: Commit) -> None:
    wanted = commit.summary.get("archive", run.description)
    if run.description and wanted != run.description:
        told = f"{run.description}, when {commit_key(commit.seq)} was made it was {wanted}"
        run.report.add("damaged", ARCHIVE_KEY, told)
        run.description = ""


def _named(run: _Run, commit: Commit, named: set[str]) -> None:
    """Add what a commit names to what those before it do; say where it can't be read, or names what was named."""
    key = commit_key(commit.seq)
    if wrong := wrong_summary(commit.summary):
        run.report.add("damaged", key, wrong)
    for segment in commit.segments:
        if segment.key in named:
            # Whoever folds the log would count its looks twice.
            run.report.add("damaged", segment.key, f"named by {key}, and by one before it or twice in it")
        named.add(segment.key)


def _commit(run: _Run, seq: int, before: Head) -> Commit | None:
    key = commit_key(seq)
    try:
        commit = run.log.read(seq)
    except IntegrityError as error:
        run.report.add("damaged", key, f"{error}; the segments that it names are not known")
        return None
    if commit is None:
        held = [name for name in (beside(seq, "sig"), beside(seq, "tsr")) if name in run.beside]
        why = f"{held[0]} is there" if held else "this machine saw the log reach it"
        run.report.add("missing", key, f"{why}; {_before(before)}")
    return commit


def _before(before: Head) -> str:
    return f"the last one before it is {commit_key(before.seq)}" if before.seq else "no commit is left before it"


def _link(run: _Run, commit: Commit, before: Head) -> None:
    run.report.commits += 1
    key, last = commit_key(commit.seq), commit_key(before.seq)
    if commit.seq > before.seq + 1:
        first, end = commit_key(before.seq + 1), commit_key(commit.seq - 1)
        gone = "it is missing" if first == end else f"all up to {end} are missing"
        run.report.add("missing", first, f"{gone} {f'between {last} and' if before.seq else 'before'} {key}")
    elif before.digest or not before.seq:
        try:
            check_link(commit, before)
        except IntegrityError as error:
            run.report.add("chain", key, str(error))


def _vouched(run: _Run, commit: Commit) -> None:
    """Hold a commit against what is known from elsewhere: memory, a published head, a signature, a time-stamp."""
    trust, report, key = run.trust, run.report, commit_key(commit.seq)
    if isinstance(before := commit.summary.get("clock_before"), int):
        run.disbelieved.add(before)
    saw = trust.seen.digest(commit.seq)
    if saw not in (None, commit.digest):
        report.add("chain", key, f"this machine saw {saw} there, now it is {commit.digest}")
    if commit.digest == trust.published:
        report.published = commit.seq
    _signature(run, commit)
    _stamp(run, commit)


def _signature(run: _Run, commit: Commit) -> None:
    key = beside(commit.seq, "sig")
    if not run.trust.keys:
        run.unlooked |= {"signature"} if key in run.beside else set()
    elif key not in run.beside:
        run.signatures.missing(commit)
    elif (data := _read(run, "signature", key)) is not None:
        if wrong := wrong_signature(commit, data, run.trust.keys):
            run.report.add("signature", key, wrong)
        else:
            run.signatures.signed(commit)
            run.report.signed += 1


def _stamp(run: _Run, commit: Commit) -> None:
    key = beside(commit.seq, "tsr")
    if key not in run.beside:
        return
    if run.trust.authority is None:
        run.unlooked.add("time-stamp")
        return
    if (data := _read(run, "timestamp", key)) is None:
        return
    try:
        moment = stamped_at(commit, data, run.trust.authority)
    except IntegrityError as error:
        run.report.add("timestamp", key, f"bad: {error}; {commit_key(commit.seq)} is {commit.digest}")
        return
    run.report.stamped[key] = stamp(moment)
    told = f"it is of {stamp(moment)}, {commit_key(commit.seq)} says that it was made at {stamp(commit.committed_at)}"
    if is_before(commit, moment):
        run.early[commit.seq] = told
    elif is_years_apart(commit, moment):
        run.report.notes.append(f"{key}: {told}: it shows no more than that it existed by then")


def _read(run: _Run, kind: ProblemKind, key: str) -> bytes | None:
    try:
        return run.log.store.get(key)
    except (KeyMissing, IntegrityError) as error:
        run.report.add(kind, key, f"it can't be read: {error}")
        return None


def _ended(run: _Run) -> None:
    report, trust = run.report, run.trust
    _lags(run)
    if trust.published and report.published is None:
        detail = f"no commit of this log is {trust.published}: it was cut or rewritten, or is another archive's"
        report.add("head", f"{LOG_PREFIX}…", detail)
    _unsigned(run)
    for seq, told in run.early.items():
        if seq in run.disbelieved:
            report.notes.append(f"{beside(seq, 'tsr')}: {told}: a clock was ahead then, as a later commit says")
        else:
            report.add("timestamp", beside(seq, "tsr"), f"older than what it stamps: {told}; one of the two is false")
    for kind, setting in (("signature", "VERIFY_KEY"), ("time-stamp", "TIMESTAMP_CERTS")):
        if kind in run.unlooked:
            report.notes.append(f"commits have a {kind} that was not checked: set {setting}")


def _unsigned(run: _Run) -> None:
    def came(seq: int) -> bool:
        try:
            commit = run.log.read(seq)
        except IntegrityError:
            return False
        return commit is not None and is_signed(run.log, commit, run.trust.keys)

    # A writer that stood between its commit and its signature may have signed while the rest was read.
    run.report.signed += run.signatures.look_again(came)
    faults = [*run.signatures.faults(required=run.trust.signatures_required)]
    for key, detail in faults:
        run.report.add("signature", key, detail)
    if not (faults and run.trust.signatures_required):
        run.report.notes += run.signatures.notes()


def _lags(run: _Run) -> None:
    report, seen, head = run.report, run.trust.seen, run.report.head
    if seen.highest.seq <= max(head.seq, seen.here.seq):
        return
    report.lags = seen.highest.seq - head.seq
    report.notes.append(str(Lag(uri=run.log.store.uri, ends=head, seen=seen.highest)))
    if head.seq and seen.digest(head.seq) is None:
        detail = "this copy ends there, and it is none of those that this machine saw of the archive"
        report.add("chain", commit_key(head.seq), detail)


_DIGEST = re.compile(r"(sha256:)?([0-9a-f]{64})")


def digest_of(text: str | None) -> str | None:
    """Return `--head` as the archive writes digests. Raises UsageError."""
    if text is None:
        return None
    found = _DIGEST.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(f"--head {text!r} is no digest; write sha256: and 64 hex digits, as scrapy head prints them")
    return f"sha256:{found[2]}"
