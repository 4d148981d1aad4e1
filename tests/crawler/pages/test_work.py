"""Reading is linear in a page's size and bounded by counted work; the counts are the same on every machine."""

import math
import sys
from functools import partial
from urllib.parse import urlsplit

import pytest

from benchmarks.shapes import FRAMES, SHAPES, page
from crawler.pages.feed import UnreadableFeed, read_feed
from crawler.pages.page import fold, text_of
from crawler.pages.work import LEAST, PageTooLarge, bounded, spend
from tests.french import Page, read, read_listing, read_menu, words_of
from tests.made import BASE, capture, url_of

SIZES = (20_000, 40_000, 80_000)
MOST = 1.15
"""The exponent of cost over size at most; what reads a page once for each box around it comes to 2."""


@pytest.fixture(autouse=True)
def no_address_is_remembered(monkeypatch):
    """The standard library keeps 128 parted addresses, so that a page of fewer links would cost less a link."""
    monkeypatch.setattr("crawler.editions.edition.urlsplit", urlsplit.__wrapped__)
    monkeypatch.setattr("crawler.pages.page.urlsplit", urlsplit.__wrapped__)


def costs(task):
    """Return (characters and pieces gone through, calls made) by a task."""
    calls = 0

    def count(*_):
        nonlocal calls
        calls += 1

    with bounded(10**9) as work:
        sys.setprofile(count)
        try:
            task()
        finally:
            sys.setprofile(None)
    return max(work.spent, 1), calls


def exponent(made, markups):
    """Return by which power of its size the cost of a page grows at most, from each to one of twice the size."""
    found = [costs(partial(made, markup)) for markup in markups]
    pairs = zip(found, found[1:], strict=False)
    return max(math.log2(after / before) for one, other in pairs for before, after in zip(one, other, strict=True))


def as_article(markup):
    """Read a page of an article's address."""
    assert read(capture(url_of("7"), body=markup.encode())).outcome != "too_large"


def as_listing(markup):
    """Read a page as a section's, as a front page, and for its words."""
    taken = capture(f"{BASE}/Section/1", body=markup.encode())
    assert read_listing(taken, taken.url).issue == ""
    read_menu(taken, taken.url)
    words_of(taken)


@pytest.mark.row("F-OUT-16")
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_reading_is_linear_in_the_size(shape, frame):
    """Of ten hostile shapes, ever wider and deeper, one of twice the size costs about twice as much."""
    assert exponent(as_article, [page(frame, shape, size) for size in SIZES]) < MOST


@pytest.mark.parametrize("shape", SHAPES)
def test_listings_and_menus_are_linear_too(shape):
    """What is read as a listing may be as hostile."""
    assert exponent(as_listing, [page("unknown", shape, size) for size in SIZES]) < MOST


def test_a_careless_reader_would_be_noticed():
    """To ask each box for its whole text costs the square."""

    def careless(markup):
        for element in Page(url_of("7"), markup).root.iter("div"):
            fold(text_of(element))

    assert exponent(careless, [page("unknown", "deep", size) for size in (5_000, 10_000, 20_000)]) > 1.8


def test_work_over_the_bound_ends_a_reading():
    """Each page may cost a part that all may, and as much for each of its characters; no more."""
    with bounded(0):
        spend(LEAST)
        with pytest.raises(PageTooLarge, match="steps"):
            spend(1)


def test_work_counts_where_it_is_a_part():
    """A page read inside of another reading counts there, too; without a bound nothing is counted."""
    spend(10**12)
    with bounded(10) as outer:
        spend(3)
        with bounded(10) as inner:
            spend(4)

    assert (inner.spent, outer.spent) == (4, 7)


def test_a_page_that_costs_too_much_is_too_large(monkeypatch):
    """The outcome says so, nothing about the article, and the same each time."""
    markup = page("unknown", "deep", 20_000)
    monkeypatch.setattr("crawler.pages.work.LEAST", 0)
    monkeypatch.setattr("crawler.pages.work.A_CHARACTER", 1)
    readings = [read(capture(url_of("7"), body=markup.encode())) for _ in range(2)]

    assert readings[0] == readings[1]
    assert (readings[0].outcome, readings[0].article) == ("too_large", None)
    assert "steps" in readings[0].detail


HOSTILE = {
    "http-equiv and blanks": f"<p>http-equiv={' ' * 300_000}x",
    "tags never closed in data": f'<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{"<br" * 99_000}"}}</script>',
    "a hundred thousand data nodes": f'<script type="application/ld+json">[{"{}," * 100_000}1]</script>',
    "data nested deep": f'<script type="application/ld+json">{{"@type":"Article","author":{"[" * 900}{"]" * 900}}}</script>',
    "a day and blanks": f"<h1>Un titre assez long pour en être un</h1><p>12 mai 2021{chr(160) * 300_000}</p><p>Un bac.</p>",
    "figures in figures": "<figure>" * 400 + "<img src=a><p class=caption>x</p>" * 3000,
    "menus in menus": "<div class=menu>" * 400 + "<a href=/x>x</a>" * 5000,
    "hidden boxes": "<div hidden>x</div>" + "<p><span>" * 200 + "<i></i>" * 20_000,
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE)
def test_other_hostile_pages_end(markup):
    """Blanks without end, data without end and boxes in boxes: each is read or refused, and none takes a minute."""
    taken = capture(url_of("7"), body=f"<html><title>Un titre assez long</title><body>{markup}".encode())

    assert read(taken).outcome
    read_menu(taken, taken.url)


def test_a_feed_of_open_sections_ends():
    """Sections of CDATA that nobody closes are refused without a look behind all others for each."""
    with pytest.raises(UnreadableFeed):
        read_feed(b"<rss>" + b"<![CDATA[" * 200_000 + b"</rss>", BASE)
