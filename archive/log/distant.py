"""A log at a distance: read by bundles and packs where they are, by its own objects where not. Both come to the same.

A bundle is believed when its chain goes on from what is known, and its last commit is the log's own, which holds the
digests of all before; packs by what the commits name. What is wrong costs requests: it is passed over and noted.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice, takewhile
from typing import NamedTuple

from archive.errors import ArchiveError, IntegrityError, KeyMissing
from archive.log.ahead import NEAR, in_order
from archive.log.bundles import (
    MOST_BYTES,
    PREFIX,
    SIZE,
    STEP,
    Bundles,
    Tile,
    bundle_key,
    decode_bundle,
    follows,
    names_there,
    tile_of,
)
from archive.log.chain import EMPTY, Commit, Head, Log, Segment
from archive.log.packs import MOST_BYTES as MOST_PACK
from archive.log.packs import PACKED, Packed, decode_pack, pack_key, packed
from archive.log.packs import PREFIX as PACKS
from archive.log.segments import read_segment

_RUN = 16
"""Bundles that one reading of a last commit proves."""
_PACKS = 4
"""Bundles whose packs are read at a time."""
ReadCommit = tuple[Commit, list[tuple[Segment, bytes]]]
"""A commit, its segments of some kinds and their bytes."""


class _Stretch(NamedTuple):
    """Commits that follow on what is known."""

    commits: list[Commit]
    bundle: Sequence[Commit] = ()
    """All commits of the bundle that they come from; none where they were read one by one."""


def commits_after(log: Log, head: Head = EMPTY) -> Iterator[Commit]:
    """Yield the commits past `head` in order as `Log.after` does, in fewer requests. Raises as that does."""
    for stretch in _stretches(log, head):
        yield from stretch.commits


def read_after(log: Log, head: Head, kinds: Collection[str]) -> Iterator[ReadCommit]:
    """Yield the commits past `head` in order, each with its segments of these kinds.

    Raises IntegrityError as `Log.after` and `read_segment` do, behind all that comes before.
    """
    beside = _Packs(log).beside

    def told() -> Iterator[tuple[Commit, Mapping[Segment, bytes]]]:
        for stretch, held in in_order(beside, _stretches(log, head), ahead=_PACKS):
            for commit in stretch.commits:
                yield commit, held

    def read(one: tuple[Commit, Mapping[Segment, bytes]]) -> ReadCommit:
        commit, held = one
        wanted = [segment for segment in commit.segments if segment.kind in kinds]
        return commit, [
            (one, held.get(one) or log.written(one.key) or read_segment(log.store, one)) for one in wanted
        ]  # fmt: skip

    return in_order(read, told())


class _Packs:
    """The packs of one archive."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._there: set[str] | None = None

    def beside(self, stretch: _Stretch) -> tuple[_Stretch, Mapping[Segment, bytes]]:
        """Return a stretch and what packs hold of its commits' segments."""
        held = dict[Segment, bytes]()
        for kind in PACKED if stretch.bundle else ():
            whole = self._held(stretch.bundle, kind) if tile_of(stretch.bundle).is_whole else None
            held |= self._by_steps(stretch, kind) if whole is None else whole
        return stretch, held

    def _by_steps(self, stretch: _Stretch, kind: Packed) -> Mapping[Segment, bytes]:
        held = dict[Segment, bytes]()
        for at in range(0, len(stretch.bundle), STEP):
            part = stretch.bundle[at : at + STEP]
            if part[-1].seq >= stretch.commits[0].seq:
                held |= self._held(part, kind) or {}
        return held

    def _held(self, commits: Sequence[Commit], kind: Packed) -> Mapping[Segment, bytes] | None:
        """Return what the pack of these commits holds; None where there is none, or none that is right."""
        if self._there is None:
            self._there = names_there(self._log.store, PACKS)
        key, segments = pack_key(commits[-1].seq, kind, len(commits)), packed(commits, kind)
        if not segments or key not in self._there:
            return None
        try:
            return decode_pack(self._log.store.get(key, MOST_PACK), segments)
        except ArchiveError as error:
            _pass_over(self._log, key, error)
        return None


def _stretches(log: Log, head: Head) -> Iterator[_Stretch]:
    near = 0
    for commit in islice(log.after(head), NEAR if head.seq else 0):
        yield _Stretch([commit])
        head, near = commit.head, near + 1
    if head.seq and near < NEAR:
        return
    there = Bundles(names_there(log.store, PREFIX))
    while there.reach(head.seq):
        if tiles := there.behind(head.seq, _RUN):
            for bundle in _proven(log, head, tiles, there):
                yield _Stretch(bundle[max(0, head.seq + 1 - bundle[0].seq) :], bundle)
                head = bundle[-1].head
            continue
        there.forget(head.seq // SIZE)
        missing = SIZE - head.seq % SIZE if there.reach(head.seq) else 0
        for commit in islice(log.after(head), missing):
            yield _Stretch([commit])
            head, missing = commit.head, missing - 1
        if missing:
            return
    for commit in log.after(head):
        yield _Stretch([commit])


def _proven(log: Log, head: Head, tiles: Sequence[Tile], there: Bundles) -> list[list[Commit]]:
    """Return the bundles of these tiles that go on from a head, up to the first that does not, and are the log's own.

    What is wrong is noted, and dropped from what is there.
    """
    bundles = list[list[Commit]]()
    for tile, bundle in zip(tiles, in_order(partial(_bundle, log), tiles, near=1), strict=True):
        if bundle and not follows(bundle, head):
            log.ignored[bundle_key(tile)] = f"it does not go on from commit {head.seq}"
        if not (bundle and follows(bundle, head)):
            there.drop(tile)
            break
        bundles.append(bundle)
        head = bundle[-1].head
    if not bundles or _is_own(log, bundles[-1][-1]):
        return bundles
    good = [*takewhile(lambda bundle: _is_own(log, bundle[-1]), bundles)]
    bad = tiles[len(good)]
    log.ignored[bundle_key(bad)] = f"it ends with a commit {bad.last} that is not the log's"
    there.drop(bad)
    return good


def _bundle(log: Log, tile: Tile) -> list[Commit]:
    key = bundle_key(tile)
    try:
        return decode_bundle(log.store.get(key, MOST_BYTES), tile)
    except ArchiveError as error:
        _pass_over(log, key, error)
        return []


def _pass_over(log: Log, key: str, error: ArchiveError) -> None:
    # One that is gone since it was listed is in order: scrapy gc removes those that wider ones came after.
    if not isinstance(error, KeyMissing):
        log.ignored[key] = str(error)


def _is_own(log: Log, commit: Commit) -> bool:
    try:
        found = log.read(commit.seq)
    except IntegrityError:
        return False
    return found is not None and found.digest == commit.digest
