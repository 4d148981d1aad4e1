"""`scrapy layouts`: which strategy read which field, month by month; what recurs and may be the template's."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import Any

from archive import lookup, recurrence
from archive.archive import Archive
from archive.errors import UsageError
from archive.record import Record
from crawler.command import ArchiveCommand, as_json, say

FIELDS = ("headline", "body", "published", "sections")
_SHOWN = 160


class Command(ArchiveCommand):
    """Print which layouts read the archive."""

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Which layout and strategy read which field, by month; blocks that recur"

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--recurring", action="store_true", help="propose blocks that stand word for word in unrelated articles"
        )
        parser.add_argument(
            "--articles", type=int, default=recurrence.ARTICLES, metavar="N", help="with --recurring: in N articles (5)"
        )
        parser.add_argument(
            "--days", type=int, default=recurrence.DAYS, metavar="N", help="with --recurring: on N days (3)"
        )

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the months, or the blocks."""
        del args
        if min(opts.articles, opts.days) < 1:
            raise UsageError(f"--articles {opts.articles} --days {opts.days}: give numbers from 1")
        archive = self.archive()
        if opts.recurring:
            found = proposals(archive, articles=opts.articles, days=opts.days)
            lines = _proposed(found["blocks"])
        else:
            found = months(archive)
            lines = _months(found["months"])
        if opts.json:
            print(as_json(found))
        else:
            say(lines)


def months(archive: Archive) -> dict[str, Any]:
    """Return by month of capture (UTC) how many captures each layout read, and each field each strategy, JSON-ready."""
    counts: dict[str, dict[str, Counter[str]]] = {}
    for record in lookup.standing_records(archive.catalog.db):
        month = counts.setdefault(record["captured_at"][:7], {name: Counter() for name in ("layouts", *FIELDS)})
        month["layouts"][record["extraction"]["layout"] or "none"] += 1
        sources = record["extraction"]["sources"]
        for name in FIELDS:
            # The body's blocks are named after what the page object gives, before cleaning.
            month[name][sources.get(name) or (name == "body" and sources.get("blocks")) or "none"] += 1
    rows = [
        {
            "month": month,
            "records": found["layouts"].total(),
            "layouts": dict(found["layouts"].most_common()),
            "fields": {name: dict(found[name].most_common()) for name in FIELDS},
        }
        for month, found in sorted(counts.items())
    ]
    return {"schema": "presstv.layouts/1", "archive": archive.store.uri, "months": rows}


def proposals(archive: Archive, *, articles: int, days: int) -> dict[str, Any]:
    """Return the blocks that recur in so many articles of so many days, the most frequent first, JSON-ready."""

    def newest() -> Iterator[Record]:
        return (record for _, _, _, record in lookup.placed(archive.catalog.db, newest=True))

    rows = [
        {"text": block.text, "place": block.place, "articles": block.articles, "examples": block.examples}
        for block in recurrence.recurring(newest, articles=articles, days=days)
    ]
    return {"schema": "presstv.recurring/1", "archive": archive.store.uri, "blocks": rows}


def _months(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"{row['month']}  {row['records']} records: {_counted(row['layouts'])}"
        for name in FIELDS:
            yield f"  {name:<9}  {_counted(row['fields'][name])}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _proposed(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        short = row["text"][:_SHOWN] + ("…" if len(row["text"]) > _SHOWN else "")
        yield f"{row['articles']:5} articles  {row['place']:<7}  {short}"
        yield f"                e.g. {', '.join(row['examples'])}"
    if rows:
        yield "what is the template's goes into `boilerplate` of crawler/edition.py: docs/add-a-layout.md"
    else:
        yield "no block recurs in unrelated articles"
