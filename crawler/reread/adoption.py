"""Recovery: what dead crawls left in their spools is committed."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive.catalog import articles, memory
from archive.errors import ArchiveError
from archive.facts.addresses import host_of
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.log.spool import Spool, adoptable
from archive.opened import Archive
from crawler.editions.edition import Edition
from crawler.reread.stored import bare_look, look_of
from pipelines.clean import Clean
from pipelines.dates import Dates
from pipelines.export import Export
from pipelines.look import Look
from pipelines.version import Rules, Version, unread
from pipelines.writer import Writer

_log = logging.getLogger(__name__)


def adopt(spool_dir: str | Path, archive: Archive, writer: Callable[[], Writer], rules: Rules, edition: Edition) -> int:
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
            if not memory.names_batch(archive.catalog.db, path.name.partition(".")[0]):
                taken += _take_in(spool, archive, writer(), rules, edition)
            spool.delete()
        finally:
            spool.close()
    return taken


def _take_in(spool: Spool, archive: Archive, writer: Writer, rules: Rules, edition: Edition) -> int:
    steps: tuple[Any, ...] = (
        Clean(edition.template), Dates(edition.calendar), Version(writer, rules), Export(writer),
    )  # fmt: skip
    taken = 0
    try:
        for capture in spool.captures():
            if not _archived(archive.catalog.db, capture, edition):
                _one(capture, edition, writer, steps)
                taken += 1
        writer.close({"adopted": taken} if taken else {})
    finally:
        writer.abandon()
    return taken


def _archived(db: articles.Db, capture: Capture, edition: Edition) -> bool:
    at, number = stamp(capture.captured_at), edition.article_id(capture.url)
    # A look that found nothing new left no capture, but a check of the same instant.
    looked = number is not None and memory.looked(db, number, at)
    return looked or memory.holds(db, capture.url, at, capture.payload)


def _one(capture: Capture, edition: Edition, writer: Writer, steps: tuple[Any, ...]) -> None:
    writer.spool(capture)
    try:
        look = look_of(capture, edition)
        if look is None:
            writer.decide(capture, "capture")
        else:
            _through(_placed(look, writer), steps)
    except ArchiveError:
        raise
    except Exception as error:  # noqa: BLE001 - logged; see below
        # A page that our own code trips over must not keep the others out, crawl after crawl.
        _log.exception("a step failed on %s", capture.url)
        _through(unread(bare_look(capture, edition), error), steps)


def _placed(look: Look, writer: Writer) -> Look:
    # Which host the dead crawl read is not stored. A known article on another host may be a parity look, and as one it
    # can begin no false version; the next crawl looks at the article again.
    before = writer.latest(look.article_id) if look.article_id else None
    return replace(look, kind="mirror") if before and before["mirror"] != host_of(look.url) else look


def _through(item: Any, steps: tuple[Any, ...]) -> None:
    for step in steps:
        item = step.process_item(item)
