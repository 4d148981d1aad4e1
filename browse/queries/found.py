"""Search as pages ask it: what was typed with its filters, the answer in pages, and its facets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.catalog import articles
from archive.catalog.articles import ArticleRow, Db
from archive.catalog.found import RANKED, Order, Search
from archive.catalog.matching import match_of
from archive.catalog.query import Term
from archive.facts.outcomes import STATES, State
from archive.languages.language import Language

__all__ = ["RANKED", "Hit", "Order", "Results", "Sought", "Term", "facets", "results", "state_of", "traits"]


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
    language: Language | None = field(default=None, compare=False)
    """The texts', whose words have other forms."""

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


def state_of(text: str) -> State | None:
    """Return the state of that name, or None."""
    return next((state for state in STATES if state == text), None)


def results(db: Db, sought: Sought, page: int, count: int) -> Results:
    """Return how many articles (or removed sentences' versions) a search finds, and one page of them."""
    first = (page - 1) * count
    if not sought.wanted:
        return _narrowed(db, sought, first, count)
    question = _asked(db, sought)
    total = question.total(db)
    places = question.places(db, count, first) if not first or first < total else []
    hits = (
        Hit(article=article, version=version or article.versions, snippet=question.snippet(db, number, version))
        for number, version in places
        for article in (articles.article_row(db, str(number)),)
    )
    return Results(total=total, hits=tuple(hits))


def _asked(db: Db, sought: Sought) -> Search:
    match = match_of(db, sought.terms, sought.language)
    return Search(match=match, removed=sought.removed, order=sought.order, where=_where(sought, "{number}"))


def _narrowed(db: Db, sought: Sought, first: int, count: int) -> Results:
    """Answer filters without words."""
    table = "taken_out i" if sought.removed else "articles a"
    number = f"i.rowid / {articles.MOST_VERSIONS}" if sought.removed else "a.article_id"
    row = "i.rowid" if sought.removed else "a.article_id"
    where, values = _where(sought, number)
    if sought.removed and "a." in where:
        table += f" CROSS JOIN articles a ON a.article_id = {number}"
    told = f"FROM {table} WHERE 1{where}"
    total = db.execute(f"SELECT count(*) {told}", values).fetchone()[0]
    rows = db.execute(f"SELECT {row} {told} ORDER BY {row} DESC LIMIT ? OFFSET ?", [*values, count, first])
    hits = []
    for (place,) in rows.fetchall():
        found, version = divmod(place, articles.MOST_VERSIONS) if sought.removed else (place, 0)
        article = articles.article_row(db, str(found))
        hits.append(Hit(article=article, version=version or article.versions, snippet=""))
    return Results(total=total, hits=tuple(hits))


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
    counts = Counter(known.get(number, 0) for number in _numbers(db, sought))

    def having(mask: int) -> int:
        return sum(count for bits, count in counts.items() if bits & mask)

    states = {state: sum(n for bits, n in counts.items() if bits & _STATE == at) for at, state in enumerate(STATES)}
    listed = {section: having(1 << (place + _LISTED)) for place, section in enumerate(sections)}
    return {
        "state": {state: count for state, count in states.items() if count},
        "section": dict(sorted(((s, n) for s, n in listed.items() if n), key=lambda each: -each[1])),
        "edited": {"edited": having(_EDITED), "silent": having(_SILENT)},
    }


def _numbers(db: Db, sought: Sought) -> list[int]:
    if sought.wanted:
        return _asked(db, sought).numbers(db)
    where, values = _where(sought, "a.article_id")
    return [number for (number,) in db.execute(f"SELECT a.article_id FROM articles a WHERE 1{where}", values)]


def _where(sought: Sought, number: str) -> tuple[str, list[Any]]:
    """Return the filters as conditions on articles `a` and on an article's number, with their values."""
    parts, values = "", list[Any]()
    if sought.state:
        parts += " AND a.state = ?"
        values.append(sought.state)
    if sought.section:
        parts += f" AND EXISTS (SELECT 1 FROM placements p WHERE p.section = ? AND p.article_id = {number})"
        values.append(sought.section)
    if sought.silent:
        parts += f" AND EXISTS (SELECT 1 FROM changes n WHERE n.article_id = {number} AND n.silent)"
    if sought.edited:
        parts += " AND a.versions > 1"
    return parts, values
