"""What the lines of segments must be: a row of an index its capture's, a record its own digests', a check a look."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import msgspec

from archive.errors import UsageError
from archive.facts.addresses import host_of
from archive.facts.canonical import canonical, digest
from archive.facts.forms import lines_digest
from archive.facts.items import Capture
from archive.facts.names import ARTICLE_ID, instant, stamp
from archive.facts.record import Record, check_instants, identity
from archive.facts.teasers import TeaserFields
from archive.texts.amounts import amount
from archive.trust.summaries import Count, Number
from archive.warc import cdxj, warc

Line = dict[str, Any]
"""A row of an index, its numbers as numbers."""
Held = tuple[Any, ...]
"""What a record and its capture's row both say: segment, offset, length, url, captured_at, status, payload."""
_COUNTS = ("status", "offset", "length")
_NUMBERS = re.compile(r"[0-9]+")
_TEXTS = ("key", "timestamp", "url", "captured_at", "digest", "filename", "mime")


class _StoredCheck(msgspec.Struct, kw_only=True):
    at: str
    url: str
    kind: str
    outcome: str
    article_id: str | None = None
    status: Count | None = None
    detail: str = ""
    reason: str = ""
    confirms: str | None = None
    payload: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    section: str | None = None
    page: Count | None = None
    listed: list[Number] = msgspec.field(default_factory=list)
    onward: str | None = None
    teasers: list[TeaserFields] = msgspec.field(default_factory=list)
    teasers_digest: str | None = None
    answered: str | None = None
    source: str | None = None


def row(line: Mapping[str, Any]) -> Line:
    """Return a decoded row of an index with its numbers as numbers. Raises KeyError, TypeError, ValueError."""
    told = {name: line[name] for name in _TEXTS} | {name: int(line[name]) for name in _COUNTS}
    if not all(isinstance(told[name], str) for name in _TEXTS):
        raise TypeError("a field is no text")
    return told | {"stored": line["stored"]} if "stored" in line else told


def row_of(capture: Capture, key: str, data: bytes) -> Line:
    """Return the row that an index must have for a capture, which stands in the segment `key` of those bytes."""
    stored = digest(data[capture.offset : capture.offset + capture.length])
    return row(next(cdxj.rows(cdxj.line(replace(capture, segment=key), stored=stored))))


def compared(rows: Iterable[Line], captures: Iterable[Line]) -> Iterator[str]:
    """Yield what is wrong with an index's rows, in their order, against those that its captures make."""
    there, last = {line["offset"]: line for line in captures}, ("", "")
    for line in rows:
        here, place = f"its line for {line['url']} at byte {line['offset']}", (line["key"], line["timestamp"])
        if not _fits(line, there.pop(line["offset"], {})):
            yield f"{here} is not what stands there"
        elif not cdxj.is_key_of(line["key"], line["url"]):
            yield f"{here} has the key of another address"
        elif place < last:
            yield f"{here} is out of order"
        last = max(last, place)
    for line in there.values():
        yield f"no line for {line['url']} at byte {line['offset']}"


def _fits(line: Line, held: Line) -> bool:
    # By the fields that it has: the first archives' rows lack `stored`.
    return line | {"key": ""} == {name: held.get(name) for name in line} | {"key": ""}


def held_by(line: Line) -> Held:
    """Return what a record of the capture in an index row must repeat."""
    return tuple(line[name] for name in ("filename", "offset", "length", "url", "captured_at", "status", "digest"))


def held_in(record: Record) -> Held:
    """Return what a record says of its capture."""
    place, digests = record["capture"], record["digests"]
    return (
        place["segment"], place["offset"], place["length"], warc.target_uri(record["url"]), record["captured_at"],
        place["http"]["status"], digests["payload"],
    )  # fmt: skip


def wrong_record(record: Any) -> str:
    """Return in what a record contradicts itself; empty where it does not."""
    try:
        told = msgspec.convert(record, Record) and cast("Record", record)
        digests, compared = told["digests"], identity(told)
        if digests["text"] != lines_digest([compared["lead"], *compared["body"]]):
            return "the text is not the one its digest names"
        if digests["headline"] != lines_digest([compared["headline"]]):
            return "the headline is not the one its digest names"
        if digests["version"] != digest(canonical(compared)):
            return "the version digest is not the one of its fields"
        if digests["payload"] != f"sha256:{told['capture']['payload_sha256']}":
            return "it names two payloads"
        msgspec.convert(told["extraction"]["revision"], Count)
        return _wrong_names(told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"it is no record: {error!r}"


def _wrong_names(record: Record) -> str:
    number, url = record["article_id"], record["url"]
    path = url.partition("//")[2].partition("/")[2]
    check_instants(record)
    if stamp(instant(record["captured_at"])) != record["captured_at"]:
        return f"{record['captured_at']!r} is no instant as records have it"
    if not ARTICLE_ID.fullmatch(number) or number not in _NUMBERS.findall(path):
        return f"{number!r} is no article's number in {url}"
    if host_of(url) != record["mirror"]:
        return f"{record['mirror']!r} is not the host of {url}"
    return ""


def wrong_check(check: Any) -> str:
    """Return why a line is no look; empty where it is one."""
    try:
        told = msgspec.convert(check, _StoredCheck)
        if stamp(instant(told.at)) != told.at:
            return f"{told.at!r} is no instant as looks have it"
        if told.article_id is not None and not ARTICLE_ID.fullmatch(told.article_id):
            return f"{told.article_id!r} is no article's number"
        if told.teasers and len(told.teasers) != len(told.listed):
            return f"it lists {amount(len(told.listed), 'article')} and shows {len(told.teasers)}"
        if told.confirms is not None:
            instant(told.confirms)
        warc.target_uri(told.url)
    except (TypeError, ValueError, OverflowError, UsageError) as error:
        return f"it is no look: {error}"
    return ""
