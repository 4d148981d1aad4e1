"""What a page is when it is no article: a wall, a notice that the article is gone, nothing at all."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from archive.facts.items import Capture
from archive.facts.outcomes import Reason
from archive.languages.english import ENGLISH
from archive.languages.known import LANGUAGES
from archive.languages.language import words
from crawler.editions.edition import Edition
from crawler.pages.metadata import Metadata
from crawler.pages.page import Page, fold, text_of

_WALL_MARKUP = re.compile(
    r"cf-challenge|cf_chl_|challenge-platform|challenge-form|g-recaptcha|h-captcha|cf-turnstile|/_Incapsula_|"
    r"captcha-form|name=[\"']?captcha",
    re.IGNORECASE,
)
_SHORT, _ALONE = 2000, 600
_HIDDEN = frozenset(("script", "style", "template"))
_HEADINGS = ("h1", "h2", "h3", "h4")
_LINES = (*_HEADINGS, "p", "strong", "b", "div", "td", "center", "font", "span")
_MOST_LINES, _LONGEST_LINE = 200, 200
_SENTENCES = re.compile(r"[.!?…]+")
_MOST_OF_IT = 0.8


class _Notices(NamedTuple):
    """What servers say instead of an article, in the languages that they speak."""

    gone: re.Pattern[str]
    gone_with: re.Pattern[str]
    gone_itself: re.Pattern[str]
    wall: re.Pattern[str]
    seized: re.Pattern[str]
    parked: re.Pattern[str]


@cache
def _notices(language: str) -> _Notices:
    # Walls, registrars and servers speak English under pages of any language.
    spoken = [LANGUAGES[code] for code in dict.fromkeys((language, ENGLISH.code)) if code in LANGUAGES]
    told = ([getattr(one, field) for one in spoken] for field in _Notices._fields)
    return _Notices(*(words("|".join(filter(None, patterns))) for patterns in told))


def visible_text(page: Page) -> str:
    """Return the text of the body, scripts and styles out."""
    body = page.root.find("body")
    if body is None:
        return ""
    # No XPath: it sorts what it finds, and over thousands of line breaks that takes minutes.
    shown, walk = [], etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            shown.append(element.tail if element is not body else None)
        elif element.tag in _HIDDEN:
            walk.skip_subtree()
        else:
            shown.append(element.text)
    return " ".join("".join(filter(None, shown)).split())


def header_wall(capture: Capture) -> str:
    """Return why a page is a wall by its headers alone, or an empty string."""
    mitigated = (capture.header("cf-mitigated") or "").strip().lower()
    return "cf-mitigated: challenge" if mitigated == "challenge" else ""


def refusal(page: Page, text: str, headline: str = "", *, marks: bool = True) -> tuple[Reason, str]:
    """Return (wall, seized or parked; why in words) for a page with little text that says so; two empties otherwise.

    `headline` is that of a page built as an article, else empty: an article may well be called `Accès refusé aux …`,
    so there the words count beside the headline, or where it is nothing else. Without `marks` a guard's script alone is
    no wall.
    """
    if len(text) > _SHORT:
        return "", ""
    notices, title = _notices(page.edition.language), page.title
    # A seizure notice is often a picture, and its words stand for it.
    pictured = " ".join(image.get("alt") or "" for image in page.root.iter("img")) if len(text) < _SHORT // 4 else ""
    if headline and not _is_mostly(notices.wall, headline):
        title = "" if fold(headline) in fold(title) else title
        text = text.replace(" ".join(headline.split()), "")
    said = f"{title}\n{text}"
    if notices.seized.search(f"{said}\n{pictured}"):
        return "seized", "seized: the domain shows a seizure notice"
    if notices.parked.search(said):
        return "parked", "parked: the domain is parked or for sale"
    marked = marks and not headline and _WALL_MARKUP.search(page.markup)
    if notices.wall.search(title) or (len(text) < _ALONE and (notices.wall.search(said) or marked)):
        return "wall", "wall: the page asks to prove a browser or a person"
    return "", ""


def _is_mostly(notice: re.Pattern[str], line: str) -> bool:
    found = notice.search(line)
    return found is not None and len(found[0]) >= _MOST_OF_IT * len(line.strip(" .!|"))


def is_notice(line: str, edition: Edition) -> bool:
    """Tell whether a line says that a page is gone, and nothing else: no headline that names what is."""
    notices, bare = _notices(edition.language), edition.template.without_site_name(line)
    if len(bare) > _LONGEST_LINE or not notices.gone.search(bare):
        return False
    return not re.search(r"\w", notices.gone_with.sub("", notices.gone.sub("", bare)))


def speaks_of_itself(line: str, edition: Edition) -> bool:
    """Tell whether a notice speaks of its own page or to its reader, as no headline does: `Cet article n’existe plus`."""
    return is_notice(line, edition) and bool(_notices(edition.language).gone_itself.search(line))


def gone(page: Page) -> str:
    """Return the page's own notice that an article is gone: its title, a heading or a sentence that says only that."""
    told = (
        line
        for line, is_heading in _lines(page)
        for part in _parts(line, is_heading=is_heading)
        if is_notice(part, page.edition)
    )
    return next(told, "")


def _parts(line: str, *, is_heading: bool) -> Iterator[str]:
    yield line
    # A headline may begin with such words and go on: `Vidéo supprimée : ce que l’on sait`.
    yield from () if is_heading else _SENTENCES.split(line)


def mentions_gone(page: Page) -> str:
    """Return a line with words of such a notice, whatever else it says; an empty string without one."""
    notice = _notices(page.edition.language).gone
    return next((line for line, _ in _lines(page) if notice.search(line)), "")


def _lines(page: Page) -> Iterator[tuple[str, bool]]:
    """Yield the page's first short lines, and whether each is its title or a heading.

    What leads to other articles says nothing of this one.
    """
    yield page.title[:_LONGEST_LINE], True
    held = ((element, page.held(element)) for element in page.root.iter(*_LINES))
    short = (e for e, h in held if 0 < h.chars < _LONGEST_LINE and h.tags < _MOST_LINES and not h.articles)
    for element in islice(short, _MOST_LINES):
        yield text_of(element), element.tag in _HEADINGS


def points_home(page: Page) -> bool:
    """Tell whether canonical link or og:url say that this is the front page."""
    stated = [link.get("href") for link in page.root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    stated += page.meta.get("og:url", [])[:1]
    paths = [urlsplit(address).path for address in map(page.absolute, stated) if address]
    return any(path.strip("/").lower() in ("", "index.html", "default.aspx") for path in paths)


def is_article(metadata: Metadata) -> bool:
    """Tell whether the page's own data calls it an article."""
    return metadata.is_article or "article" in metadata.page.meta.get("og:type", [""])[0].lower()
