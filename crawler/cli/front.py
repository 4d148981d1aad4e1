"""`presstv COMMAND`: the commands that only read, started without Scrapy; every other word is Scrapy's.

They are those of `crawler/commands/`, over the same parser; each is imported when it is asked for.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from archive.errors import ArchiveError, StorageError
from crawler.cli.command import ArchiveCommand
from crawler.cli.parsing import Parser, Underlined
from crawler.cli.places import OWN_FOLDER
from crawler.cli.plain import PlainSettings, project_settings, settings_module
from crawler.cli.streams import tell_error

READING = frozenset(
    {
        "browse", "diff", "export", "head", "help", "history", "layouts", "prove", "search", "show", "status", "verify",
        "version",
    }
)  # fmt: skip
"""The commands that are run here; a new one is one word."""


def main(argv: list[str]) -> int:
    """Run a command line, the program's name first; return its exit code, or become Scrapy."""
    program, words = "python -m archive" if Path(argv[0]).stem == "__main__" else "presstv", argv[1:]
    name = command_in(words)
    try:
        settings = project_settings()
    except OSError as error:
        return _told(StorageError(f"{error.strerror}: the folder that you stand in; go to another one and run again"))
    except ArchiveError as error:
        return _told(error)
    if name not in READING:
        _hand_on(words)
    command = _command(name, program, settings)
    at = words.index(name)
    opts, args = _parser(command).parse_known_args(words[:at] + words[at + 1 :])
    if opts.profile:
        _hand_on(words)
    command.process_options(args, opts)
    command.run(args, opts)
    return command.exitcode


def _told(error: ArchiveError) -> int:
    # There is no command yet that could tell it.
    tell_error(str(error))
    return error.exit_code


def command_in(words: Iterable[str]) -> str | None:
    """Return the word that Scrapy takes for the command's name: the first that is no option."""
    return next((word for word in words if not word.startswith("-")), None)


def _command(name: str, program: str, settings: PlainSettings) -> ArchiveCommand:
    command: ArchiveCommand = importlib.import_module(f"crawler.commands.{name}").Command()
    command.program = program
    settings.setdict(command.default_settings, priority="command")
    command.settings = settings
    return command


def _parser(command: ArchiveCommand) -> argparse.ArgumentParser:
    usage = f"{command.called} {command.syntax()}"
    parser = Parser(
        prog=command.program, usage=usage, description=command.long_desc(), formatter_class=Underlined,
        conflict_handler="resolve",
    )  # fmt: skip
    command.add_options(parser)
    return parser


def _hand_on(words: list[str]) -> NoReturn:
    """Become Scrapy with the same words, in this project wherever one stands."""
    path = os.pathsep.join(filter(None, (str(OWN_FOLDER), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "SCRAPY_SETTINGS_MODULE": settings_module()}
    os.execve(sys.executable, [sys.executable, "-P", "-m", "scrapy", *words], environment)  # noqa: S606 - no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv))
