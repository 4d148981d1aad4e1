"""`scrapy sign`: sign commits that are not signed yet."""

import argparse

from archive.catalog.since import Since
from archive.errors import ConfigurationError
from archive.facts.names import LOG_PREFIX, stamp
from archive.log.chain import beside
from archive.trust.signing import sign_commit
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.keys import key_of


class Command(ArchiveCommand):
    """Sign what is there."""

    def syntax(self) -> str:
        """Return the words after the name."""
        return "[--since SEQ|DATE] [--json]"

    def short_desc(self) -> str:
        """Say what the command does."""
        return "Sign commits that are not signed yet, with the key of SIGNING_KEY_FILE or SIGNING_KEY"

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("--since", metavar="SEQ|DATE", help="only commits past a number, or from a day on")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Sign, and print which commits were."""
        del args
        assert self.settings is not None
        since, key = Since(opts.since), key_of(self.settings)
        if key is None:
            raise ConfigurationError("no key to sign with: set SIGNING_KEY_FILE, or SIGNING_KEY in the environment")
        archive = self.archive()
        there = {entry.key for entry in archive.store.list(LOG_PREFIX)}
        signed = []
        # The catalog has followed the log, so the chain that is signed is the one this machine knows.
        for commit in archive.log.after():
            wanted = since.holds(commit.seq, stamp(commit.committed_at))
            if wanted and beside(commit.seq, "sig") not in there:
                sign_commit(archive.store, commit, key)
                signed.append(commit.seq)
        if opts.json:
            print(as_json({"schema": "presstv.sign/1", "signed": signed, "public_key": key.public}))
        else:
            say([f"signed {len(signed)} commits as {key.public}"])
