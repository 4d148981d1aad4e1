"""Tests of crawler/pages/captions.py: which units are captions, and what of them is stored."""

import pytest

from crawler.pages.captions import captions, credit, mark_captions
from crawler.pages.units import Unit, units
from tests.crawler.pages.test_article_pages import URL
from tests.french import EDITION, Page
from tests.pages.unknown_layouts import PLACEHOLDER

CAPTION = "La façade du marché, vendredi"
TEXT = "<p>Une phrase du texte, assez longue pour compter, et qui en dit davantage.</p>" * 20


def marked(body):
    """Return the texts of a body's captions."""
    page = Page(URL, f"<html><body><h1>Le marché rouvre</h1>{body}</body></html>")
    headline = next(page.root.iter("h1"))
    return [u.text for u in mark_captions(units(page.root.find("body"), page), page, headline) if u.role == "caption"]


def dressed(count):
    return "".join(
        f"<div class=q>Une ligne du texte, la {n}e, assez longue pour qu’elle compte parmi les autres.</div>"
        for n in range(count)
    )


MARKED = [
    ("around a picture", f"<div><img src=a><small>{CAPTION}</small></div>{TEXT}", [CAPTION]),
    ("three levels above a picture", f"<div>{CAPTION}<i><b><img src=a></b></i></div>{TEXT}", [CAPTION]),
    ("four levels above a picture", f"<div>{CAPTION}<u><i><b><img src=a></b></i></u></div>{TEXT}", []),
    ("a picture right in the text", f"<div><img src=a>{TEXT}</div>", []),
    ("a picture beside the headline", f"<img src=a>{TEXT}", []),
    ("a cell beside a picture's", f"<table><tr><td><img src=a></td><td>{CAPTION}</td></tr></table>{TEXT}", []),
    ("as the picture's alternative text", f"<img src=a alt='{CAPTION} !'><div>{CAPTION}</div>{TEXT}", [CAPTION]),
    ("a story told in pictures", "".join(f"<div><img src={n}><p>Un paragraphe, le {n}e, d’une histoire en images.</p></div>" for n in range(9)), []),
    ("a short alternative text", f"<img src=a alt=Marché><div>Marché</div>{TEXT}", []),
    ("the placeholder", f"<p>{PLACEHOLDER}</p>{TEXT}", [PLACEHOLDER]),
    ("dressed as the placeholder", f"<div><div class=q>{PLACEHOLDER}</div></div>{TEXT}<div class=q>{CAPTION}</div>", [PLACEHOLDER, CAPTION]),
    ("dressed by the element inside", f"<div><p><font size=1>{PLACEHOLDER}</font></p></div>{TEXT}<p><font size=1>{CAPTION}</font></p>", [PLACEHOLDER, CAPTION]),
    ("undressed inside", f"<div><p><font size=1>{PLACEHOLDER}</font></p></div>{TEXT}<p><font>{CAPTION}</font></p>", [PLACEHOLDER]),
    ("dressed as the placeholder and six others", f"<div><div class=q>{PLACEHOLDER}</div></div>{TEXT}{dressed(6)}", [PLACEHOLDER]),
    ("undressed as the placeholder", f"<div><div>{PLACEHOLDER}</div></div>{TEXT}<div>{CAPTION}</div>", [PLACEHOLDER]),
    ("in one box with the placeholder", f"<div><div>{PLACEHOLDER}</div><div>{CAPTION}</div></div>{TEXT}", [PLACEHOLDER, CAPTION]),
    ("in one line with the placeholder", f"<p>{PLACEHOLDER}<br>{CAPTION}</p>{TEXT}", [f"{PLACEHOLDER}\n{CAPTION}"]),
    ("a bold line below the placeholder is the lead", f"<p>{PLACEHOLDER}<br><b>{CAPTION}</b></p>{TEXT}", [PLACEHOLDER]),
    ("a sub-head beside a picture", f"<div><img src=a><h3>{CAPTION}</h3></div>{TEXT}", []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in MARKED])
def test_mark_captions(body, expected):
    """Pictures, their alternative texts and the placeholder tell captions; the article's own text is none."""
    assert marked(body) == expected


def test_marking_leaves_units_as_they_were():
    """A pass makes units of its own, in the same order, and says where each caption stands."""
    page = Page(URL, f"<html><body><div><img src=a>{CAPTION}</div>{TEXT}</body></html>")
    read = units(page.root.find("body"), page)
    after = mark_captions(read, page, None)

    assert [u.role for u in read] == ["paragraph"] * 21
    assert [u.text for u in after] == [u.text for u in read]
    assert after[0].group.tag == "body"
    assert after[1:] == tuple(read[1:])


CREDITS = [
    ("sign", "Le marché, vendredi. ©Courrier de Brèves", "Courrier de Brèves"),
    ("at", "Le marché. @AFP", "AFP"),
    ("address", "Écrire à marie@journal", ""),
    ("brackets", "Le marché (Photo d’archives).", "Photo d’archives"),
    ("brackets that name no photo", "Le marché (Brèves)", ""),
    ("label", "Le marché. Crédit : Agence Lumen.", "Agence Lumen"),
    ("none", "Le marché, vendredi.", ""),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(t, e, id=i) for i, t, e in CREDITS])
def test_credit(text, expected):
    """The credit is what a caption's end gives as one."""
    assert credit(text) == expected


def caption(text, group=None):
    return Unit(text=text, node=None, role="caption", group=group)


ONE, OTHER = object(), object()
STORED = [
    ("a credit line of its own", [caption("Le marché.", ONE), caption("©AFP", ONE)], ["Le marché. ©AFP"]),
    ("a credit line of another box", [caption("Le marché.", ONE), caption("©AFP", OTHER)], ["Le marché.", "©AFP"]),
    ("lines of one unit", [caption("Le marché,\nvendredi.", ONE)], ["Le marché, vendredi."]),
    ("the placeholder and a line", [caption(f"{PLACEHOLDER}\nLe marché.", ONE)], [PLACEHOLDER, "Le marché."]),
    ("twice the same", [caption("Le marché.", ONE), caption("Le marché.", OTHER)], ["Le marché."]),
    ("what is none", [Unit(text="Il pleut.", node=None)], []),
]


@pytest.mark.parametrize(("found", "expected"), [pytest.param(f, e, id=i) for i, f, e in STORED])
def test_captions(found, expected):
    """Each caption is stored once, its lines and its credit in one."""
    assert [c.text for c in captions(found, EDITION.template)] == expected
