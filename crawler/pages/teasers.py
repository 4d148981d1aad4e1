"""Teasers of a listing: of each article the text of its headline link, what else the link says, its picture, its spot.

A link says more than its headline: how old it is, how often it was read. What a listing prints so in all its links is
its template's, and no part of a teaser.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256

from archive.facts.teasers import Teaser
from archive.texts.teasers import AGO
from crawler.pages.article import image_address
from crawler.pages.boxes import called
from crawler.pages.page import Page, fold, text_of, tidy
from crawler.pages.shown import Element

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLE = called(r"(?:\w+-?)?(?:title|titre|headline)s?", r"\w*title")
_CLOCK = called("time", "date", "ago", "hour", "heure", "timestamp")
_COUNTER = called(r"(?:\w+-?)?(?:views?|vues|counts?|counter|comments?|commentaires?|shares?|likes?|badge)", "duration")
_INLINE = ("b", "strong", "em", "i", "mark", "u", "sup", "sub", "q", "cite", "abbr")
_COUNTED = (
    r"\d[\d\s.,]*\s*(?:k|m)?\s*(?:vues?|lectures?|commentaires?|partages?|views?|comments?|shares?|likes?|reads?)"
)
_MOVES = re.compile(rf"\W*(?:{AGO}|{_COUNTED})\W*", re.IGNORECASE)
_AGO_END = re.compile(rf"\s*[^\w\s]*\s*\b{AGO}\W*$|^{AGO}\s*[^\w\s]*\s*", re.IGNORECASE)
_COUNTED_END = re.compile(rf"\s*[^\w\s]*\s*\b{_COUNTED}\W*$|^{_COUNTED}\s*[^\w\s]*\s*", re.IGNORECASE)
_BRACKETED_END = re.compile(r"\s*[(\[]\s*\d[\d\s.,]*[)\]]$")
# What a page says of a box's place or state, not of what it is.
_STATE = re.compile(r"^(?:active|current|first|last|odd|even|selected|show|in|open|clone[d]?|slick.*|swiper.*|owl.*)$")
_DIGITS = re.compile(r"\d+")
_FEW = 3
"""Fewer links than these don't show what a listing prints in all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    text: str
    beside: str
    spot: str
    is_heading: bool


def read_teasers(links: Mapping[str, Sequence[Element]], page: Page) -> dict[str, Teaser]:
    """Return article → its teaser; `links` are the links of each article in the order of the page."""
    spots = _Spots()
    shown = {number: _own([each for link in found if (each := _shown(link, spots))]) for number, found in links.items()}
    pictures = {number: _picture(found, page) for number, found in links.items()}
    often = Counter(text for each in shown.values() for text in {fold(one.text) for one in each})
    told = {number: _best(each, often) for number, each in shown.items()}
    ends = _ends([each[0].text for each in told.values() if each])
    return {number: _teaser(each, pictures[number], ends) for number, each in told.items()}


def _teaser(shown: Sequence[_Shown], picture: str, ends: Sequence[re.Pattern[str]]) -> Teaser:
    texts = [Teaser(text=_less(each.text, ends), beside=each.beside, spot=each.spot) for each in shown]
    if not texts:
        return Teaser(picture=picture)
    first, *others = texts
    # The same text at another spot is kept too: it may be the only one that is changed.
    also = tuple(Teaser(text=each.text, spot=each.spot) for each in others)
    return Teaser(text=first.text, beside=first.beside, spot=first.spot, picture=picture, also=also)


def _own(shown: Sequence[_Shown]) -> list[_Shown]:
    """Return what an article is shown as, one text a spot, headings first."""
    ordered = sorted(shown, key=lambda each: not each.is_heading)
    return list({each.spot: each for each in reversed(ordered)}.values())[::-1]


def _best(shown: Sequence[_Shown], often: Mapping[str, int]) -> list[_Shown]:
    """Leave out what the page says of several articles (`Lire la suite`), unless it says nothing else of this one."""
    own = [each for each in shown if often[fold(each.text)] == 1]
    return own or list(shown[:1])


def _shown(link: Element, spots: "_Spots") -> _Shown | None:
    heading = _heading(link)
    whole = _still(link)
    text = text_of(heading) if heading is not None else text_of(whole)
    if not text:
        return None
    above = next((e for e in link.iterancestors() if e.tag in _HEADINGS), None)
    beside = "" if heading is None else tidy(text_of(whole).replace(text, " ", 1))
    return _Shown(text=text, beside=beside, spot=spots.of(link), is_heading=heading is not None or above is not None)


def _heading(link: Element) -> Element | None:
    if not len(link):
        return None
    found = next((e for e in link.iter(*_HEADINGS) if text_of(e)), None)
    if found is not None:
        return found
    inner = (e for e in link.iterdescendants() if isinstance(e.tag, str))
    return next((e for e in inner if _TITLE.search(e.get("class") or "") and text_of(e)), None)


def _still(link: Element) -> Element:
    """Return a link less its parts that only say when or how often: those are other words at each look."""
    moving = [e for e in link.iterdescendants() if isinstance(e.tag, str) and _moves(e)]
    if not moving or not text_of(link):
        return link
    left = deepcopy(link)
    copies = [e for e in left.iterdescendants() if isinstance(e.tag, str) and _moves(e)]
    for part in copies:
        _take_out(part)
    return left if text_of(left) else link


def _moves(part: Element) -> bool:
    if part.tag == "time":
        return True
    name = part.get("class") or ""
    text = text_of(part) if part.tag not in _INLINE or name else ""
    if not text:
        return False
    # A digit there is no word of the headline.
    named = _COUNTER.search(name) and len(text) <= 20 and any(c.isdigit() for c in text)
    return bool(named or _CLOCK.search(name) or _MOVES.fullmatch(text))


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
    patterns = (_AGO_END, _COUNTED_END, _BRACKETED_END)
    return [pattern for pattern in patterns if 2 * sum(bool(pattern.search(text)) for text in texts) > len(texts)]


def _less(text: str, ends: Sequence[re.Pattern[str]]) -> str:
    for pattern in ends:
        text = pattern.sub("", text).strip() or text
    return text


def _picture(links: Sequence[Element], page: Page) -> str:
    found = (image_address(image, page) for link in links for image in link.iter("img"))
    return next(filter(None, found), "")


class _Spots:
    """Names for places on a page: the same for each card of one list, and at each look."""

    def __init__(self) -> None:
        self._above: dict[Element, str] = {}

    def of(self, link: Element) -> str:
        """Return the name of the place where a link stands."""
        return sha256("/".join(self._way(link)).encode()).hexdigest()[:8]

    def _way(self, link: Element) -> Iterator[str]:
        for above in link.iterancestors():
            if above.tag in ("body", "html"):
                return
            if above not in self._above:
                names = (_DIGITS.sub("", name) for name in (above.get("class") or "").split())
                kept = sorted({name for name in names if name and not _STATE.match(name.casefold())})
                self._above[above] = ".".join([str(above.tag), *kept])
            yield self._above[above]
