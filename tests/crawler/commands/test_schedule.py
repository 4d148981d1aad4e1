import json
import re
import signal
import socket
import sys

import pytest
from scrapy.settings import Settings

from archive.stores.opening import open_store
from crawler.cli.options import given_settings
from demo.server import serve
from tests import loaded
from tests.project import environment

# One slot a year: no test meets the moment between two.
YEARLY = "yearly: 0 0 1 1 * sections=une"


@pytest.fixture
def words(tmp_path):
    """Return the options that keep a run in the test's own folder, quick and quiet."""
    settings = {
        "SCHEDULE": YEARLY,
        "ARCHIVE_URI": f"file:{tmp_path}/archive",
        "CATALOG_PATH": f"{tmp_path}/catalog.sqlite",
        "SPOOL_DIR": f"{tmp_path}/spool",
        "DOWNLOAD_DELAY": "0",
        "AUTOTHROTTLE_ENABLED": "0",
        "RETRY_TIMES": "0",
    }
    return [word for name, value in settings.items() for word in ("-s", f"{name}={value}")] + ["-L", "ERROR"]


def command(*words):
    """Return the real command line."""
    return [sys.executable, "-m", "scrapy", "schedule", *words]


def schedule(*words):
    """Run `scrapy schedule` to its end."""
    return loaded.run(command(*words), env=environment())


@pytest.fixture
def daemon():
    """Return a function that starts `scrapy schedule` as a daemon; none outlives the test."""
    started = []

    def start(*words):
        started.append(loaded.start(command(*words), env=environment()))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(process, pattern):
    """Read a daemon's lines up to one that matches, and return it."""
    for line in process.stderr:
        if re.search(pattern, line):
            return line
    raise AssertionError(f"the daemon ended with {process.wait()} without a line like {pattern!r}")


def end(process, number=signal.SIGTERM):
    """Stop a daemon; return its exit code and what it still said."""
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    return process.returncode, said


def test_list_prints_the_next_ten_runs(words):
    """`--list` names time, job and arguments of the next ten runs, and asks no store."""
    ran = schedule("--list", *words, "-s", "SCHEDULE=une: */15 * * * * sections=une; all: 30 3 * * * sections=all")
    lines = ran.stdout.splitlines()

    assert (ran.returncode, ran.stderr, len(lines)) == (0, "", 10)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC  (une|all)  sections=(une|all)", line) for line in lines)
    assert lines == sorted(lines)


def test_list_as_json(words):
    """`--list --json` is one document; its slots are those that `--once` takes."""
    ran = schedule("--list", "--json", "-a", "recheck=none", *words)
    document = json.loads(ran.stdout)
    first = document["runs"][0]

    assert (document["schema"], len(document["runs"])) == ("presstv.schedule/1", 10)
    assert re.fullmatch(r"\d{4}-01-01T00:00:00\.000000Z", first["at"])
    assert re.fullmatch(r"yearly@\d{4}0101t000000z", first["slot"])
    assert first["arguments"] == {"sections": "une", "recheck": "none"}


@pytest.mark.parametrize(
    ("wrong", "code", "error"),
    [
        (["-s", "SCHEDULE=une */15"], 4, "error: SCHEDULE entry 'une */15'"),
        (["--once", "nope"], 2, "error: no job 'nope' in SCHEDULE; choose from yearly"),
        (["--once", "yearly@noon"], 2, "error: 'noon' is no slot; write yearly@"),
        (["-a", "sections"], 2, "error: -a 'sections' is no NAME=VALUE"),
        (["-a", "color=red"], 2, "error: no crawl argument 'color'"),
        (["--json"], 2, "error: --json goes with --list or --once"),
        (["leftover"], 2, "error: 'leftover' fits nothing here"),
        (["-s", "ARCHIVE_URI=ftp://x"], 4, "error: "),
    ],
    ids=["schedule", "job", "slot", "pair", "argument", "json", "leftover", "archive"],
)
def test_mistakes_are_one_line_and_an_exit_code(words, wrong, code, error):
    """What a user can mend ends the command at once, in one line."""
    ran = schedule(*words, *wrong)

    assert ran.returncode == code
    assert ran.stderr.startswith(error)
    assert ran.stderr.count("\n") == 1


def test_settings_of_the_command_line_reach_the_crawls():
    """What -s and -L set is passed on; SCHEDULE and what a file set are not."""
    settings = Settings({"DOWNLOAD_DELAY": 1}, priority="project")
    settings.setdict({"ARCHIVE_URI": "file:x", "LOG_LEVEL": "ERROR", "SCHEDULE": YEARLY}, priority="cmdline")

    assert given_settings(settings) == {"ARCHIVE_URI": "file:x", "LOG_LEVEL": "ERROR"}


@pytest.mark.row("F-PRC-07")
def test_once_runs_a_slot_and_then_finds_it_taken(words, tmp_path):
    """The first `--once` of a slot is its crawl, output and exit code included; the second exits 11 and names the first."""
    with serve() as server:
        first = schedule("--once", "yearly", "--json", "-a", f"outlet={server.url}", *words)
        second = schedule("--once", "yearly", "-a", f"outlet={server.url}", *words)

    assert (first.returncode, json.loads(first.stdout)["schema"]) == (0, "presstv.crawl/1")
    assert (second.returncode, second.stdout) == (11, "")
    assert re.fullmatch(r"error: slot yearly@\d{4}0101t000000z already taken by process \d+ on .*\n", second.stderr)
    assert len(list(open_store(f"file:{tmp_path}/archive").list("log/"))) == 1


def test_once_ends_with_the_exit_code_of_its_crawl(words):
    """A crawl that failed is seen by cron."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        ran = schedule("--once", "yearly", "-a", f"outlet=http://127.0.0.1:{closed.getsockname()[1]}", *words)

    assert ran.returncode == 5


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["term", "int"])
def test_signal_ends_an_idle_daemon(daemon, words, number, code):
    """A daemon that waits for its next slot ends when told to, and says so."""
    process = daemon("--no-catch-up", *words)
    until(process, r"schedule: yearly for file:.*; next: yearly@")
    ended, said = end(process, number)

    assert (ended, said.split(" ", 1)[1]) == (code, "schedule: stopped\n")


def test_signal_ends_a_daemon_and_its_crawl(daemon, words):
    """A crawl that waits for the outlet is stopped first, in good order, and then the daemon ends."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        process = daemon("-a", f"outlet=http://127.0.0.1:{silent.getsockname()[1]}", *words)
        connection, _ = silent.accept()
        process.send_signal(signal.SIGTERM)
        connection.close()
        silent.close()
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 143
    assert re.search(r"slot yearly@\d{4}0101t000000z exit 143 after \d+ s\n.* stopped\n$", said)


@pytest.mark.row("F-PRC-14")
def test_two_daemons_on_one_archive_run_a_slot_once(daemon, words, tmp_path):
    """Of two daemons that start at once one runs the missed slot, the other says who has it; both end cleanly."""
    line = r"slot yearly@\d{4}0101t000000z (exit 0 after \d+ s|already taken by process \d+ on )"
    with serve() as server:
        pair = [
            daemon(
                "-a",
                f"outlet={server.url}",
                *words,
                "-s",
                f"CATALOG_PATH={tmp_path}/{n}",
                "-s",
                f"SPOOL_DIR={tmp_path}/s{n}",
            )
            for n in range(2)
        ]
        said = [until(process, line) for process in pair]
        codes = [end(process)[0] for process in pair]

    assert codes == [143, 143]
    assert sorted("exit 0" in words for words in said) == [False, True]
    assert len(list(open_store(f"file:{tmp_path}/archive").list("claims/yearly/"))) == 1
