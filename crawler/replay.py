"""Steps 3 to 7 on captures that are stored already: recovery after a kill, and reading again. No Scrapy running."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive import lookup, warc
from archive.archive import Archive
from archive.errors import ArchiveError, IntegrityError, KeyMissing
from archive.ids import stamp
from archive.items import Capture, Look
from archive.record import Record, build
from archive.spool import Spool, adoptable
from archive.store import Store
from crawler import pages
from crawler.edition import FRENCH, article_id, listing_of
from pipelines.clean import Clean
from pipelines.dates import Dates
from pipelines.export import Export
from pipelines.version import Reread, Rules, Version, host_of, unread
from pipelines.writer import Writer

_ABSENT = frozenset({404, 410})
_OK = 200
_log = logging.getLogger(__name__)


def look_of(capture: Capture) -> Look | None:
    """Return the look that a stored capture stands for, its article read where it holds one.

    None for a redirect: whatever it led to is a capture of its own. What a listing listed is not said, since the
    section that was walked is not known any more.
    """
    if 300 <= capture.status < 400:
        return None
    look = _bare(capture)
    if look.article_id is None:
        return replace(look, outcome="listed" if capture.status == _OK else "http_error")
    if capture.status in _ABSENT:
        return replace(look, outcome="gone")
    reading = pages.read(capture)
    if reading.article is not None and capture.status == _OK:
        return replace(look, outcome="article", article=reading.article)
    if capture.status == _OK or reading.outcome == "challenge":
        return replace(look, outcome=reading.outcome, detail=reading.detail)
    return replace(look, detail=f"answered {capture.status}")


def _bare(capture: Capture) -> Look:
    return Look(
        url=capture.url, kind=_kind(capture.url), at=capture.captured_at, outcome="http_error", status=capture.status,
        capture=capture, article_id=article_id(capture.url),
    )  # fmt: skip


def _kind(url: str) -> str:
    if article_id(url):
        return "article"
    if url.endswith("/robots.txt"):
        return "robots"
    return "section" if listing_of(url) else "other"


Reader = Callable[[Capture], Record | None]
Recorder = Callable[[Look], Record | None]


def recorder(zone: str) -> Recorder:
    """Return a function that makes the record of a look whose article is read, by steps 4 and 5; None without one.

    `zone` is the time zone taken for dates without one. The record names the place that the capture names.
    """
    clean, dates = Clean(FRENCH.boilerplate), Dates(zone)

    def made(look: Look) -> Record | None:
        done = dates.process_item(clean.process_item(look))
        if done.article is None or done.capture is None:
            return None
        return build(done.article, done.capture, mirror=host_of(done.capture.url), revision=pages.REVISION)

    return made


def reader(zone: str) -> Reader:
    """Return a function that reads a capture with today's extractor; None where it finds no article."""
    made = recorder(zone)

    def read(capture: Capture) -> Record | None:
        look = look_of(capture)
        return made(look) if look else None

    return read


def rereader(store: Store, zone: str) -> Reread:
    """Return a function that reads a record's stored capture again with today's extractor."""
    read = reader(zone)

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


def adopt(spool_dir: str | Path, archive: Archive, writer: Callable[[], Writer], rules: Rules, zone: str) -> int:
    """Commit what dead crawls left in their spools, each spool in a writer of its own; return how many captures.

    A spool whose batch the log already names is only deleted; a capture that is archived already is passed over, so a
    death in the middle of this adopts again without a double. After an error the spool lies where it was.
    """
    taken = 0
    for path in adoptable(Path(spool_dir)):
        spool = Spool.adopt(path)
        if spool is None:
            continue
        try:
            if not lookup.names_batch(archive.catalog.db, path.name.partition(".")[0]):
                taken += _take_in(spool, archive, writer(), rules, zone)
            spool.delete()
        finally:
            spool.close()
    return taken


def _take_in(spool: Spool, archive: Archive, writer: Writer, rules: Rules, zone: str) -> int:
    steps: tuple[Any, ...] = (Clean(FRENCH.boilerplate), Dates(zone), Version(writer, rules), Export(writer))
    taken = 0
    try:
        for capture in spool.captures():
            if not _archived(archive.catalog.db, capture):
                _one(capture, writer, steps)
                taken += 1
        writer.close({"adopted": taken} if taken else {})
    finally:
        writer.abandon()
    return taken


def _archived(db: lookup.Db, capture: Capture) -> bool:
    at, number = stamp(capture.captured_at), article_id(capture.url)
    # A look that found nothing new left no capture, but a check of the same instant.
    looked = number is not None and lookup.looked(db, number, at)
    return looked or lookup.holds(db, capture.url, at, capture.payload)


def _one(capture: Capture, writer: Writer, steps: tuple[Any, ...]) -> None:
    writer.spool(capture)
    try:
        look = look_of(capture)
        if look is None:
            writer.decide(capture, "capture")
        else:
            _through(_placed(look, writer), steps)
    except ArchiveError:
        raise
    except Exception as error:  # noqa: BLE001 - logged; see below
        # A page that our own code trips over must not keep the others out, crawl after crawl.
        _log.exception("a step failed on %s", capture.url)
        _through(unread(_bare(capture), error), steps)


def _placed(look: Look, writer: Writer) -> Look:
    # Which host the dead crawl read is not stored. A known article on another host may be a parity look, and as one it
    # can begin no false version; the next crawl looks at the article again.
    before = writer.latest(look.article_id) if look.article_id else None
    return replace(look, kind="mirror") if before and before["mirror"] != host_of(look.url) else look


def _through(item: Any, steps: tuple[Any, ...]) -> None:
    for step in steps:
        item = step.process_item(item)
