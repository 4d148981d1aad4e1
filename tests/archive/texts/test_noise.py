"""What is noise between two versions' texts and what never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.texts.noise import LONGEST, digits, is_related, plain, repaired
from tests.french import LANGUAGE, classify, is_template


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("L'eau monte.", "L’eau monte.", "typography", id="apostrophe"),
        pytest.param("Il dit « oui ».", 'Il dit "oui".', "typography", id="quotes"),
        pytest.param("Il dit « oui ».", "Il dit “oui”.", "typography", id="curly"),
        pytest.param("Paris - Lyon", "Paris – Lyon", "typography", id="dash"),
        pytest.param("Et puis...", "Et puis…", "typography", id="ellipsis"),
        pytest.param("Quoi\uff1f", "Quoi?", "typography", id="full width"),
        pytest.param("Le c\u0153ur", "Le coeur", "typography", id="ligature"),
        pytest.param("\ufb01n", "fin", "typography", id="fi"),
        pytest.param("Quoi ?", "Quoi?", "typography", id="space before a sign"),
        pytest.param("Quoi\u00a0?", "Quoi ?", "space", id="F-TXT-01"),
        pytest.param("Pa\u200bris", "Paris", "space", id="F-TXT-02"),
        pytest.param("e\u0301te\u0301", "\u00e9t\u00e9", "encoding", id="F-TXT-03"),
        pytest.param("l’Ã©tÃ© Ã\u00a0 Paris", "l’été à Paris", "encoding", id="F-TXT-05 mojibake"),
        pytest.param("lâ€™été", "l’été", "encoding", id="F-TXT-05 apostrophe"),
        pytest.param("&amp;eacute;t&amp;eacute;", "été", "encoding", id="F-TXT-05 entity"),
        pytest.param("&eacute;t&eacute; l'eau", "été l’eau", "encoding", id="entity and apostrophe"),
        pytest.param("P\u0430ris", "Paris", "", id="F-TXT-04 homoglyph"),
        pytest.param("12 morts", "13 morts", "", id="digit"),
        pytest.param("m\u00b2", "m2", "", id="superscript"),
        pytest.param("\uff11\uff12 morts", "12 morts", "", id="full-width digits"),
        pytest.param("\u0662 morts", "2 morts", "", id="other digits"),
        pytest.param("per\u00c3\u00b2", "per\u00f2", "", id="a broken letter with a digit"),
        pytest.param("per\u00c3\u00b9", "per\u00f9", "", id="a broken letter with a superscript one"),
        pytest.param("per\u00c3\u00a0", "per\u00e0", "encoding", id="a broken letter without"),
        pytest.param("&#50; morts", "2 morts", "encoding", id="a digit as an entity is the same digit"),
        pytest.param("14 000", "14.000", "", id="separator"),
        pytest.param("14.000", "14000", "", id="no separator"),
        pytest.param("Les « terroristes »", "Les terroristes", "", id="quotes dropped"),
        pytest.param("été", "ete", "", id="accents"),
        pytest.param("Iran", "iran", "", id="case"),
        pytest.param("-5", "5", "", id="sign"),
        pytest.param("Oui.", "Oui !", "", id="other sign"),
        pytest.param("Même", "Même", "", id="none"),
    ],
)
def test_classify(old, new, expected):
    """Each class holds what says nothing new; a digit, a letter, a dropped quote is a real change."""
    assert classify([[old]], [[new]]) == expected


def test_paragraph_break_is_space():
    """Two paragraphs joined into one differ in space alone."""
    assert classify([["Un.", "Deux."]], [["Un. Deux."]]) == "space"


def test_template_lines():
    """A difference of lines of the template only is noise; with any other line it is not."""
    assert classify([["Un.", "Partager Cet Article"]], [["Un."]]) == "template"
    assert classify([["Un."]], [["Un.", "Abonnez-vous à notre chaîne Telegram : https://t.me/x1"]]) == "template"
    assert classify([["Un.", "Partager Cet Article"]], [["Deux."]]) == ""
    assert classify([["Un."]], [["Un.", "Abonnez-vous, nous sommes 12 000"]]) == ""
    assert classify([["Un.", "Lire aussi : 12 morts"]], [["Un."]]) == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Lire aussi : Un autre sujet", False), ("pic.twitter.com/a1B2", True),
        ("Partager Cet Article", True), ("SOURCE: FRENCH PRESS TV", True), ("Lire le rapport", False), ("TV", True),
        ("Abonnez-vous à nos 12 chaînes", False), ("Suivez-nous sur https://t.me/x12", True),
        ("Regardez cette vidéo : 12 morts", False), ("Regardez cette vidéo : ٣ morts", False),
    ],
)  # fmt: skip
def test_is_template(line, expected):
    """The template's lines are known by their words; one with a digit outside of an address is none of them."""
    assert is_template(line) is expected


def test_long_differences_are_not_searched():
    """A difference of more than LONGEST characters is not looked into."""
    assert classify([["'" * LONGEST]], [["’" * LONGEST]]) == ""


@given(st.text(alphabet=st.sampled_from("a1²٣ .«»\"'-–…œﬁÃ©&;#"), max_size=40), st.sampled_from([plain, repaired]))
def test_folds_keep_digits(text, fold):
    """No fold adds, drops or changes a digit of a text without entities."""
    text = text.replace("&", "")

    assert [c for c in fold(text) if c.isdigit()] == [c for c in text if c.isdigit()]


@given(st.text())
def test_plain_is_idempotent(text):
    """Folding typography twice is folding it once."""
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [("Lire aussi : Un autre sujet", True), ("Lire aussi : 12 morts", False), ("Un titre", True), ("12 morts", False),
     ("Lire le rapport", False)],
)  # fmt: skip
def test_is_related(line, expected):
    """A link to another article is known by its words or its title; one with a digit is none."""
    assert is_related(line, LANGUAGE, {"Un titre", "12 morts"}) is expected


def test_digits():
    """Numbers are counted wherever they stand."""
    assert digits(["12 morts, 12 blessés", "en 2026"]) == {"12": 2, "2026": 1}
