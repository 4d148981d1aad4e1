"""The boxes of an unknown page that stand aside from its article: menus, side boxes, forms, teasers of other articles."""

from functools import cached_property

from crawler.pages.boxes import BESIDE_ARTICLE, SIDE, called
from crawler.pages.holdings import Inside
from crawler.pages.marks import marks, own_name
from crawler.pages.page import Page
from crawler.pages.shown import Element

_ASIDE_CLASS = called(*SIDE, *BESIDE_ARTICLE)
_BOXES = frozenset(("div", "section", "ul", "ol", "aside", "p", "table", "td", "header", "span"))
_LITTLE, _CARD, _LONG = 300, 600, 40


class Asides:
    """The boxes aside of one page; each is judged once, however much it holds."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._inside = Inside(self._judge)

    @cached_property
    def size(self) -> int:
        """The characters of text on the page."""
        return max(1, self.page.held(self.page.root).chars)

    def hold(self, element: Element) -> bool:
        """Tell whether an element stands in navigation, a side box or a footer."""
        return self._inside(element)

    def _judge(self, element: Element) -> bool:
        if element.tag in ("nav", "aside", "footer"):
            return True
        # A wrapper such as `layout has-sidebar` carries the word too, but holds the article.
        marked = element.tag not in ("body", "html") and _ASIDE_CLASS.search(marks(element))
        return bool(marked) and self._size_of(element) < self.size / 2

    def _size_of(self, element: Element) -> int:
        return self.page.held(element).chars

    def besides(self, headline: Element | None) -> frozenset[Element]:
        """Return the boxes that are left out when the text is read, none of them around the headline."""
        above = set() if headline is None else {headline, *headline.iterancestors()}
        boxes = [e for e in self.page.root.iter("*") if (e.tag in _BOXES or own_name(e)) and e not in above]
        marked = [e for e in boxes if e.tag == "aside" or _ASIDE_CLASS.search(marks(e)) or self._asks(e)]
        small = [e for e in marked if self.page.held(e).paragraphs < self.size / 3]
        teasers = [e for e in boxes if self._shows_teasers(e)]
        # A page that is mostly teasers is a front page or a listing, and is to be seen as one.
        few = sum(map(self._size_of, teasers)) < self.size / 2
        return frozenset([*small, *(teasers if few else ())])

    def _shows_teasers(self, element: Element) -> bool:
        """Tell whether a box shows nothing but other articles, each by a link and some words of its text."""
        cards = [child for child in element if self._is_teaser(child)]
        return len(cards) > 1 and sum(map(self._size_of, element)) < sum(map(self._size_of, cards)) + _LONG

    def _is_teaser(self, element: Element) -> bool:
        held = self.page.held(element)
        if len(held.articles) != 1 or element.tag in ("a", "tr", "td") or held.chars > _CARD:
            return False
        return self.page.edition.article_id(self.page.url) not in held.articles and held.chars - held.linked > _LONG

    def _asks(self, element: Element) -> bool:
        """Tell whether a box is there for its form: a letter to subscribe to, a search, a poll."""
        held = self.page.held(element)
        return bool(held.asks) and held.chars < _LITTLE
