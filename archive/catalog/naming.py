"""What a citation names: ID or ID@TIME; and which two versions are compared."""

import re
from datetime import UTC, datetime, tzinfo

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.catalog.since import whose_day
from archive.errors import UsageError
from archive.facts.addresses import host_of
from archive.facts.names import stamp, typed

_PLACE = re.compile(r"[^/]/[1-9][0-9]{0,5}\Z")


def moment_of(text: str, zone: tzinfo = UTC) -> datetime:
    """Return the instant that a time or a day (its end in the zone) means. Raises UsageError for neither."""
    try:
        return typed(text, zone=zone, end=True)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time; write 2026-11-24 or 2026-11-24T12:00:00Z; {whose_day(zone)}") from error


def seen_at(db: articles.Db, article_id: str) -> set[str]:
    """Return the hosts, with their ports, at which an article was looked at, or answered."""
    rows = db.execute("SELECT DISTINCT url, answered FROM checks WHERE article_id = ?", (int(article_id),))
    return {host_of(url) for row in rows for url in row if url}


def named_version(db: articles.Db, name: str, zone: tzinfo = UTC) -> Version:
    """Return the version that `ID` or `ID@TIME` names. Raises UsageError where there is none.

    A TIME at which a capture was made names that capture (`TIME/2` the second of the same instant), with the record
    that stands for it; any other the version in force then. A day is one of the `zone`.
    """
    number, at, time = name.partition("@")
    if not at or time == "latest":
        return articles.version_at(db, number)
    if time.isdecimal() and len(time) < 5:
        found = [v for v in articles.versions(db, articles.article_row(db, number).article_id) if v.number == int(time)]
        if not found:
            raise UsageError(f"article {number} has no version {time}; list them with: scrapy history {number}")
        return found[0]
    return _cited(db, number, time, zone)


def _cited(db: articles.Db, number: str, time: str, zone: tzinfo) -> Version:
    # Only a capture of that very instant keeps its name whatever is added before it; else a time asks what was shown.
    stated, _, place = time.rpartition("/") if _PLACE.search(time) else (time, "", "")
    at = moment_of(stated, zone)
    exact = articles.captures_at(db, number, at)
    if place and int(place) > len(exact):
        which = f"article {number} has no capture {place} of {stamp(at)}, only {len(exact)}"
        raise UsageError(f"{which}; list its versions with: scrapy history {number}")
    return exact[int(place or 1) - 1] if exact else articles.version_at(db, number, at)


def named_pair(
    db: articles.Db, number: str, a: str | None = None, b: str | None = None, *, zone: tzinfo = UTC
) -> tuple[Version, Version]:
    """Return the two versions that are to be compared: the last two, `a` and the newest, or `a` and `b`.

    Each is named as after the @ of a citation. Raises UsageError where one is not there, or there is one only.
    """
    newest = named_version(db, f"{number}@{b}" if b else number, zone)
    if a is not None:
        return named_version(db, f"{number}@{a}", zone), newest
    if newest.number == 1:
        raise UsageError(f"article {number} has one version only, nothing to compare; see: scrapy show {number}")
    return named_version(db, f"{number}@{newest.number - 1}", zone), newest
