"""What each element of a page holds: its text, what of it are links, what of it is prose. One walk for all of them.

Boxes are told from the article by what they hold; asked of each box by a walk of its own, a page that is deep and wide
would cost the product of both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from crawler.pages.marks import is_block
from crawler.pages.page import Page
from crawler.pages.shown import Element, is_unshown

_PROSE = 60
"""Characters outside of links from which a box's own line is prose."""
_HEADINGS = frozenset(f"h{n}" for n in range(1, 7))


@dataclass(slots=True)
class Measure:
    """What an element holds, all inside counted."""

    text: int = 0
    """Characters that are shown, white space at the ends of pieces left out."""
    linked: int = 0
    """Those of them inside links to other pages."""
    prose: int = 0
    """Those of them in lines long enough to be an article's."""
    targets: set[str] = field(default_factory=set)
    """The addresses that it links to as written; two stand for any more."""
    is_titled: bool = False
    """Whether a heading in it is a link, or stands in one."""

    def take_in(self, inner: "Measure") -> None:
        """Count what an element inside holds."""
        self.text += inner.text
        self.linked += inner.linked
        self.prose += inner.prose
        if len(self.targets) < 2:
            self.targets |= inner.targets
        self.is_titled |= inner.is_titled


_NOTHING = Measure()


class Measures:
    """The measures of one page's elements; what is not shown holds nothing."""

    def __init__(self, page: Page) -> None:
        self._of: dict[Element, Measure] = {}
        self._line = 0
        self._links: list[Element] = []
        self._measure(page.root)

    def __getitem__(self, element: Element) -> Measure:
        return self._of.get(element, _NOTHING)

    def _measure(self, root: Element) -> None:
        open_: list[Measure] = [Measure()]
        blocks: list[Measure] = [open_[0]]
        for event, element in _steps(root):
            if event == "skip":
                self._count(element.tail, open_[-1])
                continue
            block = is_block(element)
            if block:
                self._end_line(blocks[-1])
            if event == "start":
                open_.append(Measure())
                if block:
                    blocks.append(open_[-1])
                self._open(element, open_[-1])
                self._count(element.text, open_[-1])
            else:
                held = open_.pop()
                if block:
                    blocks.pop()
                self._close(element, held)
                open_[-1].take_in(held)
                self._count(element.tail, open_[-1])

    def _open(self, element: Element, measure: Measure) -> None:
        href = element.get("href") if element.tag == "a" else None
        if href:
            self._links.append(element)
            measure.targets.add(href.partition("#")[0] or "#")
        if element.tag in _HEADINGS and self._links:
            measure.is_titled = True

    def _close(self, element: Element, measure: Measure) -> None:
        if self._links and self._links[-1] is element:
            self._links.pop()
        if element.tag in _HEADINGS and 2 * measure.linked > measure.text:
            measure.is_titled = True
        self._of[element] = measure

    def _count(self, text: str | None, measure: Measure) -> None:
        size = len(text.strip()) if text else 0
        measure.text += size
        if self._links:
            measure.linked += size
        else:
            self._line += size

    def _end_line(self, block: Measure) -> None:
        if self._line >= _PROSE:
            block.prose += self._line
        self._line = 0


def _steps(root: Element) -> Iterator[tuple[str, Element]]:
    steps = etree.iterwalk(root, events=("start", "end"))
    unshown: Element = None
    for event, element in steps:
        if event == "start" and is_unshown(element):
            steps.skip_subtree()
            unshown = element
        elif element is unshown:
            unshown = None
            yield "skip", element
        else:
            yield event, element
