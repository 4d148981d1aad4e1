"""How long an answer asks to wait: Retry-After, read once for all who ask."""

from datetime import datetime

from archive.facts.httpdates import http_date


def retry_after(value: str, *, now: datetime) -> float | None:
    """Return the seconds that a Retry-After value asks to wait (RFC 9110, section 10.2.3), or None.

    `now` is aware UTC, for a value that is a date. None for a past date, zero, a negative number, and what is neither.
    """
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:400]), 1e12) or None
    until = http_date(text)
    seconds = (until - now).total_seconds() if until else 0.0
    return seconds if seconds > 0 else None
