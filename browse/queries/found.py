"""Search: what a reader typed made into a question that the index can't misread, and its answer in pages.

Words are in the search form of `archive.texts.wordforms`, as the index has them; every one is quoted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from archive.catalog import articles
from archive.catalog.articles import MOST_VERSIONS, ArticleRow, Db
from archive.catalog.search import searched, sentences_out, snippet
from archive.facts.canonical import parse
from archive.facts.outcomes import STATES, State
from archive.texts.wordforms import search_form, words_in

MOST_LETTERS, MOST_WORDS = 512, 32
RANKED = 10_000
"""The newest matches among which the best are looked for."""
Order = Literal["newest", "best"]
_PIECE = re.compile(r'(-?)((?:title|titre|headline):)?(?:"([^"]*)"?|([^\s"]+))', re.IGNORECASE)
_TYPED = str.maketrans({"\0": " ", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "\u2212": "-", "–": "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word or phrase asked for."""

    forms: tuple[str, ...]
    without: bool = False
    title: bool = False
    begun: bool = False
    """Whether its last word may go on: `iran*`."""

    @property
    def match(self) -> str:
        """The term as FTS5 reads it (sqlite.org/fts5.html, section 3)."""
        column = "{headline} : " if self.title else ""
        return f'{column}"{" ".join(self.forms)}"{"*" if self.begun else ""}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A search: words and filters."""

    terms: tuple[Term, ...] = ()
    removed: bool = False
    """In what later versions lack, not in the newest texts."""
    state: State | None = None
    section: str = ""
    silent: bool = False
    edited: bool = False
    order: Order = "newest"

    @property
    def wanted(self) -> list[Term]:
        """The terms that must stand there."""
        return [term for term in self.terms if not term.without]

    @property
    def empty(self) -> bool:
        """Whether nothing at all is asked."""
        return not (self.terms or self.state or self.section or self.silent or self.edited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article found."""

    article: ArticleRow
    version: int
    snippet: str
    """With the marks of `archive.catalog.search`; empty where no word was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One page of what was found."""

    total: int
    hits: tuple[Hit, ...]


def terms_of(text: str) -> tuple[Term, ...]:
    """Read what was typed: words, "phrases", -without, title:word, begun*. What fits nothing is a word or nothing."""
    found = []
    for minus, column, phrase, word in _PIECE.findall(text.translate(_TYPED)):
        forms = tuple(each.form for each in words_in(search_form(phrase or word)))
        if forms:
            begun = not phrase and word.endswith("*")
            found.append(Term(forms=forms, without=bool(minus), title=bool(column), begun=begun))
    return tuple(found)


def state_of(text: str) -> State | None:
    """Return the state of that name, or None."""
    return next((state for state in STATES if state == text), None)


def results(db: Db, sought: Sought, page: int, count: int) -> Results:
    """Return how many articles (or removed sentences' versions) a search finds, and one page of them."""
    table, where, values = _where(sought)
    total = db.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0]
    first = (page - 1) * count
    if first and first >= total:
        return Results(total=total, hits=())
    question, times = _ordered(sought, table, where)
    rows = db.execute(question, (*(values * times), count, first)).fetchall()
    phrases = [term.forms for term in sought.wanted]
    return Results(total=total, hits=tuple(_hit(db, sought, phrases, *row) for row in rows))


def facets(db: Db, sought: Sought) -> dict[str, dict[str, int]]:
    """Return how many of what is found are in each state and in each section, and how many were edited."""
    if sought.removed:
        return {}
    table, where, values = _where(sought)
    found = f"SELECT a.article_id, a.state, a.versions FROM {table} WHERE {where}"
    states = dict(db.execute(f"SELECT state, count(*) FROM ({found}) GROUP BY state", values).fetchall())
    sections = dict(
        db.execute(
            f"SELECT p.section, count(*) FROM ({found}) f JOIN placements p ON p.article_id = f.article_id "
            "GROUP BY p.section ORDER BY count(*) DESC, p.section",
            values,
        ).fetchall()
    )
    edited = db.execute(f"SELECT count(*) FROM ({found}) WHERE versions > 1", values).fetchone()[0]
    silent = db.execute(
        f"SELECT count(*) FROM ({found}) f WHERE EXISTS "
        "(SELECT 1 FROM changes n WHERE n.article_id = f.article_id AND n.silent)",
        values,
    ).fetchone()[0]
    return {"state": states, "section": sections, "edited": {"edited": edited, "silent": silent}}


def _where(sought: Sought) -> tuple[str, str, list[Any]]:
    table, parts, values = "articles a", ["1"], list[Any]()
    if sought.wanted:
        index, row = ("taken_out", f"i.rowid / {MOST_VERSIONS}") if sought.removed else ("texts", "i.rowid")
        table = f"{index} i JOIN articles a ON a.article_id = {row}"
        parts, values = [f"{index} MATCH ?"], [_match(sought)]
    elif sought.removed:
        table = f"taken_out i JOIN articles a ON a.article_id = i.rowid / {MOST_VERSIONS}"
    if sought.state:
        parts.append("a.state = ?")
        values.append(sought.state)
    if sought.section:
        parts.append("EXISTS (SELECT 1 FROM placements p WHERE p.section = ? AND p.article_id = a.article_id)")
        values.append(sought.section)
    if sought.silent:
        parts.append("EXISTS (SELECT 1 FROM changes n WHERE n.article_id = a.article_id AND n.silent)")
    if sought.edited:
        parts.append("a.versions > 1")
    return table, " AND ".join(parts), values


def _match(sought: Sought) -> str:
    wanted = " AND ".join(term.match for term in sought.wanted)
    out = " OR ".join(term.match for term in sought.terms if term.without)
    if sought.removed:
        # One of the words at least is gone from there; the others stood in the same sentences.
        bare = [f'"{" ".join(term.forms)}"{"*" if term.begun else ""}' for term in sought.wanted]
        wanted = f"{{sentences}} : ({' AND '.join(bare)}) AND {{words}} : ({' OR '.join(bare)})"
        out = " OR ".join(f'"{" ".join(term.forms)}"' for term in sought.terms if term.without)
    return f"({wanted}) NOT ({out})" if out else wanted


def _ordered(sought: Sought, table: str, where: str) -> tuple[str, int]:
    """Return the question, and how often it asks the filters."""
    row = "i.rowid" if sought.wanted or sought.removed else "a.article_id"
    version = f"i.rowid % {MOST_VERSIONS}" if sought.removed else "a.versions"
    asked = f"SELECT a.article_id, {version} FROM {table} WHERE {where}"
    if sought.order != "best" or not sought.wanted:
        return f"{asked} ORDER BY {row} DESC LIMIT ? OFFSET ?", 1
    newest = f"SELECT {row} AS place FROM {table} WHERE {where} ORDER BY {row} DESC LIMIT {RANKED}"
    return f"{asked} AND {row} >= (SELECT min(place) FROM ({newest})) ORDER BY i.rank, {row} DESC LIMIT ? OFFSET ?", 2


def _hit(db: Db, sought: Sought, phrases: Sequence[tuple[str, ...]], number: int, version: int) -> Hit:
    article = articles.article_row(db, str(number))
    texts = _taken_out(db, number, version) if sought.removed else _newest(db, number)
    return Hit(article=article, version=version, snippet=snippet(texts, phrases) if texts else "")


def _newest(db: Db, number: int) -> list[str]:
    record = articles.latest(db, str(number))
    return list(reversed(searched(record))) if record else []


def _taken_out(db: Db, number: int, version: int) -> list[str]:
    row = db.execute("SELECT json FROM changes WHERE article_id = ? AND number = ?", (number, version)).fetchone()
    return ["\n".join(sentences_out(parse(row[0])))] if row else []
