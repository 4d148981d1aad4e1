"""Lists as Atom feeds (RFC 4287)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from starlette.responses import Response

from archive.catalog import articles
from archive.catalog.articles import ArticleRow
from archive.catalog.search import marked
from archive.texts.terminal import visible
from browse.asking import Ask
from browse.pages import lists as pages
from browse.pages.searching import results, sought
from browse.queries import lists

_MOST = 50
_NS = "http://www.w3.org/2005/Atom"
# What XML 1.0 has no place for; controls are written out before.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed."""

    key: str
    """What names it for ever, without spaces."""
    title: str
    link: str
    updated: str
    summary: str


def happened(ask: Ask) -> Response:
    """Give a list as a feed: the last thirty days, or since a day."""
    name, since = pages.list_name(ask.place("list")), ask.since(pages.DAYS)
    part = pages.found(ask, name, since).rows[:_MOST]
    entries = [
        Entry(
            key=f"{name}:{told.row.key}", title=_title(told.row.article), updated=told.row.not_after,
            link=_link(ask, told.row), summary=f"{told.when}. {told.what}".strip(),
        )
        for told in pages.told(ask, name, part)
    ]  # fmt: skip
    return _feed(ask, pages.titles(ask)[name][0], f"list:{name}", entries)


def _link(ask: Ask, row: lists.Happened) -> str:
    number = row.article.article_id
    if row.change:
        return ask.link(f"/a/{number}/diff/{row.change['from']}..{row.change['to']}")
    return ask.link(f"/a/{number}")


def section(ask: Ask) -> Response:
    """Give what a section lists as a feed."""
    key = ask.place("key")
    _, rows = lists.section_rows(ask.db, key, 1, _MOST)
    entries = [
        Entry(key=f"section:{key}:{row.article_id}", title=_title(row), link=ask.link(f"/a/{row.article_id}"),
              updated=row.edited_at or row.first_seen, summary="")
        for row in rows
    ]  # fmt: skip
    return _feed(ask, pages.section_name(ask, key), f"section:{key}", entries)


def search(ask: Ask) -> Response:
    """Give what a search finds as a feed."""
    answer = results(ask, sought(ask), _MOST)
    entries = [
        Entry(key=f"found:{hit.article.article_id}@{hit.version}", title=_title(hit.article),
              link=ask.link(f"/a/{hit.article.article_id}"), updated=hit.article.edited_at or hit.article.first_seen,
              summary=marked(hit.snippet, "", ""))
        for hit in answer.hits
    ]  # fmt: skip
    title = ask.tongue.say("Search: %(words)s", words=ask.word("q"))
    return _feed(ask, title, f"search:{ask.request.url.query}", entries)


def _title(article: ArticleRow) -> str:
    return article.headline or article.url


def _feed(ask: Ask, title: str, key: str, entries: Iterable[Entry]) -> Response:
    told = sorted(entries, key=lambda entry: entry.updated, reverse=True)
    last = articles.last_crawl(ask.db)
    feed = ET.Element(f"{{{_NS}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": ask.tongue.code})
    _put(feed, "title", f"{ask.outlet.name}: {title}")
    _put(feed, "id", _name(ask, key))
    _put(feed, "updated", told[0].updated if told else (last["at"] if last else "1970-01-01T00:00:00Z"))
    author = ET.SubElement(feed, f"{{{_NS}}}author")
    _put(author, "name", ask.tongue.say("Archive of %(outlet)s", outlet=ask.outlet.name))
    ET.SubElement(feed, f"{{{_NS}}}link", {"rel": "self", "href": _clean(ask.base() + ask.here())})
    for entry in told:
        node = ET.SubElement(feed, f"{{{_NS}}}entry")
        _put(node, "title", entry.title)
        _put(node, "id", _name(ask, entry.key))
        _put(node, "updated", entry.updated)
        ET.SubElement(node, f"{{{_NS}}}link", {"rel": "alternate", "href": _clean(ask.base() + entry.link)})
        _put(node, "summary", entry.summary)
    ET.register_namespace("", _NS)
    data: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(data, media_type="application/atom+xml")


def _name(ask: Ask, key: str) -> str:
    # A tag URI (RFC 4151): the same on whatever address the archive is read.
    return _clean(f"tag:{ask.outlet.edition},2026:{key}")


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_NS}}}{name}").text = _clean(text)


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", visible(text))
