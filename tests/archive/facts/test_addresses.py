"""The host of an address: one reading for the record's mirror, the moves of an article and whoever asks a host."""

import pytest

from archive.facts.addresses import host_of, hostname_of, is_loopback, literal


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        pytest.param("https://french.presstv.ir/Detail/1", "french.presstv.ir", "french.presstv.ir", id="plain"),
        pytest.param("http://127.0.0.1:8800/x", "127.0.0.1:8800", "127.0.0.1", id="port"),
        pytest.param("https://Ab.IR", "ab.ir", "ab.ir", id="no path, capitals"),
        pytest.param("https://ab.ir?x=1/2", "ab.ir", "ab.ir", id="query without a path"),
        pytest.param("https://ab.ir#x", "ab.ir", "ab.ir", id="fragment without a path"),
        pytest.param("https://me:secret@ab.ir:80/x", "ab.ir:80", "ab.ir", id="user"),
        pytest.param("http://[::1]:8800/x", "[::1]:8800", "::1", id="IPv6"),
        pytest.param("http://[x", "", "", id="broken bracket"),
        pytest.param("nothing", "", "", id="no address"),
        pytest.param("", "", "", id="empty"),
    ],
)
def test_host(url, host, name):
    """The host ends at the first slash, question mark or number sign (RFC 3986); nonsense has none and breaks nothing."""
    assert (host_of(url), hostname_of(url)) == (host, name)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("127.1", True), ("2130706433", True), ("::1", True),
        ("localhost", True), ("LOCALHOST", True), ("10.0.0.1", False), ("0.0.0.0", False), ("example.org", False),
        ("localhost.example.org", False), ("", False),
    ],
)  # fmt: skip
def test_loopback(host, local):
    """Only this machine's own addresses are loopback, in every form that the operating system reads as one."""
    assert is_loopback(host) is local


@pytest.mark.row("F-OUT-23")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "127.1"], ids=lambda h: h
)
def test_literal_forms(host):
    """Every way to write an IPv4 address as a host is read as the operating system reads it."""
    assert str(literal(host)) == "127.0.0.1"


def test_names_are_no_literals():
    """A name is not an address."""
    assert [literal(name) for name in ("french.presstv.ir", "localhost", "", "a.1")] == [None] * 4
