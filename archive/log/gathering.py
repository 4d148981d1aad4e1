"""Writing bundles and packs, create-if-absent: by whoever passes a 32nd commit, or later by `scrapy pack`.

They are derived: a log without them says the same, and nothing is lost where they could not be written.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from archive.errors import ArchiveError, IntegrityError, KeyMissing
from archive.facts.names import commit_key
from archive.log.ahead import in_order
from archive.log.bundles import (
    MOST_BYTES,
    PREFIX,
    SIZE,
    STEP,
    Tile,
    bundle_key,
    encode_bundle,
    keys_there,
    names_there,
    tile_of,
    tiles_of,
)
from archive.log.chain import EMPTY, Commit, Log, Segment
from archive.log.distant import commits_after
from archive.log.packs import MOST_BYTES as MOST_PACK
from archive.log.packs import PACKED, Packed, decode_pack, encode_pack, pack_key, packed
from archive.log.packs import PREFIX as PACKS
from archive.log.segments import read_segment
from archive.stores.putting import put_once
from archive.stores.store import Store

_log = logging.getLogger(__name__)


class Gathered(NamedTuple):
    """What became of the bundle and packs of a tile's commits."""

    last: int
    """Number of the last of them."""
    written: list[str]
    wrong: dict[str, str]
    """Keys under which something else lies, and what is the matter with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A bundle of commits, or with a `kind` the pack of their segments of that kind, whether it is there or not."""

    key: str
    commits: Sequence[Commit]
    kind: Packed | None = None

    def data(self, store: Store) -> bytes | None:
        """Return its bytes as the log makes them; None where there is to be none. Raises what the store raises."""
        if self.kind is None:
            return encode_bundle(self.commits)
        segments = packed(self.commits, self.kind)
        return encode_pack([*_read(store, segments, self.commits, self.kind)]) if segments else None

    def wrong(self, store: Store) -> str:
        """Return what is wrong with what lies under its key; empty where nothing is, or nothing lies there."""
        try:
            if self.kind is None:
                right = store.get(self.key, MOST_BYTES) == encode_bundle(self.commits)
                return "" if right else "its bytes are not those of the log"
            decode_pack(store.get(self.key, MOST_PACK), packed(self.commits, self.kind))
        except KeyMissing:
            return ""
        except ArchiveError as error:
            return str(error)
        return ""


def _read(store: Store, segments: Sequence[Segment], commits: Sequence[Commit], kind: Packed) -> Iterator[bytes]:
    """Yield segments in their order: those of 256 commits from the packs of 32, where these are right."""
    held = dict[Segment, bytes]()
    for one in packs_of(commits, STEP) if len(commits) == SIZE else ():
        if one.kind == kind:
            with suppress(ArchiveError):
                held |= decode_pack(store.get(one.key, MOST_PACK), packed(one.commits, kind))
    return in_order(lambda segment: held.get(segment) or read_segment(store, segment), segments)


def bundle_of(commits: Sequence[Commit]) -> Derived:
    """Return the bundle of a tile's commits."""
    return Derived(key=bundle_key(tile_of(commits)), commits=commits)


def packs_of(commits: Sequence[Commit], count: int) -> Iterator[Derived]:
    """Yield the packs of commits, each of so many of them."""
    for at in range(0, len(commits), count):
        part = commits[at : at + count]
        for kind in PACKED:
            yield Derived(key=pack_key(part[-1].seq, kind, count), commits=part, kind=kind)


def derived_keys(tile: Tile) -> list[str]:
    """Return the keys of a bundle and of its packs: of a whole one's 256 commits, of a partial one's by 32."""
    size = SIZE if tile.is_whole else STEP
    ends = range(tile.before + size, tile.last + 1, size)
    return [bundle_key(tile), *(pack_key(end, kind, size) for end in ends for kind in PACKED)]


def gathered_there(store: Store) -> set[str]:
    """List the bundles and packs that are there."""
    return names_there(store, PREFIX) | names_there(store, PACKS)


def gather_after(log: Log, first: int, there: Collection[str]) -> Iterator[Gathered]:
    """Write the bundles from that number on and their packs, but those that are there, up to the last whole step.

    Yields what became of each. Raises IntegrityError for a log that is broken, and what the store raises.
    """
    before = log.read(first * SIZE) if first else None
    if first and before is None:
        raise IntegrityError(f"{commit_key(first * SIZE)} is missing from {log.store.uri}; run: scrapy verify")
    held = list[Commit]()
    for commit in commits_after(log, before.head if before else EMPTY):
        held.append(commit)
        if len(held) == SIZE:
            yield gather(log, held, there)
            held = []
    if len(held) >= STEP:
        yield gather(log, held[: len(held) // STEP * STEP], there)


def gather(log: Log, commits: Sequence[Commit], there: Collection[str] = ()) -> Gathered:
    """Write the bundle of a tile's commits and its packs, but those that are there. Raises what the store raises."""
    done = Gathered(commits[-1].seq, [], {})
    for one in (bundle_of(commits), *packs_of(commits, SIZE if tile_of(commits).is_whole else STEP)):
        data = one.data(log.store) if one.key not in there else None
        if data is None:
            continue
        if put_once(log.store, one.key, data):
            done.written.append(one.key)
        elif why := one.wrong(log.store):
            done.wrong[one.key] = why
    return done


def gather_passed(log: Log, before: int, after: int) -> None:
    """Write what is missing of the bundle that a commit ended, and of the one before it, whose writer may have died.

    A crawl does not end for it: what can't be written is noted in the program's log.
    """
    if before // STEP == after // STEP:
        return
    tiles = tiles_of(after)[-2:]
    try:
        there = {key for tile in tiles for key in _there(log.store, tile)}
        first = next((n for n, tile in enumerate(tiles) if not there.issuperset(derived_keys(tile))), len(tiles))
        for done in islice(gather_after(log, tiles[first].number, there), len(tiles) - first) if tiles[first:] else ():
            for key, why in done.wrong.items():
                _log.warning("%s is not what belongs there (%s); scrapy gc removes it, scrapy pack writes it", key, why)
    except ArchiveError as error:
        _log.warning("commits up to %d are in no bundle (%s); scrapy pack writes it", tiles[-1].last, error)


def _there(store: Store, tile: Tile) -> set[str]:
    bundle, *packs = derived_keys(tile)
    return keys_there(store, [bundle]) | keys_there(store, packs)
