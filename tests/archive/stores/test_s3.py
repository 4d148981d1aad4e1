"""The S3 store against faults of network and server: lost answers, refusals, bodies cut short, unsafe endpoints."""

import base64
import hashlib
import logging
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from archive.errors import (
    ConfigurationError,
    CredentialsError,
    IntegrityError,
    KeyExists,
    KeyMissing,
    NoArchive,
    NoSpace,
    StorageError,
    UnsafeStore,
)
from archive.stores.opening import open_store, sweep
from archive.stores.putting import put_once
from archive.stores.s3client import CONNECTIONS
from archive.stores.s3errors import Conflict, Refused, S3Refusal, explain, masked
from archive.stores.store import NotOffered, Unclear
from tests.faultproxy import Fault, faultproxy
from tests.servers import KEY_ID, SECRET

pytest_plugins = ["tests.servers"]

PUT = {"method": "PUT", "path": "/[^/]+/arch/.*"}
GET = {"method": "GET", "path": "/[^/]+/arch/.*"}


@pytest.fixture
def through(moto, use_endpoint):
    """Return a proxy before moto and a store behind it, in a bucket of its own."""
    bucket = moto.bucket()
    with faultproxy(moto.port) as proxy:
        use_endpoint(proxy.endpoint)
        yield proxy, open_store(f"s3://{bucket}/arch")


@pytest.mark.row("F-STO-03")
def test_a_lost_answer_is_found_to_be_our_own(through):
    """A put that was done but not answered is 412 at the client's own retry; put_once sees that the bytes are ours."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, times=1, lose_answer=True)]

    assert put_once(store, "log/000000000001.json", b"ours") is True
    assert proxy.count("PUT") == 2
    assert [(e.key, e.size) for e in store.list()] == [("log/000000000001.json", 4)]


@pytest.mark.row("F-STO-03")
def test_without_reading_back_a_lost_answer_looks_taken(through):
    """`create` alone raises KeyExists for our own bytes in that case: why put_once exists."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, times=1, lose_answer=True)]

    with pytest.raises(KeyExists):
        store.create("log/a", b"ours")


@pytest.mark.row("F-STO-03")
def test_every_answer_lost_is_unclear_then_settled(through):
    """When the client's retries are lost too, create says Unclear, and put_once reads our bytes back."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, lose_answer=True)]

    with pytest.raises(Unclear, match="cannot reach"):
        store.create("log/a", b"ours")
    assert put_once(store, "log/a", b"ours") is True
    assert put_once(store, "log/a", b"theirs") is False


@pytest.mark.row("F-STO-04")
def test_a_lost_request_is_sent_again(through):
    """A put that never arrived is repeated and stored once."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, times=1, lose_request=True)]

    assert put_once(store, "log/a", b"ours") is True
    assert store.get("log/a") == b"ours"


@pytest.mark.row("F-STO-01")
@pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (503, "SlowDown")])
def test_a_passing_server_error_is_retried(through, status, code):
    """One 500 or 503 is nobody's business but the client's."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, times=1, status=status, code=code)]
    store.create("a", b"x")

    assert store.get("a") == b"x"


@pytest.mark.row("F-STO-01")
def test_a_fifth_of_all_calls_may_fail(through, monkeypatch):
    """A 500 or a 503 to every fifth request costs time, and is seen by nobody."""
    proxy, store = through
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    store = open_store(store.uri)
    kinds = ((500, "InternalError"), (503, "SlowDown"))
    proxy.faults = [Fault(path=PUT["path"], chance=0.1, status=status, code=code) for status, code in kinds]
    keys = [f"log/{number:012d}.json" for number in range(12)]
    done = [put_once(store, key, key.encode()) for key in keys]
    read = [store.get(key) for key in keys]

    assert (done, read) == ([True] * 12, [key.encode() for key in keys])
    assert len(proxy.requests) > 24 + 2


@pytest.mark.row("F-STO-02")
def test_a_lasting_server_error_is_unclear(through):
    """503 for ever ends in a storage error that names the key and the code."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, status=503, code="SlowDown")]

    with pytest.raises(Unclear, match=r"PutObject of log/a .*503 SlowDown"):
        store.create("log/a", b"x")


@pytest.mark.row("F-STO-05")
def test_a_conflict_is_tried_again(through):
    """409 ConditionalRequestConflict is no "exists": the put is repeated until it has a clear answer."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, times=2, status=409, code="ConditionalRequestConflict")]
    store.create("a", b"x")

    assert proxy.count("PUT") == 3
    assert store.get("a") == b"x"


@pytest.mark.row("F-STO-11")
@pytest.mark.parametrize("name", ["moto", "seaweedfs"])
def test_a_missing_bucket_is_no_archive(request, name, use_endpoint):
    """A bucket that isn't there is never created; reading, writing and listing say so."""
    use_endpoint(request.getfixturevalue(name).endpoint)
    store = open_store("s3://no-such-bucket-here/x")

    for act in (lambda: store.create("a", b""), lambda: store.get("a"), lambda: list(store.list())):
        with pytest.raises(NoArchive, match="create it first"):
            act()


@pytest.mark.row("F-STO-13")
def test_credentials_are_looked_up_again(through, monkeypatch):
    """Credentials refused once are taken anew from where boto3 finds them, and the request is repeated with them."""
    proxy, store = through
    store.create("a", b"x")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIARENEWED000000002")
    proxy.faults = [Fault(**GET, times=1, status=400, code="ExpiredToken")]

    assert store.get("a") == b"x"
    assert store._key_id() == "AKIARENEWED000000002"


@pytest.mark.row("F-STO-13")
@pytest.mark.parametrize(
    "code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "AccessDenied", "InvalidToken"]
)
def test_refused_credentials_are_named_without_secrets(through, code, caplog):
    """Refused for good: exit 12, tried twice, the key's id cut to its ends, the secret nowhere, not even in the log."""
    caplog.set_level(logging.DEBUG)
    proxy, store = through
    status = 400 if "Token" in code else 403
    proxy.faults = [Fault(**PUT, status=status, code=code, elements=f"<Message>{SECRET}</Message>")]

    with pytest.raises(CredentialsError, match=r"AKIA…0001") as caught:
        store.create("log/a", b"x")
    assert proxy.count("PUT") == 2
    assert KEY_ID not in str(caught.value) + caplog.text
    assert SECRET not in str(caught.value) + caplog.text


@pytest.mark.row("F-STO-15")
@pytest.mark.parametrize(
    ("act", "method", "right"),
    [
        (lambda s: s.create("a", b""), "PUT", "s3:PutObject"),
        (lambda s: s.get("a"), "GET", "s3:GetObject"),
        (lambda s: list(s.list()), "GET", "s3:ListBucket"),
        (lambda s: s.delete("a"), "DELETE", "s3:DeleteObject"),
    ],
    ids=["put", "get", "list", "delete"],
)
def test_a_missing_right_is_named(through, act, method, right):
    """AccessDenied says which right the request needs."""
    proxy, store = through
    proxy.faults = [Fault(method=method, status=403, code="AccessDenied")]

    with pytest.raises(CredentialsError, match=right):
        act(store)


@pytest.mark.row("F-STO-13")
@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("AWS_SECRET_ACCESS_KEY", "wrong", "AKIA…0001"), ("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN000000003", "AKIA…0003")],
)
def test_a_real_server_refuses_wrong_credentials(seaweedfs, use_endpoint, monkeypatch, name, value, shown):
    """What a server that checks signatures answers to a wrong secret or an unknown id is exit 12, with the cut id."""
    use_endpoint(seaweedfs.endpoint)
    monkeypatch.setenv(name, value)
    store = open_store(f"s3://{seaweedfs.bucket()}/x")

    for act in (lambda: store.get("a"), lambda: store.create("a", b""), lambda: list(store.list())):
        with pytest.raises(CredentialsError, match=shown) as caught:
            act()
        assert "wrong" not in str(caught.value)


def test_no_credentials_at_all(moto, use_endpoint, monkeypatch):
    """Without credentials the error says where to set them."""
    use_endpoint(moto.endpoint)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(CredentialsError, match="no credentials for s3://bucket/x"):
        open_store("s3://bucket/x").get("a")


def test_half_the_credentials(moto, use_endpoint, monkeypatch):
    """A key id without its secret is said to lack it."""
    use_endpoint(moto.endpoint)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(CredentialsError, match="AWS_SECRET_ACCESS_KEY"):
        open_store("s3://bucket/x").get("a")


@pytest.mark.row("F-STO-14")
def test_a_wrong_clock_is_measured(through):
    """RequestTimeTooSkewed says how far the clocks are apart, once: no new credentials help."""
    proxy, store = through
    times = "<RequestTime>20261124T121700Z</RequestTime><ServerTime>2026-11-24T12:00:00Z</ServerTime>"
    proxy.faults = [Fault(**PUT, status=403, code="RequestTimeTooSkewed", elements=times)]

    with pytest.raises(CredentialsError, match=r"by 17 min \(ahead\)"):
        store.create("a", b"x")
    assert proxy.count("PUT") == 1


@pytest.mark.row("F-STO-14")
def test_a_wrong_clock_without_times_still_says_so():
    """A server that gives no times is quoted with its Date."""
    refusal = S3Refusal(
        operation="GetObject", key="a", uri="s3://b", code="RequestTimeTooSkewed", status=403, headers={"date": "Tue"}
    )

    assert "storage's says Tue" in str(explain(refusal))


@pytest.mark.row("F-STO-16")
@pytest.mark.parametrize(("status", "code"), [(403, "QuotaExceeded"), (507, "InsufficientStorage"), (507, "Whatever")])
def test_a_full_bucket_is_no_space(through, status, code):
    """Quota and capacity are exit 15, whatever the status."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, status=status, code=code)]

    with pytest.raises(NoSpace, match="is full"):
        store.create("a", b"x")


@pytest.mark.row("F-STO-10")
def test_a_server_without_conditions_is_unsafe(through):
    """501 NotImplemented to a conditional put is exit 13: the server can't hold an archive."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, status=501, code="NotImplemented")]

    with pytest.raises(UnsafeStore, match="If-None-Match"):
        store.create("a", b"x")


@pytest.mark.row("F-STO-17")
def test_a_checksum_that_a_server_does_not_know_is_named(through, monkeypatch):
    """Who asked for newer checksums is told to unset the variable; without it the same server is fine."""
    proxy, store = through
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported")
    asking = open_store(store.uri)
    header = "<Header>x-amz-sdk-checksum-algorithm</Header>"
    proxy.faults = [Fault(**PUT, times=1, status=501, code="NotImplemented", elements=header)]

    with pytest.raises(StorageError, match="unset AWS_REQUEST_CHECKSUM_CALCULATION"):
        asking.create("a", b"x")
    store.create("a", b"x")


MEANINGS = [
    ("PutObject", 412, "PreconditionFailed", KeyExists),
    ("PutObject", 409, "ConditionalRequestConflict", Conflict),
    ("PutObject", 409, "OperationAborted", Conflict),
    ("GetObject", 404, "NoSuchKey", KeyMissing),
    ("GetObject", 404, "404", KeyMissing),
    ("PutObject", 404, "NoSuchBucket", NoArchive),
    ("GetObject", 416, "InvalidRange", IntegrityError),
    ("GetObject", 403, "403", Refused),
    ("GetObject", 401, "Unheard", Refused),
    ("PutObject", 400, "BadDigest", Unclear),
    ("PutObject", 502, "502", Unclear),
    ("PutObject", 301, "PermanentRedirect", StorageError),
    ("PutObject", 400, "InvalidArgument", StorageError),
    ("GetObject", 501, "NotImplemented", Unclear),
]


@pytest.mark.row("F-STO-05")
@pytest.mark.parametrize(("operation", "status", "code", "kind"), MEANINGS, ids=[f"{m[1]} {m[2]}" for m in MEANINGS])
def test_codes_mean_what_they_mean(operation, status, code, kind):
    """Each code and status is one of our errors; 412, 404 and 409 stay apart."""
    refusal = S3Refusal(operation=operation, key="log/a", uri="s3://b/p", code=code, status=status, key_id=KEY_ID)

    assert type(explain(refusal)) is kind
    assert "log/a" in str(explain(refusal)) or "s3://b/p" in str(explain(refusal))


@pytest.mark.parametrize(
    ("key_id", "shown"),
    [("AKIA1234567890123456", "access key AKIA…3456"), ("testing", "the access key"), ("", "the access key")],
)
def test_key_ids_are_cut(key_id, shown):
    """Of a long id four characters at each end are shown, of a short one none."""
    assert masked(key_id) == shown


def test_nothing_listens(use_endpoint):
    """An endpoint where nobody answers is a storage error that says so."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        use_endpoint(f"http://127.0.0.1:{held.getsockname()[1]}")

        with pytest.raises(StorageError, match="cannot reach s3://bucket/x"):
            open_store("s3://bucket/x").get("a")


@pytest.mark.row("F-STO-22")
def test_a_body_cut_short_is_read_again(through):
    """An answer that breaks off in its body is asked for again; no short object is returned."""
    proxy, store = through
    store.create("a", b"0123456789" * 100)
    proxy.faults = [Fault(**GET, times=2, cut=17)]

    assert store.get("a") == b"0123456789" * 100


@pytest.mark.row("F-STO-22")
def test_a_body_always_cut_short_is_an_error(through):
    """After three tries the reader gives up and names the key."""
    proxy, store = through
    store.create("a", b"0123456789" * 100)
    proxy.faults = [Fault(**GET, cut=17)]

    with pytest.raises(StorageError, match=r"reading a from .* breaks off"):
        store.get("a")
    assert proxy.count("GET", GET["path"]) == 3


@pytest.mark.row("F-STO-22")
def test_a_range_that_is_ignored_is_cut_here(through):
    """A server that answers 200 with the whole object costs time, not correctness."""
    proxy, store = through
    store.create("a", b"0123456789")
    proxy.faults = [Fault(**GET, strip=("Range",))]

    assert store.get_range("a", 3, 4) == b"3456"
    with pytest.raises(IntegrityError):
        store.get_range("a", 8, 4)


@pytest.mark.row("F-STO-25")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(through, moto, status):
    """A signed request is not sent to another host because an answer says so."""
    proxy, store = through
    with faultproxy(moto.port) as elsewhere:
        target = {"Location": f"{elsewhere.endpoint}/stolen/a", "x-amz-bucket-region": "eu-west-3"}
        elements = f"<Endpoint>127.0.0.1:{elsewhere.port}</Endpoint>"
        proxy.faults = [Fault(**GET, status=status, code="TemporaryRedirect", headers=target, elements=elements)]

        with pytest.raises(StorageError, match="redirect"):
            store.get("a")
        assert elsewhere.requests == []


@pytest.mark.row("F-STO-26")
@pytest.mark.parametrize("endpoint", ["http://s3.example.org", "http://192.0.2.7:8333", "http://[2001:db8::1]:8333"])
def test_plain_http_is_refused_off_loopback(use_endpoint, monkeypatch, caplog, endpoint):
    """An unencrypted endpoint elsewhere is a configuration error unless ALLOW_PLAINTEXT=1, which warns once."""
    use_endpoint(endpoint)

    with pytest.raises(ConfigurationError, match="ALLOW_PLAINTEXT=1"):
        open_store("s3://bucket/x")
    monkeypatch.setenv("ALLOW_PLAINTEXT", "1")
    open_store("s3://bucket/x")
    open_store("s3://bucket/x")
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == [
        f"the endpoint {endpoint} is plain http (ALLOW_PLAINTEXT=1)"
    ]


@pytest.mark.row("F-STO-26")
@pytest.mark.parametrize(
    "endpoint", ["https://s3.example.org", "http://localhost:1", "http://127.0.0.7:1", "http://[::1]:1"]
)
def test_https_and_loopback_are_fine(use_endpoint, endpoint):
    """TLS anywhere, and http to this machine, need no permission."""
    use_endpoint(endpoint)

    assert open_store("s3://bucket/x").uri == "s3://bucket/x"


@pytest.mark.row("F-SEC-01")
def test_credentials_in_the_endpoint_are_refused_unseen(use_endpoint):
    """User and password in the endpoint's address are refused without being repeated."""
    use_endpoint("https://me:hush@s3.example.org")

    with pytest.raises(ConfigurationError, match="AWS_ENDPOINT_URL_S3") as caught:
        open_store("s3://bucket/x")
    assert "hush" not in str(caught.value)


def test_a_profile_that_is_not_there(use_endpoint, monkeypatch):
    """AWS_* values that boto3 can't use are a configuration error in its words."""
    use_endpoint("https://s3.example.org")
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(ConfigurationError, match="nobody"):
        open_store("s3://bucket/x")


@pytest.mark.row("F-STO-17")
def test_puts_carry_what_servers_check(through):
    """Every put is conditional and carries Content-MD5; no newer checksum or trailer goes to a server not AWS's."""
    proxy, store = through
    sent = []
    store._client.meta.events.register(
        "before-send.s3.PutObject", lambda request, **_: sent.append(dict(request.headers))
    )
    store.create("a", b"x")

    (headers,) = sent
    names = {name.lower() for name in headers}
    assert headers["If-None-Match"] in (b"*", "*")
    assert base64.b64decode(headers["Content-MD5"]) == hashlib.md5(b"x").digest()
    assert not {name for name in names if "checksum" in name or "trailer" in name}
    assert proxy.count("PUT", f"/{store.bucket}/arch/a") == 1


@pytest.mark.row("F-SEC-02")
def test_libraries_stay_quiet(through):
    """At DEBUG botocore would log the session token, at INFO it chatters: its loggers never go below WARNING."""
    assert all(
        logging.getLogger(name).getEffectiveLevel() >= logging.WARNING for name in ("boto3", "botocore", "urllib3")
    )


@pytest.mark.row("F-STO-07")
def test_more_readers_than_connections_are_kept_say_nothing(odd, caplog):
    """As many requests as one client keeps connections, and four more, are all under way: each is answered, none told of."""
    server, store = odd
    server.answers = [(200, "application/octet-stream", b"{}")]
    server.meets = threading.Barrier(CONNECTIONS + 4)
    with ThreadPoolExecutor(CONNECTIONS + 4) as readers:
        got = [*readers.map(store.get, [f"log/{number}" for number in range(CONNECTIONS + 4)])]

    assert got == [b"{}"] * (CONNECTIONS + 4)
    assert not caplog.records


@pytest.mark.row("F-STO-23")
def test_strangers_in_the_bucket_are_left_out(through, moto):
    """Names that are no key of ours, and what lies outside the prefix, are not listed."""
    _, store = through
    for key in ["arch/A B", "arch/é", "arch//x", "arch/dir/", "arch/.hidden", "archive.json", "arch/a+b", "other/a"]:
        moto.client.put_object(Bucket=store.bucket, Key=key, Body=b"")
    store.create("a", b"")

    assert [entry.key for entry in store.list()] == ["a"]


@pytest.mark.row("F-STO-23")
def test_listings_span_pages(through):
    """A listing of more than one page is whole."""
    proxy, store = through
    store._client.meta.events.register(
        "before-parameter-build.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=2)
    )
    keys = [f"log/{number:012d}.json" for number in range(1, 6)]
    for key in keys:
        store.create(key, b"")

    assert [entry.key for entry in store.list("log/")] == keys
    assert proxy.count("GET", r".*prefix=arch%2Flog%2F.*") == 3


@pytest.mark.row("F-STO-03")
def test_eight_writers_through_lost_answers(through):
    """Eight writers, every third answer lost: each learns rightly whether its bytes lie there."""
    proxy, store = through
    proxy.faults = [Fault(**PUT, skip=n, times=1, lose_answer=True) for n in (0, 2, 4)]
    told = {}

    def write(number):
        told[number] = put_once(store, "log/000000000001.json", b"%d" % number)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [b"%d" % n for n, ours in told.items() if ours] == [store.get("log/000000000001.json")]


@pytest.mark.row("F-STO-21")
def test_stale_uploads_below_the_prefix_are_aborted(moto, use_endpoint):
    """Another client's uploads are named by a dry run and then aborted, once they are old, and none off the prefix."""
    use_endpoint(moto.endpoint)
    bucket = moto.bucket()
    for key in ("fr/a", "fr/b", "en/a"):
        moto.client.create_multipart_upload(Bucket=bucket, Key=key)
    store, later = open_store(f"s3://{bucket}/fr"), datetime.now(UTC) + timedelta(minutes=1)
    # Moto says of every upload that it began in November 2010.
    young, named = sweep(store, datetime(2010, 11, 1, tzinfo=UTC)), sweep(store, later, dry_run=True)
    aborted = sweep(store, later)
    left = [upload["Key"] for upload in moto.client.list_multipart_uploads(Bucket=bucket)["Uploads"]]

    assert (young, named, aborted) == ((), ("fr/a", "fr/b"), ("fr/a", "fr/b"))
    assert left == ["en/a"]


class Odd(BaseHTTPRequestHandler):
    """Answers each request with what its server was told to; every path is the same to it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer from the list, the last one for ever."""
        answers = self.server.answers
        status, kind, body, *more = answers.pop(0) if len(answers) > 1 else answers[0]
        self.server.asked += 1
        self.server.meets.wait(30)
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **dict(more)}.items():
            self.send_header(name, str(value))
        if more:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.drip()
        # A length that is a lie is seen once the connection ends.
        self.close_connection = bool(more)

    def drip(self):
        """Send a byte now and then for ever, where the server is to."""
        while self.server.drips and not self.server.ends.wait(0.02):
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def do_DELETE(self):
        """Answer as to a GET."""
        self.do_GET()

    def do_PUT(self):
        """Take what is put, and answer as to a GET."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def odd(use_endpoint, monkeypatch):
    """Return a server that answers as it is told, and the store behind it."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        server.asked, server.drips, server.ends, server.meets = 0, False, threading.Event(), threading.Barrier(1)
        use_endpoint(f"http://127.0.0.1:{server.server_address[1]}")
        yield server, open_store("s3://archive/fr")
        server.ends.set()
        server.shutdown()
        thread.join()


PAGE = b"<!doctype html><title>Console</title><div id=root></div>"
XML = b"<?xml version='1.0' encoding='UTF-8'?>"
FAILED = XML + b"<Error><Code>InternalError</Code></Error>"


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize("act", [lambda s: s.get("log/a"), lambda s: s.list()], ids=["get", "list"])
@pytest.mark.parametrize(
    ("status", "kind", "body", "says"),
    [
        pytest.param(200, "text/html", PAGE, "the endpoint answers with ", id="a page"),
        pytest.param(
            404, "text/html", PAGE, "the endpoint answers with a web page (404", id="a page that is not there"
        ),
        pytest.param(502, "text/html; charset=utf-8", PAGE, "a web page (502, text/html)", id="a proxy's page"),
    ],
)
def test_an_endpoint_that_is_no_s3_server_is_blamed(odd, act, status, kind, body, says):
    """A console's port, a proxy's page: never a damaged archive, never none."""
    server, store = odd
    server.answers = [(status, kind, body)]

    with pytest.raises(StorageError, match=re.escape(says)) as error:
        list(act(store) or ())
    assert "AWS_ENDPOINT_URL_S3" in str(error.value)


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize(
    ("act", "says"),
    [(lambda s: s.get("log/a"), "an error under the status of success"), (lambda s: s.list(), "500 InternalError")],
    ids=["get", "list"],
)
def test_an_error_under_the_status_of_success(odd, act, says):
    """It is an error, not the object's bytes, nor an empty archive."""
    server, store = odd
    server.answers = [(200, "application/xml", FAILED)]

    with pytest.raises(StorageError, match=says):
        list(act(store))


ACTS = {
    "get": lambda s: s.get("log/a"), "range": lambda s: s.get_range("log/a", 0, 2), "list": lambda s: s.list("log/"),
    "put": lambda s: s.create("log/a", b"x"), "delete": lambda s: s.delete("log/a"),
}  # fmt: skip
STRANGE = {
    "a page": (200, "text/html", PAGE),
    "JSON": (200, "application/json", b'{"error": "unauthorized"}'),
    "JSON that is not there": (404, "application/json", b'{"detail": "Not Found"}'),
    "a gateway": (401, "text/html", PAGE),
    "an error": (200, "application/xml", FAILED),
    "cut XML": (200, "application/xml", XML + b"<ListBucketResult><IsTruncated>fal"),
    "a login": (302, "text/html", b"", ("Location", "https://login.invalid/?token=geheim")),
    "another region": (301, "application/xml", XML + b"<Error><Code>PermanentRedirect</Code></Error>", ("x-amz-bucket-region", "eu-west-1")),
    "a wrong region": (400, "application/xml", XML + b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"),
    "a body that is cut": (200, "binary/octet-stream", b"abc", ("Content-Length", "10")),
}  # fmt: skip


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("strange", STRANGE)
def test_whatever_an_endpoint_answers_it_is_the_storage_that_failed(odd, act, strange):
    """Put, get, list and delete: exit 8, with no more requests than a handful, and no secret of the answer in words."""
    server, store = odd
    store._bucket_seen = True
    server.answers = [STRANGE[strange]]
    with pytest.raises(StorageError) as error:
        list(ACTS[act](store) or ())

    assert error.value.exit_code == 8
    assert not isinstance(error.value, KeyMissing)
    assert server.asked <= 4
    assert "geheim" not in str(error.value)
    assert "region" not in strange or "eu-west-1" in str(error.value)


def entries(text):
    """Return a listing of these entries, whatever they are."""
    told = f"<IsTruncated>false</IsTruncated><Contents>{text}</Contents>"
    return 200, "application/xml", XML + f"<ListBucketResult>{told}</ListBucketResult>".encode()


_WHEN = "<Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified>"


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize(
    "answer",
    [
        entries("<Key>fr/log/a</Key><Size>1</Size><LastModified>never</LastModified>"),
        entries(_WHEN),
        entries("<Key>fr/log/a</Key>"),
        entries(f"<Key>en/log/a</Key>{_WHEN}"),
    ],
    ids=["a day that is none", "no name", "a name alone", "a name of elsewhere"],
)
def test_an_answer_in_other_forms_than_s3s(odd, answer):
    """What the client library trips over is the endpoint's fault, and no bug of ours."""
    server, store = odd
    server.answers = [answer]

    with pytest.raises(StorageError, match="the endpoint answers with"):
        list(store.list("log/"))


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize("status", [200, 204])
def test_nothing_at_all_is_no_success(odd, status):
    """An empty answer is no object, no listing, and no word that a put was done: what was put is read back."""
    server, store = odd
    store._bucket_seen = True
    server.answers = [(status, "text/plain", b"")]
    for act in ("get", "list", "put"):
        with pytest.raises(StorageError, match="the endpoint answers with"):
            list(ACTS[act](store) or ())


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize("act", ["get", "list", "put"])
def test_an_endpoint_that_drips_holds_nobody(odd, act, monkeypatch):
    """However steadily it sends a byte now and then, an answer has to be there whole within a time."""
    monkeypatch.setattr("archive.stores.s3.WHOLE_SECONDS", 0.3)
    server, store = odd
    store._bucket_seen, server.drips = True, True
    server.answers = [(200, "application/xml", XML, ("Content-Length", "100000"))]

    with pytest.raises(StorageError, match="not whole after"):
        list(ACTS[act](store) or ())


def test_an_object_that_is_a_page_is_read(odd):
    """What an S3 server keeps is its own business: an ETag says that it is an object, whatever is in it."""
    server, store = odd
    server.answers = [(200, "text/plain", b"{}")]

    assert store.get("log/a") == b"{}"


def listing(*keys, more="", cut=False):
    """Return a page of a listing."""
    rows = "".join(
        f"<Contents><Key>fr/{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>1</Size></Contents>"
        for key in keys
    )
    token = f"<NextContinuationToken>{more}</NextContinuationToken>" if more else ""
    told = f"<Name>archive</Name><IsTruncated>{'true' if cut else 'false'}</IsTruncated>{token}{rows}"
    return 200, "application/xml", XML + f"<ListBucketResult>{told}</ListBucketResult>".encode()


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize(
    ("pages", "says", "asked"),
    [
        ([listing("a", more="x", cut=True)], "it gives the same place again", 2),
        ([listing("a", cut=True)], "no place to go on from", 1),
        ([listing("a", more="x", cut=True), listing("b", more="y", cut=True), listing("a", more="x", cut=True)],
         "after 3 pages it gives the same place again", 3),
    ],
    ids=["its token ignored", "without a token", "in a round"],
)  # fmt: skip
def test_a_listing_in_circles_ends(odd, pages, says, asked):
    """A server that drops the continuation token would be asked for ever."""
    server, store = odd
    server.answers = pages

    with pytest.raises(StorageError, match=says):
        list(store.list())
    assert server.asked == asked


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize(("keys", "asked"), [((), 101), (("a",), 7)], ids=["of nothing", "of keys"])
def test_a_listing_that_never_ends_is_given_up(odd, monkeypatch, keys, asked):
    """Each page names a place to go on from that no page named before."""
    monkeypatch.setattr("archive.stores.s3.PAGES", 5 if keys else 1000)
    server, store = odd
    server.answers = [listing(*keys, more=f"place-{number}", cut=True) for number in range(200)]

    with pytest.raises(StorageError, match="and no end"):
        list(store.list())
    assert server.asked == asked


def test_a_listing_of_pages_that_go_on_is_whole(odd):
    """Its twin: a page without a single key goes on all the same."""
    server, store = odd
    server.answers = [listing("a", more="x", cut=True), listing(more="y", cut=True), listing("b")]

    assert [entry.key for entry in store.list()] == ["a", "b"]


@pytest.mark.row("F-STO-29")
@pytest.mark.parametrize("status", [501, 405])
def test_a_server_without_a_listing_of_uploads(odd, status):
    """Nothing of an archive needs it: gc goes on without."""
    server, store = odd
    code = "NotImplemented" if status == 501 else "MethodNotAllowed"
    server.answers = [(status, "application/xml", XML + f"<Error><Code>{code}</Code></Error>".encode())]

    with pytest.raises(NotOffered, match="has no ListMultipartUploads"):
        sweep(store, datetime.now(UTC))
