"""The options that every command has from Scrapy, and the look of its help: the same words whoever starts the command.

They are written here as Scrapy has them, so that a command that only reads need not import it.
"""

import argparse
import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from archive.errors import UsageError
from settings.given import Given

GLOBAL = "Global Options"
EXAMPLES = "Examples"
_INDENT = 8
_WIDEST = 24
"""Letters behind a command's name beside which their meaning stands; behind more it has a line of its own."""


class Parser(argparse.ArgumentParser):
    """Scrapy's parser: a word that begins with `-:` is a value."""

    def _parse_optional(self, arg_string: str) -> "tuple[argparse.Action | None, str, str | None] | None":
        return None if arg_string.startswith("-:") else super()._parse_optional(arg_string)


class Underlined(argparse.HelpFormatter):
    """Scrapy's help: each heading on a line of its own, a rule below it."""

    def _join_parts(self, part_strings: Iterable[str]) -> str:
        return super()._join_parts(list(itertools.chain.from_iterable(map(_underlined, part_strings))))


class AsWritten(Underlined, argparse.RawDescriptionHelpFormatter):
    """The same help, with the lines of its texts left as they are."""


def _underlined(part: str) -> list[str]:
    if part.startswith("usage: "):
        return ["Usage\n=====\n  " + part.removeprefix("usage: ")]
    # A line of an option's text may end so, too.
    if part.startswith(" ") or not part.endswith(":\n"):
        return [part]
    heading = part.removesuffix(":\n").title()
    rule = "-" if GLOBAL in heading else "="
    return [heading, f"\n{rule * len(heading)}\n"]


def add_examples(parser: argparse.ArgumentParser, called: str, examples: Iterable[tuple[str, str]]) -> None:
    """Let examples, each what follows the command's name and what it does, stand before the options in the help."""
    told = "\n".join(f"{called} {_example(words, about)}" for words, about in examples)
    if not told:
        return
    # Lines of examples stay as they are, in Scrapy's help as in ours.
    parser.formatter_class = AsWritten
    parser.add_argument_group(EXAMPLES, told)
    groups = parser._action_groups  # noqa: SLF001 - argparse shows groups in the order in which they were added
    groups.insert(0, groups.pop())


def _example(words: str, about: str) -> str:
    beside = f"{words.ljust(_WIDEST)}  {about}"
    return beside if len(words) <= _WIDEST else f"{words}\n{' ' * _INDENT}{about}"


def add_common(parser: argparse.ArgumentParser, settings: Given) -> None:
    """Add the options of Scrapy that every command has."""
    group = parser.add_argument_group(title=GLOBAL)
    group.add_argument("--logfile", metavar="FILE", help="log file. if omitted stderr will be used")
    told = f"log level (default: {settings['LOG_LEVEL']})"
    group.add_argument("-L", "--loglevel", metavar="LEVEL", default=None, help=told)
    group.add_argument("--nolog", action="store_true", help="disable logging completely")
    group.add_argument("--profile", metavar="FILE", default=None, help="write python cProfile stats to FILE")
    group.add_argument("--pidfile", metavar="FILE", help="write process ID to FILE")
    group.add_argument(
        "-s", "--set", action="append", default=[], metavar="NAME=VALUE",
        help="set/override setting (may be repeated)",
    )  # fmt: skip
    group.add_argument("--pdb", action="store_true", help="enable pdb on failure (uses ipdb if installed)")


def take_common(opts: argparse.Namespace, settings: Given) -> None:
    """Do what those options ask for; `--profile` is whoever's that runs the command.

    Raises UsageError for a setting without its name; what was given may be a secret and is not repeated.
    """
    pairs = [pair.partition("=") for pair in opts.set]
    if not all(equals for _, equals, _ in pairs):
        raise UsageError("-s takes NAME=VALUE; write both in one word")
    given = {name: value for name, _, value in pairs}
    given |= {"LOG_FILE": opts.logfile} if opts.logfile else {}
    given |= {"LOG_LEVEL": opts.loglevel} if opts.loglevel else {}
    given |= {"LOG_ENABLED": not opts.nolog} if opts.logfile or opts.loglevel or opts.nolog else {}
    settings.setdict(given, priority="cmdline")
    if opts.pidfile:
        Path(opts.pidfile).write_text(f"{os.getpid()}{os.linesep}", encoding="utf-8")
