"""What is not there: 404, with what lies nearest."""

import re
from typing import Any

from starlette.responses import Response

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.catalog.naming import moment_of, named_version, whole_number
from archive.errors import UsageError
from archive.facts.names import instant
from browse.asking import Ask, redirect
from browse.queries.lists import near

_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{2,11}(?![0-9])")
_ARTICLE = re.compile(r"/a/([1-9][0-9]{0,11})(?=[@/.]|\Z)")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{5,15}Z?)?")
_ORDINAL = re.compile(r"(?:@|\.\.|/diff/)([0-9]{1,4})(?![0-9-])")
_SHORT = re.compile(
    r"(?:(?<=@)|(?<=\.\.)|(?<=/diff/))(?:(?:sha256:)?[0-9a-f]{4,64}|today|yesterday|latest)(?=\.\.|\.[a-z]+\Z|/|\Z)"
)
"""What names a version in an address beside its time and number."""
_MOST = 5


def missing(ask: Ask, why: str = "") -> Response:
    """Say that there is no such page, and offer what lies nearest.

    That is the versions of the article that the address names, else the articles of the nearest numbers. An address
    that names its article or versions in short leads to the one that does so in full.
    """
    path = ask.request.url.path
    if (full := _in_full(ask, path)) != path:
        return redirect(ask.same(full))
    versions = _versions(ask, path)
    number = _NUMBER.search(path) or _NUMBER.search(ask.word("u"))
    nearest = list(near(ask.db, int(number[0]))) if number and not versions else []
    told: dict[str, Any] = {"number": number[0] if number else "", "nearest": nearest, "versions": versions, "pages": 0}
    rows = [{"cite": version.cite, "version": version.number} for version in versions]
    rows += [{"article_id": row.article_id, "headline": row.headline} for row in nearest]
    return ask.refused("missing.html", 404, why or ask.tongue.say("There is no page at this address."), rows, **told)


def _in_full(ask: Ask, path: str) -> str:
    named = _ARTICLE.match(path)
    if named is None:
        return path

    def version(word: re.Match[str]) -> str:
        return named_version(ask.db, f"{number}@{ask.dated(word[0])}", ask.tongue.zone).at

    try:
        number = whole_number(ask.db, named[1])
        return f"/a/{number}{_SHORT.sub(version, path[named.end() :])}"
    except UsageError:
        return path


def _versions(ask: Ask, path: str) -> list[Version]:
    """Return the versions nearest to the time or ordinal that an address asks for, of an article that is there."""
    named = _ARTICLE.match(path)
    try:
        known = list(articles.versions(ask.db, articles.article_row(ask.db, named[1]).article_id)) if named else []
        # Of a comparison the second.
        times, ordinals = _TIME.findall(path), _ORDINAL.findall(path)
        if times:
            at = moment_of(times[-1], ask.tongue.zone)
            known.sort(key=lambda version: abs(instant(version.captured_at) - at))
        elif ordinals:
            known.sort(key=lambda version: abs(version.number - int(ordinals[-1])))
        else:
            known.reverse()
    except UsageError:
        return []
    return known[:_MOST]


def no_such_page(ask: Ask, pages: int) -> Response | None:
    """Say that a list has no page of the number that is asked for, and offer the last one; None where it has."""
    if ask.page_number() <= max(pages, 1):
        return None
    why = ask.tongue.count("This list has %(num)s page.", "This list has %(num)s pages.", pages)
    told: dict[str, Any] = {"number": "", "nearest": [], "versions": [], "pages": pages}
    return ask.refused("missing.html", 404, why, [{"page": pages}], **told)
