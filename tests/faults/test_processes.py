"""`--processes 2`: a worker killed, the command stopped anywhere and run again; it comes to what one process comes to."""

import os
import signal

import pytest

from archive.catalog.selection import Selection
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from tests import dying
from tests.crawler.reread.test_shares import filled
from tests.foreign_warcs import Warc, moment, page
from tests.french import open_archive
from tests.made import Ticking, url_of
from tests.project import Project

PIECES = 7
STOPS = {
    "replay": ("went on behind commit 1", signal.SIGTERM), "verify": ("went on: 3 commits", signal.SIGINT),
    "csv": ("went on: 3 ranges", signal.SIGTERM), "backfill": ("passed over: 2 known", signal.SIGINT),
}  # fmt: skip
"""Command → what it says when it is run a third time, and what stops it the first time; the second time a kill does."""


def begun(folder):
    """Return a project with an archive of seven segments, and a file of others' captures."""
    folder.mkdir()
    filled(folder, Ticking(), PIECES).close()
    made = Warc()
    for number in range(1, PIECES + 1):
        made.response(url_of(str(number)), page(headline=f"Titre {number}"), at=moment(number))
    made.save(folder / "autre.warc.gz")
    return Project(folder, "")


def words(project, name):
    """Return the words of a command that several processes do."""
    return {
        "replay": ("replay", "-s", "BATCH_CAPTURES=2"),
        "verify": ("verify",),
        "csv": ("export", "csv", "--view", "versions", "-o", project.folder / "out.csv"),
        "backfill": ("backfill", project.folder / "autre.warc.gz", "-s", "BATCH_CAPTURES=2"),
    }[name]


def run(project, name, *more, **plan):
    """Do it in two processes, by a plan of what goes wrong; without one in one process."""
    if plan:
        more = (*more, "--processes", "2")
    env = dying.of(project.folder, **plan)
    return project.run_by(dying.COMMAND, *words(project, name), *more, env=env)


def outcome(project, name, done):
    """Return what a command came to that is promised to be the same, however often it was stopped."""
    if name == "csv":
        return (project.folder / "out.csv").read_bytes()
    if name == "verify":
        return next(line for line in done.stdout.splitlines() if line.startswith("whole"))
    archive = open_archive(f"file:{project.archive}", project.folder / "fresh.sqlite")
    try:
        rows = [*VIEWS["records"](archive, Selection())]
    finally:
        archive.close()
    # Where commits begin and end, and what they are called, follows from the instant.
    return sorted(canonical(row | {"capture": None, "commit": 0, "crawl": "", "source": ""}) for row in rows)


def left(project):
    """Return what lies there of journals, and of exports that did not come to their end."""
    return [*project.folder.glob("catalog.sqlite.[!h]*"), *project.folder.glob(".export-*")]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process comes to, by command."""
    told = {}
    for name in STOPS:
        project = begun(tmp_path_factory.mktemp(name) / "alone")
        done = run(project, name)
        assert done.returncode == 0, done.stderr
        told[name] = outcome(project, name, done)
    return told


@pytest.mark.row("F-MNY-12")
@pytest.mark.parametrize("name", STOPS)
def test_a_worker_is_killed(tmp_path, alone, name):
    """In the middle: nobody notices."""
    project = begun(tmp_path / "a")
    done = run(project, name, worker=3)

    assert (done.returncode, done.stderr.count("\n")) == (0, name == "csv"), done.stderr
    assert outcome(project, name, done) == alone[name]
    assert dying.begun(project.folder) > PIECES
    assert left(project) == []


@pytest.mark.row("F-MNY-12")
@pytest.mark.parametrize("name", STOPS)
def test_a_command_is_stopped_and_run_again(tmp_path, alone, name):
    """By a signal, then by a kill further on: it goes on from there, says so, and leaves nothing behind."""
    project, (says, how) = begun(tmp_path / "a"), STOPS[name]
    stopped = run(project, name, stop=how, at=2)
    killed = run(project, name, stop=signal.SIGKILL, at=3)
    done = run(project, name, stop=0)

    assert (stopped.returncode, stopped.stderr) == (128 + how, "stopped; run the same command again to go on\n")
    assert (killed.returncode, done.returncode) == (-signal.SIGKILL, 0)
    assert says in done.stdout + done.stderr
    assert outcome(project, name, done) == alone[name]
    for path in left(project):
        # A kill's; who writes there a day later removes it.
        assert name == "csv"
        os.utime(path, (0, 0))
    run(project, name)
    assert left(project) == []


@pytest.mark.row("F-MNY-12")
def test_a_segment_that_kills_each_worker(tmp_path):
    """It is named, in one line, and ends the command as a limit does; what was read before is not read again."""
    project = begun(tmp_path / "a")
    done = run(project, "replay", piece="0005")

    assert done.returncode == 14
    assert done.stderr.count("\n") == 1
    assert "each of 3 processes that worked on it was killed" in done.stderr


@pytest.mark.row("F-MNY-12")
def test_ctrl_c_is_one_line(tmp_path):
    """A terminal sends it to the workers, too: they say nothing, and end."""
    project = begun(tmp_path / "a")
    env = dying.of(project.folder, stop=signal.SIGINT, at=1, terminal=True)
    words = ("verify", "--processes", "2")
    done = project.run_by(dying.COMMAND, *words, env=env, start_new_session=True)

    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "stopped; run the same command again to go on\n"
