"""A layout never seen before: headline by the page's own titles, text by where it is dense, marks by common names.

Written for one outlet's articles, so it may lean on what its pages share whatever the template: the placeholder
caption stands among the captions, the share line ends the text, the section names stand in the menu too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby, takewhile
from typing import Any
from urllib.parse import urlsplit

from archive.facts.items import Block, Caption
from crawler.pages import breadcrumb
from crawler.pages.article import image_address
from crawler.pages.blocks import LEAD_CLASS, Unit, blocks, captions, units
from crawler.pages.dateline import Dates, is_dateline, marked, printed
from crawler.pages.frame import Frame, marks
from crawler.pages.metadata import Metadata
from crawler.pages.page import Element, Page, css, fold, text_of

_END = re.compile(
    r"(?:partager|partagez)(?:\s+cet|\s+l.article|\s+sur|\W*$)|SOURCE\s*:|"
    r"(?:sur le même sujet|articles? (?:liés?|similaires|connexes)|commentaires?|laisser un commentaire|"
    r"vos commentaires|plus d.articles|à ne pas manquer|les plus lus|share this article|related articles?|tags?\s*:|"
    r"mots[- ]clés)\b.{0,30}$",
    re.IGNORECASE,
)
_KICKER_MARKS = re.compile(
    r"(?:^|[\s_-])(?:kicker|rotitr|ro-?titr|surtitre|sur-titre|overline|eyebrow|uptitle|pre-?title|supertitle|"
    r"top-?title)(?:$|[\s_-])",
    re.IGNORECASE,
)
_AUTHOR_AT = ("[rel~=author]", "[itemprop=author]", "[class*=author]", "[class*=auteur]", "[class*=byline]")
_SOURCE = re.compile(r"SOURCE\s*:\s*\S[^\n]{1,60}$")
_PUBLISHED = re.compile(r"\W*(?:publié|paru|mis en ligne|posté|publication|date)", re.IGNORECASE)
_LONG = 60
_FOOT = 8
"""Lines behind the text that may still be about the article."""
_WIDE = frozenset(("body", "html", "article", "main", "table", "tr"))


def _kind(element: Element) -> tuple[str, ...]:
    """Return how an element is dressed: its tag and class, and those of the only element inside, down to its text."""
    told = [str(element.tag), *_dress(element)]
    while len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip():
        element = element[0]
        told += [str(element.tag), *_dress(element)]
    return tuple(told)


def _dress(element: Element) -> Iterator[str]:
    values = ((name, element.get(name)) for name in ("class", "style", "align", "size", "color"))
    return (f"{name}={value}" for name, value in values if value)


class Generic:
    """The reading of a page of unknown markup; methods return (value, source) as the layouts do."""

    name = "generic"

    def __init__(self, page: Page, metadata: Metadata) -> None:
        self.page = page
        self.metadata = metadata

    def _weight(self, unit: Unit) -> int:
        if unit.role in ("caption", "related", "heading") or self._holds_placeholder(unit) or unit.linked() > 0.5:
            return 0
        return len(unit.text) if len(unit.text) >= _LONG or unit.text.endswith((".", "!", "?", "»", '"')) else 0

    def _holds_placeholder(self, unit: Unit) -> bool:
        return any(map(self.page.edition.template.begins_with_placeholder, unit.text.split("\n")))

    @cached_property
    def frame(self) -> Frame:
        """Headline and boxes aside, worked out where a known layout did not give every field."""
        return Frame(self.page, self.metadata.titles())

    def headline(self) -> tuple[str, str]:
        """Return the headline as the page shows it."""
        node = self.frame.headline
        return (text_of(node), f"generic:{node.tag}") if node is not None else ("", "")

    @cached_property
    def _units(self) -> list[Unit]:
        body = next(iter(css("body")(self.page.root)), self.page.root)
        read = units(body, self.page, self.frame.asides)
        found = [part for unit in read for part in (unit.parted() if self._holds_placeholder(unit) else (unit,))]
        self._mark_captions(found)
        return found

    def _mark_captions(self, found: list[Unit]) -> None:
        """Mark as captions what stands beside the placeholder in the same kind of element, or around a picture."""
        alts = {fold(i.get("alt") or "") for i in self.page.root.iter("img")} - {""}
        known = [u for u in found if self._holds_placeholder(u)]
        dressed = {kind for kind in (_kind(u.node) for u in known) if any("=" in mark for mark in kind)}
        many = Counter(_kind(u.node) for u in found if len(u.text) > _LONG)
        boxes = self._picture_boxes(found, [u.node.getparent() for u in known])
        for unit in found:
            beside = _kind(unit.node) in dressed and many[_kind(unit.node)] <= 6
            around = {unit.node, unit.node.getparent()} & boxes
            told = len(unit.text) > 15 and fold(unit.text) in alts
            if unit.role != "heading" and (self._holds_placeholder(unit) or beside or around or told):
                unit.role, unit.group = "caption", unit.group if unit.group is not None else unit.node.getparent()

    def _picture_boxes(self, found: list[Unit], held: list[Element]) -> set[Element]:
        """Return the boxes around pictures and around the placeholder whose text is a caption's, not the article's."""
        total = sum(map(self._weight, found))
        above = set() if self.frame.headline is None else {self.frame.headline, *self.frame.headline.iterancestors()}
        weights: Counter[Element] = Counter()
        for unit in found:
            for element in (unit.node, unit.node.getparent()):
                weights[element] += 0 if self._holds_placeholder(unit) else self._weight(unit)
        # A set: each box is weighed once, however many pictures it holds.
        around = {
            box
            for image in self.page.root.iter("img")
            for box in takewhile(lambda e: e.tag not in _WIDE, list(image.iterancestors())[:3])
        }
        small = min(400, total / 3)
        return {b for b in [*around, *held] if b not in above and weights[b] < small and len(text_of(b)) < 900}

    @cached_property
    def _start(self) -> int:
        """The index behind the headline's unit."""
        node = self.frame.headline
        if node is None:
            return 0
        inside = set(node.iter())
        text = text_of(node)
        for index, unit in enumerate(self._units):
            if unit.node is node or unit.node in inside or (unit.text == text and unit.node in node.iterancestors()):
                return index + 1
        return 0

    @cached_property
    def container(self) -> Element | None:
        """The element marked as the article's body, else the smallest that holds nine tenths of the text behind it."""
        weights: Counter[Element] = Counter()
        rest = self._units[self._start :]
        rest = list(takewhile(lambda u: not _END.match(u.text), rest)) or rest
        total = sum(map(self._weight, rest))
        for unit in rest:
            weights[unit.node] += self._weight(unit)
        # From the leaves up: a page that is deep and wide costs its size, not the product of both.
        for element in reversed(list(self.page.root.iterdescendants("*"))):
            if weight := weights.get(element):
                weights[element.getparent()] += weight
        marked = css("[itemprop~=articleBody]")(self.page.root)
        if len(marked) == 1 and weights[marked[0]] >= _LONG:
            return marked[0]
        fit = [e for e, weight in weights.items() if weight >= 0.9 * total > 0]
        return max(fit, key=lambda e: sum(1 for _ in e.iterancestors())) if fit else None

    @cached_property
    def _story(self) -> list[Unit]:
        """The units behind the headline up to the share line or the next box: lead, captions and body."""
        container = self.container
        if container is None:
            return []
        rest = list(takewhile(lambda u: not _END.match(u.text), self._units[self._start :]))
        inside = [u for u in rest if u.node is container or container in u.node.iterancestors()]
        if not any(self._weight(u) for u in inside):
            return []
        last = max(i for i, u in enumerate(inside) if self._weight(u) or u.role in ("caption", "quote", "list"))
        tail = [u for u in inside[last + 1 :] if u.role != "heading"]
        first = next(i for i, u in enumerate(rest) if u is inside[0])
        return [*self._before(rest[:first]), *inside[: last + 1], *tail]

    def _before(self, between: list[Unit]) -> list[Unit]:
        return [u for u in between if u.role == "caption" or self._is_lead(u)]

    def _is_listing(self) -> bool:
        """Tell whether the text is a list of teasers: many links to other articles, little text to each."""
        container = self.container
        if container is None:
            return True
        own = self.page.edition.article_id(self.page.url)
        ids = {self.page.edition.article_id(self.page.absolute(a.get("href"))) for a in container.iter("a")} - {
            None,
            own,
        }
        return len(ids) >= 5 and sum(map(self._weight, self._story)) / len(ids) < 300

    def is_front(self) -> bool:
        """Tell whether the page shows links to several other articles outside of side boxes, as front pages do."""
        own = self.page.edition.article_id(self.page.url)
        links = (url for u in self._units for _, url in u.links)
        return len({self.page.edition.article_id(url) for url in links} - {None, own}) >= 5

    def is_menu_name(self, text: str) -> bool:
        """Tell whether a text is the name of a section in the page's menu."""
        return fold(text) in map(fold, self._menu_names)

    def _is_lead(self, unit: Unit) -> bool:
        near = [unit.node, unit.node.getparent()]
        marked = any(n is not None and n is not self.container and LEAD_CLASS.search(marks(n)) for n in near)
        fit = unit.role in ("paragraph", "heading", "quote")
        return unit.role == "lead" or (marked and fit) or self._is_described(unit)

    def _is_described(self, unit: Unit) -> bool:
        told, text = fold(self.metadata.description()), fold(unit.text)
        return len(text) > 40 and len(told) > 40 and (text.startswith(told[:-12]) or told.startswith(text))

    @cached_property
    def _lead(self) -> Unit | None:
        text = [u for u in self._story if u.role not in ("caption", "related") and not is_dateline(u)]
        for unit in text[:3]:
            if self._is_lead(unit) and not unit.links:
                return unit
        first = text[0] if text else None
        return (
            first if first and first.strong and len(first.text) > _LONG and len(text) > 1 and not first.links else None
        )

    def lead(self) -> tuple[str, str]:
        """Return the summary: marked by its class, told in the head too, or a bold first paragraph."""
        return (self._lead.text, f"generic:{self._lead.node.tag}") if self._lead else ("", "")

    def blocks(self) -> tuple[tuple[Block, ...], str]:
        """Return the body's blocks, or nothing for a listing."""
        if self._is_listing():
            return (), ""
        lead, title = self._lead, fold(self.headline()[0])
        kept = [u for u in self._story if u is not lead and not is_dateline(u) and fold(u.text) != title]
        kept = [u for u in kept if not self._is_link_list(u) and not self._leads_away(u)]
        return blocks(kept), f"generic:{self._name(self.container)}"

    @staticmethod
    def _is_link_list(unit: Unit) -> bool:
        return unit.role == "list" and unit.linked() > 0.8

    def _leads_away(self, unit: Unit) -> bool:
        """Tell whether a paragraph is nothing but links to other sites, as an advertisement is."""
        own = urlsplit(self.page.url).hostname
        hosts = {urlsplit(url).hostname for _, url in unit.links} if unit.linked() > 0.8 else {own}
        return own not in hosts and not any(self.page.edition.article_id(url) for _, url in unit.links)

    @staticmethod
    def _name(element: Element | None) -> str:
        if element is None:
            return ""
        marks = (element.get("class") or "").split()
        return f"{element.tag}.{marks[0]}" if marks else str(element.tag)

    def captions(self) -> tuple[tuple[Caption, ...], str]:
        """Return the captions near the headline and inside the text."""
        story = set(map(id, self._story))
        near = [u for i, u in enumerate(self._units) if id(u) in story or self._start - 12 <= i < self._first_text]
        found = captions([u for u in near if u.role == "caption"], self.page.edition.template)
        return found, "generic:caption" if found else ""

    @cached_property
    def _first_text(self) -> int:
        ids = {id(u) for u in self._story if self._weight(u)}
        return next((i for i, u in enumerate(self._units) if id(u) in ids), self._start)

    def images(self) -> tuple[tuple[str, ...], str]:
        """Return the pictures of the container and of the boxes that hold a caption."""
        container = self.container
        if container is None:
            return (), ""
        near = container if container.tag in ("body", "main", "article") else container.getparent()
        boxes = [u.group for u in self._units if u.role == "caption"]
        inside = {image for box in (near, *boxes) if box is not None for image in box.iter("img")}
        images = (i for i in self.page.root.iter("img") if i in inside and not self.frame.is_aside(i))
        found = tuple(dict.fromkeys(filter(None, (image_address(i, self.page) for i in images))))
        return found, "generic:img" if found else ""

    def kicker(self) -> tuple[str, str]:
        """Return the line above the headline where its class says so."""
        for unit in self._units[max(0, self._start - 6) : self._start + 1]:
            if _KICKER_MARKS.search(marks(unit.node)):
                return unit.text, f"generic:{self._name(unit.node)}"
        return "", ""

    def byline(self) -> tuple[str, str]:
        """Return the author where the page marks one."""
        for selector in _AUTHOR_AT:
            for element in css(selector)(self.page.root):
                name = text_of(element)
                if 2 < len(name) < 80 and element.tag != "meta" and not self.frame.is_aside(element):
                    return name, f"generic:{selector}"
        return "", ""

    def source_line(self) -> tuple[str, str]:
        """Return the line `SOURCE: …`."""
        return next(((u.text, "generic:SOURCE") for u in self._units if _SOURCE.match(u.text)), ("", ""))

    def tags(self) -> tuple[tuple[str, ...], str]:
        """Return the names of links marked as tags."""
        found = [text_of(a).lstrip("#") for a in css("a[rel~=tag], [class*=tags] a")(self.page.root)]
        return tuple(dict.fromkeys(filter(None, found))), "generic:a[rel~=tag]" if found else ""

    def sections(self) -> tuple[tuple[str, ...], str]:
        """Return the breadcrumb's names by its class or label, JSON-LD, or as a line of names from the menu."""
        headline = self.headline()[0]
        names, source = breadcrumb.classed(self.page, headline)
        if not names:
            names, source = self.metadata.breadcrumb()
        return (names, source) if names else breadcrumb.unclassed(self._lines(), self._menu_names, headline)

    @cached_property
    def _menu_names(self) -> list[str]:
        """The names of links to sections, those of navigation elements included."""
        links = [
            a for a in self.page.root.iter("a") if not self.page.edition.article_id(self.page.absolute(a.get("href")))
        ]
        return [text_of(a) for a in links if a.get("href") and len(text_of(a)) < 60]

    def _lines(self) -> Iterator[str]:
        """Yield the lines near the headline, nearest first: those above it, those before the text, those behind it."""
        end = next((i for i, u in enumerate(self._units) if i >= self._start and _END.match(u.text)), len(self._units))
        first = min(self._first_text, end)
        yield from self._joined([*reversed(self._units[: self._start])], backwards=True)
        if self._start:
            yield from self._joined(self._units[self._start : first])
            # Behind the text a single name is the title of a box.
            behind = self._joined(self._units[first : end + _FOOT])
            yield from (line for line in behind if len(breadcrumb.split_names(line)) > 1)

    @property
    def _behind(self) -> list[Unit]:
        """The lines right behind the text: a share line, a source, what some templates say of the article last."""
        story = set(map(id, self._story))
        last = max((i for i, u in enumerate(self._units) if id(u) in story), default=self._start)
        return self._units[last + 1 : last + 1 + _FOOT]

    def _joined(self, lines: list[Unit], *, backwards: bool = False) -> Iterator[str]:
        """Yield the lines' texts; neighbours in one element that are each a name of the menu make one line."""
        names = Counter(map(fold, self._menu_names))
        # A line of links that stand nowhere else is the menu itself.
        kept = [u for u in lines if not u.links or any(names[fold(title)] > 1 for title, _ in u.links)]
        for named, group in groupby(kept, key=lambda u: u.node.getparent() if fold(u.text) in names else None):
            texts = [u.text for u in group]
            yield from texts if named is None else [" / ".join(reversed(texts) if backwards else texts)]

    def dates(self) -> tuple[Dates, Dates]:
        """Return (published, modified) texts: one printed near the headline, then marked ones; never from the text."""
        near = self._units[max(0, self._start - 8) : max(self._first_text, self._start + 6)]
        pairs = [printed(near), marked(self.page, self.frame.is_aside)]
        if not any(map(any, pairs)):
            pairs.append(printed(u for u in self._behind if _PUBLISHED.match(u.text)))
        return tuple(d for pair in pairs for d in pair[0]), tuple(d for pair in pairs for d in pair[1])


def with_trafilatura(page: Page) -> tuple[tuple[Block, ...], str]:
    """Return the body as trafilatura's fast mode reads it, one block a line; for pages where all else found nothing."""
    import trafilatura  # noqa: PLC0415 - half a second of imports, for the last resort

    document: Any = trafilatura.bare_extraction(page.markup, fast=True, include_comments=False, with_metadata=False)
    lines: Iterable[str] = document.text.split("\n") if document is not None and document.text else ()
    return tuple(Block(text=line.strip()) for line in lines if line.strip()), "generic:trafilatura"
