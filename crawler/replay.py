"""Steps 3 to 7 on captures that are stored already: recovery after a kill, and reading again. No Scrapy running."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive import lookup, warc
from archive.archive import Archive
from archive.ids import stamp
from archive.items import Capture, Look
from archive.record import Record, build
from archive.spool import Spool, adoptable
from archive.store import Store
from crawler import pages
from crawler.edition import article_id, listing_of
from pipelines.clean import Clean
from pipelines.dates import Dates
from pipelines.export import Export
from pipelines.version import Reread, Rules, Version, host_of
from pipelines.writer import Writer

_ABSENT = frozenset({404, 410})
_OK = 200


def look_of(capture: Capture) -> Look:
    """Return the look that a stored capture stands for, its article read where it holds one."""
    number = article_id(capture.url)
    look = Look(
        url=capture.url, kind=_kind(capture.url), at=capture.captured_at, outcome="http_error", status=capture.status,
        capture=capture, article_id=number,
    )  # fmt: skip
    if number is None:
        return replace(look, outcome="listed" if capture.status == _OK else "http_error")
    if capture.status in _ABSENT:
        return replace(look, outcome="gone")
    if capture.status != _OK:
        return look
    reading = pages.read(capture)
    if reading.article is None:
        return replace(look, outcome=reading.outcome, detail=reading.detail)
    return replace(look, outcome="article", article=reading.article)


def _kind(url: str) -> str:
    if article_id(url):
        return "article"
    return "section" if listing_of(url) else "other"


def rereader(store: Store, zone: str) -> Reread:
    """Return a function that reads a record's stored capture again with today's extractor."""
    clean, dates = Clean(), Dates(zone)

    def reread(record: Record) -> Record | None:
        place = record["capture"]
        capture = warc.decode(store.get_range(place["segment"], place["offset"], place["length"]))
        if capture is None:
            return None
        look = dates.process_item(clean.process_item(look_of(capture)))
        if look.article is None:
            return None
        new = build(look.article, capture, mirror=host_of(capture.url), revision=pages.REVISION)
        return new | {"capture": record["capture"]}

    return reread


def adopt(spool_dir: str | Path, archive: Archive, writer: Callable[[], Writer], rules: Rules, zone: str) -> int:
    """Commit what dead crawls left in their spools, each spool in a writer of its own; return how many captures.

    A spool whose batch the log already names is only deleted; a capture that is archived already is passed over, so a
    death in the middle of this adopts again without a double.
    """
    taken = 0
    for path in adoptable(Path(spool_dir)):
        spool = Spool.adopt(path)
        if spool is None:
            continue
        if not lookup.names_batch(archive.catalog.db, path.name.partition(".")[0]):
            taken += _take_in(spool, archive, writer(), rules, zone)
        spool.delete()
    return taken


def _take_in(spool: Spool, archive: Archive, writer: Writer, rules: Rules, zone: str) -> int:
    steps: tuple[Any, ...] = (Clean(), Dates(zone), Version(writer, rules), Export(writer))
    taken = 0
    for capture in spool.captures():
        if lookup.holds(archive.catalog.db, capture.url, stamp(capture.captured_at), capture.payload):
            continue
        writer.spool(capture)
        item: Any = look_of(capture)
        for step in steps:
            item = step.process_item(item)
        taken += 1
    writer.close({"adopted": taken} if taken else {})
    return taken
