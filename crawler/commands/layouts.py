"""`scrapy layouts`: which strategy read which field, month by month; what recurs and may be the template's."""

import argparse
from collections.abc import Iterator
from typing import Any

from archive.catalog.strategies import FIELDS, months, proposals
from archive.errors import UsageError
from archive.texts import recurrence
from archive.texts.amounts import amount
from crawler.cli.command import ArchiveCommand, as_json, say

_SHOWN = 160


class Command(ArchiveCommand):
    """Print which layouts read the archive."""

    says = "Which layout and strategy read which field, by month; blocks that recur"
    examples = (
        ("", "by month"),
        ("--recurring", "blocks that many articles share"),
    )

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
            blocks = proposals(archive.catalog.db, articles=opts.articles, days=opts.days)
            found = {"schema": "presstv.recurring/1", "archive": archive.store.uri, "blocks": blocks}
            lines = _proposed(blocks, archive.catalog.vocabulary.edition)
        else:
            told = months(archive.catalog.db)
            found = {"schema": "presstv.layouts/1", "archive": archive.store.uri, "months": told}
            lines = _months(told)
        if opts.json:
            print(as_json(found))
        else:
            say(lines)


def _months(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"{row['month']}  {amount(row['records'], 'record')}: {_counted(row['layouts'])}"
        for name in FIELDS:
            yield f"  {name:<9}  {_counted(row['fields'][name])}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _proposed(rows: list[dict[str, Any]], edition: str) -> Iterator[str]:
    for row in rows:
        short = row["text"][:_SHOWN] + ("…" if len(row["text"]) > _SHOWN else "")
        yield f"{amount(row['articles'], 'article'):>14}  {row['place']:<7}  {short}"
        yield f"                e.g. {', '.join(row['examples'])}"
    if rows:
        place = f"crawler/editions/{edition.replace('-', '_')}.py"
        yield f"what is the template's goes into `boilerplate` of {place}: docs/add-a-layout.md"
    else:
        yield "no block recurs in unrelated articles"
