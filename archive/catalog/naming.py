"""What a citation names: ID or ID@TIME; and which two versions are compared."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.catalog.since import whose_day
from archive.errors import UsageError
from archive.facts.addresses import host_of
from archive.facts.names import ARTICLE_ID, stamp, typed

_PLACE = re.compile(r"[^/]/[1-9][0-9]{0,5}\Z")
_DIGITS = re.compile(r"(sha256:)?([0-9a-f]{4,64})", re.ASCII | re.IGNORECASE)
_SHORTEST, _LONGEST = 4, 12
"""Digits of an article's number that are enough to stand for it, and the most that one has."""
_NAMED = 5
SPAN = ".."
"""Between two versions that are named in one word."""


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


def whole_number(db: articles.Db, number: str) -> str:
    """Return the only article number of the archive that begins with these digits, four or more; else them as they are.

    An article of exactly that number comes first. Raises UsageError where several begin so, naming them.
    """
    if not ARTICLE_ID.fullmatch(number) or len(number) < _SHORTEST or articles.state(db, number) is not None:
        return number
    found = [str(row[0]) for row in db.execute(_BEGINNING, _spans(number))]
    if len(found) > 1:
        told = f"{', '.join(found[:_NAMED])}{' …' if len(found) > _NAMED else ''}"
        raise UsageError(f"no article {number!r} in the archive, and several begin with it: {told}; write one whole")
    return found[0] if found else number


_BEGINNING = (
    "SELECT article_id FROM articles WHERE "
    + " OR ".join(["article_id BETWEEN ? AND ?"] * (_LONGEST - _SHORTEST))
    + f" ORDER BY article_id LIMIT {_NAMED + 1}"
)


def _spans(digits: str) -> list[int]:
    """Return the least and the greatest number of each length that begins with some digits."""
    longer = [10**more for more in range(1, _LONGEST - _SHORTEST + 1)]
    bounds = [bound for each in longer for bound in (int(digits) * each, (int(digits) + 1) * each - 1)]
    # Past the longest number there is none, and SQLite counts no further than this.
    return [min(bound, 2**62) for bound in bounds]


def named_version(db: articles.Db, name: str, zone: tzinfo = UTC) -> Version:
    """Return the version that `ID` or `ID@TIME` names. Raises UsageError where there is none.

    A TIME at which a capture was made names that capture (`TIME/2` the second of the same instant), with the record
    that stands for it; any other the version in force then. A day is one of the `zone`. What is no time may be the
    first digits of the version's digest, or of its payload's.
    """
    number, at, time = name.partition("@")
    if not at or time == "latest":
        return articles.version_at(db, number)
    if time.isdecimal() and len(time) < 5:
        found = [v for v in articles.versions(db, articles.article_row(db, number).article_id) if v.number == int(time)]
        if not found:
            raise UsageError(f"article {number} has no version {time}; list them with: scrapy history {number}")
        return found[0]
    digits = _digits_of(time, zone)
    return _digested(db, number, digits) if digits else _cited(db, number, time, zone)


def _digits_of(text: str, zone: tzinfo) -> str:
    found = _DIGITS.fullmatch(text)
    # A day may be written in digits alone.
    return found[2].lower() if found and (found[1] or not _is_time(text, zone)) else ""


def _is_time(text: str, zone: tzinfo) -> bool:
    try:
        typed(text, zone=zone)
    except ValueError:
        return False
    return True


def _digested(db: articles.Db, number: str, digits: str) -> Version:
    """Return the version of which a digest begins so; of several with the same text the newest."""
    known = list(articles.versions(db, articles.article_row(db, number).article_id))
    for kind in ("version", "payload"):
        found = {digest: v for v in known if (digest := _plain(v.record["digests"][kind])).startswith(digits)}
        if len(found) > 1:
            raise UsageError(f"{len(found)} versions of article {number} begin with {digits}; write more of its digits")
        if found:
            return next(iter(found.values()))
    raise UsageError(f"no version of article {number} has a digest {digits}…; list them with: scrapy history {number}")


def _plain(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _cited(db: articles.Db, number: str, time: str, zone: tzinfo) -> Version:
    # Only a capture of that very instant keeps its name whatever is added before it; else a time asks what was shown.
    stated, _, place = time.rpartition("/") if _PLACE.search(time) else (time, "", "")
    at = moment_of(stated, zone)
    exact = articles.captures_at(db, number, at)
    if place and int(place) > len(exact):
        which = f"article {number} has no capture {place} of {stamp(at)}, only {len(exact)}"
        raise UsageError(f"{which}; list its versions with: scrapy history {number}")
    return exact[int(place or 1) - 1] if exact else articles.version_at(db, number, at)


def span_of(words: Sequence[str]) -> tuple[str | None, str | None]:
    """Return which two versions are meant by `A B`, `A..B`, `A..`, `..B`, `A` or nothing, None where it is not said.

    Raises UsageError for two words of which one is a span.
    """
    if len(words) > 1 and any(SPAN in word for word in words):
        raise UsageError(f"{' '.join(words)!r} says twice which versions; write A..B, or A B")
    if words and SPAN in words[0]:
        old, _, new = words[0].partition(SPAN)
        return old or None, new or None
    a, b, *_ = (*words, None, None)
    return a, b


def named_pair(
    db: articles.Db, number: str, a: str | None = None, b: str | None = None, *, zone: tzinfo = UTC
) -> tuple[Version, Version]:
    """Return the two versions that are to be compared: the last two, `a` and the newest, or `a` and `b`.

    Each is named as after the @ of a citation. Raises UsageError where one is not there, or there is one only.
    """
    newest = named_version(db, f"{number}@{b}" if b else number, zone)
    if a is not None:
        return named_version(db, f"{number}@{a}", zone), newest
    if newest.number == 1 < newest.of:
        raise UsageError(
            f"version 1 of article {number} is its first, nothing to compare; see: scrapy history {number}"
        )
    if newest.number == 1:
        raise UsageError(f"article {number} has one version only, nothing to compare; see: scrapy show {number}")
    return named_version(db, f"{number}@{newest.number - 1}", zone), newest
