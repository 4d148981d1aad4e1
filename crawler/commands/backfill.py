"""`scrapy backfill`: captures made by others, from files or from an index, into the same timelines."""

import argparse
import contextlib
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from archive.errors import OutletUnreachable, RefusedByOutlet, UsageError
from crawler.backfill import cdx
from crawler.backfill.bounds import Bounds
from crawler.backfill.files import Backfill, lines_of, report_of
from crawler.backfill.intake import Taking
from crawler.backfill.remote import Remote, check_crawls
from crawler.backfill.replays import moment
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.clock import Clock
from crawler.crawl.plan import plan_of
from crawler.crawl.progress import counting
from crawler.crawl.session import limits_of, open_committer
from crawler.editions.edition import FRENCH
from crawler.net.fetching import Fetcher, Manners, base_of
from crawler.reread.stored import recorder, rereader

_MOST_FILES = 100_000
_PLACES = ("WAYBACK_CDX", "WAYBACK_WEB", "COMMONCRAWL_INDEX", "COMMONCRAWL_DATA")
_TIME = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d):?(\d\d):?(\d\d)Z?)?)?)?")


class Command(ArchiveCommand):
    """Take in what others captured."""

    takes = (0, _MOST_FILES)

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[PATH|URI…] [--wayback FROM TO] [--commoncrawl CRAWL…] [--outlet URL] [--operator NAME] [--json]"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Take in others' captures: WARC and WACZ files, the Wayback Machine, Common Crawl"

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument(
            "--wayback", nargs=2, metavar=("FROM", "TO"), help="fetch what WAYBACK_CDX names between two days"
        )
        parser.add_argument(
            "--commoncrawl", nargs="+", default=[], metavar="CRAWL", help="fetch what these crawls hold"
        )
        parser.add_argument("--outlet", default="", metavar="URL", help="an origin that stands for the outlet besides")
        parser.add_argument("--operator", default="", metavar="NAME", help="who captured, where the files don't say")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read, fetch, commit, and print what was found."""
        assert self.settings is not None
        if not args and not opts.wayback and not opts.commoncrawl:
            raise UsageError("nothing to take in: give WARC or WACZ files, --wayback FROM TO or --commoncrawl CRAWL")
        span = [time_of(text) for text in opts.wayback or ()]
        if span and moment(span[0]) > cdx.end_of(span[1]):
            raise UsageError(f"--wayback {' '.join(opts.wayback)}: the first is later than the second; turn them round")
        check_crawls(opts.commoncrawl)
        places = self._places()
        if (span or opts.commoncrawl) and not self.settings.get("CRAWLER_CONTACT"):
            print("warning: CRAWLER_CONTACT is empty; set it to an address that can be written to", file=sys.stderr)
        taking = self._taking(plan_of({"outlet": opts.outlet}).outlet if opts.outlet else ())
        with counting("reading records") as progress:
            backfill = Backfill(taking=taking, operator=opts.operator, progress=progress)
            try:
                with _stopping():
                    taking.clear()
                    for place in args:
                        backfill.file(place)
                    known = {"taking": taking, "operator": opts.operator, "progress": progress}
                    for remote, fetch in _remotes(places, span, opts.commoncrawl, self._fetcher(), **known):
                        backfill.sources.append(remote.label)
                        fetch()
                    taking.finish()
            except (OutletUnreachable, RefusedByOutlet) as error:
                # What came before is committed, and is told before the error is.
                taking.finish()
                self._tell(report_of(backfill) | {"exit": error.exit_code}, opts)
                raise
            finally:
                taking.abandon()
        self._tell(report_of(backfill), opts)
        taking.committer.archive.close()

    def _tell(self, report: dict[str, Any], opts: argparse.Namespace) -> None:
        self.exitcode = report["exit"]
        if opts.json:
            print(as_json(report))
        else:
            say(lines_of(report))

    def _taking(self, bases: tuple[str, ...]) -> Taking:
        assert self.settings is not None
        committer = open_committer(self.settings, FRENCH.name, prefix="backfill-")
        zone = self.settings["OUTLET_ZONE"]
        return Taking(
            committer=committer, bounds=Bounds(bases=bases), folder=Path(self.settings["SPOOL_DIR"]) / "backfill",
            limits=limits_of(self.settings), recorder=recorder(zone), reread=rereader(committer.archive.store, zone),
        )  # fmt: skip

    def _places(self) -> dict[str, str]:
        assert self.settings is not None
        return {name: base_of(name, str(self.settings[name])) for name in _PLACES}

    def _fetcher(self) -> Fetcher:
        assert self.settings is not None
        settings, contact = self.settings, self.settings.get("CRAWLER_CONTACT")
        manners = Manners(
            agent=f"{settings['USER_AGENT']} (+{contact})" if contact else settings["USER_AGENT"],
            pause=settings.getfloat("DOWNLOAD_DELAY"), timeout=settings.getfloat("DOWNLOAD_TIMEOUT"),
            tries=settings.getint("RETRY_TIMES") + 1, backoff=settings.getfloat("RETRY_BACKOFF_BASE"),
            longest=settings.getfloat("RETRY_AFTER_CAP"), most=settings.getint("DOWNLOAD_MAXSIZE"),
        )  # fmt: skip
        return Fetcher(manners=manners, wait=time.sleep, seconds=time.monotonic, now=Clock())


def _remotes(
    places: Mapping[str, str], span: Sequence[str], crawls: Sequence[str], fetcher: Fetcher, **more: Any
) -> Iterator[tuple[Remote, Callable[[], None]]]:
    """Yield each server that is to be asked, and what asks it."""
    if span:
        found = Remote(fetcher=fetcher, index=places["WAYBACK_CDX"], data=places["WAYBACK_WEB"], **more)
        yield found, partial(found.wayback, *span)
    if crawls:
        index, data = places["COMMONCRAWL_INDEX"], places["COMMONCRAWL_DATA"]
        found = Remote(fetcher=fetcher, index=index, data=data, ranged=True, **more)
        yield found, partial(found.commoncrawl, crawls)


@contextlib.contextmanager
def _stopping() -> Iterator[None]:
    """Let a SIGTERM unwind the stack, so that what is open is committed, and end with 143."""

    def stop(number: int, frame: object) -> None:
        del frame
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def time_of(text: str) -> str:
    """Return the digits of a year, month, day or second. Raises UsageError for anything else."""
    match = _TIME.fullmatch(text.strip())
    digits = "".join(part for part in match.groups() if part) if match else "no time"
    try:
        moment(digits)
    except ValueError as error:
        raise UsageError(f"--wayback {text!r} is no time; write 2017, 2017-08-20 or 2017-08-20T16:46:00Z") from error
    return digits
