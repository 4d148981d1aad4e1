"""Addresses that lead to others: of the outlet, of a replay service."""

from starlette.responses import Response

from archive.catalog import articles
from archive.facts.names import stamp
from browse.asking import Ask, redirect


def url(ask: Ask) -> Response:
    """Lead from the outlet's address of an article, on any mirror or within a replay service, to the archive's."""
    asked = ask.word("u")
    if not asked:
        return ask.render("by_address.html")
    number, at = ask.article_at(asked)
    row = articles.article_row(ask.db, number)
    return redirect(ask.link(f"/a/{row.article_id}" + (f"@{stamp(at)}" if at and row.versions else "")))
