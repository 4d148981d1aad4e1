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
    ("around the headline", f"<div id=it class=has-sidebar-banner>{STORY}</div>", set()),
    ("the article by a wrong name", f"<h1>Le marché</h1><div id=it class=side>{STORY.replace('h1', 'h2')}</div>", set()),
]  # fmt: skip


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
