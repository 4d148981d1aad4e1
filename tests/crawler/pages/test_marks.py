"""Tests of crawler/pages/marks.py: what an element says of itself."""

import pytest

from crawler.pages.marks import is_block, is_box, role_of, short_name
from tests.crawler.pages.test_article_pages import URL
from tests.french import Page


def element(markup):
    """Return the one element marked `id=it`, else the body's first."""
    root = Page(URL, f"<html><body>{markup}</body></html>").root
    return next((e for e in root.iter() if e.get("id") == "it"), root.find("body")[0])


ROLES = [
    ("sub-head", "<h4>un</h4>", "heading"),
    ("quotation", "<blockquote>un</blockquote>", "quote"),
    ("figure", "<figure>un</figure>", "caption"),
    ("caption by one of its classes", "<div class='box photo-credit'>un</div>", "caption"),
    ("caption by the tag's own name", "<x-caption>un</x-caption>", "caption"),
    ("the whole article is no caption", "<article class=caption>un</article>", ""),
    ("caption in a longer word", "<div class=captionless>un</div>", ""),
    ("links to others", "<ul class=lire-aussi><li>un</li></ul>", "related"),
    ("lead", "<p class=chapo>un</p>", "lead"),
    ("lead by itemprop", "<div itemprop=description>un</div>", "lead"),
    ("a list is no lead", "<ul class=intro><li>un</li></ul>", ""),
    ("sub-head called a lead", "<h2 class=lead>un</h2>", "heading"),
    ("nothing said", "<p class=x1>un</p>", ""),
]


@pytest.mark.parametrize(("markup", "role"), [pytest.param(m, r, id=i) for i, m, r in ROLES])
def test_role_of(markup, role):
    """Tag first, then class, itemprop or a tag of the site's own making, whole words only."""
    assert role_of(element(markup)) == role


BOXES = [
    ("share line", "<div class='article-share'>un</div>", True),
    ("comments by id", "<div id=it-comments>un</div>", True),
    ("advertisement by the tag's own name", "<x-ads>un</x-ads>", True),
    ("a word that begins alike", "<div class=shareholders>un</div>", False),
    ("no mark", "<div>un</div>", False),
]


@pytest.mark.parametrize(("markup", "expected"), [pytest.param(m, e, id=i) for i, m, e in BOXES])
def test_is_box(markup, expected):
    """Class, id or the tag's own name tell boxes that hold none of the article."""
    assert is_box(element(markup)) is expected


BLOCKS = [
    ("paragraph", "<p>un</p>", True),
    ("word", "<p><em id=it>un</em></p>", False),
    ("span of the head's text", "<span itemprop=headline>un</span>", True),
    ("span", "<span>un</span>", False),
    ("own tag alone", "<div><x-p id=it>un</x-p><x-p>deux</x-p></div>", True),
    ("own tag behind a word", "<p>un <x-term id=it>deux</x-term></p>", False),
    ("own tag before a word", "<p><x-term id=it>un</x-term> deux</p>", False),
    ("own tag behind an element and a word", "<p><b>un</b> et <x-term id=it>deux</x-term></p>", False),
]


@pytest.mark.parametrize(("markup", "expected"), [pytest.param(m, e, id=i) for i, m, e in BLOCKS])
def test_is_block(markup, expected):
    """What parts text is a box; an element of the site's own making is one where no text stands beside it."""
    assert is_block(element(markup)) is expected


@pytest.mark.parametrize(("markup", "name"), [("<div class='a b'>un</div>", "div.a"), ("<p class=' '>un</p>", "p")])
def test_short_name(markup, name):
    """A source names an element by tag and first class."""
    assert short_name(element(markup)) == name
