"""Whether a capture made by others is whole, a page, and as the outlet gave it."""

import re

from archive.facts.items import Article, Capture
from archive.warc.exchanges import WarcRecord
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

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_START = 1024
_UNKNOWN = ("unknown/unknown", "application/unknown")


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
    told = [v.decode("latin-1") for k, v in capture.response_headers if k.lower() == b"content-type"]
    return media_type(*told) in ("", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream")


def holds_markup(record: WarcRecord) -> bool:
    """Return whether a record without an exchange holds a page, by its type, if it has one, and its first bytes."""
    kind = media_type(record.fields.get("content-type", ""))
    markup = record.block[:_START].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return markup and kind in ("", "text/html", "application/xhtml+xml")


def media_type(*values: str) -> str:
    """Return the media type that values of Content-Type name, in lower case; empty where none names any.

    Some are joined of several, which say it twice: the last one that is a type counts, as it does to browsers (WHATWG
    Fetch, "extract a MIME type"), and what says that it is unknown is none (WHATWG MIME Sniffing, section 7).
    """
    parts = (part.partition(";")[0].strip(' \t"').lower() for value in values for part in value.split(","))
    found = [kind[0] for part in parts if (kind := _TYPE.match(part)) and kind[0] not in _UNKNOWN]
    return found[-1] if found else ""


def speaks_otherwise(article: Article, edition: Edition) -> str:
    """Return why an article is not the edition's, or an empty string: its page states another language."""
    return "" if edition.speaks(article.language) else f"not this edition's: its language is {article.language[:20]!r}"
