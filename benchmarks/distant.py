"""An archive far away: requests that a new machine needs for its first reading, against the number of commits.

The commits are small, as a quiet outlet's are: a few looks and one capture each, a record in every tenth.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archive.facts.canonical import digest
from archive.facts.items import Article, Capture, Check
from archive.facts.names import batch_id, commit_key, segment_key
from archive.facts.outcomes import SegmentKind
from archive.facts.record import build
from archive.log.batch import check_line
from archive.log.chain import EMPTY, Draft, Head, Log, Segment
from archive.log.segments import encode_lines
from archive.warc import cdxj
from benchmarks.archives import WRITER
from crawler.editions.presstv_fr import PRESSTV_FR

_START = datetime(2026, 11, 24, tzinfo=UTC)
_EVERY = timedelta(minutes=15)
_RECORD_EVERY = 10
_LOOKS = 3


def fill(log: Log, commits: int, *, head: Head = EMPTY, looks_only: bool = False) -> Head:
    """Append so many commits to a log, each with an index and checks, every tenth with a record; return its head.

    The captures that these name are nowhere: who verifies misses them, but with `looks_only`, which has checks alone.
    """
    for seq in range(head.seq + 1, head.seq + commits + 1):
        at = _START + seq * _EVERY
        segments = []
        for segment, data in _segments(seq, at):
            if looks_only and segment.kind != "checks":
                continue
            log.store.create(segment.key, data)
            segments.append(segment)
        draft = Draft(crawl=f"crawl-{seq}", writer=WRITER, segments=segments, summary={}, committed_at=at)
        data = draft.at(head)
        log.store.create(commit_key(seq), data)
        head = Head(seq=seq, digest=digest(data))
    return head


def _segments(seq: int, at: datetime) -> Iterator[tuple[Segment, bytes]]:
    name, number = batch_id(at, "benchmark-00000001", seq), str(700_000 + seq // _RECORD_EVERY)
    url = f"https://{PRESSTV_FR.hosts[0]}/Detail/2026/11/24/{number}/titre"
    place = segment_key("captures", at.date(), name, "warc.gz")
    body = f"{url} {seq}".encode()
    taken = Capture(
        url=url, captured_at=at, status=200, body=body, payload=digest(body), segment=place, offset=300, length=900
    )
    index = [cdxj.line(taken, stored=digest(body))]
    yield _made(segment_key("captures", at.date(), name, "cdxj.gz"), "index", cdxj.encode(index), 1)
    read = seq % _RECORD_EVERY == 0
    if read:
        record = build(
            Article(article_id=number, url=url, headline="Un bac", body=("Un pont.",), layout="classic"),
            replace(taken, segment=None), mirror=PRESSTV_FR.hosts[0], revision=1,
        )  # fmt: skip
        record["capture"] |= {"segment": place, "offset": 300, "length": 900}
        packed = encode_lines([record])
        yield _made(segment_key("records", at.date(), name, "jsonl.gz"), "records", packed.data, 1)
    looks = [
        check_line(
            Check(at=at + timedelta(seconds=turn), url=f"https://{PRESSTV_FR.hosts[0]}/{turn}", kind="section",
                  outcome="listed", status=200)
        ) for turn in range(_LOOKS - 1)
    ] + [
        check_line(Check(at=at, url=url, kind="article", article_id=number, outcome="new", status=200))
        if read else check_line(Check(at=at, url=url, kind="article", article_id=number, outcome="timeout"))
    ]  # fmt: skip
    checks = encode_lines(looks)
    yield _made(segment_key("checks", at.date(), name, "jsonl.gz"), "checks", checks.data, len(looks))


def _made(key: str, kind: SegmentKind, data: bytes, lines: int) -> tuple[Segment, bytes]:
    return Segment(key=key, kind=kind, bytes=len(data), sha256=digest(data), lines=lines), data
