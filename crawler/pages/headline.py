"""Which element of an unknown page is the headline."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from crawler.pages.asides import Asides
from crawler.pages.marks import marks
from crawler.pages.page import Page, fold, text_of, tidy
from crawler.pages.shown import Element

_HEADINGS = tuple(f"h{n}" for n in range(1, 7))
_TITLED_AT = "[class*=title], [class*=titre], [class*=headline], [id*=title], [id*=titre]"
_TITLED = ("div", "p", "span", "strong", "b", "td", "font")
"""Elements that may be a headline where no heading is."""
_LONG, _SHORTEST_TITLE, _LEVELS = 20, 3, 2
_LONGEST_LINE, _MOST_TAGS = 1000, 100
"""More than that, in characters or elements, is no headline, and not worth the reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    node: Element
    text: str
    """Folded."""
    is_crumb: bool
    """Whether it stands in a breadcrumb: it names the page, maybe for search engines alone."""

    is_linked: bool
    """Whether it is a link, as a teaser's is."""

    @property
    def is_printed(self) -> bool:
        """Whether readers see it as the title of what they read."""
        return not self.is_crumb and not self.is_linked

    def repeats(self, titles: Collection[str]) -> bool:
        return self.text in titles

    def is_part(self, title: str) -> bool:
        """Tell whether it holds a title, or is most of one."""
        return len(self.text) > _LONG and (
            title in self.text or (self.text in title and 2 * len(self.text) > len(title))
        )


def find_headline(page: Page, titles: Iterable[str], asides: Asides) -> Element | None:
    """Return the heading that repeats a title of the head, else any element that does, else the first h1 with text.

    `titles` come best first. A heading that repeats one whole is preferred to one that holds one or is most of one; an
    h1 outside of breadcrumbs comes first.
    """
    given = list(titles)
    known = [folded for title in given if (folded := fold(title))]
    lines = (heading for heading in page.root.iter(*_HEADINGS) if _is_line(page, heading))
    headings = [
        _Heading(node=heading, text=text, is_crumb=_is_crumb(heading), is_linked=page.held(heading).is_titled)
        for heading in lines
        if (text := fold(text_of(heading)))
    ]
    headings.sort(key=lambda found: found.node.tag)
    node = _repeating(known, given, headings)
    if node is None:
        node = _same_as_title(page, {title for title in known if len(title) > _SHORTEST_TITLE}, asides)
    return _likely(page, headings, asides) if node is None else node


def _repeating(titles: Collection[str], given: Collection[str], headings: Collection[_Heading]) -> Element | None:
    alike = [heading for heading in headings if heading.repeats(titles)]
    order = (
        *(h for h in alike if h.node.tag == "h1" and not h.is_crumb),
        *(h for title in titles for h in alike if h.text == title and h.is_printed and text_of(h.node) in given),
        *(h for h in alike if h.node.tag == "h1"),
        *(h for title in titles for h in alike if h.text == title),
    )
    if order:
        return order[0].node
    parts = ((h, title) for title in titles for h in headings if h.is_part(title))
    return next((_inner(heading.node, title) for heading, title in parts), None)


def _inner(heading: Element, title: str) -> Element:
    """Return the element of a heading that shows the title alone, below a kicker, else the heading."""
    return next((e for e in heading.iter() if len(title) > _LONG and fold(text_of(e)) == title), heading)


def _is_crumb(heading: Element) -> bool:
    near = (heading, *islice(heading.iterancestors(), _LEVELS))
    return any("breadcrumb" in f"{marks(e)} {' '.join(e.keys())}".lower() for e in near)


def _same_as_title(page: Page, wanted: set[str], asides: Asides) -> Element | None:
    for element in page.root.iter(*_TITLED) if wanted else ():
        line = len(element) <= 2 and _is_line(page, element)
        if line and fold(text_of(element)) in wanted and not asides.hold(element):
            return element
    return None


def _likely(page: Page, headings: Iterable[_Heading], asides: Asides) -> Element | None:
    # A head that names nothing but the outlet leaves the page's only h1; a logo is a link to the front page.
    for heading in headings:
        node = heading.node
        if node.tag in ("h1", "h2") and _may_be_headline(page, node, heading.text) and not asides.hold(node):
            return node
    for element in page.select(_TITLED_AT):
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


def spaced(headline: Element, titles: Iterable[str]) -> str:
    """Return a headline's text, a blank between its parts where a title of the head has one there and the page none.

    Parts that are printed as lines of their own, a kicker and the title, may border on each other in the source.
    """
    text, apart = text_of(headline), tidy(" ".join(headline.itertext()))
    known = [tidy(title) for title in titles]
    if any(text in title for title in known):
        return text
    told = any(apart in title for title in known) or any(_is_parted(title, text, apart) for title in map(fold, known))
    return apart if told else text


def _is_parted(title: str, text: str, apart: str) -> bool:
    return fold(apart) in title and fold(text) not in title
