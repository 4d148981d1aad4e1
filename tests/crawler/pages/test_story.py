"""Tests of crawler/pages/story.py: where the text of an unknown page begins and ends, and what belongs to it."""

import pytest

from crawler.pages.page import text_of
from crawler.pages.story import cut, find_container, find_end, find_start
from crawler.pages.units import Unit, units
from tests.crawler.pages.test_article_pages import URL
from tests.french import Page

TITLE = "Le marché couvert de Brèves rouvre samedi"
LEAD = "Fermé depuis l’incendie, le marché couvert de Brèves rouvre samedi matin à ses clients."
FIRST = "Soixante étals seront ouverts dès sept heures, a indiqué la mairie dans un communiqué."
SECOND = "Le toit, refait à l’identique, a demandé deux ans de travail à douze couvreurs."


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def body(markup):
    """Return (root, units, headline) of a body."""
    page = Page(URL, f"<html><body>{markup}</body></html>")
    return page.root, tuple(units(page.root.find("body"), page)), next(page.root.iter("h1"), None)


def story(markup, description=""):
    root, found, headline = body(markup)
    return cut(found, headline=headline, root=root, description=description)


STARTS = [
    ("behind its line", f"<p>Infos</p><h1>{TITLE}</h1><p>{FIRST}</p>", 2),
    ("box inside the heading", f"<h1><div>{TITLE}</div></h1><p>{FIRST}</p>", 1),
    ("heading inside its line's box", f"<div><x-a><h1>{TITLE}</h1></x-a></div><p>{FIRST}</p>", 1),
    ("words in the box around it", f"<div>Infos<h1>{TITLE}</h1></div><p>{FIRST}</p>", 2),
    ("the same words before it", f"<p>{TITLE}</p><h1>{TITLE}</h1><p>{FIRST}</p>", 2),
    ("no headline", f"<p>Infos</p><p>{FIRST}</p>", 0),
    ("a headline that is not read", f"<form><h1>{TITLE}</h1></form><p>{FIRST}</p>", 0),
]


@pytest.mark.parametrize(("markup", "start"), [pytest.param(m, s, id=i) for i, m, s in STARTS])
def test_find_start(markup, start):
    """The text can begin behind the unit that shows the headline, and anywhere where none does."""
    _, found, headline = body(markup)

    assert find_start(found, headline) == start


ENDS = [
    ("Partager Cet Article", True),
    ("SOURCE : une agence", True),
    ("Sur le même sujet", True),
    ("Commentaires (3)", True),
    ("Mots-clés : marché, Brèves", True),
    ("Partager le pain reste un geste de tous les jours à Brèves.", False),
    ("Commentaires acerbes et sifflets ont accueilli le maire devant le marché samedi.", False),
]


@pytest.mark.parametrize(("line", "ends"), [pytest.param(x, e, id=x[:20]) for x, e in ENDS])
def test_find_end(line, ends):
    """A share line, a source or the next box's title ends the text; a sentence that begins alike does not."""
    found = [Unit(text=text, node=None) for text in (line, FIRST, line, SECOND)]

    assert find_end(found, 1) == (2 if ends else 4)


GOES_ON = [
    ("a source amid the text", f"<div>{paragraphs(FIRST, 'Source : une agence', SECOND)}</div>", [FIRST, "Source : une agence", SECOND]),
    ("a source behind it", f"<div>{paragraphs(FIRST, SECOND, 'Source : une agence')}</div>", [FIRST, SECOND]),
    ("a title amid the text", f"<div>{paragraphs(FIRST)}<h2>Commentaires</h2>{paragraphs(SECOND)}</div>", [FIRST, "Commentaires", SECOND]),
    ("readers' words, dressed otherwise", f"<div>{paragraphs(FIRST, SECOND)}<h2>Commentaires</h2><p class=avis>{LEAD}</p></div>", [FIRST, SECOND]),
    ("readers' words in a box of theirs", f"<div>{paragraphs(FIRST, SECOND)}<h2>Commentaires</h2><div>{paragraphs(LEAD)}</div></div>", [FIRST, SECOND]),
    ("a share line amid the text", f"<div>{paragraphs(FIRST, 'Partager cet article', SECOND)}</div>", [FIRST]),
]  # fmt: skip


@pytest.mark.row("F-TXT-23")
@pytest.mark.parametrize(("markup", "told"), [pytest.param(m, t, id=i) for i, m, t in GOES_ON])
def test_a_source_or_a_title_in_the_middle_ends_nothing(markup, told):
    """What stands behind it in the same box, dressed like the text, is the text still."""
    assert [u.text for u in story(f"<h1>{TITLE}</h1>{markup}").told] == told


CARD = f"<a href=/autre><h3>Une autre nouvelle</h3><p>{LEAD}</p></a>"
AROUND = [
    ("a card amid the text", f"<p>{FIRST}</p>{CARD}<p>{SECOND}</p>", [FIRST, SECOND]),
    ("a line that is but a link amid it", f"<p>{FIRST}</p><p><a href=/autre>Une autre nouvelle</a></p><p>{SECOND}</p>", [FIRST, SECOND]),
    ("a sentence with a link", f"<p>{FIRST}</p><p>{SECOND} <a href=/autre>Le dossier</a></p>", [FIRST, f"{SECOND} Le dossier"]),
    ("lines that are no sentence before it", f"<p>3 min</p><p>{FIRST}</p><p>{SECOND}</p>", [FIRST, SECOND]),
    ("a sub-head before it", f"<h2>Le toit</h2><p>{FIRST}</p><p>{SECOND}</p>", ["Le toit", FIRST, SECOND]),
    ("lines behind it", f"<p>{FIRST}</p><p>{SECOND}</p><p>Hélène V.</p><p>À propos</p>", [FIRST, SECOND, "Hélène V."]),
    ("a last short sentence", f"<p>{FIRST}</p><p>{SECOND}</p><p>Il pleut.</p>", [FIRST, SECOND, "Il pleut."]),
    ("a link that nobody closed", f"<a href=/autre>Une<p>{FIRST * 12}</p><p>{SECOND * 12}</p>", [FIRST * 12, SECOND * 12]),
]  # fmt: skip


@pytest.mark.row("F-TXT-23")
@pytest.mark.parametrize(("body", "told"), [pytest.param(b, t, id=i) for i, b, t in AROUND])
def test_what_stands_around_a_text_is_none_of_it(body, told):
    """Cards, lines of links and lines that are no sentence are left out; sub-heads and short sentences are not."""
    assert [u.text for u in story(f"<h1>{TITLE}</h1><div>{body}</div>").told] == told


CONTAINERS = [
    ("the smallest box", f"<div id=out><div id=it>{paragraphs(FIRST, SECOND)}</div><p>Infos</p></div>", "it"),
    ("a tenth may stand elsewhere", f"<div id=it>{paragraphs(FIRST, SECOND, LEAD, FIRST)}</div><p>Il pleut.</p>", "it"),
    ("no more than a tenth", f"<div id=it><div>{paragraphs(FIRST)}</div>{paragraphs(SECOND)}</div>", "it"),
    ("marked as the body", f"<div><div id=it itemprop=articleBody>{paragraphs(LEAD)}</div>{paragraphs(FIRST, SECOND)}</div>", "it"),
    ("a mark around next to nothing", f"<div id=it><p itemprop=articleBody>Il pleut.</p>{paragraphs(FIRST, SECOND)}</div>", "it"),
    ("a mark twice", f"<div id=it><p itemprop=articleBody>{FIRST}</p><p itemprop=articleBody>{SECOND}</p></div>", "it"),
    ("one paragraph", f"<div><p id=it>{FIRST}</p><h2>Infos</h2></div>", "it"),
    ("no text", "<div><h2>Infos</h2><p>Europe</p></div>", None),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "expected"), [pytest.param(m, e, id=i) for i, m, e in CONTAINERS])
def test_find_container(markup, expected):
    """The element marked as the body if it has text, else the innermost that holds nine tenths of it."""
    root, found, _ = body(markup)
    container = find_container(found, root)

    assert (None if container is None else container.get("id")) == expected


TOLD = [
    ("up to the share line", f"<h1>{TITLE}</h1>{paragraphs(FIRST, SECOND, 'Partager Cet Article', LEAD)}", [FIRST, SECOND]),
    ("all behind the headline", f"{paragraphs(LEAD)}<h1>{TITLE}</h1>{paragraphs(FIRST, SECOND)}", [FIRST, SECOND]),
    ("lead and caption before the box", f"<h1>{TITLE}</h1><p>Infos</p><p class=chapo>{LEAD}</p><figure>La façade</figure><div>{paragraphs(FIRST, SECOND, FIRST, SECOND, FIRST, SECOND, FIRST, SECOND, FIRST, SECOND)}</div>", [LEAD, "La façade", *[FIRST, SECOND] * 5]),
    ("a title behind the text is the next box's", f"<h1>{TITLE}</h1><div>{paragraphs(FIRST)}<h2>Le toit</h2>{paragraphs(SECOND)}<h2>Infos</h2><p>Europe</p></div>", [FIRST, "Le toit", SECOND]),
    ("a list line may end it", f"<h1>{TITLE}</h1><div>{paragraphs(FIRST, SECOND)}<h2>Jours</h2><ul><li>mardi</ul></div>", [FIRST, SECOND, "Jours", "mardi"]),
    ("a share line and nothing before it", f"<h1>{TITLE}</h1>{paragraphs('Partager Cet Article', FIRST, SECOND)}", []),
    ("no text", f"<h1>{TITLE}</h1><p>Infos</p>", []),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "expected"), [pytest.param(m, e, id=i) for i, m, e in TOLD])
def test_told(markup, expected):
    """The story is what stands behind the headline in the container, with lead and captions before it."""
    assert [u.text for u in story(markup).told] == expected


REST = f"{paragraphs(FIRST, SECOND)}</div>"
LEADS = [
    ("by its class", f"<h1>{TITLE}</h1><div><p class=chapo>{LEAD}</p>{REST}", "", LEAD),
    ("by the box around it", f"<h1>{TITLE}</h1><div><div class=intro><p>{LEAD}</p></div>{REST}", "", LEAD),
    ("by the container around it is none", f"<h1>{TITLE}</h1><div id=intro>{REST}", "", None),
    ("as the head has it", f"<h1>{TITLE}</h1><div><p>{LEAD}</p>{REST}", LEAD, LEAD),
    ("as the head has it, cut", f"<h1>{TITLE}</h1><div><p>{LEAD}</p>{REST}", f"{LEAD[:60]}…", LEAD),
    ("of other words than the head's", f"<h1>{TITLE}</h1><div><p>{LEAD}</p>{REST}", "Une autre phrase que celles du texte, et assez longue pour compter.", None),
    ("in a longer summary", f"<h1>{TITLE}</h1><div><p>{LEAD}</p>{REST}", f"{LEAD} {FIRST}", LEAD),
    ("bold", f"<h1>{TITLE}</h1><div><p><b>{LEAD}</b></p>{REST}", "", LEAD),
    ("bold behind the date line", f"<h1>{TITLE}</h1><div><p>4 mars 2023</p><p><b>{LEAD}</b></p>{REST}", "", LEAD),
    ("short and bold", f"<h1>{TITLE}</h1><div><p><b>Par Hélène Vasseur</b></p>{REST}", "", None),
    ("bold and all there is", f"<h1>{TITLE}</h1><div><p><b>{LEAD}</b></p></div>", "", None),
    ("bold with a link", f"<h1>{TITLE}</h1><div><p><b>{LEAD} <a href=/x>ici</a></b></p>{REST}", "", None),
    ("marked in the fourth line", f"<h1>{TITLE}</h1><div>{paragraphs(FIRST, SECOND, FIRST)}<p class=chapo>{LEAD}</p></div>", "", None),
    ("none", f"<h1>{TITLE}</h1><div>{REST}", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "description", "lead"), [pytest.param(m, d, x, id=i) for i, m, d, x in LEADS])
def test_lead(markup, description, lead):
    """The summary is marked by its class, told in the head too, or a bold first paragraph; never a linked line."""
    found = story(markup, description).lead

    assert (found and found.text) == lead


def test_places():
    """Start, first text, last line of the story, end and foot tell where on the page each stands."""
    found = story(
        f"<p>Infos</p><h1>{TITLE}</h1><p>4 mars 2023</p><div>{paragraphs(FIRST, SECOND)}</div>"
        f"{paragraphs('Brèves', 'Partager', *map(str, range(10)))}"
    )

    assert (found.start, found.first, found.last, found.end) == (2, 3, 4, 6)
    assert [u.text for u in found.foot()] == ["Brèves", "Partager", *map(str, range(6))]
    assert found.container.tag == "div"


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(
            f"<div id=it>{paragraphs(FIRST, SECOND)}</div><p>Commentaires</p>{paragraphs(LEAD, LEAD)}", id="before it"
        ),
        pytest.param(f"<p>Partager</p><div id=it>{paragraphs(FIRST, SECOND)}</div>", id="behind it, none before"),
    ],
)
def test_the_container_is_that_of_the_text_before_the_share_line(markup):
    """What stands behind the text's end weighs nothing, unless nothing stands before it."""
    assert story(f"<h1>{TITLE}</h1>{markup}").container.get("id") == "it"


def test_a_page_without_text_has_an_empty_story():
    """Nothing is told, no lead, and all places are behind the headline."""
    found = story(f"<p>Infos</p><h1>{TITLE}</h1><p>Europe</p>")

    assert (found.container, found.told, found.lead) == (None, (), None)
    assert (found.start, found.first, found.last, found.end) == (2, 2, 2, 3)
    assert [text_of(u.node) for u in found.units] == ["Infos", TITLE, "Europe"]
