"""`scrapy snapshot`: store the catalog as it is, packed, so that another machine need not fold the whole log."""

import argparse
from contextlib import closing

from archive.errors import NoArchive
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.keys import key_of
from crawler.crawl.snapshots import snapshot

SCHEMA = "presstv.made-snapshot/1"


class Command(ArchiveCommand):
    """Make a snapshot."""

    words = "[--json]"
    says = "Store the catalog for machines that never saw the archive; signed where there is a key"
    examples = (("", "of the catalog as it stands"),)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fold up to the head, store, and print the key."""
        del args
        assert self.settings is not None
        key = key_of(self.settings)
        with closing(self.archive(writes=True)) as archive:
            if not archive.catalog.head().seq:
                raise NoArchive(f"no commit yet in {archive.store.uri}; the first crawl makes one")
            made = snapshot(archive, key)
        by = key.public if key else None
        if opts.json:
            print(as_json({"schema": SCHEMA, "key": made.key(), "seq": made.seq, "public_key": by}))
        else:
            serves = f"signed as {by}" if by else "nobody signed it: reading commands alone take it"
            say([f"{made.key()}: the catalog at commit {made.seq}; {serves}"])
