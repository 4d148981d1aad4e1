"""What belongs together in a foreign file, wherever it stands: requests and their answers, revisits and what they repeat."""

import gzip
import hashlib
from base64 import b32encode
from itertools import count, permutations

import pytest

from archive.catalog import articles
from archive.catalog.selection import Selection
from archive.exporters.views import VIEWS
from tests.foreign_warcs import backfilled, moment, page, wacz_of
from tests.made import url_of

URL, OTHER = url_of("7"), url_of("8")
NOT_MODIFIED = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
SAME = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
EMPTY = "sha1:" + b32encode(hashlib.sha1(b"", usedforsecurity=False).digest()).decode()


def record(kind, block=b"", url=URL, *, at=None, **fields):
    """Return a WARC record, exact to the byte; an underscore in a field's name is a dash."""
    told = {"WARC-Type": kind, "WARC-Date": at or moment(), "WARC-Target-URI": url}
    told |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"WARC/1.0\r\n{lines}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def http(body, *headers, status="200 OK"):
    """Return an answer."""
    lines = (f"HTTP/1.1 {status}", "Content-Type: text/html", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def asked(method):
    """Return a request's bytes."""
    return f"{method} /x HTTP/1.1\r\nHost: x\r\n\r\na=b".encode()


@pytest.fixture
def taken(archive, tmp_path, clock):
    """Return a function that takes in records, one file, and says what became of them."""
    numbers = count()

    def take(*records):
        place = tmp_path / f"autre-{next(numbers)}.warc"
        place.write_bytes(b"".join(records))
        return backfilled(archive, tmp_path, clock, str(place)).intake.tally

    return take


def looks(archive, number="7"):
    """Return (day, outcome) of each look at an article."""
    checks = [c for c in VIEWS["checks"](archive, Selection()) if c["article_id"] == number]
    return [(c["at"][:10], c["outcome"]) for c in sorted(checks, key=lambda c: c["at"])]


TIED = {
    "to its answer": ({"WARC_Record_ID": "<a>"}, {"WARC_Concurrent_To": "<a>"}),
    "from its answer": ({"WARC_Concurrent_To": "<r>"}, {"WARC_Record_ID": "<r>"}),
    "to several": ({"WARC_Record_ID": "<a>"}, {"WARC_Concurrent_To": "<b>\r\nWARC-Concurrent-To: <a>"}),
    "by place and time": ({}, {}),
}


def exchange(method, tie):
    """Return an article's answer and its request, and another exchange's."""
    answer, request = TIED[tie]
    return (
        record("response", http(page()), **answer),
        record("request", asked(method), **request),
        record("response", http(page("8")), OTHER, WARC_Record_ID="<other>"),
        record("request", asked("GET"), OTHER, WARC_Concurrent_To="<other>"),
    )


@pytest.mark.row("F-CON-42")
@pytest.mark.parametrize("tie", TIED)
@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_what_a_form_is_answered_is_no_look(taken, method, tie):
    """In every order of two exchanges the other one is taken alone."""
    for order in permutations(exchange(method, tie)):
        tally = taken(*order)

        assert tally.skipped["unusable"] == 1
        assert sum(tally.taken.values()) + tally.skipped["known"] == 1


@pytest.mark.row("F-CON-42")
@pytest.mark.parametrize("tie", TIED)
def test_a_get_may_stand_anywhere(taken, tie):
    """So may the request of a look."""
    for order in permutations(exchange("GET", tie)):
        tally = taken(*order)

        assert sum(tally.taken.values()) + tally.skipped["known"] == 2


def test_a_head_is_no_page_that_was_cut(taken):
    """It has a length and no body, and is passed over before that is held against it."""
    answer = record("response", http(b"", "Content-Length: 999"), WARC_Record_ID="<a>")
    tally = taken(answer, record("request", asked("HEAD"), WARC_Concurrent_To="<a>"))

    assert (dict(tally.skipped), tally.refused) == ({"unusable": 1}, [])


def test_in_a_wacz_too(archive, tmp_path, clock):
    """A WARC inside a zip is read through once more as well."""
    answer, request, *others = exchange("POST", "to its answer")
    place = wacz_of(tmp_path / "autre.wacz", {"data.warc": b"".join((answer, *others, request))})
    tally = backfilled(archive, tmp_path, clock, place).intake.tally

    assert (dict(tally.taken), dict(tally.skipped)) == ({"new": 1}, {"unusable": 1})


@pytest.mark.row("F-CON-43")
@pytest.mark.parametrize(
    ("block", "fields"),
    [
        (b"", {"WARC_Payload_Digest": EMPTY, "WARC_Truncated": "length", "WARC_Profile": NOT_MODIFIED}),
        (http(b"", status="304 Not Modified"), {"WARC_Refers_To_Target_URI": URL}),
        (http(b""), {"WARC_Profile": NOT_MODIFIED.replace("1.0", "1.1")}),
        (http(b"", status="304 Not Modified"), {"WARC_Payload_Digest": EMPTY}),
    ],
    ids=["without a head", "by its status", "by its profile", "the digest of no bytes"],
)
@pytest.mark.parametrize("before", [True, False], ids=["behind it", "before it"])
def test_not_modified_confirms_its_own_address(archive, taken, block, fields, before):
    """The look of that day found it unchanged, wherever in the file the page stands."""
    whole = record("response", http(page()))
    revisit = record("revisit", block, at=moment(days=1), **fields)
    tally = taken(*([whole, revisit] if before else [revisit, whole]))

    assert looks(archive) == [("2019-03-17", "new"), ("2019-03-18", "unchanged")]
    assert (tally.unresolved, dict(tally.skipped)) == ([], {})


@pytest.mark.row("F-CON-43")
def test_not_modified_is_not_gone(archive, taken):
    """The digest of no bytes is also that of another article's 404; a 404 repeated in its own words is still one."""
    none = {"WARC_Payload_Digest": EMPTY}
    taken(
        record("response", http(page())),
        record("response", http(page("8")), OTHER),
        record("response", http(b"", status="404 Not Found"), OTHER, at=moment(days=1), **none),
        record("revisit", b"", at=moment(days=2), WARC_Profile=NOT_MODIFIED, **none),
        record("revisit", http(b"", status="404 Not Found"), OTHER, at=moment(days=2), WARC_Profile=SAME, **none),
    )
    events = [(e["article_id"], e["event"]) for e in VIEWS["events"](archive, Selection())]

    assert looks(archive)[1:] == [("2019-03-19", "unchanged")]
    assert events == [("7", "discovered"), ("8", "discovered"), ("8", "removed")]


@pytest.mark.row("F-CON-43")
def test_other_validators_confirm_the_page_that_had_them(archive, taken):
    """A 304 of one tag is about the page of that tag, though a newer one was captured since."""
    tagged = record("revisit", http(b"", 'ETag: W/"a"', status="304 Not Modified"), at=moment(days=2))
    taken(
        record("response", http(page(headline="La pluie"), 'ETag: "a"')),
        record("response", http(page(headline="Le vent"), 'ETag: "b"'), at=moment(days=1)),
        tagged,
    )

    assert [v.record["headline"] for v in articles.versions(archive.catalog.db)] == ["La pluie", "Le vent", "La pluie"]


def info(operator):
    """Return what says who made a file."""
    return record("warcinfo", f"operator: {operator}".encode(), "")


@pytest.mark.row("F-CON-43")
@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_what_a_revisit_repeats_may_wait_itself(archive, taken, order):
    """A page, another one, the first again by its digest, and nothing modified since: the same in every order."""
    told = "sha1:" + b32encode(hashlib.sha1(page(), usedforsecurity=False).digest()).decode()
    records = (
        record("response", http(page()), WARC_Payload_Digest=told),
        record("response", http(page(headline="Le vent")), at=moment(days=1)),
        record("revisit", http(b""), at=moment(days=2), WARC_Profile=SAME, WARC_Payload_Digest=told),
        record("revisit", http(b"", status="304 Not Modified"), at=moment(days=3)),
    )
    tally = taken(*(records[n] for n in order))

    assert (len(looks(archive)), tally.unresolved) == (4, [])
    assert [v.captured_at[8:10] for v in articles.versions(archive.catalog.db)] == ["17", "18", "19"]


@pytest.mark.row("F-CON-43")
@pytest.mark.parametrize("first", [0, 1])
def test_not_modified_confirms_what_its_own_maker_was_given(archive, taken, first):
    """What the address gave another maker in between is not what the server said stands; in either order of files."""
    files = [
        (
            info("A"),
            record("response", http(page())),
            record("revisit", http(b"", status="304 Not Modified"), at=moment(days=2)),
        ),
        (info("B"), record("response", http(page(headline="Le vent")), at=moment(days=1))),
    ]
    for number in (first, 1 - first):
        taken(*files[number])

    assert [v.record["headline"] for v in articles.versions(archive.catalog.db)] == [
        "La pluie revient", "Le vent", "La pluie revient"
    ]  # fmt: skip


@pytest.mark.row("F-CON-43")
@pytest.mark.parametrize(("tag", "confirmed"), [('ETag: "a"', True), ("X-Vu: 1", False)])
def test_not_modified_since_what_another_maker_was_given(archive, taken, tag, confirmed):
    """Only a validator that both were told ties a 304 to another one's page; else nobody knows what it confirms."""
    taken(info("A"), record("response", http(page(), tag)))
    tally = taken(info("B"), record("revisit", http(b"", tag, status="304 Not Modified"), at=moment(days=2)))

    assert (len(looks(archive)) == 2, len(tally.unresolved)) == (confirmed, 1 - confirmed)


@pytest.mark.row("F-CON-43")
@pytest.mark.parametrize("named", [True, False], ids=["named", "not named"])
def test_a_revisit_by_the_id_of_its_record(archive, taken, named):
    """Without digest, address or date the record's id says what is repeated; nothing else does."""
    tally = taken(
        record("response", http(page()), WARC_Record_ID="<urn:uuid:1>"),
        record("revisit", http(b""), at=moment(days=1), WARC_Profile=SAME, WARC_Refers_To=named and "<urn:uuid:1>"),
    )

    assert len(looks(archive)) == 1 + named
    assert ["payload" in one.reason for one in tally.unresolved] == ([] if named else [True])


def test_not_modified_since_nothing_is_said_so(taken):
    """No page of that address is there: the reason is true."""
    tally = taken(record("revisit", http(b"", status="304 Not Modified")), record("response", http(page("8")), OTHER))

    assert [one.reason.partition(" since")[0] for one in tally.unresolved] == ["not modified"]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_where_a_redirect_led_may_stand_before_it(archive, taken, order):
    """In every order the redirect to another article is told of the one, and that page of the other, each once."""
    records = (
        record("response", http(page())),
        record("response", http(b"", f"Location: {OTHER}", status="302 Found"), at=moment(hours=1)),
        record("response", http(page("8")), OTHER, at=moment(3601)),
    )
    tally = taken(*(records[n] for n in order))

    assert looks(archive) == [("2019-03-17", "new"), ("2019-03-17", "soft_404")]
    assert looks(archive, "8") == [("2019-03-17", "new")]
    assert (sum(tally.taken.values()), dict(tally.skipped)) == (3, {})


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_where_a_redirect_led_may_stand_in_another_file(archive, tmp_path, clock, order):
    """In every order of three files the same is told of the article that was asked for."""
    parts = (
        record("response", http(page())),
        record("response", http(b"", f"Location: {OTHER}", status="302 Found"), at=moment(hours=1)),
        record("response", http(page("8")), OTHER, at=moment(3601)),
    )
    places = [tmp_path / f"{number}.warc" for number in range(3)]
    for place, part in zip(places, parts, strict=True):
        place.write_bytes(part)
    tally = backfilled(archive, tmp_path, clock, *(str(places[n]) for n in order)).intake.tally

    assert looks(archive) == [("2019-03-17", "new"), ("2019-03-17", "soft_404")]
    assert looks(archive, "8") == [("2019-03-17", "new")]
    assert (sum(tally.taken.values()), dict(tally.skipped)) == (3, {})


def test_what_came_long_after_a_redirect_is_not_where_it_led(archive, taken):
    """A page of the next hour says nothing of the redirect, wherever it stands."""
    redirect = record("response", http(b"", f"Location: {OTHER}", status="302 Found"))
    tally = taken(record("response", http(page("8")), OTHER, at=moment(hours=1)), redirect)

    assert (looks(archive), dict(tally.skipped)) == ([], {"redirect": 1})


@pytest.mark.parametrize("digest", [True, False])
@pytest.mark.parametrize("before", [b"", b"\r\n\r\n<!-- -->"], ids=["plain", "an empty line in the page"])
def test_a_head_whose_lines_end_in_lf_alone(archive, taken, digest, before):
    """Some servers send it so; the page begins behind its first empty line, and its digest is that of the page."""
    body = before + page()
    said = "sha1:" + b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
    block = http(body).removesuffix(body).replace(b"\r\n", b"\n") + body
    tally = taken(record("response", block, WARC_Payload_Digest=digest and said))

    assert (dict(tally.taken), tally.refused) == ({"new": 1}, [])


@pytest.mark.parametrize("packed", [True, False])
def test_an_arc_file_is_named(archive, tmp_path, clock, packed):
    """It is not read; the message says what it is and what to do."""
    data = b"filedesc://essai.arc 0.0.0.0 20090317093000 text/plain 9\n1 0 Autre\n\n"
    place = tmp_path / "essai.arc"
    place.write_bytes(gzip.compress(data) if packed else data)
    [(_, said)] = backfilled(archive, tmp_path, clock, str(place)).intake.tally.damaged

    assert said.startswith("it is an ARC file")
