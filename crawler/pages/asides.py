"""The boxes of an unknown page that stand aside from its article: menus, side boxes, forms, teasers of other articles."""

from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache

from crawler.pages.boxes import BESIDE_ARTICLE, CONSENT, SIDE, called
from crawler.pages.holdings import Holding, Inside, outermost
from crawler.pages.marks import marks, own_name
from crawler.pages.page import Page
from crawler.pages.shown import Element

_ASIDE_CLASS = called(*SIDE, *BESIDE_ARTICLE)
_BOXES = frozenset(("div", "section", "ul", "ol", "aside", "p", "table", "td", "header", "span"))
_CONSENT_CLASS = called(*CONSENT)
_VAGUE = called("widgets?")
_ASIDE_ROLES = frozenset(("navigation", "complementary", "search", "dialog", "alertdialog", "contentinfo"))
"""As WAI-ARIA 1.2 names them."""
_LITTLE, _CARD, _LONG, _TITLE, _PIECE = 300, 600, 40, 20, 200


class Asides:
    """The boxes aside of one page; each is judged once, however much it holds."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._judged: dict[Element, bool] = {}

    @cached_property
    def _whole(self) -> Holding:
        return self.page.held(self.page.root)

    def hold(self, element: Element) -> bool:
        """Tell whether an element stands in navigation, a side box or a footer."""
        return Inside(self._judge, self._judged)(element)

    def _judge(self, element: Element) -> bool:
        if element.tag in ("nav", "aside", "footer"):
            return True
        # A wrapper such as `layout has-sidebar` carries the word too, but holds the article.
        marked = element.tag not in ("body", "html") and _is_marked(element)
        return marked and self._share(element) < 1 / 2

    def _share(self, element: Element) -> float:
        """Return how much of the page's prose a box holds; of its text where the page has no prose."""
        inside, whole = self.page.held(element), self._whole
        return inside.prose / whole.prose if whole.prose else inside.chars / max(1, whole.chars)

    def others(self, headline: Element | None) -> list[Element]:
        """Return the outermost of the boxes left out that show other articles or ask for something."""
        left = self.besides(headline)
        kinds = (e for e in self.page.root.iter("*") if e in left and self._is_no_text(e))
        return outermost(kinds)

    def besides(self, headline: Element | None) -> frozenset[Element]:
        """Return the boxes that are left out when the text is read, none of them around the headline."""
        above = set() if headline is None else {headline, *headline.iterancestors()}
        boxes = [e for e in self.page.root.iter("*") if (e.tag in _BOXES or own_name(e)) and e not in above]
        marked = [e for e in boxes if e.tag == "aside" or _is_marked(e) or self._asks(e)]
        pieces = self._pieces(marked)
        small = [e for e in marked if e not in pieces and self._share(e) < 1 / 3]
        teasers = [e for e in boxes if self._shows_teasers(e)]
        consent = [e for e in boxes if self._asks_consent(e)]
        return frozenset([*small, *consent, *(teasers if self._are_few(teasers) else ())])

    def _pieces(self, marked: Iterable[Element]) -> set[Element]:
        """Return those of the boxes that the article's text is parted into: prose dressed alike, a third of the page's."""
        prose = [e for e in marked if self._is_prose(e)]
        alike: Counter[str] = Counter()
        for element in prose:
            alike[element.get("class") or ""] += self.page.held(element).prose
        many = self._whole.prose / 3
        return {e for e in prose if alike[e.get("class") or ""] >= many or _is_only_vague(e)}

    def _is_prose(self, element: Element) -> bool:
        held = self.page.held(element)
        return held.prose >= _PIECE and 4 * held.anchored < held.chars and element.tag != "aside"

    def _are_few(self, teasers: Collection[Element]) -> bool:
        # A page that is mostly teasers is a front page or a listing, and is to be seen as one.
        told = sum(self.page.held(e).prose for e in teasers)
        return 2 * self._size_of(teasers) < self._whole.chars or 2 * (self._whole.prose - told) > told

    def _size_of(self, elements: Iterable[Element]) -> int:
        return sum(self.page.held(e).chars for e in elements)

    def _is_no_text(self, element: Element) -> bool:
        return self._shows_teasers(element) or self._asks_consent(element) or self._asks(element)

    def _asks_consent(self, element: Element) -> bool:
        """Tell whether a box asks for the reader's consent, by its name, and the page's text stands elsewhere."""
        if not _names_consent(marks(element)):
            return False
        return self._whole.prose - self.page.held(element).prose >= _PIECE

    def _asks(self, element: Element) -> bool:
        """Tell whether a box is there for its form: a letter to subscribe to, a search, a poll."""
        held = self.page.held(element)
        return bool(held.asks) and held.chars < _LITTLE

    def _shows_teasers(self, element: Element) -> bool:
        """Tell whether a box shows nothing but other articles, each by a link and some words of its text."""
        cards = [child for child in element if self._is_teaser(child)]
        return len(cards) > 1 and self._size_of(element) < self._size_of(cards) + _LONG

    def _is_teaser(self, element: Element) -> bool:
        card = self.page.held(element)
        if element.tag in ("a", "tr", "td") or not _LONG < card.chars <= _CARD:
            return False
        if card.is_titled and card.anchored > _TITLE:
            return True
        own = self.page.edition.article_id(self.page.url)
        return len(card.articles) == 1 and own not in card.articles and card.chars - card.linked > _LONG


def _is_only_vague(element: Element) -> bool:
    # Page builders call each piece of a page a widget, the article's paragraphs too.
    rest, found = _VAGUE.subn(" ", marks(element))
    return found > 0 and not _ASIDE_CLASS.search(rest)


def _is_marked(element: Element) -> bool:
    return _names_aside(marks(element)) or element.get("role") in _ASIDE_ROLES


@lru_cache(maxsize=4096)
def _names_aside(named: str) -> bool:
    return _ASIDE_CLASS.search(named) is not None


@lru_cache(maxsize=4096)
def _names_consent(named: str) -> bool:
    return _CONSENT_CLASS.search(named) is not None
