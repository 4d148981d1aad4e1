"""The index of a WARC segment in CDXJ: one line a capture, `<SURT key> <14 digits> <JSON>`, sorted by bytes.

The form is pywb's and the WACZ 1.1.1 specification's; `captured_at` (microseconds) is ours, other readers pass over it.
"""

import contextlib
import re
import socket
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from isal import isal_zlib

from archive.errors import IntegrityError
from archive.facts.canonical import canonical, parse
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.warc.warc import Revisit, target_uri

REVISIT = "warc/revisit"
"""The `mime` of a capture that names another's bytes."""
_LEVEL = 3
_GZIP_WBITS = 31
_DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986, appendix B; unlike urlsplit it takes any text apart and never raises.
_PARTS = re.compile(r"(https?):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?")
_WWW = re.compile(r"^www\d*\.")
_NUMBERS = re.compile(r"\d+(?:\.\d+){0,3}")
_KEPT = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_SESSION_FOLDER = re.compile(r"(.*/)\((?:(?:[a-z]\([0-9a-z]{24}\))+|[0-9a-z]{24})\)/([^?]+\.aspx.*)", re.DOTALL)
_SESSIONS = [
    re.compile(rf"(.*)(?:{name})(?:&(.*))?", re.DOTALL)
    for name in (
        "jsessionid=[0-9a-z]{32}", "phpsessid=[0-9a-z]{32}", "sid=[0-9a-z]{32}", "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
]  # fmt: skip


def surt(url: str) -> str:
    """Return the sort-friendly key of an http(s) address: `org,example,www)/detail/2026?a=1&b=2`.

    The key that the Internet Archive's `surt` package makes, and pywb looks up: lower case throughout, percent-encoding
    undone as often as it was done and only what must be is encoded again, `www.` and default port gone, host reversed
    (IPv4 too), runs of slashes one, dot segments resolved, no slash at the end, session ids of five kinds of servers
    gone, query parts sorted, fragment and user gone.
    """
    scheme, netloc, path, query = _PARTS.findall(target_uri(url))[0]
    return f"{_host(netloc, scheme)}){_path(path)}{_query(query)}"


def _unescaped(text: str) -> bytes:
    data, before = text.encode(errors="surrogatepass"), b"%"
    while data != before:
        before, data = data, unquote_to_bytes(data)
    return data


def _escaped(data: bytes) -> str:
    return quote_from_bytes(data, safe=_KEPT).lower()


def _host(netloc: str, scheme: str) -> str:
    name, colon, port = netloc.rpartition("@")[2].rpartition(":")
    if not colon or "]" in port:
        name, port = netloc.rpartition("@")[2], ""
    if port == str(_DEFAULT_PORTS[scheme]):
        port = ""
    reverse = name.strip("[]").lower() if name.startswith("[") else _reversed(name)
    return reverse + (f":{port}" if port else "")


def _reversed(name: str) -> str:
    plain = _unescaped(name)
    with contextlib.suppress(UnicodeError):
        plain = plain if plain.isascii() else plain.decode(errors="ignore").encode("idna")
    host = _escaped(plain.replace(b"..", b".").strip(b"."))
    if _NUMBERS.fullmatch(host):
        with contextlib.suppress(OSError):
            host = socket.inet_ntoa(socket.inet_aton(host))
    return ",".join(reversed(_WWW.sub("", host).split(".")))


def _path(path: str) -> str:
    kept: list[bytes] = []
    for part in _unescaped(path).split(b"/")[1:]:
        if part == b".." and kept:
            kept.pop()
        elif part != b".":
            kept.append(part)
    # As surt has it: empty parts go last, so `a//..` is `a`; a `..` with nothing before it stays.
    whole = "/" + "/".join(_escaped(part) for part in kept if part)
    return _SESSION_FOLDER.sub(r"\1\2", whole)


def _query(query: str) -> str:
    left = _escaped(_unescaped(query))
    for session in _SESSIONS:
        if found := session.fullmatch(left):
            left = found[1] + (found[2] or "")
    return "?" + "&".join(sorted(left.split("&"), key=lambda part: tuple(part.split("=", 1)))) if left else ""


def line(capture: Capture, *, revisit: bool = False, stored: str = "") -> bytes:
    """Return one CDXJ line, line feed included, for a capture whose segment, offset and length are set.

    All values are text, as pywb writes them. A `Revisit`, or a capture with `revisit`, has the MIME type
    `warc/revisit`; a capture without a Content-Type has `unk`. `digest` is `sha256:` and hex over the payload, `stored`
    the same over the bytes from `offset` on for `length`: it ties the WARC records of one capture to the commit.
    """
    fields = _fields(capture, revisit=revisit) | {"captured_at": stamp(capture.captured_at)}
    if stored:
        fields["stored"] = stored
    return _line(capture, fields)


def plain_line(capture: Capture) -> bytes:
    """Return the line of a capture without what is ours alone, as other archives' indexes have it."""
    return _line(capture, _fields(capture, revisit=False))


def _fields(capture: Capture, *, revisit: bool) -> dict[str, str]:
    mime = (capture.header("content-type") or "").partition(";")[0].strip().lower()
    return {
        "url": target_uri(capture.url),
        "mime": REVISIT if revisit or isinstance(capture, Revisit) else mime or "unk",
        "status": str(capture.status),
        "digest": capture.payload,
        "length": str(capture.length),
        "offset": str(capture.offset),
        "filename": capture.segment or "",
    }


def _line(capture: Capture, fields: dict[str, str]) -> bytes:
    moment = capture.captured_at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    return f"{surt(capture.url)} {moment} ".encode() + canonical(fields) + b"\n"


def encode(lines: Iterable[bytes]) -> bytes:
    """Return lines as an index segment: sorted by their bytes, in one gzip member with a time stamp of zero."""
    return isal_zlib.compress(b"".join(sorted(lines)), _LEVEL, _GZIP_WBITS)


def rows(text: bytes) -> Iterator[dict[str, Any]]:
    """Yield the JSON of each line, `key` and `timestamp` added. Raises ValueError or TypeError."""
    for line in text.splitlines():
        key, moment, fields = line.split(b" ", 2)
        yield {"key": key.decode(), "timestamp": moment.decode(), **parse(fields)}


def is_key_of(key: str, url: str) -> bool:
    """Tell whether a key is an address's: as `surt` makes it, or before 0.2.0 without undoing what was encoded."""
    wanted = surt(url)
    if key == wanted:
        return True
    host, _, rest = key.partition(")")
    path, _, query = rest.partition("?")
    return f"{host}){_path(path)}{_query(query)}" == wanted


def decode(data: bytes, limit: int = 2**28) -> Iterator[dict[str, Any]]:
    """Yield the JSON of each line of an index segment of at most `limit` bytes, `key` and `timestamp` added, in order.

    Raises IntegrityError where the bytes are no such segment.
    """
    inflate = zlib.decompressobj(_GZIP_WBITS)
    try:
        unpacked = inflate.decompress(data, limit + 1)
        if len(unpacked) > limit:
            raise IntegrityError(f"an index unpacks to more than {limit} bytes; restore its segment from another copy")
        yield from rows(unpacked)
    except (zlib.error, ValueError, TypeError) as error:
        raise IntegrityError(f"an index can't be read: {error}; restore its segment from another copy") from error
    if not inflate.eof or inflate.unused_data:
        raise IntegrityError("an index is torn or has other bytes behind it; restore its segment from another copy")
