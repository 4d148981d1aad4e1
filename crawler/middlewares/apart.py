"""Long pages are read in a thread, so that the crawl goes on with other answers meanwhile.

A callback says what it wants read by `yield from apart(…)`: what is short is read on the spot. What it goes on with
(the catalog, the books) belongs to the crawl's own thread, and stays there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from scrapy.http import Response

T = TypeVar("T")
LONG = 2**18
"""Bytes of a page, unpacked, from which on it is read in the thread: four times what the outlet's weigh."""
# One: the trees of two long pages at once would take twice the memory.
_readers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="long-page")


@dataclass(frozen=True, slots=True)
class Apart:
    """What a callback waits for."""

    task: Callable[[], Any]


def apart(size: int, task: Callable[[], T]) -> Generator[Any, Any, T]:
    """Return what a task gives that reads a page of so many bytes and touches nothing else of the crawl's."""
    if size < LONG:
        return task()
    found: T = yield Apart(task)
    return found


async def read_apart(size: int, task: Callable[[], T]) -> T:
    """Return what a task gives, as `apart` does, to a coroutine."""
    return task() if size < LONG else await asyncio.get_running_loop().run_in_executor(_readers, task)


async def resolved(output: Generator[Any, Any, None]) -> AsyncIterator[Any]:
    """Yield what a callback yields, and give it what it waits for; what a task raises is raised in the callback."""
    step: Callable[[], Any] = partial(next, output)
    while True:
        try:
            found = step()
        except StopIteration:
            return
        if not isinstance(found, Apart):
            yield found
            step = partial(next, output)
            continue
        try:
            step = partial(output.send, await read_apart(LONG, found.task))
        except Exception as error:  # noqa: BLE001 - the callback's own to handle
            step = partial(output.throw, error)


class ApartMiddleware:
    """Stand between answers and the spider's callbacks."""

    def process_spider_input(self, response: Response) -> None:
        """See to it that the callback gets what it waits for."""
        request = response.request
        if request is not None and request.callback is not None:
            request.callback = partial(_called, request.callback)


def _called(read: Callable[[Response], Any], response: Response) -> Any:
    output = read(response)
    return resolved(output) if isinstance(output, Generator) else output
