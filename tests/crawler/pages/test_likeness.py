"""Tests of crawler/pages/likeness.py: what says no more than the answer to a made-up address."""

import pytest

from crawler.pages import says_no_more
from tests.french import words_of
from tests.made import capture, url_of

FRAME = " ".join(f"Rubrique {name} : archives, contact, mentions légales." for name in "ABCDEFGH")
LOST = f"<html><title>Press TV</title><body><nav>{FRAME}</nav><p>Cherchez ailleurs, dit la page 2718.</p></body></html>"


def shown(text):
    """Return the words of a page's capture."""
    return words_of(capture(url_of("7"), body=text.encode()))


@pytest.mark.parametrize(
    ("page", "alike"),
    [
        (LOST, True),
        (LOST.replace("2718", "le 24/11/2026 à 10:02"), True),
        (LOST.replace("<p>", "<p>Un-phare : "), True),
        (LOST.replace("<p>", "<p>Un phare rallumé éclaire la passe de Kermor depuis mardi soir.</p><p>"), False),
        ("<html><body></body></html>", False),
        ("", False),
    ],
    ids=["same", "other-numbers", "echo", "short-article", "no-text", "empty"],
)
def test_likeness(page, alike):
    """Numbers and a few words that echo the address don't count; a headline and a sentence do."""
    assert says_no_more(shown(page), shown(LOST)) is alike


def test_an_answer_without_text_is_like_nothing():
    """Otherwise a broken outlet would make every article a soft 404."""
    assert not says_no_more(shown(LOST), shown("<html><body></body></html>"))
