"""What every command shares: leftovers refused, one line for an error, the exit code, `--json` and `--debug`.

It knows no Scrapy, so that what only reads starts without it: Scrapy takes these commands as its own
(`crawler/cli/offered.py`), and `crawler/cli/front.py` runs those that read.
"""

import argparse
import contextlib
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import msgspec

from archive.catalog.articles import article_row, state
from archive.catalog.aside import aside
from archive.catalog.selection import Selection
from archive.catalog.since import Since, check_reached
from archive.catalog.snapshots import SnapshotJudge
from archive.errors import ArchiveError, NoSpace, StorageError, UsageError
from archive.facts.names import dated
from archive.languages.vocabulary import Vocabulary
from archive.opened import Archive, open_archive
from archive.seen.judging import check_writable
from archive.stores.room import FULL
from archive.texts.terminal import printable, printable_json
from crawler.cli.environment import check_environment, is_production, unread
from crawler.cli.notes import tell_notes
from crawler.cli.numbers import name_of, number_of
from crawler.cli.options import check_names, check_values, known_names
from crawler.cli.parsing import add_common, add_examples, take_common
from crawler.cli.places import placed, project_folder
from crawler.cli.renewing import make_anew, may_come_of, renewed_for
from crawler.cli.selecting import given, selection_of, words_of
from crawler.cli.stopping import STOPPED
from crawler.cli.streams import drop_output, speak_utf8, tell, tell_error
from crawler.cli.unforeseen import unforeseen
from crawler.crawl.clock import present
from crawler.crawl.keys import judge_of
from crawler.crawl.named import split_name
from crawler.crawl.progress import counting
from crawler.editions.edition import Edition
from crawler.editions.known import edition_named, edition_of, in_zone
from settings.given import Given


def as_json(value: Any) -> str:
    """Return a value as one indented JSON document; what could steer a terminal is escaped."""
    return printable_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


class ArchiveCommand(ABC):
    """A command over the archive; a subclass says what it does, takes and prints.

    It has the attributes and methods of `scrapy.commands.ScrapyCommand`.
    """

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}
    settings: Given | None = None
    """Set by who runs the command, before its options are added."""
    exitcode = 0
    program = "scrapy"
    """What the person typed before the command's name."""
    words = ""
    """What follows the command's name, as its help shows it."""
    says = ""
    """What the command does, on one line of the help."""
    examples: tuple[tuple[str, str], ...] = ()
    """What may follow the command's name, and what that does: first in its help."""
    takes: tuple[int, int] = (0, 0)
    """Fewest and most words after the options."""
    prints_data = True
    _stood = Path()
    """Where the person stands."""
    _asks = False
    """Whether the catalog was asked, and what was opened for it."""
    _held_open: Archive | None = None

    def syntax(self) -> str:
        """Return the words after the name, for Scrapy."""
        return self.words

    def short_desc(self) -> str:
        """Return what the command does, for Scrapy."""
        return self.says

    def long_desc(self) -> str:
        """Return what the command's help says of it, for Scrapy."""
        return self.short_desc()

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add Scrapy's options and ours."""
        self.add_common(parser)
        add_examples(parser, self.called, self.examples)
        parser.error = self._misused  # type: ignore[method-assign]
        parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
        if self.prints_data:
            parser.add_argument("--json", action="store_true", help="print one JSON document")
        self.options(parser)

    def add_common(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that every command of Scrapy has."""
        assert self.settings is not None
        add_common(parser, self.settings)

    def take_common(self, args: list[str], opts: argparse.Namespace) -> None:
        """Set what those options say. Raises UsageError."""
        del args
        assert self.settings is not None
        take_common(opts, self.settings)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        del parser

    def _misused(self, message: str) -> NoReturn:
        tell_error(message, f"; see: {self.called} --help")
        raise SystemExit(UsageError.exit_code)

    @abstractmethod
    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the command is for; raise ArchiveError for what a user can mend."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read `-s` and its like; what is wrong with a setting ends the command before it begins."""
        assert self.settings is not None
        known, given = known_names(self.settings), frozenset(pair.partition("=")[0] for pair in opts.set)
        with self.ending(opts):
            self._go_home(opts)
            self.take_common(args, opts)
            check_names(given, known)
            if is_production(self.settings):
                check_environment(os.environ, self.settings)
            check_values(self.settings)
            for line in unread(os.environ, self.settings, given):
                tell(f"note: {line}")
            return
        raise SystemExit(self.exitcode)

    def _go_home(self, opts: argparse.Namespace) -> None:
        # Paths of settings are below the project; what is named in words stays where the person stands.
        self._stood = Path.cwd()
        os.chdir(project_folder())
        for name in ("logfile", "pidfile", "profile"):
            if getattr(opts, name):
                setattr(opts, name, self.placed(getattr(opts, name)))

    def placed(self, word: str) -> str:
        """Return a path named on the command line, from where the person stands; URIs of stores as they are."""
        return word if self._stood == Path.cwd() else placed(word, self._stood)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the command; an error is one line on stderr and its exit code."""
        with self.ending(opts):
            speak_utf8()
            self.check_words(args)
            if given(opts):
                # What can't be right in any archive is told before one is opened.
                words_of(opts, self.zone())
            try:
                self._answer_again(args, opts)
            finally:
                if self._held_open:
                    self._held_open.close()
            if sys.stdout is not None:
                sys.stdout.flush()

    def _answer_again(self, args: list[str], opts: argparse.Namespace) -> None:
        """Answer; where the catalog gives nonsense make it anew, once, and answer again."""
        try:
            self.answer(args, opts)
        except (BrokenPipeError, MemoryError):
            raise
        except Exception as error:
            if not self._asks or not may_come_of(self._held_open, error):
                raise
            self._renew(error)
            if not self.may_repeat(opts):
                raise StorageError(renewed_for(error)) from error
            self.answer(args, opts)

    def _renew(self, error: Exception) -> None:
        assert self.settings is not None
        opened = self._held_open
        make_anew(opened, Path(self.settings["CATALOG_PATH"]), error)
        if opened and opened.unproven:
            self._opened_by(None).close()  # what nobody vouches for is not taken once more

    def may_repeat(self, opts: argparse.Namespace) -> bool:
        """Tell whether an answer that failed may be given again: it only reads, and printed nothing by then."""
        del opts
        return True

    @contextlib.contextmanager
    def ending(self, opts: argparse.Namespace) -> Iterator[None]:
        """Turn what is raised inside into one line and an exit code; --debug lets it through."""
        try:
            yield
        except BrokenPipeError:
            # The reader had enough (head): not an error.
            drop_output()
        except KeyboardInterrupt:
            self.exitcode = 130
            tell(STOPPED)
        except ArchiveError as error:
            if opts.debug:
                raise
            self.fail(error)
        except OSError as error:
            if opts.debug:
                raise
            drop_output()
            kind = NoSpace if error.errno in FULL else StorageError
            self.fail(kind(f"{error.strerror or error}: {error.filename or 'standard output'}; mend it and run again"))
        except Exception as error:
            if opts.debug:
                raise
            self.fail(unforeseen(error))

    def print_either(self, report: Mapping[str, Any], lines: Iterable[str], *, json: bool) -> None:
        """Print a report as JSON, or its lines for a person."""
        if json:
            print(as_json(report))
        else:
            say(lines)

    def fail(self, error: ArchiveError) -> None:
        """Print an error's one line and take its exit code."""
        self.exitcode = error.exit_code
        tell_error(str(error))

    def check_words(self, args: list[str]) -> None:
        """Raise UsageError for words that fit nothing, and where one is missing."""
        least, most = self.takes
        leftovers = [word for word in args if word.startswith("-")] or args[most:]
        if leftovers:
            raise UsageError(f"{leftovers[0]!r} fits nothing here; see: {self.called} --help")
        if len(args) < least:
            raise UsageError(f"{self.called} {self.syntax()}: a word is missing; see: {self.called} --help")

    @property
    def name(self) -> str:
        """The command's own name."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def called(self) -> str:
        """What the person typed to call the command."""
        return f"{self.program} {self.name}"

    def archive(self, *, writes: bool = False) -> Archive:
        """Open the archive of the settings, with the catalog folded up to the head; a copy that lags is said to.

        With `writes` such a copy is refused (9): something is to be stored beside its commits.
        """
        assert self.settings is not None
        self._asks = True
        self._held_open = archive = self._opened_by(None if writes else judge_of(self.settings))
        if writes and archive.lag is not None:
            archive.close()
            check_writable(archive.lag)
        tell_notes(archive)
        return archive

    def _opened_by(self, judge: SnapshotJudge | None) -> Archive:
        assert self.settings is not None
        uri, path = self.settings["ARCHIVE_URI"], self.settings["CATALOG_PATH"]
        with counting("folding commits") as progress:
            return open_archive(uri, path, vocabulary_of=self._vocabulary_of, progress=progress, judge=judge)

    @contextlib.contextmanager
    def looking(self) -> Iterator[Archive]:
        """Open the archive for reading as `archive` does, its catalog in a copy, so that nothing at all is written."""
        assert self.settings is not None
        with aside(self.settings["CATALOG_PATH"]) as copy:
            uri, judge = self.settings["ARCHIVE_URI"], judge_of(self.settings)
            archive = open_archive(uri, copy, vocabulary_of=self._vocabulary_of, judge=judge)
            with contextlib.closing(archive):
                tell_notes(archive, only_unproven=True)
                yield archive

    def _vocabulary_of(self, edition: str) -> Vocabulary:
        return self.edition_named(edition).vocabulary

    def edition_named(self, name: str) -> Edition:
        """Return an archive's edition by its name, in the zone of OUTLET_ZONE where that is set."""
        assert self.settings is not None
        return in_zone(edition_named(name), self.settings)

    def zone(self) -> tzinfo:
        """Return whose days are meant where no archive was opened: those of the edition of the settings."""
        assert self.settings is not None
        return edition_of(self.settings).vocabulary.zone

    def since(self, opts: argparse.Namespace) -> Since:
        """Read `--since` where no archive was opened."""
        return words_of(opts, self.zone()).since if opts.since is not None else Since()

    def edition(self, archive: Archive) -> Edition:
        """Return the edition that an opened archive is of."""
        return self.edition_named(archive.catalog.vocabulary.edition)

    def selection(self, archive: Archive, opts: argparse.Namespace) -> Selection:
        """Read the selection that was asked for. Raises UsageError for a word of it that is none."""
        number = partial(self.number, archive)
        chosen = selection_of(opts, self.edition(archive), archive.catalog.db, number)
        check_reached(chosen.since.seq, archive.catalog.head().seq)
        return chosen

    def named(self, archive: Archive, word: str) -> str:
        """Return `ID` or `ID@TIME` for a word that may name the article by an address instead.

        Raises UsageError for an address that is no article's of the archive's edition, saying what was understood.
        """
        article, time = split_name(word, self.edition(archive))
        number = self.number(archive, article)
        return name_of(archive.catalog.db, number, time, archive.catalog.vocabulary.zone)

    def dated(self, archive: Archive, text: str) -> str:
        """Return the day that `today` or `yesterday` is in the archive's zone; any other text as it is."""
        return dated(text, present(), archive.catalog.vocabulary.zone)

    def number(self, archive: Archive, article: str) -> str:
        """Return the number of an article by its address, its number or first digits of that. Raises UsageError."""
        number = number_of(archive.catalog.db, self.edition(archive), article, tell)
        if archive.own and state(archive.catalog.db, number) is None:
            raise UsageError(f"no article {number} among our own captures; leave out --source own")
        return article_row(archive.catalog.db, number).article_id


def told_by(source: str | None) -> str:
    """Return in words whose a capture is; `source` is None for ours, else what it says of who made it."""
    return printable(f"captured by others: {source}") if source else "captured by ourselves"


def say(lines: Iterable[str]) -> None:
    """Print lines on stdout, safe for a terminal."""
    for line in lines:
        print(printable(line))
