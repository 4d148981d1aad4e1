"""`scrapy crawl presstv`: one crawl; the exit code comes from the ledger."""

import argparse
import signal
import sys
from typing import Any

from scrapy import signals
from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler

from archive.errors import ArchiveError, UsageError
from crawler.command import ArchiveCommand, as_json, say
from crawler.plan import ARGUMENTS, Plan, is_loopback, plan_of
from crawler.report import lines_of, report_of
from crawler.session import Session, open_session, summary_of


class Command(ArchiveCommand, BaseRunSpiderCommand):
    """Crawl the outlet once."""

    requires_crawler_process = True
    default_settings = {}  # noqa: RUF012 - Scrapy's own form
    takes = (1, 1)

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[-a NAME=VALUE]… presstv"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Crawl the outlet once: sections, feed, due re-checks"

    def long_desc(self) -> str:
        """Say which arguments there are."""
        return f"{self.short_desc()}. Arguments for -a: {', '.join(ARGUMENTS)} (docs/commands.md)."

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the arguments before a process for the crawl is made; what is wrong with them is told in `run`."""
        super().process_options(args, opts)
        assert self.settings is not None
        self._wrong: ArchiveError | None = None
        self._plan = Plan()
        try:
            self._plan = plan_of(opts.spargs)
        except ArchiveError as error:
            self._wrong = error
        if contact := self.settings.get("CRAWLER_CONTACT"):
            self.settings.set("USER_AGENT", f"{self.settings['USER_AGENT']} (+{contact})", "cmdline")
        if self._plan.outlet:
            self.settings.set("OUTLET_BASE", self._plan.outlet, "cmdline")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, commit, and print what was found."""
        assert self.settings is not None
        if self._wrong:
            raise self._wrong
        if args != ["presstv"]:
            raise UsageError(f"no spider {args[0]!r}; write: scrapy crawl presstv")
        if not self.settings.get("CRAWLER_CONTACT") and not (self._plan.outlet and is_loopback(self._plan.outlet)):
            print("warning: CRAWLER_CONTACT is empty; set it to an address the outlet can write to", file=sys.stderr)
        session = open_session(self.settings, self._plan)
        crawler = self._crawl(session)
        report = self._finish(session, crawler)
        if opts.json:
            print(as_json(report))
        else:
            say(lines_of(report))
        self.exitcode = session.ledger.exit_code()
        if session.ledger.failure:
            print(f"error: {session.ledger.failure[1]}", file=sys.stderr)

    def _crawl(self, session: Session) -> Crawler:
        assert self.crawler_process is not None
        ledger = session.ledger
        crawler = self.crawler_process.create_crawler("presstv")

        def opened() -> None:
            _note_signals(ledger)

        def closed(reason: str) -> None:
            ledger.closed_by = reason

        crawler.signals.connect(opened, signal=signals.spider_opened, weak=False)
        crawler.signals.connect(closed, signal=signals.spider_closed, weak=False)
        ledger.closed_by = "killed"
        self.crawler_process.crawl(crawler, session=session)
        self.crawler_process.start()
        return crawler

    def _finish(self, session: Session, crawler: Crawler) -> dict[str, Any]:
        ledger = session.ledger
        spider: Any = crawler.spider
        ledger.close()
        walks = {} if spider is None else spider.walk_summaries()
        if ledger.closed_by == "killed" and ledger.failure is None and ledger.signal is None:
            ledger.failure = (1, "the crawl ended before it began; see the log above")
        if session.writer.failure and ledger.failure is None:
            ledger.failure = (session.writer.failure.exit_code, str(session.writer.failure))
        summary = summary_of(session, walks)
        if ledger.closed_by != "killed":
            try:
                session.writer.close(summary)
            except ArchiveError as error:
                ledger.failure = (error.exit_code, str(error))
        return report_of(session, summary)


def _note_signals(ledger: Any) -> None:
    def noting(before: Any) -> Any:
        def handler(signum: int, frame: Any) -> None:
            ledger.signal = signum
            before(signum, frame)

        return handler

    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, noting(before))
