"""The form in which words are searched: one for the text and the question, and SQLite parts it as we do."""

import sqlite3
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.texts.wordforms import indexed_form, search_form, words_in

LETTERS = "aéœÆøŁßıﬁĳ’'-–\u00ad\u200b\u200d\u0301 \u202f\u00a0\n2٣۴२２⁶½.,·ˈاىكक्"
TEXTS = st.text(st.sampled_from(LETTERS) | st.characters(max_codepoint=0x2FF), max_size=40)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Un chef-d’ŒUVRE", "un chef-d'oeuvre"),
        ("Ægir, Ørsted, Łódź, Straße, ıraz, Þór, Đakovo", "aegir, orsted, lodz, strasse, iraz, thor, dakovo"),
        ("in\u00adter\u200bna\u2060tio\ufeffnal", "international"),
        ("of\ufb01ciel et su\ufb03re", "officiel et suffire"),
        ("2\u202f200 · 14.000 · 1’250’000 · 3,500", "2200   14000   1250000   3500"),
        ("٢٠٠١ et ۱۲ et १२ et １２", "2001 et 12 et 12 et 12"),
        ("كيف ى", "کیف ی"),
    ],
)
def test_what_is_typed_otherwise_is_the_same_word(text, form):
    """Ligatures, letters that a keyboard lacks, invisible marks, numbers in groups, digits of any script."""
    assert search_form(text) == form


@pytest.mark.row("F-LST-05")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10⁶", "106"), ("½", "12"), ("12 morts\n400 blessés", "12400"), ("2 20", "220"), ("2026 300", "2026300"),
        ("2  200", "2200"), ("3.14.159", "314159"), ("pêche", "pécheur"), ("oui", "ouï-dire"),
    ],
)  # fmt: skip
def test_what_is_another_word_stays_one(one, other):
    """Exponents and fractions, numbers of two lines or with too few digits in a group are not drawn together."""
    assert search_form(one) != search_form(other)


@given(TEXTS)
def test_the_form_is_the_same_of_itself(text):
    """Asked for in the form in which it is found, a word is found; how its accents are composed makes no difference."""
    assert search_form(search_form(text)) == search_form(text)
    assert search_form(unicodedata.normalize("NFD", text)) == search_form(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_sqlite_parts_the_words_as_we_do(text):
    """Each word has its place in the text, and the index holds it at its place."""
    words = list(words_in(text))
    db = sqlite3.connect(":memory:")
    db.execute('CREATE VIRTUAL TABLE t USING fts5(a, tokenize = "unicode61 remove_diacritics 2")')
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
    db.execute("INSERT INTO t VALUES (?)", (search_form(text),))

    assert [row[0] for row in db.execute("SELECT term FROM v ORDER BY offset")] == [word.form for word in words]
    assert [search_form(text[word.begin : word.end]).strip(" -'.,") for word in words] == [word.form for word in words]
    assert all(one.end <= other.begin for one, other in zip(words, words[1:], strict=False))


@pytest.mark.parametrize(("text", "indexed"), [("737 800 places", "737800 737 800 places"), ("un pont", "un pont")])
def test_each_group_of_a_number_is_indexed_too(text, indexed):
    """It may be two numbers side by side; of other words nothing is doubled."""
    assert indexed_form(text) == indexed
