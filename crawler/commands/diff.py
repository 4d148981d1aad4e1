"""`scrapy diff ID [A] [B]`: what changed between two versions, by sentence, words marked."""

import argparse
import os
import sys
from typing import Any

from msgspec.structs import asdict

from archive.catalog.articles import article_row
from archive.catalog.history import change_between
from archive.catalog.naming import named_pair, span_of
from archive.exporters.own import selected
from archive.texts import changes
from archive.texts.terminal import printable
from crawler.cli.command import ArchiveCommand, as_json, told_by
from crawler.cli.selecting import add_selection
from crawler.cli.shown import state_in_words


class Command(ArchiveCommand):
    """Print the difference of two versions."""

    words = "[--source own|all] [--json] ID [A..B | A [B]]"
    says = "What changed between two versions: the last two, A and the newest, or A and B"
    examples = (
        ("711958", "the last two versions"),
        ("711958 1..3", "the first and the third"),
        ("711958 yesterday..", "since yesterday's end"),
    )
    takes = (1, 3)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        add_selection(parser, {"source"})

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the difference."""
        span = span_of(args[1:])
        whole = self.archive()
        a, b = (word and self.dated(whole, word) for word in span)
        with selected(whole, self.selection(whole, opts).source) as archive:
            catalog, number = archive.catalog, self.number(archive, args[0])
            old, new = named_pair(catalog.db, number, a, b, zone=catalog.vocabulary.zone)
            change = change_between(catalog.db, old, new, catalog.vocabulary)
            article = article_row(catalog.db, number)
        if opts.json:
            told: dict[str, Any] = {
                "article_id": number,
                "from": old.captured_at,
                "to": new.captured_at,
                "state": article.state,
            }
            told |= {"headline": new.record["headline"], "url": new.record["url"], "sections": new.record["sections"]}
            told |= {"cite": new.cite, "source": new.source, "source_before": old.source}
            print(as_json(told | changes.to_json(change, catalog.vocabulary.language)))
            return
        for sign, version in (("---", old), ("+++", new)):
            print(f"{sign} {version.cite} (version {version.number}, {told_by(version.source)})")
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        print(changes.render(change, colour=colour), end="")
        print(printable(f"article {number}: {state_in_words(asdict(article))}; {article.url}"))
