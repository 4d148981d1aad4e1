"""The layouts of the outlet by era, one class each: selectors at the top, a small method a field.

Selectors are likely, not proven (docs/outlet.md). A redesign adds a class here and a golden page
(docs/add-a-layout.md); an old class is never patched to read a new page, since old captures are read again.
"""

from collections.abc import Iterable
from functools import cached_property

from archive.facts.items import Block, Caption, DateText, DateTexts
from crawler.pages.breadcrumb import names_in
from crawler.pages.captions import captions
from crawler.pages.holdings import around, outermost
from crawler.pages.page import Page, fold, has_text, text_of
from crawler.pages.shown import Element
from crawler.pages.units import Unit, blocks, units
from pipelines.dateforms import split_update

_MANY = 20
"""Elements of one class from which on what each of them holds is counted in one walk."""


class Layout:
    """What the layouts share: each field is the first of its selectors that finds text; a reading names it.

    Every method returns (value, source), the source as `classic:h2.page-header`, both empty where nothing was found.
    """

    name = ""
    headline_at: tuple[str, ...] = ()
    kicker_at: tuple[str, ...] = ()
    lead_at: tuple[str, ...] = ()
    body_at: tuple[str, ...] = ()
    caption_at: tuple[str, ...] = ()
    image_at: tuple[str, ...] = ()
    date_at: tuple[str, ...] = ()
    breadcrumb_at: tuple[str, ...] = ()
    byline_at: tuple[str, ...] = ()
    source_at: tuple[str, ...] = ()

    def __init__(self, page: Page) -> None:
        self.page = page

    def _found(self, selectors: Iterable[str]) -> tuple[list[Element], str]:
        for selector in selectors:
            elements = [e for e in self._with_text(selector) if self._is_own(e)]
            if elements:
                return elements, f"{self.name}:{selector}"
        return [], ""

    def _text(self, selectors: Iterable[str]) -> tuple[str, str]:
        elements, source = self._found(selectors)
        return (text_of(elements[0]), source) if elements else ("", "")

    @cached_property
    def _headlines(self) -> tuple[list[Element], str]:
        return next(((found, at) for at in self.headline_at if (found := outermost(self._with_text(at)))), ([], ""))

    def _with_text(self, selector: str) -> list[Element]:
        found = self.page.select(selector)
        if len(found) > _MANY:
            return [e for e in found if self.page.held(e).chars]
        return [e for e in found if has_text(e)]

    @cached_property
    def _headline(self) -> Element | None:
        """The article's own headline: of several that which the head repeats, else the first."""
        found = self._headlines[0]
        if len(found) < 2:
            return next(iter(found), None)
        titles = [fold(title) for title in (self.page.first_meta("og:title", "twitter:title")[0], self.page.title)]
        told = {e: text for e in found if (text := fold(text_of(e))) and any(text in title for title in titles)}
        return max(told, key=lambda e: len(told[e]), default=found[0])

    @cached_property
    def _box(self) -> frozenset[Element] | None:
        """The elements of the article's own box, where the page shows several headlines and each has one."""
        others = around(e for e in self._headlines[0] if e is not self._headline)
        if not others or self._headline is None:
            return None
        alone = [a for a in self._headline.iterancestors() if a not in others]
        return frozenset(alone[-1].iter()) if alone else None

    def _is_own(self, element: Element) -> bool:
        return self._box is None or element in self._box

    def headline(self) -> tuple[str, str]:
        """Return the headline."""
        node = self._headline
        return ("", "") if node is None else (text_of(node), f"{self.name}:{self._headlines[1]}")

    def kicker(self) -> tuple[str, str]:
        """Return the line above the headline."""
        return self._text(self.kicker_at)

    def byline(self) -> tuple[str, str]:
        """Return who signed."""
        return self._text(self.byline_at)

    def source_line(self) -> tuple[str, str]:
        """Return the line that names the source, `SOURCE: …`."""
        return self._text(self.source_at)

    @cached_property
    def _body(self) -> tuple[list[Unit], str]:
        elements, source = self._found(self.body_at)
        return [u for e in _distinct(elements) for u in units(e, self.page)], source

    @cached_property
    def _lead_inside(self) -> Unit | None:
        text = [u for u in self._body[0] if u.role not in ("caption", "related", "heading")]
        marked = next((u for u in text if u.role == "lead"), text[0] if text and text[0].strong else None)
        return marked if marked and not marked.links else None

    @cached_property
    def _lead_apart(self) -> tuple[str, str]:
        return self._text(self.lead_at)

    def lead(self) -> tuple[str, str]:
        """Return the summary: where the layout marks it, else the body's first paragraph when it is wholly bold."""
        if self._lead_apart[0] or self._lead_inside is None:
            return self._lead_apart
        return self._lead_inside.text, f"{self._body[1]} first"

    def blocks(self) -> tuple[tuple[Block, ...], str]:
        """Return the body's blocks, without the bold lead, captions and related links."""
        lead = None if self._lead_apart[0] else self._lead_inside
        return blocks([u for u in self._body[0] if u is not lead]), self._body[1]

    def related(self) -> tuple[tuple[tuple[str, str], ...], str]:
        """Return (title, address) of the links in boxes for related articles inside the body."""
        links = [link for u in self._body[0] if u.role == "related" for link in u.links]
        return tuple(links), self._body[1] if links else ""

    def captions(self) -> tuple[tuple[Caption, ...], str]:
        """Return the captions of the main picture, then those inside the body."""
        elements, source = self._found(self.caption_at)
        found = [
            Unit(text=u.text, node=u.node, role="caption", group=e)
            for e in outermost(elements)
            for u in units(e, self.page)
        ]
        return captions([*found, *self._body[0]], self.page.edition.template), source or self._body[1]

    def images(self) -> tuple[tuple[str, ...], str]:
        """Return the addresses of the main picture and those inside the body."""
        selectors = (*self.image_at, *(f"{selector} img" for selector in self.body_at))
        found = [image for selector in selectors for image in self.page.select(selector)]
        addresses = dict.fromkeys(filter(None, (image_address(image, self.page) for image in found)))
        return tuple(addresses), f"{self.name}:{selectors[0]}" if addresses else ""

    def sections(self) -> tuple[tuple[str, ...], str]:
        """Return the names in the article's own breadcrumb."""
        elements, source = self._found(self.breadcrumb_at)
        return (names_in(elements[0]), source) if elements else ((), "")

    def dates(self) -> tuple[DateTexts, DateTexts]:
        """Return (published, modified) texts of the visible date line and of its datetime attribute."""
        elements, _ = self._found(self.date_at)
        return date_line(elements[0], self.date_at[0]) if elements else ((), ())


def _distinct(elements: Iterable[Element]) -> list[Element]:
    """Return the containers of a text, less those inside another one and those printed twice word for word."""
    given = list(elements)
    outer = outermost(given)
    if len(outer) < 2:
        return outer
    tops = set(outer)
    # Deeper ones are not compared: to read each of many boxes in one another costs the product of both.
    compared = tops.union(outermost(element for element in given if element not in tops))
    found: dict[str, Element] = {}
    for element in filter(compared.__contains__, given):
        found.setdefault(text_of(element), element)
    return [element for element in found.values() if element in tops]


def date_line(element: Element, name: str) -> tuple[DateTexts, DateTexts]:
    """Return (published, modified) texts of one date line: as printed first, then its datetime attribute."""
    printed, update = split_update(text_of(element))
    source = "time" if element.tag == "time" else name.rpartition(".")[2]
    published = [DateText(text=printed, source=source)] if printed else []
    stamp = (element.get("datetime") or "").strip()
    if stamp:
        published.append(DateText(text=stamp, source="time[datetime]"))
    return tuple(published), (DateText(text=update, source=source),) if update else ()


def image_address(image: Element, page: Page) -> str:
    """Return an image's absolute address, a lazily loaded one's real one; empty for inline data."""
    lazy = image.get("data-src") or image.get("data-original") or image.get("data-lazy-src")
    return page.absolute(lazy or image.get("src")) if lazy or image.get("src") else ""


class Classic(Layout):
    """The template of 2016 to about 2020."""

    name = "classic"
    headline_at = ("h2.page-header",)
    kicker_at = ("h4.page-kicker", "h3.page-kicker")
    body_at = ("div.item-body", "div.item-text")
    caption_at = ("figure.item-image figcaption", "figure.item-image .caption")
    image_at = ("figure.item-image img",)
    date_at = ("div.item-date",)
    breadcrumb_at = ("div.breadcrumb", "ol.breadcrumb", "ul.breadcrumb")
    byline_at = ("div.item-author", "span.item-author")
    source_at = ("div.source", "p.source")


class Modern(Layout):
    """The template of about 2020 and later; attributes may stand without quotes."""

    name = "modern"
    headline_at = ("h1.news-title-container",)
    kicker_at = ("div.rotitr", "span.rotitr", "h2.rotitr")
    lead_at = ("div.lead", "p.lead")
    body_at = ("div.news-body-container",)
    caption_at = ("div.image .caption", "figure .caption", "figure figcaption")
    image_at = ("div.image img", "figure img")
    date_at = ("time.news-detail",)
    breadcrumb_at = ("div.breadcrumb", "ol.breadcrumb", "ul.breadcrumb", "nav.breadcrumb")
    byline_at = ("div.news-author", "span.news-author")
    source_at = ("p.src", "div.src", "div.source")


ERAS: tuple[type[Layout], ...] = (Classic, Modern)
"""Every known layout, in the order in which they are tried."""
