"""Packs: the small index and checks segments of one bundle's commits end to end. Derived, proved by the commits.

Those of 256 commits lie in one pack a kind, those of the rest behind them in one for each 32. The segments stay where
they are. Records are never packed: each has one place, from which it can be taken.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from archive.errors import IntegrityError
from archive.facts.canonical import digest
from archive.log.bundles import SIZE
from archive.log.chain import Commit, Segment

PREFIX = "snapshots/packs/"
Packed = Literal["index", "checks"]
"""Kinds of segments that are packed."""
PACKED: tuple[Packed, ...] = ("index", "checks")
SMALL = 2**17
"""Bytes of a segment that is packed, at most."""
_NAME = re.compile(rf"{PREFIX}([0-9]{{12}})-(?:{'|'.join(PACKED)})(?:-[0-9]+)?\.bin\.zst")
_MOST = 2**25
MOST_BYTES = _MOST + 2**20
"""Bytes of a pack as it is stored, at most."""
_LEVEL = 3
_WINDOW = 2**25


def pack_key(last: int, kind: Packed, count: int = SIZE) -> str:
    """Return the key of a pack by the number of its last commit: `snapshots/packs/000000000256-checks.bin.zst`.

    One of fewer than 256 commits says of how many: `snapshots/packs/000000000288-checks-32.bin.zst`.
    """
    return f"{PREFIX}{last:012d}-{kind}{'' if count == SIZE else f'-{count}'}.bin.zst"


def pack_last(key: str) -> int:
    """Return the number of the last commit of a pack by its key; 0 for what is no pack's."""
    found = _NAME.fullmatch(key)
    return int(found[1]) if found else 0


def packed(commits: Iterable[Commit], kind: Packed) -> list[Segment]:
    """Return the segments that lie in a pack of these commits, in their order; none where they are too much for one."""
    small = [one for commit in commits for one in commit.segments if one.kind == kind and 0 < one.bytes <= SMALL]
    return small if sum(one.bytes for one in small) <= _MOST else []


def encode_pack(segments: Sequence[bytes]) -> bytes:
    """Return segments end to end, as one frame of Zstandard (RFC 8878)."""
    import zstandard  # noqa: PLC0415 - few need it

    return zstandard.ZstdCompressor(level=_LEVEL).compress(b"".join(segments))


def decode_pack(data: bytes, segments: Sequence[Segment]) -> Mapping[Segment, bytes]:
    """Return the bytes of each segment, each of the length and SHA-256 that its commit names.

    No more is unpacked than these have together. Raises IntegrityError where it holds anything else.
    """
    import zstandard  # noqa: PLC0415

    size = sum(one.bytes for one in segments)
    try:
        with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(data) as file:
            whole = file.read(size + 1)
    except (zstandard.ZstdError, MemoryError) as error:
        raise IntegrityError(f"it can't be unpacked: {error}") from error
    if len(whole) != size:
        raise IntegrityError(f"it unpacks to {'more' if len(whole) > size else 'less'} than {size} bytes")
    found, at = dict[Segment, bytes](), 0
    for one in segments:
        found[one] = whole[at : at + one.bytes]
        at += one.bytes
        if digest(found[one]) != one.sha256:
            raise IntegrityError(f"its bytes for {one.key} are not those that the commit names")
    return found
