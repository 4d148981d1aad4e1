"""A container of a page as units of text in order: paragraphs, sub-heads, captions, quotes, list lines."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate, groupby
from operator import itemgetter

from lxml import etree

from archive.facts.items import Block
from crawler.pages.leftout import LeftOut
from crawler.pages.marks import is_block, role_of
from crawler.pages.page import Page, tidy
from crawler.pages.shown import Element, placed
from crawler.pages.tables import CELL, is_data_row
from crawler.pages.work import spend

# Marks inside the collected text; the decoder has taken such controls out of the page itself.
_BREAK, _BOLD, _PLAIN = "\x1e", "\x1c", "\x1d"
_AROUND = f" \t\r\n\f\v\u00a0{_BREAK}{_BOLD}{_PLAIN}"
_PARAGRAPH_BREAK = re.compile(rf"{_BREAK}\s*{_BREAK}[\s{_BREAK}]*")
_STOPS = (
    ".",
    "!",
    "?",
    "…",
    "»",
    '"',
    "\u201d",
    "\u3002",
    "\uff01",
    "\uff1f",
    "\u300d",
    "\u300f",
    "\u061f",
    "\u06d4",
    "\u0964",
)
_MOSTLY = 0.5
_CARD = 1000
"""Characters of a card that shows another article, at most."""
LONG = 60
"""Characters from which a line without a full stop reads as text all the same."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """One unit of text while a page is read; two that say the same are still two."""

    text: str
    node: Element
    """The block element that holds it."""
    role: str = "paragraph"
    """A block's role, or `related` inside a box of links to other articles."""
    links: tuple[tuple[str, str], ...] = ()
    strong: bool = False
    """Whether all of it is printed bold."""
    bold: tuple[bool, ...] = ()
    """For each line whether all of it is printed bold."""
    group: Element | None = None
    """The figure or caption element around it."""
    wrapped: Element | None = None
    """The link around its whole box, as around a card that shows another article."""

    is_related: bool = False
    """Whether it is a line that leads to another article of the edition."""

    def parted(self) -> "list[Unit]":
        """Return the unit as several, parted where lines printed bold border on others."""
        lines = zip(self.text.split("\n"), self.bold, strict=True)
        runs = [(bold, "\n".join(text for text, _ in run)) for bold, run in groupby(lines, key=itemgetter(1))]
        return [self] if len(runs) == 1 else [replace(self, text=text, strong=bold, bold=()) for bold, text in runs]

    def linked(self) -> float:
        """Return the share of its characters that stand in links."""
        return _linked(self.links, self.text)

    def weight(self) -> int:
        """Return how many characters of an article's text it is: none for a caption, a sub-head or a line of links."""
        if self.role in ("caption", "related", "heading") or self.linked() > _MOSTLY:
            return 0
        return len(self.text) if is_sentence(self.text) else 0


def is_sentence(text: str) -> bool:
    """Tell whether a line reads like an article's text: by its length or its full stop."""
    return len(text) >= LONG or text.endswith(_STOPS)


def _linked(links: Iterable[tuple[str, str]], text: str) -> float:
    return sum(len(title) for title, _ in links) / max(1, len(text))


@dataclass(slots=True)
class _Walk:
    page: Page
    units: list[Unit] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    flushed: int = 0
    """How many parts went before these."""
    links: list[tuple[int, int, tuple[str, str]]] = field(default_factory=list)
    """In which part each begins, behind how many characters of it and of those that follow, and its title and address."""
    opened: tuple[Element, int] | None = None
    """The link that is open, and how many parts came before it; as in browsers none stands in another."""
    nodes: list[Element] = field(default_factory=list)
    roles: list[tuple[Element, str]] = field(default_factory=list)
    strong: int = 0
    small: list[str] = field(default_factory=list)
    """The `sup` and `sub` that are open."""
    row: Element = None
    """The row of a table of data that is open: its cells stay in one line."""

    def add(self, text: str | None) -> None:
        if text:
            text = placed(text, self.small[-1]) if self.small else text
            self.parts.append(f"{_BOLD}{text}{_PLAIN}" if self.strong else text)

    def start(self, element: Element) -> None:
        tag = element.tag
        if self.row is not None and is_block(element):
            self.parts.append(CELL if tag != "p" and element.getprevious() is not None else " ")
        elif is_block(element):
            self.flush()
            self.nodes.append(element)
            self.row = element if is_data_row(element) else None
        elif tag == "br":
            self.parts.append(_BREAK if self.row is None else " ")
        elif tag in ("sup", "sub"):
            self.small.append(tag)
        elif tag in ("b", "strong"):
            self.strong += 1
        elif tag == "a":
            self._close_link()
            self.opened = (element, self.flushed + len(self.parts))
        role = role_of(element)
        if role:
            self.flush()
            self.roles.append((element, role))
        self.add(element.text)

    def end(self, element: Element) -> None:
        tag = element.tag
        if self.row not in (None, element) and is_block(element):
            self.parts.append(" ")
        elif is_block(element):
            self.flush()
            self.nodes.pop()
            self.row = None
        elif tag in ("sup", "sub"):
            self.small.pop()
        elif tag in ("b", "strong"):
            self.strong -= 1
        elif self.opened is not None and self.opened[0] is element:
            self._close_link()
        if self.roles and self.roles[-1][0] is element:
            self.flush()
            self.roles.pop()
        self.add(element.tail)

    def _close_link(self) -> None:
        if self.opened is None:
            return
        (element, at), self.opened = self.opened, None
        begun = max(0, at - self.flushed)
        inside = "".join(self.parts[begun:])
        title = tidy(_unmarked(inside.replace(_BREAK, " ")))
        url = self.page.absolute(element.get("href"))
        # One that goes on behind a paragraph's end is of neither.
        if title and url and not _PARAGRAPH_BREAK.search(inside.strip(_AROUND)):
            before = len(inside) - len(inside.lstrip(_AROUND))
            self.links.append((begun, before, (title, url)))

    def flush(self) -> None:
        if not self.parts:
            return
        links = self._links_by_place() if self.links else []
        for piece, end in _pieces("".join(self.parts)):
            lines = [(text, _is_bold(line)) for line in piece.split(_BREAK) if (text := tidy(_unmarked(line)))]
            own = []
            while links and links[-1][0] < end:
                own.append(links.pop()[1])
            self._emit(lines, tuple(own), strong=_is_bold(piece))
        spend(sum(map(len, self.parts)) + len(self.parts))
        self.flushed += len(self.parts)
        self.parts.clear()
        self.links.clear()

    def _links_by_place(self) -> list[tuple[int, tuple[str, str]]]:
        """Return each link with how many characters of the parts stand before it, the last one first."""
        before = list(accumulate(map(len, self.parts), initial=0))
        return [(before[part] + inside, link) for part, inside, link in reversed(self.links)]

    def _emit(self, lines: list[tuple[str, bool]], links: tuple[tuple[str, str], ...], *, strong: bool) -> None:
        text = "\n".join(text for text, _ in lines)
        if not text:
            return
        group, role = self.roles[-1] if self.roles else (None, "paragraph")
        self.units.append(
            Unit(
                text=text,
                node=self.nodes[-1] if self.nodes else None,
                role=role,
                links=links,
                strong=strong,
                bold=tuple(bold for _, bold in lines),
                group=group if role == "caption" else None,
                is_related=bool(links) and self._leads_on(links, text),
                wrapped=None if self.opened is None else self._wrapper(self.opened[0]),
            )
        )

    def _leads_on(self, links: Iterable[tuple[str, str]], text: str) -> bool:
        most = _linked(links, text) > _MOSTLY
        return most and any(self.page.edition.article_id(url) for _, url in links)

    def _wrapper(self, link: Element) -> Element | None:
        # A link that nobody closed wraps the rest of the page.
        return link if link.get("href") and self.page.held(link).chars <= _CARD else None


def _pieces(whole: str) -> Iterator[tuple[str, int]]:
    """Yield the paragraphs of a collected text, each with where the next one begins."""
    at = 0
    for parting in _PARAGRAPH_BREAK.finditer(whole):
        yield whole[at : parting.start()], parting.end()
        at = parting.end()
    yield whole[at:], len(whole) + 1


def _unmarked(text: str) -> str:
    return text.replace(_BOLD, "").replace(_PLAIN, "")


def _is_bold(piece: str) -> bool:
    if _BOLD not in piece:
        return False
    plain = re.sub(f"{_BOLD}[^{_PLAIN}]*{_PLAIN}|{_BREAK}", "", piece)
    return len(plain.strip()) <= 0.1 * len(_unmarked(piece).strip())


def units(container: Element, page: Page, skip: frozenset[Element] = frozenset()) -> list[Unit]:
    """Return a container's units of text in order; scripts, forms, share boxes and the elements of `skip` are out.

    A single line break stays as a line feed inside a unit, two in a row part two units.
    """
    walk, left_out = _Walk(page=page, nodes=[container]), LeftOut(container)
    steps = etree.iterwalk(container, events=("start", "end"))
    dropped: Element = None
    for event, element in steps:
        if element is dropped:
            walk.add(element.tail)
            dropped = None
        elif event == "end":
            if element is not container:
                walk.end(element)
        elif element is container:
            walk.add(element.text)
        elif element in skip or left_out.has(element):
            dropped = element
            if is_block(element):
                walk.flush()
            steps.skip_subtree()
        else:
            walk.start(element)
    walk.flush()
    return walk.units


def blocks(found: Iterable[Unit]) -> tuple[Block, ...]:
    """Return the body blocks among units: captions and related links are other fields."""
    kept = [u for u in found if u.role not in ("caption", "related")]
    return tuple(Block(text=u.text, links=u.links, role=u.role if u.role != "lead" else "paragraph") for u in kept)


def printed_once(units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return units less a stretch of two or more that repeats, word for word, the one right before it.

    A page that prints its text for two widths of a screen does that; one line that comes again stays.
    """
    told = list(units)
    texts, place, kept, at = [unit.text for unit in told], dict[str, int](), list[Unit](), 0
    while at < len(told):
        first = place.get(texts[at], len(kept))
        count = len(kept) - first
        if count > 1 and [unit.text for unit in kept[first:]] == texts[at : at + count]:
            at += count
        else:
            place[texts[at]] = len(kept)
            kept.append(told[at])
            at += 1
    return tuple(kept)
