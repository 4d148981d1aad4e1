"""What every command shares: leftovers refused, one line for an error, the exit code, `--json` and `--debug`.

It lies outside `crawler.commands`, since Scrapy makes a command of each class found there.
"""

import argparse
import contextlib
import os
import sys
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from scrapy.commands import ScrapyCommand

from archive.archive import Archive, open_archive
from archive.errors import ArchiveError, UsageError

_CONTROL = {c: f"\\x{c:02x}" for c in (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0))} | {
    c: f"\\u{c:04x}" for c in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def printable(text: str) -> str:
    """Return text safe for a terminal: control characters (but tab and line feed) and bidi marks made visible."""
    return text.translate(_CONTROL)


def as_json(value: Any) -> str:
    """Return a value as one indented JSON document."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


class ArchiveCommand(ScrapyCommand):
    """A command over the archive; a subclass says what it does, takes and prints."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form
    takes: tuple[int, int] = (0, 0)
    """Fewest and most words after the options."""
    prints_data = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add Scrapy's options and ours."""
        super().add_options(parser)
        parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
        if self.prints_data:
            parser.add_argument("--json", action="store_true", help="print one JSON document")
        self.options(parser)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""

    @abstractmethod
    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the command is for; raise ArchiveError for what a user can mend."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read `-s` and its like; a bad one is a usage error."""
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the command; an error is one line on stderr and its exit code."""
        try:
            self._words(args)
            self.answer(args, opts)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader had enough (head): not an error. Python must not try to flush again at exit.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except ArchiveError as error:
            if opts.debug:
                raise
            self.fail(error)

    def fail(self, error: ArchiveError) -> None:
        """Print an error's one line and take its exit code."""
        print(f"error: {printable(' '.join(str(error).split()))}", file=sys.stderr)
        self.exitcode = error.exit_code

    def _words(self, args: list[str]) -> None:
        least, most = self.takes
        leftovers = [word for word in args if word.startswith("-")] or args[most:]
        if leftovers:
            raise UsageError(f"{leftovers[0]!r} fits nothing here; see: scrapy {self.name} --help")
        if len(args) < least:
            raise UsageError(f"scrapy {self.name} {self.syntax()}: a word is missing; see: scrapy {self.name} --help")

    @property
    def name(self) -> str:
        """The command's own name."""
        return type(self).__module__.rpartition(".")[2]

    def archive(self) -> Archive:
        """Open the archive of the settings for reading, with the catalog folded up to the head."""
        assert self.settings is not None
        return open_archive(self.settings["ARCHIVE_URI"], self.settings["CATALOG_PATH"], progress=_progress())


def _progress() -> Callable[[Any], None] | None:
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None

    def show(commit: Any) -> None:
        print(f"\rfolding commit {commit.seq}", end="", file=sys.stderr)

    return show


def say(lines: Iterable[str]) -> None:
    """Print lines on stdout, safe for a terminal."""
    for line in lines:
        print(printable(line))
