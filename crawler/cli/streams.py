"""The three streams of a command: what is told, in which encoding, and what becomes of it when nobody reads."""

import contextlib
import io
import os
import sys

from archive.texts.terminal import printable


def tell(line: str) -> None:
    """Print a line on stderr, where there is one."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)


def tell_error(text: str, behind: str = "") -> None:
    """Print an error's one line on stderr; `behind` is put after what it says."""
    tell(f"error: {printable(' '.join(text.split()))}{behind}")


def speak_utf8() -> None:
    """Let stdout take UTF-8, as what is archived is, whatever the locale; a terminal gets escapes for what it lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def drop_output() -> None:
    """Send what is still to come on stdout nowhere."""
    # Python flushes stdout once more at its end, and must not fail there again.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
