import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import IntegrityError
from archive.facts.canonical import digest
from archive.facts.items import Capture
from archive.warc import cdxj, warc
from tests import pywb

AT = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


def stored(url="https://french.presstv.ir/Detail/1", **changes):
    fields = {
        "captured_at": AT,
        "status": 200,
        "response_headers": ((b"Content-Type", b"Text/HTML; charset=utf-8"),),
        "payload": digest(b""),
        "segment": "captures/2026/11/24/a.warc.gz",
        "offset": 318,
        "length": 853,
    }
    return Capture(url=url, **(fields | changes))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        pytest.param("http://french.presstv.ir", "ir,presstv,french)/", id="host reversed"),
        pytest.param("https://www2.Example.com:443/A/B/?b=2&a=1#f", "com,example)/a/b?a=1&b=2", id="lower, sorted"),
        pytest.param("http://awww.example.com/", "com,example,awww)/", id="www only in front"),
        pytest.param("https://example.com:80/", "com,example:80)/", id="another scheme's port stays"),
        pytest.param("http://u:p@example.com./a?", "com,example)/a", id="user, last dot, empty query"),
        pytest.param("http://127.0.0.1:8000/x//y/../z/", "1,0,0,127:8000)/x/z", id="IPv4, dot segments"),
        pytest.param("http://[::1]:80/a", "::1)/a", id="IPv6"),
        pytest.param("http://[::1]:8080/a", "::1:8080)/a", id="IPv6 with port"),
        pytest.param("http://[::1]", "::1)/", id="IPv6 alone"),
        pytest.param("http://example.com?b", "com,example)/?b", id="query without path"),
        pytest.param("http://example.com/a?x=1&&y", "com,example)/a?&x=1&y", id="empty query part"),
        pytest.param("http://example.com/é?q=a%20b+c", "com,example)/%c3%a9?q=a%20b+c", id="not ascii"),
        pytest.param("http://example.com/../a//..", "com,example)/../a", id="above the root"),
    ],
)
def test_keys_sort_by_host_from_the_top(url, key):
    """A key is the one that the Internet Archive's surt package makes."""
    assert cdxj.surt(url) == key


# Addresses and the keys that surt 0.3.1 makes of them.
KEYS = [
    ("http://www.presstv.ir/Detail/2021/07/17/662437/%3A%22titre%22", 'ir,presstv)/detail/2021/07/17/662437/:"titre"'),
    ("https://french.presstv.ir/Detail/1/l%27Iran%21", "ir,presstv,french)/detail/1/l'iran!"),
    ("https://french.presstv.ir/Detail/1/a%2Fb/", "ir,presstv,french)/detail/1/a/b"),
    ("https://h.org/%2541%252542", "org,h)/ab"),
    ("https://h.org/a%20b", "org,h)/a%20b"),
    ("https://h.org/caf%C3%A9%e9", "org,h)/caf%c3%a9%e9"),
    ("https://h.org/?q=%26a%3db&%41=1", "org,h)/?a=1&a=b&q="),
    ("https://h.org/x?b=1&jsessionid=0aZ0aZ0aZ0aZ0aZ0aZ0aZ0aZ0aZ0aZ00&a=2", "org,h)/x?a=2&b=1"),
    ("https://h.org/x?PHPSESSID=a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "org,h)/x"),
    ("https://h.org/x?a=1&sid=FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "org,h)/x?&a=1"),
    ("https://h.org/x?ASPSESSIONIDABCDEFGH=kkkkkkkkkkkkkkkkkkkkkkkk&z=1", "org,h)/x?z=1"),
    ("https://h.org/x?cfid=12&cftoken=34&a=1", "org,h)/x?a=1"),
    ("https://h.org/d/(S(a1a1a1a1a1a1a1a1a1a1a1a1))/page.aspx?x=1", "org,h)/d/page.aspx?x=1"),
    ("https://h.org/d/(a1a1a1a1a1a1a1a1a1a1a1a1)/page.aspx", "org,h)/d/page.aspx"),
    ("https://h.org/a?b=2&b=1&b", "org,h)/a?b&b=1&b=2"),
    ("https://h.org/a?b=&b", "org,h)/a?b&b="),
    ("http://2130706433/a", "1,0,0,127)/a"),
    ("http://h..org/a", "org,h)/a"),
    ("http://h%6Frg.org:80/", "org,horg)/"),
    ("https://h.org/a%3Fb", "org,h)/a?b"),
    ("https://h.org/a%23b", "org,h)/a%23b"),
    ("https://h.org/%zz%", "org,h)/%25zz%25"),
    ("https://h.org/a+b?c+d", "org,h)/a+b?c+d"),
    ("https://bücher.de/ü", "de,xn--bcher-kva)/%c3%bc"),
    ("https://h.org/~a|b^c`d{e}f", "org,h)/~a|b^c`d{e}f"),
]
PIECES = [
    *"abAB09/.%25:;=&?+~\"'!@()|\\ é€’😀{}[]`^#,", "//", "/./", "/../", "&&", "%00", "%0a", "%ff", "%2C", "%2b", "%3f", "%23", "%2F", "%2e", "%25", "%3A", "%22", "%41", "%c3%a9", "%253f", "..", "www.",
    f"sid={'a' * 32}", "cfid=1&cftoken=2", f";jsessionid={'a' * 32}", f"PHPSESSID={'0' * 32}&", f"aspsessionidabcdefgh={'k' * 24}", f"(S({'a' * 24}))/", "x.aspx",
]  # fmt: skip
HOSTS = [
    "french.presstv.ir", "WWW2.Example.COM.", "127.0.0.1", "[::1]", "[::1]:8080", "a..b.com:443", "ex%41mple.org",
    "münchen.de:80", "u:p@h.org", "WWW12.x.org", "xn--bcher-kva.de", "192.168.1.1:81", "1.2.3", "0x7f.1", "-h.org", "h_h.org",
    "[2001:DB8::1]:80", "www.www.org",
]  # fmt: skip
ADDRESSES = st.builds(
    "{}://{}/{}?{}".format, st.sampled_from(["http", "https"]), st.sampled_from(HOSTS),
    *[st.lists(st.sampled_from(PIECES), max_size=12).map("".join)] * 2,
)  # fmt: skip
KEPT = Path(__file__).with_name("surt_keys.tsv")


@pytest.mark.parametrize(("url", "key"), KEYS)
def test_a_key_undoes_what_was_encoded(url, key):
    """What a slug encodes, a session's id, numbers for a host: the key is surt's, which is what replay tools look up."""
    assert cdxj.surt(url) == key


@pytest.mark.row("F-WRC-07")
@pytest.mark.parametrize("block", range(3))
def test_many_keys_are_those_of_surt(block):
    """Three times a hundred addresses made at random, with the keys that surt 0.3.1 made of them."""
    told = dict(line.split("\t") for line in KEPT.read_text().splitlines()[block::3])

    assert len(told) == 100
    assert {url: cdxj.surt(url) for url in told} == told


@pytest.mark.row("F-WRC-07")
@settings(max_examples=5)
@given(st.lists(ADDRESSES, min_size=100, max_size=100))
def test_any_key_is_the_one_that_pywb_looks_up(urls):
    """Held against pywb itself, and so against surt, where it is installed."""
    named = [warc.target_uri(url) for url in urls]

    assert [cdxj.surt(url) for url in named] == pywb.keys(named)


def test_a_line_has_the_form_that_replay_tools_read():
    """Key, 14 digits, JSON whose values are all text; the microseconds are kept beside."""
    assert cdxj.line(stored()) == (
        b'ir,presstv,french)/detail/1 20261124120000 {"captured_at":"2026-11-24T12:00:00.123456Z",'
        b'"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",'
        b'"filename":"captures/2026/11/24/a.warc.gz","length":"853","mime":"text/html","offset":"318","status":"200",'
        b'"url":"https://french.presstv.ir/Detail/1"}\n'
    )


@pytest.mark.parametrize(
    ("capture", "revisit", "mime"),
    [
        pytest.param(stored(response_headers=()), False, "unk", id="none given"),
        pytest.param(stored(response_headers=((b"content-type", b" ;x"),)), False, "unk", id="empty"),
        pytest.param(stored(), True, "warc/revisit", id="written as a revisit"),
        pytest.param(
            warc.decode(
                warc.encode_revisit(stored(), refers_to_uri="http://a/", refers_to_date="2026-01-01T00:00:00Z")
            ),
            False,
            "warc/revisit",
            id="read as a revisit",
        ),
    ],
)
def test_the_mime_type_tells_revisits(capture, revisit, mime):
    """A revisit is marked as such, whatever its Content-Type; an unknown type is `unk`."""
    (line,) = cdxj.decode(cdxj.encode([cdxj.line(capture, revisit=revisit)]))

    assert line["mime"] == mime


def test_the_index_of_a_segment_leads_to_its_captures():
    """Each line's offset and length cut out the bytes of the capture that it describes."""
    urls = ["http://b.example/2", "http://a.example/é 1\r\n", "http://a.example/1?z&a"]
    data = b"".join(warc.encode(stored(url, body=url.encode())) for url in urls)
    index = cdxj.encode(cdxj.line(capture) for capture in warc.read(data, "s"))
    for line in cdxj.decode(index):
        offset, length = int(line["offset"]), int(line["length"])
        found = warc.decode(data[offset : offset + length])
        assert found is not None
        assert (found.url, found.payload, len(data[offset : offset + length])) == (line["url"], line["digest"], length)


@given(
    st.lists(
        st.builds(
            stored,
            st.text(max_size=30).map("http://".__add__),
            captured_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
            response_headers=st.binary(max_size=20).map(lambda value: ((b"Content-Type", value),)),
        )
    )
)
def test_lines_come_back_sorted(captures):
    """Whatever an address or a type holds, each capture is one line, lines are in the order of their bytes."""
    lines = [cdxj.line(capture) for capture in captures]
    data = cdxj.encode(lines)

    assert gzip.decompress(data) == b"".join(sorted(lines))
    assert all(line.count(b"\n") == 1 for line in lines)
    assert sorted(line["captured_at"] for line in cdxj.decode(data)) == sorted(
        f"{c.captured_at:%Y-%m-%dT%H:%M:%S.%f}Z" for c in captures
    )


def test_an_index_is_the_same_bytes_in_any_order():
    """The order in which captures were written does not show in their index, nor does the time of writing."""
    lines = [cdxj.line(stored(url)) for url in ("http://a/2", "http://b/1", "http://a/1")]

    assert cdxj.encode(lines) == cdxj.encode(reversed(lines))
    assert io.BytesIO(cdxj.encode(lines)).read(8) == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        cdxj.encode([cdxj.line(stored())])[:-3],
        cdxj.encode([cdxj.line(stored())]) + b"x",
        gzip.compress(b"no index\n", mtime=0),
        gzip.compress(b"a b c\n", mtime=0),
        gzip.compress(b"a 1 []\n", mtime=0),
    ],
)
def test_what_is_no_index_is_an_integrity_error(data):
    """Torn or foreign bytes are told, never taken for a short index."""
    with pytest.raises(IntegrityError, match="restore"):
        list(cdxj.decode(data))


def test_a_capture_elsewhere_has_its_own_zone():
    """The 14 digits are UTC, whatever zone the instant carries."""
    capture = replace(stored(), captured_at=datetime.fromisoformat("2026-11-24T15:30:00+03:30"))

    assert b" 20261124120000 " in cdxj.line(capture)
