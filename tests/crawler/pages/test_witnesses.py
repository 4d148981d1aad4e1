"""Tests of crawler/pages/witnesses.py: others that read the same page, held against our own reading."""

import subprocess
import sys

import pytest

from archive.facts.items import Block
from crawler.pages.units import units
from crawler.pages.witnesses import MOST_TAGS, Witness, can_ask, confirmed, voted
from tests.crawler.pages.test_article_pages import URL, article
from tests.french import Page

FIRST = "Le conseil municipal de Valmère a voté lundi un budget pour la passerelle du port."
SECOND = "Deux associations demandent que le passage reste ouvert aux piétons pendant le chantier."
THIRD = "La prochaine réunion publique se tiendra le 3 décembre à la salle des fêtes."
APPEAL = "Recevez chaque matin notre lettre avec toutes les nouvelles du port et de la ville."


def blocks(*texts):
    return tuple(Block(text=text) for text in texts)


HELD = [
    ("word for word", FIRST, True),
    ("other marks and case", FIRST.upper().rstrip("."), True),
    ("two words changed", FIRST.replace("lundi", "mardi"), True),
    ("another line", SECOND, False),
    ("the same words in no order", " ".join(sorted(FIRST.split())), False),
    ("no word", "***", True),
]


@pytest.mark.parametrize(("text", "held"), [pytest.param(t, h, id=i) for i, t, h in HELD])
def test_a_witness_holds_a_line(text, held):
    """A line stands in a reading whole or for most of its neighbouring words."""
    assert Witness([FIRST, THIRD]).hold(text) is held


@pytest.mark.parametrize(
    ("others", "agree"), [([FIRST, SECOND, THIRD], True), ([FIRST], False), ([APPEAL], False), ([], False)]
)
def test_two_readings_of_one_text_agree(others, agree):
    """One paragraph more or less is the same text still; half of it, or another text, is not."""
    assert Witness([FIRST, SECOND]).agree(Witness(others)) is agree


def told(markup):
    page = Page(URL, f"<html><body>{markup}</body></html>")
    return units(page.root.find("body"), page)


CONFIRMED = [
    ("a box beside the text goes", f"<div><p>{FIRST}</p></div><div class=box><p>{APPEAL}</p></div>", [FIRST]),
    ("a paragraph that the data has not yet stays", f"<div><p>{FIRST}</p><p>{APPEAL}</p></div>", [FIRST, APPEAL]),
    ("dressed otherwise it goes", f"<div><p>{FIRST}</p><p class=promo>{APPEAL}</p></div>", [FIRST]),
]


@pytest.mark.row("F-TXT-21")
@pytest.mark.parametrize(("markup", "kept"), [pytest.param(m, k, id=i) for i, m, k in CONFIRMED])
def test_what_the_data_states_and_what_is_dressed_like_it_is_text(markup, kept):
    """JSON-LD may be older than the page, so what stands among the text it states is never left out for it."""
    assert [u.text for u in confirmed(told(markup), Witness([FIRST, SECOND]))] == kept


CAPTION = "La passerelle, vue du quai des Brumes, un matin de novembre avant l’ouverture du port."
VOTES = [
    ("ours alone", [FIRST, APPEAL, SECOND], [FIRST, SECOND], [FIRST, SECOND], [FIRST, SECOND]),
    ("ours and one other's", [FIRST, SECOND, APPEAL], [FIRST, SECOND], [FIRST, APPEAL], [FIRST, SECOND, APPEAL]),
    ("missed by us", [FIRST, THIRD], [FIRST, SECOND, THIRD], [FIRST, SECOND, THIRD], [FIRST, SECOND, THIRD]),
    ("missed by us, seen by one", [FIRST, THIRD], [FIRST, SECOND, THIRD], [FIRST, THIRD], [FIRST, THIRD]),
    ("a line that is no sentence", [FIRST], ["Valmère", FIRST], ["Valmère", FIRST], [FIRST]),
    ("another field's text", [FIRST], [CAPTION, FIRST], [CAPTION, FIRST], [FIRST]),
    ("others that read another text", [FIRST, SECOND], [APPEAL], [APPEAL], [FIRST, SECOND]),
    ("others that read nothing", [FIRST, SECOND], [], [], [FIRST, SECOND]),
]


@pytest.mark.row("F-TXT-20")
@pytest.mark.parametrize(
    ("own", "usual", "precise", "kept"), [pytest.param(o, u, p, k, id=i) for i, o, u, p, k in VOTES]
)
def test_two_of_three_readings_make_the_text(own, usual, precise, kept):
    """What two hold is kept in the page's order; our own reading stands where little would be left of it."""
    found = voted(blocks(*own), [CAPTION], (Witness(usual), Witness(precise)))

    assert [b.text for b in found] == kept


def test_a_block_that_is_kept_keeps_its_links():
    """What comes from our own reading has what it had there."""
    own = (Block(text=FIRST, links=(("port", "https://port.invalid/"),)), Block(text="Publicité"))

    assert voted(own, [], (Witness([FIRST]), Witness([FIRST]))) == own[:1]


BOUNDS = [
    ("a news page", f"<div>{f'<p>{FIRST}</p>' * 100}</div>", True),
    ("too many tags", "<p>un</p>" * (MOST_TAGS + 1), False),
    ("too deep", f"{'<div>' * 200}{FIRST}", False),
    ("too long", f"<p>{'mot ' * 800_000}</p>", False),
]


@pytest.mark.row("F-TXT-20")
@pytest.mark.parametrize(("markup", "can"), [pytest.param(m, c, id=i) for i, m, c in BOUNDS])
def test_a_hostile_page_is_not_given_on(markup, can):
    """Counts of tags, characters and depth bound what trafilatura is asked about, on every machine alike."""
    assert can_ask(Page(URL, f"<html><body>{markup}</body></html>")) is can


def page(*boxes, head=""):
    body = "".join(f"<p>{text}</p>" for text in (FIRST, SECOND, THIRD) * 3)
    return (
        f"<html lang=fr><head><title>La passerelle de Valmère</title>{head}</head><body><article>"
        f"<h1>La passerelle de Valmère</h1>{body}{''.join(boxes)}</article></body></html>"
    )


@pytest.mark.row("F-TXT-20")
def test_only_a_doubtful_reading_is_put_to_the_vote():
    """Lines that are no sentences among the text make it doubtful; a page read whole is read by us alone."""
    lines = "".join(f"<p>Rubrique {n}</p><p>{SECOND} {n}</p>" for n in range(15))

    sure, doubtful = article(page()), article(page(lines))

    assert (sure.layout, sure.sources["blocks"]) == ("generic", "generic:article")
    assert (doubtful.layout, doubtful.sources["blocks"]) == ("voted", "generic:article, trafilatura")


KNOWN = """
import sys
from benchmarks.reading import page
sys.modules.pop("trafilatura", None)
for name in [name for name in sys.modules if name.startswith("trafilatura")]:
    del sys.modules[name]
from benchmarks import reading
assert reading.ours(page(3, paragraphs=13, boxes=84)).layout == "modern"
assert not any(name.startswith("trafilatura") for name in sys.modules), "asked about a known layout"
"""


@pytest.mark.row("F-TXT-20")
def test_a_known_layout_does_not_pay_for_it():
    """A page of the outlet's own layouts is read without trafilatura being imported."""
    subprocess.run([sys.executable, "-c", KNOWN], check=True, timeout=60)
