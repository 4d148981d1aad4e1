"""From a response to the look that it is: which captures belong to it, and what stands where an article should be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from archive.catalog.memory import Known
from crawler import pages
from crawler.editions.edition import Edition
from pipelines.look import Look

_ABSENT = frozenset({404, 410})
_UNREAD = "http_error"


def look_at(response: Response, at: datetime) -> Look:
    """Return the look that a response is, its outcome still open; `at` is its time where nothing was captured."""
    meta = response.meta
    hops = list(meta["hops"])
    # A 304 has no payload of its own, so nothing was captured for it.
    capture = hops.pop() if response.status != 304 and hops else None
    return Look(
        url=meta["asked"],
        kind=meta["kind"],
        at=capture.captured_at if capture else at,
        outcome=_UNREAD,
        status=response.status,
        article_id=meta.get("number"),
        section=meta.get("section"),
        page=meta.get("page"),
        capture=capture,
        answered=response.url if meta.get("redirect_urls") else None,
        hops=tuple(hops),
    )


def look_without(request: Request, at: datetime, outcome: str, detail: str, *, answered: bool) -> Look:
    """Return the look of a request that came to no response.

    `answered` says that the last exchange is what ended it (a body cut short, a redirect off the outlet), so that it is
    the look's own capture, and not one of an earlier try.
    """
    meta, hops = request.meta, list(request.meta["hops"])
    capture = hops.pop() if answered and hops else None
    return Look(
        url=meta["asked"],
        kind=meta["kind"],
        at=capture.captured_at if capture else at,
        outcome=outcome,
        detail=detail,
        status=capture.status if capture else None,
        article_id=meta.get("number"),
        section=meta.get("section"),
        page=meta.get("page"),
        capture=capture,
        hops=tuple(hops),
    )


def refused(look: Look, edition: Edition) -> Look:
    """Return the look at a page that is not what was asked for: a wall, or the status it came with."""
    if look.capture is None:
        return look
    reading = pages.read(look.capture, edition)
    if reading.outcome == "challenge":
        return replace(look, outcome="challenge", detail=reading.detail)
    return replace(look, detail=look.detail or f"answered {look.status}")


def menu_of(look: Look, response: Response, edition: Edition) -> tuple[Look, list[pages.MenuEntry]]:
    """Return the look at a front page as it came out, and its menu where the page is the edition's own.

    A wall, a seizure notice, a parking page and another language's front page have no menu of ours, whatever they link.
    """
    if look.outcome == "redirected_offsite":
        return look, []
    refusal = refused(look, edition)
    if look.status != 200 or look.capture is None or refusal.outcome == "challenge":
        return refusal, []
    menu = pages.read_menu(look.capture, response.url, edition)
    if not menu:
        return replace(look, outcome="extract_failed", detail="no menu of sections on the front page"), []
    language = pages.read_language(look.capture, response.url, edition)
    if not edition.is_own_menu((entry.name for entry in menu), language):
        detail = f"not the edition's front page: its menu names {menu[0].name!r} and {len(menu) - 1} more"
        return replace(look, outcome="extract_failed", detail=detail), []
    return replace(look, outcome="listed"), menu


def absent(look: Look) -> bool:
    """Return whether the outlet says that there is nothing at the address."""
    return look.status in _ABSENT


def turned_away(look: Look) -> bool:
    """Return whether the outlet refused us, by a rule, a wall or a wait, so that its mirrors aren't asked either.

    A domain that was seized or parked refuses nobody, and a robots.txt that can't be read is a sick host.
    """
    if look.outcome == "robots_denied":
        return not look.detail.startswith("unreachable")
    if look.outcome == "challenge":
        return not look.detail.startswith(("seized", "parked"))
    return look.detail.startswith("retry_after")


def article_look(
    look: Look, response: Response, edition: Edition, latest: Callable[[str], dict[str, Any] | None]
) -> Look:
    """Return what an answer to an article's address is; `latest` gives its newest record, which a 304 confirms."""
    number = look.article_id or ""
    if look.status == 304:
        before = latest(number)
        return replace(look, outcome="unchanged", confirms=before["captured_at"] if before else None)
    if response.meta.get("redirected_home") or urlsplit(response.url).path in ("", "/"):
        return replace(look, outcome="soft_404", detail="redirected to the front page")
    if absent(look):
        return replace(look, outcome="gone")
    if look.status != 200 or look.capture is None:
        return refused(look, edition)
    if edition.article_id(response.url) != number:
        return replace(look, outcome="soft_404", detail=f"redirected to {response.url}")
    reading = pages.read(look.capture, edition, body=response.body)
    outcome = "article" if reading.article else reading.outcome
    return replace(look, outcome=outcome, detail=reading.detail, article=reading.article)


def conditions(known: Known | None) -> dict[str, str]:
    """Return the headers of a conditional request; the entity tag wins where both are sent (RFC 9110, section 13.1)."""
    if known is None:
        return {}
    pairs = (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified))
    return {name: value for name, value in pairs if value}
