"""Reading ahead: many objects of a store asked for at a time, given back one after the other."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Generic, TypeVar

AHEAD = 16
"""How many are asked for at a time."""
NEAR = 8
"""How many are asked for singly before: a log that is followed mostly has one new commit, and asks no more for it."""
_Asked = TypeVar("_Asked")
_Got = TypeVar("_Got")


def in_order(
    get: Callable[[_Asked], _Got], asked: Iterable[_Asked], *, ahead: int = AHEAD, near: int = NEAR
) -> Iterator[_Got]:
    """Yield what `get` returns of each, in their order, up to `ahead` under way at a time once `near` were got singly.

    What `get` or the iterable raises is raised in its turn: behind all that comes before it. Whoever stops early leaves
    what is under way alone; nothing more is asked for then.
    """
    rest = iter(asked)
    for _ in range(near):
        try:
            one = next(rest)
        except StopIteration:
            return
        yield get(one)
    yield from _ahead(get, rest, ahead)


def _ahead(get: Callable[[_Asked], _Got], asked: Iterator[_Asked], ahead: int) -> Iterator[_Got]:
    under_way: deque[Future[_Got]] = deque()
    ended: Exception | None = None
    threads: _Threads[_Got] = _Threads()
    try:
        while ended is None or under_way:
            while ended is None and len(under_way) < ahead:
                try:
                    under_way.append(threads.begin(partial(get, next(asked)), most=ahead))
                except Exception as error:  # noqa: BLE001 - raised below, behind what came before it
                    ended = error
            if under_way:
                yield under_way.popleft().result()
    finally:
        threads.end(under_way)
    if not isinstance(ended, StopIteration):
        assert ended is not None
        raise ended


class _Threads(Generic[_Got]):
    """Threads that keep no process from ending, unlike those of an executor: a server may answer late, or never."""

    def __init__(self) -> None:
        self._due: SimpleQueue[tuple[Future[_Got], Callable[[], _Got]] | None] = SimpleQueue()
        self._count = 0

    def begin(self, call: Callable[[], _Got], *, most: int) -> Future[_Got]:
        future: Future[_Got] = Future()
        self._due.put((future, call))
        if self._count < most:
            self._count += 1
            threading.Thread(target=self._work, name="ahead", daemon=True).start()
        return future

    def end(self, left: Iterable[Future[_Got]]) -> None:
        for future in left:
            future.cancel()
        for _ in range(self._count):
            self._due.put(None)

    def _work(self) -> None:
        while (task := self._due.get()) is not None:
            future, call = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as error:  # noqa: BLE001 - handed on to who waits
                    future.set_exception(error)
