"""Tests of crawler/pages/headline.py: which element of an unknown page is the headline."""

import pytest

from crawler.pages.asides import Asides
from crawler.pages.headline import find_headline
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
    ("nothing", TEXT, [TITLE], None),
]  # fmt: skip


@pytest.mark.parametrize(("body", "titles", "expected"), [pytest.param(b, t, e, id=i) for i, b, t, e in HEADLINES])
def test_find_headline(body, titles, expected):
    """The head's titles name it, in headings before other elements; without them it is the first likely heading."""
    assert found(body, titles) == expected
