"""The names in an article's breadcrumb: every section that it stands in, never the site's whole menu."""

import re
from collections.abc import Iterable

from lxml import etree

from crawler.pages.page import Page, fold, text_of, tidy
from crawler.pages.shown import Element

# A slash needs space around it, for a section may be called `France/Monde`.
_SEPARATOR = re.compile(r"(?<=[\s\u00a0\u202f])[/|](?=[\s\u00a0\u202f])|[›»>•·→\u2192\x1f\n]")  # noqa: RUF001 - marks
_NOT_A_SECTION = {
    "",
    "accueil",
    "page d accueil",
    "home",
    "tv",
    "press tv",
    "presstv",
    "french press tv",
    "vous etes ici",
}
_LABEL = re.compile(
    r"^\s*(?:rubriques?|sections?|cat[ée]gories?|th[èe]mes?|(?:publi[ée]e?\s+|class[ée]e?\s+)?dans|vous [êe]tes ici)"
    r"\s*:?\s+",
    re.IGNORECASE,
)
_PARTED = frozenset(("a", "li", "span", "div", "p", "td", "ol", "ul"))
_CLASSED = (
    "[class*=breadcrumb]",
    "[class*=ariane]",
    "[id*=breadcrumb]",
    "[itemtype*=BreadcrumbList]",
    "[aria-label*=readcrumb]",
    "[aria-label*=Ariane]",
    "[aria-label*=ariane]",
    "[class*=crumb]",
)
_BY_NAME = (
    "[class*=rubrique]",
    "[class*=categor]",
    "[class*=section-name]",
    "[class*=sections]",
    "[class*=cat-links]",
)
_OWN_TAG = "*-breadcrumb"
_OWN_TAGS = "//*[contains(name(), '-') and (contains(name(), 'crumb') or contains(name(), 'ariane'))]"
_EACH = ("[rel~=category]", "[itemprop=articleSection]")
_LONGEST = 3000
"""Characters of an element that may be a breadcrumb: more is the page around it."""


def split_names(line: str) -> tuple[str, ...]:
    """Split a printed line of section names at its separators; the front page and the outlet are no sections."""
    line = _LABEL.sub("", line)
    parts = _SEPARATOR.split(f" {line} ")
    parts = line.split(", ") if len(parts) == 1 else parts
    names = (tidy(part).strip("/|,").strip() for part in parts)
    kept = [name for name in names if fold(name) not in _NOT_A_SECTION and len(name) <= 60]
    return tuple(dict.fromkeys(kept))


def names_in(element: Element) -> tuple[str, ...]:
    """Return the names in a breadcrumb element, whether parted by slashes, list items or links."""
    parts: list[str] = []
    for event, child in etree.iterwalk(element, events=("start", "end")):
        parted = "\x1f" if child.tag in _PARTED else ""
        if event == "start":
            parts += [parted, child.text or "" if child.tag not in ("script", "style") else ""]
        else:
            parts += [parted, child.tail or "" if child is not element else ""]
    return split_names("".join(parts))


def without_headline(names: Iterable[str], headline: str) -> tuple[str, ...]:
    """Return the names but the article's own, which many breadcrumbs end in."""
    return tuple(name for name in names if fold(name) != fold(headline))


def classed(page: Page, headline: str) -> tuple[tuple[str, ...], str]:
    """Return the names of the first element that its class, label or item type makes a breadcrumb, and which it was."""
    for selector in (*_CLASSED, _OWN_TAG, *_BY_NAME):
        found = page.selector.xpath(_OWN_TAGS) if selector == _OWN_TAG else page.selector.css(selector)
        for element in (each.root for each in found):
            if element.tag in ("html", "body", "meta", "article", "main") or page.held(element).chars > _LONGEST:
                continue
            names = without_headline(names_in(element), headline)
            if names and sum(map(len, names)) < 300:
                return names, f"generic:{selector}"
    for selector in _EACH:
        marked = [e.get("content") or text_of(e) for e in page.select(selector)]
        names = without_headline(filter(None, marked), headline)
        if names:
            return tuple(dict.fromkeys(names)), f"generic:{selector}"
    return (), ""
