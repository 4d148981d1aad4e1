"""Which element of an unknown page is the headline."""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from crawler.pages.asides import Asides
from crawler.pages.page import Page, css, fold, text_of
from crawler.pages.shown import Element

_HEADINGS = tuple(f"h{n}" for n in range(1, 7))
_TITLED_AT = "[class*=title], [class*=titre], [class*=headline], [id*=title], [id*=titre]"
_TITLED = ("div", "p", "span", "strong", "b", "td", "font")
"""Elements that may be a headline where no heading is."""
_LONG, _SHORTEST_TITLE = 20, 3
_LONGEST_LINE, _MOST_TAGS = 1000, 100
"""More than that, in characters or elements, is no headline, and not worth the reading."""


def find_headline(page: Page, titles: Iterable[str], asides: Asides) -> Element | None:
    """Return the heading that repeats a title of the head, else any element that does, else the first h1 with text.

    `titles` come best first.
    """
    known = [folded for title in titles if (folded := fold(title))]
    lines = (heading for heading in page.root.iter(*_HEADINGS) if _is_line(page, heading))
    headings = [(heading, text) for heading in lines if (text := fold(text_of(heading)))]
    headings.sort(key=lambda found: found[0].tag)
    node = _repeating(known, headings)
    if node is None:
        node = _same_as_title(page, {title for title in known if len(title) > _SHORTEST_TITLE}, asides)
    return _likely(page, headings, asides) if node is None else node


def _repeating(titles: Iterable[str], headings: Collection[tuple[Element, str]]) -> Element | None:
    for title in titles:
        for heading, text in headings:
            if text == title or (len(text) > _LONG and (text in title or title in text)):
                return heading
    return None


def _same_as_title(page: Page, wanted: set[str], asides: Asides) -> Element | None:
    for element in page.root.iter(*_TITLED) if wanted else ():
        line = len(element) <= 2 and _is_line(page, element)
        if line and fold(text_of(element)) in wanted and not asides.hold(element):
            return element
    return None


def _likely(page: Page, headings: Iterable[tuple[Element, str]], asides: Asides) -> Element | None:
    # A head that names nothing but the outlet leaves the page's only h1; a logo is a link to the front page.
    for heading, text in headings:
        if heading.tag in ("h1", "h2") and _may_be_headline(page, heading, text) and not asides.hold(heading):
            return heading
    for element in css(_TITLED_AT)(page.root):
        line = _is_line(page, element)
        if line and _may_be_headline(page, element, fold(text_of(element))) and not asides.hold(element):
            return element
    return None


def _is_line(page: Page, element: Element) -> bool:
    held = page.held(element)
    return 0 < held.chars < _LONGEST_LINE and held.tags < _MOST_TAGS


def _may_be_headline(page: Page, element: Element, text: str) -> bool:
    link = next(element.iter("a"), None)
    return 12 < len(text) < 300 and (link is None or not _leads_home(page, link))


def _leads_home(page: Page, link: Element) -> bool:
    url = page.absolute(link.get("href"))
    return bool(url) and urlsplit(url).path in ("", "/")
