"""The outlet's feed: titles and addresses from RSS 2.0, RSS 1.0 or Atom, with XML's dangerous parts off."""

import re
from dataclasses import dataclass
from html import escape
from html.entities import html5

from lxml import etree
from parsel import Selector, SelectorList

from archive.errors import ArchiveError
from archive.facts.items import Capture
from crawler.pages.decoding import codings, content
from crawler.pages.page import absolute, tidy
from crawler.pages.shown import Element

_PICTURED = frozenset(("enclosure", "content", "link"))
LIMIT = 4 * 1024 * 1024


class UnreadableFeed(ArchiveError):
    """Raise for a feed that is no XML, holds a document type, or is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry of the feed."""

    title: str
    url: str
    """Absolute as given: the port and the host may be another mirror's, the edition knows which."""
    date: str = ""
    """When it was changed, else published, as the feed prints it: `updated`, `pubDate` or `dc:date`."""
    picture: str = ""
    """The absolute address of its picture: an enclosure's, or that of `media:content` or `media:thumbnail`."""


def _children(element: Selector, name: str) -> SelectorList[Selector]:
    return element.xpath("*[local-name() = $name]", name=name)


def _text(element: Selector, name: str) -> str:
    return next((tidy(child.xpath("string()").get("")) for child in _children(element, name)), "")


def _link(entry: Selector) -> str:
    links = [link.root for link in _children(entry, "link")]
    for link in links:
        if link.get("href") and link.get("rel", "alternate") == "alternate":
            return str(link.get("href"))
    plain = next((text for link in links if (text := tidy(link.text or ""))), "")
    return plain or tidy(entry.xpath("*[local-name() = 'guid'][not(@isPermaLink = 'false')]/text()").get(""))


def _date(entry: Selector) -> str:
    return next((text for name in ("updated", "pubDate", "date", "published") if (text := _text(entry, name))), "")


def _picture(entry: Selector, base: str) -> str:
    for part in entry.xpath("descendant::*[@url or @href]"):
        name, kind = etree.QName(part.root).localname, part.attrib.get("type") or part.attrib.get("medium") or ""
        address = part.attrib.get("url") or (part.attrib.get("href") if part.attrib.get("rel") == "enclosure" else None)
        if address and (name == "thumbnail" or (name in _PICTURED and (kind.startswith("image") or name == "content"))):
            return absolute(base, address)
    return ""


def _parse(data: bytes, url: str) -> Element:
    if len(data) > LIMIT:
        raise UnreadableFeed(f"feed {url} has {len(data)} bytes, at most {LIMIT} are read")
    # A document type brings entities, and those bombs and files; in UTF-16 its letters are parted by NULs.
    if b"<!DOCTYPE" in data.replace(b"\0", b"").upper():
        raise UnreadableFeed(f"feed {url} holds a document type declaration, which is refused")
    try:
        return etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        try:
            return etree.fromstring(_mended(data), _parser())
        except (etree.XMLSyntaxError, ValueError):
            raise UnreadableFeed(f"feed {url} is no readable XML: {error}") from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)


def _mended(data: bytes) -> bytes:
    """Return a feed less what readers of feeds forgive: blanks before it, HTML's entities, bare ampersands, controls.

    What stands in CDATA is text already, but for characters that no XML may hold.
    """
    text = _CONTROLS.sub("", _decoded(data)).lstrip()
    parts = _CDATA.split(_DECLARATION.sub("", text))
    return "".join(part if n % 2 else _REFERENCE.sub(_character, part) for n, part in enumerate(parts)).encode()


def _decoded(data: bytes) -> str:
    declared = _ENCODING.search(data[:200])
    for name in ("utf-8-sig", declared[1].decode() if declared else "cp1252"):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name and (name.startswith("#") or name in _XML_NAMES):
        return match[0]
    return escape(html5.get(f"{name};", match[0])) if name else "&amp;"


_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_REFERENCE = re.compile(r"&(?:(#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,30});)?")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# One that is never closed ends at the next: to look for each one's end behind all others costs the square.
_CDATA = re.compile(r"(<!\[CDATA\[(?:(?!<!\[CDATA\[).)*?\]\]>)", re.DOTALL)
_DECLARATION = re.compile(r"^<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([\w.-]{1,40})")


def read_feed(source: Capture | bytes, url: str) -> tuple[FeedItem, ...]:
    """Return a feed's entries in its order; `source` is a capture, or the document's bytes without content coding.

    Entities are not resolved, nothing is fetched, entries without an http(s) address are passed over. Raises
    UnreadableFeed, and DecodingError for a capture.
    """
    data = content(source.body, codings(source), LIMIT) if isinstance(source, Capture) else source
    feed = Selector(root=_parse(data, url), type="xml")
    entries = feed.xpath("descendant-or-self::*[local-name() = 'item' or local-name() = 'entry']")
    found = (
        FeedItem(title=_text(e, "title"), url=absolute(url, link), date=_date(e), picture=_picture(e, url))
        for e in entries
        if (link := _link(e))
    )
    return tuple(item for item in found if item.url)
