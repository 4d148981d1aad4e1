"""`scrapy accept CRAWL`: believe what a suspect crawl saw; its edits and removals are derived from then on."""

import argparse
import contextlib

from archive.catalog.suspects import suspect_named, waiting_of
from archive.texts.amounts import amount
from crawler.cli.command import ArchiveCommand, as_json
from crawler.crawl.keys import key_of
from crawler.crawl.session import open_committer

SCHEMA = "presstv.accept/1"


class Command(ArchiveCommand):
    """Accept a suspect crawl."""

    words = "[--json] CRAWL"
    says = "Believe a suspect crawl: derive its edits and removals"
    examples = (("20261125t120007z-386820fe", "a crawl that status calls suspect"),)
    takes = (1, 1)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Append the commit that accepts the crawl."""
        assert self.settings is not None
        # A key that is none is told before anything else is; and where there is no archive, none is made.
        key_of(self.settings)
        with contextlib.closing(self.archive(writes=True)) as archive:
            crawl = suspect_named(archive.catalog.db, args[0])
            waiting = waiting_of(archive.catalog.db, crawl)
        committer = open_committer(self.settings, archive.catalog.vocabulary)
        with contextlib.closing(committer.archive):
            made = committer.accept(crawl)
        if opts.json:
            told = {"crawl": crawl, "waiting": waiting, "commit": made.seq, "digest": made.digest}
            print(as_json({"schema": SCHEMA} | told))
        else:
            are = "is" if waiting == 1 else "are"
            print(f"accepted {crawl} in commit {made.seq}: {amount(waiting, 'look')} {are} believed")
