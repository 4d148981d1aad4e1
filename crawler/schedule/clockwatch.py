"""Notices that a machine's clock was set, or that it slept: the wall clock held against the monotonic one."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

JUMP = timedelta(seconds=30)
"""What is more than this between two looks is no drift: somebody set the clock, or the machine was suspended."""


class ClockWatch:
    """Remembers both clocks as they stood at the last look; whoever has it looks every `every` seconds."""

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
        every: float = 20.0,
    ) -> None:
        self.every = every
        self._wall, self._steady = wall, steady
        self._seen = (wall(), steady())

    def jump(self) -> timedelta | None:
        """Return by how much the wall clock left the monotonic one since the last look, ahead or back (negative).

        None where that is no more than `JUMP`. On Linux the monotonic clock stands still while a machine is suspended,
        so that waking up is a jump ahead.
        """
        (wall, steady), self._seen = self._seen, (self._wall(), self._steady())
        apart = self._seen[0] - wall - timedelta(seconds=self._seen[1] - steady)
        return apart if abs(apart) > JUMP else None
