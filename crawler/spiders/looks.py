"""From a response to the look that it is: which captures belong to it, and what a front page or a 304 says."""

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.http import Response

from archive.catalog.memory import LastLook
from archive.facts.outcomes import TAKEN_OVER, Outcome, Reason
from crawler import pages
from crawler.crawl.ask import ask_of, way_of
from crawler.editions.edition import Edition, listing_of
from crawler.middlewares.apart import apart
from crawler.pages.outcome import absent, outcome_of, refused
from pipelines.look import Look

_UNREAD: Outcome = "http_error"


def look_at(response: Response, at: datetime) -> Look:
    """Return the look that a response is, its outcome still open; `at` is its time where nothing was captured."""
    # A 304 has no payload of its own, so nothing was captured for it.
    look = _look_of(response, at, captured=response.status != 304)
    return replace(look, status=response.status, answered=response.url if response.meta.get("redirect_urls") else None)


def look_without(
    request: Request, at: datetime, outcome: Outcome, detail: str, *, answered: bool, reason: Reason = ""
) -> Look:
    """Return the look of a request that came to no response.

    `answered` says that the last exchange is what ended it (a body cut short, a redirect off the outlet), so that it is
    the look's own capture, and not one of an earlier try.
    """
    return replace(_look_of(request, at, captured=answered), outcome=outcome, detail=detail, reason=reason)


def refused_apart(look: Look, response: Response, edition: Edition) -> Generator[Any, Any, Look]:
    """Return a look that was refused, its answer read as `apart` says."""
    return (yield from apart(len(response.body), partial(refused, look, edition)))


def gone_or_refused(look: Look, response: Response, edition: Edition) -> Generator[Any, Any, Look]:
    """Return the look at a file that is not there, or was refused."""
    return replace(look, outcome="gone") if absent(look) else (yield from refused_apart(look, response, edition))


def listing_apart(look: Look, response: Response, edition: Edition) -> Generator[Any, Any, pages.Listing]:
    """Return the listing that a look captured, read as `apart` says."""
    assert look.capture is not None
    reading = partial(pages.read_listing, look.capture, response.url, edition)
    return (yield from apart(len(response.body), reading))


def _look_of(asked: Request | Response, at: datetime, *, captured: bool) -> Look:
    ask, hops = ask_of(asked), list(way_of(asked).hops)
    capture = hops.pop() if captured and hops else None
    return Look(
        url=ask.url,
        kind=ask.kind,
        at=capture.captured_at if capture else at,
        outcome=_UNREAD,
        status=capture.status if capture else None,
        article_id=ask.article_id,
        section=ask.section,
        page=ask.page,
        capture=capture,
        hops=tuple(hops),
    )


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


def turned_away(look: Look) -> bool:
    """Return whether the outlet refused us, by a rule, a wall or a wait, so that its mirrors aren't asked either.

    A domain that was seized or parked refuses nobody, and a robots.txt that can't be read is a sick host.
    """
    if look.outcome == "robots_denied":
        return look.reason != "unreachable"
    if look.outcome == "challenge":
        return look.reason not in TAKEN_OVER
    return look.reason == "retry_after"


def article_look(look: Look, response: Response, edition: Edition, last_look: Callable[[str], LastLook | None]) -> Look:
    """Return what an answer to an article's address is; `last_look` gives what the looks before left.

    A 304 says only that what the look which gave the validators stood for is still there.
    """
    if look.status == 304:
        before = last_look(look.url)
        return replace(look, outcome="unchanged", confirms=before.confirms if before else None)
    return outcome_of(look, edition, led_home=way_of(response).led_home, body=response.body)


def conditions(last: LastLook | None) -> dict[str, str]:
    """Return the headers of a conditional request; the entity tag wins where both are sent (RFC 9110, section 13.1)."""
    if last is None:
        return {}
    pairs = (("If-None-Match", last.etag), ("If-Modified-Since", last.last_modified))
    return {name: value for name, value in pairs if value}


def listed(look: Look, listing: pages.Listing, ours: Callable[[str], str | None]) -> Look:
    """Return the look of a listing that was read: its articles, what it shows of them, and its next page."""
    links = [link for link in listing.links if ours(link.url)]
    return replace(
        look, outcome="listed", listed=tuple(link.article_id for link in links), onward=listing.next_url,
        teasers=tuple(link.teaser for link in links),
    )  # fmt: skip


def is_away(look: Look) -> bool:
    """Return whether a redirect led from a listing's page to an address that is not the same page's."""
    return look.answered is not None and listing_of(look.answered) != listing_of(look.url)


def elsewhere(look: Look) -> Look:
    """Return the look at a listing's page in whose place a redirect showed another page."""
    return replace(look, outcome="not_observed", reason="another_page", detail=f"redirected to {look.answered}")


def led_away(look: Look, edition: Edition, known: Callable[[str], bool]) -> Look | None:
    """Return the look at a listing's page that a redirect led away from, or None where it is that page.

    It was led to an article, to the listing of another number, or to a page that this crawl asked for already
    (`known`), such as the first one of the same listing: what stands there is not what that page lists.
    """
    answered = look.answered
    if answered is None or answered == look.url:
        return None
    asked, there = listing_of(look.url), listing_of(answered)
    # A section may get another number; the pages of one walk have one.
    another = asked is not None and there is not None and asked[0] != there[0] and (look.page or 1) > 1
    return elsewhere(look) if another or known(answered) or edition.article_id(answered) else None
