"""One crawl's session: archive, writer, ledger, clock and rules, opened before the first request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from scrapy.settings import BaseSettings

from archive.archive import Archive, open_for_writing
from archive.errors import ConfigurationError
from archive.ids import crawl_id
from crawler.clock import Clock
from crawler.ledger import Ledger
from crawler.pages import REVISION
from crawler.plan import Plan
from crawler.replay import adopt, rereader
from pipelines.version import Rules
from pipelines.writer import Limits, Writer
from settings.base import VERSION

PROGRAM = {"name": "presstv-archive", "version": VERSION, "extractor": REVISION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a crawl works with."""

    plan: Plan
    archive: Archive
    writer: Writer
    ledger: Ledger
    clock: Clock
    rules: Rules
    crawl: str


def number(settings: BaseSettings, name: str, least: int = 1) -> int:
    """Return a whole-number setting. Raises ConfigurationError (4) where it is none, or less than `least`."""
    try:
        value = settings.getint(name)
    except ValueError:
        value = least - 1
    if value < least:
        raise ConfigurationError(
            f"{name}={settings.get(name)!r} is no whole number of {least} or more; mend the setting"
        )
    return value


def limits_of(settings: BaseSettings) -> Limits:
    """Return when a batch is full, from BATCH_CAPTURES, BATCH_BYTES and BATCH_SECONDS."""
    return Limits(
        captures=number(settings, "BATCH_CAPTURES"),
        bytes=number(settings, "BATCH_BYTES"),
        age=timedelta(seconds=number(settings, "BATCH_SECONDS")),
    )


def open_session(settings: BaseSettings, plan: Plan) -> Session:
    """Open the archive for writing, adopt the spools that a dead crawl left, and begin the first batch."""
    clock = Clock()
    archive = open_for_writing(
        settings["ARCHIVE_URI"], settings["CATALOG_PATH"], edition=plan.edition.name, version=VERSION, now=clock()
    )
    rules = Rules(
        revision=REVISION,
        keep_for=timedelta(days=number(settings, "KEEP_UNCHANGED_DAYS")),
        reread=rereader(archive.store, settings["OUTLET_ZONE"]),
    )
    limits, crawl = limits_of(settings), crawl_id(clock())

    def writer() -> Writer:
        return Writer(
            archive, spool_dir=settings["SPOOL_DIR"], crawl=crawl, program=PROGRAM, clock=clock, limits=limits
        )

    adopt(settings["SPOOL_DIR"], archive, writer, rules, settings["OUTLET_ZONE"])
    return Session(plan=plan, archive=archive, writer=writer(), ledger=Ledger(), clock=clock, rules=rules, crawl=crawl)


def summary_of(session: Session, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the crawl's last commit says of it: outcomes, sections, exit code; integers and text only."""
    ledger = session.ledger
    return {
        "sections": dict(sections),
        "requests": dict(ledger.counts()),
        "exit": ledger.exit_code(),
        "closed_by": ledger.closed_by,
    }
