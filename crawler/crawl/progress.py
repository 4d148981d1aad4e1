"""Progress on stderr, where somebody watches: a bar for a crawl, a count for a fold; nothing for cron.

No colour is ever used, so NO_COLOR has nothing to forbid.
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TextIO

_QUIET_SECONDS = 1
"""What is done by then draws nothing."""


def watched() -> bool:
    """Return whether stderr is a terminal that can draw."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return terminal and os.environ.get("TERM") != "dumb"


@contextmanager
def counting(what: str) -> Iterator["CountLine | None"]:
    """Give what is called for each of `what`, or None where nobody watches; the line is gone at the end."""
    if not watched():
        yield None
        return
    from crawler.crawl.barline import BarLine  # noqa: PLC0415 - only where somebody watches

    with BarLine(desc=what, unit="", leave=False, file=sys.stderr, delay=_QUIET_SECONDS) as bar:
        yield CountLine(bar)


class CountLine:
    """Counts on the terminal's last line; a bar once it is known of how many."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __call__(self, _: Any) -> None:
        """Count one more."""
        self._bar.update()

    def expect(self, number: int) -> None:
        """Tell of how many; 0 where nobody knows."""
        self._bar.total = number or None


@contextmanager
def measuring(what: str) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many bytes more are done; drawn where somebody watches."""
    if not watched():
        yield lambda _: None
        return
    from crawler.crawl.barline import BarLine  # noqa: PLC0415 - only where somebody watches

    with BarLine(desc=what, unit="B", unit_scale=True, leave=False, file=sys.stderr, delay=_QUIET_SECONDS) as bar:

        def more(count: int) -> None:
            bar.update(count)

        yield more


@contextmanager
def passing(what: str) -> Iterator[Callable[[Iterable[Any]], Iterable[Any]]]:
    """Give a function that counts what passes through it, on the terminal's last line where somebody watches."""
    with counting(what) as count:

        def watched_by(items: Iterable[Any]) -> Iterable[Any]:
            if count is None:
                return items
            return (item for item in items if count(item) is None)

        yield watched_by


class Bar:
    """Articles done of those asked for, on the terminal's last line as long as the block lasts.

    What is written to stderr meanwhile, log lines above all, stands above it.
    """

    def __init__(self) -> None:
        """Draw at once."""
        from crawler.crawl.barline import BarLine  # noqa: PLC0415 - only where somebody watches

        self._bar = BarLine(desc="articles", unit="", total=0, leave=False, file=sys.stderr)
        self._above = _Above(self._bar, sys.stderr)
        self._aside = contextlib.redirect_stderr(self._above)

    def __enter__(self) -> Self:
        """Let what others write to stderr stand above."""
        self._aside.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        """Take the bar away."""
        self._aside.__exit__(None, None, None)
        self._bar.close()
        self._above.end()

    def show(self, done: int, asked: int) -> None:
        """Draw the present state, a few times a second at most."""
        self._bar.total = asked
        self._bar.update(done - self._bar.n)


class _Above(io.TextIOBase):
    """A terminal whose last line is a bar's: whole lines are written above it, the bar is drawn anew below."""

    def __init__(self, bar: Any, terminal: TextIO) -> None:
        self._bar, self._terminal = bar, terminal
        self._begun = ""

    def write(self, text: str) -> int:
        lines, newline, self._begun = (self._begun + text).rpartition("\n")
        if newline:
            self._bar.clear()
            self._terminal.write(lines + newline)
            self._bar.refresh()
        return len(text)

    def end(self) -> None:
        """Write what was begun and has no end of line yet; the bar is gone, and log handlers may go on writing."""
        self._terminal.write(self._begun)
        self._begun = ""

    def flush(self) -> None:
        self._terminal.flush()

    def isatty(self) -> bool:
        return self._terminal.isatty()

    def fileno(self) -> int:
        return self._terminal.fileno()


def clear_line() -> str:
    """Return what takes another process's bar off the line before something is written there; empty without a bar."""
    return "\r\x1b[K" if watched() else ""
