"""What a page says of itself to machines: JSON-LD (schema.org), Open Graph, `article:*`, Dublin Core and plain meta."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from archive.facts.items import Block, Caption, DateText, DateTexts
from crawler.pages.captions import credit
from crawler.pages.page import Page, fold, text_of, tidy
from crawler.pages.shown import Element

_ARTICLE_TYPE = re.compile(
    r"(?:News|Report|Opinion|Analysis|Review|BlogPosting|LiveBlog|Video)?\w*(?:Article|Posting|VideoObject)$"
)
_PUBLISHED_META = (
    "dc.date.created", "dc.date.issued", "dc.date", "dcterms.created", "dcterms.issued", "article:published_time",
    "og:article:published_time", "datepublished", "datecreated", "publishdate", "pubdate", "publish-date", "date",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
)  # fmt: skip
_MODIFIED_META = (
    "dc.date.modified", "dcterms.modified", "article:modified_time", "og:updated_time", "datemodified", "last-modified",
    "lastmod",
)  # fmt: skip
_PRETTY = {
    "dc.date.created": "DC.Date.Created",
    "dc.date.modified": "DC.Date.Modified",
    "dc.date.issued": "DC.Date.Issued",
}
# An excerpt ends in dots; the page's own text is then the better source.
_CUT = re.compile(r"(?:…|\.\.\.|\[\u2026\])\s*$")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,31}[0-9]{0,2});", re.IGNORECASE)
_NO_NAME = re.compile(r"://|^www\.|^/|^\S+@\S+\.\S+$|^[^\s.]+(?:\.[^\s.]+)*\.[a-z]{2,4}/", re.IGNORECASE)
_SHORTEST_BODY, _LONGEST_LINE = 250, 1000


def texts(value: Any) -> list[str]:
    """Return the strings of a JSON-LD value: itself, a list's, or an object's `name`, `url` or `@value`."""
    found: list[str] = []
    waiting = [value]
    # No call in itself: data may be nested as deep as its parser bears.
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found += [tidy(unescape(item))] if item.strip() else []
        elif isinstance(item, list):
            waiting += reversed(item)
        elif isinstance(item, Mapping):
            waiting.append(item.get("name") or item.get("@value") or item.get("url") or item.get("contentUrl"))
    return found


def _types(node: Mapping[str, Any]) -> list[str]:
    return [t.rpartition("/")[2] for t in texts(node.get("@type"))]


class Metadata:
    """The reading of a page's own metadata; methods return (value, source) as the layouts do."""

    name = "metadata"

    def __init__(self, page: Page) -> None:
        self.page = page
        self._template = page.edition.template

    @cached_property
    def node(self) -> Mapping[str, Any]:
        """The JSON-LD node of the article, or an empty one."""
        nodes = self.page.json_ld
        nested = [n["mainEntity"] for n in nodes if isinstance(n.get("mainEntity"), dict)]
        return next((n for n in [*nodes, *nested] if any(map(_ARTICLE_TYPE.match, _types(n)))), {})

    def _first(self, key: str) -> str:
        return next(iter(texts(self.node.get(key))), "")

    def _head(self, *names: str) -> tuple[str, str]:
        content, name = self.page.first_meta(*names)
        return (content, name if ":" in name else f"meta:{name}") if content else ("", "")

    def headline(self) -> tuple[str, str]:
        """Return JSON-LD's headline, else the title that the head gives."""
        if headline := self._first("headline") or self._first("name"):
            return headline, "json-ld:headline"
        content, source = self._head("og:title", "twitter:title", "dc.title", "title")
        if content and not self._template.is_site_name(content):
            return content, source
        return ("", "") if self._template.is_site_name(self.page.title) else (self.page.title, "<title>")

    def titles(self) -> list[str]:
        """Return every title that the head gives, the outlet's name off, best first."""
        head = [self.page.meta.get(n, [""])[0] for n in ("og:title", "twitter:title", "dc.title", "title")]
        found = [self._first("headline"), *self._marked("headline"), *head, self.page.title]
        titles = (self._template.without_site_name(t) for t in dict.fromkeys(found))
        return [title for title in titles if title and not self._template.is_site_name(title)]

    def _marked(self, name: str) -> list[str]:
        """Return the texts of the elements that microdata gives this name."""
        marked = (e for e in self.page.select(f"[itemprop={name}]") if e.tag != "meta")
        return [text_of(e) for e in marked if self.page.held(e).chars < _LONGEST_LINE]

    @cached_property
    def is_article(self) -> bool:
        """Whether JSON-LD or microdata call the page an article."""
        return bool(self.node) or bool(self.page.select("[itemscope][itemtype*=Article]"))

    @property
    def walled(self) -> bool:
        """Whether JSON-LD says that readers get a part of the text only (`isAccessibleForFree`)."""
        return str(self.node.get("isAccessibleForFree", "")).lower() == "false"

    def captions(self) -> tuple[tuple[Caption, ...], str]:
        """Return the captions of JSON-LD's pictures."""
        node = self.node.get("image")
        items = node if isinstance(node, list) else [node]
        found = [text for i in items if isinstance(i, Mapping) for text in texts(i.get("caption"))]
        return tuple(Caption(text=t, credit=credit(t)) for t in dict.fromkeys(found)), "json-ld:image" if found else ""

    def description(self) -> str:
        """Return the summary in the head, maybe cut."""
        head = self._head("og:description", "description", "twitter:description", "dc.description")[0]
        return head or self._first("description")

    def byline(self) -> tuple[str, str]:
        """Return the authors of JSON-LD that are no organization, else the head's author; an address names nobody."""
        if names := [name for name in self._authors(organizations=False) if _is_name(name)]:
            return ", ".join(names), "json-ld:author"
        for name in ("author", "article:author", "dc.creator", "parsely-author"):
            content, source = self._head(name)
            if _is_name(content):
                return content, source
        return "", ""

    def organization(self) -> tuple[str, str]:
        """Return the organizations that JSON-LD names as authors, the outlet left out."""
        names = [n for n in self._authors(organizations=True) if _is_name(n) and not self._template.is_site_name(n)]
        return (", ".join(names), "json-ld:author") if names else ("", "")

    def _authors(self, *, organizations: bool) -> list[str]:
        authors = self.node.get("author")
        listed = authors if isinstance(authors, list) else [authors]
        return texts([a for a in listed if (isinstance(a, Mapping) and "Organization" in _types(a)) is organizations])

    def is_outlet(self, name: str) -> bool:
        """Tell whether a name is the site's own, as its data, its head or its address has it."""
        publisher = self.node.get("publisher")
        stated = [*texts(publisher), *self.page.meta.get("og:site_name", []), urlsplit(self.page.url).hostname or ""]
        own = {fold(each).replace(" ", "") for each in stated}
        told = fold(name).replace(" ", "")
        return told in own or f"www{told}" in own

    def blocks(self) -> tuple[tuple[Block, ...], str]:
        """Return JSON-LD's articleBody as paragraphs, unless it is short or an excerpt."""
        raw = self.node.get("articleBody")
        if not isinstance(raw, str) or len(raw) < _SHORTEST_BODY or _CUT.search(raw):
            return (), ""
        if "</" in raw or "<br" in raw or "&lt;" in raw:
            raw = _from_html(raw)
        # JSON is no HTML: a reference in it was escaped once more than its reader undoes.
        whole = _REFERENCE.sub(lambda found: unescape(found[0]), raw)
        lines = [tidy(line) for line in re.split(r"\s*[\r\n]+\s*", whole)]
        return tuple(Block(text=line) for line in lines if line), "json-ld:articleBody"

    def images(self) -> tuple[tuple[str, ...], str]:
        """Return the pictures that JSON-LD or Open Graph name."""
        node = self.node.get("image")
        items = node if isinstance(node, list) else [node]
        urls = [(i.get("url") or i.get("contentUrl")) if isinstance(i, Mapping) else i for i in items]
        found = [self.page.absolute(u) for u in urls if isinstance(u, str)]
        if any(found):
            return tuple(dict.fromkeys(filter(None, found))), "json-ld:image"
        found = [self.page.absolute(u) for u in self.page.meta.get("og:image", ())]
        return tuple(dict.fromkeys(filter(None, found))), "og:image" if any(found) else ""

    def breadcrumb(self) -> tuple[tuple[str, ...], str]:
        """Return the names of JSON-LD's BreadcrumbList by position; the front page and the article itself are out."""
        own = {"", *map(fold, self.titles()), *self.page.edition.home_names}
        for node in self.page.json_ld:
            crumbs = node.get("itemListElement") if "BreadcrumbList" in _types(node) else None
            if not isinstance(crumbs, list):
                continue
            items = sorted((c for c in crumbs if isinstance(c, Mapping)), key=lambda c: _position(c.get("position")))
            names = [next(iter(texts(c.get("name") or c.get("item"))), "") for c in items]
            kept = [n for n in names if fold(n) not in own]
            if kept:
                return tuple(dict.fromkeys(kept)), "json-ld:BreadcrumbList"
        return (), ""

    def sections(self) -> tuple[tuple[str, ...], str]:
        """Return the sections that JSON-LD or `article:section` name."""
        if names := texts(self.node.get("articleSection")):
            return tuple(dict.fromkeys(names)), "json-ld:articleSection"
        names = self.page.meta.get("article:section", []) or self.page.meta.get("articlesection", [])
        return tuple(dict.fromkeys(names)), "article:section" if names else ""

    def tags(self) -> tuple[tuple[str, ...], str]:
        """Return the keywords of JSON-LD, `article:tag` or the keywords line."""
        for source, names in (
            ("json-ld:keywords", texts(self.node.get("keywords"))),
            ("article:tag", self.page.meta.get("article:tag", [])),
            ("meta:keywords", [self.page.first_meta("news_keywords", "keywords")[0]]),
        ):
            found = [tag for name in names for part in re.split(r"[,;]", name) if (tag := tidy(part))]
            if found:
                return tuple(dict.fromkeys(found)), source
        return (), ""

    def dates(self) -> tuple[DateTexts, DateTexts]:
        """Return (published, modified) texts: the outlet's DC lines, JSON-LD, then `article:*` and their like."""
        return (
            self._dates(_PUBLISHED_META, ("datePublished", "dateCreated", "uploadDate")),
            self._dates(_MODIFIED_META, ("dateModified",)),
        )

    def _dates(self, names: Iterable[str], keys: Iterable[str]) -> DateTexts:
        head = [DateText(text=t, source=_PRETTY.get(n, n)) for n in names for t in self.page.meta.get(n, [])[:1]]
        data = [DateText(text=t, source="json-ld") for key in keys for t in texts(self.node.get(key))[:1]]
        first = [d for d in head if d.source.startswith("DC.")]
        return (*first, *data, *(d for d in head if d not in first))


def _is_name(text: str) -> bool:
    return bool(text) and not _NO_NAME.search(text) and any(map(str.isalpha, text))


def _position(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _from_html(raw: str) -> str:
    lines = re.sub(r"<(?:br|/p|/div|/h\d|/li)\b[^<>]*>", "\n", raw, flags=re.IGNORECASE)
    root: Element = etree.fromstring(f"<div>{lines}</div>", etree.HTMLParser(remove_comments=True))
    return "".join(root.itertext())


def language(page: Page) -> tuple[str, str]:
    """Return the page's language tag as given and where it stood."""
    stated = tidy(page.root.get("lang") or page.root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    if stated:
        return stated, "html[lang]"
    content, name = page.first_meta("content-language", "language", "og:locale", "dc.language")
    return content.replace("_", "-"), name
