"""The facets of a search as a page shows them: what each choice is called, how many it leaves, and its address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archive.catalog.facets import Facets, Narrowing, Trait
from browse.shown import changes
from browse.tongue import Tongue

Here = Callable[..., str]
"""Returns the address of the page with other words of its query, those that are empty left out."""
Rows = list[tuple[str, dict[str, str], int]]
"""What each choice is called, its words in the address, how many it leaves."""
_FIRST = 8
"""Choices that stand there at once; the others open."""
_WORDS: Mapping[Trait, str] = {
    "edited": "edited", "silent": "silent", "removed": "away", "own": "own", "others": "others",
}  # fmt: skip
"""What the address calls each trait; `removed` says there where words are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a facet, or one that was made."""

    name: str
    link: str
    """Of the search with it; of one that was made, without it."""
    count: int = 0
    foreign: bool = False
    """Whether it is called by the outlet's own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One facet, with the choices that were not made yet."""

    title: str
    first: tuple[Choice, ...]
    others: tuple[Choice, ...]


def told(tongue: Tongue, here: Here, counted: Facets, made: Narrowing) -> list[Facet]:
    """Return the facets of an answer; a choice that was made is none any more, and a facet without any is left out."""
    say, states = tongue.say, changes.state_names(tongue)
    sections: Rows = [(name, {"section": name}, n) for name, n in counted.sections.items() if name != made.section]
    months: Rows = [(_month(tongue, one), {"month": one}, n) for one, n in counted.months.items() if not made.month]
    lying: Rows = [(states[state], {"state": state}, n) for state, n in counted.states.items() if not made.state]
    layouts: Rows = [(name, {"layout": name}, n) for name, n in counted.layouts.items() if not made.layout]
    traits = {trait: n for trait, n in counted.traits.items() if trait not in made.traits}
    titled = [
        (say("Section"), sections), (say("Month"), months), (say("State"), lying),
        (say("Changed"), _having(tongue, traits, "edited", "silent", "removed")),
        (say("Captured"), _having(tongue, traits, "own", "others")), (say("Layout"), layouts),
    ]  # fmt: skip
    return [_facet(here, title, rows) for title, rows in titled if rows]


def _having(tongue: Tongue, counts: Mapping[Trait, int], *wanted: Trait) -> Rows:
    named = _traits(tongue)
    return [(named[trait], {_WORDS[trait]: "1"}, counts[trait]) for trait in wanted if trait in counts]


def _facet(here: Here, title: str, rows: Rows) -> Facet:
    choices = tuple(
        Choice(name=name, link=here(**words, page=""), count=count, foreign="section" in words)
        for name, words, count in rows
    )
    # One more that opens alone is no shorter than the word that opens it.
    first = len(choices) if len(choices) <= _FIRST + 1 else _FIRST
    return Facet(title=title, first=choices[:first], others=choices[first:])


def chosen(tongue: Tongue, here: Here, made: Narrowing) -> list[Choice]:
    """Return what narrows a search, each with the address of the search without it."""
    states, traits, say = changes.state_names(tongue), _traits(tongue), tongue.say
    names = {
        "section": made.section,
        "month": _month(tongue, made.month) if made.month else "",
        "state": states[made.state] if made.state else "",
        "layout": say("layout %(name)s", name=made.layout) if made.layout else "",
        **{_WORDS[trait]: traits[trait] for trait in _WORDS if trait in made.traits},
    }
    return [
        Choice(name=name, link=here(**{word: ""}, page=""), foreign=word == "section")
        for word, name in names.items()
        if name
    ]


def _traits(tongue: Tongue) -> dict[Trait, str]:
    say = tongue.say
    return {
        "edited": say("edited"), "silent": say("edited without notice"), "removed": say("was away, be it back since"),
        "own": say("by this archive"), "others": say("by others"),
    }  # fmt: skip


def _month(tongue: Tongue, month: str) -> str:
    """Return `2026-11` as people write it, what is no month as it stands."""
    try:
        return tongue.month(month)
    except ValueError:
        return month
