"""Tests of crawler/middlewares/redirect.py (F-OUT-21, 22, 24, 25)."""

import pytest

from tests.outlet_server import moved, page, serve
from tests.tiny_crawl import crawl

ALIVE = page(b"<p>ici</p>")
LONG = "/" + "a" * 3000


def chain(name, hops):
    steps = {f"/{name}{n}": moved(f"/{name}{n + 1}") for n in range(hops)}
    return steps | {f"/{name}{hops}": ALIVE}


SCRIPT = {
    "/": ALIVE,
    "/ici": ALIVE,
    "/301": moved("/ici", 301),
    "/303": moved("/ici", 303),
    "/307": moved("/ici#bas", 307),
    "/308": moved("ici", 308),
    "/twin": moved("/ici"),
    "/mirror": moved("https://french.presstv.co.uk/ici?x=1"),
    "/ici?x=1": ALIVE,
    **chain("five", 5),
    **chain("six", 6),
    "/self": moved("/self"),
    "/ping": moved("/pong"),
    "/pong": moved("/ping"),
    "/home": moved("/"),
    "/home-absolute": moved("https://french.presstv.ir/?de=article"),
    "/alias": moved("https://www.presstv.ir/ici"),
    "/stranger": moved("https://pub.exemple/offre"),
    "/no-scheme": moved("//pub.exemple/offre"),
    "/other-port": moved("http://127.0.0.1:1/x"),
    "/metadata": moved("http://169.254.169.254/latest"),
    "/file": moved("file:///etc/passwd"),
    "/ftp": moved("ftp://french.presstv.ir/x"),
    "/data": moved("data:text/html,x"),
    "/gopher": moved("gopher://127.0.0.1/x"),
    "/script": moved("javascript:alert(1)"),
    "/bad": moved("http://[/x"),
    "/nowhere": page(b"", status=302),
    "/long": moved(LONG),
    "/policy": page(b"", "Location: /ici", "Referrer-Policy: sys.exit", "Set-Cookie: a=b", status=302),
}


@pytest.fixture(scope="module")
def outlet_and_seen():
    starts = [path for path in SCRIPT if path in ("/five0", "/six0") or not path.startswith(("/five", "/six", "/ici?"))]
    with serve(SCRIPT) as outlet:
        seen = crawl([outlet.base + path for path in starts], OUTLET_BASE=outlet.base)
    return outlet, seen


@pytest.fixture
def look(outlet_and_seen):
    outlet, seen = outlet_and_seen
    return lambda path: seen[outlet.base + path]


@pytest.mark.parametrize("path", ["/301", "/303", "/307", "/308", "/twin"])
def test_followed(outlet_and_seen, look, path):
    """A redirect on the outlet is followed, also to a page that was asked already, its chain in redirect_urls."""
    outlet, _ = outlet_and_seen
    seen = look(path)

    assert (seen["how"], seen["url"], seen["hops"]) == ("callback", outlet.base + "/ici", [outlet.base + path])


def test_mirror_is_rewritten(outlet_and_seen, look):
    """With another base, a redirect to one of the edition's hosts leads to the same page of the base."""
    outlet, _ = outlet_and_seen

    assert look("/mirror")["url"] == outlet.base + "/ici?x=1"


def test_five_hops(look):
    """Five hops are followed."""
    assert (look("/five0")["how"], len(look("/five0")["hops"])) == ("callback", 5)


@pytest.mark.row("F-OUT-21")
@pytest.mark.parametrize("path", ["/six0", "/self", "/ping"])
def test_loop(look, path):
    """F-OUT-21: six hops, or a target met before, end as http_error in the errback of the first request."""
    seen = look(path)

    assert (seen["how"], seen["outcome"]) == ("errback", "http_error")
    assert seen["detail"].startswith("redirect_loop")


@pytest.mark.parametrize("path", ["/home", "/home-absolute"])
def test_home(look, path):
    """A page that redirects to the front page comes back as the redirect itself, marked, the front page not asked."""
    seen = look(path)

    assert (seen["how"], seen["status"], seen["home"]) == ("callback", 302, True)


@pytest.mark.row("F-OUT-22")
@pytest.mark.row("F-OUT-23")
@pytest.mark.row("F-OUT-24")
@pytest.mark.parametrize(
    ("path", "outcome", "target"),
    [
        pytest.param("/alias", "redirected_offsite", "https://www.presstv.ir/ici", id="alias"),
        pytest.param("/stranger", "redirected_offsite", "https://pub.exemple/offre", id="stranger"),
        pytest.param("/no-scheme", "redirected_offsite", "http://pub.exemple/offre", id="no-scheme"),
        pytest.param("/other-port", "ssrf_blocked", "http://127.0.0.1:1/x", id="other-port"),
        pytest.param("/metadata", "ssrf_blocked", "http://169.254.169.254/latest", id="metadata"),
        pytest.param("/file", "redirected_offsite", "file:///etc/passwd", id="file"),
        pytest.param("/ftp", "redirected_offsite", "ftp://french.presstv.ir/x", id="ftp"),
        pytest.param("/data", "redirected_offsite", "data:text/html,x", id="data"),
        pytest.param("/gopher", "redirected_offsite", "gopher://127.0.0.1/x", id="gopher"),
        pytest.param("/script", "redirected_offsite", "javascript:alert(1)", id="javascript"),
    ],
)
def test_not_followed(look, path, outcome, target):
    """F-OUT-22, 24: a redirect off the outlet is not followed and ends, with its target, in the errback."""
    seen = look(path)

    assert (seen["how"], seen["outcome"], seen["detail"]) == ("errback", outcome, target)


@pytest.mark.row("F-OUT-24")
def test_odd_locations(look):
    """A Location that is no address is an http_error, one too long is filtered, none at all is a plain response."""
    assert look("/bad")["outcome"] == "http_error"
    assert look("/long")["outcome"] == "filtered"
    assert (look("/nowhere")["how"], look("/nowhere")["status"]) == ("callback", 302)


@pytest.mark.row("F-OUT-25")
@pytest.mark.row("F-OUT-26")
def test_hostile_headers(outlet_and_seen, look):
    """F-OUT-25, 26: a Referrer-Policy that names a function is not called; no cookie and no Referer is sent."""
    outlet, _ = outlet_and_seen
    heads = b"".join(asked.head for asked in outlet.log).lower()

    assert look("/policy")["how"] == "callback"
    assert b"cookie:" not in heads
    assert b"referer:" not in heads


@pytest.mark.row("F-OUT-21")
def test_every_address_has_one_end(outlet_and_seen):
    """Each address asked ends once, in callback or errback, and nothing is logged as an error."""
    _, seen = outlet_and_seen

    assert len(seen) == len(
        [p for p in SCRIPT if p in ("/five0", "/six0") or not p.startswith(("/five", "/six", "/ici?"))]
    )
    assert seen.stats["stderr"] == ""
