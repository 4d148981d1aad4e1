"""What every command shares: words, errors, exit codes, and output that steers no terminal."""

import argparse
import errno
import json
import os
import sys

import pytest
from scrapy.settings import Settings

from archive import errors
from crawler.cli.command import ArchiveCommand, as_json, say


class Told(ArchiveCommand):
    """A command that does what a test wants."""

    words = "WORD [WORD]"
    says = "Nothing"
    takes = (1, 2)

    def __init__(self, do=lambda: None):
        super().__init__()
        self.settings = Settings()
        self.settings.setmodule("settings.local", priority="project")
        self.do = do

    def answer(self, args, opts):
        """Do it."""
        self.do()


def run(command, *words, debug=False, given=()):
    """Run a command as Scrapy does and return its exit code."""
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    opts, args = parser.parse_known_args(
        [*words, *(["--debug"] if debug else []), *(w for g in given for w in ("-s", g))]
    )
    try:
        command.process_options(args, opts)
    except SystemExit as ended:
        return ended.code
    command.run(args, opts)
    return command.exitcode


def failing(error):
    """Return something that raises."""

    def do():
        raise error

    return do


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and "exit_code" in vars(kind)]
"""Those with a code of their own; others are told as what they are a kind of."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_error_is_one_line_and_its_code(capsys, kind):
    """What a user can mend comes without a traceback, control characters made visible, line breaks folded."""
    code = run(Told(failing(kind("so\n it\x1b[2J is"))), "word")

    assert code == kind.exit_code
    assert capsys.readouterr().err == "error: so it\\x1b[2J is\n"


def test_the_codes_are_those_of_the_docs():
    """Each class has its own number."""
    codes = {kind.__name__: kind.exit_code for kind in KINDS}

    assert codes == {
        "ArchiveError": 1, "UsageError": 2, "ConfigurationError": 4, "OutletUnreachable": 5, "ExtractionDrifted": 6,
        "RefusedByOutlet": 7, "StorageError": 8, "IntegrityError": 9, "NoArchive": 10, "SlotTaken": 11,
        "CredentialsError": 12, "UnsafeStore": 13, "LimitReached": 14, "NoSpace": 15,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyError("mot"), 1, "KeyError: 'mot'; this is a bug"),
        (OSError(errno.ENOSPC, "No space left on device"), 15, "No space left on device: standard output"),
        (PermissionError(errno.EACCES, "Permission denied", "/var/x"), 8, "Permission denied: /var/x"),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=["bug", "full", "denied", "ctrl-c"],
)
def test_other_errors_have_a_line_too(capsys, error, code, says):
    """A bug, a full disk and Ctrl-C end without a traceback."""
    found = run(Told(failing(error)), "word")

    assert (found, says in capsys.readouterr().err) == (code, True)


def test_debug_shows_the_traceback():
    """The error goes through."""
    with pytest.raises(errors.StorageError):
        run(Told(failing(errors.StorageError("weg"))), "word", debug=True)


@pytest.mark.parametrize(
    ("words", "code"),
    [(("a",), 0), (("a", "b"), 0), ((), 2), (("a", "b", "c"), 2), (("a", "--bogus"), 2), (("a", "-x"), 2)],
    ids=lambda value: " ".join(value) or "none" if isinstance(value, tuple) else None,
)
def test_words_that_fit_nothing_are_refused(capsys, words, code):
    """Scrapy would swallow them."""
    found = run(Told(), *words)

    assert found == code
    assert (capsys.readouterr().err == "") is (code == 0)


def test_what_a_command_says_of_itself_is_what_scrapy_shows(capsys):
    """Its words and its one line are the help's, and the error's where a word is missing."""
    told = Told()
    run(told)

    assert (told.syntax(), told.short_desc(), told.long_desc()) == ("WORD [WORD]", "Nothing", "Nothing")
    assert "WORD [WORD]: a word is missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ("BATCH_CAPTURES=x", 4, "BATCH_CAPTURES='x'"),
        ("BATCH_CAPTURE=3", 4, "did you mean BATCH_CAPTURES?"),
        ("AWS_SECRET_ACCESS_KEY=hush", 2, "AWS_SECRET_ACCESS_KEY"),
        ("BATCH_CAPTURES=3", 0, ""),
    ],
)
def test_settings_are_checked_before_anything_happens(capsys, given, code, says):
    """A wrong one ends the command before it begins; a secret's value is not repeated."""
    done = []
    found = run(Told(lambda: done.append(1)), "word", given=[given])
    said = capsys.readouterr().err

    assert (found, bool(done)) == (code, code == 0)
    assert says in said
    assert "hush" not in said


def test_json_is_one_document_that_steers_nothing():
    """It reads back the same, and no raw control character is in it."""
    value = {"a": ["l’été\x9b\x1b\u202e", 1, None]}
    text = as_json(value)

    assert json.loads(text) == value
    assert not set(text) & {"\x9b", "\x1b", "\u202e"}


@pytest.mark.row("F-PRC-15")
def test_a_reader_that_had_enough_is_no_error(capfd):
    """A broken pipe ends silently with 0, and Python's own flush at the end doesn't fail."""
    kept = os.dup(1)
    code = run(Told(failing(BrokenPipeError())), "word")
    os.dup2(kept, 1)
    os.close(kept)

    assert (code, capfd.readouterr().err) == (0, "")


@pytest.mark.row("F-PRC-15")
def test_closed_output_is_no_error(monkeypatch):
    """Without stdout or stderr there is nowhere to say anything, and that is all."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)

    assert run(Told(), "word") == 0
    assert run(Told(failing(errors.NoArchive("leer"))), "word") == 10


def test_lines_are_printed_safe(capsys):
    """Each line by itself."""
    say(["eins", "zw\x1bei"])

    assert capsys.readouterr().out == "eins\nzw\\x1bei\n"
