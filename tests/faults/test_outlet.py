"""An outlet that goes wrong, row by row (F-OUT-01 to 28): crawls by the real command against answers exact to the byte."""

import gzip
import json
import socket
import ssl
import zlib
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic

import brotli
import fastwarc
import pytest
import zstandard
from scrapy import Request
from scrapy.utils.test import get_crawler

from archive.catalog.articles import article_rows
from crawler.crawl.ask import way_of
from crawler.crawl.brake import Brake
from crawler.middlewares.retry import again
from crawler.pages import REVISION
from crawler.reread.adoption import adopt
from crawler.reread.spools import SpoolPlace
from pipelines.version import Rules
from tests.faults.site import article, crawl, front, listing, outlet, path, rows, site
from tests.french import EDITION
from tests.made import Ticking, archive_at, capture, url_of, writer_of
from tests.outlet_server import DRIP, HANG, RESET, moved, page, serve
from tests.project import Project

PAGE = article(1)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
FAST = ("-s", "BREAKER_FAILURES=0", "-s", "DOWNLOAD_TIMEOUT=2")
TOGETHER = ("-s", "CONCURRENT_REQUESTS=16", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16")


def coded(body, coding):
    return page(body, f"Content-Encoding: {coding}")


def bare(*lines, body=PAGE):
    """Return an answer of header lines as they stand, with its true length."""
    return HEAD + b"".join(line + b"\r\n" for line in lines) + b"Content-Length: %d\r\n\r\n" % len(body) + body


# Number → (what the outlet answers, the outcome, how often it is asked).
ANSWERS = {
    1: (page(PAGE), "new", 1),
    2: ((HANG,), "timeout", 2),
    3: ((HEAD + b"Content-Length: 999\r\n\r\n", DRIP), "timeout", 2),
    4: ((b"HTTP/1.1 200 OK\r\nX-A: ", DRIP), "timeout", 2),
    5: ((RESET,), "conn_error", 2),
    10: (page(PAGE, length=len(PAGE) + 10), "truncated", 2),
    11: (HEAD + b"Transfer-Encoding: chunked\r\n\r\n40\r\n" + PAGE[:16], "truncated", 2),
    12: (coded(gzip.compress(PAGE)[:200], "gzip"), "truncated", 2),
    13: (coded(gzip.compress(PAGE)[:-8] + bytes(8), "gzip"), "truncated", 2),
    14: (coded(zlib.compress(PAGE)[:-6], "deflate"), "truncated", 2),
    15: (coded(brotli.compress(PAGE)[:-4], "br"), "truncated", 2),
    16: (coded(zstandard.compress(PAGE)[:-4], "zstd"), "truncated", 2),
    17: ([coded(gzip.compress(PAGE)[:200], "gzip"), coded(gzip.compress(PAGE), "gzip")], "new", 2),
    20: (coded(PAGE, "gzip"), "new", 1),
    21: (coded(bytes(range(1, 200)), "gzip"), "http_error", 1),
    22: (coded(b"\x5d\x00" + bytes(range(200)), "lzma"), "http_error", 1),
    40: (page(PAGE, *(f"X-{n}: {n}" for n in range(3000))), "http_error", 1),
    41: (page(PAGE, "X-Long: " + "y" * 1_000_000), "conn_error", 2),
    42: (bare(b"X-A: a\rWARC/1.0\r", b"X-B: a\0b", b"X-C: \x1b[31m", b"X-D: \xc3\xa9\xff", b"X-E: un\r\n deux"), "new", 1),
    43: (HEAD + b"Content-Length: 5\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE, "http_error", 2),
    44: (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PAGE) + PAGE + b"\r\n0\r\n\r\n", "new", 1),
    45: (b"\0\x1b[31m rien\r\n\r\n" + PAGE, "http_error", 2),
    46: (PAGE, "conn_error", 2),
    47: (bare(body=PAGE).replace(b" OK\r", b" \x1b[31mOK\x1b]0;t\x07\r", 1), "new", 1),
    48: (bare(b"X-Frame-Options : DENY", b"\xe2\x80\x98x-c\xe2\x80\x99: *", b"a b\tc: d", b": rien"), "new", 1),
    50: (moved(path(51)), "http_error", 2),
    51: (moved(path(50)), "http_error", 2),
    52: (moved("https://pub.exemple/offre"), "redirected_offsite", 1),
    53: (moved("https://www.presstv.ir/Detail/2026/11/20/53/Un-phare"), "redirected_offsite", 1),
    54: (moved("file:///etc/passwd"), "redirected_offsite", 1),
    55: (moved("ftp://127.0.0.1/x"), "redirected_offsite", 1),
    56: (moved("data:text/html,x"), "redirected_offsite", 1),
    57: (moved("s3://seau/x"), "redirected_offsite", 1),
    58: (moved("gopher://127.0.0.1/x"), "redirected_offsite", 1),
    60: (page(PAGE, "Referrer-Policy: sys.exit"), "new", 1),
    61: (page(PAGE, "Referrer-Policy: os.abort"), "new", 1),
    62: (page(PAGE, "Set-Cookie: a=b; Domain=ir", *(f"Set-Cookie: c{n}={n}" for n in range(500))), "new", 1),
}  # fmt: skip
LARGE = {
    30: (page(article(30, text=["x" * 10_000_000])), "too_large", 1),
    31: (page(article(31, text=["x" * 6_000_000])), "new", 1),
    32: (page(b"<html><body>" + b"<i></i>" * 1_570_000), "too_large", 1),
    33: (page(b"<html><body>" + b"<i></i>" * 1_000_000), "too_large", 1),
    34: (page(b"<html><body>" + b"<div>" * 100_000 + b"<h1>Fin</h1><p>Tout au fond.</p>"), "parse_incomplete", 1),
}


def chain(script, number, hops):
    """Let an article redirect so many times before it answers."""
    names = [path(number), *(f"/saut/{number}/{n}" for n in range(1, hops)), f"/Detail/2026/11/20/{number}/Au-bout"]
    return (
        script | {here: moved(there) for here, there in zip(names, names[1:], strict=False)} | {names[-1]: page(PAGE)}
    )


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """Crawl an outlet whose every article goes wrong in its own way; return (crawl, server)."""
    script = chain(chain(site({number: answer for number, (answer, *_) in ANSWERS.items()}), 63, 5), 64, 30)
    script["/Section/1"] = page(listing(*ANSWERS, 63, 64))
    with outlet(tmp_path_factory.mktemp("faulty"), script) as (server, project):
        yield crawl(project, *FAST, *TOGETHER), server


def articles(*numbers):
    """Return parameters: articles of ANSWERS by number."""
    return pytest.mark.parametrize("number", numbers)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Crawl an outlet of pages that are too much in some way; return (crawl, server)."""
    script = site({number: answer for number, (answer, *_) in LARGE.items()})
    with outlet(tmp_path_factory.mktemp("large"), script) as (server, project):
        yield crawl(project, *TOGETHER), server


def ended(faulty, number):
    """Assert that an article ended as it should, was asked so often, and has a version only when it was read."""
    crawled, server = faulty
    _, outcome, asked = (ANSWERS | LARGE)[number]

    assert crawled.ends[path(number)][0] == outcome, crawled.ends[path(number)]
    assert server.paths().count(path(number)) == asked
    assert crawled.versions.get(str(number), 0) == (outcome == "new")


def test_each_of_them_has_one_outcome(faulty):
    """All at once they cost each other nothing: exit 3, the sound ones are versions, the archive is whole."""
    crawled, _ = faulty
    wanted = sorted(str(number) for number, (_, outcome, _) in ANSWERS.items() if outcome == "new")

    assert crawled.report["exit"] == 3
    assert sorted(number for number, count in crawled.versions.items() if count) == sorted([*wanted, "63"])
    assert crawled.project.run("verify").returncode == 0


@pytest.mark.row("F-OUT-04")
@pytest.mark.row("F-OUT-05")
@pytest.mark.row("F-OUT-06")
@articles(2, 3, 4, 5)
def test_silence(faulty, number):
    """No answer, a body and a header that never end: a time-out of the whole request, tried again; a reset is one, too."""
    ended(faulty, number)


@pytest.mark.row("F-OUT-11")
@pytest.mark.row("F-OUT-12")
@articles(10, 11, 12, 13, 14, 15, 16, 17)
def test_cut(faulty, number):
    """A body without its end, by HTTP's measure or its coding's: asked for again, then `truncated`, never a version."""
    ended(faulty, number)


@pytest.mark.row("F-OUT-13")
@articles(20, 21, 22)
def test_wrong_label(faulty, number):
    """A plain page under a coding's label is read and flagged; bytes that are neither, or of a coding unknown, are not."""
    ended(faulty, number)


@pytest.mark.row("F-OUT-13")
def test_a_lie_is_in_the_record(faulty):
    """The record says that the label lied."""
    crawled, _ = faulty
    latest = {row["article_id"]: row for row in rows(crawled.project, "latest")}

    assert latest["20"]["extraction"]["issues"] == ["encoding_lie"]
    assert latest["1"]["extraction"]["issues"] == []


@pytest.mark.row("F-OUT-15")
@pytest.mark.row("F-OUT-16")
@pytest.mark.row("F-OUT-17")
@articles(30, 31, 32, 33, 34)
def test_large_wide_and_deep(large, number):
    """Too many bytes or tags are refused, a tree too deep is not read by half, a long text within bounds is read."""
    ended(large, number)


@pytest.mark.row("F-OUT-15")
@pytest.mark.row("F-OUT-16")
def test_memory_stays_bounded(large):
    """With all of them in one crawl it holds less than 400 MiB."""
    assert large[0].peak < 400


@pytest.mark.row("F-OUT-17")
def test_what_is_too_deep_is_kept(large):
    """The capture of the page that was not read is in the archive, whole."""
    kept = {uri.rpartition("/20/")[2]: body for uri, body in stored(large[0].project)}

    assert kept["34/Un-phare"].endswith("<p>Tout au fond.</p>")


@pytest.mark.row("F-OUT-18")
@pytest.mark.row("F-OUT-19")
@pytest.mark.row("F-OUT-20")
@articles(40, 41, 42, 43, 44, 45, 46, 47, 48)
def test_odd_heads(faulty, number):
    """Thousands of headers, a megabyte in one line, contradictions and what is no HTTP are refused; oddities are not."""
    ended(faulty, number)


@pytest.mark.row("F-OUT-18")
@pytest.mark.row("F-OUT-19")
def test_odd_heads_make_no_record_of_their_own(faulty):
    """An independent reader finds one response for each that was kept, and no control character in any of its lines."""
    responses = [record for record in records(faulty[0].project) if record[0].endswith("response")]
    heads = {uri.rpartition("/20/")[2]: head for _, uri, head, _ in responses}

    assert heads["42/Un-phare"]["X-B"] == "a b"
    assert heads["42/Un-phare"]["X-E"].split() == ["un", "deux"]
    assert heads["48/Un-phare"]["X-Frame-Options"] == "DENY"
    assert "*" in heads["48/Un-phare"].values()
    assert "40/Un-phare" not in heads
    assert not [v for head in heads.values() for v in head.values() if not v.isprintable()]


@pytest.mark.row("F-OUT-20")
def test_nothing_reaches_the_terminal_as_it_is(faulty):
    """Neither log nor report holds an escape that the outlet sent."""
    crawled, _ = faulty

    assert "\x1b" not in crawled.said
    assert "\x1b" not in json.dumps(crawled.report, ensure_ascii=False)


@pytest.mark.row("F-OUT-21")
@articles(50, 51)
def test_redirect_loop(faulty, number):
    """Two pages that lead to each other end as http_error, each by the address first asked."""
    ended(faulty, number)

    assert faulty[0].ends[path(number)][1].startswith("redirect_loop")


@pytest.mark.row("F-OUT-21")
def test_redirect_chain(faulty):
    """Five hops are followed to the article, of thirty the sixth is not."""
    crawled, server = faulty

    assert crawled.outcomes(63, 64) == ["new", "http_error"]
    assert len([asked for asked in server.paths() if asked.startswith("/saut/64/")]) == 5


@pytest.mark.row("F-OUT-22")
@pytest.mark.row("F-OUT-24")
@articles(52, 53, 54, 55, 56, 57, 58)
def test_redirect_off_the_outlet(faulty, number):
    """Neither another site, nor the outlet's other editions, nor another scheme is followed; the target is stored."""
    crawled, _ = faulty
    ended(faulty, number)
    location = ANSWERS[number][0].split(b"Location: ")[1].split(b"\r\n")[0].decode()

    assert crawled.ends[path(number)][1] == location


@pytest.mark.row("F-OUT-25")
@pytest.mark.row("F-OUT-26")
@articles(60, 61, 62)
def test_headers_that_command(faulty, number):
    """A Referrer-Policy is not looked up as code, cookies are not taken."""
    ended(faulty, number)


@pytest.mark.row("F-OUT-25")
@pytest.mark.row("F-OUT-26")
def test_no_cookie_and_no_referer_is_sent(faulty):
    """In none of the requests of the crawl."""
    asked = b"".join(each.head for each in faulty[1].log).lower()

    assert b"\r\ncookie:" not in asked
    assert b"\r\nreferer:" not in asked


def records(project):
    """Yield (type, address, HTTP headers, body) of every WARC record, by fastwarc."""
    for segment in sorted(project.archive.rglob("*.warc.gz")):
        with segment.open("rb") as stream:
            for record in fastwarc.ArchiveIterator(stream, parse_http=True):
                head = dict(record.http_headers) if record.http_headers else {}
                yield str(record.record_type), record.headers.get("WARC-Target-URI", ""), head, record.reader.read()


def stored(project):
    """Return (address, body) of every response that is kept."""
    return [
        (uri, body.decode(errors="replace")) for kind, uri, _, body in records(project) if kind.endswith("response")
    ]


@pytest.mark.row("F-OUT-01")
def test_a_closed_port(tmp_path):
    """Nobody listens: tried again, then conn_error, exit 5, one line that says so, and the crawl is in the log."""
    with outlet(tmp_path, {}) as (_, project):
        pass
    crawled = crawl(project)

    assert (crawled.report["exit"], crawled.report["outcomes"]) == (5, {"conn_error": 1})
    assert crawled.report["commits"] == 1
    assert [line for line in crawled.said.splitlines() if line.startswith("error: ")] == [
        f"error: outlet-down: 0 of 1 ways in reachable (last: conn_error: {crawled.report['failures'][0]['detail']})"
    ]
    assert project.run("verify").returncode == 0


NAMES = """
import socket
system = socket.getaddrinfo
def answer(host, port, *more, **named):
    if host not in {names}:
        return system(host, port, *more, **named)
    found = {names}[host]
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in found]
socket.getaddrinfo = answer
"""


@pytest.mark.row("F-OUT-02")
def test_no_such_name(tmp_path):
    """The outlet's name leads nowhere: dns_error, exit 5, and the next crawl finds nothing half-written."""
    project = Project(tmp_path, "http://phare.exemple")
    crawled = crawl(project, script=NAMES.format(names={"phare.exemple": []}))

    assert (crawled.report["exit"], crawled.report["outcomes"]) == (5, {"dns_error": 1})
    assert "phare.exemple" in crawled.said
    assert (list(project.spool.iterdir()), crawled.versions) == ([], {})


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Return a function that makes a certificate, signed by an authority of ours, and the authority's file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("authority")

    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certified(name, issuer, key, by, until, *, ca=False):
        made = x509.CertificateBuilder(
            subject_name=named(name), issuer_name=named(issuer), public_key=key.public_key(),
            serial_number=x509.random_serial_number(), not_valid_before=datetime(2020, 1, 1), not_valid_after=until,
        )  # fmt: skip
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    above = ec.generate_private_key(ec.SECP256R1())
    root = folder / "root.pem"
    root.write_bytes(certified("racine.exemple", "racine.exemple", above, above, datetime(2120, 1, 1), ca=True))

    def context(name, *, until=datetime(2120, 1, 1), own=False):
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain = certified(name, name if own else "racine.exemple", key, key if own else above, until)
        file = folder / f"{name}-{until.year}-{own}.pem"
        file.write_bytes(private + chain)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(file)
        return made

    return root, context


@pytest.mark.row("F-OUT-03")
@pytest.mark.parametrize(
    ("about", "outcomes", "reason"),
    [
        ({"name": "localhost"}, {"gone": 2, "listed": 2, "new": 1}, ""),
        ({"name": "localhost", "until": datetime(2021, 1, 1)}, {"tls_error": 1}, "certificate"),
        ({"name": "ailleurs.exemple"}, {"tls_error": 1}, "DNSMismatch"),
        ({"name": "localhost", "own": True}, {"tls_error": 1}, "certificate"),
    ],
    ids=["good", "expired", "another host's", "self-signed"],
)
def test_certificates(tmp_path, authority, about, outcomes, reason):
    """Only a certificate that is good, for this host and signed by somebody known is taken; else exit 5 names host and reason."""
    root, context = authority
    with serve(site({1: page(PAGE)}), tls=context(**about)) as server:
        project = Project(tmp_path, f"https://localhost:{server.port}")
        crawled = crawl(project, env={"SSL_CERT_FILE": str(root)})

    assert crawled.report["outcomes"] == outcomes
    assert crawled.report["exit"] == (5 if "tls_error" in outcomes else 0)
    assert ("error: outlet-down" in crawled.said and reason in crawled.said) == ("tls_error" in outcomes)


@pytest.mark.row("F-OUT-03")
def test_certificates_are_always_looked_at(tmp_path):
    """No setting lets any certificate pass: exit 4 before anything is asked."""
    with outlet(tmp_path, site({1: page(PAGE)})) as (server, project):
        done = project.crawl("-s", "DOWNLOAD_VERIFY_CERTIFICATES=0")

    assert (done.returncode, server.log) == (4, [])
    assert "DOWNLOAD_VERIFY_CERTIFICATES" in done.stderr


@pytest.mark.row("F-OUT-07")
def test_a_storm(tmp_path):
    """Three of ten pages fail all the time, others now and then: four tries each at most, exit 3, the others are stored."""
    sick = {number: page(b"panne", status=500 + number % 5) for number in range(100, 106) if number % 5 != 1}
    well = {number: [page(b"panne", status=503), page(article(number))] for number in range(1, 4)}
    well |= {number: page(article(number)) for number in range(4, 17)}
    with outlet(tmp_path, site(dict(sorted((well | sick).items(), key=lambda each: each[0] % 7)))) as (server, project):
        crawled = crawl(project, "-s", "RETRY_TIMES=3")

    assert (crawled.report["exit"], crawled.report["articles"]) == (3, {"http_error": len(sick), "new": len(well)})
    assert {server.paths().count(path(number)) for number in sick} == {4}
    assert not crawled.report["sections"]["europe"]["complete"]


@pytest.mark.row("F-OUT-07")
def test_the_backoff_grows_and_is_drawn_by_lot():
    """The wait before the n-th retry is anything from nothing to the base times two to the n, a minute at most."""
    spider = get_crawler(settings_dict={"RETRY_BACKOFF_BASE": 2.0, "RETRY_TIMES": 20})._create_spider("essai")

    def waits(tries):
        request = Request("http://127.0.0.1/x", meta={"retry_times": tries})
        drawn = (way_of(again(request, spider=spider, reason="panne")).not_before for _ in range(300))
        return [each - monotonic() for each in drawn]

    for tries, most in ((0, 2), (1, 4), (3, 16), (9, 60)):
        found = waits(tries)

        assert most / 2 < max(found) <= most
        assert min(found) < most / 4


@pytest.mark.row("F-OUT-08")
@pytest.mark.parametrize(
    ("well", "code", "most"),
    [(("/robots.txt",), 5, 5), (("/robots.txt", "/"), 3, 15), ((), 7, 4)],
    ids=["pages", "all but the front page", "robots.txt too"],
)
def test_everything_is_sick(tmp_path, well, code, most):
    """503 on everything: a bounded number of requests in all, 5 where no way in answered, 7 where its rules can't be had."""
    script = site({number: page(PAGE) for number in range(40)})
    script = {where: answer if where in well else page(b"panne", status=503) for where, answer in script.items()}
    sections = ["Europe", *(f"Rubrique {number}" for number in range(19))]
    if "/" in well:
        script |= {"/": page(front(sections)), **{f"/Section/{n}": page(b"panne", status=503) for n in range(1, 21)}}
    with outlet(tmp_path, script) as (server, project):
        crawled = crawl(project, "-s", "RETRY_TIMES=3")

    assert crawled.report["exit"] == code
    assert len(server.log) <= most
    assert [line.partition(" ")[0] for line in crawled.said.splitlines()].count("error:") == (code in (5, 7))


@pytest.mark.row("F-OUT-09")
def test_retry_after_is_waited_for(tmp_path):
    """429 with `Retry-After: 3`: nothing is asked of the host for three seconds, then all is read."""
    limited = [page(b"Doucement", "Retry-After: 3", status=429), page(article(1))]
    with outlet(tmp_path, site({1: limited, 2: page(article(2)), 3: page(article(3))})) as (server, project):
        crawled = crawl(project, *TOGETHER)
        first = server.times(path(1))[0]
        behind = [asked.at - first for asked in server.log if asked.at > first]

    assert (crawled.report["exit"], crawled.report["articles"]) == (0, {"new": 3})
    # Those that were in flight beside it had gone.
    assert not [wait for wait in behind if 0.5 < wait < 3]
    assert max(behind) >= 3


@pytest.mark.row("F-OUT-10")
@pytest.mark.parametrize("value", ["901", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_retry_after_beyond_the_cap(tmp_path, value):
    """A longer wait than the cap ends the crawl's requests to the host: exit 7, the section is left for the next crawl."""
    answers = {1: page(b"Doucement", f"Retry-After: {value}", status=429)} | {n: page(article(n)) for n in range(2, 20)}
    with outlet(tmp_path, site(answers)) as (server, project):
        crawled = crawl(project)
        again = server.paths().count(path(1))

    assert (crawled.report["exit"], crawled.ends[path(1)][0], again) == (7, "http_error", 1)
    assert crawled.ends[path(1)][1].startswith("retry_after ")
    assert not crawled.report["sections"]["europe"]["complete"]
    assert crawled.said.count("error: refused: it asks to wait ") == 1


@pytest.mark.row("F-OUT-14")
def test_bombs(tmp_path):
    """Two hundred megabytes in a few kilobytes, in each coding, twice coded and in a chain of twenty: `bomb`, exit 3."""
    much = bytes(200 * 2**20)
    packed = gzip.compress(much, 9)
    answers = {
        1: coded(packed, "gzip"),
        2: coded(brotli.compress(much, quality=3), "br"),
        3: coded(zstandard.compress(much), "zstd"),
        4: coded(gzip.compress(packed), "gzip, gzip"),
        5: coded(gzip.compress(PAGE), ", ".join(["gzip"] * 20)),
        6: page(article(6)),
    }
    with outlet(tmp_path, site(answers)) as (server, project):
        crawled = crawl(project, *TOGETHER)

    assert (crawled.report["exit"], crawled.outcomes(*answers)) == (3, [*["bomb"] * 5, "new"])
    assert crawled.peak < 400
    assert {server.paths().count(path(number)) for number in answers} == {1}


@contextmanager
def listener():
    """Listen on loopback; the list that is yielded holds, at the end, whoever connected."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.setblocking(False)
        yield sock.getsockname()[1], came
        with suppress(BlockingIOError):
            came.append(sock.accept()[1])


@pytest.mark.row("F-OUT-22")
@pytest.mark.row("F-OUT-23")
def test_nothing_leads_into_the_private_network(tmp_path):
    """Redirects, links, meta refreshes and base addresses to private places: no connection is made to any of them."""
    with listener() as (port, came), serve({"/x": page(b"ailleurs")}) as other:
        places = [f"http://127.0.0.1:{port}/x", f"http://2130706433:{port}/x", f"http://[::ffff:127.0.0.1]:{port}/x"]
        places += [f"http://localhost:{port}/x", f"http://0x7f.1:{port}/Detail/2026/11/20/77/x", f"{other.base}/x"]
        places += ["http://10.0.0.1/x", "http://169.254.169.254/latest", "http://[::1]/x", "http://100.64.0.1/x"]
        refresh = f'<meta http-equiv=refresh content="0;url={places[0]}"><base href="http://127.0.0.1:{port}/">'
        answers = {n: moved(place) for n, place in enumerate(places, 1)} | {30: page(article(30, head=refresh))}
        script = site(answers)
        script["/Section/1"] = page(listing(*answers, *places, f"http://127.0.0.1:{port}/Detail/2026/11/20/78/x"))
        with outlet(tmp_path, script) as (_, project):
            crawled = crawl(project, *TOGETHER)

    assert came == []
    assert other.log == []
    assert set(crawled.outcomes(*range(1, len(places) + 1))) == {"ssrf_blocked"}
    assert [crawled.ends[path(n)][1] for n in range(1, len(places) + 1)] == places
    assert crawled.outcomes(30) == ["new"]


@pytest.mark.row("F-OUT-23")
@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "10.0.0.7"]], ids=["loopback", "one of two"])
def test_a_name_that_leads_inside(tmp_path, addresses):
    """The outlet's own name leads to a private address, alone or among others: nothing is asked, robots.txt neither."""
    with listener() as (port, came):
        project = Project(tmp_path, f"http://phare.exemple:{port}")
        crawled = crawl(project, script=NAMES.format(names={"phare.exemple": addresses}))

    assert (came, crawled.report["outcomes"], crawled.report["exit"]) == ([], {"ssrf_blocked": 1}, 5)


@pytest.mark.row("F-OUT-23")
def test_robots_txt_that_leads_inside(tmp_path):
    """A robots.txt that redirects to a private address: no connection there, and nothing of the outlet is asked."""
    with listener() as (port, came):
        script = site({1: page(PAGE)}) | {"/robots.txt": moved(f"http://127.0.0.1:{port}/robots.txt")}
        with outlet(tmp_path, script) as (server, project):
            crawled = crawl(project)

    assert (came, server.paths()) == ([], ["/robots.txt"])
    assert crawled.report["outcomes"] == {"ssrf_blocked": 1}


@pytest.mark.row("F-OUT-27")
def test_bytes_that_differ_every_time(tmp_path):
    """A nonce, a counter and ads in every answer: ten looks, one version, and the bytes of the first are kept."""
    answers = [
        page(
            article(1, head=f"<meta name=csrf content={n * 7919}>", inside=f"<script>ad({n})</script>"), f"X-Vues: {n}"
        )
        for n in range(10)
    ]
    with outlet(tmp_path, site({1: answers})) as (server, project):
        first = crawl(project)
        for _ in range(2):
            again = crawl(project, "-a", "recheck=all")
        asked = server.paths().count(path(1))

    assert (first.report["articles"], again.report["articles"], asked) == ({"new": 1}, {"unchanged": 1}, 3)
    assert again.versions == {"1": 1}
    assert [uri for uri, _ in stored(project) if "/Detail/" in uri] == [f"{server.base}{path(1)}"]


@pytest.mark.row("F-OUT-27")
def test_ten_looks_at_bytes_that_differ(tmp_path):
    """Ten captures with ten payloads of one text fold to one version, and only what is old proof is kept anew."""
    clock = Ticking()
    archive, rules = (
        archive_at(tmp_path, clock),
        Rules(revision=REVISION, keep_for=timedelta(days=30), reread=lambda r: r),
    )
    for n in range(10):
        clock.forward(days=7)
        writer = writer_of(archive, tmp_path, clock, crawl=f"20261124t120000z-0000000{n}")
        body = article(7, head=f"<meta name=csrf content={n * 7919}>")
        writer.spool(capture(url_of("7"), at=clock(), body=body))
        writer.abandon()
        adopt(
            SpoolPlace.of(tmp_path / "spool", archive),
            archive,
            lambda: writer_of(archive, tmp_path, clock),
            rules,
            EDITION,
            braking=Brake,
        )
        archive.catalog.follow(archive.log)
    [found] = article_rows(archive.catalog.db)
    kept = archive.catalog.db.execute("SELECT count(*), count(DISTINCT payload) FROM captures").fetchone()
    archive.close()

    assert (found.versions, found.state, kept) == (1, "live", (2, 2))


@pytest.mark.row("F-OUT-28")
def test_two_hosts_two_texts(tmp_path):
    """The second host tells another story under the same number: one article, the first host's text, and the divergence."""
    one, two = (
        site({1: page(article(1))}),
        site({1: page(article(1, text=["Une tout autre histoire, ici seulement."]))}),
    )
    with serve(one) as first, serve(two) as second:
        project = Project(tmp_path, f"{first.base},{second.base}")
        crawl(project)
        crawled = crawl(project, "-a", "recheck=all", "-s", "PARITY_DAYS=7")
    events = [(row["event"], row["article_id"]) for row in rows(project, "events")]
    latest = rows(project, "latest")

    assert crawled.versions == {"1": 1}
    assert [row["mirror"] for row in latest] == [first.base.removeprefix("http://")]
    assert ("mirror_diverged", "1") in events
