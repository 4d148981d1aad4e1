"""What `scrapy` offers in this project, and what it says to a word that is no command.

Scrapy has no setting for either, so functions of its command line are wrapped, as long as it has them: commands of its
own that can't run here (they know no archive) are neither listed nor run, a mistyped one names the nearest, and of ours
the one that was asked for is imported alone.
"""

import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from scrapy import cmdline
from scrapy.commands import ScrapyCommand
from scrapy.utils import misc

from archive.texts.nearest import nearest
from archive.texts.terminal import visible
from crawler.cli.command import ArchiveCommand
from crawler.cli.front import command_in

OF_SCRAPY = frozenset({"check", "list", "settings"})
"""Scrapy's own commands that make sense here."""

_BEGUN = 3
"""Letters of a command that are enough to be meant as its beginning."""


def install(folder: Iterable[str]) -> None:
    """Offer the commands of the package at `folder` and OF_SCRAPY alone, from now on in this process."""
    offered = OF_SCRAPY | {module.name for module in pkgutil.iter_modules(folder)}
    ScrapyCommand.register(ArchiveCommand)  # type: ignore[type-abstract]
    _wrap(cmdline, "_get_commands_dict", lambda listed: lambda *args: _only(offered, listed(*args)))
    _wrap(cmdline, "_pop_command_name", lambda popped: lambda argv: _known(offered, popped(argv)))
    # Scrapy looks through a package of commands by this one, right after it has imported the package.
    _wrap(
        misc,
        "iter_modules",
        lambda walked: lambda path: _asked(offered, walked(path)) if path is folder else walked(path),
    )


def _wrap(module: ModuleType, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    if name in vars(module):
        vars(module)[name] = wrapper(vars(module)[name])


def _asked(offered: frozenset[str], found: Iterable[pkgutil.ModuleInfo]) -> Iterator[pkgutil.ModuleInfo]:
    """Yield the command that this process was started for; all for their list, and where `scrapy` did not start it."""
    program = Path(sys.argv[0])
    asked = command_in(sys.argv[1:]) if "scrapy" in (program.stem, program.parent.name) else None
    yield from (module for module in found if module.name == asked or asked not in offered)


def _only(offered: frozenset[str], listed: dict[str, Any]) -> dict[str, Any]:
    return {name: command for name, command in listed.items() if name in offered}


def _known(offered: frozenset[str], name: str | None) -> str | None:
    """Return a command's name, or none; end the process with 2 for a word that is no command of ours."""
    if name is None or name in offered:
        return name
    print(f"error: {complaint(name, offered)}", file=sys.stderr)
    raise SystemExit(2)


def complaint(word: str, offered: Iterable[str]) -> str:
    """Return what is said to a word that is no command: the one that was meant, where one is near."""
    before, equals, _ = word.partition("=")
    if equals:
        # Its value may be a secret.
        return f"{visible(before)}=… stands where the command should; write: scrapy COMMAND -s NAME=VALUE"
    begun = [name for name in sorted(offered) if len(word) >= _BEGUN and name.startswith(word.lower())]
    meant = begun[0] if begun else nearest(word, offered)
    hint = f"did you mean {meant}?" if meant else "scrapy alone lists them"
    return f"no command {visible(word)!r} here; {hint}"
