"""What is the template's own, by the words of an edition, and that an edition without words has nothing of its own."""

import pytest

from pipelines.template import Template
from tests.french import EDITION
from tests.pages.unknown_layouts import PLACEHOLDER

FRENCH = EDITION.template


def test_a_template_that_prints_nothing():
    """An edition of which nothing is known keeps every line, caption and title."""
    bare = Template()

    assert not any(map(bare.is_own, ("TV", "SOURCE: X", PLACEHOLDER, "")))
    assert not bare.begins_with_placeholder(PLACEHOLDER)
    assert bare.without_placeholder(PLACEHOLDER) == PLACEHOLDER
    assert bare.without_site_name("Le port | Press TV") == "Le port | Press TV"
    assert [bare.is_site_name(title) for title in ("Press TV", " ", "")] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (PLACEHOLDER, True), (PLACEHOLDER[:100], True), (PLACEHOLDER.title(), True), ("Le port. " + PLACEHOLDER, False),
        (PLACEHOLDER + " Le port." * 40, False), ("Le port.", False), ("", False),
    ],
    ids=["whole", "cut", "capitals", "behind", "long", "another", "empty"],
)  # fmt: skip
def test_the_placeholder(text, own):
    """The template's caption, cut or whole, and nothing that goes on for long behind it."""
    assert FRENCH.is_placeholder(text) is FRENCH.is_own(text) is own


@pytest.mark.parametrize(("length", "own"), [(319, True), (320, False)])
def test_how_long_a_placeholder_is(length, own):
    """From 320 characters on a text says something of its own."""
    assert FRENCH.is_placeholder((PLACEHOLDER + "." * 320)[:length]) is own


@pytest.mark.parametrize(
    ("title", "bare", "only"),
    [
        ("Press TV", "Press TV", True), ("  Press TV\u00a0", "Press TV", True), ("", "", True), ("  ", "  ", True),
        ("Le port | French Press TV", "Le port", False), ("PressTV-Le port", "Le port", False),
        ("Le port de Press TV", "Le port de Press TV", False),
    ],
)  # fmt: skip
def test_the_outlets_name(title, bare, only):
    """It leaves a title that says more; one that is but the name keeps it, and is known as such."""
    assert (FRENCH.without_site_name(title), FRENCH.is_site_name(title)) == (bare, only)


def test_a_caption_around_the_placeholder_stays():
    """Only the template's words go, without a trace."""
    assert FRENCH.without_placeholder(f"Le port. {PLACEHOLDER} Le bac.").split() == ["Le", "port.", "Le", "bac."]


def test_how_far_a_caption_is_looked_for():
    """Two hundred characters are read, marks before the caption's words included, and none more."""
    caption = FRENCH.placeholder.start
    found = [FRENCH.begins_with_placeholder("«" * (length - len(caption)) + caption) for length in (200, 201)]

    assert found == [True, False]
