"""`scrapy sign`: sign commits that are not signed yet."""

import argparse

from archive.catalog.since import Since
from archive.errors import ConfigurationError
from archive.trust.signing import sign_unsigned
from crawler.cli.command import ArchiveCommand, as_json, say
from crawler.crawl.keys import key_of


class Command(ArchiveCommand):
    """Sign what is there."""

    words = "[--since SEQ|DATE] [--json]"
    says = "Sign commits that are not signed yet, with the key of SIGNING_KEY_FILE or SIGNING_KEY"

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
        signed = sign_unsigned(self.archive(writes=True).log, key, wanted=since.holds)
        if opts.json:
            print(as_json({"schema": "presstv.sign/1", "signed": signed, "public_key": key.public}))
        else:
            say([f"signed {len(signed)} commits as {key.public}"])
