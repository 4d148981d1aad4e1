"""Tests of crawler/middlewares/retry.py (F-OUT-01, 04, 07, 08, 09, 10)."""

from datetime import UTC, datetime

import pytest

from tests.outlet_server import HANG, RESET, page, serve
from tests.tiny_crawl import OPEN, crawl

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DATE = "Date: Tue, 24 Nov 2026 08:00:00 GMT"
TRIES = 4


def limited(value, *headers, status=429):
    return page(b"Doucement", f"Retry-After: {value}", *headers, status=status)


SCRIPT = {
    "127.0.0.1/ok": page(b"ici"),
    "127.0.0.1/404": page(b"rien", status=404),
    "127.0.0.2/503": page(b"panne", status=503),
    "127.0.0.3/twice": [page(b"panne", status=500), page(b"panne", status=502), page(b"ici")],
    "127.0.0.4/reset": (RESET,),
    "127.0.0.5/hang": (HANG,),
    "127.0.0.6/reset-once": [(RESET,), page(b"ici")],
    "127.0.0.7/over": limited(901),
    "127.0.0.8/over-503": limited(99999999, status=503),
    "127.0.0.9/garbage": [limited("demain"), limited("-1"), limited("Tue, 24 Nov 2020 08:00:00 GMT"), page(b"ici")],
    "127.0.0.10/500-after": [limited(900, status=500), page(b"ici")],
    "127.0.0.11/garbled": b"\x00\x01 ceci n'est pas du HTTP\r\n\r\n",
}


@pytest.fixture(scope="module")
def outlet_and_seen():
    hosts = [place.partition("/")[0] for place in SCRIPT]
    with serve(SCRIPT, tuple(dict.fromkeys(hosts))) as outlet:
        urls = {"/" + path: outlet.at(host) + "/" + path for host, _, path in (p.partition("/") for p in SCRIPT)}
        # The silent host by itself: however slow this machine is, no other host may seem to be silent.
        found = crawl([url for path, url in urls.items() if path != "/hang"], **OPEN, CONCURRENT_REQUESTS=32)
        found |= crawl([urls["/hang"]], **OPEN, DOWNLOAD_TIMEOUT=1)
    return outlet, {path: found[url] for path, url in urls.items()}


@pytest.mark.row("F-OUT-04")
@pytest.mark.row("F-OUT-07")
@pytest.mark.row("F-OUT-10")
@pytest.mark.row("F-OUT-20")
@pytest.mark.parametrize(
    ("path", "how", "what", "tries"),
    [
        pytest.param("/ok", "callback", 200, 1, id="fine"),
        pytest.param("/404", "callback", 404, 1, id="not-found"),
        pytest.param("/503", "callback", 503, TRIES, id="sick"),
        pytest.param("/twice", "callback", 200, 3, id="recovers"),
        pytest.param("/reset", "errback", "DownloadFailedError", TRIES, id="reset"),
        pytest.param("/hang", "errback", "DownloadTimeoutError", TRIES, id="silent"),
        pytest.param("/reset-once", "callback", 200, 2, id="reset-once"),
        pytest.param("/over", "errback", "http_error", 1, id="over-the-cap"),
        pytest.param("/over-503", "errback", "http_error", 1, id="over-the-cap-503"),
        pytest.param("/garbage", "callback", 200, TRIES, id="no-wait-named"),
        pytest.param("/500-after", "callback", 200, 2, id="retry-after-of-a-500"),
        pytest.param("/garbled", "errback", "DownloadFailedError", TRIES, id="no-http"),
    ],
)
def test_tries(outlet_and_seen, path, how, what, tries):
    """F-OUT-04, 07, 10: passing troubles are tried four times at most, then callback or errback gets the last of them."""
    outlet, seen = outlet_and_seen
    ended = seen[path]

    assert (ended["how"], ended.get("status") or ended["outcome"] or ended["error"]) == (how, what)
    assert outlet.paths().count(path) == tries


def test_over_the_cap_names_the_wait(outlet_and_seen):
    """The detail of a refused wait is the wait."""
    assert outlet_and_seen[1]["/over"]["detail"] == "retry_after 901"


@pytest.mark.row("F-OUT-09")
@pytest.mark.parametrize(
    ("status", "headers"),
    [
        pytest.param(429, ["1"], id="429-seconds"),
        pytest.param(503, ["Tue, 24 Nov 2026 08:00:01 GMT", DATE], id="503-date-by-the-server's-clock"),
    ],
)
def test_whole_host_waits(status, headers):
    """F-OUT-09: after Retry-After nothing is asked of the host, queued requests included, until the wait is over."""
    others = {f"/{n}": page(b"ici") for n in range(6)}
    script = {"/limited": [limited(*headers, status=status), page(b"ici")], **others}
    with serve(script) as outlet:
        urls = [outlet.base + path for path in script]
        seen = crawl(urls, OUTLET_BASE=outlet.base, CONCURRENT_REQUESTS=3, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        first, *later = [asked.at for asked in outlet.log]

    assert outlet.paths()[0] == "/limited"
    assert min(later) - first >= 1
    assert {s["status"] for s in seen.values()} == {200}
    assert seen.stats["retry/rate_limited_waits"] == 1


@pytest.mark.row("F-OUT-10")
def test_host_over_the_cap_is_left_alone():
    """A host that asks for more than the cap is asked nothing more: its other pages end as not_attempted."""
    script = {"/limited": limited(5000), **{f"/{n}": page(b"ici") for n in range(4)}}
    with serve(script) as outlet:
        urls = [outlet.base + path for path in script]
        seen = crawl(urls, OUTLET_BASE=outlet.base, CONCURRENT_REQUESTS=3, CONCURRENT_REQUESTS_PER_DOMAIN=1)

    assert outlet.paths() == ["/limited"]
    assert {(seen[u]["outcome"], seen[u]["detail"]) for u in urls[1:]} == {("not_attempted", "retry_after 5000")}


@pytest.mark.row("F-OUT-08")
def test_breaker_opens():
    """F-OUT-08: a host that only fails gets ten tries and one trial; the rest ends as not_attempted, told to errbacks."""
    with serve({f"/{n}": page(b"panne", status=503) for n in range(30)}) as outlet:
        urls = [f"{outlet.base}/{n}" for n in range(30)]
        seen = crawl(urls, OUTLET_BASE=outlet.base, CONCURRENT_REQUESTS=1)
    ends = [s.get("status") or (s["outcome"], s["detail"]) for s in seen.values()]

    assert len(outlet.log) == 11
    assert len(ends) == 30
    assert set(ends) == {503, ("not_attempted", "breaker")}
    assert seen.stats["retry/breaker_opened"] == 1


@pytest.mark.row("F-OUT-07")
def test_breaker_closes():
    """A trial that is answered closes the breaker: the host's other pages are asked again."""
    sick = {f"/{n}": [page(b"panne", status=503), page(b"ici")] for n in range(3)}
    script = sick | {f"/bien/{n}": page(b"ici") for n in range(5)}
    with serve(script) as outlet:
        urls = [outlet.base + path for path in script]
        seen = crawl(urls, OUTLET_BASE=outlet.base, CONCURRENT_REQUESTS=1, BREAKER_FAILURES=3)

    assert [s["status"] for s in seen.values()] == [200] * len(urls)
    assert seen.stats["retry/breaker_opened"] == 1


def test_breaker_is_the_host_s_own():
    """A sick host's breaker leaves another host's pages alone."""
    script = {"/ici": page(b"ici")} | {f"127.0.0.2/{n}": page(b"panne", status=500) for n in range(6)}
    with serve(script, ("127.0.0.1", "127.0.0.2")) as outlet:
        sick = [f"{outlet.at('127.0.0.2')}/{n}" for n in range(6)]
        seen = crawl([*sick, outlet.base + "/ici"], **OPEN, BREAKER_FAILURES=2)

    assert seen[outlet.base + "/ici"]["status"] == 200
    assert "not_attempted" in {seen[url].get("outcome") for url in sick}


@pytest.mark.row("F-OUT-01")
def test_refused_connections():
    """F-OUT-01: a closed port is tried again and fails as refused, in the errback."""
    with serve({}) as outlet:
        url = outlet.base + "/x"
    seen = crawl([url], OUTLET_BASE=outlet.base)

    assert (seen[url]["how"], seen[url]["error"]) == ("errback", "DownloadConnectionRefusedError")
    assert seen.stats["retry/count"] == TRIES - 1


def test_closing_ends_waits():
    """A crawl that is closed does not sit out a long wait: requests held back end as not_attempted."""
    script = {"/limited": limited(600), **{f"/{n}": page(b"ici") for n in range(3)}}
    with serve(script) as outlet:
        urls = [outlet.base + path for path in script]
        seen = crawl(urls, OUTLET_BASE=outlet.base, CONCURRENT_REQUESTS_PER_DOMAIN=1, CLOSESPIDER_TIMEOUT=1)

    assert {(s["how"], s["detail"]) for s in seen.values()} == {("errback", "the crawl is ending")}
