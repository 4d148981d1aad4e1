"""Addresses that lead to others: of the outlet, of a replay service."""

from starlette.responses import Response

from archive.catalog import articles
from archive.facts.names import stamp
from browse.asking import Ask, as_json, redirect


def url(ask: Ask) -> Response:
    """Lead from the outlet's address of an article, on any mirror or within a replay service, to the archive's."""
    asked = ask.word("u")
    if not asked:
        return ask.render("by_address.html")
    return redirect(ask.link(_ours(ask, asked)))


def url_json(ask: Ask) -> Response:
    """Answer where the outlet's address of an article leads, as JSON."""
    path = _ours(ask, ask.word("u"))
    name = path.rpartition("/")[2]
    return as_json({"schema": "presstv.address/1", "article_id": name.partition("@")[0], "name": name, "path": path})


def _ours(ask: Ask, asked: str) -> str:
    number, at = ask.article_at(asked)
    row = articles.article_row(ask.db, number)
    return f"/a/{row.article_id}" + (f"@{stamp(at)}" if at and row.versions else "")
