"""What a page is when it is no article: a wall, a notice that the article is gone, nothing at all."""

import re
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from archive.facts.items import Capture
from archive.facts.outcomes import Reason
from archive.languages.english import ENGLISH
from archive.languages.known import LANGUAGES
from archive.languages.language import words
from crawler.pages.metadata import Metadata
from crawler.pages.page import Page, text_of

_WALL_MARKUP = re.compile(
    r"cf-challenge|cf_chl_|challenge-platform|challenge-form|g-recaptcha|h-captcha|cf-turnstile|/_Incapsula_|"
    r"captcha-form|name=[\"']?captcha",
    re.IGNORECASE,
)
_SHORT = 2000
_HIDDEN = frozenset(("script", "style", "template"))


class _Notices(NamedTuple):
    """What servers say instead of an article, in the languages that they speak."""

    gone: re.Pattern[str]
    wall: re.Pattern[str]
    seized: re.Pattern[str]
    parked: re.Pattern[str]


@cache
def _notices(language: str) -> _Notices:
    # Walls, registrars and servers speak English under pages of any language.
    spoken = [LANGUAGES[code] for code in dict.fromkeys((language, ENGLISH.code)) if code in LANGUAGES]
    told = ((one.gone, one.wall, one.seized, one.parked) for one in spoken)
    return _Notices(*(words("|".join(filter(None, patterns))) for patterns in zip(*told, strict=True)))


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


def refusal(page: Page, text: str) -> tuple[Reason, str]:
    """Return (wall, seized or parked; why in words) for a page with little text that says so; two empties otherwise."""
    if len(text) > _SHORT:
        return "", ""
    # A seizure notice is often a picture, and its words stand for it.
    pictured = " ".join(image.get("alt") or "" for image in page.root.iter("img")) if len(text) < _SHORT // 4 else ""
    said, notices = f"{page.title}\n{text}", _notices(page.edition.language)
    if notices.seized.search(f"{said}\n{pictured}"):
        return "seized", "seized: the domain shows a seizure notice"
    if notices.parked.search(said):
        return "parked", "parked: the domain is parked or for sale"
    alone = len(text) < 600
    if notices.wall.search(page.title) or (alone and (notices.wall.search(said) or _WALL_MARKUP.search(page.markup))):
        return "wall", "wall: the page asks to prove a browser or a person"
    return "", ""


def gone(page: Page) -> str:
    """Return the words that say an article is gone, from the title, a heading or a short paragraph; else empty."""
    notice = _notices(page.edition.language).gone
    lines = [page.title, *(text_of(e) for e in page.root.iter("h1", "h2", "h3", "h4", "p", "strong"))]
    return next((line for line in lines[:60] if len(line) < 200 and notice.search(line)), "")


def points_home(page: Page) -> bool:
    """Tell whether canonical link or og:url say that this is the front page."""
    stated = [link.get("href") for link in page.root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    stated += page.meta.get("og:url", [])[:1]
    paths = [urlsplit(address).path for address in map(page.absolute, stated) if address]
    return any(path.strip("/").lower() in ("", "index.html", "default.aspx") for path in paths)


def is_gone_notice(page: Page, headline: str, characters: int) -> bool:
    """Tell whether an article as read is only a notice: its headline says gone and its text is short."""
    return characters < 500 and bool(_notices(page.edition.language).gone.search(headline))


def is_article(metadata: Metadata) -> bool:
    """Tell whether the page's own data calls it an article."""
    return metadata.is_article or "article" in metadata.page.meta.get("og:type", [""])[0].lower()
