"""The boxes of an unknown page that stand aside from its article: menus, side boxes, forms, teasers of other articles."""

from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property

from crawler.pages.boxes import BESIDE_ARTICLE, CONSENT, SIDE, called
from crawler.pages.marks import marks, own_name
from crawler.pages.measures import Measures
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
    def measures(self) -> Measures:
        """What each element of the page holds."""
        return Measures(self.page)

    def hold(self, element: Element) -> bool:
        """Tell whether an element stands in navigation, a side box or a footer."""
        return any(map(self._is_side_box, (element, *element.iterancestors())))

    def _is_side_box(self, element: Element) -> bool:
        if element not in self._judged:
            self._judged[element] = self._judge(element)
        return self._judged[element]

    def _judge(self, element: Element) -> bool:
        if element.tag in ("nav", "aside", "footer"):
            return True
        # A wrapper such as `layout has-sidebar` carries the word too, but holds the article.
        marked = element.tag not in ("body", "html") and _is_marked(element)
        return marked and self._share(element) < 1 / 2

    def _share(self, element: Element) -> float:
        """Return how much of the page's prose a box holds; of its text where the page has no prose."""
        inside, whole = self.measures[element], self.measures[self.page.root]
        return inside.prose / whole.prose if whole.prose else inside.text / max(1, whole.text)

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
            alike[element.get("class") or ""] += self.measures[element].prose
        many = self.measures[self.page.root].prose / 3
        return {e for e in prose if alike[e.get("class") or ""] >= many or _is_only_vague(e)}

    def _is_prose(self, element: Element) -> bool:
        held = self.measures[element]
        return held.prose >= _PIECE and 4 * held.linked < held.text and element.tag != "aside"

    def _are_few(self, teasers: Collection[Element]) -> bool:
        # A page that is mostly teasers is a front page or a listing, and is to be seen as one.
        shown, told = (sum(getattr(self.measures[e], what) for e in teasers) for what in ("text", "prose"))
        whole = self.measures[self.page.root]
        return 2 * shown < whole.text or 2 * (whole.prose - told) > told

    def _asks_consent(self, element: Element) -> bool:
        """Tell whether a box asks for the reader's consent, by its name, and the page's text stands elsewhere."""
        if not _CONSENT_CLASS.search(marks(element)):
            return False
        return self.measures[self.page.root].prose - self.measures[element].prose >= _PIECE

    def _asks(self, element: Element) -> bool:
        """Tell whether a box is there for its form: a letter to subscribe to, a search, a poll."""
        if self.measures[element].text >= _LITTLE:
            return False
        form = next(element.iter("form"), None)
        return form is not None and next(form.iter("input", "button"), None) is not None

    def _shows_teasers(self, element: Element) -> bool:
        """Tell whether a box shows nothing but other articles, each by a link and some words of its text."""
        cards = [child for child in element if self._is_teaser(child)]
        if len(cards) < 2:
            return False
        held, shown = (sum(self.measures[e].text for e in several) for several in (element, cards))
        return held < shown + _LONG

    def _is_teaser(self, element: Element) -> bool:
        card = self.measures[element]
        if element.tag in ("a", "tr", "td") or not _LONG < card.text <= _CARD or not card.targets:
            return False
        if card.is_titled and card.linked > _TITLE:
            return True
        number, own = self.page.edition.article_id, self.page.url
        target = self.page.absolute(next(iter(card.targets))) if len(card.targets) == 1 else ""
        return bool(number(target)) and number(target) != number(own) and card.text - card.linked > _LONG


def _is_only_vague(element: Element) -> bool:
    # Page builders call each piece of a page a widget, the article's paragraphs too.
    rest, found = _VAGUE.subn(" ", marks(element))
    return found > 0 and not _ASIDE_CLASS.search(rest)


def _is_marked(element: Element) -> bool:
    return _ASIDE_CLASS.search(marks(element)) is not None or element.get("role") in _ASIDE_ROLES
