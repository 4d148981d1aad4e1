"""Sentences of French text, aligned and paired, with marks that lead from the old to the new."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.facts.forms import comparison_form
from archive.texts.sentences import ALIGNED, MARKED, align, count, marks, pair, words
from tests.french import sentences

TEXT = st.text(alphabet=st.sampled_from("aBé1 .!?…»«\"”'’()—-,M"), max_size=60)
UNITS = st.lists(st.sampled_from(["Un.", "Deux.", "Trois.", "Quatre.", "Cinq mots de plus."]), max_size=9)


@pytest.mark.parametrize(
    "parts",
    [
        ["Le vent tombe.", "La mer aussi."],
        ["M. Renaud est venu.", "Il a vu Mme Blanc et le Dr. Petit."],
        ["Elle cite J.-C. Martin et H. Grand.", "Puis elle sort."],
        ["Il y a 14.000 morts.", "35.000 blessés sont soignés."],
        ["Fromage, pain, etc.", "Le reste suit."],
        ["Il a dit : « Partez ! »", "Personne n’a bougé."],
        ["« Quoi ? » demande-t-il.", "Rien."],
        ["Il cria « Au feu ! » puis courut.", "« Encore ! »", "Silence."],
        ["Il hésite… puis part.", "Elle attend…", "Il revient..."],
        ["(Tout est dit.)", "Rien à ajouter."],
        ["Le 3 sept. 2020 il pleuvait.", "Ils étaient sept.", "Tous rentrés."],
        ["1. Le premier point.", "En 2019.", "35 pages."],
        ["Aux U.S. Marines de répondre.", "Fin."],
        ["Sans point final"],
        ["Vraiment ?!", "Oui."],
    ],
    ids=lambda parts: parts[0],
)
def test_sentences(parts):
    """A text is parted at its sentences' ends, not after abbreviations, initials, numbers or inner quotes."""
    assert sentences(" ".join(parts)) == parts


@given(TEXT.map(comparison_form))
@example("..... A. B")
@example("A. ")
def test_sentences_lose_nothing(text):
    """Sentences joined by single spaces are the text again."""
    assert " ".join(sentences(text)) == text or text.rstrip() == " ".join(sentences(text))


@given(TEXT)
def test_words_lose_nothing(text):
    """Words, spaces and signs joined are the text again."""
    assert "".join(words(text)) == text


@pytest.mark.parametrize(("text", "number"), [("L’an 2 : 14.000 morts.", 5), ("", 0), ("… !", 0), ("12:30", 1)])
def test_count(text, number):
    """Words and numbers count, signs and spaces do not."""
    assert count(text) == number


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Douze morts.", "Treize morts.", (("-", "Douze"), ("+", "Treize"), ("=", " morts."))),
        ("Ici 14.000 cas.", "Ici 14.500 cas.", (("=", "Ici "), ("-", "14.000"), ("+", "14.500"), ("=", " cas."))),
        ("Un chat noir dort.", "Un chien blanc dort.",
         (("=", "Un "), ("-", "chat noir"), ("+", "chien blanc"), ("=", " dort."))),
        ("Il vient.", "Il vient demain.", (("=", "Il vient"), ("+", " demain"), ("=", "."))),
        ("Pareil.", "Pareil.", (("=", "Pareil."),)),
        ("", "", ()),
    ],
)  # fmt: skip
def test_marks(old, new, expected):
    """Marks stand on whole words and numbers, and neighbours among them are one mark."""
    assert marks(old, new) == expected


@given(old=TEXT, new=TEXT)
@example(old="a b", new="c d ")
def test_marks_lead_both_ways(old, new):
    """Without what was added the marks are the old text, without what was removed the new one."""
    found = marks(old, new)

    assert "".join(text for sign, text in found if sign != "+") == old
    assert "".join(text for sign, text in found if sign != "-") == new


def test_marks_of_a_very_long_sentence():
    """A sentence of more words than the cap is replaced whole."""
    old, new = "mot " * MARKED, "mot " * MARKED + "fin"

    assert marks(old, new) == (("-", old), ("+", new))


@given(old=UNITS, new=UNITS)
def test_align_balances(old, new):
    """What is left after taking the removed from the old and the added from the new is the same list's material."""
    removed, added = align(old, new)

    assert sorted([*old, *added]) == sorted([*new, *removed])
    assert align(old, old) == ([], [])


def test_align_beyond_the_cap():
    """Of more units than the cap only the numbers are compared, order aside."""
    old = [f"Phrase {n}." for n in range(ALIGNED + 10)]
    removed, added = align(old, ["Neuve.", *old[1:][::-1]])

    assert (removed, added) == (["Phrase 0."], ["Neuve."])


def test_pair_takes_the_most_alike():
    """A removed sentence is paired with the most alike of the added ones, each once, and unlike ones stay apart."""
    old = ["Le maire a promis trois écoles.", "Rien de tout cela."]
    new = ["Le maire promettait des routes.", "Le maire a promis deux écoles.", "Un pont s’est effondré hier."]
    edits = pair(old, new)

    assert [(r.old, r.new) for r in edits.reworded] == [(old[0], new[1])]
    assert (edits.removed, edits.added) == ((old[1],), (new[0], new[2]))


def test_pair_of_titles():
    """With no likeness asked for, two unlike texts are still one reworded."""
    edits = pair(["Avant"], ["zzz"], alike=0.0)

    assert (len(edits.reworded), edits.added, edits.removed) == (1, (), ())


def test_pair_within_the_budget():
    """Texts too long to be compared are left as removed and added."""
    old, new = ["x" * 70_000], ["x" * 70_000 + "y"]

    assert pair(old, new).reworded == ()


ONE = [
    "9 100", "1 200 000", "12 400,50", "14.000", "12 %", "3,5 %", "9 100 %", "3 décembre 2026", "1er mai", "12 août",
    "24/11/2026", "May 12, 2026", "3 déc. 2026", "12 févr.", "Dec. 3, 2026",
]  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_a_number_or_a_date_is_one_word(text):
    """Groups of three, decimals, a percentage and a day with its month are marked whole."""
    assert words(f"avant {text} après") == ["avant", " ", text, " ", "après"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("En 2019 300 morts", ["En", "2019", "300", "morts"]),
        ("de 12 à 300", ["de", "12", "à", "300"]),
        ("les 7 12 et 5 pour", ["les", "7", "12", "et", "5", "pour"]),
        ("le G7 100 fois", ["le", "G7", "100", "fois"]),
        ("9 1000 fois", ["9", "1000", "fois"]),
        ("3 maisons", ["3", "maisons"]),
        ("le no 3 et la p 12", ["le", "no", "3", "et", "la", "p", "12"]),
        ("les sept 12 et 12 marins", ["les", "sept", "12", "et", "12", "marins"]),
    ],
)
def test_numbers_side_by_side_stay_two(text, parts):
    """A year before a number, and what only looks like a group or a month, are words of their own."""
    assert [word for word in words(text) if not word.isspace()] == parts


def test_a_number_is_marked_whole():
    """A reader sees that 9 100 became 9 700, not that 100 became 700."""
    found = marks("Il y a 9 100 morts le 3 mai.", "Il y a 9 700 morts le 4 mai.")

    assert [mark for mark in found if mark[0] != "="] == [
        ("-", "9 100"),
        ("+", "9 700"),
        ("-", "3 mai"),
        ("+", "4 mai"),
    ]


SHORT = "Le conseil a voté lundi."
LONG = "Selon la mairie, le conseil a voté lundi, à l’issue d’une séance de sept heures où les débats furent vifs et longs."


WITHIN = "Le conseil de la ville, réuni depuis l’aube dans une salle sans fenêtre ni chauffage, a voté lundi."


@pytest.mark.parametrize(
    ("old", "new"), [(SHORT, LONG), (LONG, SHORT), (SHORT, WITHIN), (WITHIN, SHORT)],
    ids=["grew", "was cut", "grew within", "was cut within"],
)  # fmt: skip
def test_a_sentence_that_grew_is_reworded(old, new):
    """A sentence that stands word for word in the other one is the same sentence, however much came to it."""
    edits = pair([old], [new])

    assert [(r.old, r.new) for r in edits.reworded] == [(old, new)]


@pytest.mark.parametrize(
    "old",
    [
        pytest.param("Il pleut.", id="too short to be known again"),
        pytest.param("Le conseil a voté lundis.", id="a part of a word"),
        pytest.param("Le conseil a refusé mardi.", id="another one"),
        pytest.param("La mairie a voté lundi.", id="the same end only"),
    ],
)
def test_a_longer_sentence_that_holds_no_other_is_new(old):
    """What only shares a word with a longer sentence was removed, and the longer one added."""
    edits = pair([old], [f"{LONG} Il pleut."])

    assert (edits.reworded, len(edits.added), edits.removed) == ((), 1, (old,))
