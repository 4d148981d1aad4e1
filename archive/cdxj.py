"""The index of a WARC segment as CDXJ lines: sort key (SURT), 14-digit time, JSON; as pywb reads it."""

import gzip
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from archive.errors import IntegrityError
from archive.ids import stamp
from archive.items import Capture
from archive.record import canonical, parse

_LEVEL = 6


def surt(url: str) -> str:
    """Return the sort-friendly form of an address: host reversed, then port, path and query, in lower case."""
    parts = urlsplit(url)
    host = ",".join(reversed((parts.hostname or "").split(".")))
    port = f":{parts.port}" if parts.port else ""
    query = f"?{'&'.join(sorted(parts.query.split('&')))}" if parts.query else ""
    return f"{host}{port}){parts.path or '/'}{query}".lower().replace(" ", "%20")


def line(capture: Capture, *, revisit: bool = False) -> bytes:
    """Return the CDXJ line of a stored capture, line feed included."""
    kind = (capture.header("content-type") or "application/octet-stream").partition(";")[0].strip()
    about = {
        "url": capture.url,
        "mime": "warc/revisit" if revisit else kind,
        "status": str(capture.status),
        "digest": capture.payload,
        "length": str(capture.length),
        "offset": str(capture.offset),
        "filename": capture.segment,
        "captured_at": stamp(capture.captured_at),
    }
    return f"{surt(capture.url)} {capture.captured_at:%Y%m%d%H%M%S} ".encode() + canonical(about) + b"\n"


def encode(lines: Iterable[bytes]) -> bytes:
    """Return the lines sorted and gzipped, time stamp zero."""
    return gzip.compress(b"".join(sorted(lines)), _LEVEL, mtime=0)


def decode(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the JSON part of each line. Raises IntegrityError where they can't be read."""
    try:
        for text in gzip.decompress(data).splitlines():
            yield parse(text[text.index(b"{") :])
    except (OSError, EOFError, ValueError) as error:
        raise IntegrityError(f"an index can't be read: {error}; restore it from another copy") from error
