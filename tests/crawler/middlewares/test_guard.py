"""Tests of crawler/middlewares/guard.py (F-OUT-23)."""

import socket
from contextlib import contextmanager

import pytest

from crawler.middlewares.guard import Policy
from tests.outlet_server import page, serve
from tests.tiny_crawl import crawl

HOST, MIRROR, THIRD, FOURTH = "french.presstv.ir", "french.presstv.co.uk", "french.presstv.com", "www.presstv.com"


@contextmanager
def listener(port=0):
    """Listen on loopback and tell, at the end, whether anybody connected."""
    with socket.create_server(("127.0.0.1", port)) as sock:
        sock.setblocking(False)
        yield sock


def nobody_came(sock):
    try:
        sock.accept()
    except BlockingIOError:
        return True
    return False


@pytest.mark.row("F-OUT-23")
@pytest.mark.parametrize(
    ("url", "base", "outcome"),
    [
        pytest.param(f"https://{HOST}/x", "", None, id="edition"),
        pytest.param(f"http://{HOST}:80/x", "", None, id="own-port"),
        pytest.param(f"https://{HOST}:8443/x", "", "redirected_offsite", id="edition-other-port"),
        pytest.param("https://pub.exemple/x", "", "redirected_offsite", id="stranger"),
        pytest.param("https://93.184.216.34/x", "", "redirected_offsite", id="public-literal"),
        pytest.param("http://127.0.0.1/x", "", "ssrf_blocked", id="loopback"),
        pytest.param("http://[::ffff:10.0.0.1]/x", "", "ssrf_blocked", id="mapped"),
        pytest.param("http://[::1]/x", "", "ssrf_blocked", id="loopback-v6"),
        pytest.param("http://2852039166/x", "", "ssrf_blocked", id="decimal-metadata"),
        pytest.param("http://localhost/x", "", "ssrf_blocked", id="localhost"),
        pytest.param("http://a.localhost/x", "", "ssrf_blocked", id="under-localhost"),
        pytest.param("file:///etc/passwd", "", "filtered", id="file"),
        pytest.param("http://127.0.0.1:8800/x", "http://127.0.0.1:8800", None, id="base"),
        pytest.param("http://127.0.0.1:8801/x", "http://127.0.0.1:8800", "ssrf_blocked", id="base-other-port"),
        pytest.param("https://127.0.0.1:8800/x", "http://127.0.0.1:8800", "ssrf_blocked", id="base-other-scheme"),
        pytest.param("http://127.0.0.2:8800/x", "http://127.0.0.1:8800", "ssrf_blocked", id="base-other-address"),
        pytest.param(f"https://{HOST}/x", "http://127.0.0.1:8800", "redirected_offsite", id="edition-beside-base"),
    ],
)
def test_policy(url, base, outcome):
    """The edition's hosts on their own ports are asked, or one exact other base; the refusal says which it is."""
    refusal = Policy(bases=(base,) if base else (), hosts=(HOST,)).refusal(url)

    assert (refusal and refusal.outcome) == outcome


def test_robots_may_leave():
    """robots.txt may lie on any public host, never on a private one."""
    policy = Policy(hosts=(HOST,))

    assert policy.refusal("https://ailleurs.exemple/robots.txt", any_host=True) is None
    assert policy.refusal("http://10.0.0.1/robots.txt", any_host=True).outcome == "ssrf_blocked"


@pytest.mark.row("F-OUT-23")
@pytest.mark.parametrize("robots", [False, True], ids=["page", "robots.txt"])
def test_private_answers(robots):
    """A name that leads to a private address, alone or among others, ends as ssrf_blocked; no connection is made."""
    names = {
        HOST: ["127.0.0.1"],
        MIRROR: ["93.184.216.34", "127.0.0.1"],
        THIRD: ["169.254.169.254"],
        FOURTH: ["100.64.0.1"],
    }
    with listener() as sock:
        port = sock.getsockname()[1]
        asked = [f"http://{host}/x" for host in names] + [f"http://127.0.0.1:{port}/x", "http://[::1]/x"]
        seen = crawl(asked, names=names, ROBOTSTXT_OBEY=robots)

        assert {(s["how"], s["outcome"]) for s in seen.values()} == {("errback", "ssrf_blocked")}
        assert nobody_came(sock)
    assert "retry/count" not in seen.stats


@pytest.mark.row("F-OUT-23")
def test_resolver_alone_guards_the_connection():
    """Without the middleware the resolver still refuses: a private literal, decimal or dotted, is never connected to."""
    with listener() as sock:
        port = sock.getsockname()[1]
        asked = [f"http://{host}:{port}/x" for host in ("127.0.0.1", "2130706433", "localhost", "[::1]")]
        seen = crawl(asked, without=["crawler.middlewares.guard.GuardMiddleware"])

        assert {s["how"] for s in seen.values()} == {"errback"}
        assert nobody_came(sock)


@pytest.mark.row("F-OUT-23")
def test_base_is_one_origin():
    """With OUTLET_BASE only that origin is asked: another loopback port is never connected to, its robots.txt neither."""
    with serve({"/x": page(b"ici")}) as outlet, listener() as sock:
        other = f"http://127.0.0.1:{sock.getsockname()[1]}/x"
        asked = [outlet.base + "/x", other, f"https://{HOST}/x"]
        seen = crawl(asked, OUTLET_BASE=outlet.base, ROBOTSTXT_OBEY=True)

        assert nobody_came(sock)
    assert seen[outlet.base + "/x"]["status"] == 200
    assert [seen[url]["outcome"] for url in asked[1:]] == ["ssrf_blocked", "redirected_offsite"]


def test_named_base():
    """A base named without a dot may be local; one with a dot never leads into the private network."""
    with serve({"/x": page(b"ici")}) as outlet:
        local, worldly = f"http://vitrine:{outlet.port}", f"http://vitrine.exemple:{outlet.port}"
        names = {"vitrine": ["127.0.0.1"], "vitrine.exemple": ["127.0.0.1"]}
        seen = [crawl([f"{base}/x"], names=names, OUTLET_BASE=base)[f"{base}/x"] for base in (local, worldly)]

    assert [s.get("status", s.get("outcome")) for s in seen] == [200, "ssrf_blocked"]
    assert len(outlet.log) == 1


@pytest.mark.row("F-OUT-02")
def test_unknown_name_is_retried():
    """A name that leads nowhere is no refusal: it is looked up again and fails as Scrapy says it."""
    url = f"http://{HOST}/x"
    seen = crawl([url], names={HOST: []})

    assert (seen[url]["how"], seen[url]["error"]) == ("errback", "CannotResolveHostError")
    assert seen.stats["retry/count"] == 3


@pytest.mark.row("F-SEC-07")
def test_no_server_while_crawling():
    """F-SEC-07: a crawl listens on no port: neither the telnet console nor the remote control is there."""
    with serve({"/x": page(b"ici")}) as outlet:
        url = outlet.base + "/x"
        shut = crawl([url], OUTLET_BASE=outlet.base)
        opened = crawl([url], OUTLET_BASE=outlet.base, TELNETCONSOLE_ENABLED=True)

    assert shut[url]["listening"] == []
    assert len(opened[url]["listening"]) == 1


def test_several_bases_are_all_that_is_asked():
    """Each origin that OUTLET_BASE names is asked, at its own port; a third one is not."""
    with serve({"/x": page(b"ici")}) as one, serve({"/x": page(b"la")}) as two, listener() as sock:
        asked = [one.base + "/x", two.base + "/x", f"http://127.0.0.1:{sock.getsockname()[1]}/x"]
        seen = crawl(asked, OUTLET_BASE=f"{one.base},{two.base}")

        assert nobody_came(sock)
    assert [seen[url].get("text") or seen[url]["outcome"] for url in asked] == ["ici", "la", "ssrf_blocked"]
