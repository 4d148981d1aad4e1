"""HTTP exchanges out of WARC records, ours and those of others: which records belong together, what they say."""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from archive.errors import IntegrityError
from archive.facts.canonical import digest
from archive.facts.items import Capture
from archive.facts.names import instant

Headers = Sequence[tuple[bytes, bytes]]
END = b"\r\n\r\n"
"""What ends a head, of a record and of a message."""
HEAD_END = re.compile(rb"\r?\n\r?\n")
"""The same in files of those who end lines in LF."""
_LINE_END, _INTERIM = re.compile(rb"\r?\n"), re.compile(rb"HTTP/[\d.]+[ \t]+1\d\d\b")
_CONCURRENT = "warc-concurrent-to"
_ONCE = frozenset({"content-length", "warc-type", "warc-date", "warc-record-id", "warc-target-uri"})
_NOT_MODIFIED, _SERVER_SAID = 304, "/revisit/server-not-modified"
_MOST_ASKED = 1_000_000
_SIXTIETH = re.compile(r"(T\d\d:59):60(?:\.\d+)?(?=Z)")
"""A leap second (RFC 3339, section 5.7), which no datetime holds."""
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit(Capture):
    """A capture whose payload lies elsewhere: `body` is empty, `payload` the digest of the original's."""

    refers_to_uri: str
    """The address of the capture that holds the payload."""
    refers_to_date: str
    """Its `captured_at`, RFC 3339 text in UTC."""
    refers_to_id: str = ""
    """Its WARC-Record-ID, as others name it; ours name address and date alone."""
    not_modified: bool = False
    """Whether the server said 304: then it names no payload, it confirms what its address gave before."""


class WarcRecord(NamedTuple):
    """One WARC record as it lies in a file."""

    offset: int
    """Where it begins, in bytes; that of its gzip member where there is one."""
    end: int
    fields: Mapping[str, str]
    """By lower-case name."""
    block: bytes

    @property
    def kind(self) -> str:
        """Its WARC-Type, in lower case."""
        return self.fields.get("warc-type", "").lower()

    @property
    def id(self) -> str:
        """Its WARC-Record-ID."""
        return self.fields.get("warc-record-id", "")

    @property
    def concurrent(self) -> list[str]:
        """The ids of the records that it is tied to."""
        return [name.rstrip(",") for name in self.fields.get(_CONCURRENT, "").split()]

    @property
    def uri(self) -> str:
        """Its WARC-Target-URI, without the angle brackets that some write around it."""
        return self.fields.get("warc-target-uri", "").removeprefix("<").removesuffix(">")


def fields_of(head: bytes) -> dict[str, str]:
    """Return the fields of a record's head, names in lower case; the values of a repeated one in one, parted by `, `.

    By ISO 28500:2017, section 5.7, WARC-Concurrent-To alone may be repeated; others repeat WARC-Protocol, digests and
    operators. Where two say what can be only once (`_ONCE`), nobody knows which is true, and neither stays.
    """
    found: dict[str, list[str]] = {}
    for raw, value in header_lines(_LINE_END.sub(b"\r\n", head).partition(b"\r\n")[2]):
        values = found.setdefault(raw.decode("utf-8", "replace").lower(), [])
        if (text := value.decode("utf-8", "replace")) not in values:
            values.append(text)
    return {name: "" if name in _ONCE and len(values) > 1 else ", ".join(values) for name, values in found.items()}


def header_lines(head: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return (name, value) of each line of a head, folded lines made one."""
    # Records made by others may fold a value over lines (RFC 9112, section 5.2).
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", head)
    parted = (line.partition(b":") for line in unfolded.split(b"\r\n"))
    return tuple((name.strip(), value.strip(b" \t")) for name, colon, value in parted if colon)


def parted(block: bytes) -> tuple[bytes, bytes]:
    """Return an HTTP message's head and body; the head's lines end in CRLF, though some servers end them in LF.

    Interim answers before it (1xx: RFC 9110, section 15.2) are read past, as many as there are.
    """
    start, end = 0, HEAD_END.search(block)
    while end and _INTERIM.match(block, start) and block.startswith(b"HTTP/", end.end()):
        start, end = end.end(), HEAD_END.search(block, end.end())
    if end is None:
        return block[start:], b""
    head = block[start : end.start()]
    return (head if end[0] == END else _LINE_END.sub(b"\r\n", head)), block[end.end() :]


def exchanges(records: Iterable[WarcRecord]) -> Iterator[tuple[WarcRecord, WarcRecord | None]]:
    """Yield each response or revisit with its request, which may stand on either side of it.

    What came before a warcinfo is yielded before the records behind it are asked for: it is about those alone.
    """
    held: WarcRecord | None = None
    for record in records:
        if record.kind == "warcinfo" and held is not None and held.kind != "request":
            yield held, None
            held = None
        if record.kind not in ("response", "revisit", "request") or not record.uri.lower().startswith("http"):
            continue
        if held is not None and _belong(held, record):
            yield (record, held) if held.kind == "request" else (held, record)
            held = None
        else:
            if held is not None and held.kind != "request":
                yield held, None
            held = record
    if held is not None and held.kind != "request":
        yield held, None


def _belong(one: WarcRecord, other: WarcRecord) -> bool:
    tied = other.id in one.concurrent or one.id in other.concurrent
    return tied and (one.kind == "request") != (other.kind == "request")


class Asked:
    """The requests of a file that ask for more than a page, by what they are tied to, wherever they stand."""

    def __init__(self, records: Iterable[WarcRecord]) -> None:
        self._by_id: dict[str, WarcRecord] = {}
        self._by_place: dict[tuple[str, str], WarcRecord] = {}
        for record in records:
            if record.kind == "request" and not record.block.startswith(b"GET ") and len(self._by_id) < _MOST_ASKED:
                self._note(record)

    def _note(self, record: WarcRecord) -> None:
        # A form that was sent may be long, and its first line is all that is asked for.
        short = record._replace(block=record.block.partition(END)[0] + END)
        self._by_id |= dict.fromkeys([record.id, *record.concurrent], short)
        if not record.concurrent:
            self._by_place[record.uri, record.fields.get("warc-date", "")] = short

    def of(self, response: WarcRecord) -> WarcRecord | None:
        """Return the request of a response that stood alone, None where it was a GET or is not there."""
        named = [self._by_id[name] for name in (response.id, *response.concurrent) if name in self._by_id]
        beside = self._by_place.get((response.uri, response.fields.get("warc-date", "")))
        return named[0] if named else beside


def capture_of(response: WarcRecord, request: WarcRecord | None, segment: str | None) -> Capture:
    """Return the capture that a response or revisit and its request are. Raises IntegrityError for a bad WARC-Date."""
    head, body = parted(response.block)
    first, _, rest = head.partition(b"\r\n")
    protocol, status, reason = [*first.split(b" ", 2), b"", b""][:3]
    asked, _, request_rest = (request.block if request else b"GET").partition(b"\r\n")
    headers, fields = header_lines(rest), response.fields
    offset = min(response.offset, request.offset) if request else response.offset
    common: dict[str, Any] = {
        "url": response.uri,
        "captured_at": date_of(response),
        "status": int(status) if status.isdigit() and len(status) == 3 else 0,
        "request_headers": header_lines(request_rest.partition(END)[0]),
        "response_headers": headers,
        "method": asked.partition(b" ")[0].decode("latin-1"),
        "protocol": fields.get("warc-protocol") or protocol.decode("latin-1"),
        "reason": reason.strip(b" \t").decode("latin-1"),
        "server_address": fields.get("warc-ip-address", "").partition(",")[0] or None,
        "segment": segment,
        "offset": offset,
        "length": max(response.end, request.end if request else 0) - offset,
    }
    if response.kind == "response":
        body, ended = _unchunked(body, headers)
        return Capture(
            **common,
            body=body,
            payload=digest(body),
            truncated=_truncated(fields, ended=ended),
            unbounded="x-body-ended-by" in fields,
        )
    uri, date = fields.get("warc-refers-to-target-uri", response.uri), fields.get("warc-refers-to-date", "")
    return Revisit(
        **common,
        payload=_hex(fields.get("warc-payload-digest", "")),
        refers_to_uri=uri,
        refers_to_date=date,
        refers_to_id=fields.get("warc-refers-to", ""),
        not_modified=common["status"] == _NOT_MODIFIED or _SERVER_SAID in fields.get("warc-profile", ""),
    )


def date_of(record: WarcRecord) -> datetime:
    """Return a record's WARC-Date. Raises IntegrityError where it is no instant."""
    text = record.fields.get("warc-date", "")
    try:
        return instant(_SIXTIETH.sub(r"\1:59.999999", text.upper()))
    except ValueError as error:
        raise IntegrityError(f"WARC-Date {text!r} at byte {record.offset} is no instant; mend the file") from error


def _truncated(fields: Mapping[str, str], *, ended: bool) -> str:
    # The first record of a segmented one holds as much as its maker's records may be long.
    segmented = "length" if "warc-segment-number" in fields else ""
    return fields.get("warc-truncated") or segmented or ("" if ended else "disconnect")


def _unchunked(body: bytes, headers: Headers) -> tuple[bytes, bool]:
    """Return a body without its chunks (RFC 9112, section 7.1), and whether its last chunk was reached.

    One that is in no chunks, though its headers say so, is as its maker unpacked it.
    """
    if not any(name.lower() == b"transfer-encoding" and b"chunked" in value.lower() for name, value in headers):
        return body, True
    parts: list[bytes] = []
    at = 0
    while (begun := _CHUNK.match(body, at)) is not None:
        size = int(begun[1], 16)
        if size == 0:
            return b"".join(parts), True
        parts.append(body[begun.end() : begun.end() + size])
        at = begun.end() + size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    return (b"".join(parts), False) if parts else (body, True)


def _hex(text: str) -> str:
    """Return a digest that others wrote in base32 in hex; any other as it is."""
    algorithm, _, value = text.partition(":")
    if len(value) % 8 == 0 and re.fullmatch("[A-Z2-7]{32,}(={0,1}|={3,4}|={6})", value):
        return f"{algorithm.lower()}:{base64.b32decode(value).hex()}"
    return text
