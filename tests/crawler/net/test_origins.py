"""Tests of crawler/net/origins.py."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.net.origins import at_origin, origin, rewrite, same_origin

HOSTS, ALIASES = ("fr.exemple.ir", "fr.exemple.com"), ("exemple.ir",)
BASE = "http://127.0.0.1:8800"


@pytest.mark.row("F-CON-10")
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://fr.exemple.ir/Detail/2026/11/24/1/a", BASE + "/Detail/2026/11/24/1/a", id="host"),
        pytest.param("http://FR.Exemple.COM./x", BASE + "/x", id="case-and-final-dot"),
        pytest.param("https://fr.exemple.ir:443/x", BASE + "/x", id="https-port"),
        pytest.param("http://fr.exemple.ir:80/x", BASE + "/x", id="http-port"),
        pytest.param("https://fr.exemple.ir/x?a=1&b=%C3%A9#bas", BASE + "/x?a=1&b=%C3%A9", id="query-kept"),
        pytest.param("https://fr.exemple.ir", BASE + "/", id="no-path"),
        pytest.param("https://fr.exemple.ir//x//y", BASE + "//x//y", id="double-slashes"),
        pytest.param("https://fr.exemple.ir/été%2Fici", BASE + "/%C3%A9t%C3%A9%2Fici", id="letters-escaped"),
        pytest.param(BASE + "/déjà", BASE + "/d%C3%A9j%C3%A0", id="already-there"),
        pytest.param("https://fr.exemple.ir:8443/x", None, id="another-port"),
        pytest.param("http://127.0.0.1:8801/x", None, id="base-another-port"),
        pytest.param("https://exemple.ir/x", None, id="alias-outside-the-feed"),
        pytest.param("https://pub.exemple/x", None, id="stranger"),
        pytest.param("https://fr.exemple.ir.pub.exemple/x", None, id="host-as-prefix"),
        pytest.param("https://fr.exemple.ir@pub.exemple/x", None, id="host-as-user"),
        pytest.param("https://moi:secret@fr.exemple.ir/x", None, id="credentials"),
        pytest.param("https://fr.еxemple.ir/x", None, id="homograph"),
        pytest.param("ftp://fr.exemple.ir/x", None, id="ftp"),
        pytest.param("javascript:alert(1)", None, id="javascript"),
        pytest.param("/x", None, id="relative"),
        pytest.param("http://[", None, id="malformed"),
        pytest.param("http://fr.exemple.ir:port/x", None, id="malformed-port"),
        pytest.param("", None, id="empty"),
    ],
)
def test_rewrite(url, expected):
    """Only the edition's own addresses come back, on the base's origin, path and query kept."""
    assert rewrite(url, hosts=HOSTS, aliases=(), base=BASE) == expected


def test_alias_in_feed():
    """An alias is the edition's where aliases are passed, and there only."""
    assert rewrite("http://exemple.ir/a?b", hosts=HOSTS, aliases=ALIASES, base=BASE) == BASE + "/a?b"


@pytest.mark.parametrize(
    ("url", "base", "same"),
    [
        pytest.param("http://a.exemple/x", "http://a.exemple:80", True, id="default-port"),
        pytest.param("HTTPS://A.exemple:443/", "https://a.exemple", True, id="case"),
        pytest.param("https://a.exemple", "http://a.exemple", False, id="scheme"),
        pytest.param("http://a.exemple:81", "http://a.exemple", False, id="port"),
        pytest.param("http://b.exemple", "http://a.exemple", False, id="host"),
        pytest.param("http://[::1]:8800/x", "http://[::1]:8800", True, id="ipv6"),
        pytest.param("mailto:a@exemple", "mailto:a@exemple", False, id="no-origins"),
    ],
)
def test_same_origin(url, base, same):
    """An origin is scheme, host and port, the scheme's own port filled in."""
    assert same_origin(url, base) is same


@pytest.mark.row("F-CON-10")
@given(st.text(max_size=60), st.text(max_size=40))
def test_rewritten_is_on_base(path, query):
    """Whatever stands in path and query, the result is an ASCII address on the base, and rewriting it changes nothing."""
    made = rewrite(f"https://fr.exemple.ir/{path}?{query}", hosts=HOSTS, aliases=(), base=BASE)

    if made is not None:
        assert made.isascii()
        assert same_origin(made, BASE)
        assert rewrite(made, hosts=HOSTS, aliases=(), base=BASE) == made


@given(st.text(max_size=60))
def test_origin_is_total(text):
    """No text makes the reading of an origin raise."""
    found = origin(text)

    assert found is None or urlsplit(text.strip()).scheme == found[0]


def test_other_origins_are_rewritten_too():
    """A link to one of several bases leads to the one that is crawled; a stranger's port does not."""
    told = {"hosts": HOSTS, "aliases": (), "base": BASE, "origins": ("http://127.0.0.1:8801",)}

    assert rewrite("http://127.0.0.1:8801/x", **told) == BASE + "/x"
    assert rewrite("http://127.0.0.1:8802/x", **told) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://french.presstv.ir/Detail/7/x", "http://127.0.0.1:8800/Detail/7/x"),
        ("https://french.presstv.ir/Detail/7/%C3%A9?a=b&c", "http://127.0.0.1:8800/Detail/7/%C3%A9?a=b&c"),
        ("https://french.presstv.ir", "http://127.0.0.1:8800"),
    ],
    ids=["path", "query", "bare"],
)
def test_the_same_page_of_another_origin(url, expected):
    """Path and query are kept as they are written."""
    assert at_origin(url, "http://127.0.0.1:8800") == expected
