"""From wire bytes to text: content codings off within a bound, then the charset that the bytes really are in.

No Scrapy here: the crawl, a replay and a backfill decode the same way. Scrapy's own `gunzip` takes half a gzip
body for a whole one; here a decoder that does not reach its end is an error.
"""

import codecs
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Literal

from archive.errors import ArchiveError
from archive.facts.items import Capture

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
    return start.startswith(tuple(mark for mark, _ in _BOMS)) or not _BINARY.search(start)


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


_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# UTF-7 and the codecs that are no charsets are left out on purpose: labels come from the network.
_CHARSETS = re.compile(
    r"utf-8|utf-16(-[lb]e)?|cp125\d|cp1256|iso8859-\d+|koi8-[ru]|gb18030|gbk|gb2312|big5|euc_jp|euc_kr|shift_jis"
)
# Browsers read these labels as windows-1252 (WHATWG Encoding, section 4.2).
_AS_CP1252 = {"ascii", "iso8859-1", "cp1252"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_CONTROLS = bytes(b for b in range(0x20) if b not in b"\t\n\r") + b"\x7f"
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));?")
# All but decimal references from 32 to 119 and 160 to 9999, by which some servers write every accent: those stay.
_RARE_REFERENCE = re.compile(
    r"&#(?:[xX]|(?!(?:3[2-9]|[4-9][0-9]|1(?:[01]|[6-9])[0-9]|[2-9][0-9]{2}|[1-9][0-9]{3})(?![0-9]))[0-9])"
)
# Each begins with a fixed character, and is looked for only where its rarest character stands on the page.
_MOJIBAKE = (
    ("Ã", re.compile("Ã[\u0080-\u00bf\u0152-\u0192\u2013-\u2122]")),
    ("Â", re.compile("Â[\u00a0-\u00bf]")),
    ("€", re.compile("â€")),
)


def _charset(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name in _AS_CP1252:
        return "cp1252"
    return name if _CHARSETS.fullmatch(name) else None


def _labels(body: bytes, content_type: str | None) -> list[str]:
    start = body[:4096]
    header = _HEADER_CHARSET.search(content_type or "")
    found = [header[1]] if header else []
    for pattern in (_META_CHARSET, _XML_CHARSET):
        match = pattern.search(start)
        if match:
            # A page whose meta says UTF-16 could not have been read as far as that: it is UTF-8 (WHATWG HTML).
            label = match[1].decode("ascii", "ignore")
            found.append("utf-8" if label.lower().startswith("utf-16") else label)
    return found


def _strictly(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return None


def _mostly_utf8(body: bytes) -> str | None:
    damaged = body.decode("utf-8", "replace")
    bad = damaged.count("\ufffd")
    good = sum(len(run) for run in re.findall(r"[^\x00-\x7f\ufffd]+", damaged))
    return damaged if bad <= good else None


def _decode(body: bytes, as_utf8: str | None, labels: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    charsets = [c for c in map(_charset, labels) if c]
    issues = ("unknown_charset",) if labels and not _charset(labels[0]) else ()
    for charset in charsets:
        # Multi-byte UTF-8 is never valid by accident, while any bytes at all pass for a single-byte charset.
        text = as_utf8 if as_utf8 is not None and not charset.startswith("utf-16") else _strictly(body, charset)
        if text is not None:
            wrong = charset != "utf-8" and text is as_utf8 and not body.isascii()
            return text, (*issues, "charset_mismatch") if wrong or charset != charsets[0] else issues
    if as_utf8 is not None:
        return as_utf8, issues
    text = _mostly_utf8(body) or body.decode("cp1252", "replace")
    return text, (*issues, "charset_mismatch") if charsets else issues


def printable(text: str) -> str:
    """Return text without NUL, C0 and C1 controls (tab and line ends stay), lone surrogates and non-characters."""
    data = text.encode("utf-8", "ignore")
    return data.decode() if _is_printable(data) else _UNPRINTABLE.sub("", text)


def _is_printable(data: bytes) -> bool:
    # Searches that begin with one fixed byte cost a tenth of others, one for a single byte a hundredth.
    return (
        len(data) == len(data.translate(None, _CONTROLS))
        and not re.search(rb"\xc2[\x80-\x9f]", data)
        and not (b"\xef" in data and any(mark in data for mark in _NO_CHARACTERS))
    )


def _kept(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    if 0x80 <= code <= 0x9F:
        # Old pages write ’ as &#146;, its place in windows-1252, and browsers read it so (HTML, section 13.2.5.80).
        return bytes((code,)).decode("cp1252", "ignore")
    is_control = (code < 0x20 and code not in (9, 10, 13)) or code == 0x7F
    is_none = 0xD800 <= code <= 0xDFFF or code > 0x10FFFF or code in (0xFFFE, 0xFFFF)
    return "" if is_control or is_none else reference[0]


def _is_mojibake(text: str) -> bool:
    return any(mark in text and pattern.search(text) for mark, pattern in _MOJIBAKE)


def text(body: bytes, content_type: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Decode a page: byte order mark, declared charset, meta, strict UTF-8, windows-1252; never UTF-7.

    Returns the text and issues: `charset_mismatch`, `unknown_charset`, `replacement_chars` (bytes were lost),
    `mojibake_suspect` (it was decoded wrongly before it was sent; nothing is mended). Controls and references to
    NUL or surrogates are out.
    """
    issues: tuple[str, ...] = ()
    as_utf8 = None
    for mark, charset in _BOMS:
        if body.startswith(mark):
            decoded = body[len(mark) :].decode(charset, "replace")
            break
    else:
        as_utf8 = _strictly(body, "utf-8")
        decoded, issues = _decode(body, as_utf8, _labels(body, content_type))
    # Most pages are UTF-8 as they came, so that their own bytes tell; what comes of a reference is printable.
    is_printable = decoded is as_utf8 and _is_printable(body)
    if _RARE_REFERENCE.search(decoded):
        decoded = _REFERENCE.sub(_kept, decoded)
    if not is_printable:
        decoded = printable(decoded)
    if "\ufffd" in decoded:
        issues = (*issues, "replacement_chars")
    if _is_mojibake(decoded):
        issues = (*issues, "mojibake_suspect")
    return decoded, issues


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
