"""Where a page itself leads its reader on: by a meta refresh before it can be read, or as nothing but a script."""

import re

from archive.facts.items import Capture
from crawler.editions.edition import Edition
from crawler.pages import decoding
from crawler.pages.notices import visible_text
from crawler.pages.page import Page

# A page that is shown for longer is read: papers send idle readers home after minutes.
_AT_ONCE = 5
_MENTIONED = re.compile(r"http-equiv\s*=[\s\"']*refresh", re.IGNORECASE)
_CONTENT = re.compile(r"\s*([0-9]{1,6})(?:\.[0-9]*)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"']*)", re.IGNORECASE)
_LEADS = re.compile(r"\blocation(?:\.href)?\s*=(?!=)|\blocation\.(?:replace|assign|reload)\s*\(")
_LITTLE = 300


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
    """Tell whether a page shows next to nothing and a script on it goes elsewhere."""
    if len(visible_text(page)) > _LITTLE:
        return False
    return any(_LEADS.search(script.text or "") for script in page.root.iter("script"))


def leads_to(capture: Capture, edition: Edition, body: bytes | None = None) -> str | None:
    """Return where a meta refresh leads the reader of a captured page at once, absolute; None where none does.

    `body` is the capture's with its content codings undone, where that was done before.
    """
    try:
        markup, _ = decoding.html(capture, unpacked=body)
        page = Page(capture.url, markup, edition) if _MENTIONED.search(markup) else None
    except decoding.DecodingError:
        return None
    return refreshed(page) or None if page else None
