"""`scrapy diff ID [A] [B]`: what changed between two versions, by sentence, words marked."""

import argparse
import os
import sys

from archive.catalog import articles
from archive.catalog.articles import Version
from archive.catalog.naming import named_version
from archive.errors import UsageError
from archive.texts import changes
from crawler.cli.command import ArchiveCommand, as_json


class Command(ArchiveCommand):
    """Print the difference of two versions."""

    takes = (1, 3)

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[--json] ID [A] [B]"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "What changed between two versions: the last two, A and the newest, or A and B"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the difference."""
        catalog = self.archive().catalog
        old, new = _pair(catalog.db, *args)
        change = changes.compare(old.record, new.record, catalog.vocabulary)
        if opts.json:
            about = {"article_id": old.article_id, "from": old.captured_at, "to": new.captured_at}
            print(as_json(about | changes.to_json(change, catalog.vocabulary.language)))
            return
        print(f"--- {old.article_id}@{old.captured_at} (version {old.number})")
        print(f"+++ {new.article_id}@{new.captured_at} (version {new.number})")
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        print(changes.render(change, colour=colour), end="")


def _pair(db: articles.Db, article_id: str, a: str | None = None, b: str | None = None) -> tuple[Version, Version]:
    newest = named_version(db, f"{article_id}@{b}" if b else article_id)
    if a is not None:
        return named_version(db, f"{article_id}@{a}"), newest
    if newest.number == 1:
        raise UsageError(
            f"article {article_id} has one version only, nothing to compare; see: scrapy show {article_id}"
        )
    return named_version(db, f"{article_id}@{newest.number - 1}"), newest
