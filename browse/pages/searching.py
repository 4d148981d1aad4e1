"""Search: words and filters in the address, the answer with its counts, never an error."""

import sqlite3

from starlette.responses import Response

from archive.catalog.query import MOST_LETTERS, MOST_WORDS, QueryFault, QueryRefused, read
from archive.catalog.snippets import marked
from browse.asking import PAGE_ROWS, Ask, Unfit, as_json
from browse.queries import found
from browse.queries.found import Results, Sought
from browse.reader import NotReady
from browse.shown import changes

ON = "1"


def sought(ask: Ask) -> Sought:
    """Return what a request asks for. Raises Unfit for a question of too many letters or words, or of -word alone."""
    text, language = ask.word("q"), ask.site.reader.catalog.vocabulary.language
    try:
        terms = read(text, language) if text else ()
    except QueryRefused as refused:
        raise Unfit(_refusals(ask)[refused.why]) from refused
    return Sought(
        terms=terms,
        language=language,
        removed=ask.word("removed") == ON,
        state=found.state_of(ask.word("state")),
        section=ask.word("section")[:64],
        silent=ask.word("silent") == ON,
        edited=ask.word("edited") == ON,
        order="best" if ask.word("order") == "best" else "newest",
    )


def _refusals(ask: Ask) -> dict[QueryFault, str]:
    say = ask.tongue.say
    return {
        "too_long": say("That is too long: a search has %(most)s letters at most.", most=MOST_LETTERS),
        "too_many": say("Those are too many words: a search has %(most)s at most.", most=MOST_WORDS),
        "no_word": say("There is no word to look for in that."),
        "only_without": say("A word with - before it takes away; give one to look for besides."),
    }


def results(ask: Ask, question: Sought, count: int = PAGE_ROWS) -> Results:
    """Return one page of the answer. Raises Unfit for what the index can't answer, NotReady before there is one."""
    if ask.site.alone is not None:
        done, of = ask.site.alone.searchable()
        if done < of:
            raise NotReady("search is being made ready", folded=done, of=of, unit="articles")
    try:
        return found.results(ask.db, question, ask.page_number(), count)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_ERROR:
            raise
        raise Unfit(ask.tongue.say("The index can’t answer that; ask with fewer, plain words.")) from error


def search(ask: Ask) -> Response:
    """Show what was found."""
    question = sought(ask)
    asked = bool(ask.request.query_params.keys() - {"lang"})
    if not asked:
        return ask.render("search.html", question=question, answer=None, facets={}, states={}, page=1, pages=1)
    answer = results(ask, question)
    facets = ask.site.reader.kept(ask.db, ("facets", question), lambda: _facets(ask, question))
    return ask.render(
        "search.html", question=question, answer=answer, facets=facets, states=changes.state_names(ask.tongue),
        page=ask.page_number(), pages=-(-answer.total // PAGE_ROWS),
    )  # fmt: skip


def _facets(ask: Ask, question: Sought) -> dict[str, dict[str, int]]:
    known, sections = ask.site.reader.kept(ask.db, ("traits",), lambda: found.traits(ask.db))
    return found.facets(ask.db, question, known, sections)


def search_json(ask: Ask) -> Response:
    """Answer what was found as JSON."""
    answer = results(ask, sought(ask))
    rows = [
        {
            "article_id": hit.article.article_id, "url": hit.article.url, "headline": hit.article.headline,
            "published": hit.article.published, "state": hit.article.state, "versions": hit.article.versions,
            "version": hit.version, "snippet": marked(hit.snippet, "", ""),
        }
        for hit in answer.hits
    ]  # fmt: skip
    return as_json(
        {
            "schema": "presstv.found/1",
            "q": ask.word("q"),
            "total": answer.total,
            "page": ask.page_number(),
            "rows": rows,
        }
    )
