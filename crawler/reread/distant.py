"""A piece of a replay read on another machine: the same function, over a catalog that the worker makes for itself."""

import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from archive.log.shares import ShareRun
from archive.opened import Archive, Away
from archive.parallel.cluster import Cluster
from archive.trust.snapshots import judge
from crawler.reread.segments import Found, SegmentReader, Task, open_reader
from crawler.reread.shares import Placed, done, left_of, task_of

_own = threading.local()


def doing_far(
    cluster: Cluster, archive: Archive, task: Task, run: ShareRun, *, keys: Collection[str]
) -> Iterator[Found]:
    """Do what is left of a run on the workers of a cluster, and yield what each piece came to.

    A worker begins its catalog with a snapshot that one of `keys` signed, else it folds the log.
    """
    work = partial(far, task_of(task, run), run, tuple(keys))
    yield from cluster.unordered(work, left_of(archive, run, task.edition), name=lambda piece: piece[1].key)


def far(task: Task, run: ShareRun, keys: tuple[str, ...], piece: Placed) -> Found:
    """Do one piece on this worker."""
    return done(run, _reader(task, run, keys), piece)


def _reader(task: Task, run: ShareRun, keys: tuple[str, ...]) -> SegmentReader:
    # One a thread: SQLite's connections stay in theirs.
    held: tuple[str, SegmentReader] | None = getattr(_own, "held", None)
    if held is None or held[0] != run.digest:
        if held is not None:
            with suppress(Exception):
                held[1].db.close()
        _own.held = held = run.digest, open_reader(replace(task, catalog=_catalog(task, keys)))
    return held[1]


def _catalog(task: Task, keys: tuple[str, ...]) -> Path:
    away = Away(
        uri=task.archive, head=task.head, vocabulary=task.edition.vocabulary,
        judging=partial(judge, keys, required=True),
    )  # fmt: skip
    archive = away.open()
    archive.close()
    return archive.catalog.path
