"""Listings that move while they are walked; called by hand, without a reactor."""

import pytest
from scrapy.exceptions import DownloadTimeoutError

from crawler.crawl.ask import ask_of
from tests.by_hand import answer_to, failure_of, parted
from tests.crawler.spiders.test_listings import NOTHING, WALL, begun, complete, listings, shelf

__all__ = ["listings"]


def torn(listings, archive=None, above=(6, 5, 4), below=(2, 1)):
    """Walk over two pages; return the listings and the request for the upper page again, or None."""
    made = listings(archive)
    *_, second = parted(made.page(answer_to(begun(made), shelf(*above, onward="/Section/1/2"))))[0]
    requests, _ = parted(made.page(answer_to(second, shelf(*below))))
    again = [request for request in requests if ask_of(request).kind == "section"]
    return made, again[0] if again else None


def answered(request, *numbers):
    """Answer with a page of these articles; return (articles asked for, listing asked for again or None, looks)."""
    requests, looks = parted(request.callback(answer_to(request, shelf(*numbers))))
    again = [each for each in requests if ask_of(each).kind == "section"]
    found = [ask_of(each).article_id for each in requests if ask_of(each).kind == "article"]
    return found, again[0] if again else None, looks


def said(made):
    """Return what the walk says of itself."""
    made.session.ledger.close()
    summary = made.walks["europe"].summary()
    return summary["complete"], summary["ended"], summary["articles"]


@pytest.mark.row("F-DIS-01")
def test_a_listing_that_stood_still(listings):
    """The upper page is asked for once more and shows what it did: the walk is complete."""
    made, again = torn(listings)
    before = said(made)
    found, more, [look] = answered(again, 6, 5, 4)

    assert (before[:2], ask_of(again).page) == ((False, "seam"), 1)
    assert (found, more, look.outcome, look.listed) == ([], None, "listed", ("6", "5", "4"))
    assert said(made) == (True, "end", 5)


@pytest.mark.row("F-DIS-01")
def test_an_article_taken_out_hides_no_other(listings):
    """It moved up to the page that was read already, and is asked for; the lower page shows that it was the only one."""
    made, again = torn(listings)
    found, below, _ = answered(again, 6, 4, 3)
    nothing, more, _ = answered(below, 2, 1)

    assert (found, ask_of(below).page, nothing, more) == (["3"], 2, [], None)
    assert said(made) == (True, "end", 6)


@pytest.mark.row("F-DIS-01")
def test_an_article_that_came_on_top_needs_no_second_look(listings):
    """It pushed the last one of the upper page down to the lower: they overlap."""
    made, again = torn(listings, above=(6, 5, 4), below=(4, 3, 2))

    assert (again, said(made)) == (None, (True, "end", 5))


@pytest.mark.row("F-DIS-01")
def test_what_a_complete_walk_knew_needs_no_second_look(listings):
    """News on top of a known list: the walk costs what it did before there were seams."""
    made, again = torn(listings, complete(), above=(6, 2), below=(1,))

    assert (again, said(made)) == (None, (True, "overlap", 3))


@pytest.mark.row("F-DIS-01")
def test_a_listing_that_never_stands_still(listings):
    """After four readings nothing is proven: all that showed up is asked for, and the walk isn't complete."""
    made, again = torn(listings, above=(60, 50, 40), below=(20, 10))
    found = []
    for numbers in ((60, 40, 31), (20, 11), (60, 31, 32), (20, 12)):
        fresh, again, _ = answered(again, *numbers)
        found += fresh

    assert (again, found) == (None, ["31", "11", "32", "12"])
    assert said(made)[:2] == (False, "seam")


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(500, b"", "http_error"), (200, WALL, "challenge"), (200, NOTHING.encode(), "empty")],
    ids=["error", "wall", "nothing"],
)
def test_a_page_that_is_no_listing_any_more(listings, status, body, outcome):
    """It proves nothing: the seam is open."""
    made, again = torn(listings)
    requests, [look] = parted(again.callback(answer_to(again, body, status=status)))

    assert (requests, look.outcome, said(made)[:2]) == ([], outcome, (False, "seam"))


def test_a_page_that_brought_no_response(listings):
    """It proves nothing either."""
    made, again = torn(listings)
    requests, [look] = parted(again.errback(failure_of(again, DownloadTimeoutError("30 s"))))

    assert (requests, look.outcome, said(made)[:2]) == ([], "timeout", (False, "seam"))


def test_a_304_says_that_it_stood_still(listings):
    """Where the answer before had a validator the second question is a short one."""
    made, again = torn(listings)
    requests, [look] = parted(again.callback(answer_to(again, status=304)))

    assert (requests, look.outcome, look.listed) == ([], "listed", ("6", "5", "4"))
    assert said(made)[:2] == (True, "end")
