"""Tests of crawler/pages/generic.py: markups odder than those of test_article_pages."""

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
