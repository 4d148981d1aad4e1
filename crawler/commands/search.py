"""`scrapy search WORDS`: in headlines and texts, or with --removed in what was taken out."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from archive.catalog.found import Order
from archive.catalog.search import search
from archive.catalog.selection import Word
from archive.catalog.snippets import marked
from archive.exporters.own import selected
from crawler.cli.command import ArchiveCommand, as_json, say, told_by
from crawler.cli.selecting import DAYS, add_selection
from crawler.cli.shown import state_in_words

_WORDS: frozenset[Word] = frozenset({"section", "since", "until", "state", "silent", "source", "ids"})
_TOLD: dict[Word, str] = {
    "since": f"only published on a day or later ({DAYS}); with a number what commits past it touched",
    "until": f"only published on a day or before ({DAYS})",
    "silent": "only of articles that were edited silently; with --removed only what was taken out silently",
}


class Command(ArchiveCommand):
    """Print the articles that hold the words."""

    words = "[--removed] [--best] [--limit N] [--section NAME,…] [--since SEQ|DATE] [--until DATE] … [--json] WORDS"
    says = "Find articles by words of headline and text; --removed: by words taken out"
    examples = (
        ("ferry karimabad", "both words"),
        ("--removed passerelle", "in what was taken out"),
        ("--section asie --since yesterday pont", "in a section, since yesterday"),
    )
    takes = (1, 64)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--removed", action="store_true", help="search in what later versions lack")
        parser.add_argument("--best", action="store_true", help="the best matches of the newest 10,000 first")
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many at most (default: 20)")
        add_selection(parser, _WORDS, _TOLD)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what was found."""
        whole = self.archive()
        chosen = self.selection(whole, opts)
        with selected(whole, chosen.source) as archive:
            words, known = " ".join(args), archive.catalog.vocabulary
            order: Order = "best" if opts.best else "newest"
            rows = search(
                archive.catalog.db, words, known, limit=opts.limit, chosen=chosen, removed=opts.removed, order=order
            )
        if opts.json:
            print(as_json([row | {"snippet": marked(row["snippet"], "", "")} for row in rows]))
            return
        say(_lines(rows))
        if not rows:
            print(f"nothing found for {words!r}", file=sys.stderr)


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"{row['article_id']}  {row['day'] or 'no date'}  {state_in_words(row)}  {row['headline']}"
        yield f"    {row['url']}  {told_by(row['source'])}"
        yield f"    {' '.join(marked(row['snippet'], '[', ']').split())}"
