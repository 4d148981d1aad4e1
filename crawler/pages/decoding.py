"""From wire bytes to text: content codings off within a bound, then the charset (`charsets.py` beside this).

No Scrapy here: the crawl, a replay and a backfill decode the same way. Scrapy's own `gunzip` takes half a gzip
body for a whole one; here a decoder that does not reach its end is an error.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from typing import Literal

from archive.errors import ArchiveError
from archive.facts.items import Capture
from crawler.pages.charsets import BOMS, text

PAGE_LIMIT = 8 * 1024 * 1024
MAX_CODINGS = 4
# What is left is copied for each, so that many cost the square.
_MOST_MEMBERS = 5000


class DecodingError(ArchiveError):
    """Base of what keeps a body from being read; the capture itself is kept as it is."""


class Truncated(DecodingError):
    """Raise for a compressed body that is cut or damaged: the decoder met no end, trailer or checksum."""


class TooLarge(DecodingError):
    """Raise for a body that grows over the limit, a compression bomb for one."""


class UnknownCoding(DecodingError):
    """Raise for a content coding that this reader does not know, or a chain that is too long."""


def _cut(coding: str) -> Truncated:
    return Truncated(f"{coding} body is cut or damaged: its end was not reached; fetch it again")


def _over(limit: int) -> TooLarge:
    return TooLarge(f"body is over {limit} bytes once decoded; raise the limit if it is no bomb")


def _inflate(body: bytes, limit: int, coding: str, window: int) -> bytes:
    out, rest = b"", body
    for _ in range(_MOST_MEMBERS):
        decoder = zlib.decompressobj(window)
        try:
            out += decoder.decompress(rest, limit + 1 - len(out))
        except zlib.error as error:
            raise _cut(coding) from error
        if len(out) > limit:
            raise _over(limit)
        if not decoder.eof:
            raise _cut(coding)
        # RFC 1952: members may follow one another; anything else behind the trailer is padding.
        rest = decoder.unused_data
        if window != 31 or not rest.startswith(b"\x1f\x8b"):
            return out
    raise TooLarge(f"{coding} body of more than {_MOST_MEMBERS} members; no server packs a page so")


def _gzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, limit, "gzip", 31)


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflate(body, limit, "deflate", 15)
    except Truncated:
        # Old servers send raw DEFLATE under this name (RFC 9110, section 8.4.1.2).
        return _inflate(body, limit, "deflate", -15)


def _brotli(body: bytes, limit: int) -> bytes:
    import brotli  # noqa: PLC0415 - most archives never meet it

    decoder, out, rest = brotli.Decompressor(), b"", body
    while not decoder.is_finished():
        try:
            piece = decoder.process(rest, output_buffer_limit=1 << 20)
        except brotli.error as error:
            raise _cut("br") from error
        out, rest = out + piece, b""
        if len(out) > limit:
            raise _over(limit)
        if not piece and decoder.can_accept_more_data() and not decoder.is_finished():
            raise _cut("br")
    return out


def _zstd(body: bytes, limit: int) -> bytes:
    import zstandard  # noqa: PLC0415 - most archives never meet it

    decoder = zstandard.ZstdDecompressor(max_window_size=1 << 23).decompressobj()
    out = bytearray()
    # A block of four bytes may stand for 128 KiB, so the input goes in by small pieces to bound the output.
    for start in range(0, len(body), 256):
        try:
            out += decoder.decompress(body[start : start + 256])
        except zstandard.ZstdError as error:
            raise _cut("zstd") from error
        if len(out) > limit:
            raise _over(limit)
        if decoder.eof:
            return bytes(out)
    raise _cut("zstd")


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
_MAGIC = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
# What servers write where they mean that nothing is packed; browsers pass over it.
_NO_CODINGS = frozenset({"", "identity", "none", "null", "utf-8", "utf8", "iso-8859-1", "8bit", "7bit", "binary"})
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _is_lie(body: bytes, coding: str) -> bool:
    magic = _MAGIC.get(coding)
    if magic is not None:
        return not (body.startswith(magic) or magic.startswith(body))
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{")


def _is_text(body: bytes) -> bool:
    start = body[:1024]
    return start.startswith(tuple(mark for mark, _ in BOMS)) or not _BINARY.search(start)


def _named(encodings: Sequence[str]) -> list[str]:
    codings = (c.strip().lower() for value in encodings for c in value.split(","))
    return [c for c in codings if c not in _NO_CODINGS]


def unpack(body: bytes, encodings: Sequence[str], limit: int = PAGE_LIMIT) -> tuple[bytes, tuple[str, ...]]:
    """Take content codings (RFC 9110, section 8.4) off a body; return it and the issues met.

    `encodings` are values of Content-Encoding, each maybe a list itself, in the order they were applied. A text that
    is not what its label says is returned as it is with the issue `encoding_lie`. `limit` is in bytes, for every step.
    Raises Truncated, TooLarge, and UnknownCoding, also for bytes that are neither what the label says nor text.
    """
    codings = _named(encodings)
    if len(codings) > MAX_CODINGS:
        raise UnknownCoding(f"{len(codings)} content codings on one body; at most {MAX_CODINGS} are undone")
    issues: tuple[str, ...] = ()
    for coding in reversed(codings):
        if not body:
            break
        if _is_lie(body, coding):
            if not _is_text(body):
                raise UnknownCoding(f"a body labelled {coding[:40]!r} is neither that nor text; fetch it again")
            issues = ("encoding_lie",)
        elif coding in _DECODERS:
            body = _DECODERS[coding](body, limit)
        else:
            raise UnknownCoding(f"content coding {coding[:40]!r} is not known; known are {', '.join(_DECODERS)}")
    if len(body) > limit:
        raise _over(limit)
    return body, issues


def proves_end(body: bytes, encodings: Sequence[str], issues: Sequence[str]) -> bool:
    """Return whether a body's packing proves that it is whole; `issues` are what `unpack` met.

    Each coding that is known has an end of its own, and most a checksum, without which it can't be undone.
    """
    return bool(body and _named(encodings) and "encoding_lie" not in issues)


Coded = Literal["truncated", "bomb", "http_error"]


def ended(error: DecodingError, encodings: Sequence[str]) -> Coded:
    """Return the outcome of an answer whose content codings can't be undone: cut, a bomb, or none that is known."""
    if isinstance(error, Truncated):
        return "truncated"
    return "bomb" if isinstance(error, TooLarge) or len(_named(encodings)) > MAX_CODINGS else "http_error"


def content(body: bytes, encodings: Sequence[str], limit: int = PAGE_LIMIT) -> bytes:
    """Return a body without its content codings, as `unpack` does, issues left out. Raises as `unpack`."""
    return unpack(body, encodings, limit)[0]


def codings(capture: Capture) -> list[str]:
    """Return the values of every Content-Encoding line of a capture, in order."""
    return [v.decode("latin-1") for k, v in capture.response_headers if k.lower() == b"content-encoding"]


def _is_lone_and_true(capture: Capture) -> bool:
    # Only then has undoing it met no issue for certain; a lie and a chain are undone again.
    named = _named(codings(capture))
    return len(named) == 1 and not _is_lie(capture.body, named[0])


def html(capture: Capture, limit: int = PAGE_LIMIT, unpacked: bytes | None = None) -> tuple[str, tuple[str, ...]]:
    """Return a capture's page as text and the issues met.

    `unpacked` is what `unpack` gave for its body, where that was done before. `limit` is in bytes. Raises Truncated,
    TooLarge, UnknownCoding.
    """
    lies: tuple[str, ...] = ()
    if unpacked is not None and len(unpacked) <= limit and _is_lone_and_true(capture):
        body = unpacked
    else:
        body, lies = unpack(capture.body, codings(capture), limit)
    decoded, issues = text(body, capture.header("content-type"))
    return decoded, (*lies, *issues)
