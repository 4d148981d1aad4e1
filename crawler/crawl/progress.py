"""Progress on stderr, where somebody watches: a bar for a crawl, a count for a fold; nothing for cron."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def watched() -> bool:
    """Return whether stderr is a terminal that can draw, and nobody asked for plain output (NO_COLOR)."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return terminal and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


@contextmanager
def counting(what: str) -> Iterator[Callable[[Any], None] | None]:
    """Give a function to call for each of `what`, or None where nobody watches; the line is gone at the end."""
    if not watched():
        yield None
        return
    from tqdm import tqdm  # noqa: PLC0415 - only where somebody watches

    with tqdm(desc=what, unit="", leave=False, file=sys.stderr, delay=1) as bar:

        def count(_: Any) -> None:
            bar.update()

        yield count


class Bar:
    """Articles done of those asked for."""

    def __init__(self) -> None:
        """Draw at once."""
        from tqdm import tqdm  # noqa: PLC0415 - only where somebody watches

        self._bar = tqdm(desc="articles", unit="", total=0, leave=False, file=sys.stderr)

    def show(self, done: int, asked: int) -> None:
        """Draw the present state, a few times a second at most."""
        self._bar.total = asked
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()
