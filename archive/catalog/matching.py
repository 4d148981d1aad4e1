"""What a person searches for as the catalog's text index asks it (SQLite FTS5): search forms of words, all quoted."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from archive.catalog.articles import counts
from archive.catalog.forms import forms_in
from archive.catalog.query import MANY, QueryRefused, Term, read
from archive.errors import UsageError
from archive.languages.language import Language

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How a term that was asked for stands in a text: as one of these phrases, whose last word may go on."""

    phrases: tuple[Phrase, ...]
    begun: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A search as the index reads it (sqlite.org/fts5.html, section 3)."""

    newest: str
    """Of `texts`."""
    removed: str
    """Of `taken_out`: all words stood in the sentences, one of them at least is gone from there."""
    signs: tuple[Sign, ...]
    """Of the terms that must stand there."""


def match_of(db: sqlite3.Connection, terms: Iterable[Term], language: Language | None) -> Match:
    """Return the search for terms in the forms that the archive holds; at least one term must stand there.

    Raises QueryRefused for a beginning of two letters where there are many articles.
    """
    sought = list(terms)
    if any(term.is_short for term in sought) and counts(db)["articles"] > MANY:
        raise QueryRefused("too_short")
    told = [(term, _sign(db, term, language)) for term in sought]
    wanted = [(term, sign) for term, sign in told if not term.without]
    out = " OR ".join(_columned(term, sign) for term, sign in told if term.without)
    bare = [_any(sign) for _, sign in wanted]
    newest = " AND ".join(_columned(term, sign) for term, sign in wanted)
    removed = f"{{sentences}} : ({' AND '.join(bare)}) AND {{words}} : ({' OR '.join(bare)})"
    gone = " OR ".join(_any(sign) for term, sign in told if term.without)
    return Match(
        newest=f"({newest}) NOT ({out})" if out else newest,
        removed=f"({removed}) NOT ({gone})" if gone else removed,
        signs=tuple(sign for _, sign in wanted),
    )


def matching(db: sqlite3.Connection, words: str, language: Language | None) -> Match:
    """Return the search for what was typed. Raises QueryRefused."""
    return match_of(db, read(words, language), language)


def _sign(db: sqlite3.Connection, term: Term, language: Language | None) -> Sign:
    if term.written:
        return Sign(phrases=tuple((form,) for form in forms_in(db, term.written, language)))
    return Sign(phrases=(term.forms,), begun=term.begun)


def _columned(term: Term, sign: Sign) -> str:
    return f"({{headline}} : {_any(sign)})" if term.title else _any(sign)


def _any(sign: Sign) -> str:
    ending = "*" if sign.begun else ""
    return "(" + " OR ".join(f'"{" ".join(phrase)}"{ending}' for phrase in sign.phrases) + ")"


def check_words(db: sqlite3.Connection, words: str, language: Language | None) -> str:
    """Return the expression for words that are to be in the newest texts. Raises UsageError for what can't be asked."""
    with asked(words):
        expression = matching(db, words, language).newest
        db.execute("SELECT 1 FROM texts WHERE texts MATCH ? LIMIT 1", (expression,)).fetchone()
    return expression


@contextmanager
def asked(words: str) -> Iterator[None]:
    """Raise UsageError for what SQLite can't search for: too deep, too many forms."""
    try:
        yield
    except (sqlite3.OperationalError, ValueError) as error:
        raise UsageError(f"can't search for {words[:80]!r}: {error}; use fewer, plain words") from error


def phrases_in(signs: Sequence[Sign], forms: Iterable[str]) -> dict[Phrase, int]:
    """Return the phrases to mark in a text of these words, each with the place of the sign that it is of."""
    told = {phrase: place for place, sign in enumerate(signs) for phrase in sign.phrases if not sign.begun}
    begun = [(place, sign.phrases[0]) for place, sign in enumerate(signs) if sign.begun]
    for form in set(forms) if begun else ():
        told |= {(*phrase[:-1], form): place for place, phrase in begun if form.startswith(phrase[-1])}
    return told
