"""`scrapy commit-shares`: name in commits what the shares of a replay or a backfill wrote; say which is missing."""

import argparse
from contextlib import closing

from archive.errors import UsageError
from archive.facts.names import BACKFILL, REPLAY
from archive.log.shares import ShareEnd, ShareRun, encoded, end_key, open_runs, read_run
from archive.opened import Archive
from archive.stores.putting import put_once
from crawler.backfill.joining import lines_of_files
from crawler.cli.command import ArchiveCommand
from crawler.cli.filewise import file_task, joined_files
from crawler.cli.stopping import stopping
from crawler.crawl.progress import counting
from crawler.crawl.session import open_committer
from crawler.pages import REVISION
from crawler.reread.joining import SCHEMA, check_whole, joined, lines_of_shares, report_of_shares, written_shares
from crawler.reread.segments import Task


class Command(ArchiveCommand):
    """Commit shares."""

    words = "[RUN] [--partial] [--drop RUN] [--json]"
    says = "Commit what the shares of a replay or backfill wrote, or say which share is missing"
    examples = (
        ("", "the run that waits"),
        ("--partial", "what is there of it, though a share is missing"),
    )
    takes = (0, 1)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--partial", action="store_true", help="commit what is there, though a share is missing")
        parser.add_argument("--drop", metavar="RUN", help="let go of a run: nothing of it is committed any more")

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """It writes, and is not done twice."""
        del opts
        return False

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Commit, and print what a replay prints."""
        if opts.drop is not None and (args or opts.partial):
            raise UsageError("--drop lets go of one run and commits nothing; give it alone")
        archive = self.archive(writes=True)
        name = _named(archive, args[0] if args else opts.drop)
        if name is None:
            self.print_either({"schema": SCHEMA, "run": None}, ["no shares wait for a commit"], json=opts.json)
        elif opts.drop is not None:
            put_once(archive.store, end_key(name), encoded(ShareEnd(how="dropped")))
            told = f"{name} is let go of; scrapy gc removes what it wrote, thirty days after it was written"
            self.print_either({"schema": SCHEMA, "run": name, "dropped": True}, [told], json=opts.json)
        else:
            run = _fitting(archive, name)
            if run.plan.words.command == "backfill":
                self._commit_files(archive, run, opts)
            else:
                self._commit(archive, run, opts)

    def _commit_files(self, read: Archive, run: ShareRun, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        task = file_task(self.settings, self.edition(read), bases=(), operator="")
        read.close()
        committer = open_committer(self.settings, task.edition.vocabulary, prefix=BACKFILL)
        with closing(committer.archive), stopping():
            report = joined_files(self.settings, committer, task, run, partial=opts.partial)
        self.print_either(report, lines_of_files(report), json=opts.json)
        self.exitcode = report["exit"]

    def _commit(self, read: Archive, run: ShareRun, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        edition = self.edition(read)
        told = written_shares(read, run, edition)
        if not opts.partial:
            check_whole(told)
        read.close()
        committer = open_committer(self.settings, edition.vocabulary, prefix=REPLAY)
        task = Task(
            archive=self.settings["ARCHIVE_URI"], catalog=committer.archive.catalog.path, edition=edition,
            ids=frozenset(run.plan.words.ids),
        )  # fmt: skip
        limit = self.settings.getint("BATCH_CAPTURES")
        with closing(committer.archive):
            with counting("holding records against the log") as progress:
                joining = joined(committer, task, told, limit, progress=progress)
            self.print_either(report_of_shares(joining), lines_of_shares(joining), json=opts.json)
        self.exitcode = joining.replay.exit_code()


def _named(archive: Archive, asked: str | None) -> str | None:
    """Return the run that is meant. Raises UsageError for one that does not wait, or several where none is named."""
    runs = open_runs(archive.store)
    if asked is not None:
        if asked not in runs:
            raise UsageError(f"no run {asked!r} waits for a commit; {_waiting(runs)}")
        return asked
    if len(runs) > 1:
        raise UsageError(f"name the run that is to be committed: {', '.join(runs[:8])}")
    return runs[0] if runs else None


def _waiting(runs: list[str]) -> str:
    return f"those that do: {', '.join(runs[:8])}" if runs else "none does"


def _fitting(archive: Archive, name: str) -> ShareRun:
    run = read_run(archive.log, name)
    if run is None:
        raise UsageError(f"no run {name!r} waits for a commit any more")
    if run.plan.words.revision != REVISION:
        raise UsageError(
            f"{name} was read by revision {run.plan.words.revision}, and this program has {REVISION}: commit it by "
            f"that program, or let go of it: scrapy commit-shares --drop {name}"
        )
    return run
