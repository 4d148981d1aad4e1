import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio_command

from archive.errors import IntegrityError, UsageError
from archive.facts.canonical import digest
from archive.facts.items import Capture
from archive.warc import warc
from archive.warc.damage import left_of, verify_records

AT = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
BODY = gzip.compress("<p>Le marché de Chiraz rouvre après les pluies.</p>".encode() * 20, mtime=0)


def page(number=1, **changes):
    body = changes.pop("body", BODY)
    fields = {
        "url": f"https://french.presstv.ir/Detail/2026/11/24/{number}/Chiraz?b=2&a=%C3%A9",
        "captured_at": AT + timedelta(seconds=number),
        "status": 200,
        "request_headers": ((b"User-Agent", b"archive (+mailto:a@example.org)"), (b"Accept", b"*/*")),
        "response_headers": (
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"Set-Cookie", b"a=1"),
            (b"X-Odd", b"\xc3\xa9\xff"),
            (b"set-cookie", b"b=2"),
            (b"Content-Encoding", b"gzip"),
            (b"Content-Length", b"%d" % len(body)),
        ),
        "server_address": "192.0.2.7",
        "reason": "OK",
    }
    return Capture(body=body, payload=digest(body), **(fields | changes))


def placed(captures):
    """Return the captures with the places they have in a segment without a warcinfo."""
    out, at = [], 0
    for capture in captures:
        length = len(warc.encode(capture))
        out.append(replace(capture, segment="s", offset=at, length=length))
        at += length
    return out


def by_warcio(data):
    return [
        (r.rec_type, r.rec_headers["WARC-Target-URI"], r.raw_stream.read())
        for r in ArchiveIterator(io.BytesIO(data), check_digests="raise")
    ]


def by_fastwarc(data):
    out = []
    for r in FastIterator(io.BytesIO(data), parse_http=False):
        assert r.verify_block_digest(consume=False)
        r.parse_http()
        out.append((str(r.record_type), r.headers["WARC-Target-URI"], r.reader.read()))
    return out


CAPTURES = st.builds(
    Capture,
    url=st.text(max_size=60).map("http://example.org/".__add__),
    captured_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    status=st.integers(100, 599),
    request_headers=st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=40)), max_size=3).map(tuple),
    response_headers=st.lists(
        st.tuples(
            st.one_of(
                st.binary(max_size=12), st.sampled_from([b"Content-Length", b"Transfer-Encoding", b"\nWARC/1.1"])
            ),
            st.one_of(
                st.binary(max_size=40), st.sampled_from([b"0", b"chunked", b"\r\n\r\nWARC/1.1\r\nContent-Length: 0"])
            ),
        ),
        max_size=5,
    ).map(tuple),
    body=st.one_of(
        st.binary(max_size=200),
        st.sampled_from(
            [b"\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n", b"\x1f\x8b\x08", b"\r\n"]
        ),
    ),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    protocol=st.one_of(st.sampled_from(["HTTP/1.0", "HTTP/1.1", "h2"]), st.text(max_size=8)),
    reason=st.text(max_size=20),
    server_address=st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["::1", "192.0.2.1\r\nA: b"])),
)


@pytest.mark.row("F-WRC-01")
def test_what_was_written_is_read_back_whole():
    """A capture comes back field for field: order and case of headers, repeated names, odd bytes, microseconds."""
    captures = placed([page(1), page(2, reason="", body=b"", status=301), page(3, protocol="h2")])
    data = b"".join(map(warc.encode, captures))

    assert list(warc.read(data, "s")) == captures
    assert warc.decode(data[captures[1].offset :][: captures[1].length]) == replace(captures[1], segment=None, offset=0)


def test_a_record_is_the_same_bytes_each_time():
    """The id follows from the capture and the gzip header has no time, so writing again gives the same bytes."""
    data = warc.encode(page())

    assert data == warc.encode(page())
    assert data[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@pytest.mark.row("F-WRC-01")
@pytest.mark.row("F-WRC-02")
@given(st.lists(CAPTURES, max_size=4))
def test_no_input_smuggles_or_hides_a_record(captures):
    """Whatever the outlet sends, warcio, fastwarc and our reader find the records written, and no others."""
    data = b"".join(map(warc.encode, captures))
    read = list(warc.read(data))
    expected = []
    for capture in captures:
        uri = warc.target_uri(capture.url)
        expected += [("response", uri, capture.body), ("request", uri, b"")]

    assert by_warcio(data) == expected
    assert by_fastwarc(data) == expected
    assert [(c.url, c.captured_at, c.status, c.body) for c in read] == [
        (warc.target_uri(c.url), c.captured_at, c.status, c.body) for c in captures
    ]
    assert b"".join(map(warc.encode, read)) == data


@pytest.mark.row("F-WRC-01")
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "http://a/\r\nEvil: 1\r\n\r\nWARC/1.0", "http://a/%0D%0AEvil:%201%0D%0A%0D%0AWARC/1.0", id="lines"
        ),
        pytest.param("http://a/\x00\x1b\x7f", "http://a/%00%1B%7F", id="controls"),
        pytest.param("http://a/é?q=ã", "http://a/%C3%A9?q=%C3%A3", id="not ascii"),
        pytest.param("<http://a/>"[1:], "http://a/%3E", id="bracket"),
        pytest.param("HTTPS://A/B?C=%c3%a9#d", "https://A/B?C=%c3%a9#d", id="encoded stays"),
    ],
)
def test_addresses_cannot_end_a_line(url, expected):
    """What could break a header line is percent-encoded, and what is encoded already is left."""
    assert warc.target_uri(url) == expected


@pytest.mark.parametrize(
    "capture", [page(url="ftp://a/b"), page(url="no address"), page(method="GET / HTTP/1.1\r\nA:")]
)
def test_what_no_reader_takes_is_refused(capture):
    """A scheme other than http or https, or a method that is none, is refused before anything is written."""
    with pytest.raises(UsageError, match="leave it out"):
        warc.encode(capture)


@pytest.mark.row("F-WRC-01")
@pytest.mark.parametrize(
    ("given_headers", "kept"),
    [
        pytest.param(((b"A", b"x\r\nB: y\x00\x1bz"),), ((b"A", b"x  B: y  z"),), id="controls become spaces"),
        pytest.param(((b"A", b"\r\n"), (b"", b"x")), ((b"A", b""),), id="a nameless line goes"),
        pytest.param(((b"A:B\n", b"x"),), ((b"A_B_", b"x"),), id="names are tokens"),
        pytest.param(((b"A", b"x\ty\xff"),), ((b"A", b"x\ty\xff"),), id="tab and high bytes stay"),
        pytest.param(((b"Transfer-Encoding", b"chunked"), (b"A", b"1")), ((b"A", b"1"),), id="transfer coding goes"),
        pytest.param(((b"content-length", b"3"),), ((b"content-length", b"3"),), id="true length stays"),
        pytest.param(((b"content-length", b"9"),), ((b"X-Orig-Content-Length", b"9"),), id="untrue length is renamed"),
    ],
)
def test_headers_agree_with_the_body(given_headers, kept):
    """The header block is safe and coherent with the stored bytes; all else is kept as given."""
    (read,) = warc.read(warc.encode(page(response_headers=given_headers, body=b"abc")))

    assert read.response_headers == kept


@pytest.mark.row("F-WRC-06")
def test_independent_tools_accept_the_digests(tmp_path, capsys):
    """`warcio check` and fastwarc verify block and payload digests of all that we write, and see a changed one."""
    file = tmp_path / "a.warc.gz"
    good = warc.encode_info("presstv-archive/1", AT) + warc.encode(page())
    revisit = warc.encode_revisit(page(2), refers_to_uri=page().url, refers_to_date="2026-11-24T12:00:01.123456Z")
    outcomes = []
    for data in (
        good + revisit,
        gzip.decompress(good).replace(b"sha256:" + page().payload[7:9].encode(), b"sha256:00"),
    ):
        file.write_bytes(data)
        with pytest.raises(SystemExit) as ended:
            warcio_command(["check", str(file)])
        outcomes.append(ended.value.code)

    verified = [str(r.record_type) for r in FastIterator(io.BytesIO(good)) if r.verify_payload_digest()]

    assert outcomes == [0, 1]
    assert "payload digest failed" in capsys.readouterr().out
    assert verified == ["response"]


def test_a_revisit_keeps_the_headers_and_names_the_original():
    """A revisit record has status, headers and payload digest, no payload, and survives a second writing."""
    data = warc.encode_revisit(page(2), refers_to_uri=page().url, refers_to_date="2026-11-24T12:00:01.123456Z")
    read = warc.decode(data)

    assert isinstance(read, warc.Revisit)
    assert (read.body, read.payload, read.refers_to_uri) == (b"", digest(BODY), page().url)
    assert read.refers_to_date == "2026-11-24T12:00:01.123456Z"
    assert read.response_headers == page().response_headers
    assert warc.encode(read) == data
    assert (
        [kind for kind, _, _ in by_warcio(data)] == [kind for kind, _, _ in by_fastwarc(data)] == ["revisit", "request"]
    )


def test_warcinfo_names_program_and_time():
    """The first record of a segment tells which program wrote it and when, and holds no capture."""
    data = warc.encode_info("presstv-archive/1\r\nEvil: 1", AT)
    record = next(iter(ArchiveIterator(io.BytesIO(data))))

    assert record.rec_headers["WARC-Date"] == "2026-11-24T12:00:00.123456Z"
    assert record.raw_stream.read().startswith(
        b"software: presstv-archive/1  Evil: 1\r\nformat: WARC File Format 1.1\r\n"
    )
    assert warc.decode(data) is None


@pytest.mark.row("F-WRC-03")
def test_a_cut_at_any_byte_is_seen():
    """At each length, `whole` ends at the last whole capture, and reading raises unless a record ends there."""
    captures = placed([page(1, body=b"a"), page(2, body=b"b")])
    data = b"".join(map(warc.encode, captures))
    ends = [0, captures[0].length, len(data)]
    clean = {0, *(end for offset, length, _ in warc.members(data) for end in (offset, offset + length))}
    for cut in range(len(data) + 1):
        torn = data[:cut]
        assert left_of(torn).end == max(end for end in ends if end <= cut)
        if cut in clean:
            assert len(list(warc.read(torn))) == sum(offset < cut for offset, _, _ in list(warc.members(torn))[::2])
        else:
            with pytest.raises(IntegrityError, match="restore"):
                list(warc.read(torn))


@pytest.mark.parametrize(
    "tail",
    [b"\0" * 70000, b"garbage", gzip.compress(b"no record", mtime=0), gzip.compress(b"", mtime=0), b"\x1f\x8b\x08"],
)
def test_what_follows_the_last_whole_capture_is_cut(tail):
    """Zeros, garbage, and members that hold no record do not move the cut."""
    data = warc.encode(page())

    assert left_of(data + tail).end == len(data)


@pytest.mark.row("F-WRC-03")
def test_one_bad_record_does_not_hide_the_rest():
    """A flipped byte is told at its record, unless nothing is read from it; every other record is still checked."""
    data = b"".join(warc.encode(page(n, body=b"abc")) for n in range(3))
    whole = list(warc.members(data))
    places, contents = [(o, n) for o, n, _ in whole], [content for _, _, content in whole]
    (offset, length), told = places[2], 0
    for at in range(offset, offset + length):
        damaged = data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]
        found = list(verify_records(damaged, offsets=[places[n][0] for n in (0, 2, 4)]))
        # The gzip header's time and system and the deflate stream's padding carry nothing.
        harmless = [content for _, _, content in warc.members(damaged)] == contents
        told += not harmless
        assert [(o, n) for o, n, _ in found] == places
        assert [problem is None for _, _, problem in found] == [n != 2 or harmless for n in range(6)]

    assert told >= length - 8


@pytest.mark.row("F-WRC-03")
def test_damaged_neighbours_are_told_apart_by_the_index():
    """Where two records in a row have lost their beginnings, the index's offsets tell where the second one stood."""
    data = b"".join(warc.encode(page(n, body=b"abc")) for n in range(3))
    starts = [offset for offset, _, _ in warc.members(data)]
    damaged = bytearray(data)
    for at in starts[1:3]:
        damaged[at] = 0
    with_index = [o for o, _, problem in verify_records(bytes(damaged), starts[::2]) if problem]
    without = [o for o, _, problem in verify_records(bytes(damaged)) if problem]

    assert with_index == starts[1:3]
    assert without == starts[1:2]


@pytest.mark.parametrize(("old", "new"), [(b"abc", b"abd"), (b"HTTP/1.1 200", b"HTTP/1.1 404"), (b"sha256:", b"sha1:")])
def test_bytes_that_their_digest_does_not_name_are_a_problem(old, new):
    """A record that decompresses well but is not what its digests name is told."""
    first, second = [content for _, _, content in warc.members(warc.encode(page(body=b"abc")))]
    data = gzip.compress(first.replace(old, new)) + gzip.compress(second)
    problems = [problem for _, _, problem in verify_records(data)]

    assert "is not the one that its digest" in problems[0]
    assert problems[1] is None


def test_a_member_without_a_record_is_a_problem():
    """Bytes that decompress well but are no WARC record are told, and what follows them is checked."""
    problems = [problem for _, _, problem in verify_records(gzip.compress(b"no record") + warc.encode(page()))]

    assert problems[0].startswith("no whole WARC record at byte 0")
    assert problems[1:] == [None, None]


@pytest.mark.row("F-WRC-04")
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(gzip.decompress, id="not compressed"),
        pytest.param(lambda data: gzip.compress(gzip.decompress(data)), id="one member"),
        pytest.param(lambda data: b"".join(gzip.compress(m) for m in _couples(data)), id="two records a member"),
    ],
)
def test_other_ways_to_cut_a_file_are_read(shape):
    """A WARC without gzip, or with several records in a member, gives the same captures."""
    captures = [page(1), page(2)]
    data = shape(warc.encode_info("x", AT) + b"".join(map(warc.encode, captures)))

    assert [replace(c, offset=0, length=0) for c in warc.read(data)] == captures


def _couples(data):
    contents = [content for _, _, content in warc.members(data)]
    return [b"".join(contents[at : at + 2]) for at in range(0, len(contents), 2)]


def foreign(kind, path, block, *more):
    """Return a record as another archiver may write it: WARC/1.0, an address in brackets, seconds, no digests."""
    head = [
        b"WARC/1.0",
        f"WARC-Type: {kind}".encode(),
        f"WARC-Record-ID: <urn:x:{kind}{path}>".encode(),
        b"WARC-Date: 2021-02-03T04:05:06Z",
        f"warc-target-uri: <http://example.org{path}>".encode(),
        *more,
        b"Content-Length: %d" % len(block),
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + block + b"\r\n\r\n"


@pytest.mark.parametrize("request_first", [True, False])
def test_records_made_by_others_are_read(request_first):
    """The request may come first or be missing, a body may still be chunked, a digest may be in base32."""
    chunked = b"HTTP/1.1 200 Tr\xe8s bien\r\nTransfer-Encoding: chunked\r\nX: a\r\n\tb\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    tie = b"WARC-Concurrent-To: <urn:x:response/a>"
    pair = [foreign("response", "/a", chunked), foreign("request", "/a", b"GET /a HTTP/1.1\r\nHost: b\r\n\r\n", tie)]
    digest_line = b"WARC-Payload-Digest: sha1:2IBOYHOWCGTIIIY3ZRMZFSPM4XBVCJSE"
    others = [
        foreign("metadata", "/a", b"via: none"),
        foreign("request", "/c", b"GET /c HTTP/1.1\r\n\r\n"),
        foreign("response", "/b", b"HTTP/1.0 404\r\n\r\nx"),
        foreign("revisit", "/a", b"HTTP/1.1 304 Not Modified\r\n\r\n", digest_line),
    ]
    whole, alone, again = warc.read(b"".join(pair[::-1] if request_first else pair) + b"".join(others))

    assert (whole.body, whole.payload, whole.reason) == (b"abcde", digest(b"abcde"), "Très bien")
    assert (whole.url, whole.response_headers[1]) == ("http://example.org/a", (b"X", b"a b"))
    assert (whole.request_headers, whole.method) == (((b"Host", b"b"),), "GET")
    assert whole.captured_at == alone.captured_at == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert (alone.status, alone.body, alone.protocol, alone.request_headers) == (404, b"x", "HTTP/1.0", ())
    assert again.payload == "sha1:d202ec1dd611a684231bcc5992c9ece5c3512644"
    assert [c.payload for c in warc.read(b"".join(map(warc.encode, (whole, alone, again))))][2] == again.payload


@pytest.mark.parametrize("date", ["2021-02-03", "soon", ""])
def test_a_date_that_is_no_instant_is_named(date):
    """A record whose date has no time or zone can't be placed in history; the error tells its byte."""
    data = foreign("response", "/a", b"HTTP/1.0 404\r\n\r\n").replace(b"2021-02-03T04:05:06Z", date.encode())

    with pytest.raises(IntegrityError, match=f"WARC-Date '{date}' at byte 0"):
        list(warc.read(data))


@pytest.mark.row("F-STO-27")
def test_a_member_that_unpacks_to_any_size_is_not_unpacked(monkeypatch):
    """It is as good as torn, to a reader, in a segment and in a spool, and what stands behind it is still found."""
    monkeypatch.setattr(warc, "UNPACKED", 2**20)
    bomb, page_behind = gzip.compress(b"WARC/1.1\r\n" + bytes(2**24)), warc.encode(page())

    assert warc.member_at(bomb, 0) is None
    assert [capture.url for capture in left_of(bomb + page_behind).captures] == [page().url]
    with pytest.raises(IntegrityError, match=r"^captures/x: the gzip member at byte 0 is torn or damaged"):
        list(warc.read(bomb, "captures/x"))
