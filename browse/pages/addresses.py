"""Addresses that lead to others: of the outlet, of a replay service, of a citation."""

from starlette.responses import Response

from archive.catalog import articles
from archive.facts.names import stamp
from browse.asking import Ask, NotThere, redirect
from browse.pages.article import read_version

_SHORTEST = 8


def url(ask: Ask) -> Response:
    """Lead from the outlet's address of an article, on any mirror or within a replay service, to the archive's."""
    asked = ask.word("u")
    if not asked:
        return ask.render("by_address.html")
    number, at = ask.article_at(asked)
    row = articles.article_row(ask.db, number)
    return redirect(ask.link(f"/a/{row.article_id}" + (f"@{stamp(at)}" if at and row.versions else "")))


def cite(ask: Ask) -> Response:
    """Lead from a citation to the version, where what this archive reads there has the digest that was cited."""
    version, digits = read_version(ask), ask.place("digest")
    digest = version.record["digests"]["version"].removeprefix("sha256:")
    if len(digits) >= _SHORTEST and digest.startswith(digits):
        return redirect(ask.link(f"/a/{version.cite}"))
    why = ask.tongue.say("This archive has that capture, and reads another text in it than the one that was cited.")
    raise NotThere(why)
