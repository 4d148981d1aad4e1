"""The sitemaps as one more listing: which are asked for, and what of them; called by hand, without a reactor."""

from datetime import timedelta

import pytest
from scrapy.exceptions import DownloadTimeoutError

from archive.facts.items import Check
from crawler.crawl.ask import ask_of
from crawler.spiders import sitemaps as module
from crawler.spiders.articles import Articles
from crawler.spiders.host import Host
from crawler.spiders.sitemaps import Sitemaps
from crawler.spiders.soft404 import Soft404
from tests import facts
from tests.by_hand import BASE, answer_to, archive_of, asker_of, failure_of, parted, session_of
from tests.french import EDITION

MAP = f"{BASE}/maps/news.xml"
GUESS = f"{BASE}/sitemap.xml"


@pytest.fixture
def sitemaps(tmp_path, clock):
    """Return a function that makes the sitemaps of a crawl into an archive of these facts."""

    def make(*known, named=(MAP,), budget=200, summary=None, new=False, **plan):
        facts_of = [] if new else [known or [facts.read(1, 0)]]
        session = session_of(archive_of(*facts_of, summary=summary), tmp_path, clock, **plan)
        asker = asker_of(session)
        soft404 = Soft404(asker=asker, edition=EDITION, address=lambda: f"{BASE}/made-up")
        articles = Articles(session=session, asker=asker, soft404=soft404)
        host = Host(plan=session.plan, base=BASE)
        return Sitemaps(
            session=session, asker=asker, host=host, articles=articles, named=lambda base: named, budget=budget
        )

    return make


def urlset(*places):
    """Return a sitemap of these article numbers or addresses."""
    urls = (place if isinstance(place, str) else facts.url_of(place) for place in places)
    return f"<urlset>{''.join(f'<url><loc>{url}</loc></url>' for url in urls)}</urlset>".encode()


def index(*files):
    """Return an index of (path, lastmod)."""
    told = "".join(f"<sitemap><loc>{BASE}{path}</loc><lastmod>{day}</lastmod></sitemap>" for path, day in files)
    return f"<sitemapindex>{told}</sitemapindex>".encode()


def answered(request, body=b"", **more):
    """Return (articles asked for, sitemaps asked for, look) of an answer."""
    requests, [look] = parted(request.callback(answer_to(request, body, **more)))
    files = [each for each in requests if ask_of(each).kind == "sitemap"]
    return [ask_of(each).article_id for each in requests if ask_of(each).kind == "article"], files, look


def begun(made):
    """Return the requests for the first sitemaps."""
    requests, looks = parted(made.begin())
    assert looks == []
    return requests


def looked(url, *numbers, minute=2, outcome="listed", etag='"m"'):
    """Return a look at a sitemap that listed these articles."""
    return facts.Fact(
        check=Check(
            at=facts.at(minute), url=url, kind="sitemap", outcome=outcome, status=200, etag=etag, listed=numbers
        )
    )


def test_what_robots_txt_names_is_asked_for_last(sitemaps):
    """Relative or whole, on any of the edition's hosts; strangers' are not."""
    named = (
        "/a.xml",
        "https://french.presstv.ir/b.xml",
        "https://www.presstv.ir/c.xml",
        "https://elsewhere.example/d.xml",
    )
    requests = begun(sitemaps(named=named))

    assert [request.url for request in requests] == [f"{BASE}/a.xml", f"{BASE}/b.xml"]
    assert {(ask_of(each).kind, each.priority) for each in requests} == {("sitemap", -20)}


@pytest.mark.row("F-DIS-03")
def test_articles_that_nobody_looked_at_are_asked_for(sitemaps):
    """The newest first; what is known, what is no article and what is elsewhere is not."""
    made = sitemaps(facts.read(5, 0), facts.saw(6, 0, "gone"))
    [request] = begun(made)
    found, _, look = answered(
        request, urlset(3, 5, 4, 6, f"{BASE}/Contact", "https://elsewhere.example/Detail/2026/11/24/9/x", 3)
    )

    assert found == ["4", "3"]
    assert (look.kind, look.outcome, look.listed) == ("sitemap", "listed", ("6", "4", "3"))
    assert dict(made.session.ledger.sitemaps) == {"files": 1, "articles": 4, "new": 2, "left": 0}


@pytest.mark.row("F-DIS-03")
def test_a_crawl_takes_no_more_than_its_share(sitemaps):
    """What is left has its turn in the next crawls, and is counted."""
    made = sitemaps(budget=2)
    [request] = begun(made)
    found, _, look = answered(request, urlset(2, 3, 4, 5))

    assert look.listed == ("5", "4", "3")
    assert (found, made.session.ledger.sitemaps["left"]) == (["5", "4"], 2)
    assert begun(sitemaps(budget=0)) == []


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([facts.read(1, 0), looked(MAP, "1")], b'"m"'),
        ([facts.saw(1, 0, "gone"), looked(MAP, "1")], b'"m"'),
        ([facts.read(1, 0), looked(MAP, "1", "2")], None),
        ([facts.read(1, 0), looked(MAP)], None),
        ([facts.read(1, 0)], None),
    ],
    ids=["all-read", "looked-at-in-vain", "one-left", "an-index", "never-seen"],
)
def test_a_304_must_leave_nothing_behind(sitemaps, known, expected):
    """It is asked for conditionally only where all that it named was looked at."""
    [request] = begun(sitemaps(*known))

    assert request.headers.get("If-None-Match") == expected


def test_nothing_new(sitemaps):
    """A 304 asks for nothing and repeats no list."""
    [request] = begun(sitemaps(facts.read(1, 0), looked(MAP, "1")))
    found, files, look = answered(request, status=304)

    assert (found, files, look.outcome, look.listed, look.capture) == ([], [], "listed", (), None)


@pytest.mark.row("F-DIS-04")
def test_an_index_leads_to_its_files(sitemaps):
    """Those of the outlet's host, the newest first, each once; itself not again."""
    made = sitemaps()
    [request] = begun(made)
    body = index(("/a.xml", "2026-01-02"), ("/b.xml", "2026-11-20"), ("/maps/news.xml", ""), ("/a.xml", ""))
    body = body.replace(
        b"</sitemapindex>", b"<sitemap><loc>https://elsewhere.example/c.xml</loc></sitemap></sitemapindex>"
    )
    _, files, look = answered(request, body)

    assert [each.url for each in files] == [f"{BASE}/b.xml", f"{BASE}/a.xml"]
    assert (look.outcome, look.listed) == ("listed", ())
    found, *_ = answered(files[0], urlset(2))
    assert found == ["2"]


@pytest.mark.row("F-DIS-03")
@pytest.mark.parametrize(
    ("day", "known", "asked"),
    [
        ("2026-11-20", [looked(f"{BASE}/a.xml", "1")], False),
        ("2026-11-24", [looked(f"{BASE}/a.xml", "1")], True),
        ("2026-11-20", [looked(f"{BASE}/a.xml", "1", "2")], True),
        ("2026-11-20", [looked(f"{BASE}/a.xml", outcome="timeout")], True),
        ("2026-11-20", [looked(f"{BASE}/a.xml", outcome="filtered")], False),
        ("2026-11-20", [], True),
        ("", [looked(f"{BASE}/a.xml", "1", minute=-60 * 23)], True),
    ],
    ids=["stood", "of-that-day", "one-left", "not-had", "refused", "never-seen", "no-word"],
)
def test_a_file_that_stands_is_left_alone(sitemaps, day, known, asked):
    """By the index's word."""
    [request] = begun(sitemaps(facts.read(1, 0), *known))
    _, files, _ = answered(request, index(("/a.xml", day)))

    assert bool(files) is asked


def test_where_the_index_has_no_word_a_few_files_have_their_turn(sitemaps):
    """Of those that were read within a day, the ones that were not looked at for longest: few, so that a day sees all."""
    read = [looked(f"{BASE}/{minute}.xml", "1", minute=minute) for minute in (5, 2, 4, 1, 3)]
    [request] = begun(sitemaps(facts.read(1, 0), *read))
    _, files, _ = answered(request, index(*((f"/{minute}.xml", "") for minute in (1, 2, 3, 4, 5))))

    assert [each.url for each in files] == [f"{BASE}/1.xml", f"{BASE}/2.xml", f"{BASE}/3.xml"]


@pytest.mark.row("F-DIS-04")
def test_an_endless_index_ends(sitemaps, monkeypatch):
    """So many files a crawl, and an index in an index in an index is left."""
    monkeypatch.setattr(module, "MOST_FILES", 3)
    made = sitemaps()
    [request] = begun(made)
    _, first, _ = answered(request, index(*((f"/{n}.xml", "") for n in range(9))))
    _, second, _ = answered(first[0], index(("/x.xml", "")))

    assert (len(first), second, made.session.ledger.sitemaps["files_left"]) == (2, [], 8)

    monkeypatch.setattr(module, "MOST_FILES", 50)
    request, depth = begun(sitemaps())[0], 0
    while request is not None:
        depth += 1
        _, files, _ = answered(request, index((f"/{depth}.xml", "")))
        request = files[0] if files else None
    assert depth == 3


@pytest.mark.row("F-DIS-04")
@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (404, b"", "gone"),
        (500, b"", "http_error"),
        (200, b"<html><body>Page introuvable</body></html>", "filtered"),
        (200, b"<!DOCTYPE a><urlset/>", "filtered"),
        (200, b"<title>Just a moment...</title><body>Checking your browser</body>", "challenge"),
    ],
    ids=["none", "error", "page", "document-type", "wall"],
)
def test_a_sitemap_that_cannot_be_read(sitemaps, status, body, outcome):
    """Nothing is asked for, the look says why, and the crawl has not failed by it."""
    made = sitemaps()
    [request] = begun(made)
    found, files, look = answered(request, body, status=status)
    made.session.ledger.end(look.url, look.ended, look.detail)

    assert (found, files, look.outcome) == ([], [], outcome)
    assert made.session.ledger.failures() == []
    assert (MAP in look.detail) is (outcome == "filtered")


def test_one_that_brought_no_response(sitemaps):
    """Nothing follows."""
    [request] = begun(sitemaps())
    requests, [look] = parted(request.errback(failure_of(request, DownloadTimeoutError("30 s"))))

    assert (requests, look.outcome) == ([], "timeout")


def deep(begun_at):
    """Return what a commit says of a section whose deep walk began at an instant."""
    walk = {
        "complete": True,
        "pages": 1,
        "articles": 1,
        "ended": "end",
        "deep": {"begun": facts.stamp(begun_at), "page": 1},
    }
    return {"sections": {"europe": walk}}


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({"new": True}, True),
        ({}, False),
        ({"summary": deep(facts.at(-60))}, False),
        ({"summary": deep(facts.at(0) - timedelta(days=1))}, True),
    ],
    ids=["new-archive", "of-an-older-version", "first-crawl-today", "first-crawl-yesterday"],
)
def test_where_robots_txt_names_none_one_is_guessed(sitemaps, more, asked):
    """By a new archive at once, by any other a day after its first crawl of this version."""
    assert [request.url for request in begun(sitemaps(named=(), **more))] == [GUESS] * asked


@pytest.mark.parametrize(
    ("minute", "outcome", "asked"),
    [(-60, "gone", False), (-60, "filtered", False), (-60 * 23, "gone", True), (-60, "listed", True)],
    ids=["in-vain-today", "refused-today", "in-vain-yesterday", "it-is-there"],
)
def test_a_guess_is_made_once_a_day(sitemaps, minute, outcome, asked):
    """Until it is right: from then on it is asked for as one that robots.txt names."""
    made = sitemaps(facts.read(1, 0), looked(GUESS, minute=minute, outcome=outcome), named=())

    assert [request.url for request in begun(made)] == [GUESS] * asked
