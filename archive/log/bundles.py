"""Entry bundles: the bytes of 256 commits end to end, so that a log is read in few requests. Derived, and proved.

Form and names are those of C2SP tlog-tiles (c2sp.org/tlog-tiles): `tile/entries/<N>` holds the commits 256 N + 1 to
256 N + 256, each behind its length in two bytes, the higher one first. A later tree over the log has the same leaves.
`tile/entries/<N>.p/<W>` is a partial one: the first W of these, while the log has no more.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from os.path import commonprefix
from typing import NamedTuple

from archive.errors import ArchiveError, IntegrityError
from archive.log.chain import Commit, Head, read_commit
from archive.stores.store import Store

SIZE = 256
"""Commits in a bundle."""
STEP = 32
"""Commits by which one partial bundle is wider than the one before."""
PREFIX = "tile/entries/"
MOST_BYTES = 2**22
"""Bytes of a bundle at most: where its commits are longer in the mean than 16 kB they are read one by one."""
_LENGTH = 2
_LONGEST = 2**16 - 1
_NAME = re.compile(rf"{PREFIX}((?:x[0-9]{{3}}/){{0,3}}[0-9]{{3}})(?:\.p/([1-9][0-9]{{0,2}}))?")
_MOST_NAMES = 2**17


class Tile(NamedTuple):
    """A place in the log that a bundle has: the number of the 256 commits, and how many of these it holds."""

    number: int
    width: int = SIZE

    @property
    def before(self) -> int:
        """The number of the last commit before it."""
        return self.number * SIZE

    @property
    def last(self) -> int:
        """The number of its last commit."""
        return self.before + self.width

    @property
    def is_whole(self) -> bool:
        """Whether it holds all 256."""
        return self.width == SIZE


def tile_of(commits: Sequence[Commit]) -> Tile:
    """Return the tile that begins with the first of these commits and ends with the last."""
    return Tile((commits[0].seq - 1) // SIZE, len(commits))


def tiles_of(count: int) -> list[Tile]:
    """Return the tiles that a log of so many commits has: the whole ones, and the widest partial one behind them."""
    whole, rest = divmod(count, SIZE)
    partial = [Tile(whole, rest // STEP * STEP)] if rest >= STEP else []
    return [*map(Tile, range(whole)), *partial]


def bundle_key(tile: Tile) -> str:
    """Return the key of a bundle: `tile/entries/000`, `tile/entries/x001/234`; a partial one's ends with `.p/64`."""
    digits = str(tile.number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = PREFIX + "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return name if tile.is_whole else f"{name}.p/{tile.width}"


def bundle_tile(key: str) -> Tile | None:
    """Return what the bundle of a key holds; None for what is no bundle's of ours: those have whole steps."""
    found = _NAME.fullmatch(key)
    if not found:
        return None
    tile = Tile(int(re.sub("[x/]", "", found[1])), int(found[2] or SIZE))
    return tile if bundle_key(tile) == key and tile.width % STEP == 0 and tile.width <= SIZE else None


def names_there(store: Store, prefix: str) -> set[str]:
    """List what lies below a prefix, of very much a part; nothing where that can't be listed: nobody depends on it."""
    try:
        return set(islice(store.names(prefix), _MOST_NAMES))
    except ArchiveError:
        return set()


def keys_there(store: Store, keys: Collection[str]) -> set[str]:
    """Return which of some neighbouring keys are there, by one listing; none where that can't be listed."""
    return names_there(store, commonprefix([*keys])).intersection(keys)  # noqa: RUF071 - a prefix, no path


class Bundles:
    """The bundles that are there, be they right or wrong."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take what is listed."""
        self._widths = defaultdict[int, set[int]](set)
        for name in names:
            if tile := bundle_tile(name):
                self._widths[tile.number].add(tile.width)

    def reach(self, seq: int) -> bool:
        """Tell whether there are any of commits behind that number, of its 256 or of later ones."""
        return seq // SIZE <= max(self._widths, default=-1)

    def behind(self, seq: int, most: int) -> list[Tile]:
        """Return the widest bundles that go on behind a commit, one after the other; the last may be partial."""
        tiles = list[Tile]()
        while len(tiles) < most and (not tiles or tiles[-1].is_whole):
            number = seq // SIZE
            width = max(self._widths.get(number, ()), default=0)
            if number * SIZE + width <= seq:
                break
            tiles.append(Tile(number, width))
            seq = tiles[-1].last
        return tiles

    def drop(self, tile: Tile) -> None:
        """Forget one that is wrong."""
        self._widths[tile.number].discard(tile.width)

    def forget(self, number: int) -> None:
        """Forget those of one 256 commits."""
        self._widths.pop(number, None)


def encode_bundle(commits: Sequence[Commit]) -> bytes | None:
    """Return the bundle of a tile's commits; None where one is too long for it, or all together are."""
    if any(len(commit.data) > _LONGEST for commit in commits):
        return None
    data = b"".join(len(commit.data).to_bytes(_LENGTH, "big") + commit.data for commit in commits)
    return data if len(data) <= MOST_BYTES else None


def decode_bundle(data: bytes, tile: Tile) -> list[Commit]:
    """Return the commits of a bundle, in a chain. Whether that is the log's, its last commit tells, and `follows`.

    Raises IntegrityError where these are not all commits of its numbers, each holding the digest of the one before.
    """
    commits, at = list[Commit](), 0
    for seq in range(tile.before + 1, tile.last + 1):
        length = int.from_bytes(data[at : at + _LENGTH], "big")
        entry = data[at + _LENGTH : at + _LENGTH + length]
        if len(entry) != length or not length:
            raise IntegrityError(f"it ends within its entry of commit {seq}")
        commits.append(read_commit(entry, seq))
        if len(commits) > 1 and commits[-1].previous != commits[-2].digest:
            raise IntegrityError(f"commit {seq} in it is not the successor of the one before")
        at += _LENGTH + length
    if at != len(data):
        raise IntegrityError(f"it has {len(data) - at} bytes behind its last entry")
    return commits


def follows(commits: Sequence[Commit], head: Head) -> bool:
    """Tell whether a bundle's chain goes on from a head, which may lie within it."""
    place = head.seq - commits[0].seq
    return commits[0].previous == head.digest if place < 0 else commits[place].digest == head.digest
