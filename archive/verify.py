"""Prove an archive whole: the chain, each segment's bytes, each index against its WARC, and what nobody names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive import cdxj, warc
from archive.batch import decode_lines
from archive.errors import ArchiveError, IntegrityError, KeyMissing
from archive.ids import LOG_PREFIX, commit_key
from archive.log import EMPTY, Commit, Head, Log, Segment, check_link
from archive.record import canonical, digest, identity, text_digest

FACTS = ("captures/", "records/", "checks/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: kind is missing, damaged, chain, index or record."""

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
    """Segments that no commit names: of a writer at work or one that died; `scrapy gc` removes old ones."""

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong; orphans alone are no fault."""
        return not self.problems


def verify(log: Log, remembered: Head = EMPTY) -> Report:
    """Read the whole archive, one segment in memory at a time, and report every fault; nothing is trusted.

    `remembered` is the last head that this machine saw: a log that is shorter or different there is a fault.
    Raises NoArchive where there is none.
    """
    log.description()
    report = Report()
    numbers = [seq for entry in log.store.list(LOG_PREFIX) if (seq := _number(entry.key)) is not None]
    named = set()
    before: Head | None = EMPTY
    for seq in range(1, max([*numbers, remembered.seq], default=0) + 1):
        commit = _commit(log, seq, report)
        if commit is None:
            before = None
            continue
        if before is not None:
            _link(commit, before, report)
        if seq == remembered.seq and commit.digest != remembered.digest:
            detail = f"this machine saw {remembered.digest} there, now it is {commit.digest}"
            report.problems.append(Problem(kind="chain", key=commit_key(seq), detail=detail))
        before = report.head = commit.head
        report.commits += 1
        named |= {segment.key for segment in commit.segments}
        _segments(log, commit, report)
    report.orphans = [e.key for folder in FACTS for e in log.store.list(folder) if e.key not in named]
    return report


def _number(key: str) -> int | None:
    name = key.removeprefix(LOG_PREFIX)
    return int(name[:12]) if name.endswith(".json") and name[:12].isdecimal() and len(name) == 17 else None


def _commit(log: Log, seq: int, report: Report) -> Commit | None:
    key = commit_key(seq)
    try:
        commit = log.read(seq)
    except IntegrityError as error:
        report.problems.append(Problem(kind="damaged", key=key, detail=str(error)))
        return None
    if commit is None:
        detail = f"missing between {commit_key(seq - 1)} and {commit_key(seq + 1)}, or the log was cut there"
        report.problems.append(Problem(kind="missing", key=key, detail=detail))
    return commit


def _link(commit: Commit, before: Head, report: Report) -> None:
    try:
        check_link(commit, before)
    except IntegrityError as error:
        report.problems.append(Problem(kind="chain", key=commit_key(commit.seq), detail=str(error)))


def _segments(log: Log, commit: Commit, report: Report) -> None:
    held: dict[str, tuple[Segment, bytes]] = {}
    for segment in commit.segments:
        data = _bytes(log, segment, commit, report)
        report.segments += 1
        if data is not None:
            report.bytes += len(data)
            held[segment.kind] = (segment, data)
    for problem in _contents(held, report):
        report.problems.append(problem)


def _bytes(log: Log, segment: Segment, commit: Commit, report: Report) -> bytes | None:
    by = commit_key(commit.seq)
    try:
        data = log.store.get(segment.key)
    except KeyMissing:
        report.problems.append(Problem(kind="missing", key=segment.key, detail=f"named by {by}"))
        return None
    if len(data) != segment.bytes or digest(data) != segment.sha256:
        detail = f"{len(data)} bytes, {digest(data)}; {by} names {segment.bytes} bytes, {segment.sha256}"
        report.problems.append(Problem(kind="damaged", key=segment.key, detail=detail))
        detailed = _bad_records(segment, data)
        report.problems.extend(detailed)
        return None
    return data


def _bad_records(segment: Segment, data: bytes) -> list[Problem]:
    if segment.kind != "warc":
        return []
    return [
        Problem(kind="damaged", key=segment.key, detail=f"the record at byte {offset}: {problem}")
        for offset, _, problem in warc.verify_records(data)
        if problem
    ]


def _contents(held: Mapping[str, tuple[Segment, bytes]], report: Report) -> Iterator[Problem]:
    if "warc" in held and "index" in held:
        yield from _index(*held["index"], *held["warc"], report)
    if "records" in held:
        segment, data = held["records"]
        for number, record in enumerate(decode_lines(data, segment.key)):
            report.records += 1
            if wrong := _record(record):
                yield Problem(kind="record", key=segment.key, detail=f"line {number}: {wrong}")


def _index(index: Segment, lines: bytes, segment: Segment, data: bytes, report: Report) -> Iterator[Problem]:
    places = {capture.offset: capture for capture in warc.read(data, segment.key)}
    for line in cdxj.decode(lines):
        report.captures += 1
        capture = places.pop(int(line["offset"]), None)
        if capture is None or capture.payload != line["digest"] or capture.url != line["url"]:
            detail = f"its line for {line['url']} at byte {line['offset']} is not what {segment.key} holds there"
            yield Problem(kind="index", key=index.key, detail=detail)
    for capture in places.values():
        yield Problem(kind="index", key=index.key, detail=f"no line for {capture.url} at byte {capture.offset}")


def _record(record: Mapping[str, Any]) -> str:
    try:
        digests = record["digests"]
        if digests["text"] != text_digest([record["lead"], *record["body"]]):
            return "the text is not the one its digest names"
        if digests["version"] != digest(canonical(identity(record))):
            return "the version digest is not the one of its fields"
    except (KeyError, TypeError) as error:
        return f"a field is missing: {error}"
    return ""


def fault(report: Report, uri: str) -> ArchiveError | None:
    """Return the error that stands for a report, or None where the archive is whole."""
    if report.whole:
        return None
    first = report.problems[0]
    more = f" and {len(report.problems) - 1} more" if len(report.problems) > 1 else ""
    return IntegrityError(f"{first.kind}: {first.key}: {first.detail}{more}; restore from another copy of {uri}")
