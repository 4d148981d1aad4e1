"""A proof: one version with all that ties it to a head, small enough to mail; docs/check_proof.py checks it offline.

The record lies in a records segment, its capture's place and bytes are named by an index segment, both segments are
named by commits, and each commit holds the digest of the one before, up to the head. Every byte of a proof is tied to
the head or to the canonical form of the file, so a change of any byte is seen.
"""

import base64

from archive.errors import IntegrityError, UsageError
from archive.facts.canonical import canonical
from archive.facts.record import Record
from archive.log.chain import EMPTY, Commit, Head, Segment
from archive.log.distant import commits_after
from archive.log.segments import decode_lines, most, read_segment
from archive.opened import Archive
from archive.warc.cdxj import decode
from archive.warc.warc import target_uri

SCHEMA = "presstv.proof/1"


def prove(archive: Archive, record: Record, head: str | None = None) -> bytes:
    """Return the proof of a record as canonical JSON (RFC 8785).

    It begins at the commit that brought the record's capture and ends at the head of the digest `head`, by default
    today's. Raises UsageError where no commit has that digest or the record came after it, IntegrityError where the
    archive does not hold what the record says.
    """
    commits, names = list[Commit](), record["capture"]["segment"]
    # A head that was named may be any commit of the log.
    for commit in commits_after(archive.log, EMPTY if head else _before(archive, record)):
        if commits or any(segment.key == names for segment in commit.segments):
            commits.append(commit)
        if commit.digest == head:
            break
    else:
        if head is not None:
            raise UsageError(
                f"no commit of {archive.store.uri} has the digest {head}; run: scrapy verify --head {head}"
            )
    index = _index_segment(commits, record)
    records, line = _record_segment(archive, commits, record)
    capture = record["capture"]
    return canonical(
        {
            "schema": SCHEMA,
            "article_id": record["article_id"],
            "captured_at": record["captured_at"],
            "head": {"seq": commits[-1].seq, "digest": commits[-1].digest},
            "commits": [commit.data.decode() for commit in commits],
            "records": {"key": records.key, "line": line, "data": _text(read_segment(archive.store, records))},
            "index": {"key": index.key, "data": _text(_checked_index(archive, index, record))},
            "warc": _text(archive.store.get_range(capture["segment"], capture["offset"], capture["length"])),
        }
    )


_BROUGHT = (
    "SELECT c.seq FROM interned u JOIN captured c ON c.address = u.number "
    "WHERE u.text = ? AND c.captured_at = ? AND c.payload = ?"
)


def _before(archive: Archive, record: Record) -> Head:
    """Return where the log stood before the commit that brought a record's capture; its beginning where that is unsure.

    The catalog says which commit that may be, the commit itself whether it is.
    """
    name = target_uri(record["url"]), record["captured_at"], record["digests"]["payload"]
    row = archive.catalog.db.execute(_BROUGHT, name).fetchone()
    commit = archive.log.read(row[0]) if row else None
    if commit and any(segment.key == record["capture"]["segment"] for segment in commit.segments):
        return Head(seq=commit.seq - 1, digest=commit.previous)
    return EMPTY


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _record_segment(archive: Archive, commits: list[Commit], record: Record) -> tuple[Segment, int]:
    """Find the record, mostly in the first commit: what is read from a capture comes with it or after it."""
    wanted = canonical(record)
    named = [(c, segment) for c in commits for segment in c.segments if segment.kind == "records"]
    for commit, segment in named:
        data = read_segment(archive.store, segment)
        for number, line in enumerate(decode_lines(data, segment.key, most(commit, segment))):
            if canonical(line) == wanted:
                return segment, number
    raise IntegrityError(
        f"no segment up to commit {commits[-1].seq} holds the record {record['article_id']}@{record['captured_at']}; "
        "prove it with a later head, or run: scrapy verify"
    )


def _index_segment(commits: list[Commit], record: Record) -> Segment:
    key = record["capture"]["segment"]
    for segment in commits[0].segments if commits else ():
        if segment.kind == "index" and segment.key.partition(".")[0] == key.partition(".")[0]:
            return segment
    raise IntegrityError(
        f"no commit up to that head names {key}, which the record gives as its capture's, and an index of it; prove it "
        "with a later head, or run: scrapy verify"
    )


def _checked_index(archive: Archive, index: Segment, record: Record) -> bytes:
    data = read_segment(archive.store, index)
    place = record["capture"]
    if not any(int(line["offset"]) == place["offset"] and line.get("stored") for line in decode(data)):
        raise IntegrityError(f"{index.key} has no line for the capture at byte {place['offset']}; run: scrapy verify")
    return data
