"""The memory of heads: one small file for all archives whose catalogs lie in its folder.

What is asked each time, where logs ended, is one row of canonical JSON with its digest, so that no flipped byte passes
for "never seen". Commits have a row each, with a sum of its own: they tell a copy that ends earlier from another
history. The state says how many there are, so that one that is gone is missed: nobody has to read the file whole.
"""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from archive.errors import ConfigurationError, StorageError
from archive.facts.canonical import canonical, digest, parse
from archive.log.chain import EMPTY, Head
from archive.seen import old
from archive.seen.file import MemoryDamaged, MemoryFile, ReadOnly, Rows
from archive.stores.opening import place_of
from archive.stores.store import Store

NAME = "heads.sqlite"
Commits = Callable[[int], Iterable[tuple[int, str]]]
"""Gives number and digest of all commits past a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What was seen in one place: which archive (empty where it could not be told), and where its log ended."""

    archive: str
    head: Head
    md5: str = ""
    """Of the head's bytes, by which a bucket's listing shows it; empty where they were not read since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """How far a writer looked at signatures."""

    upto: Head
    """Past the first signed commit all up to here are signed."""
    bound: int
    """Past which commit each must be signed, 0 where that is not so yet."""
    keys: tuple[str, ...] = ()
    """Public keys by which it judged; none: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArchive:
    """What was seen of one archive, wherever that was."""

    highest: Head
    first: str | None = None
    """Digest of commit 1."""
    commits: int = 0
    """How many commits have a row: one that is gone is then missed."""
    looked: LookedAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Where logs ended when this machine saw them last."""

    places: Mapping[str, Place] = field(default_factory=dict)
    """By `archive.stores.opening.place_of`."""
    archives: Mapping[str, KnownArchive] = field(default_factory=dict)
    """By `Log.identity`."""
    spelt: Mapping[str, Head] = field(default_factory=dict)
    """What catalogs of version 0.1 remembered, by the URI as it was spelt: taken over, and not seen since."""


class HeadMemory:
    """The memory beside one catalog; each method opens the file for itself, so threads and processes may share it.

    Every method raises IntegrityError, with the way out, for a file that is damaged: it never counts as empty; and
    StorageError where it can't be read.
    """

    def __init__(self, catalog: str | Path) -> None:
        """Take the memory in the folder of the catalog; that of a catalog in memory (`:memory:`) remembers nothing.

        Raises ConfigurationError for a catalog of the memory's own name.
        """
        self.catalog = Path(catalog)
        if self.catalog.name == NAME:
            raise ConfigurationError(f"CATALOG_PATH={catalog}: beside a catalog lies a {NAME}; give it another name")
        self._file = None if str(catalog) == ":memory:" else MemoryFile(self.catalog.with_name(NAME), self.catalog)

    @property
    def start_anew(self) -> str:
        """How to forget on purpose, for messages."""
        return f"to start anew on purpose, delete {self.catalog.with_name(NAME)} and {self.catalog} too"

    def ends(self, place: str = "") -> Ends:
        """Return where logs ended; nothing is written.

        Where the memory's file is gone, or never knew `place`, also what the catalog beside it tells: up to where it is
        folded, and what an older one remembers.
        """
        if self._file is None:
            return Ends()
        found = self._file.read(lambda rows: _ends(rows.state())) or Ends()
        if not place or place in found.places:
            return found
        told = old.told_by(self.catalog)
        return replace(found, places={**_folded(told), **found.places}, spelt=_later(found.spelt, told.spelt))

    def digests(self, archive: str) -> Mapping[int, str]:
        """Return the digests of the commits of an archive that this machine saw, by number."""
        return (self._file.read(lambda rows: _digests(rows, archive)) if self._file else None) or {}

    def digest(self, archive: str, seq: int) -> str | None:
        """Return the digest of one commit of an archive, None where this machine did not see it."""
        return self._file.read(lambda rows: _digest(rows, archive, seq)) if self._file else None

    def saw(self, store: Store, archive: str, head: Head, commits: Commits, *, md5: str = "") -> None:
        """Remember where the log in a store ended, and its commits; `archive` is empty where nobody can tell which.

        `md5` is of the head's bytes, where these were read.

        Where the folder may only be read this is passed over: nothing new can come into its catalog either.
        """
        if self._file is None:
            return
        place = place_of(store)
        known = self.ends(place)
        settled = {uri for uri in known.spelt if old.is_at(uri, store)}
        seen = Place(archive=archive, head=head, md5=md5)
        at = _reached(known.places.get(place), seen)
        if known.places.get(place) == at and not settled and not _grows(known.archives.get(archive), head):
            return
        with contextlib.suppress(ReadOnly), self._file.writing() as rows:
            now = _ends(rows.state())
            places = {**now.places, place: _reached(now.places.get(place), seen)}
            archives = (
                {**now.archives, archive: _learnt(rows, now, archive, head, commits)} if archive else now.archives
            )
            spelt = {uri: found for uri, found in now.spelt.items() if uri not in settled}
            rows.put(_stored(places=places, archives=archives, spelt=spelt))

    def looked(self, archive: str, at: LookedAt) -> None:
        """Remember how far the signatures of an archive were looked at."""
        if self._file is None or not archive:
            return
        with contextlib.suppress(ReadOnly), self._file.writing() as rows:
            now = _ends(rows.state())
            known = replace(now.archives.get(archive, KnownArchive(highest=EMPTY)), looked=at)
            archives = {**now.archives, archive: known}
            rows.put(_stored(places=now.places, archives=archives, spelt=now.spelt))

    def note_own(self, commit: str) -> None:
        """Note the digest of a commit that this machine is about to append."""
        if self._file is not None:
            with self._file.writing() as rows:
                rows.note_own(commit)

    def is_own(self, commit: str) -> bool:
        """Tell whether this machine was about to append a commit of that digest."""
        return bool(self._file and self._file.read(lambda rows: rows.is_own(commit)))

    def take_over(self, *, folded: bool = False) -> None:
        """Keep what an older catalog remembers, since that is about to be made anew; with `folded` also its own head.

        The head of one that is damaged is not believed.
        """
        if self._file is None:
            return
        told = old.told_by(self.catalog)
        heads = _folded(told) if folded else {}
        if not told.spelt and (not heads or heads.keys() <= self.ends().places.keys()):
            return
        try:
            with self._file.writing() as rows:
                now = _ends(rows.state())
                places, spelt = {**heads, **now.places}, _later(now.spelt, told.spelt)
                rows.put(_stored(places=places, archives=now.archives, spelt=spelt))
        except ReadOnly as error:
            raise StorageError(
                f"{self._file.path} can't be written; give this user the right to, or set CATALOG_PATH"
            ) from error


def _folded(told: old.OldHeads) -> Mapping[str, Place]:
    return {place: Place(archive="", head=head) for place, head in told.folded.items()}


def _later(one: Mapping[str, Head], other: Mapping[str, Head]) -> Mapping[str, Head]:
    heads = dict(one)
    for uri, head in other.items():
        heads[uri] = max(head, heads.get(uri, EMPTY), key=lambda found: found.seq)
    return heads


def _reached(before: Place | None, seen: Place) -> Place:
    # Another process may have seen more of it meanwhile, or have read the very bytes of the head.
    if before is None or before.archive != seen.archive or before.head.seq < seen.head.seq:
        return seen
    return before if before.head.seq > seen.head.seq or not seen.md5 else seen


def _grows(known: KnownArchive | None, head: Head) -> bool:
    return head.seq > 0 if known is None else head.seq > known.highest.seq or known.commits < head.seq


def _learnt(rows: Rows, now: Ends, archive: str, head: Head, commits: Commits) -> KnownArchive:
    known = now.archives.get(archive, KnownArchive(highest=EMPTY))
    if _grows(known, head):
        told = dict(commits(0 if known.commits < known.highest.seq else known.commits))
        count = known.commits + rows.learn(archive, told.items())
        highest = max(head, known.highest, key=lambda found: found.seq)
        return replace(known, highest=highest, first=known.first or told.get(1), commits=count)
    return known


def _digests(rows: Rows, archive: str) -> Mapping[int, str]:
    """Read all rows of an archive. Raises MemoryDamaged where one is missing."""
    known, found = _ends(rows.state()).archives.get(archive), rows.commits(archive)
    if len(found) != (known.commits if known else 0):
        raise MemoryDamaged(f"{len(found)} commits of {archive} have a row, and not as many as were seen")
    return found


def _digest(rows: Rows, archive: str, seq: int) -> str | None:
    # Only where all rows are there one that is not was never seen.
    return rows.commit(archive, seq) or _digests(rows, archive).get(seq)


def _stored(
    *, places: Mapping[str, Place], archives: Mapping[str, KnownArchive], spelt: Mapping[str, Head]
) -> tuple[bytes, str]:
    data = canonical(msgspec.to_builtins(Ends(places=places, archives=archives, spelt=spelt)))
    return data, digest(data)


def _ends(state: tuple[bytes, str] | None) -> Ends:
    """Read what `_stored` made. Raises MemoryDamaged."""
    if state is None:
        raise MemoryDamaged("it holds no state")
    data, told = state
    if not isinstance(data, bytes) or digest(data) != told:
        raise MemoryDamaged("its bytes are not those that it names")
    try:
        return msgspec.convert(parse(data), Ends)
    except ValueError as error:
        raise MemoryDamaged(str(error)) from error
