"""`scrapy accept CRAWL`: believe what a suspect crawl saw; its edits and removals are derived from then on."""

import argparse
from datetime import UTC, datetime

from archive.catalog.suspects import waiting_of
from archive.committing import accept
from archive.opened import open_for_writing
from archive.trust.signing import sign_commit
from crawler.cli.command import ArchiveCommand, as_json
from crawler.crawl.keys import key_of
from crawler.crawl.session import PROGRAM
from settings.base import VERSION

SCHEMA = "presstv.accept/1"


class Command(ArchiveCommand):
    """Accept a suspect crawl."""

    words = "[--json] CRAWL"
    says = "Believe a suspect crawl: derive its edits and removals"
    takes = (1, 1)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Append the commit that accepts the crawl."""
        assert self.settings is not None
        now, key = datetime.now(UTC), key_of(self.settings)
        # Read first: where there is no archive none is made.
        read = self.archive()
        read.close()
        archive = open_for_writing(
            self.settings["ARCHIVE_URI"], self.settings["CATALOG_PATH"], vocabulary=read.catalog.vocabulary,
            version=VERSION, now=now,
        )  # fmt: skip
        try:
            waiting = waiting_of(archive.catalog.db, args[0])
            made = accept(archive, args[0], now=now, program=PROGRAM)
            if key:
                sign_commit(archive.store, made, key)
        finally:
            archive.close()
        if opts.json:
            told = {"crawl": args[0], "waiting": waiting, "commit": made.seq, "digest": made.digest}
            print(as_json({"schema": SCHEMA} | told))
        else:
            print(f"accepted {args[0]} in commit {made.seq}: {waiting} looks are believed")
