"""Captures of a host that was seized: whatever it answers then, nothing was removed by the outlet."""

from datetime import timedelta

import pytest

from archive.catalog.selection import Selection
from archive.exporters.own import selected
from archive.exporters.views import VIEWS
from pipelines.takeovers import Takeovers
from tests.crawler.backfill.own_looks import crawled, saw
from tests.foreign_warcs import THEN, Warc, backfilled, moment, page
from tests.made import url_of

NOTICE = b'<html lang=en><title>Notice</title><img src=/n.png alt="This website has been seized"></html>'
NONE = b"<html><title>404 Not Found</title><h1>404 Not Found</h1></html>"
FRONT = url_of("7").partition("/Detail")[0] + "/"


def events(archive):
    """Return (article, event) but for the discoveries."""
    return [(e["article_id"], e["event"]) for e in VIEWS["events"](archive, Selection()) if e["event"] != "discovered"]


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


def ours(archive, tmp_path, clock):
    """Crawl on three days: one article is there each time, the other is missed on the last two, after it."""
    for day, outcome in enumerate(("new", "gone", "gone")):
        at = THEN + timedelta(days=day)
        there = saw("7", page("7"), at, "new" if outcome == "new" else "unchanged")
        gone = {"status": 404} if outcome == "gone" else {}
        crawled(archive, tmp_path, clock, there, saw("8", page("8"), at + timedelta(seconds=1), outcome, **gone))


@pytest.mark.row("F-OTH-05")
def test_a_notice_that_others_captured_hides_no_removal_of_ours(archive, tmp_path, clock):
    """Whatever host it names, and though it lies beside each of our 404s; our own export stays as it was."""
    ours(archive, tmp_path, clock)
    before = events(archive)
    warc = Warc()
    for day in (1, 2):
        warc.response(FRONT, NOTICE, at=moment(2, days=day))
    backfilled(archive, tmp_path, clock, warc.save(tmp_path / "saisi.warc.gz"))
    with selected(archive, "own") as own:
        alone = events(own)

    assert before == events(archive) == alone == [("8", "removed")]


@pytest.mark.row("F-OTH-05")
def test_our_own_notice_stands_whatever_others_say_they_were_served(archive, tmp_path, clock):
    """Its 404s remove nothing, though another one's capture shows an article in between."""
    crawled(archive, tmp_path, clock, *(saw(number, page(number), THEN) for number in "78"))
    seized = Takeovers()
    seized.look(FRONT, moment(days=1).replace("Z", ".000000Z"), "challenge", "seized")
    for day in (1, 3):
        late = THEN + timedelta(days=day, hours=1)
        told = {"learned": seized.learned(archive.catalog.db)}
        crawled(archive, tmp_path, clock, saw("8", NONE, late, "gone", status=404), summary=told)
    warc = Warc()
    warc.response(url_of("7"), page("7"), at=moment(days=1, minutes=30))
    backfilled(archive, tmp_path, clock, warc.save(tmp_path / "servi.warc.gz"))

    assert events(archive) == []
