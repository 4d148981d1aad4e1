"""Tests of crawler/pages/headline.py: which element of an unknown page is the headline."""

import pytest

from crawler.pages.asides import Asides
from crawler.pages.headline import find_headline, spaced
from crawler.pages.page import text_of
from tests.crawler.pages.test_article_pages import URL
from tests.french import Page

TITLE = "Le marché couvert de Brèves rouvre samedi"
OTHER = "Une autre nouvelle du jour à la une"
TEXT = "<p>Une phrase du texte, assez longue pour compter.</p>" * 20


def found(body, titles):
    """Return (tag, text) of the headline in a body, or None."""
    page = Page(URL, f"<html><body>{body}</body></html>")
    node = find_headline(page, titles, Asides(page))
    return None if node is None else (node.tag, text_of(node))


HEADLINES = [
    ("repeats the head", f"<h1>{OTHER}</h1><h2>{TITLE}</h2>", [TITLE], ("h2", TITLE)),
    ("other marks and case", f"<h2>{TITLE.upper()} !</h2>", [TITLE], ("h2", f"{TITLE.upper()} !")),
    ("title with the site's name", f"<h3>{TITLE}</h3>", [f"{TITLE} - Un journal"], ("h3", TITLE)),
    ("title cut short", f"<h2>{TITLE}</h2>", [TITLE[:30]], ("h2", TITLE)),
    ("a short heading is in many titles", f"<h1>Marché</h1>{TEXT}<div>{TITLE}</div>", [TITLE], ("div", TITLE)),
    ("best title first", f"<h2>{OTHER}</h2><h3>{TITLE}</h3>", [TITLE, OTHER], ("h3", TITLE)),
    ("higher heading first", f"<h3>{TITLE}</h3><h2>{TITLE}</h2>", [TITLE], ("h2", TITLE)),
    ("no heading at all", f"<div><font size=5>{TITLE}</font></div>", [TITLE], ("div", TITLE)),
    ("not the side box", f"<div class=sidebar>{TITLE}</div>{TEXT}<b>{TITLE}</b>", [TITLE], ("b", TITLE)),
    ("a head that says nothing", f"<h1>{TITLE}</h1>", [], ("h1", TITLE)),
    ("a logo is none", f"<h1><a href=/>Le journal de Brèves</a></h1><h2>{TITLE}</h2>", [], ("h2", TITLE)),
    ("linked to itself", f"<h1><a href='{URL}'>{TITLE}</a></h1><h2>{OTHER}</h2>", [], ("h1", TITLE)),
    ("too short", f"<h1>Infos</h1><h2>{TITLE}</h2>", [], ("h2", TITLE)),
    ("by its class", f"<h4>Une rubrique du jour</h4><div class=post-titre>{TITLE}</div>", [], ("div", TITLE)),
    ("a heading of a side box is none", f"<div class=sidebar><h2>{OTHER}</h2></div>{TEXT}", [], None),
    ("whole before a part", f"<h1>{TITLE}</h1><h2>{OTHER}</h2>", [f"{OTHER}, et c’est tout", TITLE], ("h1", TITLE)),
    ("no part that is little of it", f"<h3>marché couvert de Brèves</h3><h1>{OTHER}</h1>", ["Tout sur le marché couvert de Brèves et sur la place"], ("h1", OTHER)),
    ("a breadcrumb's is none", f"<ol class=breadcrumb><li><h1>{OTHER}</h1></ol><h2>{TITLE}</h2>", [OTHER, TITLE], ("h2", TITLE)),
    ("unless the page has no other", f"<ol class=breadcrumb><li><h1>{TITLE}</h1></ol><h2>{OTHER}</h2>", [TITLE], ("h1", TITLE)),
    ("a teaser's is none", f"<h1>{TITLE} !</h1>{TEXT}<h3><a href=/x>{TITLE}</a></h3>", [TITLE], ("h1", f"{TITLE} !")),
    ("below a kicker", f"<h1><i>Brèves</i> – <span>{TITLE}</span></h1>", [TITLE], ("span", TITLE)),
    ("nothing", TEXT, [TITLE], None),
]  # fmt: skip


@pytest.mark.parametrize(("body", "titles", "expected"), [pytest.param(b, t, e, id=i) for i, b, t, e in HEADLINES])
def test_find_headline(body, titles, expected):
    """The head's titles name it, in headings before other elements; without them it is the first likely heading."""
    assert found(body, titles) == expected


SPACED = [
    ("parted in the head", "<h1><span>Brèves :</span>le marché rouvre</h1>", ["Brèves : le marché rouvre"], "Brèves : le marché rouvre"),
    ("parted by a mark in the head", "<h1><span>Brèves</span>Le marché rouvre</h1>", ["Brèves / Le marché rouvre"], "Brèves Le marché rouvre"),
    ("one word in the head", "<h1>Le marché ro<b>uvre</b></h1>", ["Le marché rouvre"], "Le marché rouvre"),
    ("a head that says nothing", "<h1>Le marché ro<b>uvre</b></h1>", [], "Le marché rouvre"),
    ("another title in the head", "<h1><span>Brèves</span>Le marché rouvre</h1>", [OTHER], "BrèvesLe marché rouvre"),
]  # fmt: skip


@pytest.mark.row("F-TXT-25")
@pytest.mark.parametrize(("body", "titles", "text"), [pytest.param(b, t, x, id=i) for i, b, t, x in SPACED])
def test_parts_of_a_headline_stand_apart_where_the_head_has_them_so(body, titles, text):
    """Two lines that border on each other in the source are not glued, and no word is cut in two."""
    node = next(Page(URL, f"<html><body>{body}</body></html>").root.iter("h1"))

    assert spaced(node, titles) == text
