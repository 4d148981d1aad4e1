"""What shells are told to complete the commands by: shtab writes the script from the parsers."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import shtab

from archive.catalog.selection import SOURCES
from archive.exporters.format import views_of
from archive.facts.outcomes import EVENTS, REMARKS, STATES
from crawler.cli.described import PROGRAM, described
from crawler.cli.formats import FORMATS
from crawler.editions.known import edition_of
from settings.given import Given

Shell = Literal["bash", "zsh", "fish"]
SHELLS: tuple[Shell, ...] = get_args(Shell)
_ALSO: Mapping[Shell, str] = {
    "bash": "complete -o bashdefault -F _shtab_presstv scrapy",
    "zsh": "compdef _shtab_presstv scrapy",
    "fish": "complete -c scrapy -w presstv",
}
"""The same words behind `scrapy`, which are these commands in the project's folder."""
_FILES = frozenset({"output", "logfile", "pidfile", "profile"})
"""Options whose value is a file, by what argparse calls them."""
_TAKES_FILES = frozenset({"backfill", "browse"})
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def script(shell: Shell, settings: Given) -> str:
    """Return the script of a shell: commands, their options, and the values of those that have a closed list."""
    whole, parts = described(settings)
    values = _values(settings)
    first: Mapping[str, tuple[str, Sequence[str]]] = {
        "export": ("format", tuple(FORMATS)), "crawl": ("spider", ("presstv",)), "completion": ("shell", SHELLS),
    }  # fmt: skip
    for name, (_, parser) in parts.items():
        for action in parser._actions:  # noqa: SLF001 - argparse has no other way to find one
            _tell(action, values)
        if name in first:
            what, choices = first[name]
            parser.add_argument(what, choices=choices, help=what)
        elif name in _TAKES_FILES:
            parser.add_argument("word", nargs="*").complete = shtab.FILE  # type: ignore[attr-defined]
    return f"{shtab.complete(whole, shell=shell, root_prefix=PROGRAM).rstrip()}\n{_ALSO[shell]}\n"


def _values(settings: Given) -> Mapping[str, Sequence[str]]:
    sections = (section.key for section in edition_of(settings).sections)
    return {
        "view": views_of(FORMATS.values()), "state": STATES, "event": (*EVENTS, *REMARKS), "source": SOURCES,
        "section": (*sections, "front", "feed"), "loglevel": _LEVELS,
    }  # fmt: skip


def _tell(action: argparse.Action, values: Mapping[str, Sequence[str]]) -> None:
    if action.dest in _FILES:
        action.complete = shtab.FILE  # type: ignore[attr-defined]
    elif action.dest in values:
        action.choices = values[action.dest]
