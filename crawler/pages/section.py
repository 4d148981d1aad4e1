"""Section listings and the menu of the front page: article links in rank order, the next page, names of sections."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from archive.facts.items import Capture
from archive.facts.teasers import Teaser
from crawler.editions.edition import Edition, fold_name, listing_of
from crawler.pages import decoding
from crawler.pages.boxes import BESIDE_LISTING, SIDE, called
from crawler.pages.holdings import Inside
from crawler.pages.metadata import language
from crawler.pages.page import Page, text_of
from crawler.pages.shown import Element
from crawler.pages.teasers import read_teasers

_SIDE_TAGS = frozenset(("nav", "aside", "footer"))
_SIDE_CLASS = called(*SIDE, *BESIDE_LISTING)
_NAME_AT = ("h2.page-header", "h1.page-header", "h1", "h2")
_NEXT_AT = ("link[rel~=next]", "a[rel~=next]", "li.next > a", "a.next", "li.pagination-next > a", "a[aria-label=Next]")
_LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLink:
    """One article as a listing shows it."""

    article_id: str
    url: str
    """Absolute, as the page links to it."""
    title: str
    """May be empty where only a picture is linked."""
    teaser: Teaser = field(default=Teaser(), compare=False, repr=False)
    """What the page shows of it, all its links on the page taken together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a section."""

    links: tuple[ListedLink, ...]
    """In the order of their rank, each article once."""
    next_url: str | None
    """The address of the next page, or None on the last."""
    name: str
    """The heading of the page."""
    issue: str = ""
    """Why the page could not be read, when it could not."""
    others: tuple[str, ...] = ()
    """Addresses in the main list that have a number of their own and are no articles', as the page links to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One entry of the menu: a section by its name."""

    name: str
    url: str


def _page(source: Capture | str, url: str, edition: Edition) -> Page:
    return Page(url, decoding.html(source)[0] if isinstance(source, Capture) else source, edition)


class _Sides:
    """Which boxes of a page stand aside from its main list; each is judged once, however many links it holds."""

    def __init__(self, page: Page, name: str) -> None:
        sections = {fold_name(section.name) for section in page.edition.sections}
        self._side_names = (page.edition.side_names | sections) - {name}
        self._page = page
        self._most = page.held(page.root).links / 2
        self._judged: dict[Element, bool] = {}

    def hold(self, link: Element) -> bool:
        """Tell whether a link stands in a side box."""
        return Inside(self._is_side, self._judged)(link.getparent())

    def _is_side(self, box: Element) -> bool:
        if box.tag in ("body", "html"):
            return False
        if box.tag in _SIDE_TAGS:
            return True
        heads = (_line(child, self._page) for child in box if child.tag in ("h2", "h3", "h4", "h5"))
        if any(fold_name(head) in self._side_names for head in heads):
            return True
        marks = f"{box.get('class') or ''} {box.get('id') or ''}"
        # A main list may well be called `latest`, and its column `has-sidebar`: what holds most of the page is no side.
        return bool(_SIDE_CLASS.search(marks)) and self._page.held(box).links <= self._most


def _line(element: Element, page: Page) -> str:
    # No name is longer; to read all of boxes in one another costs the product of both.
    return text_of(element) if page.held(element).chars < _LONGEST_LINE else ""


def _title(link: Element, page: Page) -> str:
    if told := _line(link, page) or (link.get("title") or "").strip():
        return told
    picture = next(link.iter("img"), None) if page.held(link).tags < _LONGEST_LINE else None
    return "" if picture is None else picture.get("alt") or ""


def _ranked(links: Iterable[Element], page: Page) -> tuple[ListedLink, ...]:
    found: dict[str, ListedLink] = {}
    linked: dict[str, list[Element]] = {}
    for link in links:
        url = page.absolute(link.get("href"))
        number = page.edition.article_id(url) if url else None
        if number is None:
            continue
        seen = found.get(number)
        linked.setdefault(number, []).append(link)
        # A card often links its picture first: the rank is the picture's, the title the next link's.
        if seen is None or not seen.title:
            found[number] = ListedLink(article_id=number, url=seen.url if seen else url, title=_title(link, page))
    teasers = read_teasers(linked, page)
    return tuple(replace(link, teaser=teasers[number]) for number, link in found.items())


def _others(links: Iterable[Element], page: Page) -> tuple[str, ...]:
    urls = (page.absolute(link.get("href")) for link in links)
    return tuple(dict.fromkeys(url for url in urls if url and page.edition.other_kind(url)))


def _next(page: Page) -> str | None:
    links = [link.attrib.get("href", "") for selector in _NEXT_AT for link in page.selector.css(selector)]
    for href in links:
        url = page.absolute(href)
        if url and url != page.url and not href.startswith("#"):
            return url
    here = listing_of(page.url)
    if here is None:
        return None
    addresses = (page.absolute(a.get("href")) for a in page.select("a"))
    return next((url for url in addresses if listing_of(url) == (here[0], here[1] + 1)), None)


def read_listing(source: Capture | str, url: str, edition: Edition) -> Listing:
    """Read a section's page of an edition, a capture or its markup, at `url`.

    Links in navigation, side boxes and footers are left out where the page marks them; when nothing else is there
    every article link counts. Addresses that are none (`javascript:`, `http://[`) are passed over. A page that can't
    be decoded or parsed whole lists nothing and says why in `issue`.
    """
    try:
        page = _page(source, url, edition)
    except decoding.DecodingError as error:
        return Listing(links=(), next_url=None, name="", issue=str(error))
    if not page:
        return Listing(links=(), next_url=None, name="", issue="no markup")
    headings = (text_of(h) for selector in _NAME_AT for h in page.select(selector))
    name = next((h for h in headings if h), page.title)
    links = page.select("a")
    sides = _Sides(page, fold_name(name))
    inside = [a for a in links if a.get("href") and not sides.hold(a)]
    found = _ranked(inside, page) or _ranked(links, page)
    return Listing(links=found, next_url=_next(page), name=name, others=_others(inside, page))


def read_menu(source: Capture | str, url: str, edition: Edition) -> list[MenuEntry]:
    """Return the sections that the front page's menu names, in its order, each name once.

    A section is a link to `/Section/<id>` anywhere, or any link of the same host inside navigation that is neither an
    article nor the front page. A page that can't be read has no menu.
    """
    try:
        page = _page(source, url, edition)
    except decoding.DecodingError:
        return []
    if not page:
        return []
    is_menu = Inside(_is_menu)
    found: dict[str, MenuEntry] = {}
    for link in page.select("a"):
        address = page.absolute(link.get("href"))
        name = _line(link, page) or (link.get("title") or "").strip()
        if (
            fold_name(name)
            and address
            and (listing_of(address) or (is_menu(link.getparent()) and _is_inner(address, page)))
        ):
            found.setdefault(fold_name(name), MenuEntry(name=name, url=address))
    return list(found.values())


def _is_menu(box: Element) -> bool:
    told = box.get("class") or ""
    return box.tag in ("nav", "header") or "menu" in told or "nav" in told or "menu" in (box.get("id") or "")


def read_language(source: Capture | str, url: str, edition: Edition) -> str:
    """Return the language tag that a page states, or an empty string; a page that can't be read states none."""
    try:
        page = _page(source, url, edition)
    except decoding.DecodingError:
        return ""
    return language(page)[0] if page else ""


def _is_inner(address: str, page: Page) -> bool:
    parts, own = urlsplit(address), urlsplit(page.url)
    is_front = parts.path in ("", "/") or (parts.path == own.path and parts.query == own.query)
    return parts.netloc == own.netloc and not is_front and page.edition.article_id(address) is None
