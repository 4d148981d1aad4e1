"""`scrapy replay`: read stored captures again with today's code; what differs is written beside what stands."""

import argparse
import contextlib

from scrapy.settings import get_settings_priority

from archive.catalog.selection import Word
from archive.errors import UsageError
from archive.parallel.workers import MOST_PROCESSES
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.selecting import DAYS, add_selection
from crawler.crawl.progress import counting
from crawler.crawl.session import open_committer
from crawler.editions.edition import Edition
from crawler.editions.known import edition_named, edition_of, in_zone
from crawler.reread.bookmark import NAME, Bookmark
from crawler.reread.replay import Replay, lines_of, report_of, scope_of
from crawler.reread.segments import Task
from crawler.reread.spools import SpoolPlace

_TOLD: dict[Word, str] = {"since": f"only captures committed after a number, or made from a day or instant on ({DAYS})"}


class Command(ArchiveCommand):
    """Read stored captures again."""

    words = "[--since SEQ|DATE] [--ids ID,…] [--processes N] [--anew] [--json]"
    says = "Read stored captures with today's code; write what differs as records beside, never as edits"

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        add_selection(parser, {"since", "ids"}, _TOLD)
        parser.add_argument("--processes", type=int, default=1, metavar="N", help="read in N processes (default: 1)")
        parser.add_argument("--anew", action="store_true", help="begin at the beginning, though one was stopped")

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """It writes, and is not done twice."""
        del opts
        return False

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read, commit, and print what was found."""
        del args
        assert self.settings is not None
        settings = self.settings
        if not 1 <= opts.processes <= MOST_PROCESSES:
            raise UsageError(f"--processes {opts.processes}: give a number from 1 to {MOST_PROCESSES}")
        # Opened for reading first: writing would create an archive where there is none.
        read = self.archive()
        with contextlib.closing(read):
            edition, chosen = self._edition(read.catalog.vocabulary.edition), self.selection(read, opts)
        committer = open_committer(settings, edition.vocabulary, prefix="replay-")
        archive = committer.archive
        task = Task(
            archive=settings["ARCHIVE_URI"], catalog=archive.catalog.path, edition=edition,
            ids=chosen.ids, since=chosen.since.at,
        )  # fmt: skip
        folder = SpoolPlace.of(settings["SPOOL_DIR"], archive).own
        bookmark = Bookmark(path=folder / NAME, scope=scope_of(task, chosen.since))
        if opts.anew:
            bookmark.end()
        with counting("reading segments") as progress:
            limit = settings.getint("BATCH_CAPTURES")
            replay = Replay(committer=committer, task=task, limit=limit, bookmark=bookmark, progress=progress)
            replay.run(chosen.since, opts.processes)
        if opts.json:
            print(as_json(report_of(replay)))
        else:
            say(lines_of(replay))
        archive.close()
        self.exitcode = replay.exit_code()

    def _edition(self, held: str) -> Edition:
        """Return the edition of the archive; one that was asked for on the command line is not passed over."""
        assert self.settings is not None
        asked = self.settings.getpriority("EDITION") == get_settings_priority("cmdline")
        return edition_of(self.settings) if asked else in_zone(edition_named(held), self.settings)
