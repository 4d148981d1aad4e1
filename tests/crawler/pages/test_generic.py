"""Tests of crawler/pages/generic.py: markups odder than those of test_article_pages."""

import json

import pytest

from tests.crawler.pages.test_article_pages import PARTS, article, capture
from tests.french import clean, read
from tests.pages.odd_layouts import ODD


@pytest.mark.parametrize("name", ODD)
def test_odd_layout(name):
    """Headline, text, captions, sections and a date of the page's own are found, and nothing else is."""
    found = clean(article(ODD[name](PARTS)))

    assert found.headline == PARTS.headline
    assert [t for t in (found.lead, *found.body) if t] == [PARTS.lead, *PARTS.body]
    assert [c.text for c in found.captions] == PARTS.captions
    assert list(found.sections) == PARTS.sections
    assert found.published_texts[0].source != "url"
    assert found.layout in ("generic", "metadata")


def test_an_element_of_the_sites_own_inside_a_sentence_parts_nothing():
    """Text beside it says that it is a word; alone among elements it is a box."""
    page = (
        "<html lang=fr><title>Une assez longue manchette</title><h1>Une assez longue manchette</h1><div>"
        "<p>Le maire a parlé d’un <x-term>plan de relance</x-term> pour la ville et ses faubourgs, mercredi.</p>"
        "<x-p>Le conseil en débattra la semaine prochaine, en séance publique et sans huis clos.</x-p>"
        "<x-p>Les habitants pourront y poser leurs questions jusqu’à vingt-deux heures.</x-p></div>"
    )

    assert [b.text for b in article(page).blocks] == [
        "Le maire a parlé d’un plan de relance pour la ville et ses faubourgs, mercredi.",
        "Le conseil en débattra la semaine prochaine, en séance publique et sans huis clos.",
        "Les habitants pourront y poser leurs questions jusqu’à vingt-deux heures.",
    ]


def test_links_to_other_sites_in_a_sentence_stay():
    """A paragraph that is nothing but a link away is left out; a source named in a sentence is not."""
    page = ODD["soup"](PARTS).replace(
        "</div><div class=s>", "<div>Selon <a href='https://agence.invalid/1'>l’agence</a>, il pleut.</div></div><div class=s>", 1
    )  # fmt: skip
    found = clean(article(page))

    assert found.body[-1] == "Selon l’agence, il pleut."
    assert "boutique" not in " ".join(found.body)


def test_microdata_makes_an_article():
    """A page whose only text is short is still an article where microdata calls it one: never a soft 404."""
    page = (
        "<html><title>French Press TV</title><div itemscope itemtype='https://schema.org/NewsArticle'>"
        "<span itemprop=headline>Une assez longue manchette</span></div>"
    )

    assert read(capture(page)).outcome == "extract_failed"


NAMES = [
    ("a person", {"author": {"@type": "Person", "name": "Hélène Vasseur"}}, "", "Hélène Vasseur"),
    ("an address", {"author": "https://journal.invalid/auteurs/1"}, "<i class=author>Hélène Vasseur</i>", "Hélène Vasseur"),
    ("an address among names", {"author": ["Hélène Vasseur", "https://journal.invalid/1"]}, "", "Hélène Vasseur"),
    ("a mail address", {"author": "h.vasseur@journal.invalid"}, "<i class=author>Hélène Vasseur</i>", "Hélène Vasseur"),
    ("a number", {"author": "105092"}, "", ""),
    ("the site's own name", {"author": "Le Courrier", "publisher": {"name": "Le Courrier"}}, "<i class=author>Hélène Vasseur</i>", "Hélène Vasseur"),
    ("the site's own name alone", {"author": "Le Courrier", "publisher": {"name": "Le Courrier"}}, "", "Le Courrier"),
    ("an agency alone", {"author": {"@type": "Organization", "name": "Agence des Brumes"}}, "", "Agence des Brumes"),
    ("an agency and who the page shows", {"author": {"@type": "Organization", "name": "Agence des Brumes"}}, "<i class=author>Hélène Vasseur</i>", "Hélène Vasseur"),
    ("the outlet alone", {"author": {"@type": "Organization", "name": "Press TV"}}, "", ""),
]  # fmt: skip
SENTENCES = "".join(
    f"<p>Le conseil de Valmère a débattu {n} heures durant de la passerelle du port et du bac.</p>" for n in range(5)
)


@pytest.mark.row("F-TXT-25")
@pytest.mark.parametrize(("data", "shown", "byline"), [pytest.param(d, s, b, id=i) for i, d, s, b in NAMES])
def test_a_byline_names_somebody(data, shown, byline):
    """An address names nobody, the site's own name gives way to who the page shows, an organization comes last."""
    node = json.dumps({"@type": "NewsArticle", "headline": "La passerelle de Valmère", **data})
    page = (
        f"<html lang=fr><script type=application/ld+json>{node}</script><title>La passerelle de Valmère</title>"
        f"<article><h1>La passerelle de Valmère</h1>{shown}{SENTENCES}</article>"
    )

    assert article(page).byline == byline


FLASH = "<article><h1>La passerelle de Valmère</h1><time datetime=2023-03-04>4 mars 2023</time><p>Le conseil municipal a voté lundi, et la passerelle de Valmère sera refaite au printemps.</p></article>"
REST = "<div class='{name}'><{tag}><p>{text}</p></{tag}></div>"
LONG = "Le conseil municipal de Valmère a voté lundi un budget pour la passerelle du port, et le bac reste à quai. " * 9
SLIVERS = [
    ("of a page that holds more", REST.format(name="texte", tag="object", text=LONG), "extract_failed"),
    ("and all that there is", "", "article"),
    ("beside other articles", REST.format(name="related", tag="div", text=LONG[:200]), "article"),
    ("above what readers say", REST.format(name="comments", tag="div", text=LONG), "article"),
    ("below a dialog", REST.format(name="texte", tag="dialog", text=LONG), "article"),
]  # fmt: skip


@pytest.mark.row("F-TXT-24")
@pytest.mark.parametrize(("rest", "outcome"), [pytest.param(r, o, id=i) for i, r, o in SLIVERS])
def test_a_sliver_is_an_article_only_where_it_is_all(rest, outcome):
    """A few words of a page whose long paragraphs were not read are no article; a flash of news is one."""
    found = read(capture(f"<html lang=fr><title>La passerelle de Valmère</title><body>{FLASH}{rest}</body></html>"))

    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("given", "told"),
    [("l&#8217;agence", "l’agence"), ("caf&eacute;", "café"), ("R&D; et &copy 2020", "R&D; et &copy 2020")],
)
def test_references_in_the_text_of_the_data_are_undone(given, told):
    """JSON-LD is no HTML, so a reference in its text is a letter escaped once too often; what is none stays."""
    text = f"Le conseil a entendu {given} lundi, et la passerelle du port sera refaite avant le printemps. " * 4
    node = json.dumps({"@type": "NewsArticle", "headline": "La passerelle de Valmère", "articleBody": text})
    page = f"<html><script type=application/ld+json>{node}</script><title>La passerelle de Valmère</title><h1>La passerelle de Valmère</h1>"

    assert told in article(page).blocks[0].text
