"""Steps 3 to 7 on captures that are stored already: recovery after a kill, and reading again. No Scrapy running."""

from collections.abc import Callable
from dataclasses import replace

from archive.errors import IntegrityError, KeyMissing
from archive.facts.addresses import host_of
from archive.facts.items import Capture
from archive.facts.outcomes import Kind
from archive.facts.record import Record, build
from archive.stores.store import Store
from archive.warc import warc
from crawler import pages
from crawler.editions.edition import Edition, listing_of
from pipelines.clean import Clean
from pipelines.dates import Dates
from pipelines.look import Look
from pipelines.version import Reread

_ABSENT = frozenset({404, 410})
_OK = 200


def look_of(capture: Capture, edition: Edition) -> Look | None:
    """Return the look that a stored capture stands for, its article read where it holds one.

    None for a redirect: whatever it led to is a capture of its own. What a listing listed is not said, since the
    section that was walked is not known any more.
    """
    if 300 <= capture.status < 400:
        return None
    look = bare_look(capture, edition)
    if look.article_id is None:
        return replace(look, outcome="listed" if capture.status == _OK else "http_error")
    if capture.status in _ABSENT:
        return replace(look, outcome="gone")
    reading = pages.read(capture, edition)
    if reading.article is not None and capture.status == _OK:
        return replace(look, outcome="article", article=reading.article)
    if capture.status == _OK or reading.outcome == "challenge":
        return replace(look, outcome=reading.outcome, reason=reading.reason, detail=reading.detail)
    return replace(look, detail=f"answered {capture.status}")


def bare_look(capture: Capture, edition: Edition) -> Look:
    """Return the look of a stored capture before anything is made of it: its address, kind, instant and status."""
    number = edition.article_id(capture.url)
    return Look(
        url=capture.url, kind="article" if number else _kind(capture.url), at=capture.captured_at,
        outcome="http_error", status=capture.status, capture=capture, article_id=number,
    )  # fmt: skip


def _kind(url: str) -> Kind:
    if url.endswith("/robots.txt"):
        return "robots"
    return "section" if listing_of(url) else "other"


Reader = Callable[[Capture], Record | None]
Recorder = Callable[[Look], Record | None]


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

    def read(capture: Capture) -> Record | None:
        look = look_of(capture, edition)
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
        new = read(capture) if capture else None
        return new | {"capture": record["capture"]} if new else None

    return reread
