"""Search: words and what narrows it in the address, the answer with its facets, never an error."""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.responses import Response

from archive.catalog.facets import TRAITS, Facets, Narrowed, Narrowing, Trait
from archive.catalog.found import RANKED
from archive.catalog.query import BEGUN_OF_MANY, MOST_LETTERS, MOST_WORDS, QueryFault, QueryRefused, Term, read
from archive.catalog.snippets import marked
from browse.asking import FEED_ROWS, PAGE_ROWS, TAKEN_ROWS, Ask, Unfit, as_json, pages_of
from browse.queries import found
from browse.queries.found import Hit, Sought
from browse.reader import NotReady
from browse.shown import changes, facets

ON = "1"


def sought(ask: Ask) -> Sought:
    """Return what a request asks for. Raises Unfit for a question of too many letters or words, or of -word alone."""
    text, language = ask.word("q"), ask.site.reader.catalog.vocabulary.language
    # Blanks around it count, as OpenAPI's maxLength has it.
    if len(ask.request.query_params.get("q", "")) > MOST_LETTERS:
        raise Unfit(_refusals(ask)["too_long"])
    terms, wordless = tuple[Term, ...](), False
    try:
        terms = read(text, language) if text else ()
    except QueryRefused as refused:
        if refused.why != "no_word":
            raise Unfit(_refusals(ask)[refused.why]) from refused
        wordless = True
    return Sought(
        terms=terms,
        wordless=wordless,
        language=language,
        removed=ask.word("removed") == ON,
        narrowing=_narrowing(ask),
        order="best" if ask.word("order") == "best" else "newest",
    )


def _narrowing(ask: Ask) -> Narrowing:
    section = ask.word("section")[:200]
    asked: Mapping[Trait, str] = {
        "edited": ask.word("edited"), "silent": ask.word("silent"), "removed": ask.word("away"),
        "own": ask.word("own"), "others": ask.word("others"),
    }  # fmt: skip
    return Narrowing(
        # A listing's key stands for the name that the menu has for it.
        section=ask.outlet.sections.get(section, section),
        month=ask.word("month")[:200],
        layout=ask.word("layout")[:200],
        state=found.state_of(ask.word("state")),
        traits=frozenset(trait for trait in TRAITS if asked[trait] == ON),
    )


def _refusals(ask: Ask) -> Mapping[QueryFault, str]:
    say = ask.tongue.say
    return {
        "too_long": say("That is too long: a search has %(most)s letters at most.", most=MOST_LETTERS),
        "too_many": say("Those are too many words: a search has %(most)s at most.", most=MOST_WORDS),
        "too_short": say(
            "For so many articles a beginning of two letters is too short: give %(least)s letters before the *.",
            least=BEGUN_OF_MANY,
        ),
        "only_without": say("A word with - before it takes away; give one to look for besides."),
    }


def answer_of(ask: Ask, question: Sought) -> Narrowed:
    """Return the answer. Raises Unfit for what the index can't answer, NotReady before there is one."""
    if ask.site.alone is not None:
        done, of, broken = ask.site.alone.searchable()
        if broken:
            raise NotReady("no_index", broken)
        if done < of:
            raise NotReady("indexing", "search is being made ready", done=done, of=of)
    reader = ask.site.reader
    try:
        return reader.kept(ask.db, ("found", question), lambda: found.answer(ask.db, reader.counted(ask.db), question))
    except QueryRefused as refused:
        raise Unfit(_refusals(ask)[refused.why]) from refused
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_ERROR:
            raise
        raise Unfit(ask.tongue.say("The index can’t answer that; ask with fewer, plain words.")) from error


def hits(ask: Ask, question: Sought, answer: Narrowed, count: int = PAGE_ROWS) -> list[Hit]:
    """Return the page of an answer that a request asks for."""
    first = (ask.page_number() - 1) * count
    return found.hits(ask.db, question, answer.rows[first : first + count])


def search(ask: Ask) -> Response:
    """Show what was found."""
    question = sought(ask)
    asked = bool(ask.request.query_params.keys() - {"lang"})
    if not asked:
        return ask.render("search.html", question=question, answer=None)
    answer = answer_of(ask, question)
    return ask.render(
        "search.html", question=question, answer=answer, hits=hits(ask, question, answer),
        chosen=facets.chosen(ask.tongue, ask.here, question.narrowing),
        facets=facets.told(ask.tongue, ask.here, answer.facets, question.narrowing),
        states=changes.state_names(ask.tongue), page=ask.page_number(), pages=pages_of(len(answer.rows)),
        most=RANKED, fed=FEED_ROWS, taken=TAKEN_ROWS,
    )  # fmt: skip


def search_json(ask: Ask) -> Response:
    """Answer what was found as JSON."""
    question = sought(ask)
    answer = answer_of(ask, question)
    rows = [
        {
            "article_id": hit.article.article_id, "url": hit.article.url, "headline": hit.article.headline,
            "published": hit.article.published, "state": hit.article.state, "versions": hit.article.versions,
            "version": hit.version, "snippet": marked(hit.snippet, "", ""),
        }
        for hit in hits(ask, question, answer)
    ]  # fmt: skip
    return as_json(
        {
            "schema": "presstv.found/1",
            "q": ask.word("q"),
            "total": answer.total,
            "page": ask.page_number(),
            "facets": _counted(answer.facets),
            "rows": rows,
        }
    )


def _counted(told: Facets) -> dict[str, Any]:
    """Return facets as JSON, by the words of the query: a lone trait is a word of its own."""
    counts = asdict(told)
    return {name.removesuffix("s"): counts[name] for name in ("sections", "months", "layouts", "states", "traits")}
