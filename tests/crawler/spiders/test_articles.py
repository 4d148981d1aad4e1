"""Which articles are asked for, and what a page of one comes to; called by hand, without a reactor."""

from datetime import date

import pytest

from crawler.crawl.ledger import Ledger
from crawler.spiders.articles import Articles, counted
from crawler.spiders.asking import Priority
from crawler.spiders.soft404 import Soft404
from demo.outlet import written
from tests import facts
from tests.by_hand import BASE, answer_to, archive_of, asker_of, parted, session_of, urls
from tests.french import EDITION
from tests.made import article, look, page


@pytest.fixture
def articles(tmp_path, clock):
    """Return a function that makes them, in a crawl by such a plan; article 1 was read before, 2 only ever failed."""
    known = archive_of([facts.read(1, 0), facts.saw(2, 0, "timeout")])

    def make(**plan):
        session = session_of(known, tmp_path, clock, **plan)
        asker = asker_of(session)
        return Articles(
            session=session,
            asker=asker,
            soft404=Soft404(asker=asker, edition=EDITION, address=lambda: f"{BASE}/made-up"),
        )

    return make


def found(articles, *numbers):
    """Return the addresses that are asked for once a listing named these articles."""
    return [url for number in numbers for url in urls(articles.found(str(number), facts.url_of(number)))]


def test_each_new_article_is_asked_for_once(articles):
    """What was read before is left to the re-checks, what was never read counts as new."""
    made = articles()

    assert found(made, 1, 2, 3, 3) == [facts.url_of(2), facts.url_of(3)]
    assert made.asked == {"2": facts.url_of(2), "3": facts.url_of(3)}
    assert [made.read(number) for number in ("1", "2", "3", "4")] == [True, True, True, False]


def test_what_is_older_than_since_is_left(articles):
    """It isn't asked for, and its section's walk isn't complete by it; an address without a day is asked for."""
    made = articles(since=date(2026, 11, 25))
    same_day = facts.url_of(5).replace("/24/", "/25/")

    assert found(made, 3) == []
    assert urls(made.found("5", same_day)) == [same_day]
    assert urls(made.found("4", f"{BASE}/Detail/2026/99/99/4/x")) == [f"{BASE}/Detail/2026/99/99/4/x"]
    assert (made.left, made.session.ledger.left_by_limit) == ({"3"}, 0)


def test_the_limit_counts_each_article_once(articles):
    """Those beyond it are left, and told as many as they are, however often they are named."""
    made = articles(limit=1)

    assert found(made, 3, 4, 5, 5) == [facts.url_of(3)]
    assert (made.left, made.session.ledger.left_by_limit) == ({"4", "5"}, 2)


def test_a_page_is_read(articles):
    """Its look has the article, and the date that the feed gave for it."""
    made, story = articles(), written()[0]
    made.feed_dates[story.id] = "mardi"
    [request], _ = parted(made.ask(story.id, BASE + story.path, priority=Priority.FOUND))
    requests, [seen] = parted(made.page(answer_to(request, page(story.path))))

    assert (requests, seen.outcome, seen.article_id) == ([], "article", story.id)
    assert (seen.article.headline, seen.feed_date) == (story.headline, "mardi")


@pytest.mark.parametrize(("number", "waits"), [("1", True), ("3", False)], ids=["read-before", "new"])
def test_a_doubtful_page_of_a_known_article_waits(articles, number, waits):
    """The made-up address is asked for first; a new article's page is what it is."""
    made = articles()
    [request], _ = parted(made.ask(number, facts.url_of(number), priority=Priority.RECHECK))
    requests, looks = parted(made.page(answer_to(request, b"<html><body><p>Rien.</p></body></html>")))

    assert ([each.url for each in requests], len(looks)) == (([f"{BASE}/made-up"], 0) if waits else ([], 1))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (look(read=article(layout="modern")), (1, 0)),
        (look(read=article(layout="modern", issues=("json_ld_unreadable",))), (1, 0)),
        (look(read=article(layout="modern", issues=("paragraphs_lost",))), (0, 1)),
        (look(read=article(layout="generic")), (0, 1)),
        (look(outcome="extract_failed"), (0, 1)),
        (look(outcome="gone"), (0, 0)),
    ],
    ids=["layout", "another issue", "text lost", "fallback", "unreadable", "gone"],
)
def test_layouts_are_counted(seen, expected):
    """A page read by a layout of the outlet, one read by a fallback or not at all; what is no page counts as neither."""
    ledger = Ledger()

    assert counted(seen, ledger) is seen
    assert (ledger.read_by_first_choice, ledger.read_by_fallback) == expected
