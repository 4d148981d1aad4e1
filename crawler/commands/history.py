"""`scrapy history ID`: an article's life in words: its events, its versions, and what is not known of it."""

import argparse
from typing import Any

from archive import lives, lookup
from archive.archive import Archive
from archive.life import Event, life, remarks
from crawler.command import ArchiveCommand, as_json, say


class Command(ArchiveCommand):
    """Print an article's life."""

    takes = (1, 1)

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[--json] ID"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "An article's life: versions, changes, removals"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the life."""
        told = history_of(self.archive(), args[0])
        if opts.json:
            print(as_json(told))
        else:
            say(_lines(told))


def history_of(archive: Archive, article_id: str) -> dict[str, Any]:
    """Return an article's versions and life events, JSON-ready. Raises UsageError where it isn't there."""
    db = archive.catalog.db
    article = lookup.standing(db, article_id)
    changes = {change["version"]: change for _, change in lookup.changes(db, article.article_id)}
    versions = [
        {
            "version": version.number,
            "cite": f"{article.article_id}@{version.captured_at}",
            "captured_at": version.captured_at,
            "headline": version.record["headline"],
            "change": changes.get(version.number),
        }
        for version in lookup.versions(db, article.article_id)
    ]
    number = int(article.article_id)
    looks, begun, shifts = list(lives.looks_of(db, number)), lives.begun_of(db, number), lives.shifts_of(db, number)
    return {
        "schema": "presstv.history/1",
        "article_id": article.article_id,
        "url": article.url,
        "state": article.state,
        "headline": article.headline,
        "published": article.published,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "last_look": article.last_look,
        "versions": versions,
        "looks": len(looks),
        "events": [_told(event) for event in life(looks, begun, shifts)],
        "remarks": [_told(event) for event in remarks(looks, [each["captured_at"] for each in begun], shifts)],
    }


def _told(event: Event) -> Event:
    return {name: value for name, value in event.items() if name != "seq"}


def _lines(told: dict[str, Any]) -> list[str]:
    lines = [
        f"{told['article_id']}  {told['headline'] or '(never read)'}",
        f"{told['url']}",
        f"published {told['published'] or 'unknown'}; {told['state']}, last seen {told['last_seen'] or 'never'}",
        "",
    ]
    lines += [_line(event) for event in sorted([*told["events"], *told["remarks"]], key=lambda e: str(e["not_after"]))]
    lines += ["", f"looked at {told['looks']} times; what happened between two looks was not observed"]
    lines += [f"cite a version as {told['versions'][-1]['cite']}"] if told["versions"] else []
    return lines


_WORDS = {"silently_edited": "no clock of the outlet moved", "headline_edited": "now"}
"""What neither the name of an event nor its detail says."""


def _line(event: Event) -> str:
    since = f"between {event['not_before']} and" if event["not_before"] else "at"
    words = (event["event"], _WORDS.get(event["event"]), event["detail"])
    return f"{since} {event['not_after']}\n    {': '.join(filter(None, words))}"
