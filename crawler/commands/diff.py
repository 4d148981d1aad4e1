"""`scrapy diff ID [A] [B]`: what changed between two versions, by sentence, words marked."""

import argparse
import os
import sys

from archive.catalog.history import change_between
from archive.catalog.naming import named_pair
from archive.texts import changes
from crawler.cli.command import ArchiveCommand, as_json


class Command(ArchiveCommand):
    """Print the difference of two versions."""

    words = "[--json] ID [A] [B]"
    says = "What changed between two versions: the last two, A and the newest, or A and B"
    takes = (1, 3)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the difference."""
        catalog = self.archive().catalog
        old, new = named_pair(catalog.db, *args)
        change = change_between(catalog.db, old, new, catalog.vocabulary)
        if opts.json:
            about = {"article_id": old.article_id, "from": old.captured_at, "to": new.captured_at}
            print(as_json(about | changes.to_json(change, catalog.vocabulary.language)))
            return
        print(f"--- {old.cite} (version {old.number})")
        print(f"+++ {new.cite} (version {new.number})")
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        print(changes.render(change, colour=colour), end="")
