"""`scrapy head`: where the log ends; publish the line, and nobody can change what came before unseen."""

import argparse

from crawler.cli.command import ArchiveCommand, as_json, say

SCHEMA = "presstv.head/1"


class Command(ArchiveCommand):
    """Print the log's head."""

    says = "Number, digest and time of the log's last commit, to publish"
    examples = (("", "what to publish"),)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the head."""
        del args
        commit = self.archive().last()
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
