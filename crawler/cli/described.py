"""All commands as one parser: the source of what shells complete, of the manual page and of the help."""

import argparse
import importlib
import pkgutil
from collections.abc import Iterator

from crawler.cli.command import ArchiveCommand
from settings.given import Given

PROGRAM = "presstv"


def described(
    settings: Given,
) -> tuple[argparse.ArgumentParser, dict[str, tuple[ArchiveCommand, argparse.ArgumentParser]]]:
    """Return one parser over all commands, and each command with its own, by name."""
    whole = argparse.ArgumentParser(prog=PROGRAM, add_help=False, description="Commands over an archive of Press TV.")
    parts = whole.add_subparsers(metavar="COMMAND")
    found = {}
    for command in _commands(settings):
        parser = parts.add_parser(command.name, help=command.short_desc(), conflict_handler="resolve")
        command.add_options(parser)
        found[command.name] = command, parser
    return whole, found


def _commands(settings: Given) -> Iterator[ArchiveCommand]:
    package = importlib.import_module("crawler.commands")
    for module in pkgutil.iter_modules(package.__path__):
        command: ArchiveCommand = importlib.import_module(f"{package.__name__}.{module.name}").Command()
        command.program, command.settings = PROGRAM, settings
        yield command
