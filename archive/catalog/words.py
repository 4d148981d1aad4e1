"""The words that records hold, as they are written, with their search form: a search finds the forms of a word by them.

Nothing leaves the table: which words an archive holds does not hang on what was edited since. Stems are no part of it:
the algorithm takes longer over a word than the fold over all else that is new in it (`forms.py` asks for them).
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from archive.catalog.articles import Db
from archive.catalog.packing import read_by
from archive.facts.forms import comparison_form
from archive.facts.record import Record
from archive.languages.language import Language
from archive.texts.wordforms import search_form

SHORTEST, LONGEST = 3, 40
"""Letters of a word that has a stem: what is shorter has no other forms, what is longer is none."""
_LETTERS = re.compile(r"[^\W\d_]+")
_MOST_MET = 2**16
"""Pieces of texts that are remembered from one transaction to the next."""


class NewWords:
    """The words of the records that commits bring, in memory until they are written.

    Of one transaction, or of several of which each was kept: what was met before is not looked at again.
    """

    def __init__(self, db: Db, language: Language | None) -> None:
        self._db = db
        self._kept = bool(language and language.stems)
        self._pieces: set[str] = set()
        self._met: set[str] = set()

    def add(self, texts: Iterable[str]) -> None:
        """Take in a record's texts."""
        if self._kept:
            # What stands between spaces is the same again and again; it is taken apart once.
            self._pieces.update("\n".join(texts).split())

    def write(self) -> None:
        """Write the words that were never met before."""
        new = self._pieces - self._met
        met = {word for piece in new for word in words_of(piece)}
        rows = sorted((form, written_as(word, form)) for word in met if (form := search_form(word)))
        self._db.executemany("INSERT OR IGNORE INTO words VALUES (?, ?)", rows)
        self._met = new if len(self._met) > _MOST_MET else self._met | new
        self._pieces.clear()


def written_as(word: str, form: str) -> str:
    """Return a word as a row has it beside its form: empty where it is the same."""
    return "" if word == form else word


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text that can have a stem: in small letters, accents kept."""
    for word in _LETTERS.findall(comparison_form(text).lower()):
        if SHORTEST <= len(word) <= LONGEST:
            yield word


def texts_of(record: Record) -> list[str]:
    """Return what is searched of a record, a text for each part, the headline first."""
    captions = [caption["text"] for caption in record["captions"]]
    return [record["headline"], record["kicker"], record["lead"], *record["body"], *captions]


class _Caption(msgspec.Struct):
    text: str


class _Searched(msgspec.Struct):
    """The fields of a record that are searched."""

    headline: str
    kicker: str
    lead: str
    body: list[str]
    captions: list[_Caption]


_searched = msgspec.json.Decoder(_Searched).decode


def texts_in(packed: bytes) -> list[str]:
    """Return the same of a record as the catalog keeps it, without reading all of it. Raises CatalogDamaged."""
    told = read_by(_searched, packed)
    return [told.headline, told.kicker, told.lead, *told.body, *(caption.text for caption in told.captions)]
