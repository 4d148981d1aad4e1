"""The frame of an unknown page: which element is the headline, which boxes stand aside from the article."""

import re
from functools import cached_property
from urllib.parse import urlsplit

from crawler.pages.blocks import own_name
from crawler.pages.page import Element, Page, css, fold, text_of

_ASIDE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:menu|nav|navbar|navigation|sidebar|side|aside|latest|trending|most-?read|popular|footer|widgets?|"
    r"pagination|pager|toolbar|cookies?|popup|modal|tags?|keywords|author-box|banner|top-?bar|skip-?link|"
    r"related\w*|recommended|more-?news|also)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BOXES = frozenset(("div", "section", "ul", "ol", "aside", "p", "table", "td", "header", "span"))
_HEADINGS = tuple(f"h{n}" for n in range(1, 7))
_TITLED_AT = "[class*=title], [class*=titre], [class*=headline], [id*=title], [id*=titre]"


def marks(element: Element) -> str:
    """Return what an element calls itself: class, or a tag of the site's own making, id and itemprop."""
    return f"{element.get('class') or own_name(element)} {element.get('id') or ''} {element.get('itemprop') or ''}"


class Frame:
    """The headline's element and the boxes aside; `titles` are those of the page's head, best first."""

    def __init__(self, page: Page, titles: list[str]) -> None:
        self.page = page
        self._titles = [folded for title in titles if (folded := fold(title))]

    @cached_property
    def headline(self) -> Element | None:
        """The heading that repeats a title of the head, else any element that does, else the first h1 with text."""
        headings = [(h, fold(text_of(h))) for h in self.page.root.iter(*_HEADINGS)]
        ordered = sorted((h for h in headings if h[1]), key=lambda h: h[0].tag)
        for title in self._titles:
            for heading, text in ordered:
                if text == title or (len(text) > 20 and (text in title or title in text)):
                    return heading
        node = self._same_as_title()
        return self._first_heading(ordered) if node is None else node

    def _same_as_title(self) -> Element | None:
        wanted = {title for title in self._titles if len(title) > 3}
        for element in self.page.root.iter("div", "p", "span", "strong", "b", "td", "font"):
            if wanted and len(element) <= 2 and fold(text_of(element)) in wanted and not self.is_aside(element):
                return element
        return None

    def _first_heading(self, ordered: list[tuple[Element, str]]) -> Element | None:
        # A head that names nothing but the outlet leaves the page's only h1; a logo is a link to the front page.
        for heading, text in ordered:
            if heading.tag in ("h1", "h2") and self._may_be_headline(heading, text):
                return heading
        for element in css("[class*=title], [class*=titre], [class*=headline], [id*=title], [id*=titre]")(
            self.page.root
        ):
            if self._may_be_headline(element, fold(text_of(element))):
                return element
        return None

    def _may_be_headline(self, element: Element, text: str) -> bool:
        link = next((self._path(a) for a in element.iter("a")), "")
        return 12 < len(text) < 300 and link != "/" and not self.is_aside(element)

    def _path(self, link: Element) -> str:
        url = self.page.absolute(link.get("href"))
        return (urlsplit(url).path or "/") if url else ""

    def is_aside(self, element: Element) -> bool:
        """Tell whether an element stands in navigation, a side box or a footer."""
        return any(map(self._is_side_box, (element, *element.iterancestors())))

    def _is_side_box(self, element: Element) -> bool:
        if element.tag in ("nav", "aside", "footer"):
            return True
        # A wrapper such as `layout has-sidebar` carries the word too, but holds the article.
        marked = element.tag not in ("body", "html") and _ASIDE_CLASS.search(marks(element))
        return bool(marked) and len(text_of(element)) < self.size / 2

    @cached_property
    def size(self) -> int:
        """The characters of text on the page."""
        return max(1, len(text_of(self.page.root)))

    @cached_property
    def asides(self) -> frozenset[Element]:
        """The boxes that are left out when the page's text is read."""
        above = set() if self.headline is None else {self.headline, *self.headline.iterancestors()}
        found = set()
        for element in self.page.root.iter("*"):
            if element.tag not in _BOXES and not own_name(element):
                continue
            if element in above or not (element.tag == "aside" or _ASIDE_CLASS.search(marks(element))):
                continue
            paragraphs = sum(len(text_of(p)) for p in element.iter("p"))
            if paragraphs < self.size / 3:
                found.add(element)
        return frozenset(found)
