"""`scrapy show ID[@TIME]`: one version of an article, as it was read."""

import argparse

from archive.catalog.articles import article_row
from archive.catalog.naming import named_version
from archive.exporters.own import selected
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.cli.selecting import add_selection
from crawler.cli.shown import lines_of


class Command(ArchiveCommand):
    """Print one version."""

    words = "[--source own|all] [--json] ID[@TIME]"
    says = "One version of an article: the newest, or the one in force at a time"
    examples = (
        ("711958", "the newest version"),
        ("711958@2", "the second"),
        ("711958@2026-11-24", "what stood on that day"),
        ("711958@cbc57123", "by first digits of its digest"),
    )
    takes = (1, 1)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        add_selection(parser, {"source"})

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the version."""
        whole = self.archive()
        with selected(whole, self.selection(whole, opts).source) as archive:
            db, zone = archive.catalog.db, archive.catalog.vocabulary.zone
            version = named_version(db, self.named(archive, args[0]), zone)
            article = article_row(db, version.article_id)
        if opts.json:
            about = {"state": article.state, "state_source": article.state_source, "source": version.source}
            print(as_json(version.record | about | {"cite": version.cite}))
        else:
            say(lines_of(version, article, zone))
