"""`scrapy help [TOPIC]`: a command, exit codes, choosing, settings, JSON, as docs/commands.md tells them."""

import argparse

from crawler.cli.command import ArchiveCommand, as_json
from crawler.cli.topics import topic, topics


class Command(ArchiveCommand):
    """Print a topic."""

    words = "[--json] [TOPIC]"
    says = "What the handbook says of a topic: a command, exit-codes, choosing, settings; alone, all topics"
    examples = (("exit-codes", "what the numbers mean, and what to do"), ("browse", "a command, at length"))
    takes = (0, 4)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the topic, or the words of all."""
        word = " ".join(args)
        text = topic(word) if word else ""
        if opts.json:
            told = {"topic": word, "text": text} if word else {"topics": list(topics())}
            print(as_json({"schema": "presstv.help/1", **told}))
        elif word:
            print(text, end="")
        else:
            print("\n".join(topics()))
