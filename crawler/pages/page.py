"""One page, parsed once: the tree that every strategy shares, its meta lines and JSON-LD, and the bounds of parsing."""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from parsel import Selector
from parsel.csstranslator import css2xpath

from crawler.editions.edition import Edition
from crawler.pages import shown
from crawler.pages.decoding import DecodingError
from crawler.pages.holdings import Holding, holdings, outermost
from crawler.pages.shown import Element
from crawler.pages.work import PageTooLarge, spend
from pipelines.clean import regular

MAX_TAGS = 150_000
# libxml2 stops at 2,048 levels without an exception and drops the rest of the page.
MAX_DEPTH = 2000
# Deep and wide at once costs the product of both: minutes for a page of a few hundred kB.
_MANY_TAGS = 10_000
_IS_DEEP: Any = etree.XPath(f"boolean({'/*' * 513})")
_HEAD = ("base", "meta", "script", "title")
# What follows a premature </html> makes a root of its own, which only the document knows.
_ROOTS: Any = etree.XPath("/*")
_NO_NUMBER = re.compile(r"(?:https?:|/)[^0-9]*$", re.IGNORECASE)
_ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_UNSHOWN = frozenset(("link", "meta", "noscript", "script", "style", "template", "title"))
_BY_CLASS = re.compile(r"(?P<tag>[a-z][a-z0-9]*)\.(?P<name>[\w-]+)(?: (?P<below>[\w.-]+))?")
_TAG = re.compile("[a-z]+[1-6]?")
_SCHEMES = frozenset(("http", "https"))
# Absolute, without a dot that may begin `.` or `..`, nor what parts an address or is taken out of it.
_PLAIN_PATH = re.compile(r"(?:/[^/.;?#\\\s][^/;?#\\\s]*)+/?")
_JOINED = re.compile("[,>]")
# XML's white space and no other, as in XPath's normalize-space: a no-break space is part of a class's name.
_CLASS_NAME = re.compile(r"[^ \t\r\n]+")


class PageIncomplete(DecodingError):
    """Raise for a page that the parser could not take in whole."""


def tidy(text: str) -> str:
    """Return text in NFC with runs of ASCII white space as one space, ends stripped; no-break spaces inside stay."""
    return unicodedata.normalize("NFC", regular(text))


def fold(text: str) -> str:
    """Return text for matching one place of a page with another: letters and digits in lower case, single spaces."""
    spend(len(text))
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def word_pairs(text: str) -> list[tuple[str, str]]:
    """Return each two words of a text that follow one another, as `fold` has them; a single word has an empty second."""
    words = fold(text).split()
    return list(pairwise(words)) if len(words) > 1 else [(word, "") for word in words]


def css(selector: str, below: Element) -> list[Element]:
    """Return the elements that a CSS selector finds below an element, in the page's order, as parsel does."""
    found: list[Element] = _compiled(selector)(below)
    return found


def _inside(above: Element, selector: str) -> Iterable[Element]:
    found: Iterable[Element] = above.iter(selector) if _TAG.fullmatch(selector) else css(selector, above)
    return found


@cache
def _compiled(selector: str) -> Any:
    # A Selector would compile it anew for each element that it is asked of.
    return etree.XPath(css2xpath(selector))


@cache
def _by_class(selector: str) -> re.Match[str] | None:
    return _BY_CLASS.fullmatch(selector)


@lru_cache(maxsize=4096)
def _class_names(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_CLASS_NAME.findall(value)))


def text_of(element: Element) -> str:
    """Return the whole text of an element as it is shown, markup stripped, tidied."""
    found = list(shown.pieces(element))
    whole = "".join(found)
    spend(len(found) + len(whole))
    return tidy(whole)


def has_text(element: Element) -> bool:
    """Tell whether `text_of` would find anything."""
    return any(map(str.strip, shown.pieces(element)))


def parse(markup: str) -> Element:
    """Parse a page into a tree without comments. Raises PageTooLarge, PageIncomplete; returns None for no markup.

    As in a browser (HTML Living Standard, 13.2.6.4.19), a `</body>` or `</html>` before the page's end ends nothing.
    """
    tags = markup.count("<") if len(markup) > _MANY_TAGS else 0
    if tags > MAX_TAGS:
        raise PageTooLarge(f"{tags} tags, at most {MAX_TAGS} are parsed")
    root = _tree(markup)
    if root is not None and _is_cut(root):
        root = _tree(_ENDS.sub("", markup))
    if root is not None and _last_depth(root) >= MAX_DEPTH:
        raise PageIncomplete(f"tags are nested more than {MAX_DEPTH} deep, the rest of the page was not read")
    if tags > _MANY_TAGS and root is not None and _IS_DEEP(root):
        raise PageTooLarge(f"{tags} tags, nested more than 512 deep")
    return root


def _tree(markup: str) -> Element:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return etree.fromstring(markup.encode("utf-8", "ignore"), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _is_cut(root: Element) -> bool:
    # libxml2 closes all that is open at a premature end, and puts the rest beside the body, or under another root.
    body = root.find("body")
    behind = [] if body is None else [body, *body.itersiblings()]
    later = _ROOTS(root)[1:]
    if any((e.tail or "").strip() for e in behind) or any((e.text or "").strip() for e in later):
        return True
    return any(map(_shows, (*behind[1:], *(child for other in later for child in other))))


def _shows(element: Element) -> bool:
    if element.tag not in _UNSHOWN and (len(element) or has_text(element)):
        return True
    return bool((element.tail or "").strip())


def _last_depth(root: Element) -> int:
    # Where the parser gave up is the last element, so its depth tells without a walk over the tree.
    depth = 0
    while len(root):
        root, depth = root[-1], depth + 1
    return depth


def _flat(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        elif isinstance(item, dict):
            yield item
            waiting += [item["@graph"]] if "@graph" in item else []


def _by_tag(root: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {tag: [] for tag in _HEAD}
    for element in root.iter(*_HEAD):
        found[element.tag].append(element)
    return found


class _Classed:
    """The elements of one tag by their class names: a page's many elements share few values of the attribute."""

    def __init__(self, root: Element, tag: str) -> None:
        self._root, self._tag = root, tag
        self._by_value: defaultdict[str, list[Element]] = defaultdict(list)
        for element in root.iter(tag):
            if value := element.get("class"):
                self._by_value[value].append(element)
        self._values: defaultdict[str, list[str]] = defaultdict(list)
        for value in self._by_value:
            for name in _class_names(value):
                self._values[name].append(value)
        self._named: dict[str, list[Element]] = {}

    def named(self, name: str) -> list[Element]:
        """Return those of a name, in the page's order."""
        values = self._values.get(name, ())
        if len(values) < 2:
            return self._by_value[values[0]] if values else []
        if name not in self._named:
            told = frozenset(values)
            self._named[name] = [e for e in self._root.iter(self._tag) if e.get("class") in told]
        return self._named[name]


@lru_cache(maxsize=256)
def _origin(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in _SCHEMES and parts.netloc else ""


def absolute(base: str, href: str) -> str:
    """Return an http(s) address made absolute, or an empty string for anything else, malformed ones included."""
    href = href.strip()
    try:
        # Of nearly every link of a site's own no more than the origin is missing.
        if _PLAIN_PATH.fullmatch(href) and (origin := _origin(base)):
            return origin + href
        url = urljoin(base, href)
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in _SCHEMES and parts.netloc else ""


class Page:
    """A capture's page: address, tree, and what its head says. Lazy, so that a known layout pays for what it asks."""

    def __init__(self, url: str, markup: str, edition: Edition) -> None:
        self.url = url
        self.edition = edition
        self.markup = markup
        self.root: Element = parse(markup)
        self._reveals = self.root is not None and shown.reveal(self.root)
        self._by_class: dict[str, _Classed] = {}

    @cached_property
    def _holdings(self) -> dict[Element, Holding]:
        return holdings(self.root, self._article_of)

    def _article_of(self, href: str | None) -> str | None:
        # An article's address has its number; most of a page's have none.
        return self.edition.article_id(self.absolute(href)) if href and not _NO_NUMBER.match(href) else None

    def held(self, element: Element) -> Holding:
        """Return what an element of the page's tree holds; the first question costs one walk over the page."""
        return self._holdings.get(element) or Holding()

    def __bool__(self) -> bool:
        return self.root is not None

    @cached_property
    def base(self) -> str:
        """The address that relative ones are resolved against."""
        base = next((href for b in self._heads[0]["base"] if (href := b.get("href")) is not None), None)
        return self.absolute(base, self.url) if base else self.url

    def absolute(self, href: str | None, base: str | None = None) -> str:
        """Return an http(s) address made absolute, or an empty string for anything else, malformed ones included."""
        return absolute(base or self.base, href or "")

    @cached_property
    def _heads(self) -> list[dict[str, list[Element]]]:
        """What heads are made of, by tag, wherever it stands, for each root: one walk for all of it."""
        return [_by_tag(root) for root in _ROOTS(self.root)]

    def _head(self, tag: str) -> Iterator[Element]:
        return (element for head in self._heads for element in head[tag])

    def _with_class(self, tag: str, name: str) -> list[Element]:
        # One walk a tag for a dozen selectors; it costs nothing where the page has no such tag.
        known = self._by_class.get(tag)
        if known is None:
            known = self._by_class[tag] = _Classed(self.root, tag)
        return known.named(name)

    @cached_property
    def selector(self) -> Selector:
        """The page as parsel has it, over the tree that is parsed already: `page.selector.css("h1::text").getall()`."""
        return Selector(root=self.root, type="html")

    def select(self, selector: str) -> list[Element]:
        """Return what a CSS selector finds, in the page's order; `tag.class` and one step below it cost no walk."""
        parts = _by_class(selector)
        if parts is None:
            above, _, below = ("", "", selector) if _JOINED.search(selector) else selector.rpartition(" ")
            return self._below(css(above, self.root), below) if above else css(selector, self.root)
        found = self._with_class(parts["tag"], parts["name"])
        return list(found) if parts["below"] is None else self._below(found, parts["below"])

    def _below(self, found: list[Element], selector: str) -> list[Element]:
        # What stands in a box and in one inside it is found once: the engine would look through both.
        return [e for above in outermost(found) for e in _inside(above, selector) if e is not above]

    @cached_property
    def meta(self) -> dict[str, list[str]]:
        """Meta contents by lower-case property, name or itemprop, in the page's order."""
        found: dict[str, list[str]] = {}
        for line in self._head("meta"):
            name = line.get("property") or line.get("name") or line.get("itemprop") or line.get("http-equiv")
            content = tidy(line.get("content") or "")
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content)
        return found

    @cached_property
    def _json_ld(self) -> tuple[list[dict[str, Any]], bool]:
        found, broken = [], False
        for script in self._head("script"):
            if "ld+json" not in script.get("type", ""):
                continue
            try:
                found += list(_flat(json.loads(script.text or "null", strict=False)))
            except (ValueError, RecursionError):
                broken = True
        return found, broken

    @property
    def json_ld(self) -> list[dict[str, Any]]:
        """Every JSON-LD node, arrays and @graph flattened, in the page's order."""
        return self._json_ld[0]

    @property
    def issues(self) -> tuple[str, ...]:
        """What was wrong with the page: `json_ld_unreadable`, or `hidden_text` where hidden paragraphs are read."""
        found = (("json_ld_unreadable", self._json_ld[1]), ("hidden_text", self._reveals))
        return tuple(issue for issue, is_so in found if is_so)

    def first_meta(self, *names: str) -> tuple[str, str]:
        """Return (content, name) of the first of these meta names that the page has, or two empty strings."""
        return next(((self.meta[name][0], name) for name in names if name in self.meta), ("", ""))

    @cached_property
    def title(self) -> str:
        """The text of <title>."""
        return next((text_of(t) for t in self._head("title")), "")
