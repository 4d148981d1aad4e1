"""The crawl's clock: aware UTC instants that never stand still or go back within one crawl."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_STEP = timedelta(microseconds=1)


def present() -> datetime:
    """Return the present as the machine has it, aware UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock


class Clock:
    """Give instants that rise by a microsecond at least, so no two captures share one; for several threads at once.

    When the wall clock is set back, time goes on from the last instant as fast as the monotonic clock does, so a
    batch still ages.
    """

    def __init__(self, wall: Callable[[], datetime] = present, seconds: Callable[[], float] = time.monotonic) -> None:
        """Read the present from `wall` (aware UTC) and durations from `seconds`, a clock that is never set."""
        self._wall, self._seconds = wall, seconds
        self._last, self._at = datetime.min.replace(tzinfo=UTC), seconds()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the present instant."""
        with self._lock:
            now, at = self._wall(), self._seconds()
            if now <= self._last:
                now = self._last + max(timedelta(seconds=at - self._at), _STEP)
            self._last, self._at = now, at
            return now
