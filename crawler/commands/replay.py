"""`scrapy replay`: read stored captures again with today's code; what differs is written beside what stands."""

import argparse
import contextlib
from dataclasses import replace

from archive.catalog.selection import Selection, Word
from archive.committing import Committer
from archive.errors import UsageError
from archive.facts.names import REPLAY
from archive.parallel.cluster import Cluster
from archive.parallel.workers import check_processes
from archive.stores.opening import everywhere
from archive.trust.signing import public_keys
from crawler.cli.command import ArchiveCommand
from crawler.cli.machines import add_dask, check_dask, on_cluster, share_named
from crawler.cli.options import COMMAND_LINE
from crawler.cli.selecting import DAYS, add_processes, add_selection
from crawler.cli.stopping import stopping
from crawler.crawl.progress import counting
from crawler.crawl.session import open_committer
from crawler.editions.edition import Edition
from crawler.editions.known import edition_named, edition_of, in_zone
from crawler.reread.bookmark import NAME, Bookmark
from crawler.reread.distant import doing_far
from crawler.reread.joining import joined, lines_of_shares, report_of_shares, written_shares
from crawler.reread.replay import Replay, lines_of, report_of, scope_of
from crawler.reread.segments import Found, Task
from crawler.reread.shares import begun, doing, lines_of_share, report_of_share, taken, words_of
from crawler.reread.spools import SpoolPlace

_TOLD: dict[Word, str] = {"since": f"only captures committed after a number, or made from a day or instant on ({DAYS})"}


class Command(ArchiveCommand):
    """Read stored captures again."""

    words = "[--since SEQ|DATE] [--ids ID,…] [--processes N] [--share N/T | --dask ADDRESS] [--anew] [--json]"
    says = "Read stored captures with today's code; write what differs as records beside, never as edits"
    examples = (
        ("", "every capture that an older revision read"),
        ("--ids 711958,701000", "of these articles"),
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        add_selection(parser, {"since", "ids"}, _TOLD)
        add_processes(parser)
        parser.add_argument("--share", metavar="N/T", help="do the N-th of T shares; scrapy commit-shares commits all")
        add_dask(parser, "read on the workers of a Dask scheduler, then commit")
        parser.add_argument("--anew", action="store_true", help="begin at the beginning, though one was stopped")

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """It writes, and is not done twice."""
        del opts
        return False

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read, commit, and print what was found."""
        del args
        assert self.settings is not None
        check_processes(opts.processes)
        share = None if opts.share is None else share_named(opts.share)
        _check_together(opts)
        with stopping(), on_cluster(opts) as cluster:
            self._begin(opts, share, cluster)

    def _begin(self, opts: argparse.Namespace, share: tuple[int, int] | None, cluster: Cluster | None) -> None:
        assert self.settings is not None
        # Opened for reading first: writing would create an archive where there is none.
        read = self.archive()
        with contextlib.closing(read):
            edition, chosen = self._edition(read.catalog.vocabulary.edition), self.selection(read, opts)
        committer = open_committer(self.settings, edition.vocabulary, prefix=REPLAY)
        with contextlib.closing(committer.archive):
            task = Task(
                archive=self.settings["ARCHIVE_URI"], catalog=committer.archive.catalog.path, edition=edition,
                ids=chosen.ids, since=chosen.since.at,
            )  # fmt: skip
            if share is not None:
                self._share(committer, task, chosen, share, opts)
            elif cluster is not None:
                self._far(committer, task, chosen, cluster, opts)
            else:
                self._replay(committer, task, chosen, opts)

    def _replay(self, committer: Committer, task: Task, chosen: Selection, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = SpoolPlace.of(self.settings["SPOOL_DIR"], committer.archive).own
        bookmark = Bookmark(path=folder / NAME, scope=scope_of(task, chosen.since))
        if opts.anew:
            bookmark.end()
        with counting("reading segments") as progress:
            limit = self.settings.getint("BATCH_CAPTURES")
            replay = Replay(committer=committer, task=task, limit=limit, bookmark=bookmark, progress=progress)
            replay.run(chosen.since, opts.processes)
        self.print_either(report_of(replay), lines_of(replay), json=opts.json)
        self.exitcode = replay.exit_code()

    def _share(
        self, committer: Committer, task: Task, chosen: Selection, share: tuple[int, int], opts: argparse.Namespace
    ) -> None:
        archive, (number, of) = committer.archive, share
        run = begun(archive, words_of(archive, task, chosen.since), of, committer.clock())
        mine = taken(archive, run, task.edition, number)
        total = Found()
        with counting("reading segments") as progress, contextlib.closing(doing(task, mine, opts.processes)) as row:
            for found in row:
                total.add(found)
                if progress:
                    progress(found)
        self.print_either(report_of_share(mine, number, total), lines_of_share(mine, number, total), json=opts.json)
        self.exitcode = total.exit_code()

    def _far(
        self, committer: Committer, task: Task, chosen: Selection, cluster: Cluster, opts: argparse.Namespace
    ) -> None:
        """Read on a cluster's workers, then commit what they wrote."""
        assert self.settings is not None
        archive, keys = committer.archive, public_keys(self.settings["VERIFY_KEY"])
        run = begun(archive, words_of(archive, task, chosen.since), None, committer.clock())
        far = replace(task, archive=everywhere(archive.store, task.archive))
        with counting("reading segments") as progress:
            for found in doing_far(cluster, archive, far, run, keys=keys):
                if progress:
                    progress(found)
        told, limit = written_shares(archive, run, task.edition), self.settings.getint("BATCH_CAPTURES")
        joining = joined(committer, task, told, limit, progress=None)
        self.print_either(report_of_shares(joining), lines_of_shares(joining), json=opts.json)
        self.exitcode = joining.replay.exit_code()

    def _edition(self, held: str) -> Edition:
        """Return the edition of the archive; one that was asked for on the command line is not passed over."""
        assert self.settings is not None
        asked = self.settings.getpriority("EDITION") == COMMAND_LINE
        return edition_of(self.settings) if asked else in_zone(edition_named(held), self.settings)


def _check_together(opts: argparse.Namespace) -> None:
    """Raise UsageError for options that exclude each other."""
    check_dask(opts)
    if opts.anew and (opts.share is not None or opts.dask is not None):
        raise UsageError(
            "--anew begins a replay of this machine again; a run of shares: scrapy commit-shares --drop RUN"
        )
