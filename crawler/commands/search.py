"""`scrapy search WORDS`: in headlines and texts, or with --removed in what was taken out."""

import argparse
import sys

from archive.catalog.search import marked, search
from archive.texts.terminal import printable
from crawler.cli.command import ArchiveCommand, as_json


class Command(ArchiveCommand):
    """Print the articles that hold the words."""

    words = "[--removed] [--limit N] [--json] WORDS"
    says = "Find articles by words of headline and text; --removed: by words taken out"
    takes = (1, 64)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--removed", action="store_true", help="search in what later versions lack")
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many at most (default: 20)")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what was found."""
        rows = search(self.archive().catalog.db, " ".join(args), removed=opts.removed, limit=opts.limit)
        if opts.json:
            print(as_json([row | {"snippet": marked(row["snippet"], "", "")} for row in rows]))
            return
        for row in rows:
            print(f"{row['article_id']}  {(row['published'] or '?')[:10]}  {printable(row['headline'])}")
            print(f"    {printable(' '.join(marked(row['snippet'], '[', ']').split()))}")
        if not rows:
            print(f"nothing found for {' '.join(args)!r}", file=sys.stderr)
