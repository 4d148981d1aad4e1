"""One machine's cores: a row of work done in several processes, its results in the order that it was given in.

A worker that dies, of `kill -9` or for want of memory, is replaced and its work done again: work only reads. None lives
longer than whoever asked for it: each holds the end of a pipe that closes when that one has enough, or is killed.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, Generic, TypeVar

from archive.errors import ConfigurationError, LimitReached, UsageError

MOST_PROCESSES = 64
_AHEAD = 2
"""Pieces under way for each process: what bounds the memory."""
_TRIES = 3
_GRACE_SECONDS = 10
"""How long a worker may take to leave what it does, once nobody waits for it."""

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")


class WorkerDied(LimitReached):
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
    died three times, and ConfigurationError where no process can be started. Close it where it is not read to its end.
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
        # As bytes, so that a process is there, and can be told to end, before it imports what these need.
        self._sent, self._processes = pickle.dumps((begin, work)), processes
        self._under_way: deque[Future[_Result]] = deque()
        self._make()

    def _make(self) -> None:
        context = multiprocessing.get_context("spawn")
        with _starting():
            theirs, self._line = context.Pipe(duplex=False)
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=context, initializer=_ready, initargs=(self._sent, theirs)
            )

    def _asked(self, piece: _Piece) -> Future[_Result]:
        # It is here that the pool starts its processes.
        with _starting():
            return self._pool.submit(_done, piece)

    def submit(self, piece: _Piece) -> None:
        try:
            self._under_way.append(self._asked(piece))
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
            self._make()
            try:
                # Alone, so that no other piece can be what kills it.
                found = self._asked(first).result()
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
        self._line.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._under_way.clear()


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    """Let processes begin deaf to Ctrl-C, which whoever asked answers, and without the main module of that one.

    Raises ConfigurationError where the system gives none.
    """
    main, mask = sys.modules["__main__"], signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    # They would import it first, and with Scrapy's own all of Scrapy.
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    except (OSError, NotImplementedError, ImportError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            f"--processes: processes can't be started here ({why}); give fewer, or leave it out"
        ) from error
    finally:
        sys.modules["__main__"] = main
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


_sent: list[bytes] = []
_begun: list[Callable[[Any], Any]] = []


def _ready(sent: bytes, line: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    _sent[:] = [sent]


def _leave(number: int, frame: object) -> None:
    del frame
    raise SystemExit(128 + number)


def _end_with(line: Connection) -> None:
    """Wait until nobody holds the other end any more, and end: first so that what is open is tidied up."""
    with contextlib.suppress(EOFError, OSError):
        line.recv_bytes()
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_GRACE_SECONDS)
    os._exit(1)


def _done(piece: Any) -> Any:
    try:
        signal.signal(signal.SIGTERM, _leave)
        found = _work()(piece)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    except SystemExit:
        # The pool would take it for a result, and go on.
        os._exit(1)
    return found


def _work() -> Callable[[Any], Any]:
    # Not in the initializer, where an error would only be known as a death.
    if not _begun:
        begin, work = pickle.loads(_sent[0])  # noqa: S301 - the parent made it
        begin()
        _begun.append(work)
    return _begun[0]
