"""`scrapy backfill`: captures made by others, from files or from an index, into the same timelines."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from typing import Any

from archive.catalog.aside import Traces
from archive.errors import OutletUnreachable, RefusedByOutlet, UsageError
from archive.facts.names import BACKFILL, dated
from archive.parallel.workers import check_processes
from crawler.backfill import cdx
from crawler.backfill.bounds import Bounds
from crawler.backfill.files import Backfill, lines_of, report_of
from crawler.backfill.intake import Intake
from crawler.backfill.joining import lines_of_files
from crawler.backfill.remote import check_crawls, remotes
from crawler.backfill.shares import check_files
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.filewise import file_task, lines_of_file_share, take_in_far, take_in_share
from crawler.cli.machines import add_dask, check_dask, on_cluster, share_named
from crawler.cli.options import agent_of, contact_of
from crawler.cli.selecting import add_processes
from crawler.cli.stopping import stopping
from crawler.crawl.brake import BackfillBrake
from crawler.crawl.clock import Clock, present
from crawler.crawl.plan import plan_of
from crawler.crawl.progress import counting
from crawler.crawl.session import limits_of, open_committer
from crawler.editions.edition import Edition
from crawler.editions.known import edition_of
from crawler.net.fetching import Fetcher, Manners, base_of
from crawler.reread.spools import SpoolPlace, shared_folder
from crawler.reread.stored import recorder, rereader

_MOST_FILES = 100_000
_PLACES = ("WAYBACK_CDX", "WAYBACK_WEB", "COMMONCRAWL_INDEX", "COMMONCRAWL_DATA")


class Command(ArchiveCommand):
    """Take in what others captured."""

    words = (
        "[PATH|URI…] [--wayback FROM TO] [--commoncrawl CRAWL…] [--outlet URL] [--operator NAME] "
        "[--processes N | --share N/T | --dask ADDRESS] [--json]"
    )
    says = "Take in others' captures: WARC and WACZ files, the Wayback Machine, Common Crawl"
    examples = (
        ("moisson.warc.gz", "captures that others made, from a file"),
        ("--wayback 2017 2019", "from the Wayback Machine"),
    )
    takes = (0, _MOST_FILES)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument(
            "--wayback", nargs=2, metavar=("FROM", "TO"), help="fetch what WAYBACK_CDX names between two days (UTC)"
        )
        parser.add_argument(
            "--commoncrawl", nargs="+", default=[], metavar="CRAWL", help="fetch what these crawls hold"
        )
        parser.add_argument("--outlet", default="", metavar="URL", help="an origin that stands for the outlet besides")
        add_processes(parser, "read the pages of files")
        parser.add_argument("--share", metavar="N/T", help="take in every T-th file; scrapy commit-shares commits all")
        add_dask(parser, "take in files on the workers of a Dask scheduler, then commit")
        parser.add_argument("--operator", default="", metavar="NAME", help="who captured, where the files don't say")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read, fetch, commit, and print what was found."""
        assert self.settings is not None
        if not args and not opts.wayback and not opts.commoncrawl:
            raise UsageError("nothing to take in: give WARC or WACZ files, --wayback FROM TO or --commoncrawl CRAWL")
        span = cdx.span_of(*(dated(day, present(), UTC) for day in opts.wayback)) if opts.wayback else None
        check_crawls(opts.commoncrawl)
        check_processes(opts.processes)
        check_dask(opts)
        share = None if opts.share is None else share_named(opts.share)
        if share or opts.dask is not None:
            self._by_many(args, opts, share)
            return
        places = self._places()
        if (span or opts.commoncrawl) and not contact_of(self.settings):
            print("warning: CRAWLER_CONTACT is empty; set it to an address that can be written to", file=sys.stderr)
        edition = edition_of(self.settings)
        with self._opened(edition, opts) as intake, counting("reading records") as progress:
            backfill = Backfill(
                intake=intake, operator=opts.operator, progress=progress, processes=opts.processes
            )  # fmt: skip
            more = {
                "fetcher": self._fetcher(), "intake": intake, "operator": opts.operator, "progress": progress,
                "notes": shared_folder(self.settings["SPOOL_DIR"]) / "backfill",
            }  # fmt: skip
            try:
                with stopping():
                    backfill.run(map(self.placed, args), remotes(places, span, opts.commoncrawl, **more))
            except (OutletUnreachable, RefusedByOutlet) as error:
                # What came before is committed, and is told before the error is.
                self._tell(report_of(backfill) | {"exit": error.exit_code}, opts)
                raise
            report = report_of(backfill)
        self._tell(report, opts)

    def _by_many(self, args: list[str], opts: argparse.Namespace, share: tuple[int, int] | None) -> None:
        """Take in the files of a share, or all of them on a cluster."""
        assert self.settings is not None
        if opts.wayback or opts.commoncrawl:
            raise UsageError("--share and --dask go with files: a server is asked by one machine, once a second")
        if opts.processes != 1:
            raise UsageError("--share takes in a file in one process: give more shares, and leave out --processes")
        edition, files = edition_of(self.settings), [self.placed(file) for file in args]
        check_files(files, share)
        bases = plan_of({"outlet": opts.outlet}, edition).outlet if opts.outlet else ()
        task = file_task(self.settings, edition, bases=tuple(bases), operator=opts.operator)
        with stopping(), on_cluster(opts) as cluster:
            committer = open_committer(self.settings, edition.vocabulary, prefix=BACKFILL)
            with closing(committer.archive):
                if cluster is None:
                    assert share is not None
                    report = take_in_share(committer, task, files, share)
                    lines = lines_of_file_share(report)
                else:
                    report = take_in_far(self.settings, committer, task, files, cluster)
                    lines = lines_of_files(report)
        self.print_either(report, lines, json=opts.json)
        self.exitcode = report["exit"]

    @contextmanager
    def _opened(self, edition: Edition, opts: argparse.Namespace) -> Iterator[Intake]:
        """Open the archive for taking in; of one that was not there, and is not made, nothing is left over."""
        assert self.settings is not None
        traces = Traces(self.settings["CATALOG_PATH"])
        intake = self._taking(edition, plan_of({"outlet": opts.outlet}, edition).outlet if opts.outlet else ())
        try:
            yield intake
        finally:
            archive = intake.committer.archive
            archive.close()
            if archive.create:
                traces.remove()

    def _tell(self, report: dict[str, Any], opts: argparse.Namespace) -> None:
        self.exitcode = report["exit"]
        if opts.json:
            print(as_json(report))
        else:
            say(lines_of(report))

    def _taking(self, edition: Edition, bases: tuple[str, ...]) -> Intake:
        assert self.settings is not None
        committer = open_committer(self.settings, edition.vocabulary, prefix=BACKFILL, later=True)
        spools = str(self.settings["SPOOL_DIR"])
        return Intake(
            committer=committer, bounds=Bounds(edition=edition, bases=bases),
            folder=lambda: SpoolPlace.of(spools, committer.archive).own / "backfill",
            limits=limits_of(self.settings), recorder=recorder(edition),
            reread=rereader(committer.archive.store, edition),
            brake=BackfillBrake(
                share=self.settings.getfloat("BRAKE_SHARE"), minimum=self.settings.getint("BRAKE_MINIMUM")
            ),
        )  # fmt: skip

    def _places(self) -> dict[str, str]:
        assert self.settings is not None
        return {name: base_of(name, str(self.settings[name])) for name in _PLACES}

    def _fetcher(self) -> Fetcher:
        assert self.settings is not None
        settings = self.settings
        manners = Manners(
            agent=agent_of(settings),
            pause=settings.getfloat("DOWNLOAD_DELAY"), timeout=settings.getfloat("DOWNLOAD_TIMEOUT"),
            tries=settings.getint("RETRY_TIMES") + 1, backoff=settings.getfloat("RETRY_BACKOFF_BASE"),
            longest=settings.getfloat("RETRY_AFTER_CAP"), most=settings.getint("DOWNLOAD_MAXSIZE"),
        )  # fmt: skip
        return Fetcher(manners=manners, wait=time.sleep, seconds=time.monotonic, now=Clock())
