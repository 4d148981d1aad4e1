"""A date of HTTP, read once for all who are told one."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from archive.facts.names import as_utc


def http_date(text: str) -> datetime | None:
    """Return the instant (aware UTC) that a date of HTTP names in any of its forms (RFC 9110, section 5.6.7), or None.

    One without a zone is UTC; other zones than GMT are read, though no server should send them.
    """
    try:
        return as_utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        # What the parser of the standard library raises for odd text, besides the ValueError that it promises.
        return None
