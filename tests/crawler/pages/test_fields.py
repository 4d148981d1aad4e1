"""Tests of crawler/pages/fields.py: each field of an unknown page, picked from its story."""

import pytest

from crawler.pages import fields
from crawler.pages.asides import Asides
from crawler.pages.captions import mark_captions
from crawler.pages.story import cut
from crawler.pages.units import units
from tests.crawler.pages.test_article_pages import URL
from tests.french import EDITION, Page

HOST = "https://french.presstv.ir"
TITLE = "Le marché couvert de Brèves rouvre samedi"
HEAD = f"<h1>{TITLE}</h1>"
FIRST = "Soixante étals seront ouverts dès sept heures, a indiqué la mairie dans un communiqué."
SECOND = "Le toit, refait à l’identique, a demandé deux ans de travail à douze couvreurs."
TEXT = f"<p>{FIRST}</p><p>{SECOND}</p>"


def article(count, words=""):
    return "".join(f"<li><a href=/Detail/2023/03/04/70110{n}/x>Une nouvelle</a> {words}</li>" for n in range(count))


def passes(body):
    """Return (story, page, asides) of a body, as the passes before the fields leave them."""
    page = Page(URL, f"<html><body>{body}</body></html>")
    headline = next(page.root.iter("h1"), None)
    asides = Asides(page)
    read = units(page.root.find("body"), page, asides.besides(headline))
    return cut(mark_captions(read, page, headline), headline=headline, root=page.root), page, asides


BODIES = [
    ("paragraphs", f"{HEAD}<div>{TEXT}</div>", [FIRST, SECOND]),
    ("without lead and caption", f"{HEAD}<div><p class=chapo>Il rouvre.</p><figure>La façade</figure>{TEXT}</div>", [FIRST, SECOND]),
    ("without the date line", f"{HEAD}<div><p>Publié le 4 mars 2023, 16h46</p>{TEXT}</div>", [FIRST, SECOND]),
    ("without the headline again", f"{HEAD}<div><p>{TITLE} !</p>{TEXT}</div>", [FIRST, SECOND]),
    ("without a list of links", f"{HEAD}<div>{TEXT}<ul><li><a href=/a>Infos du jour</a></li></ul></div>", [FIRST, SECOND]),
    ("with a list of words", f"{HEAD}<div>{TEXT}<ul><li>mardi</li></ul></div>", [FIRST, SECOND, "mardi"]),
    ("without an advertisement", f"{HEAD}<div>{TEXT}<p><a href=https://boutique.invalid/>Nos offres</a></p></div>", [FIRST, SECOND]),
    ("without a line that is but a link", f"{HEAD}<div>{TEXT}<p><a href=/dossier>Notre dossier</a></p></div>", [FIRST, SECOND]),
    ("with a link in a sentence", f"{HEAD}<div>{TEXT}<p>Tout est dit dans <a href=/dossier>ce dossier</a>.</p></div>", [FIRST, SECOND, "Tout est dit dans ce dossier."]),
    ("with a link to an article on another host", f"{HEAD}<div>{TEXT}<p><a href=https://presstv.invalid/Detail/2023/03/04/5/x>Lire</a></p></div>", [FIRST, SECOND, "Lire"]),
    ("five short teasers are a listing", f"{HEAD}<ul>{article(5, FIRST)}</ul>", []),
    ("four are not", f"{HEAD}<ul>{article(4, FIRST)}</ul>", [f"Une nouvelle {FIRST}"] * 4),
    ("five links in a long text are not", f"{HEAD}<ul>{article(5, FIRST * 4)}</ul>", [f"Une nouvelle {FIRST * 4}"] * 5),
    ("no text", HEAD, []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in BODIES])
def test_pick_units(body, expected):
    """The body is the story without what other fields hold, advertisements and lists of links; a listing has none."""
    story, page, _ = passes(body)
    blocks, source = fields.named_blocks(fields.pick_units(story, page, TITLE), story)

    assert [b.text for b in blocks] == expected
    assert bool(source) == bool(expected)


def test_pick_lead():
    """A lead names the element that holds it; without one both are empty."""
    with_lead, without = (passes(f"{HEAD}<div><p class={name}>{FIRST}</p>{TEXT}</div>")[0] for name in ("chapo", "x1"))

    assert fields.pick_lead(with_lead) == (FIRST, "generic:p")
    assert fields.pick_lead(without) == ("", "")


FIGURE = "<figure>La façade</figure>"
CAPTIONS = [
    ("in the text", f"{HEAD}<div><p>{FIRST}</p>{FIGURE}<p>{SECOND}</p></div>", ["La façade"]),
    ("above the headline", f"{FIGURE}{HEAD}<div>{TEXT}</div>", ["La façade"]),
    ("far above the headline", f"{FIGURE}{'<p>un mot</p>' * 12}{HEAD}<div>{TEXT}</div>", []),
    ("behind the text", f"{HEAD}<div>{TEXT}</div><p>Partager</p>{FIGURE}", []),
]


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in CAPTIONS])
def test_pick_captions(body, expected):
    """Captions count near the headline and inside the text."""
    assert [c.text for c in fields.pick_captions(passes(body)[0], EDITION.template)[0]] == expected


IMAGES = [
    ("in the text, in order, once", f"{HEAD}<div><img src=/b><img src=/a>{TEXT}<img src=/b></div>", ["/b", "/a"]),
    ("beside the text's box", f"{HEAD}<div><img src=/a><div>{TEXT}</div></div>", ["/a"]),
    ("elsewhere", f"<div><img src=/a></div>{HEAD}<div><div>{TEXT}</div></div>", []),
    ("elsewhere with a caption", f"<div><figure><img src=/a>La façade</figure></div>{HEAD}<div><div>{TEXT}</div></div>", ["/a"]),
    ("in a side box", f"{HEAD}<div><div>{TEXT}</div><div class=sidebar><img src=/a></div></div>", []),
    ("no text", f"{HEAD}<div><img src=/a></div>", []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in IMAGES])
def test_pick_images(body, expected):
    """Pictures count around the text and in boxes with a caption, never in side boxes."""
    assert fields.pick_images(*passes(body))[0] == tuple(f"{HOST}{path}" for path in expected)


KICKERS = [
    ("above the headline", f"<p class=surtitre>Commerce</p>{HEAD}{TEXT}", "Commerce"),
    ("right below it", f"{HEAD}<p class=surtitre>Commerce</p>{TEXT}", "Commerce"),
    ("far above it", f"<p class=surtitre>Commerce</p>{'<p>un mot</p>' * 6}{HEAD}{TEXT}", ""),
    ("unmarked", f"<p>Commerce</p>{HEAD}{TEXT}", ""),
]


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in KICKERS])
def test_pick_kicker(body, expected):
    """A line by the headline is the kicker where its class says so."""
    assert fields.pick_kicker(passes(body)[0])[0] == expected


BYLINES = [
    ("by rel", f"{HEAD}<a rel=author>Hélène Vasseur</a>{TEXT}", "Hélène Vasseur"),
    ("the surer mark first", f"{HEAD}<p class=byline>La rédaction</p><i itemprop=author>Hélène Vasseur</i>{TEXT}", "Hélène Vasseur"),
    ("in a side box", f"{HEAD}{TEXT * 2}<div class=sidebar><p class=author>Hélène Vasseur</p></div>", ""),
    ("a whole biography", f"{HEAD}<p class=author>{FIRST}</p>{TEXT}", ""),
    ("none", f"{HEAD}{TEXT}", ""),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in BYLINES])
def test_pick_byline(body, expected):
    """The author is who the page marks as one, outside of side boxes, by a name's length."""
    _, page, asides = passes(body)

    assert fields.pick_byline(page, asides)[0] == expected


DATES = [
    ("above the headline", f"<p>4 mars 2023, 16h46</p>{HEAD}{TEXT}", ["4 mars 2023, 16h46"]),
    ("below it", f"{HEAD}<p>4 mars 2023, 16h46</p><div>{TEXT}</div>", ["4 mars 2023, 16h46"]),
    ("printed, then marked", f"{HEAD}<p>4 mars 2023</p><time datetime=2023-03-04>samedi</time>{TEXT}", ["4 mars 2023", "2023-03-04"]),
    ("behind the text and said to be one", f"{HEAD}<div>{TEXT * 4}</div><p>Partager</p><p>Publié le 4 mars 2023</p>", ["4 mars 2023"]),
    ("behind the text and said to be nothing", f"{HEAD}<div>{TEXT * 4}</div><p>Partager</p><p>4 mars 2023</p>", []),
    ("in the text", f"{HEAD}<div>{TEXT * 4}<p>4 mars 2023</p>{TEXT}</div>", []),
    ("in a side box", f"{HEAD}<div>{TEXT}</div><aside><time>4 mars 2023</time></aside>", []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in DATES])
def test_pick_dates(body, expected):
    """Dates are printed near the headline, or marked, else said to be the publication's behind the text."""
    published, modified = fields.pick_dates(*passes(body))

    assert ([d.text for d in published], modified) == (expected, ())


BAR, MARK = "<div>Mercredi 25 novembre 2026</div>", "<div class=date-jour>25 novembre 2026</div>"
HEADED = [
    ("today in the head, printed below", f"{BAR}{HEAD}<p>Publié le 12 mars 2023</p>{TEXT}", ["12 mars 2023"]),
    (
        "today marked in the head, marked below",
        f"{MARK}{HEAD}<time>12 mars 2023</time>{TEXT}",
        ["12 mars 2023", "12 mars 2023"],
    ),
    ("above the headline only", f"<p>Publié le 12 mars 2023</p>{HEAD}{TEXT}", ["12 mars 2023"]),
    ("marked above the headline only", f"<time>12 mars 2023</time>{HEAD}{TEXT}", ["12 mars 2023", "12 mars 2023"]),
]


@pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in HEADED])
def test_dates_above_the_headline(body, expected):
    """What stands above the headline is the article's date where nothing below it is one."""
    story, page, asides = passes(body)
    published, _ = fields.pick_dates(story, page, asides, page.root.find(".//h1"))

    assert [d.text for d in published] == expected


def test_pick_source_line_and_tags():
    """A line that names the source and links marked as tags are fields wherever they stand."""
    story, page, _ = passes(
        f"{HEAD}<div>{TEXT}</div><p>SOURCE: UNE AGENCE</p><a rel=tag>#marché</a><a rel=tag>marché</a>"
    )

    assert fields.pick_source_line(story.units) == ("SOURCE: UNE AGENCE", "generic:SOURCE")
    assert fields.pick_tags(page) == (("marché",), "generic:a[rel~=tag]")


@pytest.mark.parametrize(("count", "expected"), [(4, False), (5, True)])
def test_is_front(count, expected):
    """Links to five other articles make a front page; its own address is none of them."""
    story, page, _ = passes(f"<p><a href='{URL}'>Ici</a></p><ul>{article(count)}</ul>")

    assert fields.is_front(story.units, page) is expected
