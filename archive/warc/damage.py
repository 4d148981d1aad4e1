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


class Left(NamedTuple):
    """What a spool still holds."""

    captures: list[Capture]
    """The whole ones, request included, in their order; `offset` and `length` are those in the file."""
    end: int
    """Where the last of them ends, in bytes; what follows is torn, zeros or garbage."""
    gaps: int
    """Stretches before that which can't be read: a byte was flipped there."""


def left_of(data: bytes) -> Left:
    """Return the whole captures of a file of ours: one that is damaged costs itself, not those behind it."""
    gaps: list[int] = []
    found = [pair for pair in exchanges(_rescued(data, gaps)) if pair[1] is not None]
    end = max((max(response.end, request.end) for response, request in found if request), default=0)
    return Left([capture_of(*pair, None) for pair in found], end, sum(at < end for at in gaps))


def info_of(data: bytes) -> Mapping[str, str]:
    """Return the fields of the warcinfo that a file begins with, names in lower case; none where it has none."""
    first = next(_rescued(data, []), None)
    return fields_of(b"\r\n" + first.block) if first is not None and first.kind == "warcinfo" else {}


def _rescued(data: bytes, gaps: list[int]) -> Iterator[WarcRecord]:
    at = 0
    while at < len(data):
        found = member_at(data, at)
        end = found[1] if found else _resume(data, at, ())
        records = records_in(found[0], at, end) if found else iter(())
        try:
            yield from records
        except IntegrityError:
            found = None
        if found is None:
            gaps.append(at)
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
