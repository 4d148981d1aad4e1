"""The crawl's clock: aware UTC instants that never stand still or go back within one crawl."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Give instants that rise by a microsecond at least, so no two captures share one."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present instant, or the last one plus a microsecond when the wall clock went back."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))  # noqa: TID251 - the one clock
        return self._last
