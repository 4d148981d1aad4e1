"""WARC 1.1 (ISO 28500:2017): one exchange as a response and a request record, one gzip member a record."""

import base64
import hashlib
import io
import re
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from isal import isal_zlib
from warcio.archiveiterator import ArchiveIterator

from archive.ids import instant, stamp
from archive.items import Capture

_WBITS, _LEVEL, _CHUNK = 31, 1, 65536
_NAMESPACE = uuid.UUID("6f0d6f0c-3c55-5a53-9a9e-6d7c6b1c2c11")
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]+")
# The body is kept without its transfer coding, so a header that names one would make readers misread it.
_DROPPED = frozenset({b"transfer-encoding"})
Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One gzip member of a file: where it lies and what it holds."""

    offset: int
    length: int
    data: bytes


def _warc_digest(data: bytes) -> str:
    return "sha256:" + base64.b32encode(hashlib.sha256(data).digest()).decode()


def _hex_digest(text: str) -> str:
    return "sha256:" + base64.b32decode(text.partition(":")[2]).hex()


def _record(kind: str, fields: Fields, block: bytes) -> bytes:
    lines = [
        ("WARC-Type", kind),
        *fields,
        ("WARC-Block-Digest", _warc_digest(block)),
        ("Content-Length", str(len(block))),
    ]
    head = "WARC/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n"
    squeeze = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _WBITS)
    return bytes(squeeze.compress(head.encode() + block + b"\r\n\r\n") + squeeze.flush())


def _uri(url: str) -> str:
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~-._")


def _record_id(capture: Capture, kind: str) -> str:
    name = f"{kind} {stamp(capture.captured_at)} {capture.payload} {capture.url}"
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, name)}>"


def _headers(pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    kept = [(n, v) for n, v in pairs if n.lower() not in _DROPPED]
    return b"".join(_CONTROL.sub(b" ", n) + b": " + _CONTROL.sub(b" ", v) + b"\r\n" for n, v in kept) + b"\r\n"


def _fields(capture: Capture, kind: str) -> list[tuple[str, str]]:
    fields = [
        ("WARC-Record-ID", _record_id(capture, kind)),
        ("WARC-Date", stamp(capture.captured_at)),
        ("WARC-Target-URI", _uri(capture.url)),
    ]
    return fields + ([("WARC-IP-Address", capture.server_address)] if capture.server_address else [])


def _status(capture: Capture) -> bytes:
    reason = _CONTROL.sub(b" ", capture.reason.encode("latin-1", "replace"))
    return f"{capture.protocol} {capture.status} ".encode("latin-1") + reason + b"\r\n"


def _request(capture: Capture) -> bytes:
    path = "/" + _uri(capture.url).split("/", 3)[3] if capture.url.count("/") > 2 else "/"
    block = f"{capture.method} {path} {capture.protocol}\r\n".encode("latin-1") + _headers(capture.request_headers)
    fields = [
        *_fields(capture, "request"),
        ("WARC-Concurrent-To", _record_id(capture, "response")),
        ("Content-Type", "application/http; msgtype=request"),
    ]
    return _record("request", fields, block)


def encode(capture: Capture) -> bytes:
    """Return the capture's response and request members. Digests are base32 SHA-256, as WARC tools check them.

    Control characters in an address are percent-encoded, in a header value made spaces, so no record can be smuggled.
    """
    block = _status(capture) + _headers(capture.response_headers) + capture.body
    fields = [
        *_fields(capture, "response"),
        ("Content-Type", "application/http; msgtype=response"),
        ("WARC-Payload-Digest", _warc_digest(capture.body)),
    ]
    return _record("response", fields, block) + _request(capture)


def encode_revisit(capture: Capture, *, refers_to_uri: str, refers_to_date: str) -> bytes:
    """Return a revisit and a request member: the payload is the one captured at that address and time before."""
    fields = [
        *_fields(capture, "response"),
        ("WARC-Profile", _PROFILE),
        ("WARC-Refers-To-Target-URI", _uri(refers_to_uri)),
        ("WARC-Refers-To-Date", refers_to_date),
        ("Content-Type", "application/http; msgtype=response"),
        ("WARC-Payload-Digest", _warc_digest(capture.body)),
    ]
    return _record("revisit", fields, _status(capture) + _headers(capture.response_headers)) + _request(capture)


def encode_info(software: str, when: datetime) -> bytes:
    """Return a warcinfo member that names the program."""
    block = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    record_id = f"<urn:uuid:{uuid.uuid5(_NAMESPACE, f'info {stamp(when)} {software}')}>"
    fields = [("WARC-Record-ID", record_id), ("WARC-Date", stamp(when)), ("Content-Type", "application/warc-fields")]
    return _record("warcinfo", fields, block)


def members(data: bytes) -> Iterator[Member]:
    """Yield the whole gzip members from the start; a torn or damaged one ends them without an error."""
    offset = 0
    while offset < len(data):
        inflate, out, at = zlib.decompressobj(_WBITS), [], offset
        try:
            while not inflate.eof and at < len(data):
                out.append(inflate.decompress(data[at : at + _CHUNK]))
                at += _CHUNK
        except zlib.error:
            return
        if not inflate.eof:
            return
        end = min(at, len(data)) - len(inflate.unused_data)
        yield Member(offset=offset, length=end - offset, data=b"".join(out))
        offset = end


def _parsed(member: Member) -> Any:
    return next(iter(ArchiveIterator(io.BytesIO(member.data), no_record_parse=False)))


def read(data: bytes, segment: str | None = None) -> Iterator[Capture]:
    """Yield the captures of a segment; `offset` and `length` cover the response and request members of each."""
    answer: Capture | None = None
    for member in members(data):
        record = _parsed(member)
        if record.rec_type in ("response", "revisit"):
            answer = _response(record, member, segment)
        elif record.rec_type == "request" and answer is not None:
            pairs = tuple((n.encode("latin-1"), v.encode("latin-1")) for n, v in record.http_headers.headers)
            length = member.offset + member.length - answer.offset
            yield replace(answer, request_headers=pairs, method=record.http_headers.protocol, length=length)
            answer = None


def _response(record: Any, member: Member, segment: str | None) -> Capture:
    warc, http = record.rec_headers, record.http_headers
    status, _, reason = http.statusline.partition(" ")
    return Capture(
        url=warc.get_header("WARC-Target-URI"),
        captured_at=instant(warc.get_header("WARC-Date")),
        status=int(status),
        reason=reason.strip(),
        protocol=http.protocol,
        response_headers=tuple((n.encode("latin-1"), v.encode("latin-1")) for n, v in http.headers),
        body=record.raw_stream.read() if record.rec_type == "response" else b"",
        payload=_hex_digest(warc.get_header("WARC-Payload-Digest")),
        server_address=warc.get_header("WARC-IP-Address"),
        segment=segment,
        offset=member.offset,
        length=member.length,
    )


def decode(data: bytes) -> Capture | None:
    """Return the capture at the start of these bytes, or None where there is no whole one."""
    return next(read(data), None)


def verify_records(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield (offset, length, problem or empty) of each record, going on behind a damaged one at the next gzip magic."""
    offset = 0
    while offset < len(data):
        member = next(members(data[offset:]), None)
        if member is None:
            following = data.find(b"\x1f\x8b\x08", offset + 1)
            end = following if following > 0 else len(data)
            yield offset, end - offset, "damaged or torn gzip member"
            offset = end
            continue
        head, _, block = member.data.partition(b"\r\n\r\n")
        named = re.search(rb"WARC-Block-Digest: (\S+)", head)
        wrong = named is None or named[1].decode() != _warc_digest(block.removesuffix(b"\r\n\r\n"))
        yield offset, member.length, "its block is not the one of its digest" if wrong else ""
        offset += member.length
