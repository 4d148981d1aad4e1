"""Prove an archive whole: the chain, each segment's bytes, each index against its WARC, and what nobody names."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from archive import cdxj, warc
from archive.batch import decode_lines
from archive.errors import ArchiveError, IntegrityError, KeyMissing, NoArchive
from archive.ids import LOG_PREFIX, commit_key, stamp
from archive.log import ARCHIVE_KEY, EMPTY, Commit, Head, Log, Segment, check_link
from archive.record import canonical, digest, identity, text_digest

FACTS = ("captures/", "records/", "checks/")
Line = dict[str, Any]
Place = tuple[Any, Any, Any]
"""Segment, offset, length."""
_PENDING = 50_000
_REVISIT = "warc/revisit"
_INDEXED = ("url", "captured_at", "digest", "status", "filename", "offset", "length", "mime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: kind is missing, damaged, chain, index, record or revisit."""

    kind: str
    key: str
    detail: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What verification found."""

    head: Head = EMPTY
    commits: int = 0
    segments: int = 0
    captures: int = 0
    records: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    """Segments that no commit names: of a writer at work or one that died; `scrapy gc` removes old ones. Left empty
    where a commit is missing or damaged, since what it names can't be known."""

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong; orphans alone are no fault."""
        return not self.problems

    def add(self, kind: str, key: str, detail: str) -> None:
        """Note a fault."""
        self.problems.append(Problem(kind=kind, key=key, detail=detail))


class _Pointer(NamedTuple):
    kind: str
    key: str
    what: str
    into: str
    """The segment pointed into; empty where only the capture is named."""


@dataclass(slots=True, kw_only=True)
class _Run:
    log: Log
    report: Report = field(default_factory=Report)
    captures: "array[int]" = field(default_factory=lambda: array("Q"))
    """Of each capture met so far the hashes of its place and, where it has its payload, of its name."""
    pointers: dict[int, _Pointer] = field(default_factory=dict)
    """Hash of what is pointed to from elsewhere → who points there: judged at the end."""

    def bytes_of(self, commit: Commit, segment: Segment) -> tuple[bytes, bool]:
        """Return a segment's bytes, none where it is missing, and whether they are those that its commit names."""
        by, report = commit_key(commit.seq), self.report
        try:
            data = self.log.store.get(segment.key)
        except KeyMissing:
            report.add("missing", segment.key, f"named by {by}")
            return b"", False
        except IntegrityError as error:
            report.add("damaged", segment.key, f"named by {by}: {error}")
            return b"", False
        report.bytes += len(data)
        found = digest(data)
        if len(data) == segment.bytes and found == segment.sha256:
            return data, True
        detail = f"{len(data)} bytes, {found}; {by} names {segment.bytes} bytes, {segment.sha256}"
        report.add("damaged", segment.key, detail)
        return data, False

    def count(self, segment: Segment, found: int) -> None:
        """Note a segment that holds another number of lines or records than its commit says."""
        if found != segment.lines:
            self.report.add("damaged", segment.key, f"{found} lines or records, its commit names {segment.lines}")


def verify(log: Log, remembered: Head = EMPTY) -> Report:
    """Read the whole archive, one segment in memory at a time, and report every fault; nothing is trusted.

    `remembered` is the last head that this machine saw: a log that is shorter or different there is a fault. Of each
    capture sixteen bytes are kept, so that a revisit without its original is found. Raises NoArchive where there is
    none.
    """
    run = _Run(log=log)
    numbers = {seq for entry in log.store.list(LOG_PREFIX) if (seq := _number(entry.key))}
    numbers |= {remembered.seq} - {0}
    _description(run, known=bool(numbers))
    named, before, all_read = set[str](), EMPTY, True
    for seq in sorted(numbers):
        commit = _commit(run, seq, before)
        all_read &= commit is not None and seq == before.seq + 1
        if commit is None:
            before = Head(seq=seq, digest=None)
            continue
        _link(run, commit, before)
        if seq == remembered.seq and commit.digest != remembered.digest:
            detail = f"this machine saw {remembered.digest} there, now it is {commit.digest}"
            run.report.add("chain", commit_key(seq), detail)
        before = run.report.head = commit.head
        named |= {segment.key for segment in commit.segments}
        _segments(run, commit)
    _dangling(run)
    if all_read:
        run.report.orphans = [e.key for folder in FACTS for e in log.store.list(folder) if e.key not in named]
    return run.report


def _number(key: str) -> int | None:
    name = key.removeprefix(LOG_PREFIX)
    return int(name[:12]) if name.endswith(".json") and name[:12].isdecimal() and len(name) == 17 else None


def _description(run: _Run, *, known: bool) -> None:
    try:
        run.log.description()
    except NoArchive:
        if not known:
            raise
        run.report.add("missing", ARCHIVE_KEY, f"{LOG_PREFIX} holds commits, or this machine saw some there")
    except IntegrityError as error:
        run.report.add("damaged", ARCHIVE_KEY, str(error))


def _commit(run: _Run, seq: int, before: Head) -> Commit | None:
    key = commit_key(seq)
    try:
        commit = run.log.read(seq)
    except IntegrityError as error:
        run.report.add("damaged", key, str(error))
        return None
    if commit is None:
        run.report.add("missing", key, f"this machine saw the log reach it; now it ends at {commit_key(before.seq)}")
    return commit


def _link(run: _Run, commit: Commit, before: Head) -> None:
    key, last = commit_key(commit.seq), commit_key(before.seq)
    if commit.seq > before.seq + 1:
        first, end = commit_key(before.seq + 1), commit_key(commit.seq - 1)
        gone = "it is missing" if first == end else f"all up to {end} are missing"
        run.report.add("missing", first, f"{gone} {f'between {last} and' if before.seq else 'before'} {key}")
    elif before.digest or not before.seq:
        try:
            check_link(commit, before)
        except IntegrityError as error:
            run.report.add("chain", key, str(error))


def _segments(run: _Run, commit: Commit) -> None:
    run.report.commits += 1
    run.report.segments += len(commit.segments)
    indices = {_stem(segment): segment for segment in commit.segments if segment.kind == "index"}
    lines: list[Line] = []
    for segment in commit.segments:
        if segment.kind == "warc":
            lines += _captures(run, commit, segment, indices.pop(_stem(segment), None))
    for index in indices.values():
        run.report.add("index", index.key, f"{commit_key(commit.seq)} names no WARC segment beside it")
        _index(run, commit, index)
    places = {_place(line): line["digest"] for line in lines}
    for segment in commit.segments:
        if segment.kind not in ("warc", "index"):
            _facts(run, commit, segment, places)
    if len(run.pointers) > _PENDING:
        _settle(run)


def _stem(segment: Segment) -> str:
    return segment.key.partition(".")[0]


def _index(run: _Run, commit: Commit, segment: Segment) -> list[Line] | None:
    data, good = run.bytes_of(commit, segment)
    if not good:
        return None
    try:
        lines = [{name: line[name] for name in _INDEXED} for line in cdxj.decode(data)]
        lines = [line | {name: int(line[name]) for name in ("status", "offset", "length")} for line in lines]
    except (IntegrityError, KeyError, TypeError, ValueError) as error:
        run.report.add("index", segment.key, f"it can't be read: {error!r}")
        return None
    run.count(segment, len(lines))
    return lines


def _captures(run: _Run, commit: Commit, segment: Segment, index: Segment | None) -> list[Line]:
    """Hold a WARC segment and its index together; return what the index says, or else the WARC."""
    if index is None:
        run.report.add("index", segment.key, f"{commit_key(commit.seq)} names no index beside it")
    lines = _index(run, commit, index) if index else None
    data, good = run.bytes_of(commit, segment)
    _records_of(run, segment, data, lines, good=good)
    found = _found(run, segment, data) if good else []
    if index and lines is not None and good:
        for problem in _compared(lines, found):
            run.report.add("index", index.key, f"{problem} in {segment.key}")
    for line in found if lines is None else lines:
        run.captures.append(_hash(*_place(line)))
        if line["mime"] != _REVISIT:
            run.captures.append(_hash(line["url"], line["captured_at"]))
    return found if lines is None else lines


def _records_of(run: _Run, segment: Segment, data: bytes, lines: Iterable[Line] | None, *, good: bool) -> None:
    count = 0
    for offset, _, problem in warc.verify_records(data, [line["offset"] for line in lines or ()]):
        count += 1
        if problem:
            run.report.add("damaged", segment.key, f"the record at byte {offset}: {problem}")
    if good:
        run.count(segment, count)


def _found(run: _Run, segment: Segment, data: bytes) -> list[Line]:
    found: list[Line] = []
    try:
        for capture in warc.read(data, segment.key):
            run.report.captures += 1
            repeats = isinstance(capture, warc.Revisit)
            found.append(
                {
                    "url": capture.url, "captured_at": stamp(capture.captured_at), "digest": capture.payload,
                    "status": capture.status, "filename": segment.key, "offset": capture.offset,
                    "length": capture.length, "mime": _REVISIT if repeats else "",
                }
            )  # fmt: skip
            if isinstance(capture, warc.Revisit):
                what = f"the revisit of {capture.url} at byte {capture.offset}"
                original = _hash(capture.refers_to_uri, capture.refers_to_date)
                run.pointers[original] = _Pointer("revisit", segment.key, what, "")
    except IntegrityError as error:
        run.report.add("damaged", segment.key, str(error))
    return found


def _compared(lines: Iterable[Line], found: Iterable[Line]) -> Iterator[str]:
    there = {line["offset"]: line for line in found}
    for line in lines:
        held = there.pop(line["offset"], {"mime": None})
        repeats = (line["mime"] == _REVISIT) == (held["mime"] == _REVISIT)
        if not repeats or any(line[name] != held.get(name) for name in _INDEXED if name != "mime"):
            yield f"its line for {line['url']} at byte {line['offset']} is not what stands there"
    for line in there.values():
        yield f"no line for {line['url']} at byte {line['offset']}"


def _hash(*parts: object) -> int:
    return int.from_bytes(blake2b("\n".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


def _place(line: Mapping[str, Any]) -> Place:
    return line.get("segment", line.get("filename")), line["offset"], line["length"]


def _facts(run: _Run, commit: Commit, segment: Segment, places: Mapping[Place, str]) -> None:
    data, good = run.bytes_of(commit, segment)
    if not good:
        return
    try:
        values = decode_lines(data, segment.key)
    except IntegrityError as error:
        run.report.add("damaged", segment.key, str(error))
        return
    run.count(segment, len(values))
    for number, record in enumerate(values if segment.kind == "records" else ()):
        run.report.records += 1
        if wrong := _record(record, places):
            run.report.add("record", segment.key, f"line {number}: {wrong}")
        elif (place := _place(record["capture"])) not in places:
            run.pointers[_hash(*place)] = _Pointer("record", segment.key, f"line {number}", str(place[0]))


def _record(record: Mapping[str, Any], places: Mapping[Place, str]) -> str:
    try:
        digests = record["digests"]
        if digests["text"] != text_digest([record["lead"], *record["body"]]):
            return "the text is not the one its digest names"
        if digests["headline"] != text_digest([record["headline"]]):
            return "the headline is not the one its digest names"
        if digests["version"] != digest(canonical(identity(record))):
            return "the version digest is not the one of its fields"
        if digests["payload"] != places.get(_place(record["capture"]), digests["payload"]):
            return "the payload digest is not the one of its capture"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"it is no record: {error!r}"
    return ""


def _settle(run: _Run) -> None:
    for name in run.captures:
        run.pointers.pop(name, None)


def _dangling(run: _Run) -> None:
    _settle(run)
    # A segment that can't be read is told already, and not again for each line that points into it.
    told = {problem.key for problem in run.report.problems}
    for kind, key, what, into in run.pointers.values():
        if into not in told:
            run.report.add(
                kind, key, f"{what} refers to a capture that {f'{into} does not hold' if into else 'no segment holds'}"
            )


def fault(report: Report, uri: str) -> ArchiveError | None:
    """Return the error that stands for a report, or None where the archive is whole."""
    if report.whole:
        return None
    first = report.problems[0]
    more = f" and {len(report.problems) - 1} more" if len(report.problems) > 1 else ""
    return IntegrityError(f"{first.kind}: {first.key}: {first.detail}{more}; restore from another copy of {uri}")
