"""A batch: the facts gathered between two commits, written as segments and then named by one commit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from archive.facts.canonical import digest
from archive.facts.items import Capture, Check
from archive.facts.names import segment_key, stamp
from archive.facts.outcomes import SegmentKind
from archive.facts.record import PlaceFields, Record
from archive.log.chain import Commit, Draft, Head, Log, Segment
from archive.log.segments import encode_lines, write_segment
from archive.log.splitting import split
from archive.log.spool import Span, Spool
from archive.warc import cdxj, warc

_CHECKS_TO_A_CAPTURE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a batch is full: captures, bytes in its spool, or age."""

    captures: int = 200
    bytes: int = 32 * 2**20
    age: timedelta = timedelta(seconds=60)


@dataclass(slots=True, kw_only=True)
class Batch:
    """Facts not yet committed. Captures lie in the spool already; records and checks are remembered here."""

    batch_id: str
    crawl: str
    opened_at: datetime
    spool: Spool | None = None
    places: dict[tuple[str, str], tuple[Capture, Span]] = field(default_factory=dict)
    """(url, captured_at) → capture and where it lies in the spool."""
    revisits: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(url, captured_at) → (address, captured_at) of the capture whose payload it repeats."""
    records: list[tuple[Record, Capture | None]] = field(default_factory=list)
    """Each record with its capture when that lies in this batch's spool."""
    checks: list[Check] = field(default_factory=list)
    provenance: Mapping[str, str] = field(default_factory=dict)
    """What the segment's warcinfo says besides the program: whose captures these are, where not our own."""
    size: int = 0

    def spooled(self, capture: Capture) -> None:
        """Append a capture to the spool; when this returns it survives the death of the process."""
        assert self.spool is not None
        place = self.spool.append(capture)
        self.places[_name(capture)] = (capture, place)
        self.size += place.length

    def drop(self, capture: Capture) -> None:
        """Leave a capture out of the segment: the look found nothing new."""
        self.places.pop(_name(capture), None)

    def repeat(self, capture: Capture, *, of_url: str, of_time: str) -> None:
        """Keep a capture as a revisit record: its payload lies in the archive already."""
        if _name(capture) in self.places:
            self.revisits[_name(capture)] = (of_url, of_time)

    def holds(self, capture: Capture) -> bool:
        """Return whether a capture lies in this batch's spool and will be kept."""
        return _name(capture) in self.places

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (self.places or self.records or self.checks)

    def full(self, limits: Limits, now: datetime) -> bool:
        """Return whether it is to be committed at `now` (aware UTC): an empty one never is."""
        return not self.empty and (
            len(self.places) >= limits.captures
            # Looks that leave no bytes count, too: ten lines of the log weigh less than one page.
            or len(self.checks) >= _CHECKS_TO_A_CAPTURE * limits.captures
            or self.size >= limits.bytes
            or now - self.opened_at >= limits.age
        )


def _name(capture: Capture) -> tuple[str, str]:
    return capture.url, stamp(capture.captured_at)


def check_line(check: Check) -> dict[str, Any]:
    """Return a check as it is stored: fields that say nothing are left out."""
    line: dict[str, Any] = {"at": stamp(check.at), "url": check.url, "kind": check.kind, "outcome": check.outcome}
    optional = {
        "article_id": check.article_id,
        "status": check.status,
        "detail": check.detail,
        "reason": check.reason,
        "confirms": check.confirms,
        "payload": check.payload,
        "etag": check.etag,
        "last_modified": check.last_modified,
        "section": check.section,
        "page": check.page,
        "listed": list(check.listed),
        "onward": check.onward,
        "teasers": [teaser.fields() for teaser in check.teasers],
        "teasers_digest": check.teasers_digest,
        "answered": check.answered,
        "source": check.source,
    }
    return line | {name: value for name, value in optional.items() if value not in (None, "", [])}


def _segment(key: str, kind: SegmentKind, data: bytes, lines: int) -> Segment:
    return Segment(key=key, kind=kind, bytes=len(data), sha256=digest(data), lines=lines)


class Made(NamedTuple):
    """A segment that is to be written."""

    segment: Segment
    data: bytes
    unpacked: int | None = None
    """Bytes that its lines have before they are packed; None for a WARC."""


def segments_of(batch: Batch, software: str, written_at: datetime) -> list[Made]:
    """Return the batch's segments with their bytes, in the order in which they are written."""
    day = written_at.date()
    stored: dict[tuple[str, str], Capture] = {}
    out: list[Made] = []
    if batch.places:
        key = segment_key("captures", day, batch.batch_id, "warc.gz")
        data, stored, records = _warc(batch, key, software)
        out.append(Made(_segment(key, "warc", data, records), data))
        lines = [
            cdxj.line(c, revisit=n in batch.revisits, stored=digest(data[c.offset : c.offset + c.length]))
            for n, c in stored.items()
        ]
        index, index_key = cdxj.encode(lines), segment_key("captures", day, batch.batch_id, "cdxj.gz")
        out.append(Made(_segment(index_key, "index", index, len(lines)), index, sum(map(len, lines))))
    told: dict[SegmentKind, list[Any]] = {
        "records": [_placed(record, capture, stored) for record, capture in batch.records],
        "checks": [check_line(check) for check in batch.checks],
    }
    for kind, values in told.items():
        if values:
            packed = encode_lines(values)
            key = segment_key(kind, day, batch.batch_id, "jsonl.gz")
            out.append(Made(_segment(key, kind, packed.data, packed.lines), packed.data, packed.unpacked))
    return out


def _warc(batch: Batch, key: str, software: str) -> tuple[bytes, dict[tuple[str, str], Capture], int]:
    assert batch.spool is not None
    parts: list[Span | bytes] = []
    for name, (capture, place) in batch.places.items():
        origin = batch.revisits.get(name)
        parts.append(
            warc.encode_revisit(capture, refers_to_uri=origin[0], refers_to_date=origin[1]) if origin else place
        )
    info = warc.encode_info(software, batch.opened_at, **batch.provenance)
    data, offsets = batch.spool.seal([info, *parts])
    kept = {
        name: replace(capture, segment=key, offset=offset, length=length)
        for (name, (capture, _)), (offset, length) in zip(batch.places.items(), offsets[1:], strict=True)
    }
    return data, kept, 2 * len(kept) + 1


def _placed(record: Record, capture: Capture | None, stored: Mapping[tuple[str, str], Capture]) -> Record:
    if capture is None:
        return record
    at = stored[_name(capture)]
    assert at.segment is not None
    place: PlaceFields = {**record["capture"], "segment": at.segment, "offset": at.offset, "length": at.length}
    return {**record, "capture": place}


def commit(
    batch: Batch,
    log: Log,
    *,
    head: Head,
    writer: Mapping[str, Any],
    summary: Mapping[str, Any],
    clock: Callable[[], datetime],
) -> Commit:
    """Write the batch's segments, then append what names them, and return the last commit; the spool stays.

    Raises IntegrityError when a segment's key is taken by other bytes, and what the store raises.
    """
    first, *others = write(batch, log, writer=writer, summary=summary, clock=clock)
    last = log.append(first, head)
    for draft in others:
        last = log.append(draft, last.head)
    return last


def write(
    batch: Batch, log: Log, *, writer: Mapping[str, Any], summary: Mapping[str, Any], clock: Callable[[], datetime]
) -> list[Draft]:
    """Write the batch's segments; return the draft that names them, or several of what is too long for one commit.

    Raises as `commit` does.
    """
    written_at = clock()
    software = f"{writer['name']}/{writer['version']}"
    made = segments_of(batch, software, written_at)
    for segment, data, _ in made:
        write_segment(log.store, segment, data)
        if segment.kind != "warc":
            log.keep(segment.key, data)
    unpacked = {one.segment.key: one.unpacked for one in made if one.unpacked is not None}
    return split(
        Draft(
            crawl=batch.crawl,
            writer=writer,
            segments=[one.segment for one in made],
            summary={**summary, "unpacked": unpacked} if unpacked else summary,
            committed_at=clock(),
        )
    )


def outcome_counts(checks: Sequence[Check]) -> dict[str, int]:
    """Return outcome → number over checks, sorted by name."""
    counts: dict[str, int] = {}
    for check in checks:
        counts[check.outcome] = counts.get(check.outcome, 0) + 1
    return dict(sorted(counts.items()))
