"""English: what its words tell of an edit, and where its sentences end."""

import pytest

from archive.languages.english import ENGLISH
from archive.texts.edittypes import types_of
from archive.texts.noise import is_related
from archive.texts.sentences import Reworded, marks, sentences


def told(old, new, language=ENGLISH):
    """Return the types of a reworded sentence."""
    return [found["type"] for found in types_of(Reworded(old=old, new=new, marks=marks(old, new)), language)]


@pytest.mark.parametrize(
    ("old", "new", "types"),
    [
        ("Two boats sank.", "Three boats sank.", ["number"]),
        ("Dozens came.", "Hundreds came.", ["number"]),
        ("The wall is 340 metres long.", "The wall is 360 metres long.", ["number"]),
        ("It costs a third.", "It costs a half.", ["number"]),
        ("He said it rained.", "He claimed it rained.", ["attribution"]),
        ("It rained.", "It rained, according to the mayor.", ["attribution"]),
        ("The bridge will close.", "The bridge may not close.", ["hedge"]),
        ("The bridge closes.", "The bridge reportedly closes.", ["attribution", "hedge"]),
        ("It fell in May.", "It fell in the May of that year.", []),
        ("It holds 300 people.", "It holds at least 300 people.", ["hedge"]),
        ("The road is wet.", "The road is dry.", []),
        ("She saw Mr. Finch there.", "She saw Mr. Quill there.", ["name"]),
        ("He called it “a wall”.", "He called it “a hedge”.", ["quotation"]),
    ],
)
def test_types(old, new, types):
    """Numbers, attributions and hedges by the words of the language; a month is no hedge."""
    assert told(old, new) == types


def test_without_a_language_nothing_is_typed():
    """Not even what needs no words, such as digits."""
    assert told("12 boats sank.", "13 boats sank.", None) == []


@pytest.mark.parametrize(
    "parts",
    [
        ["Mr. Finch and Mrs. Sadr met Gen. Hale on Jan. 3 in Ostrey.", "It rained."],
        ["He told me.", "Then he left."],
        ["The firm, Lumen Inc. of Velin, makes lamps.", "U.S. troops left."],
        ["“It is over.”", "He sat down."],
    ],
    ids=["titles", "no-french-abbreviation", "firm", "quotation"],
)
def test_sentences(parts):
    """An English abbreviation ends none; a French one that is an English word does."""
    assert sentences(" ".join(parts), ENGLISH) == parts


def test_without_a_language_each_stop_before_a_capital_ends_one():
    """Initials aside, which need no words."""
    assert sentences("Mr. Finch met J. Hale.", None) == ["Mr.", "Finch met J. Hale."]


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("Read also: Night ferry returns", True),
        ("See also: Night ferry", True),
        ("Lire aussi : Le bac de nuit", False),
        ("Read the report: it is long", False),
        ("Read also: 12 boats", False),
    ],
)
def test_a_line_that_links(line, link):
    """By the words of the language, and never with a digit."""
    assert is_related(line, ENGLISH) is link
