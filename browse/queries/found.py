"""Search as pages ask it: what was typed with its filters, and the answer in pages, with its facets."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archive.catalog import articles, facets
from archive.catalog.articles import MOST_VERSIONS, ArticleRow, Db
from archive.catalog.facets import TRAITS, Counted, Facets, Narrowed, Narrowing, Trait
from archive.catalog.found import RANKED, Order, Search
from archive.catalog.matching import match_of
from archive.catalog.query import Term
from archive.facts.outcomes import STATES, State
from archive.languages.language import Language

__all__ = ["RANKED", "TRAITS", "Facets", "Hit", "Narrowed", "Narrowing", "Order", "Sought", "Term", "Trait", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A search: words, and what narrows it."""

    terms: tuple[Term, ...] = ()
    wordless: bool = False
    """Whether something was typed in which there is no word: nothing has it."""
    removed: bool = False
    """In what later versions lack, not in the newest texts."""
    narrowing: Narrowing = field(default_factory=Narrowing)
    order: Order = "newest"
    language: Language | None = field(default=None, compare=False)
    """The texts', whose words have other forms."""

    def search(self, db: Db) -> Search | None:
        """Return how the index is asked; None where it is not: for all articles."""
        if not any(not term.without for term in self.terms):
            return Search(match=None, removed=True) if self.removed else None
        return Search(match=match_of(db, self.terms, self.language), removed=self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article found."""

    article: ArticleRow
    version: int
    """That lacks what was sought, else the newest."""
    snippet: str
    """With the marks of `archive.catalog.search`; empty where no word was asked."""


_NOTHING = Narrowed(
    total=0, facets=Facets(total=0, months={}, sections={}, layouts={}, states={}, traits={}), rows=()
)  # fmt: skip


def state_of(text: str) -> State | None:
    """Return the state of that name, or None."""
    return next((state for state in STATES if state == text), None)


def answer(db: Db, known: Counted, sought: Sought) -> Narrowed:
    """Return how many a search finds, what they are, and the newest 10,000 of them, in the order that was asked for."""
    if sought.wordless:
        return _NOTHING
    asked = sought.search(db)
    found = facets.narrowed(db, known, asked, sought.narrowing)
    if sought.order == "newest" or asked is None or asked.match is None or not found.rows:
        return found
    # That a row is among them is asked of those that the index finds, not the other way round.
    among = " AND i.rowid BETWEEN ? AND ? AND +i.rowid IN (SELECT value FROM json_each(?))"
    where = among, [found.rows[-1], found.rows[0], json.dumps(list(found.rows))]
    ranked = Search(match=asked.match, removed=asked.removed, order="best", where=where)
    return Narrowed(total=found.total, facets=found.facets, rows=ranked.ordered(db))


def hits(db: Db, sought: Sought, rows: Iterable[int]) -> list[Hit]:
    """Return a part of an answer, told."""
    asked, told = sought.search(db), []
    for row in rows:
        number, version = divmod(row, MOST_VERSIONS) if sought.removed else (row, 0)
        article = articles.article_row(db, str(number))
        text = asked.snippet(db, number, version) if asked and asked.match else ""
        told.append(Hit(article=article, version=version or article.versions, snippet=text))
    return told


def numbers(sought: Sought, rows: Sequence[int]) -> Iterable[int]:
    """Return the articles of an answer's rows, each once."""
    return dict.fromkeys(row // MOST_VERSIONS for row in rows) if sought.removed else rows
