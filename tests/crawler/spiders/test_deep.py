"""Deep walks: slices below what a walk saw, resumed at the next crawl; called by hand, without a reactor."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from scrapy.exceptions import DownloadTimeoutError

from archive.catalog import memory
from archive.facts.items import Check
from crawler.crawl.ask import ask_of
from tests import facts
from tests.by_hand import BASE, answer_to, archive_of, failure_of, parted
from tests.crawler.spiders.test_listings import WALL, begun, listings, shelf, walked

__all__ = ["listings"]

LONG_AGO = facts.at(-60 * 24 * 3)


def said(place):
    """Return what a commit says of a section whose last walk met the one before."""
    walk = {"complete": True, "pages": 1, "articles": 2, "ended": "overlap"}
    return {"sections": {"europe": walk | ({"deep": place} if place else {})}, "exit": 0}


def archive(place=None, *more, onward=f"{BASE}/Section/1/2"):
    """Return an archive of a complete walk that saw the articles 9 and 8, with a deep walk at a place."""
    *read, looked = walked("9", "8")
    first = {name: getattr(looked.check, name) for name in Check.__slots__} | {"onward": onward}
    return archive_of([*read, facts.Fact(check=Check(**first)), *more], summary=said(place))


def place(page=0, begun=LONG_AGO, **more):
    """Return how far a deep walk is, as a commit says it."""
    return {"begun": facts.stamp(begun), "page": page, **more}


def walk(made, *numbers, status=200, onward="/Section/1/2"):
    """Walk over the first page; return the listing asked for next, or None."""
    request = begun(made)
    answer = answer_to(request, status=304) if status == 304 else answer_to(request, shelf(*numbers, onward=onward))
    return asked(made.page(answer))[1]


def asked(output):
    """Return (articles asked for, listing asked for or None)."""
    requests, _ = parted(output)
    pages = [each for each in requests if ask_of(each).kind == "section"]
    assert len(pages) <= 1
    return [ask_of(each).article_id for each in requests if ask_of(each).kind == "article"], (pages or [None])[0]


def summary(made):
    """Return what the last commit would say of the section's deep walk."""
    made.session.ledger.close()
    return made.summaries()["europe"].get("deep")


@pytest.mark.row("F-DIS-02")
def test_below_the_overlap_it_goes_on_in_slices(listings):
    """What stands among known articles is found; a slice ends after so many pages, at a place to go on with."""
    made = listings(archive(place()), most=2)
    second = walk(made, 9, 8)
    found, third = asked(second.callback(answer_to(second, shelf(7, 3, onward="/Section/1/3"))))
    more, fourth = asked(third.callback(answer_to(third, shelf(6, 5, onward="/Section/1/4"))))

    assert (ask_of(second).page, second.priority, found) == (2, -20, ["7", "3"])
    assert (ask_of(third).page, more, fourth) == (3, ["6", "5"], None)
    deep = summary(made)
    assert (deep["page"], deep["url"], "ended" in deep) == (3, f"{BASE}/Section/1/3", False)
    assert made.walks["europe"].summary()["pages"] == 1


@pytest.mark.row("F-DIS-02")
def test_the_next_crawl_goes_on_where_it_ended(listings):
    """With the page that was read last, since the list may have moved; the day it began stays."""
    made = listings(archive(place(3, facts.at(-5), url=f"{BASE}/Section/1/3")), most=2)
    third = walk(made, 9, 8)
    _, fourth = asked(third.callback(answer_to(third, shelf(6, 5, onward="/Section/1/4"))))
    found, nothing = asked(fourth.callback(answer_to(fourth, shelf(4))))

    assert (third.url, ask_of(third).page, ask_of(fourth).page) == (f"{BASE}/Section/1/3", 3, 4)
    assert (found, nothing) == (["4"], None)
    assert summary(made) == place(4, facts.at(-5), ended="end")


@pytest.mark.row("F-DIS-02")
def test_a_new_machine_goes_on_at_the_same_place():
    """The place is folded from what the log's commits say, the newest of them."""
    first = archive(place(3, url="/Section/1/3"))
    facts.write(first.log, summary=said(place(7, url="/Section/1/7")))
    facts.write(first.log, summary=said(None))
    again = facts.folded(first.log)

    found = memory.deep_place(again.catalog.db, "europe")
    assert (found.begun, found.page, found.url) == (LONG_AGO, 7, "/Section/1/7")
    assert memory.deep_place(again.catalog.db, "asie") is None


@pytest.mark.row("F-DIS-02")
@pytest.mark.parametrize(
    ("before", "plan"),
    [
        (place(12, facts.at(-60), ended="end"), {}),
        (place(), {"most": 0}),
        (place(), {"since": date(2026, 11, 1)}),
    ],
    ids=["it-rests", "off", "a-walk-back-to-a-day"],
)
def test_a_crawl_without_a_slice_costs_what_it_did(listings, before, plan):
    """Nothing below the overlap is asked for, and nothing is noted."""
    made = listings(archive(before), **{"most": 50} | plan)
    request = begun(made)
    requests, _ = parted(made.page(answer_to(request, shelf(9, 8, onward="/Section/1/2"))))

    assert ([each for each in requests if each.priority == -20], summary(made)) == ([], None)


@pytest.mark.row("F-DIS-02")
def test_an_archive_that_never_had_one_begins_a_day_later(listings):
    """Such as one of an older version: its first crawl asks as before, conditionally, and notes the day."""
    made = listings(archive(onward=None), most=50)
    request = begun(made)
    _, page = asked(made.page(answer_to(request, status=304)))

    assert (request.headers["If-None-Match"], page) == (b'"s"', None)
    deep = summary(made)
    assert (deep["page"], "url" in deep) == (0, False)


def test_a_walk_to_the_end_was_deep_enough(listings):
    """Nothing lies below it: the day is noted with how deep the listing is."""
    made = listings(most=50)
    *_, second = parted(made.page(answer_to(begun(made), shelf(9, 8, onward="/Section/1/2"))))[0]
    parted(made.page(answer_to(second, shelf(7))))

    deep = summary(made)
    assert (deep["page"], deep["ended"]) == (2, "end")


def test_a_304_knows_the_way_down(listings):
    """The first page names the next one, as the archive holds it; else it is asked for whole."""
    knows, not_so = listings(archive(place()), most=50), listings(archive(place(), onward=None), most=50)
    second = walk(knows, status=304)

    assert (ask_of(second).page, second.url) == (2, f"{BASE}/Section/1/2")
    assert "If-None-Match" not in begun(not_so).headers


def test_deep_pages_are_asked_for_conditionally(listings):
    """Where all that they listed was read and the next page is known; a 304 leads on."""
    looked = Check(
        at=facts.at(6), url=f"{BASE}/Section/1/2", kind="section", outcome="listed", status=200, section="europe",
        page=2, listed=("7",), etag='"t"', onward=f"{BASE}/Section/1/3",
    )  # fmt: skip
    made = listings(archive(place(), facts.read(7, 0), facts.Fact(check=looked)), most=50)
    second = walk(made, 9, 8)
    _, third = asked(second.callback(answer_to(second, status=304)))
    unread = listings(archive(place(), facts.Fact(check=looked)), most=50)

    assert (second.headers["If-None-Match"], ask_of(third).page) == (b'"t"', 3)
    assert "If-None-Match" not in walk(unread, 9, 8).headers


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [(500, b"", "page 2 answered 500"), (200, WALL, "page 2: challenge"), (200, b"", "page 2: no markup")],
    ids=["error", "wall", "nothing"],
)
def test_a_page_that_cannot_be_had_ends_it(listings, status, body, why):
    """It begins anew in its time; the section's own walk is as complete as it was."""
    made = listings(archive(place()), most=50)
    second = walk(made, 9, 8)
    assert asked(second.callback(answer_to(second, body, status=status))) == ([], None)

    assert (summary(made)["ended"], made.summaries()["europe"]["complete"]) == (why, True)


def test_a_page_that_brought_no_response_ends_it(listings):
    """So does a time-out."""
    made = listings(archive(place()), most=50)
    second = walk(made, 9, 8)
    parted(second.errback(failure_of(second, DownloadTimeoutError("30 s"))))

    assert summary(made)["ended"] == "page 2: timeout"


def test_a_page_that_the_spider_trips_over_ends_it(listings):
    """It is passed over until the next deep walk; what trips on a page of the walk itself is the walk's."""
    made = listings(archive(place()), most=50)
    second = walk(made, 9, 8)
    made.tripped(ask_of(second), KeyError("x"))
    before = made.walks["europe"].complete
    made.tripped(replace(ask_of(second), url=f"{BASE}/Section/1", page=1), KeyError("x"))

    assert (summary(made)["ended"], before, made.walks["europe"].complete) == ("page 2: KeyError", True, False)


def test_a_pager_without_end_ends(listings):
    """The last page again and again under new numbers is the end."""
    made = listings(archive(place()), most=50)
    page, count = walk(made, 9, 8), 0
    while page is not None:
        count += 1
        _, page = asked(page.callback(answer_to(page, shelf(7, onward=f"/Section/1/{count + 2}"))))

    assert (count, summary(made)["ended"]) == (3, "end")


def test_it_goes_on_below_a_walk_that_went_deeper(listings):
    """News pushed the walk below the place: what it read itself is not read again."""
    made = listings(archive(place(2, url="/Section/1/2")), most=50)
    requests, _ = parted(made.page(answer_to(begun(made), shelf(12, 11, onward="/Section/1/2"))))
    [second] = [each for each in requests if ask_of(each).page == 2]
    requests, _ = parted(made.page(answer_to(second, shelf(9, 8, onward="/Section/1/3"))))

    assert [ask_of(each).page for each in requests if each.priority == -20] == [3]


def test_a_day_has_passed(listings, clock):
    """What began a day ago begins anew."""
    made = listings(archive(place(1, clock() - timedelta(days=1), ended="end")), most=50)

    assert ask_of(walk(made, 9, 8)).page == 2


@pytest.mark.parametrize(("to", "body"), [("/Section/1", shelf(9, 8)), ("/consent", b"<html><p>Accepter</p></html>")])
def test_a_slice_ends_where_a_redirect_leads_away(listings, to, body):
    """Neither what stands there is of the section, nor is the listing's end known."""
    made = listings(archive(place()), most=3)
    second = walk(made, 9, 8)
    second.meta["redirect_urls"] = [second.url]
    requests, [look] = parted(second.callback(answer_to(second, body, url=f"{BASE}{to}")))

    assert (requests, look.outcome, look.listed) == ([], "not_observed", ())
    assert summary(made)["ended"] == f"page 2: redirected to {BASE}{to}"
