"""What of a container is no text of the article: code, forms, share lines; judged by what it holds, not by a name alone."""

from functools import cached_property

from lxml import etree

from crawler.pages.holdings import around
from crawler.pages.marks import DROPPED, is_box, is_talk
from crawler.pages.shown import Element, is_unshown

_SENTENCE = 60
"""Characters from which a piece of text is one of an article's."""


class LeftOut:
    """The judge of one container's elements."""

    def __init__(self, container: Element) -> None:
        self._container = container

    def has(self, element: Element) -> bool:
        """Tell whether an element and all inside are left out.

        A box called after shares, comments or advertisements, or a form, may be the wrapper of the whole text: it is
        one where most of the text stands in it and none before, or nearly all of it where its name is not that of
        comments, which begin later and may be longer than the text. A box above holds less.
        """
        if element.tag == "footer":
            # Who is quoted stands there.
            return bool(element.getparent().tag != "blockquote")
        if is_unshown(element) or (element.tag in DROPPED and element.tag != "form"):
            return True
        return (element.tag == "form" or is_box(element)) and not self._is_wrapper(element)

    def _is_wrapper(self, element: Element) -> bool:
        before, inside = self._places.get(element, (0, 0))
        whole = self._places[self._container][1]
        if 4 * inside > 3 * whole and not is_talk(element):
            return True
        begins = before == 0 or element in self._headed
        return begins and 2 * inside > whole

    @cached_property
    def _headed(self) -> set[Element]:
        return around(self._container.iter("h1"))

    @cached_property
    def _places(self) -> dict[Element, tuple[int, int]]:
        """For each element how many characters of text stand before it and inside: one walk for all."""
        total, before, places = 0, {}, {}
        steps = etree.iterwalk(self._container, events=("start", "end"))
        for event, element in steps:
            text = element.text if event == "start" else element.tail
            if event == "start":
                before[element] = total
                if element.tag == "a" or is_unshown(element):
                    steps.skip_subtree()
                    continue
            else:
                places[element] = (before[element], total - before[element])
            total += len(text) if text and len(text.strip()) >= _SENTENCE else 0
        return places
