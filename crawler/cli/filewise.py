"""A backfill made file by file: in shares, on a cluster, and committed by whoever joins them."""

from collections.abc import Iterator, Sequence
from typing import Any

from archive.committing import Committer
from archive.log.shares import ShareRun
from archive.parallel.cluster import Cluster
from archive.stores.opening import everywhere
from archive.texts.amounts import amount
from archive.trust.signing import public_keys
from crawler.backfill.joining import FilesJoining, check_whole, missing_files
from crawler.backfill.shares import FileTask, away_of, files_of, left_of, take_in, taking_far, words_of
from crawler.crawl.session import limits_of
from crawler.editions.edition import Edition
from crawler.reread.shares import begun
from crawler.reread.spools import SpoolPlace
from settings.given import Given


def file_task(settings: Given, edition: Edition, *, bases: tuple[str, ...], operator: str) -> FileTask:
    """Return what the settings say of taking in a file."""
    return FileTask(
        edition=edition, bases=bases, operator=operator, limits=limits_of(settings),
        brake_share=settings.getfloat("BRAKE_SHARE"), brake_minimum=settings.getint("BRAKE_MINIMUM"),
    )  # fmt: skip


def take_in_share(committer: Committer, task: FileTask, files: Sequence[str], share: tuple[int, int]) -> dict[str, Any]:
    """Take in the files of one share that are left, commit nothing; return what it came to, JSON-ready."""
    archive, (number, of) = committer.archive, share
    run = begun(archive, words_of(archive, task, files), of, committer.clock())
    mine = files_of(files, number, of)
    left = left_of(archive, run, mine)
    told = [take_in(archive, task, run, file).report for file in left]
    return _report(run, number, len(mine), told)


def _report(run: ShareRun, number: int, files: int, told: Sequence[Any]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for report in told:
        for outcome, count in report["taken"].items():
            counts[outcome] = counts.get(outcome, 0) + count
    return {
        "schema": "presstv.share/1", "run": run.name, "share": number, "of": run.plan.of, "head": run.plan.head,
        "files": files, "done_before": files - len(told), "taken": counts,
        "suspect": any(report["suspect"] for report in told),
        "damaged": [row for report in told for row in report["damaged"]],
        "exit": 3 if any(report["exit"] == 3 for report in told) else 0,
    }  # fmt: skip


def lines_of_file_share(report: dict[str, Any]) -> Iterator[str]:
    """Yield the report for a person."""
    yield f"share {report['share']}/{report['of']} of {report['run']}: {amount(report['files'], 'file')}"
    if report["done_before"]:
        yield f"  went on: {report['done_before']} were taken in before"
    taken = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report["taken"].items()))
    yield f"  taken: {taken or 'nothing new'}"
    yield from (f"  damaged: {one['name']}: {one['detail']}" for one in report["damaged"][:3])
    yield f"  nothing is committed yet: scrapy commit-shares {report['run']}"


def take_in_far(
    settings: Given, committer: Committer, task: FileTask, files: Sequence[str], cluster: Cluster
) -> dict[str, Any]:
    """Take in files on the workers of a cluster, then commit what they stored; return what it came to."""
    archive, keys = committer.archive, public_keys(settings["VERIFY_KEY"])
    run = begun(archive, words_of(archive, task, files), None, committer.clock())
    away = away_of(everywhere(archive.store, settings["ARCHIVE_URI"]), run, task.edition, keys)
    for _ in taking_far(cluster, away, task, run, left_of(archive, run, files_of(files, 1, 1))):
        pass  # each is told in the store, from where it is joined
    return joined_files(settings, committer, task, run, partial=False)


def joined_files(
    settings: Given, committer: Committer, task: FileTask, run: ShareRun, *, partial: bool
) -> dict[str, Any]:
    """Commit what the shares of a backfill stored; return what it came to. Raises UsageError where one is missing."""
    committer.named_by, committer.crawl = committer.named_by or committer.crawl, run.crawl
    missing = missing_files(committer, run)
    if not partial:
        check_whole(run, missing)
    folder = SpoolPlace.of(settings["SPOOL_DIR"], committer.archive).own / "backfill"
    joining = FilesJoining(committer=committer, task=task, run=run, folder=lambda: folder)
    joining.join(missing)
    return joining.report(missing)
