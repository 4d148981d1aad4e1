"""Polite, guarded GETs: who is asked, how often, how long, and what becomes of each answer."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ConfigurationError, OutletUnreachable, RefusedByOutlet
from crawler.net.fetching import Fetcher, Manners, TooMuch, base_of
from tests.outlet_server import DRIP, HANG, RESET, moved, page, serve

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Time:
    """A clock that goes on by a tick with each reading, and when somebody waits."""

    def __init__(self, tick=0.0):
        self.now, self.tick, self.waits = 0.0, tick, []

    def __call__(self):
        self.now += self.tick
        return self.now

    def wait(self, seconds):
        """Let seconds pass."""
        self.waits.append(seconds)
        self.now += seconds


def fetcher(clock=None, **manners):
    """Return a fetcher, and the clock that it goes by."""
    clock = clock or Time()
    known = {"agent": "essai/1 (+mailto:a@exemple.invalid)", "pause": 1.0, "timeout": 5.0, "tries": 3, "backoff": 2.0}
    return Fetcher(manners=Manners(**known | manners), wait=clock.wait, seconds=clock, now=lambda: NOW), clock


def test_an_answer_is_status_headers_and_bytes():
    """As they came; who asks says so, and no packing is asked for."""
    with serve({"/x": page(b"\xffcorps", "X-Mot: \xe9t\xe9")}) as server:
        answer = fetcher()[0].get(f"{server.base}/x", {"Range": "bytes=0-9"})
        head = server.log[0].head.decode()

    assert (answer.status, answer.body, answer.url) == (200, b"\xffcorps", f"{server.base}/x")
    assert (answer.header("x-mot"), answer.header("X-Rien")) == ("\xe9t\xe9", "")
    assert (b"X-Mot", b"\xe9t\xe9") in answer.headers
    assert "User-Agent: essai/1 (+mailto:a@exemple.invalid)\r\n" in head
    assert "Accept-Encoding: identity\r\n" in head
    assert "Range: bytes=0-9\r\n" in head


def test_requests_keep_their_distance():
    """A pause lies between any two, tries and redirects among them; what was waited already counts."""
    with serve({"/a": [moved("/b"), page(b"a")], "/b": page(b"", status=503)}) as server:
        one, clock = fetcher()
        one.get(f"{server.base}/a")
        clock.now += 0.4
        one.get(f"{server.base}/a")

    assert [round(wait, 3) for wait in clock.waits] == [1.0, 2.0, 0.6]


@pytest.mark.parametrize(
    ("header", "waited"),
    [("", 2.0), ("Retry-After: 30", 30.0), ("Retry-After: 1", 2.0), ("Retry-After: jamais", 2.0),
     (f"Retry-After: {format_datetime(NOW + timedelta(seconds=45), usegmt=True)}", 45.0)],
    ids=["none", "seconds", "shorter-than-ours", "nonsense", "date"],
)  # fmt: skip
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_waited_for(header, waited, status):
    """As long as it says, at least as long as we would ourselves."""
    headers = [header] if header else []
    with serve({"/x": [page(b"", *headers, status=status), page(b"bien")]}) as server:
        one, clock = fetcher()
        answer = one.get(f"{server.base}/x")

    assert (answer.body, clock.waits[0]) == (b"bien", waited)


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_an_error_is_tried_again_and_then_handed_on(status):
    """The wait doubles; the last answer is the caller's to judge."""
    with serve({"/x": page(b"", status=status)}) as server:
        one, clock = fetcher()
        answer = one.get(f"{server.base}/x")

    assert (answer.status, clock.waits, one.asked) == (status, [2.0, 4.0], 3)


@pytest.mark.parametrize("status", [200, 206, 301, 400, 401, 403, 404, 410, 451])
def test_an_answer_is_not_asked_for_twice(status):
    """What would be the same again is taken as it is."""
    with serve({"/x": page(b"", status=status)}) as server:
        one, _ = fetcher()

        assert (one.get(f"{server.base}/x").status, one.asked) == (status, 1)


@pytest.mark.parametrize("answer", [(RESET,), (b"HTTP/1.1 200",), page(b"ab", length=9), b"Bonjour\r\n\r\n"])
def test_no_answer_is_tried_again(answer):
    """A reset, a head or a body that is cut, and what is no HTTP: then it is told, with the address."""
    with serve({"/x": [answer, page(b"bien")], "/y": answer}) as server:
        found = fetcher()[0].get(f"{server.base}/x")
        with pytest.raises(OutletUnreachable, match=f"{server.base}/y gave no answer"):
            fetcher()[0].get(f"{server.base}/y")

    assert found.body == b"bien"


@pytest.mark.parametrize(
    ("odd", "name", "value"),
    [
        (b"X-Archive-Orig-frame-src 'self'", "", ""), (b"X-Server : nginx", "x-server", "nginx"),
        (b"X-Bad name: a", "x-bad_name", "a"), (b"\xe2\x80\x98x\xe2\x80\x99: b", "_x_", "b"), (b": rien", "", ""),
        (b"sans fin\r\n qui suit", "", ""), (b"X-Long: un\r\n deux", "x-long", "un deux"),
    ],
    ids=["no-colon", "blank-before", "blank-within", "quotes", "nameless", "folded-none", "folded"],
)  # fmt: skip
@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["", "go-on"])
def test_an_odd_line_of_a_head_hides_none_behind_it(odd, name, value, before):
    """What browsers pass over ends no head: the length, the coding and the chunks behind it count."""
    head = before + b"HTTP/1.1 200 OK\r\n" + odd + b"\r\nX-After: da\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serve({"/x": head + b"5\r\ncorps\r\n0\r\n\r\n"}) as server:
        found = fetcher(tries=1)[0].get(f"{server.base}/x")

    assert (found.body, found.header("x-after")) == (b"corps", "da")
    assert " ".join((found.header(name) or "").split()) == value if name else len(found.headers) == 2


def test_nobody_there_is_told():
    """A refused connection is tried so often, no more."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        one, clock = fetcher()
        with pytest.raises(OutletUnreachable, match="run it again later"):
            one.get(f"http://127.0.0.1:{held.getsockname()[1]}/x")

    assert clock.waits == [2.0, 4.0]


def test_a_silent_server_is_not_waited_for_long():
    """The time-out of a read ends it."""
    with serve({"/x": (HANG,)}) as server, pytest.raises(OutletUnreachable, match="timed out"):
        fetcher(timeout=0.2, tries=1)[0].get(f"{server.base}/x")


def test_a_server_that_drips_holds_nobody():
    """Each byte comes within the time-out, and the whole never does: it has its own."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with serve({"/x": (head, DRIP)}) as server, pytest.raises(OutletUnreachable, match="not whole after 60 seconds"):
        fetcher(Time(tick=20.0), whole=60.0, tries=1)[0].get(f"{server.base}/x")


@pytest.mark.parametrize("length", ["9" * 30, "9" * 5000, "-1", "x"])
def test_a_length_that_is_none_is_not_believed(length):
    """Nor does it make anything fail."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()
    with serve({"/x": head + b"corps"}) as server:
        one, _ = fetcher(tries=1)

        assert one.get(f"{server.base}/x").body == b"corps"


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_over_the_limit_is_not_read(chunked):
    """By its bytes, whatever length it states; at the limit it is read."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole = head + b"3E9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n" if chunked else page(b"x" * 1001)
    with serve({"/x": whole}) as server:
        one, _ = fetcher(most=1000)
        with pytest.raises(TooMuch, match="longer than 1000 bytes"):
            one.get(f"{server.base}/x")

        assert len(one.get(f"{server.base}/x", most=1001).body) == 1001


@pytest.mark.parametrize(
    ("location", "ends"),
    [("/b", "b"), ("{base}/b", "b"), ("//{host}/b", "b"), ("http://127.0.0.1:1/b", "a"), ("https://{host}/b", "a"),
     ("http://[", "a"), ("", "a"), ("/\u00e9", "\u00e9")],
    ids=["path", "whole", "no-scheme", "other-port", "other-scheme", "malformed", "empty", "accent"],
)  # fmt: skip
def test_a_redirect_is_followed_within_the_origin(location, ends):
    """Elsewhere nobody is asked; the redirect itself is the answer."""
    script = {"/b": page(b"b"), "/%C3%A9": page("\u00e9".encode())}
    with serve(script) as server:
        target = location.format(base=server.base, host=server.base.removeprefix("http://"))
        server.script = script | {"/a": page(b"a", f"Location: {target.encode().decode('latin-1')}", status=302)}
        answer = fetcher()[0].get(f"{server.base}/a")

    assert answer.body.decode() == ends


def test_a_redirect_without_end_ends():
    """Three hops, and the last answer is handed on."""
    with serve({"/a": moved("/a")}) as server:
        one, _ = fetcher()

        assert (one.get(f"{server.base}/a").status, one.asked) == (302, 3)


@pytest.mark.parametrize(
    ("asked", "error"),
    [("86400", "asks to wait 86400 seconds"), ("9" * 400, "asks to wait 1000000000000 seconds")],
    ids=["a-day", "for-ever"],
)
def test_a_wait_over_the_cap_is_a_no(asked, error):
    """The run ends at once; nothing is waited."""
    with serve({"/x": page(b"", f"Retry-After: {asked}", status=429)}) as server:
        one, clock = fetcher()
        with pytest.raises(RefusedByOutlet, match=error):
            one.get(f"{server.base}/x")

    assert clock.waits == []


def test_a_server_that_stays_busy_is_a_no():
    """After the last try it is told so; 503 may be of one address, and is for who asks to judge."""
    with serve({"/x": page(b"", status=429), "/y": page(b"", status=503)}) as server:
        with pytest.raises(RefusedByOutlet, match="answered 429"):
            fetcher()[0].get(f"{server.base}/x")
        answer = fetcher()[0].get(f"{server.base}/y")

    assert answer.status == 503


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["127.0.0.1"], ["169.254.169.254"], ["93.184.215.14", "10.0.0.1"], ["::1"], ["fe80::1%2"],
     ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"], ["0.0.0.0"], ["224.0.0.1"], ["100.64.0.1"]],
    ids=["private", "loopback", "metadata", "one-of-two", "loopback-6", "scope", "mapped", "nat64", "any", "multicast", "shared"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_never_asked(monkeypatch, addresses):
    """It is judged where the connection is made, by each address that the name has; and not tried again."""
    made = []

    def refused(connection, *_):
        connection.close()
        made.append(connection)
        raise OSError("x")

    kinds = [(socket.AF_INET6 if ":" in a else socket.AF_INET, a) for a in addresses]
    found = [(kind, socket.SOCK_STREAM, 6, "", (address, 80)) for kind, address in kinds]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr("crawler.net.fetching._connected", refused)
    one, clock = fetcher()
    with pytest.raises(OutletUnreachable, match=r"is not asked: exemple\.invalid leads to"):
        one.get("http://exemple.invalid/x")

    assert clock.waits == []
    assert made == []


def test_a_name_is_asked_at_the_address_that_was_judged(monkeypatch):
    """Looked up once: a second look-up could say something else."""
    with serve({"/x": page(b"bien")}) as server:
        names, real = [], socket.getaddrinfo

        def look_up(host, *words, **more):
            names.append(host)
            return real("127.0.0.1", *words, **more)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        answer = fetcher()[0].get(f"http://localhost:{server.port}/x")

    assert (answer.body, names) == (b"bien", ["localhost"])


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    """Behind one nobody could say which address is asked."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    with serve({"/x": page(b"bien")}) as server:
        assert fetcher()[0].get(f"{server.base}/x").body == b"bien"


@pytest.mark.parametrize(
    ("value", "base"),
    [
        ("https://web.archive.org/cdx/search/cdx", "https://web.archive.org/cdx/search/cdx"),
        ("https://web.archive.org/web/", "https://web.archive.org/web"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://8.8.8.8/", "http://8.8.8.8"),
    ],
)
def test_a_base_address(value, base):
    """It has no slash at its end; this machine is named by itself only."""
    assert base_of("WAYBACK_CDX", value) == base


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("http://10.1.2.3/cdx", "10.1.2.3"), ("http://[fd00::1]/cdx", "fd00::1"), ("http://169.254.169.254/", "169.254.169.254"),
        ("http://0x0a000001/", "10.0.0.1"), ("http://167772161/", "10.0.0.1"), ("http://192.168.1/", "192.168.0.1"),
        ("http://[::ffff:192.168.0.1]/", "ffff"), ("http://0.0.0.0/", "0.0.0.0"),
        ("http://moi:secret@exemple.invalid/", "without a user"), ("http://[x/", "no http"), ("http://x:port/", "no http"),
        ("http://x:0/", "no http"), ("http://x:99999/", "no http"), ("file:///etc/passwd", "no http"), ("", "no http"),
        ("//x/y", "no http"), ("http:///x", "no http"), ("http://a..b/", "no http"), (f"http://{'a' * 80}.invalid/", "no http"),
        ("http://x/?url=", "no http"), ("http://x/#y", "no http"),
    ],
)  # fmt: skip
def test_a_base_address_that_is_none(value, why):
    """It names the setting, what to do, and no secret."""
    with pytest.raises(ConfigurationError, match=r"^WAYBACK_CDX ") as found:
        base_of("WAYBACK_CDX", value)

    assert why in str(found.value)
    assert "secret" not in str(found.value)


@given(st.text(max_size=40) | st.from_regex(r"https?://[\[\]:@a-z0-9.%/?#-]{0,20}", fullmatch=True))
def test_judging_a_base_address_is_total(value):
    """It is one, or a setting to mend."""
    try:
        found = base_of("X", value)
    except ConfigurationError:
        return

    assert found.lower().startswith("http")
