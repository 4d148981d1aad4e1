"""Tests of crawler/middlewares/robots.py (F-CON-16, 17, 18)."""

from itertools import pairwise

import pytest
from scrapy.http import Response

from crawler.middlewares.robots import READ, rules_of, token
from settings.base import USER_AGENT
from tests.outlet_server import HANG, RESET, moved, page, serve
from tests.tiny_crawl import OPEN, crawl

FORBID = b"User-agent: *\nDisallow: /\n"
BIG = b"User-agent: *\nDisallow: /avant\n" + b"# rien\n" * 90_000 + b"Disallow: /apres\n"

# Host by host: what robots.txt answers, and the outcome of /page there (None: it is fetched).
HOSTS = {
    "127.0.0.1": (page(b"User-agent: *\nDisallow: /autre\n"), None),
    "127.0.0.2": (page(FORBID), "robots_denied"),
    "127.0.0.3": (page(b"\xef\xbb\xbf" + FORBID), "robots_denied"),
    "127.0.0.4": (page(FORBID, status=404), None),
    "127.0.0.5": (page(FORBID, status=403), None),
    "127.0.0.6": (page(b"<h1>Panne</h1>", status=503), "robots_denied"),
    "127.0.0.7": (page(b"<h1>Panne</h1>", status=500), "robots_denied"),
    "127.0.0.8": ((RESET,), "robots_denied"),
    "127.0.0.9": ((HANG,), "robots_denied"),
    "127.0.0.10": (page(FORBID, status=429), "robots_denied"),
    "127.0.0.11": (page(FORBID + b"User-agent: presstv-archive\nDisallow:\n"), None),
    "127.0.0.12": (page(b"User-agent: PressTV-Archive\nDisallow: /\n\nUser-agent: *\nDisallow:\n"), "robots_denied"),
    "127.0.0.13": (page(b"User-agent: *\nDisallow: /\nAllow: /page\n"), None),
    "127.0.0.14": (page(b"<html><body>Bienvenue</body></html>"), None),
    "127.0.0.15": (page(BIG), None),
    "127.0.0.16": ([page(b"", status=503), page(b"User-agent: *\nDisallow:\n")], None),
}
UNREACHABLE = ("127.0.0.6", "127.0.0.7", "127.0.0.8", "127.0.0.9", "127.0.0.10")
BIG_HOST, DENIED_HOST, SILENT_HOST = "127.0.0.15", "127.0.0.2", "127.0.0.9"


@pytest.fixture(scope="module")
def outlet_and_seen():
    script = {f"{host}/robots.txt": answer for host, (answer, _) in HOSTS.items()}
    pages = {path: page(b"ici") for path in ("/page", "/page/2", "/avant", "/apres")}
    with serve(script | pages, tuple(HOSTS)) as outlet:
        asked = [outlet.at(host) + path for host in HOSTS for path in ("/page", "/page/2")]
        asked += [outlet.at(BIG_HOST) + path for path in ("/avant", "/apres")]
        settings = {**OPEN, "ROBOTSTXT_OBEY": True, "RETRY_TIMES": 1, "CONCURRENT_REQUESTS": 64}
        # The silent host by itself: however slow this machine is, no other host may seem to be silent.
        silent = [url for url in asked if url.startswith(outlet.at(SILENT_HOST) + "/")]
        seen = crawl([url for url in asked if url not in silent], **settings)
        seen |= crawl(silent, **settings, DOWNLOAD_TIMEOUT=1)
    return outlet, seen


@pytest.mark.row("F-CON-16")
@pytest.mark.row("F-CON-17")
@pytest.mark.row("F-CON-18")
@pytest.mark.parametrize("host", HOSTS)
def test_outcome(outlet_and_seen, host):
    """F-CON-16, 17, 18: 2xx rules are obeyed, 4xx allows, 5xx, 429, a reset or silence forbids; the errback hears why."""
    outlet, seen = outlet_and_seen
    ended = seen[outlet.at(host) + "/page"]

    assert ended.get("outcome") == HOSTS[host][1]
    assert ended["how"] == ("errback" if HOSTS[host][1] else "callback")
    assert ("/page" in outlet.paths(host)) is (HOSTS[host][1] is None)


@pytest.mark.row("F-CON-17")
@pytest.mark.parametrize("host", UNREACHABLE)
def test_unreachable_is_told_apart(outlet_and_seen, host):
    """Rules that could not be read say `unreachable`; rules that forbid do not."""
    outlet, seen = outlet_and_seen

    assert seen[outlet.at(host) + "/page"]["detail"].startswith("unreachable")
    assert "unreachable" not in seen[outlet.at(DENIED_HOST) + "/page"]["detail"]


def test_asked_once(outlet_and_seen):
    """Two pages of one origin at once bring one request for robots.txt, plus its retry where it failed."""
    outlet, _ = outlet_and_seen
    times = {host: outlet.paths(host).count("/robots.txt") for host in HOSTS}

    assert times == {host: 2 if host in (*UNREACHABLE, "127.0.0.16") else 1 for host in HOSTS}


@pytest.mark.row("F-CON-18")
def test_first_500_kibibytes(outlet_and_seen):
    """F-CON-18: a rule in the first 500 KiB counts, one behind them does not."""
    outlet, seen = outlet_and_seen

    assert seen[outlet.at(BIG_HOST) + "/avant"]["outcome"] == "robots_denied"
    assert seen[outlet.at(BIG_HOST) + "/apres"]["how"] == "callback"


@pytest.mark.row("F-CON-18")
def test_rule_cut_by_the_limit():
    """A line that the limit cuts in two is no rule: half of it would forbid what nobody forbade."""
    start = b"User-agent: *\n#"
    body = start + b"x" * (READ - len(start) - 12) + b"\nDisallow: /section/une\n"
    rules = rules_of(Response("http://a.exemple/robots.txt", body=body))

    assert rules.can_fetch("http://a.exemple/", "x")


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        pytest.param("presstv-archive/0.1.0 (+moi@exemple.fr)", "presstv-archive", id="ours"),
        pytest.param(USER_AGENT, "presstv-archive", id="setting"),
        pytest.param("Mozilla/5.0", "Mozilla", id="browser"),
        pytest.param("", "*", id="none"),
    ],
)
def test_token(agent, expected):
    """A crawler is named in robots.txt by the product token of its User-Agent."""
    assert token(agent) == expected


def hops(number, end):
    steps = {f"/r{n}": moved(f"/r{n + 1}") for n in range(1, number)}
    return {"/robots.txt": moved("/r1"), **steps, f"/r{number}": end}


@pytest.mark.row("F-CON-18")
@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(hops(5, page(FORBID)), "robots_denied", id="five-hops-obeyed"),
        pytest.param(hops(6, page(FORBID)), None, id="six-hops-unavailable"),
        pytest.param({"/robots.txt": moved("/")}, None, id="front-page"),
        pytest.param({"/robots.txt": moved("http://127.0.0.1:1/robots.txt")}, "ssrf_blocked", id="private"),
        pytest.param({"/robots.txt": moved("https://pub.exemple/robots.txt")}, "robots_denied", id="off-the-base"),
    ],
)
def test_redirected(script, outcome):
    """F-CON-18: five redirects are followed, more count as 4xx; one that may not be followed leaves the rules unread."""
    with serve(script | {"/page": page(b"ici"), "/": page(FORBID)}) as outlet:
        seen = crawl([outlet.base + "/page"], OUTLET_BASE=outlet.base, ROBOTSTXT_OBEY=True)

    assert seen[outlet.base + "/page"].get("outcome") == outcome


def test_dead_origin():
    """An origin that refuses connections or has no address is told as such, not as a refusal by robots.txt."""
    with serve({}) as outlet:
        gone = outlet.base + "/page"
    nameless = "http://french.presstv.ir/page"
    seen = crawl([gone, nameless], names={"french.presstv.ir": []}, **OPEN, ROBOTSTXT_OBEY=True)

    assert [seen[url]["outcome"] for url in (gone, nameless)] == ["conn_error", "dns_error"]
    assert {s["how"] for s in seen.values()} == {"errback"}


def test_crawl_delay():
    """A Crawl-delay over the crawl's own delay spaces the pages out, robots.txt itself included."""
    script = {"/robots.txt": page(b"User-agent: *\nCrawl-delay: 1\n"), "/a": page(b"a"), "/b": page(b"b")}
    with serve(script) as outlet:
        crawl([outlet.base + "/a", outlet.base + "/b"], OUTLET_BASE=outlet.base, ROBOTSTXT_OBEY=True)
        times = sorted(asked.at for asked in outlet.log)

    assert len(times) == 3
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.7


def test_not_obeyed():
    """With ROBOTSTXT_OBEY off, robots.txt is not asked."""
    with serve({"/robots.txt": page(FORBID), "/page": page(b"ici")}) as outlet:
        crawl([outlet.base + "/page"], OUTLET_BASE=outlet.base)

    assert outlet.paths() == ["/page"]
