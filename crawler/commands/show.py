"""`scrapy show ID[@TIME]`: one version of an article, as it was read."""

import argparse

from archive.catalog.naming import named_version
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.shown import lines_of


class Command(ArchiveCommand):
    """Print one version."""

    words = "[--json] ID[@TIME]"
    says = "One version of an article: the newest, or the one in force at a time"
    takes = (1, 1)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the version."""
        version = named_version(self.archive().catalog.db, args[0])
        if opts.json:
            print(as_json(version.record | {"source": version.source}))
        else:
            say(lines_of(version))
