"""The word that was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.texts.nearest import nearest
from settings.base import OURS

WORDS = ("verify", "version", "gc", "ids")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("verify", "verify"), ("verfiy", "verify"), ("Verify", "verify"), ("verif", "verify"), ("vrfy", None),
        ("verison", "version"), ("id", "ids"), ("idz", "ids"), ("gd", "gc"), ("ls", None), ("", None),
        ("certify!", None), ("sections", None),
    ],
)  # fmt: skip
def test_a_word_two_letters_away_is_meant(word, meant):
    """Of short words one letter may be wrong, or all would be meant by any."""
    assert nearest(word, WORDS) == meant


def test_dashes_and_capitals_make_no_difference():
    """A setting is known however it is spelt."""
    assert nearest("archive-uri", OURS) == "ARCHIVE_URI"


@given(st.sampled_from(sorted(OURS)), st.data())
def test_each_setting_is_known_with_any_two_letters_wrong(name, data):
    """Whatever two places are changed, the name found is this one or another just as near."""
    letters = list(name)
    for _ in range(2):
        letters[data.draw(st.integers(0, len(letters) - 1))] = data.draw(st.sampled_from("QXZ9"))

    assert nearest("".join(letters), [name]) == name


@pytest.mark.parametrize("name", ["PATH", "HOME", "LANG", "SHELL", "AWS_REGION", "HOSTNAME", "LOGNAME", "PYTHONPATH"])
def test_names_of_others_resemble_none(name):
    """What every environment has."""
    assert nearest(name, OURS) is None
