"""Whose a capture is where a file was joined of several, or its parts were parted."""

import gzip

import pytest

from archive.catalog import articles
from archive.catalog.selection import Selection
from archive.exporters.views import VIEWS
from archive.warc import warc
from tests.crawler.backfill.test_foreign_order import http, record
from tests.foreign_warcs import backfilled, page, wacz_of
from tests.made import url_of

pytestmark = pytest.mark.row("F-OTH-06")
A, B = {"operator": "Institut A", "software": "Robot/1"}, {"operator": "Institut B"}


def info(*, name="", **fields):
    """Return a warcinfo record; `name` is its id."""
    block = "".join(f"{field}: {value}\r\n" for field, value in fields.items())
    return record("warcinfo", block.encode(), None, WARC_Record_ID=name)


def shown(number, **fields):
    """Return a response record with an article's page."""
    return record("response", http(page(number)), url_of(number), **fields)


FORMS = {
    "plain": b"".join,
    "record by record": lambda records: b"".join(map(gzip.compress, records)),
    "one member": lambda records: gzip.compress(b"".join(records)),
}


@pytest.fixture
def makers(archive, tmp_path, clock):
    """Return a function that takes in a file of records and says of each article who captured it, and with what."""

    def take(*records, form="plain", within=False):
        data = FORMS[form](records)
        place = tmp_path / "autre.warc.gz"
        place.write_bytes(data)
        given = wacz_of(tmp_path / "autre.wacz", {"a.warc.gz": data}) if within else str(place)
        tally = backfilled(archive, tmp_path, clock, given).intake.tally
        assert (tally.damaged, tally.refused) == ([], [])
        sources = {each.article_id: each.record["capture"]["source"] for each in articles.versions(archive.catalog.db)}
        return {number: (of.get("operator", ""), of.get("software", "")) for number, of in sources.items()}

    return take


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("within", [False, True], ids=["warc", "wacz"])
def test_joined_files_keep_each_makers_name(makers, form, within):
    """What a warcinfo leaves out is not taken from the one before; what stands before the first one is nobody's."""
    parts = [shown("6"), info(**A), shown("7"), info(**B), shown("8"), info(software="Robot/3"), shown("9")]

    assert makers(*parts, form=form, within=within) == {
        "6": ("", ""), "7": ("Institut A", "Robot/1"), "8": ("Institut B", ""), "9": ("", "Robot/3"),
    }  # fmt: skip


def test_a_record_that_names_its_warcinfo_is_of_that_one(makers):
    """Whatever stands before it, and though that one stands behind; where the file has none of that id it is nobody's."""
    parts = [
        info(name="<a>", **A), shown("6", WARC_Warcinfo_ID="<b>"), shown("7", WARC_Warcinfo_ID="<a>"), shown("8"),
        info(name="<b>", **B), shown("9", WARC_Warcinfo_ID="<a>"), shown("10", WARC_Warcinfo_ID="<c>"), shown("11"),
    ]  # fmt: skip

    assert {number: operator for number, (operator, _) in makers(*parts).items()} == {
        "6": "Institut B", "7": "Institut A", "8": "Institut A", "9": "Institut A", "10": "", "11": "Institut B",
    }  # fmt: skip


def test_what_a_warcinfo_says_twice_is_kept(makers):
    """Two operators of one crawl are both named, in their order; the same one twice is one."""
    twice = b"operator: Institut A\r\nsoftware: Robot/1\r\noperator: Institut B\r\nsoftware: Robot/1\r\n"

    assert makers(record("warcinfo", twice, None), shown("7")) == {"7": ("Institut A, Institut B", "Robot/1")}


def test_a_repeated_warc_header_is_kept(archive, makers):
    """The protocols that a record names stand in ours, and each digest is held against the page."""
    digests = "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nWARC-Payload-Digest: md5:00"
    makers(shown("7", WARC_Protocol="h2\r\nWARC-Protocol: tls/1.3"))
    segment = next(s.key for s in archive.log.read(1).segments if s.kind == "warc")

    assert next(warc.read(archive.store.get(segment))).protocol == "h2, tls/1.3"
    with pytest.raises(AssertionError, match="digest"):
        makers(shown("8", WARC_Payload_Digest=digests))


@pytest.mark.parametrize("name", ["Content-Length", "WARC-Date", "WARC-Target-URI", "WARC-Type"])
def test_what_can_be_only_once_and_is_said_twice_is_not_believed(archive, tmp_path, clock, name):
    """Neither of two lengths, times, addresses or kinds is taken for the true one; the record behind is read."""
    other = {
        "Content-Length": "9",
        "WARC-Date": "2018-01-01T00:00:00Z",
        "WARC-Target-URI": url_of("8"),
        "WARC-Type": "revisit",
    }
    doubled = shown("7").replace(b"\r\n", f"\r\n{name}: {other[name]}\r\n".encode(), 1)
    place = tmp_path / "autre.warc"
    place.write_bytes(doubled + shown("9"))
    tally = backfilled(archive, tmp_path, clock, str(place)).intake.tally

    assert dict(tally.taken) == {"new": 1}
    assert len(tally.damaged) + sum(tally.skipped.values()) == 1
    assert [row["article_id"] for row in VIEWS["versions"](archive, Selection())] == ["9"]
