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
_LITTLE, _CARD, _LONG = 300, 600, 40
_HEADINGS = tuple(f"h{n}" for n in range(1, 7))
_TITLED_AT = "[class*=title], [class*=titre], [class*=headline], [id*=title], [id*=titre]"


def marks(element: Element) -> str:
    """Return what an element calls itself: class, or a tag of the site's own making, id and itemprop."""
    return f"{element.get('class') or own_name(element)} {element.get('id') or ''} {element.get('itemprop') or ''}"


def _asks(element: Element) -> bool:
    """Tell whether a box is there for its form: a letter to subscribe to, a search, a poll."""
    form = next(element.iter("form"), None)
    return form is not None and next(form.iter("input", "button"), None) is not None and len(text_of(element)) < _LITTLE


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

    def _shows_teasers(self, element: Element) -> bool:
        """Tell whether a box shows nothing but other articles, each by a link and some words of its text."""
        cards = [child for child in element if self._is_teaser(child)]
        return len(cards) > 1 and sum(map(len, map(text_of, element))) < sum(map(len, map(text_of, cards))) + _LONG

    def _is_teaser(self, element: Element) -> bool:
        links = [a for a in element.iter("a") if self.page.edition.article_id(self.page.absolute(a.get("href")))]
        if not links or element.tag in ("a", "tr", "td") or len(text_of(element)) > _CARD:
            return False
        ids = {self.page.edition.article_id(self.page.absolute(a.get("href"))) for a in links}
        told = len(text_of(element)) - sum(len(text_of(a)) for a in links)
        return len(ids) == 1 and self.page.edition.article_id(self.page.url) not in ids and told > _LONG

    @cached_property
    def size(self) -> int:
        """The characters of text on the page."""
        return max(1, len(text_of(self.page.root)))

    @cached_property
    def asides(self) -> frozenset[Element]:
        """The boxes that are left out when the page's text is read."""
        above = set() if self.headline is None else {self.headline, *self.headline.iterancestors()}
        boxes = [e for e in self.page.root.iter("*") if (e.tag in _BOXES or own_name(e)) and e not in above]
        marked = [e for e in boxes if e.tag == "aside" or _ASIDE_CLASS.search(marks(e)) or _asks(e)]
        small = [e for e in marked if sum(len(text_of(p)) for p in e.iter("p")) < self.size / 3]
        teasers = [e for e in boxes if self._shows_teasers(e)]
        # A page that is mostly teasers is a front page or a listing, and is to be seen as one.
        few = sum(len(text_of(e)) for e in teasers) < self.size / 2
        return frozenset([*small, *(teasers if few else ())])
