"""Where a page itself leads its reader on: by a meta refresh before it can be read, or as nothing but a script."""

import re

from archive.facts.items import Capture
from crawler.editions.edition import Edition
from crawler.pages import decoding
from crawler.pages.holdings import Inside, outermost
from crawler.pages.notices import visible_text
from crawler.pages.page import Page
from crawler.pages.shown import Element

# A page that is shown for longer is read: papers send idle readers home after minutes.
_AT_ONCE = 5
_MENTIONED = re.compile(r"http-equiv\s*=[\s\"']*refresh", re.IGNORECASE)
_CONTENT = re.compile(r"\s*([0-9]{1,6})(?:\.[0-9]*)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"']*)", re.IGNORECASE)
_LEADS = re.compile(r"\blocation(?:\.href)?\s*=(?!=)|\blocation\.(?:replace|assign|reload)\s*\(")
_LITTLE, _NOTHING = 300, 40
_FRAME = ("nav", "header", "footer", "aside")


def refreshed(page: Page) -> str | None:
    """Return where a meta refresh leads before the page can be read, its own address for a reload; None without one."""
    if not _MENTIONED.search(page.markup):
        return None
    for meta in page.root.iter("meta"):
        told = _CONTENT.match(meta.get("content") or "")
        if (meta.get("http-equiv") or "").strip().lower() != "refresh" or told is None or int(told[1]) > _AT_ONCE:
            continue
        # Only readers without scripts are led by what stands in a noscript.
        if next(meta.iterancestors("noscript"), None) is None:
            return page.absolute(told[2].strip()) if told[2].strip() else page.url
    return None


def is_script_only(page: Page) -> bool:
    """Tell whether a page shows next to nothing and a script on it goes elsewhere, or has yet to fill it.

    Such a page is alike for every address, those that no article has among them.
    """
    scripts = [script.text or "" for script in page.root.iter("script") if _runs(script)]
    leads = len(visible_text(page)) <= _LITTLE and any(map(_LEADS.search, scripts))
    return leads or (bool(scripts) and _own_words(page) < _NOTHING)


def _runs(script: Element) -> bool:
    return "json" not in (script.get("type") or "").lower()


def _own_words(page: Page) -> int:
    """Return how many characters a page shows beside its links and what frames it."""
    is_frame = Inside(lambda element: element.tag in _FRAME)
    links = outermost(element for element in page.root.iter("a", *_FRAME) if not is_frame(element.getparent()))
    body = page.root.find("body")
    return 0 if body is None else page.held(body).chars - sum(page.held(link).chars for link in links)


def _may_mention(body: bytes) -> bool:
    # Nearly no page does: what can be told from its bytes, those of UTF-16 among them, needs no decoding.
    return b"refresh" in body.replace(b"\0", b"").lower()


def leads_to(capture: Capture, edition: Edition, body: bytes | None = None) -> str | None:
    """Return where a meta refresh leads the reader of a captured page at once, absolute; None where none does.

    `body` is the capture's with its content codings undone, where that was done before.
    """
    if body is not None and not _may_mention(body):
        return None
    try:
        markup, _ = decoding.html(capture, unpacked=body)
        page = Page(capture.url, markup, edition) if _MENTIONED.search(markup) else None
    except decoding.DecodingError:
        return None
    return refreshed(page) or None if page else None
