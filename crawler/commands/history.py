"""`scrapy history ID`: an article's life: its versions, what changed between them, the looks that found it gone."""

import argparse
from typing import Any

from archive import lookup
from archive.archive import Archive
from archive.life import life
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
        "events": life(list(lookup.looks(db, article.article_id)), versions),
    }


def _lines(told: dict[str, Any]) -> list[str]:
    lines = [
        f"{told['article_id']}  {told['headline'] or '(never read)'}",
        f"{told['url']}",
        f"published {told['published'] or 'unknown'}; {told['state']}, last seen {told['last_seen'] or 'never'}",
        "",
    ]
    lines += [f"{event['not_after']}  {event['event']:<16} {event['detail']}".rstrip() for event in told["events"]]
    lines += ["", f"cite a version as {told['versions'][-1]['cite']}"] if told["versions"] else []
    return lines
