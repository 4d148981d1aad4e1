"""A proof: one version with all that ties it to a head, small enough to mail; docs/check_proof.py checks it offline.

The record lies in a records segment, its capture's place and bytes are named by an index segment, both segments are
named by commits, and each commit holds the digest of the one before, up to the head. Every byte of a proof is tied to
the head or to the canonical form of the file, so a change of any byte is seen.
"""

import base64
from typing import Any

from archive.archive import Archive
from archive.batch import decode_lines, read_segment
from archive.cdxj import decode
from archive.errors import IntegrityError
from archive.log import Commit, Segment
from archive.record import Record, canonical

SCHEMA = "presstv.proof/1"


def prove(archive: Archive, record: Record) -> bytes:
    """Return the proof of a record as canonical JSON (RFC 8785).

    It begins at the commit that brought the record or its capture, whichever is earlier, and ends at today's head.
    Raises IntegrityError where the archive does not hold what the record says.
    """
    commits = list(archive.log.after())
    records, line = _record_segment(archive, commits, record)
    index = _index_segment(commits, record)
    warc = record["capture"]
    first = min(_brought(commits, records), _brought(commits, index))
    return canonical(
        {
            "schema": SCHEMA,
            "article_id": record["article_id"],
            "captured_at": record["captured_at"],
            "head": {"seq": commits[-1].seq, "digest": commits[-1].digest},
            "commits": [commit.data.decode() for commit in commits[first - 1 :]],
            "records": {"key": records.key, "line": line, "data": _text(read_segment(archive.store, records))},
            "index": {"key": index.key, "data": _text(_checked_index(archive, index, record))},
            "warc": _text(archive.store.get_range(warc["segment"], warc["offset"], warc["length"])),
        }
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _brought(commits: list[Commit], segment: Segment) -> int:
    return next(commit.seq for commit in commits if segment in commit.segments)


def _record_segment(archive: Archive, commits: list[Commit], record: Record) -> tuple[Segment, int]:
    wanted = canonical(record)
    for commit in reversed(commits):
        for segment in commit.segments:
            if segment.kind == "records":
                for number, line in enumerate(decode_lines(read_segment(archive.store, segment), segment.key)):
                    if canonical(line) == wanted:
                        return segment, number
    raise IntegrityError(
        f"no segment holds the record {record['article_id']}@{record['captured_at']}; run: scrapy verify"
    )


def _index_segment(commits: list[Commit], record: Record) -> Segment:
    key = record["capture"]["segment"]
    for commit in commits:
        if any(segment.key == key for segment in commit.segments):
            return next(segment for segment in commit.segments if segment.kind == "index")
    raise IntegrityError(f"no commit names {key}, which the record gives as its capture's; run: scrapy verify")


def _checked_index(archive: Archive, index: Segment, record: Record) -> bytes:
    data = read_segment(archive.store, index)
    place: dict[str, Any] = record["capture"]
    if not any(int(line["offset"]) == place["offset"] and line.get("stored") for line in decode(data)):
        raise IntegrityError(f"{index.key} has no line for the capture at byte {place['offset']}; run: scrapy verify")
    return data
