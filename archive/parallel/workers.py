"""One machine's cores: a row of work done in several processes, its results in the order that it was given in.

A worker that dies, of `kill -9` or for want of memory, is replaced and its work done again: work only reads.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, TypeVar

from archive.errors import ArchiveError, UsageError

MOST_PROCESSES = 64
_AHEAD = 2
"""Pieces under way for each process: what bounds the memory."""
_TRIES = 3

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")


class WorkerDied(ArchiveError):
    """Raise where a worker died each time that it did one piece of work."""


def check_processes(number: int) -> None:
    """Raise UsageError for a number of processes that no command takes."""
    if not 1 <= number <= MOST_PROCESSES:
        raise UsageError(f"--processes {number}: give a number from 1 to {MOST_PROCESSES}")


def in_order(
    work: Callable[[_Piece], _Result],
    pieces: Iterable[_Piece],
    *,
    processes: int,
    begin: Callable[[], object] = bool,
    name: Callable[[_Piece], str] = str,
) -> Generator[_Result, None, None]:
    """Yield what `work` makes of each piece; few are held at a time.

    `begin` is called once in each process; by itself it does nothing. `work`, `begin`, pieces and results are pickled.
    What `work` raises is raised here, at the piece's turn. Raises WorkerDied, with the piece's `name`, where its worker
    died three times.
    """
    crew = _Crew(work=work, begin=begin, processes=processes)
    try:
        waiting: deque[_Piece] = deque()
        for piece in pieces:
            waiting.append(piece)
            crew.submit(piece)
            if len(waiting) >= _AHEAD * processes:
                yield crew.result(waiting, name)
        while waiting:
            yield crew.result(waiting, name)
    finally:
        crew.end()


class _Crew(Generic[_Piece, _Result]):
    def __init__(self, *, work: Callable[[_Piece], _Result], begin: Callable[[], object], processes: int) -> None:
        self._work, self._begin, self._processes = work, begin, processes
        self._pool = self._made()
        self._under_way: deque[Future[_Result]] = deque()

    def _made(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(
            self._processes, mp_context=context, initializer=_ready, initargs=(self._begin,)
        )  # fmt: skip

    def submit(self, piece: _Piece) -> None:
        try:
            self._under_way.append(self._pool.submit(_done, self._work, piece))
        except BrokenProcessPool as died:
            # The pool is known to be broken before the first piece's turn, at which it is replaced.
            broken: Future[_Result] = Future()
            broken.set_exception(died)
            self._under_way.append(broken)

    def result(self, waiting: deque[_Piece], name: Callable[[_Piece], str]) -> _Result:
        """Return the first piece's result, and take it off."""
        try:
            found = self._under_way[0].result()
        except BrokenProcessPool:
            found = self._again(waiting, name)
        else:
            self._under_way.popleft()
        waiting.popleft()
        return found

    def _again(self, waiting: deque[_Piece], name: Callable[[_Piece], str]) -> _Result:
        first, *others = waiting
        for _ in range(_TRIES - 1):
            self.end()
            self._pool = self._made()
            try:
                # Alone, so that no other piece can be what kills it.
                found = self._pool.submit(_done, self._work, first).result()
            except BrokenProcessPool:
                continue
            for piece in others:
                self.submit(piece)
            return found
        raise WorkerDied(
            f"{name(first)}: each of {_TRIES} processes that worked on it was killed; look into the system's log for "
            "want of memory, and run the command again with fewer --processes"
        )

    def end(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._under_way.clear()


_not_begun: list[Callable[[], object]] = []


def _ready(begin: Callable[[], object]) -> None:
    # The parent ends the pool; a child that died of Ctrl-C first would print a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _not_begun[:] = [begin]


def _done(work: Callable[[_Piece], _Result], piece: _Piece) -> _Result:
    # Not in the initializer, where an error would only be known as a death.
    while _not_begun:
        _not_begun[0]()
        _not_begun.clear()
    return work(piece)
