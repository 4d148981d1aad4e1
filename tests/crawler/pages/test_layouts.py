"""Tests of crawler/pages/article.py: which of several headlines and containers of a known layout are the article's."""

import pytest

from tests.crawler.pages.test_article_pages import article
from tests.crawler.pages.test_loss import FIRST, SECOND, THIRD
from tests.french import clean

BOXES = {"modern": ("h1 class=news-title-container", "news-body-container"), "classic": ("h2 class=page-header", "item-text")}  # fmt: skip


def page(layout, *parts, title="La passerelle du port sera refaite"):
    """Return a page of parts: a headline in `=`, `<…` as it is, else the text of a container of its own."""
    heading, box = BOXES[layout]
    shown = (
        f"<{heading}>{part[1:]}</{heading[:2]}>"
        if part.startswith("=")
        else part
        if part.startswith("<")
        else f"<div class={box}><p>{part}</p></div>"
        for part in parts
    )
    return f"<html lang=fr><head><title>{title}</title></head><body>{''.join(shown)}</body></html>"


HEADLINE = "=La passerelle du port sera refaite"


@pytest.mark.parametrize("layout", BOXES)
def test_a_text_in_two_containers_is_whole(layout):
    """The text goes on behind the advertisement; a container printed twice is read once."""
    found = clean(article(page(layout, HEADLINE, FIRST, "<div class=slot>Publicité</div>", SECOND, SECOND)))

    assert found.body == (FIRST, SECOND)


def test_a_container_inside_another_is_read_once():
    """Nested boxes of one class are one text."""
    inner = f"<div class=item-text><p>{FIRST}</p><div class=item-text><p>{SECOND}</p></div></div>"

    assert clean(article(page("classic", HEADLINE, inner))).body == (FIRST, SECOND)


@pytest.mark.parametrize("layout", BOXES)
@pytest.mark.parametrize("first", [True, False], ids=["above the other", "below the other"])
def test_another_article_on_the_page_is_not_glued_on(layout, first):
    """Where two articles stand on one page, headline and text are those of the one that the head names."""
    own, other = ["<section>", HEADLINE, FIRST, SECOND, "</section>"], ["<section>", "=Le bac", THIRD, "</section>"]
    found = clean(article(page(layout, *(own + other if first else other + own))))

    assert (found.headline, found.body) == (HEADLINE[1:], (FIRST, SECOND))


@pytest.mark.parametrize("layout", BOXES)
def test_a_headline_unlike_the_title_is_still_the_first(layout):
    """A head that says something else decides nothing."""
    found = clean(article(page(layout, "=Le bac est plein", FIRST, "=À la une", title="Press TV")))

    assert (found.headline, found.body) == ("Le bac est plein", (FIRST,))


def test_text_that_no_field_has_is_told():
    """A record whose page says far more than its fields carries an issue."""
    hidden_away = f"<div class=extra><p>{SECOND}</p><p>{THIRD}</p></div>"

    assert "paragraphs_lost" in article(page("modern", HEADLINE, FIRST, hidden_away)).issues
    assert "paragraphs_lost" not in article(page("modern", HEADLINE, FIRST, SECOND)).issues
