"""What the program knows of one language: words as patterns, each matched without regard to case."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NOTHING = re.compile(r"(?!)")
"""Matches no text: what a language has no words for."""


def words(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that is matched without regard to case."""
    return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """How a language prints dates, in lower case and without accents, as `pipelines.dateforms.fold` leaves them."""

    months: tuple[str, ...] = ()
    """January first; the names and abbreviations of one month are parted by spaces."""
    full: tuple[str, ...] = ()
    """The twelve full names as they are written, accents and all."""
    weekdays: str = ""
    """Names and abbreviations, parted by spaces."""
    units: Mapping[str, str] = field(default_factory=dict)
    """A word for second, minute, hour, day or week → that English word."""
    back: Mapping[str, int] = field(default_factory=dict)
    """A word for a day → how many days it lies before today."""
    now: tuple[str, ...] = ()
    """Words for this very moment."""
    ago: str = ""
    """How a time is given by its distance, `{}` for number and unit, a pattern as a page prints it; empty for none."""
    moment: str = ""
    """A pattern of words for this very moment, as a page prints them where such a distance is nil; empty for none."""
    labels: tuple[str, ...] = ()
    """Patterns of what stands in front of a date: `published`, `date`."""
    updates: tuple[str, ...] = ()
    """Patterns of what stands in front of the date of an update, as a page prints them."""
    published: tuple[str, ...] = ()
    """Patterns of what stands in front of the date of publication where the update's comes first, as printed."""
    on: tuple[str, ...] = ()
    """Words between such a label and the date."""
    leaning: tuple[str, ...] = ()
    """Patterns of words that lean on the moment of the look, as a page prints them: they read otherwise each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language; what is left out is not known of it, and nothing is told by it."""

    code: str
    """The primary tag (BCP 47), as a page states it."""
    stems: str = ""
    """The Snowball algorithm that gives a word's stem (snowballstem.org); empty where words are sought as typed."""
    forms_of: tuple[tuple[str, str], ...] = ()
    """(ending, another): a word with the first is a form of the one with the other, where that occurs, too."""
    elided: frozenset[str] = frozenset()
    """What stands before an apostrophe and is no part of the word behind it, in small letters without accents."""
    counts: re.Pattern[str] = NOTHING
    """Numbers written as words."""
    saying: re.Pattern[str] = NOTHING
    """Words by which a statement is attributed to somebody."""
    hedges: re.Pattern[str] = NOTHING
    """Words that make a statement less certain."""
    abbreviations: frozenset[str] = frozenset()
    """Abbreviations in lower case, less their stop, that end no sentence."""
    short_months: frozenset[str] = frozenset()
    """Abbreviations of months in lower case: they end no sentence before a number."""
    related: re.Pattern[str] = NOTHING
    """How a line that links to another article begins."""
    related_line: re.Pattern[str] = NOTHING
    """Such a line, whole."""
    dates: DateWords = field(default_factory=DateWords)
    gone: str = ""
    """Says that an article is no more; this and the next five are alternatives of a pattern, empty for none."""
    gone_with: str = ""
    """Words that such a notice is made of besides: a line with others says more, as a headline does."""
    gone_itself: str = ""
    """Among them those by which a page speaks of itself or to who asked for it, as no headline does."""
    wall: str = ""
    """A page that asks to prove a browser or a person."""
    seized: str = ""
    """A notice that a domain was seized."""
    parked: str = ""
    """A page that offers a domain for sale."""
