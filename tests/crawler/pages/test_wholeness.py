"""What is not whole, and what is though it seems not to be: one judge for a crawl's captures and for others'."""

import gzip
import zlib
from dataclasses import replace

import brotli
import pytest
import zstandard

from archive.warc import warc
from crawler.pages.wholeness import cut, not_whole
from tests.made import capture

BODY = b"<html>" + b"x" * 94


def made(body=BODY, *headers, truncated=""):
    """Return a capture with these headers."""
    return replace(capture(body=body, headers=headers), truncated=truncated)


def length(size):
    """Return the header that states a length."""
    return ("Content-Length", str(size))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (made(BODY), ""), (made(BODY, length(100)), ""), (made(BODY, length(50)), ""), (made(b""), ""),
        (made(BODY, length(101)), "disconnect"), (made(b"", length(1)), "disconnect"),
        (made(BODY, length(-1)), ""), (made(BODY, length("9" * 400)), ""), (made(BODY, length("１０１")), ""),
        (made(BODY, length(101), ("Transfer-Encoding", "chunked")), ""),
        (made(BODY, truncated="length"), "capturer"), (made(BODY, truncated="disconnect"), "disconnect"),
        (made(gzip.compress(BODY)[:-1], ("Content-Encoding", "gzip")), "packing"),
        (made(BODY, length(101), ("Content-Encoding", "gzip")), "disconnect"),
        (made(BODY, length(101), ("Content-Encoding", "identity")), "disconnect"),
        (made(BODY, length(101), ("Content-Encoding", "rot13")), "disconnect"),
    ],
    ids=["plain", "true", "over", "empty", "short", "all missing", "negative", "endless", "other digits", "chunked",
         "maker", "disconnect", "packing", "no packing", "identity", "unknown"],
)  # fmt: skip
def test_what_is_not_whole(found, reason):
    """By its length, its packing or the word of who captured it; a length below the body's is that of the packed one."""
    assert not_whole(found)[0] == reason


@pytest.mark.row("F-OUT-11")
@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY)), ("br", brotli.compress(BODY)), ("zstd", zstandard.compress(BODY))],
    ids=["gzip", "deflate", "br", "zstd"],
)  # fmt: skip
def test_a_packing_that_ends_proves_the_body_whole(coding, packed):
    """Whatever the length or the connection said; half of it is no proof."""
    headers = (("Content-Encoding", coding), length(10 * len(packed)))

    assert not_whole(made(packed, *headers, truncated="disconnect")) == ("", "")
    assert not_whole(made(packed[: len(packed) // 2], *headers))[0] == "packing"


def test_a_lie_about_the_packing_proves_nothing():
    """A text labelled gzip has no end that could be met."""
    found = made(BODY, ("Content-Encoding", "gzip"), truncated="disconnect")

    assert cut(found, ("encoding_lie",))[0] == "disconnect"


@pytest.mark.parametrize("word", ["", "disconnect"])
def test_it_is_stored_with_the_capture(word):
    """What was known when it was captured is known to whoever reads it again."""
    found = next(warc.read(warc.encode(made(BODY, length(101), truncated=word))))

    assert found.truncated == word
    assert (not_whole(found)[0] == "disconnect") == bool(word)
