"""What opens an archive for writing, and one crawl's session: archive, writer, ledger, clock and rules."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from archive.catalog import articles, memory
from archive.committing import Committer
from archive.errors import ArchiveError
from archive.facts.names import crawl_id
from archive.languages.vocabulary import Vocabulary
from archive.log.batch import Limits
from archive.log.chain import check_clock
from archive.opened import Archive, begin_writing, open_for_writing, open_to_fill, passed_over
from archive.trust.guarding import Guard
from archive.trust.signing import public_keys
from crawler.crawl.brake import LATELY, Brake
from crawler.crawl.clock import Clock
from crawler.crawl.keys import judge_of, key_of
from crawler.crawl.ledger import Ledger
from crawler.crawl.patterns import Patterns
from crawler.crawl.plan import Plan
from crawler.crawl.program import PROGRAM
from crawler.crawl.progress import counting
from crawler.pages import REVISION
from crawler.reread.adoption import adopt
from crawler.reread.endings import Endings
from crawler.reread.spools import SpoolPlace
from crawler.reread.stored import rereader
from pipelines.version import Rules
from pipelines.writer import Writer
from settings.base import VERSION
from settings.given import Given

_KEY = "set SIGNING_KEY_FILE, or SIGNING_KEY in the environment: the next writer here that has one signs it"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a crawl works with."""

    plan: Plan
    archive: Archive
    writer: Writer
    ledger: Ledger
    clock: Callable[[], datetime]
    rules: Rules
    endings: Endings
    patterns: Patterns
    crawl: str
    adopted: int = 0
    """Captures of dead crawls that were committed before this one began."""
    began: float = field(default_factory=time.monotonic)
    """When it began, on the monotonic clock."""


def limits_of(settings: Given) -> Limits:
    """Return when a batch is full, from BATCH_CAPTURES, BATCH_BYTES and BATCH_SECONDS."""
    return Limits(
        captures=settings.getint("BATCH_CAPTURES"),
        bytes=settings.getint("BATCH_BYTES"),
        age=timedelta(seconds=settings.getint("BATCH_SECONDS")),
    )


def open_committer(settings: Given, vocabulary: Vocabulary, *, prefix: str = "", later: bool = False) -> Committer:
    """Open the archive of the settings for writing; the commits carry the id of a crawl begun now, behind `prefix`.

    The first time creates the archive, as one of the vocabulary's edition; with `later` not before a batch is begun.
    Spools of dead crawls are left alone. Raises ConfigurationError for a key that is none and where the clock is behind
    the archive or far from the store's, and as `open_for_writing` does.
    """
    clock, key = Clock(), key_of(settings)
    opening = open_to_fill if later else open_for_writing
    begun = begin_writing(
        settings["ARCHIVE_URI"], settings["CATALOG_PATH"], vocabulary=vocabulary, judge=judge_of(settings, key)
    )  # fmt: skip
    for line in begun:
        _log.warning("%s", line)
    # After an upgrade the catalog may lack all of it.
    with counting("folding commits") as progress:
        archive = opening(
            settings["ARCHIVE_URI"], settings["CATALOG_PATH"], vocabulary=vocabulary, version=VERSION, now=clock(),
            apart=timedelta(seconds=settings.getint("CLOCK_APART")), progress=progress,
        )  # fmt: skip
    for line in passed_over(archive.log):
        _log.warning("%s", line)
    disbelieved = settings.getint("CLOCK_BEFORE")
    newest = archive.log.read(archive.catalog.head().seq)
    if newest is not None:
        check_clock(newest, clock(), disbelieved=disbelieved)
    told = {"clock_before": disbelieved} if newest is not None and newest.seq == disbelieved else {}
    told |= {"clock_apart": int(archive.ahead.total_seconds())} if archive.ahead else {}
    guard = Guard(
        log=archive.log, memory=archive.catalog.memory, head=archive.catalog.head, clock=clock, key=key,
        verify_keys=public_keys(settings["VERIFY_KEY"]),
    )  # fmt: skip
    # An archive that is yet to be made has no commit to look at.
    if not archive.create and guard.settle() and key is None:
        _log.warning("the archive is signed and there is no key: what is committed now is a fault in an hour; %s", _KEY)
    return Committer(
        archive=archive, crawl=prefix + crawl_id(clock()), program=PROGRAM, clock=clock, told=told,
        sign=guard.sign if key else None, settle=guard.settle if key else None,
    )  # fmt: skip


def open_session(settings: Given, plan: Plan) -> Session:
    """Open the archive for writing, adopt the spools that a dead crawl left, and begin the first batch.

    The settings are checked already (`crawler/cli/options.py`). Raises ConfigurationError where the clock is behind the
    archive, UsageError for an article of `ids` that the archive lacks, and as `open_for_writing` does.
    """
    began = time.monotonic()
    committer, edition = open_committer(settings, plan.edition.vocabulary), plan.edition
    archive = committer.archive
    rules = Rules(
        revision=REVISION,
        keep_for=timedelta(days=settings.getint("KEEP_UNCHANGED_DAYS")),
        reread=rereader(archive.store, edition),
    )
    spools = SpoolPlace.of(settings["SPOOL_DIR"], archive)
    writer = partial(Writer, committer, spool_dir=spools.own, limits=limits_of(settings))
    braking = partial(Brake, share=settings.getfloat("BRAKE_SHARE"), minimum=settings.getint("BRAKE_MINIMUM"))
    adopted = adopt(spools, archive, writer, rules, edition, braking=braking)
    for number in plan.ids:
        articles.article_row(archive.catalog.db, number)
    patterns = Patterns(db=archive.catalog.db, vocabulary=edition.vocabulary, crawl=committer.crawl)
    lately = partial(memory.lately, archive.catalog.db, committer.clock() - LATELY, archive.catalog.head().seq)
    brake = braking(noise=patterns.noise, lately=cache(lately))
    main = writer()
    main.suspect = lambda: brake.pulled
    return Session(
        plan=plan, archive=archive, writer=main, ledger=Ledger(brake=brake), clock=committer.clock, rules=rules,
        endings=Endings(db=archive.catalog.db, store=archive.store), patterns=patterns, crawl=committer.crawl,
        adopted=adopted, began=began,
    )  # fmt: skip


def close_session(session: Session, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Commit what is left, unless the crawl was killed, and return the crawl's summary; a failure is the ledger's."""
    ledger, writer = session.ledger, session.writer
    summary = summary_of(session, sections)
    if ledger.closed_by != "killed":
        try:
            writer.close(summary)
        except ArchiveError as error:
            ledger.fail(error.exit_code, str(error))
    elif ledger.signal is None:
        writer.abandon()
    return summary


def summary_of(session: Session, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the crawl's last commit says of it: outcomes, sections, exit code; integers and text only."""
    ledger = session.ledger
    return {
        "sections": dict(sections),
        "requests": dict(ledger.counts()),
        "articles": dict(ledger.counts("article")),
        "exit": ledger.exit_code(),
        "closed_by": ledger.closed_by,
        **({"sitemaps": dict(ledger.sitemaps)} if ledger.sitemaps else {}),
        **({"passed_over": ledger.passed_over_by_kind()} if ledger.passed_over else {}),
        **({"brake": ledger.brake.report()} if ledger.brake.pulled else {}),
        **({"learned": learned} if (learned := session.patterns.learned()) else {}),
    }
