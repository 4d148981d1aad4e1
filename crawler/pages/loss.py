"""Whether a reading lost the text of its page: most words of its long paragraphs stand in none of the fields."""

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import pairwise

from crawler.pages.holdings import Inside, outermost
from crawler.pages.page import Page, fold, text_of, word_pairs
from crawler.pages.shown import Element, is_unshown

_LONG = 80
"""Characters from which a paragraph is one of an article's."""
_NEAR = 2000
"""Characters between two paragraphs of a text, at most: a lead, a sub-head, a quotation that is no `p`."""
_BESIDE = frozenset(("aside", "footer", "nav", "dialog"))


class _Told:
    """What the fields hold together."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole = " ".join(" ".join(texts).split())
        self._at = 0

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        words = fold(self._whole).split()
        return frozenset((*pairwise(words), *((word, "") for word in words)))

    def hold(self, text: str) -> bool:
        """Tell whether a paragraph stands there, whole or for the most part of its words."""
        if self._goes_on(" ".join(text.split())):
            return True
        pairs = word_pairs(text)
        return 2 * sum(pair in self._pairs for pair in pairs) > len(pairs)

    def _goes_on(self, text: str) -> bool:
        """Tell whether a paragraph follows upon the one found last, as in most pages all do."""
        at = self._whole.find(text, self._at, self._at + _NEAR + len(text))
        self._at = self._at if at < 0 else at + len(text)
        return at >= 0


def loses_text(page: Page, texts: Iterable[str]) -> bool:
    """Tell whether more than half of the words of a page's long paragraphs are in none of the fields' texts."""
    return lost_share(page, texts) > 1 / 2


def lost_share(page: Page, texts: Iterable[str], beside: Collection[Element] = ()) -> float:
    """Return how many of the words of a page's long paragraphs are in none of the texts, as a share.

    Paragraphs inside the elements of `beside` are none of the article's.
    """
    told = _Told(texts)
    found = [(len(text.split()), told.hold(text)) for text in _paragraphs(page, beside)]
    return sum(count for count, held in found if not held) / max(1, sum(count for count, _ in found))


def _paragraphs(page: Page, beside: Collection[Element] = ()) -> Iterator[str]:
    is_beside = Inside(lambda element: is_unshown(element) or element.tag in _BESIDE or element in beside)
    for paragraph in outermost(page.root.iter("p")):
        text = text_of(paragraph)
        if len(text) > _LONG and not is_beside(paragraph):
            yield text
