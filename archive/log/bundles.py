"""Entry bundles: the bytes of 256 commits end to end, so that a log is read in few requests. Derived, and proved.

Form and names are those of C2SP tlog-tiles (c2sp.org/tlog-tiles): `tile/entries/<N>` holds the commits 256 N + 1 to
256 N + 256, each behind its length in two bytes, the higher one first. A later tree over the log has the same leaves.
"""

import re
from collections.abc import Sequence
from itertools import islice

from archive.errors import ArchiveError, IntegrityError
from archive.log.chain import Commit, Head, read_commit
from archive.stores.store import Store

SIZE = 256
"""Commits in a bundle."""
PREFIX = "tile/entries/"
MOST_BYTES = 2**22
"""Bytes of a bundle at most: where its commits are longer in the mean than 16 kB they are read one by one."""
_LENGTH = 2
_LONGEST = 2**16 - 1
_NAME = re.compile(rf"{PREFIX}((?:x[0-9]{{3}}/){{0,3}}[0-9]{{3}})")
_MOST_NAMES = 2**17


def bundle_key(number: int) -> str:
    """Return the key of a bundle: `tile/entries/000` of the first, `tile/entries/x001/234` of the 1,235th."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return PREFIX + "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])


def bundle_number(key: str) -> int | None:
    """Return the number of the bundle of a key; None for what is no bundle's."""
    found = _NAME.fullmatch(key)
    number = int(re.sub("[x/]", "", found[1])) if found else -1
    return number if found and bundle_key(number) == key else None


def names_there(store: Store, prefix: str) -> set[str]:
    """List what lies below a prefix, of very much a part; nothing where that can't be listed: nobody depends on it."""
    try:
        return set(islice(store.names(prefix), _MOST_NAMES))
    except ArchiveError:
        return set()


def bundles_there(store: Store) -> set[int]:
    """Return the numbers of the bundles that are there, be they right or wrong."""
    return {number for name in names_there(store, PREFIX) if (number := bundle_number(name)) is not None}


def encode_bundle(commits: Sequence[Commit]) -> bytes | None:
    """Return the bundle of 256 commits; None where one is too long for it, or all together are."""
    if any(len(commit.data) > _LONGEST for commit in commits):
        return None
    data = b"".join(len(commit.data).to_bytes(_LENGTH, "big") + commit.data for commit in commits)
    return data if len(data) <= MOST_BYTES else None


def decode_bundle(data: bytes, number: int) -> list[Commit]:
    """Return the commits of a bundle, in a chain. Whether that is the log's, its last commit tells, and `follows`.

    Raises IntegrityError where these are not 256 commits of its numbers, each holding the digest of the one before.
    """
    commits, at = list[Commit](), 0
    for seq in range(number * SIZE + 1, (number + 1) * SIZE + 1):
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
