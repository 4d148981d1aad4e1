"""`scrapy manual`: the manual page of all commands, made of what their help says."""

import argparse

from crawler.cli.command import ArchiveCommand
from crawler.cli.manual import page


class Command(ArchiveCommand):
    """Print the manual page."""

    says = "The manual page, presstv.1, as man reads it"
    examples = (("", "to read it: presstv manual | man -l -"),)
    prints_data = False

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the page."""
        del args, opts
        assert self.settings is not None
        print(page(self.settings), end="")
