"""What a foreign file holds besides plain pages: read where it can be, else counted by kind; nothing passes in silence."""

import gzip
from hashlib import sha1

import pytest

from archive.catalog import articles
from archive.catalog.selection import Selection
from archive.exporters.views import VIEWS
from archive.trust.verify import verify
from archive.warc import warc
from tests.crawler.backfill.test_foreign_order import http, record
from tests.foreign_warcs import backfilled, page
from tests.made import url_of

pytestmark = pytest.mark.row("F-OTH-07")
URL = url_of("7")
HTML = {"Content_Type": "text/html"}
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.css>\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def tallied(archive, tmp_path, clock):
    """Return a function that takes in a file and returns its tally."""

    def take(*records):
        place = tmp_path / "autre.warc"
        place.write_bytes(b"".join(records))
        return backfilled(archive, tmp_path, clock, str(place)).intake.tally

    return take


def answered(block, url=URL, **fields):
    """Return a response record."""
    return record("response", block, url, **fields)


PASSED = {
    "a record of an unknown kind": (record("screenshot", b"png"), "other_record"),
    "a response without an address": (answered(http(page()), None), "no_address"),
    "a saved file": (record("resource", page(), "file:///tmp/7.html", **HTML), "no_address"),
    "a name that was looked up": (answered(b"1.2.3.4", "dns:french.presstv.ir"), "no_address"),
    "an address that is none": (answered(http(page()), "http://[::1/7"), "other_host"),
    "a picture": (record("resource", b"\x89PNG", Content_Type="image/png"), "no_exchange"),
    "a text taken from a page": (record("conversion", b"Il pleut.", Content_Type="text/plain"), "no_exchange"),
    "a page made of a page": (record("conversion", page(), **HTML), "no_exchange"),
    "a saved page of others": (record("resource", page(), "https://exemple.invalid/7", **HTML), "other_host"),
    "a saved page of no article": (record("resource", page(), URL.replace("Detail", "Rien"), **HTML), "other_page"),
}


@pytest.mark.parametrize("case", PASSED)
def test_what_is_not_taken_is_counted_by_kind(tallied, case):
    """The page behind it is taken."""
    odd, why = PASSED[case]
    tally = tallied(odd, answered(http(page("8")), url_of("8")))

    assert (dict(tally.taken), dict(tally.skipped)) == ({"new": 1}, {why: 1})
    assert tally.damaged == tally.refused == []


def test_what_goes_with_a_capture_is_none(tallied):
    """Requests, metadata, warcinfo and the parts of a record that was cut up are no captures that somebody misses."""
    kinds = ("metadata", "warcinfo", "request", "continuation")
    tally = tallied(*(record(kind, b"GET / HTTP/1.1\r\n\r\n") for kind in kinds), answered(http(page())))

    assert (dict(tally.taken), dict(tally.skipped)) == ({"new": 1}, {})


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "application/xhtml+xml", ""])
def test_a_page_that_was_saved_as_a_file_is_taken(archive, tallied, kind):
    """It is one more capture of others, whose source and look say that of its exchange nothing is known."""
    tally = tallied(record("resource", page(), Content_Type=kind), answered(http(page("8")), url_of("8")))
    looks = {look["article_id"]: look for look in VIEWS["checks"](archive, Selection())}
    read = articles.versions(archive.catalog.db)
    rows = {each.article_id: each.record["capture"]["source"]["name"] for each in read}
    segments = [s.key for c in archive.log.after() for s in c.segments if s.kind == "warc"]
    infos = [next(content for _, _, content in warc.members(archive.store.get(key))) for key in segments]

    assert (dict(tally.taken), tally.refused) == ({"new": 2}, [])
    assert rows == {"7": "autre.warc#resource", "8": "autre.warc"}
    assert (looks["7"]["detail"], looks["8"].get("detail", "")) == (
        "a saved file: of its exchange nothing is known",
        "",
    )
    assert [b"source-name: autre.warc#resource\r\n" in info for info in infos] == [True, False]
    assert verify(archive.log).whole


def test_a_saved_page_is_held_against_its_digest_and_its_time(tallied):
    """It is refused as any capture is."""
    wrong = "sha1:" + "A" * 32
    tally = tallied(
        record("resource", page(), **HTML, WARC_Payload_Digest=wrong),
        record("resource", page(), **HTML, at="2090-01-01T00:00:00Z"),
        record("resource", page(), **HTML, WARC_Truncated="length"),
        record("resource", page(), **HTML, at="hier"),
    )

    assert [one.kind for one in tally.refused] == ["digest", "future", "capturer"]
    assert (dict(tally.taken), len(tally.damaged)) == ({}, 1)


@pytest.mark.parametrize("before", [GO_ON, EARLY, EARLY + GO_ON + EARLY, EARLY.replace(b"\r\n", b"\n")])
@pytest.mark.parametrize("digest", ["page", "all behind the first head", "none"])
def test_interim_answers_are_read_past(archive, tallied, before, digest):
    """As many as there are, headers and all: the page is the last answer's, and so are its headers."""
    block = before + http(page(), "X-Dernier: oui")
    covered = {"page": page(), "all behind the first head": block.partition(b"\r\n\r\n")[2]}.get(digest)
    said = covered and f"sha1:{sha1(covered, usedforsecurity=False).hexdigest()}"
    tally = tallied(answered(block, WARC_Payload_Digest=said))
    segment = next(s.key for s in archive.log.read(1).segments if s.kind == "warc")
    [kept] = warc.read(archive.store.get(segment))

    assert (dict(tally.taken), tally.refused) == ({"new": 1}, [])
    assert (kept.status, kept.body, kept.header("x-dernier"), kept.header("link")) == (200, page(), "oui", None)


def test_nothing_but_interim_answers_is_no_answer(tallied):
    """However many there are, the end is found at once."""
    tally = tallied(answered(GO_ON * 200_000))

    assert dict(tally.skipped) == {"unusable": 1}


NONSENSE = ("none", "identity", "", " ", "utf-8", "text/html", "chunked", "true", "gzip;q=1", "none, off", "aes128gcm")


@pytest.mark.parametrize("coding", NONSENSE)
def test_a_coding_that_is_none_hides_no_page(tallied, coding):
    """What begins as a page does is one, whatever its label says."""
    assert dict(tallied(answered(http(page(), f"Content-Encoding: {coding}"))).taken) == {"new": 1}


@pytest.mark.parametrize("coding", ["gzip, utf-8", "off, gzip", "GZIP", "x-gzip"])
def test_a_coding_beside_nonsense_is_undone(tallied, coding):
    """The packing that there is comes off."""
    packed = gzip.compress(page())

    assert dict(tallied(answered(http(packed, f"Content-Encoding: {coding}"))).taken) == {"new": 1}


@pytest.mark.parametrize("version", [b"WARC/0.17", b"WARC/0.18", b"WARC/1.1", b"WARC/1.0 "])
def test_older_and_newer_warcs_are_read(tallied, version):
    """The drafts with named fields read as the standard does."""
    assert dict(tallied(answered(http(page())).replace(b"WARC/1.0", version, 1)).taken) == {"new": 1}


def test_a_draft_without_named_fields_is_named(tallied):
    """WARC/0.9 told kind, length and address in its first line."""
    tally = tallied(b"WARC/0.9 000090 response http://exemple.invalid/ 20060801000000 x text/html\r\n\r\n<html>")

    assert [detail.partition(",")[0] for _, detail in tally.damaged] == ["it is WARC/0.9"]


def test_a_record_whose_lines_end_in_lf_alone(tallied):
    """The record's own head, too."""
    head, _, rest = answered(http(page())).partition(b"\r\n\r\n")

    assert dict(tallied(head.replace(b"\r\n", b"\n") + b"\n\n" + rest).taken) == {"new": 1}


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
        ("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.999999Z"),
        ("2019-03-17t09:30:00z", "2019-03-17T09:30:00.000000Z"),
        ("2019-03-17T09:30:00.123456789Z", "2019-03-17T09:30:00.123456Z"),
        ("2019-03-17T11:00:00+01:30", "2019-03-17T09:30:00.000000Z"),
    ],
)
def test_times_that_are_written_otherwise(archive, tallied, date, instant):
    """A leap second, small letters, nanoseconds, an offset."""
    tallied(answered(http(page()), URL.replace("2019/03/17", "2016/12/30"), at=date))

    assert [look["at"] for look in VIEWS["checks"](archive, Selection())] == [instant]
