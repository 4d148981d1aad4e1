"""What a page is when it is no article: a wall, a notice that the article is gone, nothing at all."""

import re
from urllib.parse import urlsplit

from lxml import etree

from archive.facts.items import Capture
from archive.facts.outcomes import Reason
from crawler.pages.metadata import Metadata
from crawler.pages.page import Page, text_of

_WALL = re.compile(
    r"just a moment|attention required!?\s*\|\s*cloudflare|checking your browser|are you a robot|"
    r"verif(?:y|ying) (?:that )?you are (?:a )?human|enable javascript and cookies to continue|access denied|"
    r"vérifi\w+ que vous (?:n'êtes pas un robot|êtes (?:un )?humain)|ddos protection by|accès refusé|security check|"
    r"pardon our interruption|request unsuccessful\. incapsula|votre navigateur est en cours de vérification",
    re.IGNORECASE,
)
_WALL_MARKUP = re.compile(
    r"cf-challenge|cf_chl_|challenge-platform|challenge-form|g-recaptcha|h-captcha|cf-turnstile|/_Incapsula_|"
    r"captcha-form|name=[\"']?captcha",
    re.IGNORECASE,
)
_SEIZED = re.compile(
    r"(?:website|domain|domain name|site)\s+(?:\S+\s+){0,4}has been seized|seizure warrant|"
    r"seized by the (?:united states|u\.?s\.?|federal|fbi)|ce (?:site|domaine) a été saisi",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"domain (?:name )?(?:is|may be) for sale|buy this domain|parked (?:free|domain|page)|domain parking|sedoparking|"
    r"this domain has expired|ce (?:nom de )?domaine est (?:à vendre|expiré)|hugedomains",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"(?:page|article|contenu|document|vidéo)\s+(?:est\s+|non\s+|a été\s+)?"
    r"(?:introuvable|inexistante?|indisponible|supprimée?|retirée?|trouvée?\b)|"
    r"n['\u2019]est plus (?:disponible|accessible|en ligne)|n['\u2019]existe (?:plus|pas)|"
    r"n['\u2019]a pas été trouvée?|(?:page|article|content|file) (?:was )?not found|no longer available|does not exist|"
    r"\b(?:erreur|error)\s*404\b|^\W*404\b|^introuvable$",
    re.IGNORECASE,
)
_SHORT = 2000
_HIDDEN = frozenset(("script", "style", "template"))


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
    said = f"{page.title}\n{text}"
    if _SEIZED.search(said):
        return "seized", "seized: the domain shows a seizure notice"
    if _PARKED.search(said):
        return "parked", "parked: the domain is parked or for sale"
    alone = len(text) < 600
    if _WALL.search(page.title) or (alone and (_WALL.search(said) or _WALL_MARKUP.search(page.markup))):
        return "wall", "wall: the page asks to prove a browser or a person"
    return "", ""


def gone(page: Page) -> str:
    """Return the words that say an article is gone, from the title, a heading or a short paragraph; else empty."""
    lines = [page.title, *(text_of(e) for e in page.root.iter("h1", "h2", "h3", "h4", "p", "strong"))]
    return next((line for line in lines[:60] if len(line) < 200 and _GONE.search(line)), "")


def points_home(page: Page) -> bool:
    """Tell whether canonical link or og:url say that this is the front page."""
    stated = [link.get("href") for link in page.root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    stated += page.meta.get("og:url", [])[:1]
    paths = [urlsplit(address).path for address in map(page.absolute, stated) if address]
    return any(path.strip("/").lower() in ("", "index.html", "default.aspx") for path in paths)


def is_gone_notice(headline: str, characters: int) -> bool:
    """Tell whether an article as read is only a notice: its headline says gone and its text is short."""
    return characters < 500 and bool(_GONE.search(headline))


def is_article(metadata: Metadata) -> bool:
    """Tell whether the page's own data calls it an article."""
    return metadata.is_article or "article" in metadata.page.meta.get("og:type", [""])[0].lower()
