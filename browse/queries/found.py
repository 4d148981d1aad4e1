"""Search: what a reader typed made into a question that the index can't misread, and its answer in pages.

Words are in the search form of `archive.texts.wordforms`, as the index has them; every one is quoted.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
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
    table, row, where, values = _where(sought)
    total = db.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0]
    first = (page - 1) * count
    if first and first >= total:
        return Results(total=total, hits=())
    question, times = _ordered(sought, table, row, where)
    rows = db.execute(question, (*(values * times), count, first)).fetchall()
    phrases = [term.forms for term in sought.wanted]
    return Results(total=total, hits=tuple(_hit(db, sought, phrases, place) for (place,) in rows))


Traits = Mapping[int, int]
"""Article to what facets count of it, in bits: its state, whether it was edited, silently, and its listings."""
_STATE, _EDITED, _SILENT, _LISTED = 3, 4, 8, 4


def traits(db: Db) -> tuple[Traits, tuple[str, ...]]:
    """Return what facets count of every article, and the keys of the listings in the order of their bits."""
    sections = tuple(row[0] for row in db.execute("SELECT DISTINCT section FROM placements ORDER BY section"))
    found = {
        number: STATES.index(state) | (_EDITED if versions > 1 else 0)
        for number, state, versions in db.execute("SELECT article_id, state, versions FROM articles")
    }
    for (number,) in db.execute("SELECT DISTINCT article_id FROM changes WHERE silent"):
        found[number] |= _SILENT
    for place, section in enumerate(sections):
        for (number,) in db.execute("SELECT article_id FROM placements WHERE section = ?", (section,)):
            if number in found:
                found[number] |= 1 << (place + _LISTED)
    return found, sections


def facets(db: Db, sought: Sought, known: Traits, sections: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many of what is found are in each state and in each section, and how many were edited."""
    if sought.removed:
        return {}
    table, row, where, values = _where(sought)
    counts = Counter(
        known.get(number, 0) for (number,) in db.execute(f"SELECT {row} FROM {table} WHERE {where}", values)
    )

    def having(mask: int) -> int:
        return sum(count for bits, count in counts.items() if bits & mask)

    states = {state: sum(n for bits, n in counts.items() if bits & _STATE == at) for at, state in enumerate(STATES)}
    listed = {section: having(1 << (place + _LISTED)) for place, section in enumerate(sections)}
    return {
        "state": {state: count for state, count in states.items() if count},
        "section": dict(sorted(((s, n) for s, n in listed.items() if n), key=lambda each: -each[1])),
        "edited": {"edited": having(_EDITED), "silent": having(_SILENT)},
    }


def _where(sought: Sought) -> tuple[str, str, str, list[Any]]:
    """Return tables, the column of the rows' own number, conditions and their values."""
    if sought.removed:
        table, row, number = "taken_out i", "i.rowid", f"i.rowid / {MOST_VERSIONS}"
    elif sought.wanted:
        table, row, number = "texts i", "i.rowid", "i.rowid"
    else:
        table, row, number = "articles a", "a.article_id", "a.article_id"
    parts, values = ["1"], list[Any]()
    if sought.wanted:
        parts, values = [f"{table.split()[0]} MATCH ?"], [_match(sought)]
    if table != "articles a" and (sought.state or sought.edited):
        # What is found comes first: the other way round the index would be asked for each article.
        table += f" CROSS JOIN articles a ON a.article_id = {number}"
    if sought.state:
        parts.append("a.state = ?")
        values.append(sought.state)
    if sought.section:
        parts.append(f"EXISTS (SELECT 1 FROM placements p WHERE p.section = ? AND p.article_id = {number})")
        values.append(sought.section)
    if sought.silent:
        parts.append(f"EXISTS (SELECT 1 FROM changes n WHERE n.article_id = {number} AND n.silent)")
    if sought.edited:
        parts.append("a.versions > 1")
    return table, row, " AND ".join(parts), values


def _match(sought: Sought) -> str:
    wanted = " AND ".join(term.match for term in sought.wanted)
    out = " OR ".join(term.match for term in sought.terms if term.without)
    if sought.removed:
        # One of the words at least is gone from there; the others stood in the same sentences.
        bare = [f'"{" ".join(term.forms)}"{"*" if term.begun else ""}' for term in sought.wanted]
        wanted = f"{{sentences}} : ({' AND '.join(bare)}) AND {{words}} : ({' OR '.join(bare)})"
        out = " OR ".join(f'"{" ".join(term.forms)}"' for term in sought.terms if term.without)
    return f"({wanted}) NOT ({out})" if out else wanted


def _ordered(sought: Sought, table: str, row: str, where: str) -> tuple[str, int]:
    """Return the question, and how often it asks the filters."""
    asked = f"SELECT {row} FROM {table} WHERE {where}"
    if sought.order != "best" or not sought.wanted:
        return f"{asked} ORDER BY {row} DESC LIMIT ? OFFSET ?", 1
    newest = f"SELECT {row} AS place FROM {table} WHERE {where} ORDER BY {row} DESC LIMIT {RANKED}"
    return f"{asked} AND {row} >= (SELECT min(place) FROM ({newest})) ORDER BY i.rank, {row} DESC LIMIT ? OFFSET ?", 2


def _hit(db: Db, sought: Sought, phrases: Sequence[tuple[str, ...]], place: int) -> Hit:
    number, version = divmod(place, MOST_VERSIONS) if sought.removed else (place, 0)
    article = articles.article_row(db, str(number))
    texts = _taken_out(db, number, version) if sought.removed else _newest(db, number) if phrases else []
    return Hit(article=article, version=version or article.versions, snippet=snippet(texts, phrases) if texts else "")


def _newest(db: Db, number: int) -> list[str]:
    record = articles.latest(db, str(number))
    return list(reversed(searched(record))) if record else []


def _taken_out(db: Db, number: int, version: int) -> list[str]:
    row = db.execute("SELECT json FROM changes WHERE article_id = ? AND number = ?", (number, version)).fetchone()
    return ["\n".join(sentences_out(parse(row[0])))] if row else []
