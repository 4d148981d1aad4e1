"""`scrapy manual`: the manual page of all commands, made of what their help says."""

import argparse

from crawler.cli.command import ArchiveCommand, as_json
from crawler.cli.manual import page


class Command(ArchiveCommand):
    """Print the manual page."""

    words = "[--json]"
    says = "The manual page, presstv.1, as man reads it"
    examples = (("", "to read it: presstv manual | man -l -"),)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the page."""
        del args
        assert self.settings is not None
        text = page(self.settings)
        if opts.json:
            print(as_json({"schema": "presstv.manual/1", "page": text}))
        else:
            print(text, end="")
