"""Segments of lines: one gzip member a line, written once, believed only by length and SHA-256."""

import io
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from isal import igzip, isal_zlib

from archive.errors import IntegrityError, KeyMissing
from archive.facts.canonical import canonical, digest, parse
from archive.log.chain import Commit, Segment
from archive.stores.putting import put_once
from archive.stores.store import DOCUMENT, LARGEST, Store
from archive.warc.warc import UNPACKED

_GZIP_WBITS = 31
_LEVEL = 2
# What no summary tells, in archives of before 0.2.0: ten times what lines of ours pack to.
_RATIO = 100
_LEAST = 2**24
# A line has a gzip member of its own, of this many bytes at least (RFC 1952).
_MEMBER = 20
_FEW_LINES = 2**20
_TORN = cast("type[Exception]", isal_zlib.error)


class Lines(NamedTuple):
    """A segment of lines, packed."""

    data: bytes
    lines: int
    unpacked: int
    """Bytes before they were packed."""


def compressed(line: bytes) -> bytes:
    """Return one line as a gzip member of its own (RFC 1952), time stamp zero."""
    squeeze = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP_WBITS)
    return bytes(squeeze.compress(line) + squeeze.flush())


def encode_lines(values: Iterable[Any]) -> Lines:
    """Return the values as a JSONL segment: canonical JSON, a line feed, one gzip member a line."""
    lines = [canonical(value) + b"\n" for value in values]
    return Lines(b"".join(map(compressed, lines)), len(lines), sum(map(len, lines)))


def readable(segment: Segment) -> int:
    """Return how many bytes are read of a segment at most: no more than its commit names, unless those are few."""
    return min(max(segment.bytes, DOCUMENT), LARGEST)


def most(commit: Commit, segment: Segment) -> int:
    """Return the bytes to which a segment may unpack: what its commit's summary says, else a ratio's."""
    told = commit.summary.get("unpacked")
    size = told.get(segment.key) if isinstance(told, dict) else None
    return max(0, min(size if isinstance(size, int) else max(_RATIO * segment.bytes, _LEAST), UNPACKED))


def unpack(data: bytes, key: str, limit: int) -> bytes:
    """Return what gzip data unpacks to, at most `limit` bytes, of which no more than one is ever made too many.

    Raises IntegrityError naming the key where it is more, or no gzip.
    """
    try:
        with igzip.open(io.BytesIO(data)) as file:  # type: ignore[no-untyped-call]
            unpacked: bytes = file.read(limit + 1)
    except (OSError, EOFError, zlib.error, _TORN) as error:
        raise IntegrityError(f"{key} can't be read: {error}; restore it from another copy of the archive") from error
    if len(unpacked) > limit:
        raise IntegrityError(
            f"{key} unpacks to more than {limit} bytes, as no segment of ours does; restore it from another copy"
        )
    return unpacked


def decode_lines(data: bytes, key: str, limit: int = UNPACKED) -> list[Any]:
    """Return the values of a JSONL segment of at most `limit` bytes.

    Raises IntegrityError naming the key where it can't be read.
    """
    unpacked = unpack(data, key, limit)
    if unpacked.count(b"\n") > max(len(data) // _MEMBER, _FEW_LINES):
        raise IntegrityError(f"{key} has more lines than its bytes can hold, as no segment of ours; restore it")
    try:
        return [parse(line) for line in unpacked.splitlines()]
    except ValueError as error:
        raise IntegrityError(f"{key} can't be read: {error}; restore it from another copy of the archive") from error


def write_segment(store: Store, segment: Segment, data: bytes) -> None:
    """Create a segment. Raises IntegrityError where other bytes lie under its key."""
    if not put_once(store, segment.key, data):
        raise IntegrityError(f"{segment.key} in {store.uri} holds other bytes than this batch's; run: scrapy verify")


def read_segment(store: Store, segment: Segment) -> bytes:
    """Return a segment's bytes, of the length and SHA-256 that the commit names. Raises IntegrityError."""
    try:
        data = store.get(segment.key, readable(segment))
    except KeyMissing as error:
        raise IntegrityError(
            f"{segment.key} is missing from {store.uri}, though a commit names it; restore it from another copy"
        ) from error
    if len(data) != segment.bytes or digest(data) != segment.sha256:
        raise IntegrityError(
            f"{segment.key} is damaged: {len(data)} bytes, {digest(data)}; its commit names {segment.bytes} bytes, "
            f"{segment.sha256}; restore it from another copy of the archive"
        )
    return data
