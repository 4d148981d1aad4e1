"""Tests of crawler/pages/menuline.py: section names in a line that no class marks."""

import pytest

from crawler.pages.menuline import menu_names, named_line
from crawler.pages.story import cut
from crawler.pages.units import units
from tests.crawler.pages.test_article_pages import URL
from tests.french import Page

TITLE = "Le marché couvert de Brèves rouvre samedi"
MENU = "<nav><a href=/Section/1>Infos</a> <a href=/Section/2>Europe</a> <a href=/Section/3>Asie</a></nav>"
TEXT = "<div>" + "<p>Soixante étals seront ouverts dès sept heures, a indiqué la mairie.</p>" * 4 + "</div>"


def page(body):
    return Page(URL, f"<html><body>{body}</body></html>")


def names(body):
    """Return the section names found in a body."""
    read = page(body)
    headline = next(read.root.iter("h1"), None)
    story = cut(tuple(units(read.root.find("body"), read)), headline=headline, root=read.root)
    return named_line(story, menu_names(read), TITLE)[0]


LINES = [
    ("above the headline", f"{MENU}<p>Infos / Europe</p><h1>{TITLE}</h1>{TEXT}", ("Infos", "Europe")),
    ("the nearest of two", f"{MENU}<p>Infos / Europe</p><p>Asie</p><h1>{TITLE}</h1>{TEXT}", ("Asie",)),
    ("before the text", f"{MENU}<h1>{TITLE}</h1><p>Infos / Asie</p>{TEXT}", ("Infos", "Asie")),
    ("behind the text", f"{MENU}<h1>{TITLE}</h1>{TEXT}<p>Classé dans : Infos, Asie</p>", ("Infos", "Asie")),
    ("one name behind the text is a box's title", f"{MENU}<h1>{TITLE}</h1>{TEXT}<p>Infos</p>", ()),
    ("a name that the menu lacks", f"{MENU}<p>Infos / Brèves</p><h1>{TITLE}</h1>{TEXT}", ()),
    ("ends in the headline", f"{MENU}<p>Infos &gt; {TITLE}</p><h1>{TITLE}</h1>{TEXT}", ("Infos",)),
    ("each in an element of its own", f"{MENU}<div><div>Infos</div><div>Asie</div></div><h1>{TITLE}</h1>{TEXT}", ("Infos", "Asie")),
    ("links that stand in the menu too", f"{MENU}<p><a href=/Section/2>Europe</a></p><h1>{TITLE}</h1>{TEXT}", ("Europe",)),
    ("the menu itself", f"<p><a href=/Section/1>Infos</a> / <a href=/Section/2>Europe</a></p><h1>{TITLE}</h1>{TEXT}", ()),
    ("far behind the text", f"{MENU}<h1>{TITLE}</h1>{TEXT}{'<p>un mot</p>' * 12}<p>Partager</p>{'<p>un mot</p>' * 8}<p>Infos / Asie</p>", ()),
    ("no menu", f"<p>Infos / Europe</p><h1>{TITLE}</h1>{TEXT}", ()),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in LINES])
def test_named_line(body, expected):
    """The line nearest to the headline whose parts are all names of the menu is the breadcrumb; the menu is not."""
    assert names(body) == expected


def test_menu_names_are_those_of_links_to_no_article():
    """Links to articles, without an address or of a sentence's length name no section."""
    body = f"{MENU}<a href=/Detail/2023/03/04/701001/x>Une nouvelle</a><a>Météo</a><a href=/x>{'mot ' * 20}</a>"

    assert menu_names(page(body)) == ["Infos", "Europe", "Asie"]
