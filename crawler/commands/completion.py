"""`scrapy completion SHELL`: the script by which a shell completes the commands and their options."""

import argparse

from archive.errors import UsageError
from crawler.cli.command import ArchiveCommand
from crawler.cli.completing import SHELLS, script


class Command(ArchiveCommand):
    """Print a shell's script."""

    words = "|".join(SHELLS)
    says = "The script by which a shell completes these commands"
    examples = (("bash", 'by hand: eval "$(presstv completion bash)"'),)
    takes = (1, 1)
    prints_data = False

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the script."""
        del opts
        assert self.settings is not None
        shell = next((shell for shell in SHELLS if shell == args[0]), None)
        if shell is None:
            raise UsageError(f"no script for the shell {args[0]!r}; choose from {', '.join(SHELLS)}")
        print(script(shell, self.settings), end="")
