"""Where an article's text begins and ends on an unknown page: the passes from all units to the story.

Each pass is a function of what those before it found; the text is where it is dense, up to the share line.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from crawler.pages.dateline import is_dateline
from crawler.pages.marks import LEAD_CLASS, marks
from crawler.pages.page import css, fold, text_of
from crawler.pages.shown import Element
from crawler.pages.units import LONG, Unit

_SHARE = re.compile(r"(?:partager|partagez)(?:\s+cet|\s+l.article|\s+sur|\W*$)", re.IGNORECASE)
_END = re.compile(
    r"SOURCE\s*:|(?:sur le même sujet|articles? (?:liés?|similaires|connexes)|commentaires?|laisser un commentaire|"
    r"vos commentaires|plus d.articles|à ne pas manquer|les plus lus|share this article|related articles?|tags?\s*:|"
    r"mots[- ]clés)\b.{0,30}$",
    re.IGNORECASE,
)
_MOST_OF_IT = 0.9
_ALL_LINKS = 0.8
_TEASER, _LINKS, _SHORT = 20, 10, 10
"""What a card that shows another article, a line of links, and a line that is no sentence take from a text's worth."""
Dress = tuple[Element, str, str]
"""The box around a unit, its tag and its class."""
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
    """Return the index of the first unit behind the headline that no longer belongs to the text.

    A share line ends it. A source or a title such as `Commentaires` does not where the text goes on behind it: in the
    same box, dressed alike.
    """
    last = _last_of_each(units)
    before: Counter[Dress] = Counter()
    usual: Dress | None = None
    for i in range(start, len(units)):
        if _SHARE.match(units[i].text) or (_END.match(units[i].text) and last.get(usual, -1) < i):
            return i
        if (weight := units[i].weight()) and units[i].node is not None:
            before[dress(units[i])] += weight
            usual = max(usual, dress(units[i]), key=lambda told: before[told]) if usual else dress(units[i])
    return len(units)


def _last_of_each(units: Sequence[Unit]) -> dict[Dress | None, int]:
    return {dress(unit): i for i, unit in enumerate(units) if unit.node is not None and unit.weight() >= LONG}


def dress(unit: Unit) -> Dress:
    """Return how a unit is dressed: the box around it, its tag and its class."""
    return unit.node.getparent(), unit.node.tag, unit.node.get("class") or ""


def worth(unit: Unit) -> int:
    """Return how much a unit speaks for an article's text: its weight, or less than nothing for what stands around one."""
    if unit.is_related:
        # A field of its own, wherever it stands.
        return 0
    if unit.wrapped is not None:
        return -_TEASER
    if unit.role in ("caption", "heading", "list", "quote") and unit.linked() <= 0.5:
        return unit.weight()
    return unit.weight() or (-_LINKS if unit.linked() > 0.5 else -_SHORT)


def find_container(text: Sequence[Unit], root: Element) -> Element | None:
    """Return the element marked as the article's body, else the smallest that holds nine tenths of a text."""
    worths = _gathered(text, root)
    marked = css("[itemprop~=articleBody]", root)
    if len(marked) == 1 and worths[marked[0]] >= LONG:
        return marked[0]
    most = max(worths.values(), default=0)
    fit = {element: value for element, value in worths.items() if value >= _MOST_OF_IT * most > 0}
    outer = {element.getparent() for element in fit}
    return max((element for element in fit if element not in outer), key=fit.__getitem__, default=None)


def _gathered(text: Iterable[Unit], root: Element) -> Counter[Element]:
    """Return what is worth the part of a text that each element of the page holds."""
    weights: Counter[Element] = Counter()
    for unit in text:
        weights[unit.node] += worth(unit)
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
    before = [p for p in range(start, inside[0]) if units[p].role == "caption" or leads.mark(units[p])]
    first = next(p for p in inside if units[p].weight())
    inside = [p for p in inside if p >= first or worth(units[p]) >= 0 or leads.mark(units[p])]
    kept = _up_to_the_last([units[p] for p in inside])
    return [*before, *(p for p in inside[:kept] if not _shows_another(units[p]))]


def _shows_another(unit: Unit) -> bool:
    """Tell whether a unit is no text but a card around another page, or a line that is nothing but links."""
    if unit.is_related or unit.role in ("caption", "list"):
        return False
    return unit.wrapped is not None or unit.linked() > _ALL_LINKS


def _up_to_the_last(units: Sequence[Unit]) -> int:
    """Return how many of a container's units are text: those up to where what follows is worth less than nothing."""
    sums = list(accumulate(map(worth, units)))
    most = max(sums)
    last = max(i for i, value in enumerate(sums) if value == most)
    while units[last].role == "heading":
        last -= 1
    return last + 1


def _lead(told: Iterable[Unit], leads: _Leads) -> Unit | None:
    """Return what is marked as the lead or told in the head too, else a bold first paragraph."""
    lines = (unit for unit in told if unit.role not in ("caption", "related") and not is_dateline(unit))
    text = list(islice(lines, _LEAD_LINES))
    for unit in text:
        if leads.mark(unit) and not unit.links:
            return unit
    bold = len(text) > 1 and text[0].strong and len(text[0].text) > LONG and not text[0].links
    return text[0] if bold else None
