"""Content codings and charsets: what is undone, what is refused, what is said about it."""

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ArchiveError
from crawler.pages.charsets import printable, text
from crawler.pages.decoding import TooLarge, Truncated, UnknownCoding, content, html, unpack
from tests.crawler.pages.test_article_pages import capture

PAGE = "<p>Été comme hiver, « le marché » ouvre à sept heures.</p>".encode() * 40


def raw_deflate(data):
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize(
    ("body", "encodings"),
    [
        *(pytest.param(coder(PAGE), [name], id=name) for name, coder in CODERS.items()),
        pytest.param(raw_deflate(PAGE), ["deflate"], id="raw deflate"),
        pytest.param(gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:]), ["gzip"], id="two members"),
        pytest.param(gzip.compress(PAGE) + b"\0\0\0", ["gzip"], id="padding behind the trailer"),
        pytest.param(gzip.compress(brotli.compress(PAGE)), ["br, gzip"], id="chain in one line"),
        pytest.param(gzip.compress(brotli.compress(PAGE)), ["br", "GZIP"], id="chain in two lines"),
        pytest.param(PAGE, ["identity", ""], id="identity"),
        pytest.param(PAGE, ["none"], id="none"),
        pytest.param(PAGE, ["UTF-8"], id="a charset in its place"),
    ],
)
def test_codings(body, encodings):
    """Each coding and each chain gives back the bytes that went in."""
    assert unpack(body, encodings) == (PAGE, ())


@pytest.mark.row("F-OUT-12")
@pytest.mark.parametrize("cut", [3, 20, -9, -1])
@pytest.mark.parametrize("name", CODERS)
def test_cut_body(name, cut):
    """A body cut anywhere is an error, never a shorter page."""
    with pytest.raises(Truncated, match="cut or damaged"):
        content(CODERS[name](PAGE)[:cut], [name])


@pytest.mark.row("F-OUT-12")
def test_damaged_trailer():
    """A gzip body whose checksum is off is refused."""
    body = bytearray(gzip.compress(PAGE))
    body[-6] ^= 0xFF

    with pytest.raises(Truncated):
        content(bytes(body), ["gzip"])


@pytest.mark.row("F-OUT-14")
@pytest.mark.parametrize("name", CODERS)
def test_bomb(name):
    """A body that grows over the limit is refused."""
    with pytest.raises(TooLarge, match="100000 bytes"):
        content(CODERS[name](bytes(20_000_000)), [name], 100_000)


def test_members_without_end():
    """A gzip body of ever so many empty members is refused: to take each off copies all that is left."""
    with pytest.raises(TooLarge, match="members"):
        unpack(gzip.compress(b"") * 20_000, ["gzip"])


def test_plain_body_over_the_limit():
    """The limit holds without any coding."""
    with pytest.raises(TooLarge):
        content(b"x" * 11, [], 10)


@pytest.mark.row("F-OUT-14")
@pytest.mark.parametrize("encodings", [["compress"], ["gzip", "rot13"], ["gzip"] * 5])
def test_unknown_coding(encodings):
    """An unknown coding or an endless chain is refused by an error of the archive's tree."""
    with pytest.raises(UnknownCoding) as caught:
        content(b"\x1f\x8b", encodings)

    assert isinstance(caught.value, ArchiveError)


@pytest.mark.row("F-OUT-13")
@pytest.mark.parametrize("name", CODERS)
def test_lie(name):
    """A plain page under the label of a coding is returned as it is, with an issue."""
    assert unpack(PAGE, [name]) == (PAGE, ("encoding_lie",))


@pytest.mark.row("F-OUT-13")
@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_neither_coded_nor_text(name):
    """Bytes that are neither what the label says nor text are refused, and never pass for a page without an article."""
    with pytest.raises(UnknownCoding, match="neither that nor text"):
        unpack(b"\x00\x01\x02\x7f\xfe" * 20, [name])


@pytest.mark.row("F-CON-14")
@pytest.mark.row("F-CON-15")
@pytest.mark.row("F-TXT-05")
@pytest.mark.parametrize(
    ("body", "kind", "expected", "issues"),
    [
        pytest.param("été".encode(), "text/html; charset=utf-8", "été", (), id="utf-8"),
        pytest.param("été".encode(), None, "été", (), id="nothing declared"),
        pytest.param("été — œuf’".encode("cp1252"), None, "été — œuf’", (), id="windows-1252 by default"),
        pytest.param(
            "été".encode("latin-1"), "text/html; charset=utf-8", "été", ("charset_mismatch",), id="latin-1 under utf-8"
        ),
        pytest.param(
            "été".encode(), "text/html; charset=iso-8859-1", "été", ("charset_mismatch",), id="utf-8 under latin-1"
        ),
        pytest.param("œuf’".encode("cp1252"), "text/html; charset=latin1", "œuf’", (), id="latin-1 means windows-1252"),
        pytest.param(
            b"<meta charset=windows-1251>" + "мир".encode("cp1251"),
            None,
            "<meta charset=windows-1251>мир",
            (),
            id="meta",
        ),
        pytest.param("\ufeffété".encode(), "text/html; charset=iso-8859-1", "été", (), id="mark wins over the header"),
        pytest.param("\ufeffété".encode("utf-16-le"), None, "été", (), id="utf-16 with mark"),
        pytest.param("été".encode("utf-16-be"), "text/html; charset=utf-16be", "été", (), id="utf-16 declared"),
        pytest.param(b"+AOk-", "text/html; charset=utf-7", "+AOk-", ("unknown_charset",), id="utf-7 never"),
        pytest.param("été".encode(), "text/html; charset=foo", "été", ("unknown_charset",), id="unknown label"),
        pytest.param(
            "été, garçon, forêt".encode() + b"\xff",
            "text/html; charset=utf-8",
            "été, garçon, forêt\ufffd",
            ("charset_mismatch", "replacement_chars"),
            id="one bad byte",
        ),
        pytest.param("Ã©tÃ©".encode(), None, "Ã©tÃ©", ("mojibake_suspect",), id="mojibake is flagged, not mended"),
        pytest.param(b"l&amp;eacute;t", None, "l&amp;eacute;t", (), id="an entity escaped twice is for the cleaner"),
        pytest.param("À la une, GARÇON".encode(), None, "À la une, GARÇON", (), id="capitals are no mojibake"),
        pytest.param(b"a\0b\x1bc\x7f\tz\r\n", None, "abc\tz\r\n", (), id="controls"),
        pytest.param(b"a&#0;b&#xD800;c&#55296;d&#x1e;e&#8217;&#233;", None, "abcde&#8217;&#233;", (), id="references"),
        pytest.param(
            b"&#31;&#32;&#9999;&#10000;&#x27;&#9;&#X1F;&#1114112;&#99999999999;&#;&#y",
            None,
            "&#32;&#9999;&#10000;&#x27;&#9;9;&#;&#y",
            (),
            id="edges of references",
        ),
        pytest.param(
            b"l&#146;\xc3\xa9t\xc3\xa9 &#x85; &#129;&#159;", None, "l’été … Ÿ", (), id="references of windows-1252"
        ),
        pytest.param(
            b"&#119;&#120;&#127;&#160;&#xFFFF;&#xfffe;&#0146;", None, "&#119;&#120;&#160;’", (), id="edges of those"
        ),
        pytest.param("l&#8217;\u009fa\uffff".encode(), None, "l&#8217;a", (), id="C1 control and non-character"),
        pytest.param("Â» â€™".encode(), None, "Â» â€™", ("mojibake_suspect",), id="quote marks decoded wrongly"),
        pytest.param("château, 5 €, A&amp;B".encode(), None, "château, 5 €, A&amp;B", (), id="their letters alone"),
    ],
)
def test_charset(body, kind, expected, issues):
    """The charset is the bytes' own, whatever label they carry (F-CON-14, F-CON-15, F-TXT-05)."""
    assert text(body, kind) == (expected, issues)


@pytest.mark.row("F-CON-15")
@pytest.mark.row("F-TXT-06")
@given(st.text())
def test_printable_is_idempotent_and_encodable(value):
    """Text without unprintable characters stays as it is, and always encodes (F-TXT-06)."""
    once = printable(value)

    assert printable(once) == once
    assert once.encode().decode() == once
    assert len(once) <= len(value)


@pytest.mark.row("F-CON-14")
@given(
    st.binary(max_size=300), st.sampled_from(["utf-8", "latin-1", "utf-16", "shift_jis", "utf-7", "idna", "base64", ""])
)
def test_any_bytes_decode(body, charset):
    """Any bytes under any label give text."""
    decoded, _ = text(body, f"text/html; charset={charset}")

    assert decoded == printable(decoded)


def test_html_joins_both():
    """A capture's issues of coding and charset come together."""
    made = capture("été".encode("latin-1"), headers=((b"content-encoding", b"gzip"),))

    assert html(made) == ("été", ("encoding_lie", "charset_mismatch"))
