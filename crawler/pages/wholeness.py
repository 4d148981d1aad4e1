"""Whether an answer's body came whole: by its own packing, by its length and chunks, by the word of who captured it.

A page that was cut is no version: what it lacks was not taken out by the outlet. No Scrapy here: the crawl, the adoption
of a dead crawl's captures, a replay and a backfill judge alike.
"""

from collections.abc import Sequence
from typing import Literal

from archive.facts.items import Capture
from crawler.pages import decoding

CutReason = Literal["", "disconnect", "packing", "capturer"]
Cut = tuple[CutReason, str]
"""Why a body is not whole: a word, and what exactly; two empty texts where it is, as far as anybody can say."""
WHOLE: Cut = ("", "")
DISCONNECTED: Cut = ("disconnect", "the connection ended before the body did")
_DISCONNECT = "disconnect"
"""WARC's own word (ISO 28500:2017, section 5.13) for a connection that ended before the body did."""


def cut(capture: Capture, issues: Sequence[str]) -> Cut:
    """Return why a body is cut that could be unpacked; `issues` are those that unpacking met.

    A packing that was undone to its end and its checksum proves the body whole, whatever else is said of it.
    """
    if decoding.proves_end(capture.body, decoding.codings(capture), issues):
        return WHOLE
    if capture.truncated == _DISCONNECT:
        return DISCONNECTED
    if capture.truncated:
        return "capturer", f"cut by who captured it ({capture.truncated})"
    if (missing := _missing(capture)) > 0:
        return "disconnect", f"{len(capture.body)} bytes of {len(capture.body) + missing}"
    return WHOLE


def not_whole(capture: Capture) -> Cut:
    """Return why a capture's body is cut, its packing included. One that can't be unpacked otherwise is not judged."""
    try:
        _, issues = decoding.unpack(capture.body, decoding.codings(capture))
    except decoding.Truncated as error:
        return "packing", str(error)
    except decoding.DecodingError:
        return WHOLE
    return cut(capture, issues)


def _missing(capture: Capture) -> int:
    """Return how many bytes a body lacks of what its headers state; chunks make a length void (RFC 9112, 6.3)."""
    stated = capture.header("content-length") or ""
    if capture.header("transfer-encoding") is not None or not (stated.isascii() and stated.isdecimal()):
        return 0
    return int(stated) - len(capture.body) if len(stated) <= 15 else 0
