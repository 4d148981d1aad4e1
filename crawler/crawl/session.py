"""One crawl's session: archive, writer, ledger, clock and rules, opened before the first request."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from scrapy.settings import BaseSettings

from archive.catalog import articles
from archive.errors import ArchiveError
from archive.facts.names import crawl_id
from archive.opened import Archive, check_clock, open_for_writing
from archive.trust.signing import sign_commit
from crawler.crawl.brake import Brake
from crawler.crawl.clock import Clock
from crawler.crawl.keys import key_of
from crawler.crawl.ledger import Ledger
from crawler.crawl.plan import Plan
from crawler.pages import REVISION
from crawler.reread.adoption import adopt
from crawler.reread.stored import rereader
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


def limits_of(settings: BaseSettings) -> Limits:
    """Return when a batch is full, from BATCH_CAPTURES, BATCH_BYTES and BATCH_SECONDS."""
    return Limits(
        captures=settings.getint("BATCH_CAPTURES"),
        bytes=settings.getint("BATCH_BYTES"),
        age=timedelta(seconds=settings.getint("BATCH_SECONDS")),
    )


def open_session(settings: BaseSettings, plan: Plan) -> Session:
    """Open the archive for writing, adopt the spools that a dead crawl left, and begin the first batch.

    The settings are checked already (`crawler/cli/options.py`). Raises ConfigurationError where the clock is behind the
    archive, UsageError for an article of `ids` that the archive lacks, and as `open_for_writing` does.
    """
    clock, edition, key = Clock(), plan.edition, key_of(settings)
    archive = open_for_writing(
        settings["ARCHIVE_URI"], settings["CATALOG_PATH"], vocabulary=edition.vocabulary, version=VERSION, now=clock()
    )
    check_clock(archive, clock())
    rules = Rules(
        revision=REVISION,
        keep_for=timedelta(days=settings.getint("KEEP_UNCHANGED_DAYS")),
        reread=rereader(archive.store, edition),
    )
    limits, crawl, numbers = limits_of(settings), crawl_id(clock()), itertools.count(1)
    sign = (lambda commit: sign_commit(archive.store, commit, key)) if key else None

    def writer() -> Writer:
        return Writer(
            archive, spool_dir=settings["SPOOL_DIR"], crawl=crawl, program=PROGRAM, clock=clock, limits=limits,
            numbers=numbers, sign=sign,
        )  # fmt: skip

    adopt(settings["SPOOL_DIR"], archive, writer, rules, edition)
    for number in plan.ids:
        articles.standing(archive.catalog.db, number)
    brake = Brake(share=settings.getfloat("BRAKE_SHARE"), minimum=settings.getint("BRAKE_MINIMUM"))
    main = writer()
    main.suspect = lambda: brake.pulled
    return Session(
        plan=plan, archive=archive, writer=main, ledger=Ledger(brake=brake), clock=clock, rules=rules, crawl=crawl
    )


def close_session(session: Session, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Commit what is left, unless the crawl was killed, and return the crawl's summary; a failure is the ledger's."""
    ledger, writer = session.ledger, session.writer
    summary = summary_of(session, sections)
    if ledger.closed_by != "killed":
        try:
            writer.close(summary)
        except ArchiveError as error:
            ledger.failure = ledger.failure or (error.exit_code, str(error))
    elif ledger.signal is None:
        writer.abandon()
    return summary


def summary_of(session: Session, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the crawl's last commit says of it: outcomes, sections, exit code; integers and text only."""
    ledger = session.ledger
    return {
        "sections": dict(sections),
        "requests": dict(ledger.counts()),
        "exit": ledger.exit_code(),
        "closed_by": ledger.closed_by,
        **({"brake": ledger.brake.report()} if ledger.brake.pulled else {}),
    }
