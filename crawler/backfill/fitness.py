"""Whether a capture made by others is whole, a page, and as the outlet gave it."""

import re

from archive.facts.items import Article, Capture
from crawler.editions.edition import Edition
from crawler.pages import decoding

_ALTERED = re.compile(
    rb"BEGIN WAYBACK TOOLBAR INSERT|FILE ARCHIVED ON \d|/_static/js/(?:bundle-playback|wombat)|"
    rb"<!-- WB Insert|_WBWombat|\bwbinfo\s*=|wombat(?:\.bundle)?\.js|archive\.org/includes/(?:analytics|athena)|"
    # An article may well link to a page of a replay; its own links and its parts are never below one.
    rb"(?:href|src)\s*=\s*[\"']?/(?:[\w-]+/)?\d{4,14}(?:[a-z]{2}_)?/https?:|"
    rb"(?:href|src)\s*=\s*[\"']?(?:https?:)?//web\.archive\.org/web/\d{4,14}(?:im|cs|js)_/",
    re.IGNORECASE,
)


def altered(capture: Capture) -> str:
    """Return why a page is not as the outlet sent it, or an empty string: a replay's toolbar, its rewritten links."""
    try:
        body = decoding.content(capture.body, decoding.codings(capture))
    except decoding.DecodingError:
        return ""
    found = _ALTERED.search(body)
    return f"rewritten by a replay: it holds {found[0].decode('latin-1')!r}" if found else ""


def is_page(capture: Capture) -> bool:
    """Return whether a capture says that it is an HTML page, or does not say what it is."""
    kind = (capture.header("content-type") or "").partition(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream", "unk")


def speaks_otherwise(article: Article, edition: Edition) -> str:
    """Return why an article is not the edition's, or an empty string: its page states another language."""
    return "" if edition.speaks(article.language) else f"not this edition's: its language is {article.language[:20]!r}"
