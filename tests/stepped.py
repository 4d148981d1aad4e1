"""A clock that a test sets: the demo outlet reads it in this process, crawls run under libfaketime."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 12, 1, 12, tzinfo=UTC)
_PLACES = ("/usr/lib", "/usr/local/lib", "/usr/lib64", "/opt/homebrew/lib")


def faketime():
    """Return the path of libfaketime, or None where it isn't installed."""
    found = (path for place in _PLACES for path in Path(place).glob("**/faketime/libfaketime.so.1"))
    return next(found, None)


class Stepped:
    """The time in the story; `environment` makes a process begin at it."""

    def __init__(self, start=START):
        self.now = start

    def __call__(self):
        return self.now

    def at(self, day, hour=12, minute=0):
        """Go to an hour of a day, the first being 0; return the instant."""
        self.now = START.replace(hour=hour, minute=minute) + timedelta(days=day)
        return self.now

    def environment(self):
        """Return the variables under which a process starts at this instant; durations stay real."""
        return {
            "LD_PRELOAD": str(faketime()),
            "FAKETIME": f"@{self.now:%Y-%m-%d %H:%M:%S}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
            "TZ": "UTC",
            "PATH": os.environ["PATH"],
        }
