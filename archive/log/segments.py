"""Segments of lines: one gzip member a line, written once, believed only by length and SHA-256."""

import gzip
import zlib
from collections.abc import Iterable
from typing import Any

from isal import isal_zlib

from archive.errors import IntegrityError, KeyMissing
from archive.facts.canonical import canonical, digest, parse
from archive.log.chain import Segment
from archive.stores.putting import put_once
from archive.stores.store import Store

_GZIP_WBITS = 31
_LEVEL = 2


def compressed(line: bytes) -> bytes:
    """Return one line as a gzip member of its own (RFC 1952), time stamp zero."""
    squeeze = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP_WBITS)
    return bytes(squeeze.compress(line) + squeeze.flush())


def encode_lines(values: Iterable[Any]) -> tuple[bytes, int]:
    """Return (bytes, number of lines) of a JSONL segment: canonical JSON, a line feed, one gzip member a line."""
    members = [compressed(canonical(value) + b"\n") for value in values]
    return b"".join(members), len(members)


def decode_lines(data: bytes, key: str) -> list[Any]:
    """Return the values of a JSONL segment. Raises IntegrityError naming the key where it can't be read."""
    try:
        return [parse(line) for line in gzip.decompress(data).splitlines()]
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise IntegrityError(f"{key} can't be read: {error}; restore it from another copy of the archive") from error


def write_segment(store: Store, segment: Segment, data: bytes) -> None:
    """Create a segment. Raises IntegrityError where other bytes lie under its key."""
    if not put_once(store, segment.key, data):
        raise IntegrityError(f"{segment.key} in {store.uri} holds other bytes than this batch's; run: scrapy verify")


def read_segment(store: Store, segment: Segment) -> bytes:
    """Return a segment's bytes, of the length and SHA-256 that the commit names. Raises IntegrityError."""
    try:
        data = store.get(segment.key)
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
