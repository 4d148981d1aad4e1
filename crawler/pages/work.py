"""How much work a page may cost, counted and not timed: its reading comes to the same on every machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from crawler.pages.decoding import DecodingError

LEAST, A_CHARACTER = 3_000_000, 30
"""What any page may cost, and what each of its characters may cost besides."""


class PageTooLarge(DecodingError):
    """Raise for a page of so many tags, so nested, that to read it would cost seconds and gigabytes."""


@dataclass(slots=True)
class Work:
    """What the reading of one page cost so far: characters and pieces of text gone through."""

    most: int
    spent: int = 0


_here: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def bounded(size: int) -> Iterator[Work]:
    """Bound the work of what is read inside to that of a page of `size` characters; PageTooLarge ends it.

    It counts as work of what it is a part of, too.
    """
    work, around = Work(most=LEAST + A_CHARACTER * size), _here.get()
    token = _here.set(work)
    try:
        yield work
    finally:
        _here.reset(token)
        if around is not None:
            around.spent += work.spent


def spend(units: int) -> None:
    """Count so many characters or pieces as gone through. Raises PageTooLarge over the bound, if there is one here."""
    work = _here.get()
    if work is None:
        return
    work.spent += units
    if work.spent > work.most:
        raise PageTooLarge(f"its boxes are nested so that reading it costs more than {work.most} steps")
