"""Hold what a commit names against the commit, each index against its WARC, each record against its capture."""

import zlib
from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, NamedTuple

from archive.errors import IntegrityError, KeyMissing
from archive.facts.canonical import digest
from archive.facts.names import commit_key
from archive.log.chain import Commit, Segment
from archive.log.segments import decode_lines, readable
from archive.stores.store import Store
from archive.trust import lines as judged
from archive.trust.findings import ProblemKind, Report
from archive.trust.lines import REVISIT, Line
from archive.warc import cdxj, warc
from archive.warc.damage import verify_records
from archive.warc.warc import UNPACKED

_REFERS = {
    "record": "tells of a capture, with url, instant, status and payload,",
    "revisit": "refers to a capture of the same payload",
    "check": "confirms a reading or a capture",
}
_AT = ""
_PENDING = 50_000
_NAMED = 3
_STEP = 2**20
_RATIO = 1032  # DEFLATE's most (zlib's technical notes)


class _Pointer(NamedTuple):
    kind: ProblemKind
    key: str
    what: str
    into: str
    """The segment pointed into; empty where only the capture is named."""


@dataclass(slots=True, kw_only=True)
class Audit:
    """One reading of segments in the order of their commits; one segment is in memory at a time.

    Of each capture twenty-four bytes are kept, and eight of each record, so that what points to nothing is found.
    """

    store: Store
    report: Report = field(default_factory=Report)
    known: "array[int]" = field(default_factory=lambda: array("Q"))
    """Hashes of what may be pointed to: of each capture met so far what a record says of it, its instant and, where it
    has its payload, its name and that; of each record its article and instant."""
    pointers: dict[int, _Pointer] = field(default_factory=dict)
    """Hash of what is pointed to from elsewhere → who points there: judged at the end."""
    unread: list[tuple[str, Segment]] = field(default_factory=list)
    """Indices that were passed over, with the key of their commit: looked into for what is pointed to there."""
    refer: dict[str, list[str]] = field(default_factory=dict)
    """Segment that can't be read → who points into it."""

    def take(self, commit: Commit) -> None:
        """Read all that a commit names."""
        by = commit_key(commit.seq)
        self.report.segments += len(commit.segments)
        indices: dict[str, Segment] = {}
        for segment in (s for s in commit.segments if s.kind == "index"):
            if indices.setdefault(_stem(segment), segment) is not segment:
                self.report.add("index", segment.key, f"{by} names another index of the same WARC segment")
        lines: list[Line] = []
        for segment in commit.segments:
            if segment.kind == "warc":
                lines += self._captures(by, segment, indices.pop(_stem(segment), None))
        for index in indices.values():
            self.report.add("index", index.key, f"{by} names no WARC segment beside it")
            self._index(by, index)
        held = {judged.held_by(line) for line in lines}
        for segment in commit.segments:
            if segment.kind not in ("warc", "index"):
                self._facts(by, segment, held)
        if len(self.pointers) > _PENDING:
            self._settle()

    def skip(self, commit: Commit) -> None:
        """Pass over what a commit names."""
        self.report.skipped += len(commit.segments)
        self.unread += [(commit_key(commit.seq), s) for s in commit.segments if s.kind == "index"]

    def end(self) -> None:
        """Tell what points to nothing, and who points into each segment that can't be read."""
        self._settle()
        for by, segment in self.unread if self.pointers else ():
            for line in self._index(by, segment) or ():
                self._held(line)
            self._settle()
        told = {problem.key for problem in self.report.problems}
        for kind, key, what, into in self.pointers.values():
            if kind == "check" and self.report.skipped:
                continue  # what it confirms may be in what was passed over
            if into in told:
                self.refer.setdefault(into, []).append(f"{key} {what}")
                continue
            lacks = f"{into} does not hold" if into else "no segment holds"
            self.report.add(kind, key, f"{what} {_REFERS[kind]} that {lacks}")
        self._name_referrers()

    def _name_referrers(self) -> None:
        for number, problem in enumerate(self.report.problems):
            # One problem of a segment names them, not each of its records.
            who = self.refer.pop(problem.key, [])
            if who:
                more = f" and {len(who) - _NAMED} more" if len(who) > _NAMED else ""
                detail = f"{problem.detail}; pointed to by {', '.join(who[:_NAMED])}{more}"
                self.report.problems[number] = replace(problem, detail=detail)

    def _bytes(self, by: str, segment: Segment) -> tuple[bytes, bool]:
        """Return a segment's bytes, none where there is nothing to read, and whether they are those of its commit."""
        report = self.report
        try:
            data = self.store.get(segment.key, readable(segment))
        except KeyMissing:
            report.add("missing", segment.key, f"named by {by}")
            return b"", False
        except IntegrityError as error:
            report.add("damaged", segment.key, f"named by {by}: {error}")
            return b"", False
        report.bytes += len(data)
        found = digest(data)
        good = len(data) == segment.bytes and found == segment.sha256
        if not good:
            detail = f"{len(data)} bytes, {found}; {by} names {segment.bytes} bytes, {segment.sha256}"
            report.add("damaged", segment.key, detail)
        if unpacks_beyond(data, UNPACKED, each=segment.kind == "warc"):
            report.add("damaged", segment.key, f"it unpacks to more than {UNPACKED // 2**20} MiB and was not read")
            return b"", False
        return data, good

    def _count(self, segment: Segment, found: int) -> None:
        if found != segment.lines:
            self.report.add("damaged", segment.key, f"{found} lines or records, its commit names {segment.lines}")

    def _index(self, by: str, segment: Segment) -> list[Line] | None:
        data, good = self._bytes(by, segment)
        if not good:
            return None
        try:
            lines = [judged.row(line) for line in cdxj.decode(data)]
        except (IntegrityError, KeyError, TypeError, ValueError) as error:
            self.report.add("index", segment.key, f"it can't be read: {error!r}")
            return None
        self._count(segment, len(lines))
        return lines

    def _captures(self, by: str, segment: Segment, index: Segment | None) -> list[Line]:
        """Hold a WARC segment and its index together; return what the index says, or else the WARC."""
        if index is None:
            self.report.add("index", segment.key, f"{by} names no index beside it")
        lines = self._index(by, index) if index else None
        data, good = self._bytes(by, segment)
        self._records_of(segment, data, lines, good=good)
        found = self._found(segment, data) if good else []
        if index and lines is not None and good:
            for problem in judged.compared(lines, found):
                self.report.add("index", index.key, f"{problem} in {segment.key}")
        known = found if lines is None else lines
        for line in known:
            self._held(line)
        return known

    def _held(self, line: Line) -> None:
        self.known.extend((_hash(*judged.held_by(line)), _hash(_AT, line["captured_at"])))
        if line["mime"] != REVISIT:
            self.known.append(_hash(line["url"], line["captured_at"], line["digest"]))

    def _records_of(self, segment: Segment, data: bytes, lines: Iterable[Line] | None, *, good: bool) -> None:
        count = 0
        for offset, _, problem in verify_records(data, [line["offset"] for line in lines or ()]):
            count += 1
            if problem:
                self.report.add("damaged", segment.key, f"the record at byte {offset}: {problem}")
        if good:
            self._count(segment, count)

    def _found(self, segment: Segment, data: bytes) -> list[Line]:
        found: list[Line] = []
        try:
            for capture in warc.read(data, segment.key):
                self.report.captures += 1
                found.append(judged.row_of(capture, segment.key, data))
                if isinstance(capture, warc.Revisit):
                    what = f"the revisit of {capture.url} at byte {capture.offset}"
                    original = _hash(capture.refers_to_uri, capture.refers_to_date, capture.payload)
                    self.pointers[original] = _Pointer("revisit", segment.key, what, "")
        except IntegrityError as error:
            self.report.add("damaged", segment.key, str(error))
        return found

    def _facts(self, by: str, segment: Segment, held: Collection[judged.Held]) -> None:
        data, good = self._bytes(by, segment)
        if not good:
            return
        try:
            values = decode_lines(data, segment.key)
        except IntegrityError as error:
            self.report.add("damaged", segment.key, str(error))
            return
        self._count(segment, len(values))
        broken = {problem.key for problem in self.report.problems}
        for number, value in enumerate(values):
            if segment.kind == "records":
                self._record(segment.key, number, value, held, broken)
            else:
                self._look(segment.key, number, value)

    def _record(
        self, key: str, number: int, record: Any, held: Collection[judged.Held], broken: Collection[str]
    ) -> None:
        self.report.records += 1
        if wrong := judged.wrong_record(record):
            self.report.add("record", key, f"line {number}: {wrong}")
            return
        self.known.append(_hash(record["article_id"], record["captured_at"]))
        capture = judged.held_in(record)
        if capture[0] in broken:
            self.refer.setdefault(capture[0], []).append(f"{key} line {number}")
        elif capture not in held:
            self.pointers[_hash(*capture)] = _Pointer("record", key, f"line {number}", capture[0])

    def _look(self, key: str, number: int, check: Any) -> None:
        if wrong := judged.wrong_check(check):
            self.report.add("check", key, f"line {number}: {wrong}")
        elif confirms := check.get("confirms"):
            name = _hash(check.get("article_id", _AT), confirms)
            self.pointers.setdefault(name, _Pointer("check", key, f"line {number}", ""))

    def _settle(self) -> None:
        for name in self.known if self.pointers else ():
            self.pointers.pop(name, None)


def unpacks_beyond(data: bytes, limit: int, *, each: bool) -> bool:
    """Tell whether gzip data unpacks to more than `limit` bytes, with `each` any one member of it.

    What is no gzip is left for others to tell. A mebibyte is in memory at a time.
    """
    if len(data) * _RATIO <= limit:
        return False
    view, total = memoryview(data), 0
    at = 0
    while at < len(view):
        inflate, total = zlib.decompressobj(31), 0 if each else total
        while not inflate.eof and at < len(view):
            chunk = view[at : at + _STEP]
            at += len(chunk)
            try:
                while chunk and not inflate.eof:
                    total += len(inflate.decompress(chunk, _STEP))
                    chunk = memoryview(inflate.unconsumed_tail)
                    if total > limit:
                        return True
            except zlib.error:
                return False
        at -= len(inflate.unused_data)
    return False


def _stem(segment: Segment) -> str:
    return segment.key.partition(".")[0]


def _hash(*parts: object) -> int:
    return int.from_bytes(blake2b("\n".join(map(str, parts)).encode(), digest_size=8).digest(), "big")
