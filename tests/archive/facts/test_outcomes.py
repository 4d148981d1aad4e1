"""The closed words: what every part of the program compares with, and what older archives say in their place."""

import re

import pytest

from archive.facts.outcomes import (
    ABSENT,
    CUT_OFF,
    EVENTS,
    KINDS,
    OUTCOMES,
    REASONS,
    ROTATING,
    SEEN,
    SPOT_KINDS,
    STATES,
    STRUCK,
    TAKEN_OVER,
    reason_of,
)
from tests.project import ROOT

FORMAT = (ROOT / "DATA_FORMAT.md").read_text(encoding="utf-8")


FIRST_CELLS = r"^\| (`[^|]*`) \|"
BESIDE = {"soft_404", "challenge", "robots_denied", "http_error", "not_attempted", "not_observed", "truncated"}
"""Outcomes that reasons and kinds are told with."""


@pytest.mark.parametrize(
    ("words", "begin", "end", "part"),
    [
        pytest.param(OUTCOMES, "| outcome | what happened |", "\n\n", FIRST_CELLS, id="outcomes"),
        pytest.param(EVENTS, "| event | what happened |", "\n\n", FIRST_CELLS, id="events"),
        pytest.param(STATES, "| `state` | text |", "\n", "(.*)", id="states"),
        pytest.param(KINDS | BESIDE, "| `kind` | text | `article`,", "\n", "(.*)", id="kinds"),
        pytest.param(ROTATING, "or what nobody edited", "Those four", "(.*)", id="what rotates"),
        pytest.param(SPOT_KINDS, "| list of `kind` (", "), `layout`", "(.*)", id="spots"),
        pytest.param(REASONS | BESIDE, "The **reasons**", "Older checks", "(.*)", id="reasons"),
    ],
)
def test_the_closed_words_are_those_of_the_format(words, begin, end, part):
    """What is stored is what DATA_FORMAT.md says, no word more and none less."""
    told = FORMAT.partition(begin)[2].partition(end)[0]
    found = {word for told in re.findall(part, told, re.MULTILINE) for word in re.findall("`([a-z_0-9]+)`", told)}

    assert found | (BESIDE & set(words)) == set(words) - {"", "article"}
    assert "article" in KINDS


def test_the_sets_are_of_the_closed_words():
    """Seen and absent share nothing; what the brake counts is what is absent or changed."""
    assert frozenset({"new", "changed", "unchanged"}) == SEEN
    assert frozenset({"gone", "soft_404"}) == ABSENT
    assert frozenset({"seized", "parked"}) == TAKEN_OVER
    assert SEEN | ABSENT | CUT_OFF <= OUTCOMES
    assert not SEEN & ABSENT
    assert frozenset({"changed", "gone", "soft_404"}) == STRUCK
    assert TAKEN_OVER <= REASONS


@pytest.mark.parametrize(
    ("outcome", "detail", "reason"),
    [
        ("challenge", "seized: the domain shows a seizure notice", "seized"),
        ("challenge", "parked: the domain is parked or for sale", "parked"),
        ("challenge", "wall: the page asks to prove a browser or a person", "wall"),
        ("challenge", "cf-mitigated: challenge", "wall"),
        ("soft_404", "a made-up address is answered alike", "made_up_alike"),
        ("soft_404", "redirected to the front page", "front_page"),
        ("soft_404", "redirected to https://french.presstv.ir/consent", "another_page"),
        ("soft_404", "Page introuvable", ""),
        ("robots_denied", "unreachable: https://x/robots.txt answered 503", "unreachable"),
        ("robots_denied", "robots.txt forbids https://x/ to presstv-archive", ""),
        ("http_error", "retry_after 4000", "retry_after"),
        ("not_attempted", "retry_after 4000", "retry_after"),
        ("http_error", "redirect_loop at https://x/a", "redirect_loop"),
        ("http_error", "answered 500", ""),
        ("unchanged", "seized: the domain shows a seizure notice", ""),
    ],
)
def test_a_check_without_a_reason_is_read_by_its_words(outcome, detail, reason):
    """Checks written before 0.2.0 say in words what later ones say in a word of a closed set."""
    assert reason_of({"outcome": outcome, "detail": detail}) == reason


def test_a_stated_reason_wins_over_the_words():
    """The detail is for people: a page that prints the words of a seizure is not one."""
    check = {"outcome": "challenge", "detail": "seized: so it says", "reason": "wall"}

    assert reason_of(check) == "wall"


def test_a_check_without_detail_has_no_reason():
    """A field that says nothing is left out of a stored check."""
    assert reason_of({"outcome": "soft_404"}) == ""
