"""What ends a command early, and what is said of it then."""

import contextlib
import signal
from collections.abc import Iterator

from crawler.cli.streams import tell

INTERRUPTED = frozenset({128 + signal.SIGINT, 128 + signal.SIGTERM})
"""Exit codes of what was stopped and may be run again."""
STOPPED = "stopped; run the same command again to go on"


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Let a SIGTERM unwind the stack, so that what is open is committed, and end with 143."""

    def stop(number: int, frame: object) -> None:
        del frame
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except SystemExit:
        tell(STOPPED)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
