"""Whether a reading lost the text of its page: most words of its long paragraphs stand in none of the fields."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise

from crawler.pages.page import Page, fold, text_of
from crawler.pages.shown import Element, is_unshown

_LONG = 80
"""Characters from which a paragraph is one of an article's."""


class _Told:
    """What the fields hold together."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole = " ".join(" ".join(texts).split())

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(pairwise(fold(self._whole).split()))

    def hold(self, text: str) -> bool:
        """Tell whether a paragraph stands there, whole or for the most part of its words."""
        if " ".join(text.split()) in self._whole:
            return True
        pairs = list(pairwise(fold(text).split()))
        return 2 * sum(pair in self._pairs for pair in pairs) > len(pairs)


def loses_text(page: Page, texts: Iterable[str]) -> bool:
    """Tell whether more than half of the words of a page's long paragraphs are in none of the fields' texts."""
    told = _Told(texts)
    found = [(len(text.split()), told.hold(text)) for text in _paragraphs(page)]
    lost = sum(count for count, held in found if not held)
    return 2 * lost > sum(count for count, _ in found)


def _paragraphs(page: Page) -> Iterator[str]:
    for paragraph in page.root.iter("p"):
        text = text_of(paragraph)
        if len(text) > _LONG and not _is_beside(paragraph):
            yield text


def _is_beside(paragraph: Element) -> bool:
    return any(is_unshown(e) or e.tag in ("aside", "footer", "nav") for e in (paragraph, *paragraph.iterancestors()))
