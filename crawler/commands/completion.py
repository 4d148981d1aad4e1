"""`scrapy completion SHELL`: the script by which a shell completes the commands and their options."""

import argparse

from archive.errors import UsageError
from crawler.cli.command import ArchiveCommand, as_json
from crawler.cli.completing import SHELLS, script


class Command(ArchiveCommand):
    """Print a shell's script."""

    words = f"[--json] {'|'.join(SHELLS)}"
    says = "The script by which a shell completes these commands"
    examples = (("bash", 'by hand: eval "$(presstv completion bash)"'),)
    takes = (1, 1)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the script."""
        assert self.settings is not None
        shell = next((shell for shell in SHELLS if shell == args[0]), None)
        if shell is None:
            raise UsageError(f"no script for the shell {args[0]!r}; choose from {', '.join(SHELLS)}")
        text = script(shell, self.settings)
        if opts.json:
            print(as_json({"schema": "presstv.completion/1", "shell": shell, "script": text}))
        else:
            print(text, end="")
