"""Tests of crawler/pages/asides.py: which boxes of an unknown page stand aside."""

import pytest

from crawler.pages.asides import Asides
from tests.crawler.pages.test_article_pages import URL
from tests.french import Page

STORY = (
    "<div id=story><h1>Le marché rouvre</h1>" + "<p>Une phrase du texte, assez longue pour compter.</p>" * 20 + "</div>"
)
CARD = "<li><a href=/Detail/2023/03/04/7011{n:02}/x>Une nouvelle</a> Quelques mots qui présentent la nouvelle du jour.</li>"
CARDS = "".join(CARD.format(n=n) for n in range(4))

PROSE = (
    "Le conseil municipal a voté lundi un budget pour la passerelle, et deux associations demandent qu’elle reste ouverte. "
    * 3
)
PIECE = f"<div id=it class='KIND'><p>{PROSE}</p></div>"
TITLED = "<div><h3><a href=/autre>Une autre nouvelle du port</a></h3><p>Quelques mots la présentent.</p></div>"


def besides(markup):
    """Return the ids or tags of the boxes left out when a body is read."""
    page = Page(URL, f"<html><body>{markup}</body></html>")
    headline = next(page.root.iter("h1"), None)
    return {e.get("id") or e.tag for e in Asides(page).besides(headline)}


BOXES = [
    ("by class", f"{STORY}<div id=it class='col sidebar'>un</div>", {"it"}),
    ("by tag", f"{STORY}<aside>un</aside>", {"aside"}),
    ("by id of a tag of the site's own", f"{STORY}<x-box id=most-read>un</x-box>", {"most-read"}),
    ("a word that begins alike", f"{STORY}<div id=it class=sidecar>un</div>", set()),
    ("a form to subscribe", f"{STORY}<div id=it>Votre lettre<form><input></form></div>", {"it"}),
    ("a form without a field", f"{STORY}<div id=it>Votre lettre<form></form></div>", set()),
    ("teasers of other articles", f"{STORY}<ul id=it>{CARDS}</ul>", {"it"}),
    ("one teaser", f"{STORY}<ul id=it>{CARD.format(n=1)}</ul>", set()),
    ("teasers and as much else", f"{STORY}<ul id=it>{CARDS}<li>Un texte de la page même, assez long pour compter.</ul>", set()),
    ("a page of teasers is seen as one", f"<h1>Infos</h1><ul id=it>{CARDS}</ul>", set()),
    ("by its role", f"{STORY}<div id=it role=complementary>un</div>", {"it"}),
    ("another role", f"{STORY}<div id=it role=main>un</div>", set()),
    ("cards with linked titles, of no known address", f"{STORY}<div id=it>{TITLED * 3}</div>", {"it"}),
    ("parts of a text with titles", f"{STORY}<div id=it>{TITLED.replace('href', 'name') * 3}</div>", set()),
    ("all the text in a box named so, in a page of menus", f"<nav>{CARDS * 9}</nav><h1>Le marché</h1><div id=it class=with-sidebar><p>{PROSE}</p></div>", set()),
    ("the article in pieces of a page builder", f"<h1>Le marché</h1>{PIECE.replace('KIND', 'article-widget') * 4}", set()),
    ("the article in pieces dressed alike", f"<h1>Le marché</h1>{PIECE.replace('KIND', 'sidebar-grid') * 4}", set()),
    ("one such piece beside an article", f"{STORY}{PROSE * 9}<div id=it class=sidebar-box><p>{PROSE}</p></div>", {"it"}),
    ("links in a page builder's piece", f"{STORY}<div id=it class=widget><a href=/a>{PROSE}</a></div>", {"it"}),
    ("around the headline", f"<div id=it class=has-sidebar-banner>{STORY}</div>", set()),
    ("the article by a wrong name", f"<h1>Le marché</h1><div id=it class=side>{STORY.replace('h1', 'h2')}</div>", set()),
]  # fmt: skip


@pytest.mark.row("F-TXT-22")
@pytest.mark.parametrize(("markup", "expected"), [pytest.param(m, e, id=i) for i, m, e in BOXES])
def test_besides(markup, expected):
    """Menus, side boxes, forms and lists of teasers are left out; what holds the article is not."""
    assert besides(markup) == expected


HELD = [
    ("in a side box", f"{STORY}<div class=widget><p><time id=it>un</time></p></div>", True),
    ("in navigation", f"{STORY}<nav><a id=it>un</a></nav>", True),
    ("in a footer", f"{STORY}<footer><i id=it>un</i></footer>", True),
    ("a side box itself", f"{STORY}<div id=it class=latest>un</div>", True),
    ("in the article", STORY.replace("<h1>", "<h1 id=it>"), False),
    ("in a wrapper of the article", f"<div class='layout sidebar'>{STORY}<time id=it>un</time></div>", False),
    ("in a body of that class", f"<i id=it>un</i>{STORY}", False),
]


@pytest.mark.parametrize(("markup", "expected"), [pytest.param(m, e, id=i) for i, m, e in HELD])
def test_hold(markup, expected):
    """What stands below a side box does, unless the box holds half of the page's text."""
    page = Page(URL, f"<html><body class=menu>{markup}</body></html>")
    (element,) = (e for e in page.root.iter() if e.get("id") == "it")

    assert Asides(page).hold(element) is expected


ASKS = "Nous et nos 812 partenaires lisons des données sur votre appareil, avec votre accord, pour mesurer l’audience."
CONSENT = [
    ("by its maker's id", "id=didomi-host", True),
    ("by another maker's", "id=onetrust-consent-sdk", True),
    ("by its class", "class='site-cookies overlay'", True),
    ("by a word that only begins alike", "class=cmpvrw", False),
    ("by no name", "class=banniere", False),
]


@pytest.mark.row("F-TXT-22")
@pytest.mark.parametrize(("name", "left"), [pytest.param(n, x, id=i) for i, n, x in CONSENT])
def test_what_asks_for_consent_goes_by_its_container(name, left):
    """A box is told by the name that its maker gives it, however much it says, and never by its words."""
    page = Page(URL, f"<html><body>{STORY}<p>{PROSE}</p><div {name}>{f'<p>{ASKS}</p>' * 40}</div></body></html>")

    assert bool(Asides(page).besides(next(page.root.iter("h1")))) is left


@pytest.mark.row("F-TXT-22")
def test_a_page_whose_only_text_stands_in_a_box_of_that_name_is_read():
    """An article about consent, in a wrapper called after it, is an article."""
    page = Page(URL, f"<html><body><h1>Le marché</h1><div class=cookies-dossier><p>{PROSE}</p></div></body></html>")

    assert Asides(page).besides(next(page.root.iter("h1"))) == frozenset()
