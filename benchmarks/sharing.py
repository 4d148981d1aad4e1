"""What is read by several: CPU of shares and processes beside that of one process, and how much sooner they are done.

The CPU is this process's and that of its children. Shares are done one after the other, so that the figure is the work,
not the machine: so many machines are done when the longest is.
"""

import resource
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import NamedTuple

from archive.catalog.since import Since
from archive.opened import Archive
from archive.trust.verify import Part, verify
from benchmarks.children import Broken, scratch
from benchmarks.replaying import committer, fill, misread, opened, replayed
from benchmarks.table import Row
from crawler.editions.presstv_fr import PRESSTV_FR
from crawler.reread.joining import check_whole, joined, written_shares
from crawler.reread.segments import Task
from crawler.reread.shares import begun, doing, taken, words_of

MORE, SHARES = 180, 4


class _Took(NamedTuple):
    cpu: float
    seconds: float


def measure(more: int = MORE, of: int = SHARES, segment: int = 15) -> list[Row]:
    """Return ratios. Raises Broken where shares come to something else than one process."""
    with scratch() as folder:
        count = fill(folder / "one", more, segment=segment, as_read=misread)
        fill(folder / "shares", more, segment=segment, as_read=misread)
        with closing(opened(folder / "one")) as archive:
            alone, pair = _took(lambda: verify(archive.log)), _took(lambda: verify(archive.log, processes=2))
            parts = [_took(partial(verify, archive.log, part=_part(n, of))) for n in range(1, of + 1)]
        one = _took(lambda: replayed(folder / "one", 1))
        with closing(opened(folder / "shares")) as archive:
            each = [_took(partial(_share, archive, n, of)) for n in range(1, of + 1)]
            commit = _took(lambda: _joined(archive, count))
    longest = max(took.seconds for took in each) + commit.seconds
    return [
        _beside("replay, CPU of the shares and their commit", _sum([*each, commit]).cpu, one.cpu),
        _beside(
            "replay, the longest share and the commit, seconds",
            longest,
            one.seconds,
        ),
        _beside("verify, CPU of two processes", pair.cpu, alone.cpu),
        _beside("verify, CPU of shares", _sum(parts).cpu, alone.cpu),
        _beside("verify, the longest share, seconds", max(t.seconds for t in parts), alone.seconds),
    ]


def _part(number: int, of: int) -> Part:
    return Part(sample=(number, of), thorough=True)


def _share(archive: Archive, number: int, of: int) -> None:
    task = _task(archive)
    run = begun(archive, words_of(archive, task, Since()), of, committer(archive).clock())
    for _ in doing(task, taken(archive, run, PRESSTV_FR, number), 1):
        pass


def _joined(archive: Archive, count: int) -> None:
    task = _task(archive)
    run = begun(archive, words_of(archive, task, Since()), None, committer(archive).clock())
    told = written_shares(archive, run, PRESSTV_FR)
    check_whole(told)
    found = joined(committer(archive), task, told, 200, progress=None).replay.total
    if found.differ != count:
        raise Broken(f"shares wrote {found.differ} of {count} records: nothing to compare")


def _task(archive: Archive) -> Task:
    return Task(archive=archive.store.uri, catalog=archive.catalog.path, edition=PRESSTV_FR)


def _took(what: Callable[[], object]) -> _Took:
    before, start = _cpu(), time.perf_counter()
    what()
    return _Took(_cpu() - before, time.perf_counter() - start)


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _sum(took: list[_Took]) -> _Took:
    return _Took(sum(each.cpu for each in took), sum(each.seconds for each in took))


def _beside(what: str, ours: float, beside: float) -> Row:
    return Row(what=what, ours=ours, beside=beside, ratio=ours / beside, aim="")
