"""Walks through listings, page by page; called by hand, without a reactor."""

from datetime import date

import pytest
from scrapy.exceptions import DownloadTimeoutError

from archive.facts.items import Check
from crawler.crawl.ask import Ask, ask_of, way_of
from crawler.editions.edition import Section
from crawler.spiders.articles import Articles
from crawler.spiders.deep import DeepWalks
from crawler.spiders.host import Host
from crawler.spiders.listings import Listings
from crawler.spiders.seams import Seams
from crawler.spiders.soft404 import Soft404
from tests import facts
from tests.by_hand import BASE, answer_to, archive_of, asker_of, failure_of, parted, session_of
from tests.french import EDITION

EUROPE, ASIA = Section(key="europe", name="Europe"), Section(key="asie", name="Asie")
WALL = b"<title>Just a moment...</title><body>Checking your browser</body>"
NOTHING = "<html><body><h2>Europe</h2><p>Les articles de la rubrique sont en cours de classement.</p></body></html>"


def shelf(*numbers, onward=""):
    """Return a page of a listing."""
    links = "".join(f'<a href="/Detail/2026/11/24/{number}/titre">Titre {number}</a>' for number in numbers)
    more = f'<a rel="next" href="{onward}">suivante</a>' if onward else ""
    return f"<html><body><h2>Europe</h2><main>{links}</main>{more}</body></html>".encode()


def walked(*numbers, etag='"s"'):
    """Return facts of articles read, and of a look at the section's first page that listed them."""
    looked = Check(
        at=facts.at(5), url=f"{BASE}/Section/1", kind="section", outcome="listed", status=200, section="europe", page=1,
        listed=numbers, etag=etag,
    )  # fmt: skip
    return [*(facts.read(int(number), 0) for number in numbers), facts.Fact(check=looked)]


def complete():
    """Return the archive of one complete walk that saw the articles 1 and 2."""
    walk = {"complete": True, "pages": 1, "articles": 2, "ended": "end"}
    return archive_of(walked("1", "2"), summary={"sections": {"europe": walk}, "exit": 0})


@pytest.fixture
def listings(tmp_path, clock):
    """Return a function that makes the listings of a crawl into an archive."""

    def make(archive=None, most=0, **plan):
        session = session_of(archive or archive_of(), tmp_path, clock, **plan)
        asker = asker_of(session)
        soft404 = Soft404(asker=asker, edition=EDITION, address=lambda: f"{BASE}/made-up")
        articles = Articles(session=session, asker=asker, soft404=soft404)
        host = Host(plan=session.plan, base=BASE)
        parts = {"session": session, "asker": asker, "host": host, "articles": articles}
        return Listings(**parts, seams=Seams(**parts), deep=DeepWalks(**parts, most=most, days=1), cap=5)

    return make


def begun(listings, section=EUROPE, url="/Section/1"):
    """Return the request for the first page of a section."""
    [request], looks = parted(listings.begin(section, url))
    assert looks == []
    return request


def ended(listings, section="europe"):
    """Return how a walk stands: why it ended, and whether it is complete."""
    walk = listings.walks[section]
    return walk.ended, walk.complete


def test_a_walk_goes_from_page_to_page(listings):
    """Each page's articles are asked for in their order, then the next page; the last ends the walk.

    The page before is asked for again: nothing shows yet that the two adjoin.
    """
    made = listings()
    first = begun(made)
    requests, [look] = parted(made.page(answer_to(first, shelf(3, 2, onward="/Section/1/2"))))
    *found, second = requests
    last, [last_look] = parted(made.page(answer_to(second, shelf(1))))

    assert [ask_of(each).article_id for each in found] == ["3", "2"]
    assert ask_of(second) == Ask(url=f"{BASE}/Section/1/2", kind="section", section="europe", page=2)
    assert [(ask_of(each).article_id, ask_of(each).page) for each in last] == [("1", None), (None, 1)]
    assert (look.outcome, look.listed, look.section, look.page) == ("listed", ("3", "2"), "europe", 1)
    assert (last_look.page, ended(made)) == (2, ("end", True))
    assert made.session.ledger.seeds == {first.url}


def test_a_later_page_without_an_article_is_the_end(listings):
    """It is listed as it is, and not asked for once more."""
    made = listings()
    *_, second = parted(made.page(answer_to(begun(made), shelf(1, onward="/Section/1/2"))))[0]
    [first], [look] = parted(made.page(answer_to(second, NOTHING.encode())))

    assert (ask_of(first).page, look.outcome, look.listed, ended(made)) == (1, "listed", (), ("end", True))


def led(made, request, place, body):
    """Answer a listing's request from the place that a redirect led to; return (requests, looks)."""
    request.meta["redirect_urls"] = [request.url]
    return parted(made.page(answer_to(request, body, url=f"{BASE}{place}")))


AWAY = {
    "the first page again": ("/Section/1", shelf(4, 3, onward="/Section/1/2")),
    "another section": ("/Section/2", shelf(9, 8)),
    "an article": ("/Detail/2026/11/24/3/titre", shelf(9)),
    "a page that lists nothing": ("/consent", NOTHING.encode()),
}


@pytest.mark.parametrize(("place", "body"), AWAY.values(), ids=AWAY)
def test_a_page_that_a_redirect_leads_away_from_lists_nothing_of_the_section(listings, place, body):
    """What stands elsewhere is not told to have stood there, and the walk is not complete."""
    made = listings()
    *_, second = parted(made.page(answer_to(begun(made), shelf(4, 3, onward="/Section/1/2"))))[0]
    requests, [look] = led(made, second, place, body)

    assert (requests, look.outcome, look.reason, look.listed) == ([], "not_observed", "another_page", ())
    assert ended(made) == (f"page 2: redirected to {BASE}{place}", False)


def test_a_redirect_to_the_same_page_changes_nothing(listings):
    """Only its address is written otherwise, or the whole section has another number."""
    made = listings()
    requests, [first] = led(made, begun(made), "/Section/7", shelf(4, 3, onward="/Section/7/2"))
    _, [second] = led(made, requests[-1], "/Section/7/2/", shelf(2, 1))

    assert [(look.outcome, look.listed) for look in (first, second)] == [("listed", ("4", "3")), ("listed", ("2", "1"))]
    assert ended(made) == ("end", True)


def test_behind_a_page_that_is_not_full_a_redirect_to_the_first_one_is_the_end(listings):
    """So some pagers end; what it shows is not told to stand on the page behind the last."""
    made = listings()
    *_, second = parted(made.page(answer_to(begun(made), shelf(4, 3, onward="/Section/1/2"))))[0]
    third = parted(made.page(answer_to(second, shelf(2, onward="/Section/1/3"))))[0][-1]
    requests, [look] = led(made, third, "/Section/1", shelf(4, 3, onward="/Section/1/2"))

    assert (requests, look.outcome, look.listed, ended(made)) == ([], "soft_404", (), ("end", True))


def test_a_wall_on_a_later_page_is_not_the_end_of_a_listing(listings):
    """It names no article either, and says nothing of what lies below."""
    made = listings()
    *_, second = parted(made.page(answer_to(begun(made), shelf(4, 3, onward="/Section/1/2"))))[0]
    requests, [look] = parted(made.page(answer_to(second, WALL)))

    assert (requests, look.outcome, ended(made)[1]) == ([], "challenge", False)


def test_a_walk_ends_where_the_last_one_was(listings):
    """A page that a complete walk knew is the overlap; nothing of it is asked for again."""
    made = listings(complete())
    requests, _ = parted(made.page(answer_to(begun(made), shelf(2, 1, onward="/Section/1/2"))))

    assert (requests, ended(made)) == ([], ("overlap", True))


def test_a_304_is_asked_for_only_where_it_would_end_the_walk(listings):
    """Behind a complete walk it says that all is known; behind any other one it would hide what was left."""
    known, cut = listings(complete()), listings(archive_of(walked("1", "2")))
    back_to = listings(complete(), since=date(2026, 11, 1))
    request = begun(known)
    requests, [look] = parted(known.page(answer_to(request, status=304)))

    assert request.headers["If-None-Match"] == b'"s"'
    assert all("If-None-Match" not in begun(made).headers for made in (cut, back_to))
    assert (requests, look.outcome, look.listed, ended(known)) == ([], "listed", ("1", "2"), ("overlap", True))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://elsewhere.example/Section/1", "its listing lies elsewhere: https://elsewhere.example/Section/1"),
        ("/Section/1", f"its listing {BASE}/Section/1 is another section's, too"),
    ],
    ids=["elsewhere", "twice"],
)
def test_a_listing_that_is_not_asked_for(listings, url, why):
    """Its section's walk has a gap that says why."""
    made = listings()
    begun(made)

    assert (list(made.begin(ASIA, url)), ended(made, "asie")) == ([], (why, False))


def test_a_section_that_the_menu_lacks(listings):
    """It has a walk that did not get far."""
    made = listings()
    made.lacks(EUROPE)

    assert ended(made) == ("not in the menu", False)


def test_a_listing_that_leads_in_a_circle(listings):
    """The next page's address was asked before: there is no more than that."""
    made = listings()
    *_, last = parted(made.page(answer_to(begun(made), shelf(1, onward="/Section/1"))))[0]

    assert (ask_of(last).kind, ended(made)) == ("article", ("end", True))


@pytest.mark.parametrize(
    ("status", "body", "outcome", "why"),
    [
        (500, b"", "http_error", "page 1 answered 500"),
        (503, WALL, "challenge", "page 1 answered 503"),
        (200, WALL, "challenge", "page 1: no article listed"),
    ],
    ids=["error", "wall", "wall-with-200"],
)
def test_a_page_that_is_no_listing(listings, status, body, outcome, why):
    """It is what it is, and the walk has a gap."""
    made = listings(complete())
    requests, [look] = parted(made.page(answer_to(begun(made), body, status=status)))

    assert (requests, look.outcome, ended(made)) == ([], outcome, (why, False))
    assert made.session.ledger.emptied == set()


@pytest.mark.parametrize(("known", "emptied"), [(True, {"europe"}), (False, set())], ids=["had-articles", "never-had"])
def test_a_first_page_without_an_article_is_asked_for_once_more(listings, known, emptied):
    """Behind all that waits; empty twice it is a finding, where a complete walk saw articles there."""
    made = listings(complete() if known else None)
    [again], looks = parted(made.page(answer_to(begun(made), NOTHING.encode())))
    kept = list(way_of(again).hops)
    requests, [look] = parted(made.page(answer_to(again, NOTHING.encode())))

    assert (looks, again.priority, len(kept)) == ([], -10, 1)
    assert (requests, look.outcome, [each.body for each in look.hops]) == ([], "empty", [NOTHING.encode()])
    assert (ended(made), made.session.ledger.emptied) == (("page 1: no article listed", False), emptied)


def pictures(*numbers):
    """Return a page of a listing that links no article, and one link to a stranger."""
    links = "".join(f'<a href="/Photo/2026/11/24/{number}/titre">Images</a>' for number in numbers)
    stranger = '<a href="https://elsewhere.example/Photo/2026/11/24/99999/x">Ailleurs</a>'
    return f"<html><body><h2>Photos</h2><main>{links}{stranger}</main></body></html>".encode()


@pytest.mark.row("F-DIS-05")
def test_a_listing_of_another_kind_is_named(listings):
    """It is no failure to look: the section is not complete, and what was passed over is counted by its folder."""
    made = listings()
    requests, [look] = parted(made.page(answer_to(begun(made), pictures(70001, 70002, 70001))))

    assert (requests, look.outcome, look.listed) == ([], "listed", ())
    assert ended(made) == ("page 1: lists only /Photo/…, no articles", False)
    assert made.session.ledger.passed_over_by_kind() == {"/Photo/": 2}


@pytest.mark.row("F-DIS-05")
def test_a_section_that_had_articles_and_lists_another_kind_is_a_finding(listings):
    """Its addresses may have a new form: that must not pass for a section of pictures."""
    made = listings(complete())
    [again], _ = parted(made.page(answer_to(begun(made), pictures(70001))))
    parted(made.page(answer_to(again, pictures(70001))))

    assert made.session.ledger.emptied == {"europe"}


def test_a_hiccup_costs_nothing(listings):
    """Where the second answer has articles, the walk is as if it had been the first."""
    made = listings()
    [again], _ = parted(made.page(answer_to(begun(made), NOTHING.encode())))
    requests, [look] = parted(made.page(answer_to(again, shelf(1))))

    assert ([ask_of(each).article_id for each in requests], look.outcome, ended(made)) == (
        ["1"],
        "listed",
        ("end", True),
    )


def test_a_page_that_brought_no_response(listings):
    """Its walk ends there."""
    made = listings()
    request = begun(made)
    requests, [look] = parted(request.errback(failure_of(request, DownloadTimeoutError("30 s"))))

    assert (requests, look.outcome, ended(made)) == ([], "timeout", ("page 1: timeout", False))


def test_what_the_spider_tripped_over(listings):
    """A listing's walk ends there; an error on an article is no listing's."""
    made = listings()
    ask = ask_of(begun(made))
    made.tripped(Ask(url=f"{BASE}/a", kind="article", article_id="7"), IndexError("x"))
    before = ended(made)
    made.tripped(ask, IndexError("rang"))

    assert (before, ended(made)) == (("", False), ("page 1: IndexError", False))


def test_a_walk_with_an_article_that_was_not_read_is_not_complete(listings):
    """However it ended, the next walk must come by again."""
    made = listings(limit=2)
    found, _ = parted(made.page(answer_to(begun(made), shelf(3, 2, 1))))
    for request, outcome in zip(found, ("new", "timeout"), strict=True):
        made.session.ledger.end(request.url, outcome)
    made.session.ledger.close()
    summary = made.summaries()["europe"]

    assert made.walks["europe"].unread == {"2", "1"}
    assert (summary["complete"], summary["ended"], summary["articles"]) == (False, "unread", 3)
