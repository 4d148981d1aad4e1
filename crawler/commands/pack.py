"""`scrapy pack`: write the bundles and packs that a log lacks, so that it is read from afar in few requests."""

import argparse
from contextlib import closing

from archive.log.bundles import SIZE, tiles_of
from archive.log.gathering import derived_keys, gather_after, gathered_there
from archive.texts.amounts import amount
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.progress import counting

SCHEMA = "presstv.pack/1"


class Command(ArchiveCommand):
    """Gather what lies in many small objects."""

    words = "[--json]"
    says = "Write the bundles of 256 commits, and packs of their small segments, that are missing"
    examples = (("", "write what is missing"),)

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """What is there already is not written again."""
        del opts
        return True

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write, and print what was written and what lies in its place."""
        del args
        written, wrong = list[str](), dict[str, str]()
        with closing(self.archive(writes=True)) as archive, counting("gathering commits") as progress:
            tiles, there = tiles_of(archive.catalog.head().seq), gathered_there(archive.store)
            first = next((tile.number for tile in tiles if not there.issuperset(derived_keys(tile))), None)
            for done in gather_after(archive.log, first, there) if first is not None else ():
                written += done.written
                wrong |= done.wrong
                if progress:
                    progress(done.last)
        commits = tiles[-1].last if tiles else 0
        if opts.json:
            print(as_json({"schema": SCHEMA, "commits": commits, "written": written, "wrong": wrong}))
            return
        say(f"wrong: {key}: {why}; scrapy gc removes it, then run scrapy pack again" for key, why in wrong.items())
        say([f"{amount(commits, 'commit')} in bundles of {SIZE}: {amount(len(written), 'object')} written now"])
