"""`scrapy show ID[@TIME]`: one version of an article, as it was read."""

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta

from archive import lookup
from archive.errors import UsageError
from archive.ids import instant, stamp
from archive.lookup import Version
from crawler.command import ArchiveCommand, as_json, say


class Command(ArchiveCommand):
    """Print one version."""

    takes = (1, 1)

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[--json] ID[@TIME]"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "One version of an article: the newest, or the one in force at a time"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the version."""
        version = named_version(self.archive().catalog.db, args[0])
        if opts.json:
            print(as_json(version.record))
        else:
            say(_lines(version))


def moment_of(text: str) -> str:
    """Return the RFC 3339 instant that a time or a day (its end, UTC) means. Raises UsageError for neither."""
    try:
        if len(text) == 10:
            return stamp(instant(f"{text}T00:00:00Z") + timedelta(days=1, microseconds=-1))
        moment = datetime.fromisoformat(text)
        return stamp(moment if moment.tzinfo else instant(f"{text}Z"))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no time; write 2026-11-24 or 2026-11-24T12:00:00Z") from error


def named_version(db: lookup.Db, name: str) -> Version:
    """Return the version that `ID` or `ID@TIME` names. Raises UsageError where there is none."""
    number, at, time = name.partition("@")
    if not at or time == "latest":
        return lookup.version_at(db, number)
    if time.isdecimal() and len(time) < 5:
        found = [v for v in lookup.versions(db, lookup.standing(db, number).article_id) if v.number == int(time)]
        if not found:
            raise UsageError(f"article {number} has no version {time}; list them with: scrapy history {number}")
        return found[0]
    return lookup.version_at(db, number, moment_of(time))


def _lines(version: Version) -> Iterator[str]:
    record = version.record
    if record["kicker"]:
        yield record["kicker"]
    yield record["headline"]
    published = record["published"] or {}
    date = f"{published.get('utc') or published.get('raw') or 'unknown'} {published.get('zone', '')}".rstrip()
    yield f"published {date}; version {version.number} of {version.of}"
    yield f"{' / '.join(record['sections'])}  {record['url']}".strip()
    for caption in record["captions"]:
        yield f"[{caption['text']}]"
    for paragraph in (record["lead"], *record["body"]):
        if paragraph:
            yield ""
            yield paragraph
    for related in record["related"]:
        yield ""
        yield f"> {related['title']}  {related['url']}"
    yield ""
    yield f"cite as {version.article_id}@{version.captured_at}"
    capture = record["capture"]
    yield f"capture {capture['segment']} at byte {capture['offset']}, payload sha256 {capture['payload_sha256']}"
