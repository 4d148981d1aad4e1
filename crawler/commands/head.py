"""`scrapy head`: where the log ends; publish the line, and nobody can change what came before unseen."""

import argparse

from archive.errors import NoArchive
from crawler.cli.command import ArchiveCommand, as_json, say

SCHEMA = "presstv.head/1"


class Command(ArchiveCommand):
    """Print the log's head."""

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Number, digest and time of the log's last commit, to publish"

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the head."""
        del args
        archive = self.archive()
        commit = archive.log.read(archive.catalog.head().seq)
        if commit is None:
            raise NoArchive(f"no commit yet in {archive.store.uri}; the first crawl makes one")
        when = commit.committed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if opts.json:
            print(
                as_json(
                    {
                        "schema": SCHEMA,
                        "seq": commit.seq,
                        "digest": commit.digest,
                        "committed_at": when,
                        "crawl": commit.crawl,
                    }
                )
            )
        else:
            say([f"{commit.seq} {commit.digest} {when}"])
