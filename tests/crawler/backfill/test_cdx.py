"""What indexes of captures say, in every form: rows, resume keys, pages, times."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import OutletUnreachable, UsageError
from crawler.backfill import cdx
from crawler.backfill.cdx import commoncrawl, end_of, parsed, span_of, wayback
from crawler.net.fetching import Fetched
from crawler.net.wrapped import moment
from tests.cdx_server import FIELDS, FORMS, shot

AT, URL = "20190317093000", "http://french.presstv.com/Detail/2019/3/17/7/x"
ROW = dict(zip(FIELDS, ("k)", AT, URL, "text/html", "200", "ABCD", "1415"), strict=True))


def lists(*rows, key=None):
    """Return a Wayback Machine's answer."""
    return FORMS["lists"](list(rows), key)


@pytest.mark.parametrize(
    "text",
    [
        lists(ROW),
        lists(ROW).replace("], [", "],\n ["),
        json.dumps(ROW),
        json.dumps(ROW) + "\r\n",
        json.dumps({"url": URL, "timestamp": AT, "mime": "text/html", "status": "200", "digest": "ABCD", "length": "1415"}),
        " ".join(ROW.values()),
        FORMS["cdxj"]([ROW], None),
        json.dumps([["timestamp", "digest", "mimetype", "statuscode", "original", "length"], [AT, "ABCD", "text/html", 200, URL, 1415]]),
    ],
    ids=["lists", "lists-lines", "lines", "crlf", "pywb", "plain", "cdxj", "fields-chosen"],
)  # fmt: skip
def test_one_capture_in_every_form(text):
    """The same row comes of each."""
    found = parsed(text)

    assert [(r.url, r.at, r.timestamp, r.mime, r.status, r.digest, r.length) for r in found.rows] == [
        (URL, datetime(2019, 3, 17, 9, 30, tzinfo=UTC), AT, "text/html", 200, "ABCD", 1415)
    ]
    assert (found.key, found.told) == (None, 1)


@pytest.mark.parametrize("text", ["", "\n\n", "[]", "[[]]", "   "], ids=repr)
def test_no_capture_in_every_form(text):
    """An empty answer is an empty index."""
    assert (parsed(text).rows, parsed(text).key) == ((), None)


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ("lists", "ir%2Cpresstv%29%2Fdetail+20190317093000%21"),
        ("plain", "ir%2Cpresstv%29%2Fdetail+20190317093000%21"),
        ("lists", "ir,presstv)/detail 20190317093000!"),
    ],
    ids=["lists", "plain", "bare"],
)
def test_the_key_to_go_on_with_is_bare(form, key):
    """It comes percent-encoded from the Wayback Machine; encoded once more it would find nothing."""
    found = parsed(FORMS[form]([ROW], key))

    assert (found.key, len(found.rows), found.told) == ("ir,presstv)/detail 20190317093000!", 1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "2019"}, {"timestamp": "20191317093000"}, {"timestamp": "٢٠١٩٠٣١٧٠٩٣٠٠٠"}, {"timestamp": "20190317093060"},
        {"original": ""}, {"original": "ftp://x/Detail/2019/3/17/7"}, {"original": "mailto:a@exemple.invalid"},
    ],
    ids=["short", "month-13", "other-digits", "second-60", "no-address", "ftp", "mail"],
)  # fmt: skip
def test_a_row_that_can_not_be_used_is_left_out_and_counted(change):
    """Others in the same answer stay; that there was one tells whether a list was cut."""
    found = parsed(lists(ROW, ROW | change))

    assert (len(found.rows), found.told) == (1, 2)


@pytest.mark.parametrize(
    ("told", "status"),
    [("200", 200), ("-", None), ("", None), ("99999", None), ("٢٠٠", 200), (None, None)],
    ids=["200", "dash", "empty", "too-long", "other-digits", "null"],
)
def test_a_status(told, status):
    """A dash is what a revisit has."""
    assert parsed(lists(ROW | {"statuscode": told})).rows[0].status == status


@pytest.mark.parametrize(
    ("told", "number"),
    [("17", 17), ("-", 0), ("-5", 0), ("1e9", 0), ("9" * 400, 0), (None, 0)],
    ids=["number", "dash", "negative", "float", "huge", "null"],
)
def test_an_offset(told, number):
    """What is no number of bytes is 0, and is refused where it is needed."""
    row = ROW | {"offset": told, "filename": "a.warc.gz"}

    assert parsed(json.dumps(row)).rows[0].offset == number


@pytest.mark.row("F-OTH-07")
def test_a_cdx_file_names_its_fields_by_letters():
    """Its first line says which is which; a row of dashes is an odd one."""
    fields = (
        "ir,presstv)/detail 20190317093000 https://french.presstv.ir/Detail/7 text/html 200 ABC - - 500 10 x.warc.gz"
    )
    found = parsed(f" CDX N b a m s k r M S V g\n{fields}\nir,presstv)/ - - - - - - - - - -\n")

    assert [(r.url, r.status, r.digest, r.length, r.offset, r.filename) for r in found.rows] == [
        ("https://french.presstv.ir/Detail/7", 200, "ABC", 500, 10, "x.warc.gz")
    ]
    assert (found.odd, list(found)[1:]) == (1, [None])


@pytest.mark.parametrize(
    "text",
    ["<html><body>Sorry</body></html>", "[1, 2]", '{"a": 1}\n<x>', "[[", "null", '["a"', "{", "un deux", "[{}]"],
    ids=["html", "numbers", "mixed", "cut", "null", "cut-2", "cut-3", "words", "objects"],
)
def test_what_is_no_index_is_no_empty_one(text):
    """It raises, so that no error page passes for an index without captures."""
    with pytest.raises(ValueError, match=r"."):
        parsed(text)


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0b", "\u2029"], ids=["u2028", "nel", "vt", "u2029"])
def test_what_python_takes_for_the_end_of_a_line_is_none(mark):
    """An address with such a character stays one row."""
    odd = json.dumps({**ROW, "original": f"{URL}{mark}y"}, ensure_ascii=False)

    assert parsed(f"{odd}\n{json.dumps(ROW)}\n").told == 2


@pytest.mark.parametrize(
    ("status", "mime", "may"),
    [
        (200, "text/html", True), (200, "TEXT/HTML; charset=utf-8", True), (404, "text/html", True),
        (410, "-", True), (None, "warc/revisit", True), (200, "unk", True), (200, "", True),
        (200, "image/jpeg", False), (301, "text/html", False), (500, "text/html", False), (206, "text/html", False),
    ],
)  # fmt: skip
def test_what_may_be_a_page(status, mime, may):
    """Pages and answers that one is gone; no images, errors and redirects."""
    row = parsed(lists(ROW | {"statuscode": str(status or "-"), "mimetype": mime})).rows[0]

    assert row.may_be_page is may


@given(st.text(max_size=200) | st.recursive(st.none() | st.integers() | st.text(max_size=8), st.lists).map(json.dumps))
def test_reading_an_answer_is_total(text):
    """Whatever a server says, it is rows or a ValueError, and each row can be asked for."""
    try:
        found = parsed(text)
    except ValueError:
        return

    assert all(r.url.lower().startswith("http") and moment(r.timestamp) == r.at for r in found.rows)
    assert found.told >= len(found.rows)


@given(
    st.dictionaries(
        st.sampled_from([*FIELDS, "url", "mime", "status", "offset", "filename"]), st.text() | st.integers() | st.none()
    )
)
def test_a_row_of_anything_is_read_or_left_out(row):
    """No value of a field makes the reading fail; without a time and an address it is none of an index."""
    told = {name for name, value in row.items() if value is not None} & {"timestamp", "original", "url"}
    if told:
        assert parsed(json.dumps(row)).told == 1
    else:
        with pytest.raises(ValueError, match="no row of an index"):
            parsed(json.dumps(row))


@pytest.mark.parametrize(
    ("digits", "last"),
    [
        ("2016", "20161231235959"), ("201602", "20160229235959"), ("201702", "20170228235959"),
        ("201612", "20161231235959"), ("20161231", "20161231235959"), ("2016123123", "20161231235959"),
        ("201612312358", "20161231235859"), ("20161231235957", "20161231235957"),
        ("9999", "99991231235959"), ("999912", "99991231235959"), ("99991231", "99991231235959"), ("0001", "00011231235959"),
    ],
)  # fmt: skip
def test_the_last_second_of_a_time(digits, last):
    """A year, month, day, hour or minute counts to its end, the calendar's last ones too."""
    assert cdx._digits(end_of(digits)) == last


@given(
    st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9000)),
)
def test_halves_are_all_and_share_nothing(begin, length):
    """Two spans to the second, side by side, from the first second to the last; a second has no halves."""
    first, length = begin.replace(microsecond=0), timedelta(seconds=int(length.total_seconds()))
    last = min(first, datetime(9999, 12, 31) - length) + length
    first, last = min(first, last), max(first, last)
    halves = cdx._halves((cdx._digits(first), cdx._digits(last)))

    if first == last:
        assert halves == []
        return
    (a, b), (c, d) = ((moment(x), moment(y)) for x, y in halves)
    assert (a, d) == (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))
    assert a <= b < c <= d
    assert c - b == timedelta(seconds=1)


class Index:
    """A server's answers as a function, without a server."""

    def __init__(self, shots, *, cap=10**9, keys=False):
        self.shots, self.cap, self.keys, self.asked = shots, cap, keys, []

    def __call__(self, url, *, most=0):
        from urllib.parse import parse_qs, urlsplit

        from tests.cdx_server import CdxServer

        self.asked.append(url)
        query = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
        server = CdxServer(shots=self.shots, cap=self.cap, keys=self.keys)
        status, _, body = server._index(query)
        return Fetched(url=url, status=status, headers=(), body=body)


@given(
    st.lists(st.integers(0, 40), max_size=30),
    st.integers(1, 7),
    st.booleans(),
)
def test_every_row_is_met_once_whatever_the_limit(seconds, limit, keys):
    """With resume keys and without, however many captures fall on one second."""
    shots = [shot(f"{URL}-{n}", f"201903170930{s:02d}"[:14], b"x") for n, s in enumerate(seconds) if s < 60]
    found = list(
        wayback(Index(shots, keys=keys), "http://h/cdx", "french.presstv.com/Detail/", ("2019", "2019"), limit)
    )

    assert sorted((r.url, r.timestamp) for r in found) == sorted((s.url, s.timestamp) for s in shots)


def test_a_server_that_cuts_every_second_short_is_told(monkeypatch):
    """One that gives as many rows as are asked for, for ever, has no end."""
    monkeypatch.setattr(cdx, "_MOST_ROWS", 1000)

    def full(url, *, most=0):
        rows = [ROW] * int(url.partition("&limit=")[2].partition("&")[0])
        return Fetched(url=url, status=200, headers=(), body=FORMS["lists"](rows, None).encode())

    with pytest.raises(OutletUnreachable, match="no end"):
        list(wayback(full, "http://h/cdx", "x/", (AT, AT), 10))


@pytest.mark.parametrize(
    ("body", "status", "pages"),
    [
        (b'{"pages": 3, "pageSize": 5}', 200, 3), (b"3", 200, 3), (b'{"pages": 0}', 200, 0), (b"", 404, 0),
        (b'{"pages": -2}', 200, 0), (b'{"pages": true}', 200, 1), (b'{"pages": "3"}', 200, 1), (b"rien", 200, 1),
        (b"[[", 200, 1), (b"[" * 9999, 200, 1),
    ],
)  # fmt: skip
def test_pages_of_common_crawl(body, status, pages):
    """Each is asked for once; where the number can't be read there is one."""
    asked = []

    def get(url, *, most=0):
        asked.append(url)
        told = "showNumPages" in url
        return Fetched(url=url, status=status if told else 200, headers=(), body=body if told else b"")

    assert list(commoncrawl(get, "http://h", "CC-MAIN-2019-13", "x/")) == []
    assert len(asked) == 1 + pages


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        (("2017", "2018"), ("2017", "2018")),
        (("2017-08", "201708"), ("201708", "201708")),
        ((" 2017-08-20 ", "2017"), ("20170820", "2017")),
        (("2017-08-20T16:46:00Z", "20170820164601"), ("20170820164600", "20170820164601")),
        (("2017-08-20 16:46:00", "2017-08-20"), ("20170820164600", "20170820")),
    ],
    ids=" ".join,
)
def test_two_times_as_a_user_writes_them(words, digits):
    """A year, a month, a day or a second each; the last counts to its own end."""
    assert span_of(*words) == digits


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("hier", "2026"), "--wayback 'hier' is no time"),
        (("2017", "2017-13"), "--wayback '2017-13' is no time"),
        (("2017-08-20T16", "2018"), "is no time"),
        (("2020", "2017"), "--wayback 2020 2017: the first is later than the second; turn them round"),
        (("2017-08-21", "2017-08-20"), "turn them round"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_times_that_cannot_be_are_refused(words, says):
    """It names the one that is none, or says that they are the wrong way round."""
    with pytest.raises(UsageError, match=says):
        span_of(*words)
