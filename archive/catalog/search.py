"""Full-text search: in the newest texts, and in what was taken out."""

import sqlite3
from typing import Any

from archive.catalog.articles import MOST_VERSIONS, Db
from archive.errors import UsageError
from archive.facts.forms import comparison_form

MARK = "\x02"
END_MARK = "\x03"
"""They stand in a snippet before and behind each word that was found."""


def search(db: Db, words: str, *, removed: bool = False, limit: int = 20) -> list[dict[str, Any]]:
    """Return articles whose newest text holds all the words; with `removed`, sentences that a later version lacks.

    Words are matched without accents and case; apostrophes part words. With `removed` all the words stood in the
    sentences that were changed or taken out, and one of them at least is gone from there. The best match comes first.
    Raises UsageError for a search without a word and for a limit that is no count.
    """
    asked = [w for w in comparison_form(words).translate(_BLANK).split() if any(c.isalnum() for c in w)]
    if not asked:
        raise UsageError("nothing to search for; give one word or more: scrapy search WORDS")
    if not 1 <= limit <= MOST_FOUND:
        raise UsageError(f"a limit of {limit} can't be; give a number from 1 to {MOST_FOUND}")
    # A quoted string is never an operator.
    terms = [f'"{word}"' for word in asked]
    query = " ".join(terms)
    if removed:
        query = f"{{sentences}} : ({query}) AND {{words}} : ({' OR '.join(terms)})"
    try:
        rows = db.execute(_REMOVED if removed else _NEWEST, (query, limit)).fetchall()
    except (sqlite3.OperationalError, ValueError) as error:
        raise UsageError(f"can't search for {words[:80]!r}: {error}; use fewer, plain words") from error
    names = ("article_id", "headline", "published", "snippet", "version")
    return [dict(zip(names, (str(number), *row), strict=True)) for number, *row in rows]


def marked(snippet: str, begin: str, end: str) -> str:
    """Return a snippet with other marks around the words that were found."""
    return snippet.replace(MARK, begin).replace(END_MARK, end)


MOST_FOUND = 1_000_000
_BLANK = {ord('"'): " ", 0: " "}
_SHOWN = f"'{MARK}', '{END_MARK}', '…', 16)"
_NEWEST = (
    f"SELECT a.article_id, a.headline, a.published, snippet(texts, -1, {_SHOWN}, a.versions "
    "FROM texts JOIN articles a ON a.article_id = texts.rowid WHERE texts MATCH ? ORDER BY rank, a.article_id LIMIT ?"
)
_REMOVED = (
    f"SELECT a.article_id, a.headline, a.published, snippet(taken_out, 0, {_SHOWN}, t.rowid % {MOST_VERSIONS} "
    f"FROM taken_out t JOIN articles a ON a.article_id = t.rowid / {MOST_VERSIONS} "
    "WHERE taken_out MATCH ? ORDER BY rank, t.rowid LIMIT ?"
)
