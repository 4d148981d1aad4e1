"""Captures as replay services answer with them: the outlet's own headers told from theirs."""

from dataclasses import replace
from datetime import datetime

from archive.facts.canonical import digest
from archive.facts.items import Capture
from archive.warc.exchanges import Headers
from crawler.pages import decoding

_ORIGINAL = b"x-archive-orig-"
_KEPT = frozenset({b"content-type", b"content-encoding", b"content-language", b"last-modified", b"etag"})


def replayed(url: str, at: datetime, status: int, headers: Headers, body: bytes) -> Capture:
    """Return the capture that a replay answered with: the outlet's headers where it repeats them, no others."""
    lines = tuple((n[len(_ORIGINAL) :], v) for n, v in headers if n.lower().startswith(_ORIGINAL))
    own = {name.lower() for name, _ in lines}
    lines += tuple((n, v) for n, v in headers if n.lower() in _KEPT - own)
    capture = Capture(
        url=url, captured_at=at, status=status, response_headers=lines, body=body, payload=digest(body)
    )  # fmt: skip
    try:
        decoding.content(body, decoding.codings(capture))
    except (decoding.Truncated, decoding.UnknownCoding):
        # The replay undid the coding and repeats its name all the same.
        lines = tuple(line for line in lines if line[0].lower() != b"content-encoding")
        return replace(capture, response_headers=lines)
    except decoding.TooLarge:
        # Reading it says so, as of any page.
        return capture
    return capture
