"""Tests of crawler/middlewares/encoding.py (F-OUT-11, 12, 13, 14)."""

import gzip
import zlib

import brotli
import pytest
import zstandard

from tests.outlet_server import page, serve
from tests.tiny_crawl import crawl

TEXT = b"<html><body><h1>Le pont rouvre demain</h1>" + b"<p>La mairie l'annonce.</p>" * 40
GZIP = gzip.compress(TEXT)
BOMB = 12 * 1024 * 1024
TRIES = 4


def coded(body, coding="gzip", **kwargs):
    return page(body, f"Content-Encoding: {coding}", **kwargs)


SCRIPT = {
    "/plain": page(TEXT),
    "/gzip": coded(GZIP),
    "/members": coded(gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:])),
    "/deflate": coded(zlib.compress(TEXT), "deflate"),
    "/raw-deflate": coded(zlib.compress(TEXT, wbits=-15), "deflate"),
    "/br": coded(brotli.compress(TEXT), "br"),
    "/zstd": coded(zstandard.compress(TEXT), "zstd"),
    "/twice": coded(gzip.compress(GZIP), "gzip, gzip"),
    "/empty": coded(b""),
    "/cut-once": [coded(GZIP[: len(GZIP) // 2]), coded(GZIP)],
    "/cut-gzip": coded(GZIP[: len(GZIP) // 2]),
    "/no-trailer": coded(GZIP[:-8]),
    "/bad-crc": coded(GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:]),
    "/cut-deflate": coded(zlib.compress(TEXT)[:-6], "deflate"),
    "/cut-br": coded(brotli.compress(TEXT)[:-4], "br"),
    "/cut-zstd": coded(zstandard.compress(TEXT)[:-4], "zstd"),
    "/short": page(TEXT, length=len(TEXT) + 10),
    "/cut-chunk": b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + b"40\r\n" + TEXT[:16],
    "/lie": coded(TEXT),
    "/unknown": coded(b"\x5d\x00" + bytes(range(32)), "lzma"),
    "/no-coding": coded(TEXT, "lzma"),
    "/gzip-bomb": coded(gzip.compress(bytes(BOMB))),
    "/br-bomb": coded(brotli.compress(bytes(BOMB), quality=5), "br"),
    "/zstd-bomb": coded(zstandard.compress(bytes(BOMB)), "zstd"),
    "/nested-bomb": coded(gzip.compress(gzip.compress(bytes(BOMB))), "gzip, gzip"),
    "/chain": coded(GZIP, ", ".join(["gzip"] * 20)),
}


@pytest.fixture(scope="module")
def outlet_and_seen():
    with serve(SCRIPT) as outlet:
        seen = crawl([outlet.base + path for path in SCRIPT], OUTLET_BASE=outlet.base, BREAKER_FAILURES=0)
    return outlet, seen


@pytest.fixture
def look(outlet_and_seen):
    outlet, seen = outlet_and_seen
    return lambda path: seen[outlet.base + path]


@pytest.mark.parametrize(
    "path",
    ["/plain", "/gzip", "/members", "/deflate", "/raw-deflate", "/br", "/zstd", "/twice", "/cut-once", "/lie"],
)
def test_whole(look, path):
    """A body that is whole reaches the callback decoded, its coding no longer named."""
    seen = look(path)

    assert (seen["how"], seen["size"], seen["encoding"]) == ("callback", len(TEXT), "")
    assert seen["text"].startswith("<html><body><h1>Le pont rouvre demain")


@pytest.mark.row("F-OUT-13")
def test_lie_is_flagged(look):
    """A plain page under a gzip label is taken as it is, and flagged; a truthful one is not."""
    assert look("/lie")["flags"] == ["encoding_lie"]
    assert look("/gzip")["flags"] == []


def test_empty_body(look):
    """An empty body with a coding's name is an empty body."""
    assert look("/empty")["size"] == 0


@pytest.mark.row("F-OUT-12")
@pytest.mark.parametrize(
    "path", ["/cut-gzip", "/no-trailer", "/bad-crc", "/cut-deflate", "/cut-br", "/cut-zstd"], ids=lambda p: p[1:]
)
def test_cut_body(outlet_and_seen, look, path):
    """F-OUT-12: a compressed body without its end is asked for again, then ends as truncated in the errback."""
    outlet, _ = outlet_and_seen

    assert (look(path)["how"], look(path)["outcome"]) == ("errback", "truncated")
    assert outlet.paths().count(path) == TRIES


@pytest.mark.row("F-OUT-11")
@pytest.mark.parametrize("path", ["/short", "/cut-chunk"], ids=["content-length", "chunk"])
def test_data_loss(outlet_and_seen, look, path):
    """F-OUT-11: a body shorter than HTTP promised is asked for again, then ends as truncated in the errback."""
    outlet, _ = outlet_and_seen

    assert (look(path)["how"], look(path)["outcome"]) == ("errback", "truncated")
    assert outlet.paths().count(path) == TRIES


@pytest.mark.row("F-OUT-14")
@pytest.mark.parametrize("path", ["/gzip-bomb", "/br-bomb", "/zstd-bomb", "/nested-bomb", "/chain"])
def test_bomb(outlet_and_seen, look, path):
    """F-OUT-14: a body that grows over DOWNLOAD_MAXSIZE, or a chain of codings, ends as bomb without another try."""
    outlet, _ = outlet_and_seen

    assert (look(path)["how"], look(path)["outcome"]) == ("errback", "bomb")
    assert outlet.paths().count(path) == 1


def test_unknown_coding(look):
    """A coding that nobody here can undo ends as http_error and names it."""
    assert look("/unknown")["outcome"] == "http_error"
    assert "lzma" in look("/unknown")["detail"]


def test_a_label_that_is_none(look):
    """What begins as a page does is one, though its label names a coding that nobody knows."""
    assert (look("/no-coding")["how"], look("/no-coding")["size"]) == ("callback", len(TEXT))


def test_accepted_codings(outlet_and_seen):
    """Only codings that any reader of the archive can undo are asked for."""
    outlet, _ = outlet_and_seen

    assert all(b"Accept-Encoding: gzip, deflate\r\n" in asked.head for asked in outlet.log)
