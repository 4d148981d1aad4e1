"""The outlet's feed: titles and addresses from RSS 2.0, RSS 1.0 or Atom, with XML's dangerous parts off."""

from dataclasses import dataclass

from lxml import etree

from archive.errors import ArchiveError
from archive.facts.items import Capture
from crawler.pages.decoding import codings, content
from crawler.pages.page import Element, absolute, tidy

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


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if isinstance(child.tag, str) and etree.QName(child).localname == name]


def _text(element: Element, name: str) -> str:
    return next((tidy("".join(child.itertext())) for child in _children(element, name)), "")


def _link(entry: Element) -> str:
    links = _children(entry, "link")
    for link in links:
        if link.get("href") and link.get("rel", "alternate") == "alternate":
            return str(link.get("href"))
    plain = next((text for link in links if (text := tidy(link.text or ""))), "")
    guid = next((g for g in _children(entry, "guid") if g.get("isPermaLink", "true") != "false"), None)
    return plain or ("" if guid is None else tidy(guid.text or ""))


def _date(entry: Element) -> str:
    return next((text for name in ("updated", "pubDate", "date", "published") if (text := _text(entry, name))), "")


def _parse(data: bytes, url: str) -> Element:
    if len(data) > LIMIT:
        raise UnreadableFeed(f"feed {url} has {len(data)} bytes, at most {LIMIT} are read")
    # A document type brings entities, and those bombs and files; in UTF-16 its letters are parted by NULs.
    if b"<!DOCTYPE" in data.replace(b"\0", b"").upper():
        raise UnreadableFeed(f"feed {url} holds a document type declaration, which is refused")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFeed(f"feed {url} is no readable XML: {error}") from error


def read_feed(source: Capture | bytes, url: str) -> tuple[FeedItem, ...]:
    """Return a feed's entries in its order; `source` is a capture, or the document's bytes without content coding.

    Entities are not resolved, nothing is fetched, entries without an http(s) address are passed over. Raises
    UnreadableFeed, and DecodingError for a capture.
    """
    data = content(source.body, codings(source), LIMIT) if isinstance(source, Capture) else source
    root = _parse(data, url)
    entries = [e for e in root.iter() if isinstance(e.tag, str) and etree.QName(e).localname in ("item", "entry")]
    found = (
        FeedItem(title=_text(e, "title"), url=absolute(url, link), date=_date(e)) for e in entries if (link := _link(e))
    )
    return tuple(item for item in found if item.url)
