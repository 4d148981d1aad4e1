"""What a person typed to search for, read: words, "phrases", -without, title:word, begin*. What fits nothing is a word.

One reader for the command line and for pages. Words are in the search form of `archive.texts.wordforms`, as the index
has them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from archive.catalog.words import words_of
from archive.errors import UsageError
from archive.languages.language import Language
from archive.texts.wordforms import numbers_joined, search_form, words_in

MOST_LETTERS, MOST_WORDS = 1024, 64
LEAST_BEGUN = 2
"""Letters before `*`: texts without a word that begins with a given letter are hard to find."""
BEGUN_OF_MANY, MANY = 3, 50_000
"""The same where there are more articles than that: few of them are without any two letters, and the index goes through
every place of every word that begins so."""
QueryFault = Literal["too_long", "too_many", "too_short", "no_word", "only_without"]
_SAID: dict[QueryFault, str] = {
    "too_long": f"that is too long to search for; give {MOST_LETTERS} letters at most",
    "too_many": f"those are too many words to search for; give {MOST_WORDS} at most",
    "too_short": f"for so many articles a beginning of two letters is too short; give {BEGUN_OF_MANY} letters before *",
    "no_word": "nothing to search for; give one word or more: scrapy search WORDS",
    "only_without": "a word with - before it takes away; give one to search for besides",
}
_PIECE = re.compile(r'(-?)((?:title|titre|headline):)?(?:"([^"]*)"?|([^\s"]+))', re.IGNORECASE)
_TYPED = str.maketrans({"\0": " ", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "\u2212": "-", "–": "-"})


class QueryRefused(UsageError):
    """Raise for text that can't be searched for; `why` tells it to pages, which have their own words."""

    def __init__(self, why: QueryFault) -> None:
        super().__init__(_SAID[why])
        self.why: QueryFault = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word or phrase asked for."""

    forms: tuple[str, ...]
    written: str = ""
    """The word as it was typed, in small letters, accents kept, where its other forms are sought, too."""
    without: bool = False
    title: bool = False
    begun: bool = False
    """Whether its last word may go on: `iran*`."""

    @property
    def is_short(self) -> bool:
        """Whether the index takes longer over it the more articles there are, and finds nearly all of them."""
        return self.begun and not self.title and len(self.forms[-1]) < BEGUN_OF_MANY


def read(text: str, language: Language | None) -> tuple[Term, ...]:
    """Read what was typed. Raises QueryRefused where there is no word to search for, or too much."""
    terms = terms_of(text, language)
    if not terms:
        raise QueryRefused("no_word")
    if all(term.without for term in terms):
        raise QueryRefused("only_without")
    return terms


def terms_of(text: str, language: Language | None) -> tuple[Term, ...]:
    """Read what was typed, which may be nothing. Raises QueryRefused for too much."""
    if len(text) > MOST_LETTERS:
        raise QueryRefused("too_long")
    terms = tuple(_terms(numbers_joined(text.translate(_TYPED)), language))
    if sum(len(term.forms) for term in terms) > MOST_WORDS:
        raise QueryRefused("too_many")
    return terms


def _terms(text: str, language: Language | None) -> Iterator[Term]:
    for minus, column, phrase, word in _PIECE.findall(text):
        forms = tuple(each.form for each in words_in(search_form(phrase or word)))
        if not forms:
            continue
        begun = not phrase and word.endswith("*") and len(forms[-1]) >= LEAST_BEGUN
        without, title = bool(minus), bool(column)
        written = ""
        if not phrase:
            forms = _bare(forms, language)
            written = "" if begun or len(forms) > 1 else _written(word, forms[0])
        yield Term(forms=forms, written=written, without=without, title=title, begun=begun)


def _bare(forms: tuple[str, ...], language: Language | None) -> tuple[str, ...]:
    """Leave out what stands elided before a word: l'œuvre is sought as œuvre."""
    elided = language.elided if language else frozenset[str]()
    return forms[1:] if len(forms) > 1 and forms[0] in elided else forms


def _written(word: str, form: str) -> str:
    return next((each for each in words_of(word) if search_form(each) == form), "")
