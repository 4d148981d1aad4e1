"""`scrapy schedule`: the daemon that runs the crawls of SCHEDULE; `--once` runs one slot for cron."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from archive.errors import UsageError
from archive.facts.names import compact, stamp
from archive.stores.opening import open_store
from archive.texts.terminal import printable
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.options import check_contact, given_settings
from crawler.crawl.progress import clear_line
from crawler.editions.known import edition_of
from crawler.schedule.scheduler import Daemon, Job, crawl_command, jobs_of, next_runs, run_once, slot_named
from crawler.schedule.slots import Stop

_LISTED = 10


class Command(ArchiveCommand):
    """Run crawls at their times."""

    words = "[--list | --once JOB[@SLOT]] [-a NAME=VALUE]…"
    says = "Run the crawls of SCHEDULE at their times, until stopped"
    examples = (
        ("", "until stopped"),
        ("--list", "what is next"),
        ("--once news", "for cron"),
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help=f"print the next {_LISTED} runs (UTC) and end")
        what.add_argument(
            "--once", metavar="JOB[@SLOT]", help="claim and run one slot, by default the job's newest (for cron)"
        )
        parser.add_argument("--no-catch-up", action="store_true", help="leave slots missed before the start alone")
        parser.add_argument(
            "-a",
            dest="arguments",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="crawl argument for all jobs",
        )

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """List, run once, or run until stopped; the exit code is the crawl's, or 128 + the signal's number."""
        del args
        assert self.settings is not None
        jobs, now = (
            jobs_of(self.settings["SCHEDULE"], edition_of(self.settings), _pairs(opts.arguments)),
            datetime.now(UTC),
        )
        if opts.list:
            _list(jobs, now, as_document=opts.json)
            return
        check_contact(self.settings)
        if opts.once is not None:
            self.exitcode = self._once(jobs, opts, now)
        elif opts.json:
            raise UsageError("--json goes with --list or --once; the daemon prints no document")
        else:
            self.exitcode = asyncio.run(self._serve(jobs, catch_up=not opts.no_catch_up))

    def _once(self, jobs: tuple[Job, ...], opts: argparse.Namespace, now: datetime) -> int:
        assert self.settings is not None
        job, slot = slot_named(jobs, opts.once, now)
        command = crawl_command(job, given_settings(self.settings), *(["--json"] if opts.json else []))
        return asyncio.run(run_once(open_store(self.settings["ARCHIVE_URI"]), slot, command))

    async def _serve(self, jobs: tuple[Job, ...], *, catch_up: bool) -> int:
        assert self.settings is not None
        stop, given = Stop(), given_settings(self.settings)
        stop.listen()
        daemon = Daemon(
            open_store(self.settings["ARCHIVE_URI"]),
            jobs,
            command=lambda job: crawl_command(job, given),
            log=_log,
            catch_up=catch_up,
        )
        return await daemon.run(stop)


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for name, equals, _ in pairs:
        if not equals:
            raise UsageError(f"-a {name!r} is no NAME=VALUE; write -a sections=une")
    return {name: value for name, _, value in pairs}


def _list(jobs: tuple[Job, ...], now: datetime, *, as_document: bool) -> None:
    runs = next_runs(jobs, now, _LISTED)
    if as_document:
        rows = [
            {"at": stamp(at), "slot": f"{job.name}@{compact(at)}", "job": job.name, "arguments": job.arguments}
            for at, job in runs
        ]
        print(as_json({"schema": "presstv.schedule/1", "runs": rows}))
        return
    width = max(len(job.name) for job in jobs)
    say(f"{at:%Y-%m-%d %H:%M} UTC  {job.name:<{width}}  {_words(job)}".rstrip() for at, job in runs)


def _words(job: Job) -> str:
    return " ".join(f"{name}={value}" for name, value in job.arguments.items())


def _log(line: str) -> None:
    print(
        f"{clear_line()}{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} schedule: {printable(line)}", file=sys.stderr, flush=True
    )
