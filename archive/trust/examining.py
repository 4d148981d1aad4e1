"""Read what one commit names: what is wrong with it, what may be pointed to there, and what it points to.

A pure function of the store and the commit, so that it may be done by any process, and again.
"""

import zlib
from array import array
from collections.abc import Collection, Generator, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from archive.errors import ConfigurationError, IntegrityError, KeyMissing
from archive.facts.canonical import digest
from archive.facts.names import commit_key
from archive.log.chain import Commit, Segment
from archive.log.segments import decode_lines, readable
from archive.parallel.cluster import Cluster
from archive.parallel.workers import in_order
from archive.stores.opening import everywhere, open_store
from archive.stores.store import Store
from archive.trust import lines as judged
from archive.trust.findings import ProblemKind, Report
from archive.trust.lines import Line
from archive.warc import cdxj, warc
from archive.warc.cdxj import REVISIT
from archive.warc.damage import verify_records
from archive.warc.warc import UNPACKED

_AT = ""
_STEP = 2**20
_RATIO = 1032  # DEFLATE's most (zlib's technical notes)


class Pointer(NamedTuple):
    """What is pointed to from elsewhere, and who points there."""

    name: int
    """The hash of what is pointed to."""
    kind: ProblemKind
    key: str
    what: str
    into: str
    """The segment pointed into; empty where only the capture is named."""


@dataclass(slots=True, kw_only=True)
class Examination:
    """One reading of segments of a commit; one is in memory at a time.

    Of each capture twenty-four bytes are kept, and eight of each record, so that what points to nothing is found.
    """

    store: Store
    report: Report = field(default_factory=Report)
    known: "array[int]" = field(default_factory=lambda: array("Q"))
    """Hashes of what may be pointed to: of each capture what a record says of it, its instant and, where it has its
    payload, its name and that; of each record its article and instant."""
    pointers: list[Pointer] = field(default_factory=list)
    """What is pointed to, and is not the commit's own or lies in a segment of its that is wrong."""

    def take(self, commit: Commit) -> None:
        """Read all that a commit names."""
        by = commit_key(commit.seq)
        self.report.segments += len(commit.segments)
        indices: dict[str, Segment] = {}
        for segment in (s for s in commit.segments if s.kind == "index"):
            if indices.setdefault(stem(segment.key), segment) is not segment:
                self.report.add("index", segment.key, f"{by} names another index of the same WARC segment")
        lines: list[Line] = []
        for segment in commit.segments:
            if segment.kind == "warc":
                lines += self._captures(by, segment, indices.pop(stem(segment.key), None))
        for index in indices.values():
            self.report.add("index", index.key, f"{by} names no WARC segment beside it")
            self._index(by, index)
        held = {judged.held_by(line) for line in lines}
        for segment in commit.segments:
            if segment.kind not in ("warc", "index"):
                self._facts(by, segment, held)

    def index(self, by: str, segment: Segment) -> bool:
        """Read an index by itself; tell whether that could be done."""
        lines = self._index(by, segment)
        for line in lines or ():
            self._held(line)
        return lines is not None

    def readings(self, segment: Segment) -> None:
        """Read what may be pointed to in a records segment by itself; what is wrong with it is told elsewhere."""
        data, good = Examination(store=self.store)._bytes("", segment)  # noqa: SLF001 - another one of its own
        try:
            values = decode_lines(data, segment.key) if good else []
        except IntegrityError:
            return
        self.known.extend(_of_record(value) for value in values if not judged.wrong_record(value))

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
                    self.pointers.append(Pointer(original, "revisit", segment.key, what, ""))
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
        self.known.append(_of_record(record))
        capture = judged.held_in(record)
        if capture[0] in broken or capture not in held:
            self.pointers.append(Pointer(_hash(*capture), "record", key, f"line {number}", capture[0]))

    def _look(self, key: str, number: int, check: Any) -> None:
        if wrong := judged.wrong_check(check):
            self.report.add("check", key, f"line {number}: {wrong}")
        elif confirms := check.get("confirms"):
            name = _hash(check.get("article_id", _AT), confirms)
            self.pointers.append(Pointer(name, "check", key, f"line {number}", ""))


def _of_record(record: Any) -> int:
    return _hash(record["article_id"], record["captured_at"])


def examined(store: Store, commit: Commit) -> Examination:
    """Return what the reading of a commit comes to."""
    found = Examination(store=store)
    found.take(commit)
    return found


Spread = int | Cluster
"""In how many processes of this machine, or on whose workers."""
_opened: dict[str, Store] = {}


def _examined(uri: str, commit: Commit) -> tuple[Report, "array[int]", list[Pointer]]:
    store = _opened.get(uri) or open_store(uri)
    if uri not in _opened:
        _check_there(store, commit)
        _opened[uri] = store
    found = examined(store, commit)
    return found.report, found.known, found.pointers


def _check_there(store: Store, commit: Commit) -> None:
    """Raise ConfigurationError where a worker sees another place: it would call all of it missing."""
    with suppress(KeyMissing):
        if store.get(commit_key(commit.seq)) == commit.data:
            return
    raise ConfigurationError(
        f"a worker does not find {commit_key(commit.seq)} in {store.uri}: give an address that means the same archive "
        "on each machine, a bucket or a folder that all share"
    )


def examinations(store: Store, commits: Iterable[Commit], processes: Spread) -> Generator[Examination, None, None]:
    """Yield what the reading of each commit comes to, in their order, read in so many processes or on a cluster."""
    if processes == 1:
        yield from (examined(store, commit) for commit in commits)
        return
    work = partial(_examined, everywhere(store, store.uri))
    spread = processes.in_order if isinstance(processes, Cluster) else partial(in_order, processes=processes)
    with closing(spread(work, commits, name=lambda one: commit_key(one.seq))) as row:
        for report, known, pointers in row:
            yield Examination(store=store, report=report, known=known, pointers=pointers)


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


def stem(key: str) -> str:
    """Return the part of a key that a WARC segment and its index share."""
    return key.partition(".")[0]


def _hash(*parts: object) -> int:
    return int.from_bytes(blake2b("\n".join(map(str, parts)).encode(), digest_size=8).digest(), "big")
