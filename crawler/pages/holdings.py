"""What each element of a page holds, counted from the leaves up in one walk, however deep the page is nested.

Whoever asks each box for its whole text reads a page once for every box around it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lxml import etree

from crawler.pages.marks import is_block
from crawler.pages.shown import PARTING, Element, is_unshown
from crawler.pages.work import spend

_ASKING = ("input", "button")
_HEADINGS = frozenset(f"h{n}" for n in range(1, 7))
_TOLD = frozenset(("p", "form", "a")) | _HEADINGS
"""Elements of which more is told than what they hold."""
_PROSE = 60
"""Characters from which a line is prose."""


@dataclass(slots=True)
class Holding:
    """What one element holds."""

    chars: int = 0
    """Characters of its text, as `text_of` gives it but for spaces beside no-break spaces; none for what isn't shown."""
    tags: int = 0
    """The elements inside, itself among them."""
    paragraphs: int = 0
    """Characters of the `p` inside, those of one in another counted twice."""
    links: int = 0
    """Its links to articles."""
    linked: int = 0
    """Their characters."""
    articles: frozenset[str] = frozenset()
    """The numbers of the articles that it links to; of several, two at least."""
    asks: bool | None = None
    """Whether its first form has a field or a button; None without a form."""
    anchored: int = 0
    """Characters that stand in links to anything, spaces left out."""
    prose: int = 0
    """Characters outside of links in lines that are long enough to be an article's, spaces left out."""
    is_titled: bool = False
    """Whether a heading in it is a link, or stands in one."""

    def take(self, inner: "Holding") -> None:
        """Add what an element right inside holds, but for its text: that is counted as it stands in the page."""
        self.tags += inner.tags
        self.paragraphs += inner.paragraphs
        self.links += inner.links
        self.linked += inner.linked
        self.anchored += inner.anchored
        self.prose += inner.prose
        self.is_titled |= inner.is_titled
        if len(self.articles) < 2:
            self.articles |= inner.articles
        self.asks = inner.asks if self.asks is None else self.asks


@dataclass(slots=True)
class _Text:
    """The text met so far."""

    ink: int = 0
    """Characters, without the spaces that part two pieces."""
    gaps: int = 0
    """Those spaces."""
    parted: bool = True
    bare: "list[_Opened]" = field(default_factory=list)
    """The open elements without a character so far."""

    def add(self, piece: str) -> None:
        words = piece.split()
        if not words:
            self.parted |= bool(piece)
            return
        self.gaps += self.parted or piece[0].isspace()
        self.ink += sum(map(len, words)) + len(words) - 1
        self.parted = piece[-1].isspace()
        for opened in self.bare:
            opened.gaps = self.gaps
        self.bare.clear()


@dataclass(slots=True)
class _Opened:
    """An element whose end was not met so far."""

    holding: Holding
    ink: int
    gaps: int = -1
    """The spaces before its first character; -1 without one."""
    asking: int = 0
    """The fields and buttons before it."""
    is_unshown: bool = False
    is_link: bool = False


class _Count:
    """The walk."""

    def __init__(self, article_of: Callable[[str | None], str | None]) -> None:
        self.article_of = article_of
        self.text = _Text()
        self.opened: list[_Opened] = []
        self.found: dict[Element, Holding] = {}
        self.unseen = self.asking = self.links = self.line = 0

    def add(self, piece: str | None, tag: str) -> None:
        if self.unseen:
            return
        self.text.parted |= tag in PARTING
        if piece:
            before = self.text.ink
            self.text.add(piece)
            self._weigh(self.text.ink - before)

    def _weigh(self, ink: int) -> None:
        if self.links:
            self.opened[-1].holding.anchored += ink
        else:
            self.line += ink

    def _end_line(self, element: Element) -> None:
        if self.line and (element.tag == "br" or is_block(element)):
            if self.line >= _PROSE:
                self.opened[-1].holding.prose += self.line
            self.line = 0

    def start(self, element: Element) -> None:
        self._end_line(element)
        tag, holding = element.tag, Holding(tags=1)
        opened = _Opened(holding=holding, ink=self.text.ink, asking=self.asking, is_unshown=is_unshown(element))
        self.opened.append(opened)
        if tag == "a" and element.get("href"):
            opened.is_link = True
            self.links += 1
        elif tag in _HEADINGS:
            holding.is_titled = self.links > 0
        self.text.bare.append(opened)
        self.unseen += opened.is_unshown
        self.asking += tag in _ASKING
        self.add(element.text, tag)

    def end(self, element: Element) -> None:
        self._end_line(element)
        opened = self.opened.pop()
        self.links -= opened.is_link
        if opened.gaps < 0:
            self.text.bare.pop()
        self.found[element] = holding = opened.holding
        holding.chars = 0 if opened.gaps < 0 else self.text.ink - opened.ink + self.text.gaps - opened.gaps
        if element.tag in _TOLD:
            self._tell(element, holding, asked=self.asking > opened.asking)
        self.unseen -= opened.is_unshown
        if self.opened:
            self.opened[-1].holding.take(holding)
            self.add(element.tail, element.tag)

    def _tell(self, element: Element, holding: Holding, *, asked: bool) -> None:
        if element.tag == "p":
            holding.paragraphs += holding.chars
        elif element.tag == "form":
            holding.asks = asked
        elif element.tag in _HEADINGS:
            holding.is_titled |= 2 * holding.anchored > holding.chars
        elif element.tag == "a" and (number := self.article_of(element.get("href"))):
            holding.articles |= {number}
            holding.links += 1
            holding.linked += holding.chars


def holdings(root: Element, article_of: Callable[[str | None], str | None]) -> dict[Element, Holding]:
    """Return what each element holds, from a tree's root down; `article_of` tells a link's article by its address."""
    count = _Count(article_of)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        (count.start if event == "start" else count.end)(element)
    spend(len(count.found))
    return count.found


class Inside:
    """Whether an element or one around it is of some kind; each is judged once, however much stands inside.

    Who judges by a method of its own keeps what was judged, not this: the two would hold one another, and the page's
    whole tree with them until the collector comes by.
    """

    def __init__(self, judge: Callable[[Element], bool], judged: dict[Element, bool] | None = None) -> None:
        self._judge = judge
        self._judged: dict[Element, bool] = {} if judged is None else judged

    def __call__(self, element: Element) -> bool:
        """Tell it of an element."""
        way, above = [], element
        while above is not None and above not in self._judged:
            way.append(above)
            above = above.getparent()
        is_inside = above is not None and self._judged[above]
        for inner in reversed(way):
            self._judged[inner] = is_inside = is_inside or self._judge(inner)
        return is_inside


def outermost(elements: Iterable[Element]) -> list[Element]:
    """Return those of elements in the page's order that stand in no other of them."""
    found: list[Element] = []
    inside: set[Element] = set()
    for element in elements:
        if element not in inside:
            found.append(element)
            inside.update(element.iter())
    return found


def around(elements: Iterable[Element]) -> set[Element]:
    """Return the elements given and all that hold one of them."""
    found: set[Element] = set()
    for element in elements:
        above = element
        # What holds one that was met is there already.
        while above is not None and above not in found:
            found.add(above)
            above = above.getparent()
    return found
