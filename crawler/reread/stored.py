"""Steps 3 to 7 on captures that are stored already: recovery after a kill, and reading again. No Scrapy running."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol

from archive.errors import IntegrityError, KeyMissing
from archive.facts.addresses import host_of
from archive.facts.items import Capture
from archive.facts.outcomes import Kind, Outcome
from archive.facts.record import Record, build, feed_of, with_feed
from archive.stores.store import Store
from archive.warc import warc
from crawler import pages
from crawler.editions.edition import Edition, listing_of
from crawler.net.addresses import is_private
from crawler.net.origins import origin
from crawler.net.redirects import is_home
from crawler.pages.likeness import MadeUp
from crawler.pages.outcome import compared, outcome_of
from crawler.pages.wholeness import not_whole
from crawler.reread.chains import Chain, is_too_long, loops, stays, target_of
from pipelines.clean import Clean
from pipelines.dates import Dates
from pipelines.look import Look
from pipelines.version import Reread
from settings.base import REDIRECT_MAX_TIMES, URLLENGTH_LIMIT


def look_of(chain: Chain, edition: Edition, *, asked: str = "") -> Look | None:
    """Return the look that stored captures stand for, its article read where the last one holds one.

    `chain` is one ask: its hops, and the capture that ended it; `asked` is the address first asked, where the hops that
    led from there are not in it. None for a redirect whose target is not there: it says nothing. What a listing listed
    is not said, since the section that was walked is not known any more.
    """
    *hops, capture = chain
    look = replace(bare_look(capture, edition, asked=asked or chain[0].url), hops=tuple(hops))
    target = target_of(capture, edition.hosts)
    if target is not None:
        return _led(look, chain, target, edition)
    if look.kind == "probe":
        return replace(look, outcome="soft_404") if look.status == HTTPStatus.OK else outcome_of(look, edition)
    if look.article_id is None:
        return _beside(look, capture)
    return outcome_of(look, edition)


def _beside(look: Look, capture: Capture) -> Look:
    reason, why = not_whole(capture)
    if reason:
        return replace(look, outcome="truncated", reason=reason, detail=f"{capture.url}: {why}")
    return replace(look, outcome="listed" if look.status == HTTPStatus.OK else "http_error")


def _led(look: Look, chain: Chain, target: str, edition: Edition) -> Look | None:
    if not stays(target, chain[-1], edition.hosts):
        found = origin(target)
        away: Outcome = "ssrf_blocked" if found and is_private(found[1]) else "redirected_offsite"
        return replace(look, outcome=away, detail=target[:URLLENGTH_LIMIT])
    if len(target) > URLLENGTH_LIMIT:
        return replace(look, outcome="filtered", detail=f"redirect to an address of {len(target)} characters")
    if look.article_id is not None and is_home(target):
        return outcome_of(look, edition, led_home=True)
    if loops(target, chain):
        return replace(look, reason="redirect_loop", detail=f"redirect_loop at {target}")
    if is_too_long(chain):
        detail = f"redirect_loop: more than {REDIRECT_MAX_TIMES} hops, the next would be {target}"
        return replace(look, reason="redirect_loop", detail=detail)
    return None


def bare_look(capture: Capture, edition: Edition, *, asked: str = "") -> Look:
    """Return the look of a stored capture before anything is made of it: its address, kind, instant and status.

    `asked` is the address first asked, where redirects led from there to the capture's.
    """
    url = asked or capture.url
    return Look(
        url=url, kind=_kind(url, edition), at=capture.captured_at, outcome="http_error", status=capture.status,
        capture=capture, article_id=edition.article_id(url), answered=capture.url if capture.url != url else None,
    )  # fmt: skip


def _kind(url: str, edition: Edition) -> Kind:
    if edition.article_id(url):
        return "article"
    if edition.is_made_up(url):
        return "probe"
    if url.endswith("/robots.txt"):
        return "robots"
    return "section" if listing_of(url) else "other"


Recorder = Callable[[Look], Record | None]


class Reader(Protocol):
    """Read a capture with today's extractor (`reader`)."""

    def __call__(self, capture: Capture, asked: str, *, was_seen: bool = False) -> Record | None:
        """Return the record, None where no article is found.

        `asked` is the address that was asked where redirects led from there to the capture's, else empty; `was_seen`
        says that a look took the page for an article, knowing how a made-up address is answered.
        """


def recorder(edition: Edition) -> Recorder:
    """Return a function that makes the record of a look whose article is read, by steps 4 and 5; None without one.

    The record names the place that the capture names.
    """
    clean, dates = Clean(edition.template), Dates(edition.calendar)

    def made(look: Look) -> Record | None:
        done = dates.process_item(clean.process_item(look))
        if done.article is None or done.capture is None:
            return None
        return build(done.article, done.capture, mirror=host_of(done.capture.url), revision=pages.REVISION)

    return made


def reader(edition: Edition) -> Reader:
    """Return a function that reads a capture with today's extractor; None where it finds no article."""
    made = recorder(edition)

    def read(capture: Capture, asked: str, *, was_seen: bool = False) -> Record | None:
        look = look_of((capture,), edition, asked=asked)
        if look and was_seen:
            look = compared(look, MadeUp(), edition)
        return made(look) if look else None

    return read


def rereader(store: Store, edition: Edition) -> Reread:
    """Return a function that reads a record's stored capture again with today's extractor."""
    read = reader(edition)

    def reread(record: Record) -> Record | None:
        place = record["capture"]
        try:
            capture = warc.decode(store.get_range(place["segment"], place["offset"], place["length"]))
        except KeyMissing as error:
            raise IntegrityError(
                f"{place['segment']} is missing from {store.uri}, though a record names it; run: scrapy verify"
            ) from error
        new = read(capture, "", was_seen=True) if capture else None
        return with_feed(new | {"capture": record["capture"]}, feed_of(record)) if new else None

    return reread
