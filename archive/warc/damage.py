"""What is left of a damaged WARC: each record by itself, the captures of a file that is torn or flipped somewhere."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from isal import isal_zlib

from archive.errors import IntegrityError
from archive.facts.canonical import digest
from archive.facts.items import Capture
from archive.warc.exchanges import END, WarcRecord, capture_of, exchanges, fields_of
from archive.warc.warc import GZIP_WBITS, TORN, member_at, records_in

_MAGIC = b"\x1f\x8b\x08"
# Of a damaged member: what its head is looked for in, and how many bytes are unpacked at a time.
_HEAD, _STEP = 4096, 32


class Lost(NamedTuple):
    """A stretch of a spool that gives no whole capture."""

    offset: int
    length: int
    urls: tuple[str, ...]
    """Whose captures lie in it, as far as their beginnings can still be read."""

    @property
    def captures(self) -> int:
        """How many they are: one at least."""
        return len(self.urls) or 1

    def __str__(self) -> str:
        whose = f" ({', '.join(self.urls)})" if self.urls else ""
        return f"bytes {self.offset} to {self.offset + self.length - 1}{whose}"


class Left(NamedTuple):
    """What a spool still holds."""

    captures: list[Capture]
    """The whole ones, request included, in their order; `offset` and `length` are those in the file."""
    end: int
    """Where the last of them ends, in bytes."""
    lost: list[Lost]
    """What lies between them: a byte was flipped there."""
    tail: Lost | None
    """What follows the last of them: torn where its writer died, zeros, garbage."""


def left_of(data: bytes) -> Left:
    """Return the whole captures of a file of ours: one that is damaged costs itself, not those behind it."""
    found = [pair for pair in exchanges(_rescued(data)) if pair[1] is not None]
    captures = [capture_of(*pair, None) for pair in found]
    end, lost = _infos(data)[1], list[Lost]()
    for capture in captures:
        gap = _lost(data, end, capture.offset)
        # What stands before the first one and names no address is what the spool says of itself.
        if gap.length and (gap.urls or lost or capture is not captures[0]):
            lost.append(gap)
        end = capture.offset + capture.length
    return Left(captures, end if captures else 0, lost, _lost(data, end, len(data)) if end < len(data) else None)


def _lost(data: bytes, start: int, end: int) -> Lost:
    urls: dict[tuple[str, str], None] = {}
    at = start
    while at < end:
        fields = fields_of(_begun(data, at).partition(END)[0])
        if (uri := fields.get("warc-target-uri")) and uri.isprintable():
            urls[uri, fields.get("warc-date", "")] = None
        at = _resume(data, at, ())
    return Lost(start, end - start, tuple(uri for uri, _ in urls))


def _begun(data: bytes, at: int) -> bytes:
    """Return as much of what a damaged member begins with as can be unpacked."""
    inflate, parts = isal_zlib.decompressobj(GZIP_WBITS), list[bytes]()
    with suppress(TORN):
        for place in range(at, min(at + _HEAD, len(data)), _STEP):
            parts.append(inflate.decompress(data[place : place + _STEP], _HEAD))
    return b"".join(parts)


def info_of(data: bytes) -> Mapping[str, str] | None:
    """Return the fields of the warcinfo that a spool begins with, names in lower case; none where it has none.

    None where its beginning is damaged and tells none.
    """
    fields, _ = _infos(data)
    return fields if fields or not data or member_at(data, 0) else None


def _infos(data: bytes) -> tuple[Mapping[str, str], int]:
    """Return the fields of the first warcinfo that can be read, before any capture, and where the last of them ends."""
    fields, end = dict[str, str](), 0
    for record in _rescued(data):
        if record.kind != "warcinfo":
            break
        fields, end = fields or fields_of(b"\r\n" + record.block), record.end
    return fields, end


def _rescued(data: bytes) -> Iterator[WarcRecord]:
    at = 0
    while at < len(data):
        found = member_at(data, at)
        end = found[1] if found else _resume(data, at, ())
        with suppress(IntegrityError):
            yield from records_in(found[0], at, end) if found else ()
        at = end


def verify_records(data: bytes, offsets: Iterable[int] = ()) -> Iterator[tuple[int, int, str | None]]:
    """Yield (offset, length, problem or None) of each record of ours: gzip, form, block digest, payload digest.

    One bad record does not hide the rest: reading goes on at the next of `offsets` (the index's) or at the next member
    that begins a record, whichever is nearer; without `offsets`, damaged neighbours are told as one.
    """
    known, at = sorted(offsets), 0
    while at < len(data):
        found = member_at(data, at)
        if found is None:
            end = _resume(data, at, known)
            yield at, end - at, "the gzip member is torn or damaged"
        else:
            content, end = found
            yield at, end - at, _problem(content, at, end)
        at = end


def _resume(data: bytes, after: int, known: Sequence[int]) -> int:
    later = bisect_right(known, after)
    limit = min(known[later], len(data)) if later < len(known) else len(data)
    at = after
    while (at := data.find(_MAGIC, at + 1, limit)) >= 0:
        with suppress(TORN):
            if isal_zlib.decompressobj(GZIP_WBITS).decompress(data[at : at + 512], 5) == b"WARC/":
                return at
    return limit


def _problem(content: bytes, offset: int, end: int) -> str | None:
    try:
        for record in records_in(content, offset, end):
            payload = record.block.partition(END)[2] if record.kind == "response" else None
            for what, covered in (("block", record.block), ("payload", payload)):
                named = record.fields.get(f"warc-{what}-digest")
                if covered is not None and named != digest(covered):
                    return f"the {what} of {record.uri or record.kind} is not the one that its digest {named} names"
    except IntegrityError as error:
        return str(error)
    return None
