"""What a person searches for as the catalog's text index asks it (SQLite FTS5): words in their search form."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from archive.errors import UsageError
from archive.texts.wordforms import search_form, words_in

Phrase = tuple[str, ...]
_BLANK = {ord('"'): " ", 0: " "}


def phrases_of(words: str) -> list[Phrase]:
    """Return the phrases that typed words come to. Raises UsageError where there is no word among them."""
    asked = search_form(words.translate(_BLANK)).split()
    phrases = [phrase for word in asked if (phrase := tuple(found.form for found in words_in(word)))]
    if not phrases:
        raise UsageError("nothing to search for; give one word or more: scrapy search WORDS")
    return phrases


def terms_of(phrases: list[Phrase]) -> list[str]:
    """Return phrases as terms of an FTS5 expression; several in a row must all be there."""
    return [f'"{" ".join(phrase)}"' for phrase in phrases]


def check_words(db: sqlite3.Connection, words: str) -> None:
    """Raise UsageError for words that the text index can't search for."""
    with asked(words):
        db.execute(
            "SELECT 1 FROM texts WHERE texts MATCH ? LIMIT 1", (" ".join(terms_of(phrases_of(words))),)
        ).fetchone()


@contextmanager
def asked(words: str) -> Iterator[None]:
    """Raise UsageError for what SQLite can't search for: too many words, too deep."""
    try:
        yield
    except (sqlite3.OperationalError, ValueError) as error:
        raise UsageError(f"can't search for {words[:80]!r}: {error}; use fewer, plain words") from error
