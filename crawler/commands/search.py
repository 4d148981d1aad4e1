"""`scrapy search WORDS`: in headlines and texts, or with --removed in what was taken out."""

import argparse
import sys

from archive.catalog import search
from archive.texts.terminal import printable
from crawler.cli.command import ArchiveCommand, as_json


class Command(ArchiveCommand):
    """Print the articles that hold the words."""

    takes = (1, 64)

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[--removed] [--limit N] [--json] WORDS"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Find articles by words of headline and text; --removed: by words taken out"

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--removed", action="store_true", help="search in what later versions lack")
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many at most (default: 20)")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what was found."""
        rows = search.search(self.archive().catalog.db, " ".join(args), removed=opts.removed, limit=opts.limit)
        if opts.json:
            plain = str.maketrans("", "", search.MARK + search.END_MARK)
            print(as_json([row | {"snippet": row["snippet"].translate(plain)} for row in rows]))
            return
        for row in rows:
            print(f"{row['article_id']}  {(row['published'] or '?')[:10]}  {printable(row['headline'])}")
            marked = " ".join(row["snippet"].replace(search.MARK, "[").replace(search.END_MARK, "]").split())
            print(f"    {printable(marked)}")
        if not rows:
            print(f"nothing found for {' '.join(args)!r}", file=sys.stderr)
