"""Tests of crawler/pages/shown.py: what of an element a reader sees as text."""

import pytest

from crawler.pages.page import has_text, text_of
from tests.crawler.pages.test_article_pages import PARTS, URL, article
from tests.french import Page
from tests.pages.unknown_layouts import LAYOUTS

TEXTS = [
    ("a line ends", "Valmère répond<br>aux pêcheurs", "Valmère répond aux pêcheurs"),
    ("boxes end", "<p>Reza Deltani</p><p>Karimabad</p>", "Reza Deltani Karimabad"),
    ("cells end", "<table><tr><td>12</td><td>13</td></tr></table>", "12 13"),
    ("words in a line are not parted", "l’<b>anti</b>gang", "l’antigang"),
    ("a place to break is no blank", "anti<wbr>gang", "antigang"),
    ("code is none", "un<script>slot('x')</script> deux<style>p{}</style><template><p>x</p></template>", "un deux"),
    ("what stands behind code is", "<noscript><img></noscript>un", "un"),
    ("hidden", "un<span hidden>x</span><i style='color:red; display : none'>y</i>", "un"),
    ("a style that hides nothing", "<i style='display:inline'>un</i>", "un"),
    ("exponent", "10<sup>6</sup> litres", "10⁶ litres"),
    ("note", "1815<sup><a href=#n>2</a></sup> au moins", "1815² au moins"),
    ("ordinal", "XX<sup>e</sup>", "XXe"),
]


@pytest.mark.parametrize(("markup", "expected"), [pytest.param(m, e, id=i) for i, m, e in TEXTS])
def test_text_of(markup, expected):
    """No two words are glued, no code is read, and a word that only changes its dress stays one."""
    element = Page(URL, f"<html><body><div id=it>{markup}</div></body></html>").root.find(".//div[@id='it']")

    assert text_of(element) == expected
    assert has_text(element)


def test_a_box_of_code_has_no_text():
    """A lead that holds nothing but an advertisement's code is none."""
    page = Page(URL, "<html><body><div><script>x</script><p hidden>y</p></div><p>un<p>deux<p>trois</body></html>")

    assert not has_text(page.root.find("body/div"))


def paragraphs(shown, hidden):
    """Return a page with so many paragraphs of each kind."""
    unseen = "".join(f"<p>caché {n}</p>" for n in range(hidden))
    return f"<html><body>{''.join(f'<p>vu {n}</p>' for n in range(shown))}<div hidden>{unseen}</div></body></html>"


@pytest.mark.parametrize(
    ("markup", "issues", "told"),
    [
        pytest.param(paragraphs(2, 1), ("hidden_text",), "vu 0 vu 1 caché 0", id="a third"),
        pytest.param(paragraphs(3, 1), (), "vu 0 vu 1 vu 2", id="less than a third"),
        pytest.param("<html><body style='visibility:hidden'><p>un</p></body></html>", (), "un", id="the page until its script ran"),
    ],
)  # fmt: skip
def test_hidden_paragraphs(markup, issues, told):
    """Where a third of the paragraphs is hidden they are kept and the page says so; a hidden note is left out."""
    page = Page(URL, markup)

    assert (page.issues, text_of(page.root.find("body"))) == (issues, told)


def test_a_hidden_text_is_an_issue_of_the_article():
    """A reader of the record learns that the text was hidden on the page."""
    markup = LAYOUTS["semantic"](PARTS)
    found = article(markup.replace("<p", "<p hidden"))

    assert "hidden_text" in found.issues
    assert [b.text for b in found.blocks if b.text in PARTS.body] == PARTS.body
