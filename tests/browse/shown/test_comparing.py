"""Rows of a comparison: both texts stand in them whole and in order, whatever changed."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from browse.shown.comparing import compared, raw_pairs
from browse.tongue import Tongue
from tests import facts
from tests.french import VOCABULARY, compare, sentences

TONGUE = Tongue("en", "Asia/Tehran")
SENTENCES = [f"La phrase {n} dit une chose." for n in "abcdef"] + [
    "La phrase g dit 12 choses.",
    "La phrase g dit 14 choses.",
    "Rien.",
]
TEXT = st.lists(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(" ".join), max_size=5)


def record(body, headline="Un titre", **more):
    """Return a record with a body."""
    made = facts.record_of(facts.capture(1, 0), 1, "", headline=headline)
    return made | {"body": body, "lead": "", "captions": []} | more


def rows_of(old, new, *, whole=True):
    """Return the rows of the body of two records."""
    fields = compared(TONGUE, (old, new), compare(old, new), VOCABULARY, whole=whole)
    return next((field.rows for field in fields if field.name == "body"), ())


def side(rows, which):
    """Return the sentences that one side of the rows shows."""
    return ["".join(text for _, text in getattr(row, which)) for row in rows if getattr(row, which)]


@settings(max_examples=300)
@given(TEXT, TEXT)
def test_both_texts_stand_in_the_rows(old, new):
    """The newer text stands there sentence by sentence in its order; of the older one none is lost or told twice."""
    rows = rows_of(record(old), record(new))
    units = [[s for text in body for s in sentences(text)] for body in (old, new)]

    assert side(rows, "new") == units[1]
    assert Counter(side(rows, "old")) + Counter(moved(rows)) >= Counter(units[0])


def moved(rows):
    """Return the sentences that a row shows as moved to its place."""
    return ["".join(text for _, text in row.new) for row in rows if row.kind == "moved"]


@settings(max_examples=100)
@given(TEXT)
def test_equal_texts_have_equal_rows_alone(body):
    """Nothing is marked where nothing changed."""
    assert {row.kind for row in rows_of(record(body), record(body))} <= {"same"}


def test_equal_sentences_are_folded_but_those_beside_a_change():
    """Of forty sentences one changed: it stands between its neighbours, the others are counted."""
    old = [f"La phrase numéro {n} reste." for n in range(40)]
    rows = rows_of(record(old), record([*old[:20], "Une tout autre affirmation arrive ici.", *old[20:]]), whole=False)

    assert [(row.kind, row.number) for row in rows] == [
        ("folded", 19),
        ("same", 1),
        ("added", 1),
        ("same", 1),
        ("folded", 19),
    ]


@pytest.mark.parametrize(
    ("old", "new", "name", "what"),
    [
        ("Il y a 1,4 million de foyers.", "Il y a 1,1 million de foyers.", "Number", "1,4 becomes 1,1"),
        (
            "Le maire affirme avoir compté onze naissances.",
            "Le maire signale onze naissances.",
            "Attribution",
            "affirme avoir compté becomes signale",
        ),
        (
            "Le maire de Karimabad parle au port hier.",
            "Le maire de Valmère parle au port hier.",
            "Name",
            "Karimabad becomes Valmère",
        ),
        ("Le pont est ouvert depuis hier matin.", "Le pont est ouvert depuis ce matin.", "Wording", "hier becomes ce"),
    ],
)
def test_a_change_is_named(old, new, name, what):
    """What kind of words changed stands beside them, with both."""
    assert rows_of(record([old]), record([new]))[0].names[0] == (name, what)


def test_a_letter_that_passes_for_another_is_named():
    """A Cyrillic letter in a Latin word is said to be one."""
    row = rows_of(
        record(["Le bac passe la rivière chaque matin."]), record(["Le b\u0430c passe la rivière chaque matin."])
    )[0]

    assert ("Look-alike letter", "U+0430 CYRILLIC SMALL LETTER A") in row.names


def test_spaces_and_invisible_marks_are_kept_apart():
    """Where texts differ in them alone both raw texts are given."""
    old, new = record(["Il est 5 h 40."]), record(["Il est 5\u202fh\u00a040.\u200b"])

    assert raw_pairs(old, new, ("body", "headline")) == [("Il est 5 h 40.", "Il est 5\u202fh\u00a040.\u200b")]


@pytest.mark.row("F-WEB-13")
def test_texts_of_many_sentences_are_compared_in_bounded_time():
    """Fifty thousand sentences that all moved by one place are rows, each once."""
    old = [f"Phrase {n} ici." for n in range(50_000)]

    assert len(rows_of(record([" ".join(old)]), record([" ".join(old[1:])]))) == 50_000
