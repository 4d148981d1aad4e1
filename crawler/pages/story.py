"""Where an article's text begins and ends on an unknown page: the passes from all units to the story.

Each pass is a function of what those before it found; the text is where it is dense, up to the share line.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from crawler.pages.dateline import is_dateline
from crawler.pages.marks import LEAD_CLASS, marks
from crawler.pages.page import css, fold, text_of
from crawler.pages.shown import Element
from crawler.pages.units import LONG, Unit

_END = re.compile(
    r"(?:partager|partagez)(?:\s+cet|\s+l.article|\s+sur|\W*$)|SOURCE\s*:|"
    r"(?:sur le même sujet|articles? (?:liés?|similaires|connexes)|commentaires?|laisser un commentaire|"
    r"vos commentaires|plus d.articles|à ne pas manquer|les plus lus|share this article|related articles?|tags?\s*:|"
    r"mots[- ]clés)\b.{0,30}$",
    re.IGNORECASE,
)
_MOST_OF_IT = 0.9
_TOLD = 40
"""Characters from which a text can be known again by the summary in the page's head."""
_LEAD_LINES = 3
"""Lines of the text that may be its summary."""
FOOT = 8
"""Lines behind the text that may still be about the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article's text among all that its page shows."""

    units: tuple[Unit, ...]
    """All of the page's, boxes aside left out."""
    start: int
    """The index behind the headline's unit, 0 without a headline."""
    end: int
    """The index of the share line or of the next box's title, else the number of units."""
    container: Element | None
    """The element that holds the text, or None where there is no text."""
    told: tuple[Unit, ...]
    """Lead, captions and body."""
    first: int
    """The index of the first of them that is text, `start` where none is."""
    last: int
    """The index of the last of them, `start` where none is."""
    lead: Unit | None
    """The summary among them."""

    def foot(self) -> tuple[Unit, ...]:
        """Return the units right behind the text: a share line, a source, what some templates say last."""
        return self.units[self.last + 1 : self.last + 1 + FOOT]


def find_start(units: Sequence[Unit], headline: Element | None) -> int:
    """Return the index behind the unit that shows the headline, 0 where none does."""
    if headline is None:
        return 0
    inside, above, text = set(headline.iter()), set(headline.iterancestors()), text_of(headline)
    shown = (i for i, u in enumerate(units) if u.node in inside or (u.text == text and u.node in above))
    return next(shown, -1) + 1


def find_end(units: Sequence[Unit], start: int) -> int:
    """Return the index of the first unit behind the headline that no longer belongs to the text."""
    return next((i for i in range(start, len(units)) if _END.match(units[i].text)), len(units))


def find_container(text: Sequence[Unit], root: Element) -> Element | None:
    """Return the element marked as the article's body, else the smallest that holds nine tenths of a text."""
    weights = _gathered(text, root)
    marked = css("[itemprop~=articleBody]")(root)
    if len(marked) == 1 and weights[marked[0]] >= LONG:
        return marked[0]
    total = sum(unit.weight() for unit in text)
    fit = [element for element, weight in weights.items() if weight >= _MOST_OF_IT * total > 0]
    # Two boxes that hold so much of the same are one inside the other.
    outer = {element.getparent() for element in fit}
    return next((element for element in fit if element not in outer), None)


def _gathered(text: Iterable[Unit], root: Element) -> Counter[Element]:
    """Return how much of a text each element of the page holds."""
    weights: Counter[Element] = Counter()
    for unit in text:
        weights[unit.node] += unit.weight()
    # From the leaves up: a page that is deep and wide costs its size, not the product of both.
    for element in reversed(list(root.iterdescendants("*"))):
        if weight := weights.get(element):
            weights[element.getparent()] += weight
    return weights


def cut(units: Sequence[Unit], *, headline: Element | None, root: Element, description: str = "") -> Story:
    """Return the story among a page's units, captions marked; `description` is the summary in the page's head."""
    start = find_start(units, headline)
    end = find_end(units, start)
    container = find_container(units[start:end] or units[start:], root)
    leads = _Leads(container=container, description=fold(description))
    places = _places(units[:end], start, leads)
    told = tuple(units[place] for place in places)
    return Story(
        units=tuple(units),
        start=start,
        end=end,
        container=container,
        told=told,
        first=next((place for place in places if units[place].weight()), start),
        last=places[-1] if places else start,
        lead=_lead(told, leads),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leads:
    """What makes a unit of one page the article's summary."""

    container: Element | None
    description: str
    """Folded."""

    def mark(self, unit: Unit) -> bool:
        return unit.role == "lead" or self._is_marked(unit) or self._is_described(unit)

    def _is_marked(self, unit: Unit) -> bool:
        near = (unit.node, unit.node.getparent())
        fit = unit.role in ("paragraph", "heading", "quote")
        return fit and any(n is not None and n is not self.container and LEAD_CLASS.search(marks(n)) for n in near)

    def _is_described(self, unit: Unit) -> bool:
        if len(self.description) <= _TOLD:
            return False
        text = fold(unit.text)
        return len(text) > _TOLD and (text.startswith(self.description[:-12]) or self.description.startswith(text))


def _places(units: Sequence[Unit], start: int, leads: _Leads) -> list[int]:
    """Return the indices of the story: captions and lead before the container, what it holds, no title behind its text."""
    held = set() if leads.container is None else set(leads.container.iter())
    inside = [place for place in range(start, len(units)) if units[place].node in held]
    if not any(units[place].weight() for place in inside):
        return []
    last = max(place for place in inside if _is_told(units[place]))
    before = [p for p in range(start, inside[0]) if units[p].role == "caption" or leads.mark(units[p])]
    return [*before, *(p for p in inside if p <= last or units[p].role != "heading")]


def _is_told(unit: Unit) -> bool:
    return unit.weight() > 0 or unit.role in ("caption", "quote", "list")


def _lead(told: Iterable[Unit], leads: _Leads) -> Unit | None:
    """Return what is marked as the lead or told in the head too, else a bold first paragraph."""
    lines = (unit for unit in told if unit.role not in ("caption", "related") and not is_dateline(unit))
    text = list(islice(lines, _LEAD_LINES))
    for unit in text:
        if leads.mark(unit) and not unit.links:
            return unit
    bold = len(text) > 1 and text[0].strong and len(text[0].text) > LONG and not text[0].links
    return text[0] if bold else None
