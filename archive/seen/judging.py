"""A log held against what this machine saw: whole, a copy that lags, cut, changed, or another archive's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from archive.errors import ConfigurationError, IntegrityError, NoArchive
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, EMPTY, Commit, Head, Log
from archive.seen.memory import Ends, HeadMemory
from archive.seen.old import is_at
from archive.stores.opening import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What this machine saw, as far as it bears on the log in one place."""

    archive: str = ""
    """Which archive it is (`Log.identity`); empty where nobody can tell."""
    here: Head = EMPTY
    """The last head seen in this place."""
    md5: str = ""
    """Of its bytes, where they were read."""
    highest: Head = EMPTY
    """The highest head of this archive that was seen, wherever that was."""
    other: str = ""
    """Why this is not the archive that was seen here; empty where it is."""
    digests: Mapping[int, str] = field(default_factory=dict)
    """Of commits of this archive, by number, where all were asked for."""
    ask: Callable[[int], str | None] = field(default=lambda _: None, compare=False)
    """Gives the digest of one commit of this archive, None where it was not seen."""
    signed_from: int = 0
    """Past which commit each must be signed, as far as this machine learned: 0 where it did not."""
    start_anew: str = ""
    """How to forget all this on purpose."""

    def digest(self, seq: int) -> str | None:
        """Return the digest of a commit as this machine saw it, None where it did not."""
        ends = {head.seq: head.digest for head in (self.highest, self.here)}
        return ends.get(seq) or self.digests.get(seq) or self.ask(seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """A copy that ends earlier than the archive was seen to reach."""

    uri: str
    ends: Head
    seen: Head

    @property
    def commits(self) -> int:
        """By how many commits it lags."""
        return self.seen.seq - self.ends.seq

    def __str__(self) -> str:
        return (
            f"{self.uri} is a copy that lags: it ends at commit {self.ends.seq}, this machine saw the archive reach "
            f"commit {self.seen.seq} elsewhere"
        )


def recall(log: Log, memory: HeadMemory, *, archive: str = "", every: bool = False) -> Recalled:
    """Return what this machine saw of a log's place and archive; with `every` the digests of all commits seen.

    `archive` is its identity where that was read, and held against the place, before.
    Raises IntegrityError for a memory that is damaged, and what the store raises.
    """
    ends = memory.ends(place_of(log.store))
    place = ends.places.get(place_of(log.store))
    spelt = [head for uri, head in ends.spelt.items() if is_at(uri, log.store)]
    here = max([place.head if place else EMPTY, *spelt], key=lambda head: head.seq)
    held = place.archive if place else ""
    said = archive or _identity(log)
    other, real = ("", "") if archive else _other(log, ends, said, held if here.seq else "")
    archive = real or said or held
    known = ends.archives.get(archive)
    highest = max(here, known.highest if known else EMPTY, key=lambda head: head.seq)
    return Recalled(
        archive=archive, here=here, md5=place.md5 if place and place.head == here else "", highest=highest, other=other,
        signed_from=known.looked.bound if known and known.looked else 0, start_anew=memory.start_anew,
        digests=memory.digests(archive) if archive and every else {}, ask=partial(memory.digest, archive),
    )  # fmt: skip


def _identity(log: Log) -> str:
    try:
        return log.identity()
    except (NoArchive, ConfigurationError, IntegrityError):
        return ""


def _other(log: Log, ends: Ends, archive: str, held: str) -> tuple[str, str]:
    """Return why a log is not the archive that it says it is, and which one it is; empty where nothing says so."""
    uri = log.store.uri
    if held and archive and archive != held:
        # An archive of before 0.2.0 has no other name than its first commit.
        if held.startswith("sha256:") and archive.startswith("sha256:"):
            return f"{commit_key(1)} in {uri} is {archive}, this machine saw {held}", held
        return f"{ARCHIVE_KEY} in {uri} says that it is the archive {archive}, this machine saw {held} there", held
    first = _commit_or_none(log, 1) if archive and not held else None
    whose = [name for name, known in ends.archives.items() if first and known.first == first.digest]
    if whose and archive not in whose:
        told = f"{ARCHIVE_KEY} in {uri} says that it is the archive {archive}, its commits are those of {whose[0]}"
        return told, whose[0]
    return "", ""


def _commit_or_none(log: Log, seq: int) -> Commit | None:
    try:
        return log.read(seq)
    except IntegrityError:
        return None


def check(log: Log, seen: Recalled, folded: Head = EMPTY) -> Lag | None:
    """Hold a log against what was seen; return by what it lags where it is a copy that ends earlier, else None.

    `folded` is the head of the catalog. Raises IntegrityError (9), naming the key and the way out, where the log is
    shorter than it was in this place, differs from what was seen, or is another archive's.
    """
    if seen.other:
        raise IntegrityError(f"{seen.other}: it was altered or replaced; {_hint(seen)}")
    for head in {head for head in (seen.here, folded) if head.seq}:
        _hold(log, head, seen)
    if seen.highest in (seen.here, folded):
        return None
    commit = log.read(seen.highest.seq)
    if commit is not None:
        _same(log, commit, seen.highest.digest, seen)
        return None
    end = _end(log.read, seen.highest.seq)
    if end is not None:
        _same(log, end, seen.digest(end.seq), seen)
    return Lag(uri=log.store.uri, ends=end.head if end else EMPTY, seen=seen.highest)


def check_writable(lag: Lag | None) -> None:
    """Raise IntegrityError (9) for a copy that lags: what is written there would be another history."""
    if lag is not None:
        raise IntegrityError(
            f"{lag}: writing here would begin another history; write to that one, or bring this copy up to it first "
            "(scrapy verify --repair-from URI, or copy what it lacks)"
        )


def _hold(log: Log, head: Head, seen: Recalled) -> None:
    if head == seen.here and log.stands(head.seq, seen.md5):
        return
    commit = log.read(head.seq)
    if commit is None:
        raise IntegrityError(
            f"{commit_key(head.seq)} is missing from {log.store.uri}: this machine saw the log reach it; {_hint(seen)}"
        )
    _same(log, commit, head.digest, seen)


def _same(log: Log, commit: Commit, wanted: str | None, seen: Recalled) -> None:
    if commit.digest != wanted:
        saw = f"this machine saw {wanted}" if wanted else "this machine did not see that one in this archive"
        raise IntegrityError(
            f"{commit_key(commit.seq)} in {log.store.uri} is {commit.digest}, {saw}: the log was changed; {_hint(seen)}"
        )


def _hint(seen: Recalled) -> str:
    return f"restore it from another copy (scrapy verify --repair-from URI); {seen.start_anew}"


def _end(read: Callable[[int], Commit | None], beyond: int) -> Commit | None:
    """Return the last commit of a log that lacks commit `beyond`, in few readings; None where it has none."""
    low, last = 0, None
    while beyond - low > 1:
        middle = (low + beyond) // 2
        commit = read(middle)
        if commit is None:
            beyond = middle
        else:
            low, last = middle, commit
    return last
