"""What `scrapy` offers in the project, and what it says to a word that is no command."""

import json
import re
import subprocess
import sys

import pytest

from archive.log.chain import FORMAT
from crawler.cli.offered import complaint
from crawler.pages import REVISION
from settings.base import VERSION
from tests.project import ROOT, environment, forked

OURS = sorted(path.stem for path in (ROOT / "crawler" / "commands").glob("[a-z]*.py"))
REFUSED = ("bench", "edit", "fetch", "genspider", "parse", "runspider", "shell", "startproject", "view")


def scrapy(*words):
    """Run Scrapy with these words, as a process that begins by itself."""
    command = [sys.executable, "-m", "scrapy", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip


@pytest.mark.row("F-TTY-05")
def test_what_is_listed_can_be_run():
    """Our commands and three of Scrapy's, and none that needs what a crawl has."""
    done = scrapy()
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ") and "<" not in line]

    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(listed) == sorted([*OURS, "check", "list", "settings"])


@pytest.mark.row("F-TTY-05")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_not_run(name):
    """One line and 2, whatever Scrapy would do."""
    done = forked(name, "x")

    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        rf"error: no command {name!r} here; (scrapy alone lists them|did you mean help\?)\n", done.stderr
    )


@pytest.mark.row("F-TTY-05")
def test_it_is_so_at_a_first_start_too():
    """The process that has our commands loaded for the first time."""
    assert [scrapy(word).returncode for word in ("shell", "verfiy", "list")] == [2, 2, 0]


@pytest.mark.parametrize(
    ("words", "says"),
    [(("list",), "presstv\n"), (("check",), ""), (("settings", "--get", "EDITION"), "presstv-fr\n")],
)
def test_scrapys_own_commands_go_on_working(words, says):
    """Those that are kept."""
    done = forked(*words)

    assert (done.returncode, done.stdout.endswith(says)) == (0, True)


@pytest.mark.row("F-TTY-05")
@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("verfiy", "no command 'verfiy' here; did you mean verify?"),
        ("hist", "no command 'hist' here; did you mean history?"),
        ("Status", "no command 'Status' here; did you mean status?"),
        ("frobnicate", "no command 'frobnicate' here; scrapy alone lists them"),
        ("\x1b[2J", "no command '\\x1b[2J' here; scrapy alone lists them"),
        ("S3_SECRET=hush", "S3_SECRET=… stands where the command should; write: scrapy COMMAND -s NAME=VALUE"),
    ],
)
def test_the_nearest_command_is_named(word, says):
    """Where there is one; the value of a misplaced setting is not repeated."""
    done = forked(word)

    assert complaint(word, OURS).replace("\\\\", "\\") == says
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "hush" not in done.stderr
    assert "\x1b" not in done.stderr


def test_the_version_is_this_programs():
    """Its name, what reads, what can be opened, and the Scrapy below."""
    told = json.loads(forked("version", "--json").stdout)
    lines = forked("version").stdout.splitlines()

    assert lines[:3] == [f"presstv-archive {VERSION}", f"extractor revision {REVISION}", f"archive format {FORMAT}"]
    assert lines[3].startswith("Scrapy 2.")
    assert (told["name"], told["extractor"], told["format"]) == ("presstv-archive", REVISION, FORMAT)


def test_the_libraries_versions_are_told_on_request():
    """As Scrapy's own command has them."""
    assert [line for line in forked("version", "-v").stdout.splitlines() if line.startswith("  Twisted ")]
