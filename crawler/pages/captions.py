"""Captions: which units of an unknown page are some, and what of them is stored.

One outlet's pages share the placeholder caption whatever the template, so what is dressed like it is a caption, too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from archive.facts.items import Caption
from crawler.pages.page import Page, fold
from crawler.pages.shown import Element
from crawler.pages.units import LONG, Unit
from pipelines.template import Template

_CREDIT_LINE = re.compile(r"^(?:©|@|\(?(?:photo|crédit|credit|image)s?\b)", re.IGNORECASE)
_CREDIT = re.compile(
    r"(?:©|(?<!\w)@|\(c\)\s)\s*(?P<sign>[^©@]{1,80})$"
    r"|\((?P<end>[^()]{0,60}\b(?:photo|photos|archives?|illustration|via|crédit)\b[^()]{0,40})\)\W*$"
    r"|(?:photo|crédit|crédits|image|source des photos)\s*:\s*(?P<label>[^:]{1,60})$",
    re.IGNORECASE,
)
_WIDE = frozenset(("body", "html", "article", "main", "table", "tr"))
_LEVELS = 3
"""How far above a picture a box around it and its caption may be."""
_MOST_ALIKE = 6
"""A page has no more captions than that; more of one kind are its paragraphs."""
_SHORTEST_ALT = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What makes a unit of one page a caption."""

    placeholders: frozenset[Unit]
    kinds: frozenset[tuple[str, ...]]
    """How the elements of the placeholder are dressed, unless the page's paragraphs are dressed alike."""
    boxes: frozenset[Element]
    """Elements around a picture or the placeholder that hold little else."""
    alts: frozenset[str]
    """The pictures' alternative texts, folded."""

    def show(self, unit: Unit) -> bool:
        if unit.role == "heading":
            return False
        beside = bool(self.kinds) and _kind(unit.node) in self.kinds
        around = unit.node in self.boxes or unit.node.getparent() in self.boxes
        told = len(unit.text) > _SHORTEST_ALT and fold(unit.text) in self.alts
        return unit in self.placeholders or beside or around or told


def mark_captions(read: Iterable[Unit], page: Page, headline: Element | None) -> tuple[Unit, ...]:
    """Return a page's units, those marked as captions that its pictures or the placeholder tell to be some.

    A unit that holds the placeholder is parted where bold lines border on others. No box above the headline is one
    around a picture.
    """
    template = page.edition.template
    found = [part for unit in read for part in (unit.parted() if _holds_placeholder(unit, template) else (unit,))]
    signs = _signs(found, page, headline)
    return tuple(_as_caption(unit) if signs.show(unit) else unit for unit in found)


def _holds_placeholder(unit: Unit, template: Template) -> bool:
    return any(map(template.begins_with_placeholder, unit.text.split("\n")))


def _as_caption(unit: Unit) -> Unit:
    return replace(unit, role="caption", group=unit.node.getparent() if unit.group is None else unit.group)


def _signs(found: Sequence[Unit], page: Page, headline: Element | None) -> _Signs:
    known = frozenset(unit for unit in found if _holds_placeholder(unit, page.edition.template))
    return _Signs(
        placeholders=known,
        kinds=_kinds(found, known),
        boxes=_boxes(found, known, page, headline),
        alts=frozenset(fold(image.get("alt") or "") for image in page.root.iter("img")) - {""},
    )


def _kinds(found: Sequence[Unit], known: frozenset[Unit]) -> frozenset[tuple[str, ...]]:
    dressed = {kind for kind in (_kind(unit.node) for unit in known) if any("=" in mark for mark in kind)}
    if not dressed:
        return frozenset()
    many = Counter(_kind(unit.node) for unit in found if len(unit.text) > LONG)
    return frozenset(kind for kind in dressed if many[kind] <= _MOST_ALIKE)


def _kind(element: Element) -> tuple[str, ...]:
    """Return how an element is dressed: its tag and class, and those of the only element inside, down to its text."""
    told = [str(element.tag), *_dress(element)]
    while len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip():
        element = element[0]
        told += [str(element.tag), *_dress(element)]
    return tuple(told)


def _dress(element: Element) -> Iterator[str]:
    values = ((name, element.get(name)) for name in ("class", "style", "align", "size", "color"))
    return (f"{name}={value}" for name, value in values if value)


def _boxes(found: Sequence[Unit], known: frozenset[Unit], page: Page, headline: Element | None) -> frozenset[Element]:
    above = set() if headline is None else {headline, *headline.iterancestors()}
    around = {
        box for image in page.root.iter("img") for box in takewhile(_is_narrow, islice(image.iterancestors(), _LEVELS))
    }
    around |= {unit.node.getparent() for unit in known}
    weights = _weights(found, known)
    small = min(400, sum(unit.weight() for unit in found if unit not in known) / 3)
    boxes = frozenset(b for b in around - above if weights[b] < small and page.held(b).chars < 900)
    taken = sum(unit.weight() for unit in found if unit.node in boxes or unit.node.getparent() in boxes)
    # Where most of a text stands beside its pictures, it is the text of a story told in pictures.
    return boxes if 2 * taken <= sum(unit.weight() for unit in found) else frozenset()


def _is_narrow(element: Element) -> bool:
    return element.tag not in _WIDE


def _weights(found: Sequence[Unit], known: frozenset[Unit]) -> Counter[Element]:
    """Return how much text stands right inside each element or in a child of it."""
    weights: Counter[Element] = Counter()
    for unit in found:
        if unit not in known:
            weights[unit.node] += unit.weight()
            weights[unit.node.getparent()] += unit.weight()
    return weights


def credit(text: str) -> str:
    """Return the credit at a caption's end: after © or @, in brackets that name a photo, after `Photo :`."""
    match = _CREDIT.search(text)
    return next((part.strip(" .\u00a0") for part in match.groups() if part), "") if match else ""


def captions(found: Iterable[Unit], template: Template) -> tuple[Caption, ...]:
    """Return the captions among units, a credit line of its own joined to the caption above it."""
    texts: list[tuple[str, Element | None]] = []
    for unit in found:
        if unit.role != "caption":
            continue
        for line in _caption_lines(unit.text, template):
            if texts and texts[-1][1] is unit.group and _CREDIT_LINE.match(line) and len(line) < 60:
                texts[-1] = (f"{texts[-1][0]} {line}", unit.group)
            else:
                texts.append((line, unit.group))
    distinct = dict.fromkeys(text for text, _ in texts)
    return tuple(Caption(text=text, credit=credit(text)) for text in distinct)


def _caption_lines(text: str, template: Template) -> list[str]:
    lines = text.split("\n")
    printed = [line for line in lines if template.is_placeholder(line)]
    own = " ".join(line for line in lines if not template.is_placeholder(line))
    return [*printed, own] if own else printed
