"""The last pass over an unknown page: each field is picked from the story, as (value, source) like the layouts do."""

import re
from collections.abc import Sequence
from itertools import takewhile
from urllib.parse import urlsplit

from archive.facts.items import Block, Caption, DateTexts
from crawler.pages.article import image_address
from crawler.pages.asides import Asides
from crawler.pages.captions import captions
from crawler.pages.dateline import is_dateline, marked, printed
from crawler.pages.holdings import Inside
from crawler.pages.marks import KICKER_CLASS, marks, short_name
from crawler.pages.page import Page, fold, text_of
from crawler.pages.shown import Element
from crawler.pages.story import Story
from crawler.pages.units import Unit, blocks, printed_once
from pipelines.template import Template

_AUTHOR_AT = ("[rel~=author]", "[itemprop=author]", "[class*=author]", "[class*=auteur]", "[class*=byline]")
_SOURCE = re.compile(r"SOURCE\s*:\s*\S[^\n]{1,60}$")
_PUBLISHED = re.compile(r"\W*(?:publié|paru|mis en ligne|posté|publication|date)", re.IGNORECASE)
_MANY = 5
"""Other articles that a front page or a listing links to at least."""
_TEASER = 300
"""Characters of text to each of them from which it is an article with links all the same."""
_ALL_LINKS, _LONGEST_TAG = 0.8, 300


def pick_lead(story: Story) -> tuple[str, str]:
    """Return the summary."""
    return (story.lead.text, f"generic:{story.lead.node.tag}") if story.lead else ("", "")


def pick_units(story: Story, page: Page, headline: str) -> tuple[Unit, ...]:
    """Return the units of the body, or nothing for a listing."""
    if story.container is None or _is_listing(story, page):
        return ()
    title = fold(headline)
    kept = (u for u in story.told if u is not story.lead and not is_dateline(u) and fold(u.text) != title)
    return printed_once(u for u in kept if not _is_link_list(u) and not _leads_away(u, page))


def named_blocks(units: Sequence[Unit], story: Story) -> tuple[tuple[Block, ...], str]:
    """Return units of the body as blocks, and by the name of the container where they stood."""
    return (blocks(units), f"generic:{short_name(story.container)}") if units else ((), "")


def _is_listing(story: Story, page: Page) -> bool:
    """Tell whether the text is a list of teasers: many links to other articles, little text to each."""
    links = () if story.container is None else story.container.iter("a")
    number = page.edition.article_id
    ids = {number(page.absolute(a.get("href"))) for a in links} - {None, number(page.url)}
    return len(ids) >= _MANY and sum(u.weight() for u in story.told) / len(ids) < _TEASER


def _is_link_list(unit: Unit) -> bool:
    return unit.role == "list" and unit.linked() > _ALL_LINKS


def _leads_away(unit: Unit, page: Page) -> bool:
    """Tell whether a paragraph is nothing but links to other sites, as an advertisement is."""
    if unit.linked() <= _ALL_LINKS:
        return False
    hosts = {urlsplit(url).hostname for _, url in unit.links}
    return urlsplit(page.url).hostname not in hosts and not any(page.edition.article_id(url) for _, url in unit.links)


def is_front(units: Sequence[Unit], page: Page) -> bool:
    """Tell whether a page shows links to several other articles outside of side boxes, as front pages do."""
    ids = {page.edition.article_id(link) for unit in units for _, link in unit.links}
    return len(ids - {None, page.edition.article_id(page.url)}) >= _MANY


def pick_captions(story: Story, template: Template) -> tuple[tuple[Caption, ...], str]:
    """Return the captions near the headline and inside the text."""
    told = set(story.told)
    near = range(story.start - 12, story.first)
    found = captions((unit for place, unit in enumerate(story.units) if unit in told or place in near), template)
    return found, "generic:caption" if found else ""


def pick_images(story: Story, page: Page, asides: Asides) -> tuple[tuple[str, ...], str]:
    """Return the pictures of the container and of the boxes that hold a caption."""
    container = story.container
    if container is None:
        return (), ""
    near = container if container.tag in ("body", "main", "article") else container.getparent()
    boxes = {near, *(unit.group for unit in story.units if unit.role == "caption")} - {None}
    inside = {image for box in boxes for image in box.iter("img")}
    images = (image for image in page.root.iter("img") if image in inside and not asides.hold(image))
    found = tuple(dict.fromkeys(filter(None, (image_address(image, page) for image in images))))
    return found, "generic:img" if found else ""


def pick_kicker(story: Story) -> tuple[str, str]:
    """Return the line above the headline where its class says so."""
    for unit in story.units[max(0, story.start - 6) : story.start + 1]:
        if KICKER_CLASS.search(marks(unit.node)):
            return unit.text, f"generic:{short_name(unit.node)}"
    return "", ""


def pick_byline(page: Page, asides: Asides) -> tuple[str, str]:
    """Return the author where the page marks one."""
    for selector in _AUTHOR_AT:
        for element in page.select(selector):
            name = text_of(element) if page.held(element).chars < 80 else ""
            if 2 < len(name) < 80 and element.tag != "meta" and not asides.hold(element):
                return name, f"generic:{selector}"
    return "", ""


def pick_source_line(units: Sequence[Unit]) -> tuple[str, str]:
    """Return the line `SOURCE: …`."""
    return next(((unit.text, "generic:SOURCE") for unit in units if _SOURCE.match(unit.text)), ("", ""))


def pick_tags(page: Page) -> tuple[tuple[str, ...], str]:
    """Return the names of links marked as tags."""
    is_marked = Inside(lambda element: "tags" in (element.get("class") or ""))
    links = [a for a in page.root.iter("a") if "tag" in (a.get("rel") or "").split() or is_marked(a.getparent())]
    found = [text_of(a).lstrip("#") for a in links if page.held(a).chars < _LONGEST_TAG]
    return tuple(dict.fromkeys(filter(None, found))), "generic:a[rel~=tag]" if found else ""


def is_dated_below(story: Story, page: Page, asides: Asides, headline: Element | None) -> bool:
    """Tell whether a date stands below the headline, by its mark anywhere, else among the first lines."""
    if headline is None:
        return False
    above = frozenset(takewhile(lambda e: e is not headline, page.root.iter()))
    near = story.units[story.start : max(story.first, story.start + 6)]
    return any(printed(near)[0]) or any(marked(page, lambda e: e in above or asides.hold(e))[0])


def pick_dates(
    story: Story, page: Page, asides: Asides, headline: Element | None = None
) -> tuple[DateTexts, DateTexts]:
    """Return (published, modified) texts: one printed near the headline, then marked ones; never from the text.

    What stands above the headline counts where nothing below it does: a page's head often shows today's date.
    """
    above = frozenset() if headline is None else frozenset(takewhile(lambda e: e is not headline, page.root.iter()))
    pairs = [
        printed(story.units[story.start : max(story.first, story.start + 6)]),
        marked(page, lambda e: e in above or asides.hold(e)),
    ]
    if not any(published for published, _ in pairs):
        pairs.append(printed(story.units[max(0, story.start - 8) : story.start]))
        pairs.append(marked(page, lambda e: e not in above or asides.hold(e)))
    if not any(map(any, pairs)):
        pairs.append(printed(unit for unit in story.foot() if _PUBLISHED.match(unit.text)))
    return tuple(d for pair in pairs for d in pair[0]), tuple(d for pair in pairs for d in pair[1])
