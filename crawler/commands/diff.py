"""`scrapy diff ID [A] [B]`: what changed between two versions, by sentence, words marked."""

import argparse
import os
import sys

from archive.catalog.history import change_between
from archive.catalog.naming import named_pair
from archive.texts import changes
from crawler.cli.command import ArchiveCommand, as_json, told_by


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
            told = {"source": new.source, "source_before": old.source}
            print(as_json(about | told | changes.to_json(change, catalog.vocabulary.language)))
            return
        for sign, version in (("---", old), ("+++", new)):
            print(f"{sign} {version.cite} (version {version.number}, {told_by(version.source)})")
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        print(changes.render(change, colour=colour), end="")
