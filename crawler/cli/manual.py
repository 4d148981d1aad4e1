"""The manual page of all commands in the macros of man(7); the same program and settings give the same bytes.

What makes such pages of parsers elsewhere (argparse-manpage) dates them by the day and has no place for examples.
"""

import argparse
import re
from collections.abc import Iterator

from archive import errors
from crawler.cli.command import ArchiveCommand
from crawler.cli.described import PROGRAM, described
from crawler.cli.parsing import EXAMPLES, GLOBAL
from settings.base import VERSION
from settings.given import Given

_SECTIONS = {
    "NAME": f"{PROGRAM} \\- crawl, read, search, compare, cite and prove an archive of Press TV",
    "SYNOPSIS": f".B {PROGRAM}\n.I COMMAND\n[options] [words]",
    "DESCRIPTION": "Every version of every article of an outlet, the raw HTTP exchange beside it, a hash chain over "
    "all of it. In the project's folder the commands are Scrapy's as well:\n.B scrapy\n.I COMMAND.\n"
    "Results go to stdout, all talk to stderr. An ID is an article's number or address, a TIME a day, an instant, a "
    "version's number or first digits of its digest.",
}
_OF_ALL = frozenset({"help", "debug"})
_ALL = (
    ".TP",
    "\\fB\\-h, \\-\\-help\\fR",
    "examples and options",
    ".TP",
    "\\fB\\-\\-debug\\fR",
    "show the traceback of an error",
)
_OTHER_CODES = {
    0: "fine", 1: "a bug of this program", 3: "finished, and some addresses or captures could not be looked at",
    130: "stopped by Ctrl-C", 143: "stopped by SIGTERM",
}  # fmt: skip
_RAISED = re.compile(r"^Raise (?:for|when) ")
"""How the docstring of an error begins."""


def page(settings: Given) -> str:
    """Return the page."""
    _, parts = described(settings)
    told = [f'.TH PRESSTV 1 "" "{PROGRAM} {VERSION}"', ".ad l", ".nh"]
    told += [line for name, text in _SECTIONS.items() for line in (f".SH {name}", text)]
    told.append(".SH COMMANDS")
    for command, parser in parts.values():
        told += _of_command(command, parser)
    told += [".SH OPTIONS OF EVERY COMMAND", *_ALL, *_options(next(iter(parts.values()))[1], shared=True)]
    told += [".SH EXIT STATUS", *_codes()]
    return "\n".join(told) + "\n"


def _of_command(command: ArchiveCommand, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".SS {_plain(command.called)}"
    yield f".B {_plain(command.called)}"
    if words := command.syntax():
        yield _plain(words)
    yield ".PP"
    yield _plain(f"{command.long_desc()}.")
    for line, about in command.examples:
        yield f".TP\n.B {_plain(f'{command.called} {line}'.strip())}"
        yield _plain(about)
    yield from _options(parser, shared=False)
    if parser.epilog:
        # A table that stands in the help as it is written.
        yield "\n".join([".PP", ".nf", *(_plain(line, as_written=True) for line in parser.epilog.splitlines()), ".fi"])


def _options(parser: argparse.ArgumentParser, *, shared: bool) -> Iterator[str]:
    for group in parser._action_groups:  # noqa: SLF001 - argparse has no other way to find one
        if (group.title == GLOBAL) is shared and group.title != EXAMPLES:
            yield from (line for action in group._group_actions if _is_told(action) for line in _option(action))  # noqa: SLF001


def _is_told(action: argparse.Action) -> bool:
    return bool(action.option_strings) and action.help != argparse.SUPPRESS and action.dest not in _OF_ALL


def _option(action: argparse.Action) -> Iterator[str]:
    metavar = action.metavar or action.dest.upper()
    words = metavar if isinstance(metavar, str) else " ".join(metavar)
    value = "" if action.nargs == 0 else f" \\fI{_plain(words)}\\fR"
    yield ".TP"
    yield f"\\fB{', '.join(map(_plain, action.option_strings))}\\fR{value}"
    yield _plain((action.help or "").replace("%%", "%"))


def _codes() -> Iterator[str]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ArchiveError)]
    # The first of a code is the kind, what comes below it are its own.
    said = {kind.exit_code: (kind.__doc__ or "").partition("\n")[0].rstrip(".") for kind in reversed(kinds)}
    told = {code: _RAISED.sub("", text) for code, text in said.items()} | _OTHER_CODES
    for code, about in sorted(told.items()):
        yield f".TP\n.B {code}\n{_plain(about)}"


def _plain(text: str, *, as_written: bool = False) -> str:
    """Return text in which nothing is a request or an escape of roff."""
    line = text if as_written else " ".join(text.split())
    line = line.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    # A list of choices may be broken behind each of them.
    line = line if as_written else line.replace("|", "|\\:")
    return re.sub(r"^\.", r"\\&.", line)
