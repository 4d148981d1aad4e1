"""The one place where tests wait for what has no event of its own: until something is so, looking again and again."""

import time


def until(so, *, seconds=60):
    """Wait until a function returns something true and return that; after so many seconds, what it returns then."""
    end = time.monotonic() + seconds
    while not (found := so()) and time.monotonic() < end:
        time.sleep(0.01)
    return found
