"""DateTexts of an unknown page as raw text: marked by an element, or printed near the headline; never from the body."""

import re
from collections.abc import Callable, Iterable

from archive.facts.items import DateText, DateTexts
from crawler.pages.article import date_line
from crawler.pages.marks import marks
from crawler.pages.page import Page
from crawler.pages.shown import Element
from crawler.pages.units import Unit
from pipelines.dateforms import split_update

_MARKED_AT = (
    "time",
    "[itemprop=datePublished]",
    "[class*=date]",
    "[class*=publi]",
    "[class*=time]",
    "[id*=date]",
    "abbr[title]",
)
_PRINTED = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)\w*\.?,?\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2},?"
    r"\s+(?:19|20)\d\d(?:[\s,|-]+\d{1,2}:\d\d(?::\d\d)?\s*(?:[ap]m)?)?"
    r"|(?:(?:lun|mar|mercre|jeu|vendre|same|diman)\w*\.?,?\s+)?\d{1,2}(?:er|\.)?\s+(?:janv|févr|fevr|mars|avr|mai|juin|juil|"
    r"août|aout|sept|oct|nov|déc|dec|jan|feb|apr|may|jun|jul|aug)[a-zéû]*\.?,?\s+(?:19|20)\d\d"
    r"(?:\s*[,|à-]*\s*\d{1,2}\s?[h:]\s?\d\d(?:\s*[ap]m)?)?"
    r"|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:[T\s,-]+\d{1,2}:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d(?:[\s,|-]+(?:à\s+)?\d{1,2}[:h]\d\d(?::\d\d)?\s*(?:[ap]m)?)?",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d.{0,14})?$")
_CLOCK = re.compile(r"\d\s?[:h]\s?\d\d", re.IGNORECASE)
_LONGEST = 120
"""Characters of a line that is a date: less than that."""


def has_clock(date: DateText) -> bool:
    """Tell whether a date text states a time of day."""
    return _CLOCK.search(date.text) is not None


def is_dateline(unit: Unit) -> bool:
    """Tell whether a unit is a date and little else."""
    if len(unit.text) >= _LONGEST:
        return False
    own, _ = split_update(unit.text)
    return bool(_PRINTED.search(own)) and len(_PRINTED.sub("", own)) < 30


def marked(page: Page, is_aside: Callable[[Element], bool]) -> tuple[DateTexts, DateTexts]:
    """Return (published, modified) texts of the elements that their tag, class or itemprop makes dates."""
    published: list[DateText] = []
    modified: list[DateText] = []
    for selector in _MARKED_AT:
        for element in page.select(selector)[:8]:
            if element.tag != "meta" and page.held(element).chars < 160 and not is_aside(element):
                first, second = _of(element)
                published += first
                modified += second
    return tuple(dict.fromkeys(published)), tuple(dict.fromkeys(modified))


def _of(element: Element) -> tuple[list[DateText], list[DateText]]:
    first, second = date_line(element, "generic:date")
    is_update = re.search("modif|update", marks(element), re.IGNORECASE)
    dated = [d for d in first if _PRINTED.search(d.text)]
    values = [v.strip() for k, v in element.items() if k in ("content", "title") or k.startswith("data-")]
    dated += [DateText(text=v, source="generic:attribute") for v in values if _ISO.match(v)]
    return ([], [*dated, *second]) if is_update else (dated, list(second))


def printed(near: Iterable[Unit]) -> tuple[DateTexts, DateTexts]:
    """Return (published, modified) texts of the first date line among the units near the headline."""
    for unit in near:
        if unit.role not in ("paragraph", "list", "heading") or not is_dateline(unit):
            continue
        own, update = split_update(unit.text)
        if found := _PRINTED.search(own):
            changed = (DateText(text=update, source="generic:printed"),) if update else ()
            return (DateText(text=found[0], source="generic:printed"),), changed
    return (), ()
