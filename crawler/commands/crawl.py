"""`scrapy crawl presstv`: one crawl; the exit code comes from the ledger."""

import argparse
import os
import sys
from contextlib import ExitStack, closing, nullcontext
from datetime import UTC, datetime
from typing import Any, ClassVar

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError as ScrapysUsageError
from scrapy.settings import Settings

from archive.catalog.aside import companions
from archive.errors import ConfigurationError, NoArchive, UsageError
from archive.facts.addresses import hostname_of, is_loopback
from archive.stores.opening import open_store
from archive.stores.vacant import check_vacant
from archive.texts.terminal import printable
from crawler.cli.arguments import Verbatim, arguments_told
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.options import agent_of, check_contact, contact_of
from crawler.cli.stopping import INTERRUPTED, STOPPED
from crawler.crawl import foresight
from crawler.crawl.foresight import foreseen
from crawler.crawl.logs import hush
from crawler.crawl.plan import Plan, plan_of
from crawler.crawl.progress import Bar, watched
from crawler.crawl.report import lines_of, report_of
from crawler.crawl.run import crawl_once
from crawler.crawl.session import Session, open_session
from crawler.crawl.snapshots import snapshot_when_due
from crawler.editions.known import edition_of
from settings.given import Given


class Command(ArchiveCommand, BaseRunSpiderCommand):
    """Crawl the outlet once."""

    words = "[-a NAME=VALUE]… [--dry-run] presstv"
    says = "Crawl the outlet once: sections, feed, due re-checks"
    examples = (
        ("presstv", "the daily sections, and what is due"),
        ("-a sections=all -a recheck=all presstv", "everything"),
        ("--dry-run presstv", "what would be asked for"),
    )
    requires_crawler_process = True
    default_settings: ClassVar[dict[str, Any]] = {}
    takes = (1, 1)
    settings: Settings | None
    _plan: Plan

    def add_common(self, parser: argparse.ArgumentParser) -> None:
        """Add Scrapy's options of a crawl."""
        BaseRunSpiderCommand.add_options(self, parser)

    def take_common(self, args: list[str], opts: argparse.Namespace) -> None:
        """Let Scrapy read them."""
        try:
            BaseRunSpiderCommand.process_options(self, args, opts)
        except ScrapysUsageError as error:
            raise UsageError(str(error)) from error

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own option, tell of the arguments, and offer none of what is refused."""
        parser.add_argument("--dry-run", action="store_true", help="say what would be asked for; ask and write nothing")
        parser.formatter_class, parser.epilog = Verbatim, arguments_told()
        for action in parser._actions:  # noqa: SLF001 - argparse has no other way to find one
            if action.dest in ("output", "overwrite_output"):
                action.help = argparse.SUPPRESS
            if action.dest == "spargs":
                action.help = "set a crawl argument (may be repeated); they are listed below"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the arguments before a process for the crawl is made."""
        outputs, opts.output, opts.overwrite_output = opts.output or opts.overwrite_output, None, None
        super().process_options(args, opts)
        assert self.settings is not None
        with self.ending(opts):
            self.check_words(args)
            if outputs:
                raise UsageError(
                    f"-o and -O are refused ({outputs[0]}): a crawl writes to the archive; see: scrapy export --help"
                )
            if args != ["presstv"]:
                raise UsageError(f"no spider {args[0]!r}; write: scrapy crawl presstv")
            self._plan = plan_of(opts.spargs, edition_of(self.settings))
            self._introduce()
            hush(self.settings["LOG_LEVEL"])
            return
        raise SystemExit(self.exitcode)

    def _introduce(self) -> None:
        assert self.settings is not None
        check_contact(self.settings)
        if contact_of(self.settings):
            self.settings.set("USER_AGENT", agent_of(self.settings), "cmdline")
        elif not (self._plan.outlet and all(is_loopback(hostname_of(base)) for base in self._plan.outlet)):
            print("warning: CRAWLER_CONTACT is empty; set it to an address the outlet can write to", file=sys.stderr)
        if self._plan.outlet:
            self.settings.set("OUTLET_BASE", ",".join(self._plan.outlet), "cmdline")
        elif self.settings.get("OUTLET_BASE"):
            raise ConfigurationError("OUTLET_BASE is set by -a outlet=URL alone; use that")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, commit, and print what was found."""
        del args
        assert self.settings is not None
        if opts.dry_run:
            self._foresee(opts)
            return
        session = open_session(self.settings, self._plan)
        with closing(session.archive):
            self._crawl(session, self.settings, opts)

    def _crawl(self, session: Session, settings: Given, opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        with Bar() if watched() else nullcontext() as bar:
            summary = crawl_once(self.crawler_process, session, bar)
        report = report_of(session, summary)
        # Before the first line: whoever stops reading changes nothing about how the crawl went.
        self.exitcode = report["exit"]
        trouble = session.ledger.failure[1] if session.ledger.failure else session.ledger.unreached()
        if trouble:
            print(f"error: {printable(trouble)}", file=sys.stderr)
        if opts.json:
            print(as_json(report))
        else:
            say(lines_of(report, session.ledger.emptied))
        if self.exitcode in INTERRUPTED:
            print(STOPPED, file=sys.stderr)
        if session.ledger.closed_by == "finished" and session.ledger.failure is None:
            snapshot_when_due(session.archive, settings)
        if session.ledger.closed_by == "killed":
            _leave(self.exitcode)

    def _foresee(self, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        uri, budget = self.settings["ARCHIVE_URI"], self.settings.getint("RECHECK_BUDGET")
        with ExitStack() as stack:
            try:
                archive = stack.enter_context(self.looking())
            except NoArchive:
                archive = None
                check_vacant(open_store(uri), companions(self.settings["CATALOG_PATH"]))
            told = foreseen(self._plan, uri, archive, datetime.now(UTC), budget)
        if opts.json:
            print(as_json(told))
        else:
            say(foresight.lines_of(told))


def _leave(code: int) -> None:
    # Told twice: a commit under way is left to the next crawl, which finds its spool.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)
