"""A progress bar that is one line of a terminal at any width; imported only where somebody watches."""

import os
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

from tqdm import tqdm
from tqdm.utils import disp_trim

_WIDEST = 60
"""A terminal that is made narrower wraps what stands on a line already; a short line is spared that."""
_UNKNOWN = 80
_ROOM = 45
"""Columns below which there is no room for a bar: then it is numbers alone."""


def columns(terminal: TextIO) -> int:
    """Return how many columns a line may take now: one less than the terminal has, so that it never wraps."""
    try:
        width = os.get_terminal_size(terminal.fileno()).columns
    except (OSError, ValueError):
        width = 0
    return max(1, min(_WIDEST, (width or _UNKNOWN) - 1))


class BarLine(tqdm):  # type: ignore[type-arg]  # at run time it takes no parameter
    """tqdm's bar, the terminal's width asked for at each drawing, and the rest of the line erased.

    tqdm pads with spaces up to what it drew before, which wraps in a terminal that is narrower now.
    """

    @property
    def format_dict(self) -> MutableMapping[str, Any]:
        """What the bar is drawn from, its width that of this moment."""
        width = columns(self.fp)
        short = "{desc}: {n_fmt}/{total_fmt}" if self.total is not None else "{desc}: {n_fmt}"
        form = {"bar_format": short} if width < _ROOM else {}
        return {**super().format_dict, "ncols": width, **form}

    @staticmethod
    def status_printer(file: Any) -> Callable[[str], None]:
        """Return what draws a line in place of the one before."""

        def draw(text: str) -> None:
            file.write(f"\r{disp_trim(text, columns(file))}\x1b[K")
            file.flush()

        return draw
