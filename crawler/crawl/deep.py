"""When a section's deep walk goes on or begins anew. No I/O."""

from datetime import datetime, timedelta

from archive.catalog.memory import DeepPlace

_EARLIER = timedelta(hours=1)
"""How much earlier a daily crawl may begin than the day before."""


def goes_on(place: DeepPlace, now: datetime, most: int, days: int) -> bool:
    """Return whether a deep walk goes on: it is under way, or rested so many days for each slice of `most` pages.

    So a section is asked for a slice a day in the long run, however deep it is and however often it is crawled.
    """
    slices = max(1, -(-place.page // max(1, most)))
    return place.url is not None or now - place.begun >= timedelta(days=days) * slices - _EARLIER
