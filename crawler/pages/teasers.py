"""Teasers of a listing: of each article the text of its headline link, what else the link says, its picture, its spot.

A link says more than its headline: how old it is, how often it was read. What a listing prints so in all its links is
its template's, and no part of a teaser.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import accumulate, islice

from archive.facts.teasers import LONGEST, Teaser
from archive.languages.known import LANGUAGES
from archive.texts.teasers import AGO
from archive.texts.wordforms import search_form
from crawler.pages.article import image_address
from crawler.pages.boxes import called
from crawler.pages.page import Page, fold, has_text, text_of
from crawler.pages.shown import Element

_DATES = [language.dates for language in LANGUAGES.values()]
_DAYS = "|".join(re.escape(word) for dates in _DATES for word in (*dates.back, *dates.now))
_MONTHS = "|".join(
    sorted({re.escape(n) for d in _DATES for n in (*" ".join(d.months).split(), *d.full)}, key=len)[::-1]
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLE = called(r"(?:\w+-?)?(?:title|titre|headline)s?", r"\w*title")
_BESIDE = re.compile(
    r"[\w-]*(?:sub|sous|sur|over|pre|kicker|section|category|rubri\w*)[_-]?(?:title|titre)s?[\w-]*", re.IGNORECASE
)
_CLOCK = called("time", "date", "ago", "hour", "heure", "timestamp")
_COUNTER = called(r"(?:\w+-?)?(?:views?|vues|counts?|counter|comments?|commentaires?|shares?|likes?|badge)", "duration")
_INLINE = ("b", "strong", "em", "i", "mark", "u", "sup", "sub", "q", "cite", "abbr")
_COUNTED = (
    r"\d[\d\s.,]*\s*(?:k|m)?\s*(?:vues?|lectures?|commentaires?|partages?|views?|comments?|shares?|likes?|reads?)"
)
_CLOCKED = r"\d{1,2}\s*[:h]\s*\d{2}(?:\s*[:m]\s*\d{2})?"
_DATED = rf"\d{{1,4}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|(?:{_DAYS})|\d{{1,2}}(?:er)? (?:{_MONTHS})\.?(?: \d{{4}})?"
_MOVES = re.compile(rf"\W*(?:{AGO}|{_COUNTED}|{_CLOCKED}|{_DATED})\W*", re.IGNORECASE)
_MOVES_IN = re.compile(rf"\b(?:{AGO}|{_COUNTED})", re.IGNORECASE)
_AGO_END = re.compile(rf"\s*[^\w\s]*\s*\b{AGO}\W*$|^{AGO}\s*[^\w\s]*\s*", re.IGNORECASE)
_COUNTED_END = re.compile(rf"\s*[^\w\s]*\s*\b{_COUNTED}\W*$|^{_COUNTED}\s*[^\w\s]*\s*", re.IGNORECASE)
_CLOCKED_END = re.compile(rf"\s*[^\w\s]*\s*\b{_CLOCKED}\W*$|^{_CLOCKED}\s*[^\w\s]*\s*", re.IGNORECASE)
_BRACKETED_END = re.compile(r"\s*[(\[]\s*\d[\d\s.,]*[)\]]$")
# What a page says of a box's place or state, not of what it is.
_STATE = re.compile(r"^(?:active|current|first|last|odd|even|selected|show|in|open|clone[d]?|slick.*|swiper.*|owl.*)$")
_RANK = re.compile(r"^#?(\d{1,3})\s*[.)°:/–-]?\s*(?!h\s?\d)(?=[^\W\d_]|[«“\"'‘’])")
_DIGITS = re.compile(r"\d+")
_FEW = 3
"""Fewer links than these don't show what a listing prints in all of them."""
_TEXT = 400
"""Characters of a text at most, at whose ends something is looked for."""
_CARD, _SHORT, _WORDS, _NAMES = 200, 40, 3, 200
"""Elements of a link at most; characters of what says when or how often; words of a headline at
least, as a rule; characters of its classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    text: str
    beside: str
    spot: str
    is_heading: bool
    card: Element | None = None
    """The largest box around it that holds links to this article alone, or else the one that it lies in."""


def read_teasers(links: Mapping[str, Sequence[Element]], page: Page) -> dict[str, Teaser]:
    """Return article → its teaser; `links` are the links of each article in the order of the page."""
    spots, cards = _Spots(), _Cards(links)
    shown = {
        number: [replace(each, card=cards.of(link)) for link in found if (each := _shown(link, spots))]
        for number, found in links.items()
    }
    often = Counter(text for each in shown.values() for text in {fold(one.text) for one in each})
    told = {number: _at_spots(_own(each, often)) for number, each in shown.items()}
    ranked = _ranked(each for shown_as in told.values() for each in shown_as)
    told = {number: [_unranked(each, ranked) for each in shown_as] for number, shown_as in told.items()}
    ends = _ends([each[0].text for each in told.values() if each and len(each[0].text) <= _TEXT])
    return {number: _teaser(each, _picture(links[number], page), ends) for number, each in told.items()}


def _teaser(shown: Sequence[_Shown], picture: str, ends: Sequence[re.Pattern[str]]) -> Teaser:
    texts = [
        Teaser(text=_less(each.text[:LONGEST], ends), beside=each.beside[:LONGEST], spot=each.spot) for each in shown
    ]
    if not texts:
        return Teaser(picture=picture)
    first, *others = texts
    # The same text at another spot is kept too: it may be the only one that is changed.
    also = tuple(Teaser(text=each.text, spot=each.spot) for each in others)
    return Teaser(text=first.text, beside=first.beside, spot=first.spot, picture=picture, also=also)


def _own(shown: Sequence[_Shown], often: Mapping[str, int]) -> Sequence[_Shown]:
    """Leave out what the page says of several articles (`Lire la suite`), unless it says nothing else of this one."""
    return [each for each in shown if often[fold(each.text)] == 1] or shown[:1]


def _at_spots(shown: Sequence[_Shown]) -> list[_Shown]:
    """Return what an article is shown as: one text a card and spot, in a heading before others, of words before one.

    Boxes made alike have spots of one name, and each may have words of its own for the article.
    """
    ordered = sorted(shown, key=lambda each: (not each.is_heading, each.text.count(" ") < _WORDS - 1))
    found: dict[tuple[str, Element | None], _Shown] = {}
    for each in ordered:
        found.setdefault((each.spot, each.card), each)
    told: dict[tuple[str, str], _Shown] = {}
    for each in found.values():
        told.setdefault((each.spot, fold(each.text)), each)
    return list(told.values())


def _ranked(shown: Iterable[_Shown]) -> set[str]:
    """Return the spots whose texts begin with their place in a list (`1. …`, `2. …`): that is another at each look."""
    places: dict[str, list[int]] = {}
    for each in shown:
        found = _RANK.match(each.text)
        places.setdefault(each.spot, []).append(int(found[1]) if found else -1)
    return {spot for spot, told in places.items() if _counts_up(told)}


def _counts_up(places: Sequence[int]) -> bool:
    # What is no article's has a place, too. Figures of headlines' own are not so near to one another.
    near = 0 <= min(places) <= _FEW and max(places) < min(places) + 2 * len(places)
    return near and len(set(places)) == len(places) >= _FEW


def _unranked(each: _Shown, ranked: Collection[str]) -> _Shown:
    return replace(each, text=_RANK.sub("", each.text)) if each.spot in ranked else each


def _shown(link: Element, spots: "_Spots") -> _Shown | None:
    spot, in_heading = spots.of(link)
    if not len(link):
        text = text_of(link)
        return _Shown(text=text, beside="", spot=spot, is_heading=in_heading) if text else None
    if not _is_card(link):
        return None
    card = deepcopy(link)
    card.tail = None
    heading = _heading(card)
    _still(card, heading)
    if heading is None or not (text := text_of(heading)):
        text = text_of(card) or text_of(link)
        return _Shown(text=text, beside="", spot=spot, is_heading=in_heading) if text else None
    _take_out(heading)
    return _Shown(text=text, beside=text_of(card), spot=spot, is_heading=True)


def _is_card(link: Element) -> bool:
    # A link that was never closed holds the rest of the page.
    return not len(link) or sum(1 for _ in islice(link.iter(), _CARD + 1)) <= _CARD


def _heading(card: Element) -> Element | None:
    headings = [e for e in card.iterdescendants(*_HEADINGS) if has_text(e)]
    if headings:
        # A line above the headline may be a heading of its own, of a lower rank.
        return min(headings, key=lambda e: str(e.tag))
    inner = (e for e in card.iterdescendants() if isinstance(e.tag, str))
    return next((e for e in inner if _TITLE.search(_BESIDE.sub("", _names(e))) and has_text(e)), None)


def _names(part: Element) -> str:
    return (part.get("class") or "")[:_NAMES]


def _still(card: Element, heading: Element | None) -> None:
    """Take out of a link's copy what only says when or how often: those are other words at each look."""
    within = set() if heading is None else {heading, *heading.iterancestors(), *heading.iterdescendants()}
    for part in [e for e in card.iterdescendants() if isinstance(e.tag, str) and e is not heading]:
        if _moves(part, beside=heading is not None and part not in within):
            _take_out(part)


def _moves(part: Element, *, beside: bool) -> bool:
    name = _names(part)
    if part.tag in _INLINE and not name:
        # A digit there is a word of the headline.
        return False
    if part.tag == "time":
        return True
    # Blanks between the words of markup count, too: no more is read of a part than may be so short.
    raw = accumulate(map(len, part.itertext()))
    text = "" if any(length > 4 * _SHORT for length in raw) else text_of(part)
    if not text or len(text) > _SHORT:
        return False
    called_so = _COUNTER.search(name) or _CLOCK.search(name)
    plain = search_form(text)
    found = _MOVES.fullmatch(plain) or (beside and _MOVES_IN.search(plain))
    return bool(found or (called_so and any(c.isdigit() for c in text)))


def _take_out(part: Element) -> None:
    above = part.getparent()
    if above is None:
        return
    before, tail = part.getprevious(), f" {part.tail or ''}"
    if before is not None:
        before.tail = f"{before.tail or ''}{tail}"
    else:
        above.text = f"{above.text or ''}{tail}"
    above.remove(part)


def _ends(texts: Sequence[str]) -> list[re.Pattern[str]]:
    """Return what a listing prints at an end of its links' texts: more than half of them have it, so it is no news.

    Of a few links nobody knows; there a count of readers is taken for the template's. A number beside other words is
    the headline's own, however many headlines end in one.
    """
    if len(texts) < _FEW:
        return [_COUNTED_END]
    patterns = (_AGO_END, _COUNTED_END, _CLOCKED_END, _BRACKETED_END)
    return [pattern for pattern in patterns if 2 * sum(bool(pattern.search(text)) for text in texts) > len(texts)]


def _less(text: str, ends: Sequence[re.Pattern[str]]) -> str:
    for pattern in ends if len(text) <= _TEXT else ():
        text = pattern.sub("", text).strip() or text
    return text


def _picture(links: Sequence[Element], page: Page) -> str:
    found = (image_address(image, page) for link in links if _is_card(link) for image in link.iter("img"))
    return next(filter(None, found), "")


class _Cards:
    """Which box around a link holds links to its article alone; each box is looked at once for each kind of its links."""

    def __init__(self, links: Mapping[str, Sequence[Element]]) -> None:
        self._of: dict[Element, str | None] = {}
        for number, found in links.items():
            for link in found:
                self._note(link, number)
        self._known: dict[Element, Element] = {}

    def _note(self, link: Element, number: str) -> None:
        for box in link.iterancestors():
            before = self._of.get(box, "")
            if before in (None, number):
                break
            self._of[box] = None if before else number

    def of(self, link: Element) -> Element | None:
        """Return the largest box that holds links to this link's article alone, or else the one that it lies in."""
        way: list[Element] = []
        for box in link.iterancestors():
            if box in self._known or self._of.get(box) is None:
                break
            way.append(box)
        if not way:
            return self._known.get(link.getparent(), link.getparent())
        above = way[-1].getparent()
        found = way[-1] if above is None else self._known.get(above, way[-1])
        self._known.update(dict.fromkeys(way, found))
        return found


class _Spots:
    """Names for places on a page: the same for each card of one list, and at each look."""

    def __init__(self) -> None:
        self._known: dict[Element, tuple[str, bool]] = {}

    def of(self, link: Element) -> tuple[str, bool]:
        """Return the name of the place where a link stands, and whether that is inside a heading."""
        way, found = [], ("", False)
        for above in link.iterancestors():
            if above.tag in ("body", "html"):
                break
            if above in self._known:
                found = self._known[above]
                break
            way.append(above)
        for above in reversed(way):
            name = sha256(f"{found[0]}/{_kind(above)}".encode()).hexdigest()[:8]
            found = self._known[above] = (name, found[1] or above.tag in _HEADINGS)
        return found


def _kind(box: Element) -> str:
    names = (_DIGITS.sub("", name) for name in (box.get("class") or "").split())
    return ".".join([str(box.tag), *sorted({name for name in names if name and not _STATE.match(name.casefold())})])
