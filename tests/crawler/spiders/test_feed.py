"""The feed: when it is asked for conditionally, and what its answers come to; called by hand, without a reactor."""

import pytest

from archive.facts.items import Check
from crawler.spiders.articles import Articles
from crawler.spiders.feed import Feed
from crawler.spiders.host import Host
from crawler.spiders.soft404 import Soft404
from tests import facts
from tests.by_hand import BASE, answer_to, archive_of, asker_of, parted, session_of
from tests.french import EDITION

URL = f"{BASE}/rss.xml"
ITEM = "<item><title>t</title><link>{link}</link><pubDate>{date}</pubDate></item>"


@pytest.fixture
def feed(tmp_path, clock):
    """Return a function that makes the feed of a crawl into an archive of these facts."""

    def make(*known):
        session = session_of(archive_of(known or [facts.read(1, 0)]), tmp_path, clock)
        asker = asker_of(session)
        articles = Articles(
            session=session,
            asker=asker,
            soft404=Soft404(asker=asker, edition=EDITION, address=lambda: f"{BASE}/made-up"),
        )
        host = Host(plan=session.plan, base=BASE)
        return Feed(session=session, asker=asker, host=host, articles=articles)

    return make


def answered(feed, body=b"", **more):
    """Return (requests, looks) that an answer to the feed's request comes to."""
    [request], _ = parted(feed.ask())
    return parted(feed.read(answer_to(request, body, **more)))


def rss(*items):
    """Return a feed of (link, date)."""
    told = "".join(ITEM.format(link=link, date=date) for link, date in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{told}</channel></rss>'.encode()


def listed(*numbers):
    """Return a look at the feed that listed these articles."""
    return facts.Fact(
        check=Check(at=facts.at(2), url=URL, kind="feed", outcome="listed", status=200, etag='"f"', listed=numbers)
    )


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([facts.read(1, 0), listed("1")], b'"f"'),
        ([facts.read(1, 0), listed("1", "2")], None),
        ([facts.read(1, 0), listed()], None),
        ([facts.read(1, 0)], None),
    ],
    ids=["all-read", "one-unread", "empty", "never-seen"],
)
def test_a_304_must_leave_nothing_behind(feed, known, expected):
    """It is asked for conditionally only where all that it listed was read."""
    [request], looks = parted(feed(*known).ask())

    assert (request.url, request.headers.get("If-None-Match"), looks) == (URL, expected, [])


def test_what_no_listing_named_is_asked_for(feed):
    """Links to an alias of the edition count; strangers' don't. The dates it has stay with the articles."""
    made = feed()
    body = rss(
        (facts.url_of(1), "lundi"), ("https://www.presstv.ir/Detail/2026/11/24/2/x", "mardi"),
        ("https://elsewhere.example/Detail/2026/11/24/3/x", "mercredi"), (f"{BASE}/contact", "jeudi"),
        (facts.url_of(4), ""),
    )  # fmt: skip
    requests, [look] = answered(made, body)

    assert [request.url for request in requests] == [f"{BASE}/Detail/2026/11/24/2/x", facts.url_of(4)]
    assert (look.kind, look.outcome, look.listed) == ("feed", "listed", ("1", "2", "4"))
    assert set(made.articles.feed_dates) == {"1", "2"}


def test_nothing_new(feed):
    """A 304 stands for what was listed before."""
    requests, [look] = answered(feed(facts.read(1, 0), listed("1")), status=304)

    assert (requests, look.outcome, look.listed, look.capture) == ([], "listed", ("1",), None)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(404, b"", "gone"), (500, b"", "http_error"), (200, b"<rss", "filtered")],
    ids=["none", "error", "no-xml"],
)
def test_a_feed_that_cannot_be_read(feed, status, body, outcome):
    """Nothing is asked for, and the look says why."""
    requests, [look] = answered(feed(), body, status=status)

    assert (requests, look.outcome) == ([], outcome)
