"""Captures of a host that was seized: whatever it answers then, nothing was removed by the outlet."""

import pytest

from archive.catalog.since import Since
from archive.exporters.views import VIEWS
from tests.foreign_warcs import Warc, backfilled, moment, page
from tests.made import url_of

NOTICE = b'<html lang=en><title>Notice</title><img src=/n.png alt="This website has been seized"></html>'
NONE = b"<html><title>404 Not Found</title><h1>404 Not Found</h1></html>"
FRONT = url_of("7").partition("/Detail")[0] + "/"


def events(archive):
    """Return (article, event) but for the discoveries."""
    return [(e["article_id"], e["event"]) for e in VIEWS["events"](archive, Since(None)) if e["event"] != "discovered"]


def story(*, notice_at):
    """Return a WARC of two articles that were there, of which one is missed on two days, and a notice between."""
    warc = Warc()
    for number in ("7", "8"):
        warc.response(url_of(number), page(number), at=moment())
    warc.response(url_of("8"), NONE, at=moment(days=1), status="404 Not Found")
    if notice_at:
        warc.response(notice_at, NOTICE, at=moment(days=2))
    warc.response(url_of("8"), NONE, at=moment(days=3), status="404 Not Found")
    return warc


@pytest.mark.row("F-CON-41")
@pytest.mark.parametrize("notice_at", [url_of("7"), FRONT], ids=["an article's address", "the front page"])
def test_a_seized_host_removes_nothing(archive, tmp_path, clock, notice_at):
    """A notice at one address, in words or as a picture's, voids the 404s at all others; it is nobody's version."""
    found = backfilled(archive, tmp_path, clock, story(notice_at=notice_at).save(tmp_path / "saisi.warc.gz"))

    assert events(archive) == []
    assert found.intake.tally.taken == {"new": 2, "gone": 2}
    assert archive.log.read(archive.catalog.head().seq).summary["learned"]["taken_over"]


@pytest.mark.row("F-CON-41")
def test_a_host_that_serves_the_outlet_removes(archive, tmp_path, clock):
    """The same 404s without a notice are a removal; so they are where the notice came after another article's sight."""
    after = story(notice_at="")
    after.response(url_of("7"), page("7"), at=moment(days=4))
    after.response(url_of("7"), NOTICE, at=moment(days=5))
    backfilled(archive, tmp_path, clock, after.save(tmp_path / "plus-tard.warc.gz"))

    assert events(archive) == [("8", "removed")]
