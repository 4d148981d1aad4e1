"""Others that read the same page, held against our own reading of an unknown layout.

JSON-LD's text is one; trafilatura, asked twice where our own reading is doubtful, makes two. Known layouts never come
here. A reading must be the same on every machine: trafilatura's version is pinned, and another one may read otherwise,
so that a change of it raises REVISION (docs/decisions/0024-witnesses-of-an-unknown-page.md).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from lxml import etree

from archive.facts.items import Block
from crawler.pages.page import Page, fold, word_pairs
from crawler.pages.story import dress
from crawler.pages.units import Unit, is_sentence

_AGREEING = 0.7
"""F1 over words from which two readings are of one text."""
_MOST_OF_IT = 0.6
"""The share of its pairs of words from which a line stands in a reading."""
_LEFT = 0.6
"""The share of our own text that a vote leaves at least, else the witnesses read something else."""
MOST_TAGS, MOST_CHARACTERS = 10_000, 3_000_000
"""Of a page that trafilatura is asked about; news pages have some thousand tags, nested 35 deep at most."""
_IS_DEEP: Any = etree.XPath(f"boolean({'/*' * 129})")


class Witness:
    """One reading of a page."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(line.strip() for line in lines if line.strip())

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(word for line in self.lines for word in fold(line).split())

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(pair for line in self.lines for pair in word_pairs(line))

    def hold(self, text: str) -> bool:
        """Tell whether a line stands in it, whole or for the most part of its words."""
        pairs = word_pairs(text)
        return sum(pair in self._pairs for pair in pairs) > _MOST_OF_IT * len(pairs) or not pairs

    def agree(self, other: "Witness") -> bool:
        """Tell whether both read one text."""
        mine, others = self._words, other._words  # noqa: SLF001 - one of its own class
        return 2 * (mine & others).total() >= _AGREEING * (mine.total() + others.total()) > 0


def confirmed(own: Sequence[Unit], stated: Witness) -> tuple[Unit, ...]:
    """Return those of our units that the page's own data states, and those dressed like them.

    What is dressed like the text is text: the data may be older than what the page shows.
    """
    held = {unit for unit in own if stated.hold(unit.text)}
    alike = {dress(unit) for unit in held if unit.weight()}
    return tuple(unit for unit in own if unit in held or dress(unit) in alike)


def can_ask(page: Page) -> bool:
    """Tell whether a page is small and flat enough for trafilatura, by counts that are the same on every machine."""
    if len(page.markup) > MOST_CHARACTERS or page.held(page.root).tags > MOST_TAGS:
        return False
    return not _IS_DEEP(page.root)


def ask(page: Page) -> tuple[Witness, Witness]:
    """Return what trafilatura reads by default and what it reads where precision is preferred."""
    return _read(page), _read(page, precise=True)


def _read(page: Page, *, precise: bool = False) -> Witness:
    import trafilatura  # noqa: PLC0415 - half a second of imports, for doubtful pages alone

    document: Any = trafilatura.bare_extraction(
        page.markup, include_comments=False, with_metadata=False, favor_precision=precise
    )
    lines: list[str] = document.text.split("\n") if document is not None and document.text else []
    return Witness(line.removeprefix("- ") for line in lines)


def voted(own: Sequence[Block], told: Iterable[str], witnesses: tuple[Witness, Witness]) -> tuple[Block, ...]:
    """Return the blocks that two of three readings hold, in their order; our own where little of it would be left.

    `told` are the texts of other fields, which make no block.
    """
    usual, precise = witnesses
    kept = [block for block in own if usual.hold(block.text) or precise.hold(block.text)]
    found = _with_missed(kept, Witness([*told, *(block.text for block in own)]), usual, precise)
    left = sum(len(block.text) for block in found)
    return tuple(found) if left >= _LEFT * sum(len(block.text) for block in own) else tuple(own)


def _with_missed(kept: list[Block], mine: Witness, usual: Witness, precise: Witness) -> list[Block]:
    found, at = list(kept), 0
    for line in usual.lines:
        if mine.hold(line):
            at = _behind(found, at, line)
        elif is_sentence(line) and precise.hold(line):
            found.insert(at, Block(text=line))
            at += 1
    return found


def _behind(found: Sequence[Block], at: int, line: str) -> int:
    """Return the place behind the block that shows a line, the place given where none does."""
    near = fold(line)[:60]
    return next((i + 1 for i in _places(found, at) if fold(found[i].text).startswith(near)), at)


def _places(found: Sequence[Block], at: int) -> Iterator[int]:
    return iter(range(at, min(len(found), at + 12)))
