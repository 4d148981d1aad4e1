"""The process: killed at any call, stopped for a while, set to another time, without readers, of an older format."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections import Counter
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests import loaded
from tests.faults.kill_many import REPLICA
from tests.faults.killing import (
    WRITES,
    calls,
    crawl,
    healed,
    killed,
    killed_at_each,
    may_trace,
    ordinals,
    small_outlet,
)
from tests.faulty import ARTICLE, numbers
from tests.project import ROOT, Project, environment
from tests.waiting import until

traced = pytest.mark.skipif(not may_trace(), reason="strace is not installed, or may not attach to a process")
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
FORMAT_1 = Path(__file__).with_name("format-1.tar.gz")


CRAWLING = """
import sys, scrapy.cmdline
scrapy.cmdline.execute(sys.argv)
"""
BREAKING = """
import sys, scrapy.cmdline
{patch}
def fail(*_, **__): raise ZeroDivisionError("zéro")
setattr(broken, name, fail)
scrapy.cmdline.execute(sys.argv)
"""
# Only the wall clock jumps, as on a real machine; libfaketime can't set it alone without breaking time.sleep.
JUMPING = """
import sys, threading, time, scrapy.cmdline, time_machine
def jump():
    sys.stdin.readline()
    time_machine.travel(time.time() + {seconds}).start()
    print("jumped", flush=True)
threading.Thread(target=jump, daemon=True).start()
scrapy.cmdline.execute(sys.argv)
"""


@pytest.fixture(scope="module")
def small():
    """Return an outlet of five articles."""
    with small_outlet() as server:
        yield server


@pytest.fixture
def fresh(tmp_path, small):
    """Return a function that makes a project of its own."""
    return lambda name="project": Project(tmp_path / name, small.url)


@pytest.fixture
def started(project):
    """Return a function that starts a crawl; none outlives the test."""
    running = []

    def start(*words, script=CRAWLING):
        command = project.scripted(script, *project.crawl_words(*words))
        running.append(loaded.start(command, env=environment()))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.row("F-PRC-01")
@pytest.mark.slow
def test_a_request_that_hangs_is_not_waited_for(project, outlet, started):
    """Told to stop, a crawl gives what is on its way 20 seconds; then it commits what it has and exits 143."""
    outlet.hold_after(5)
    process = started("-a", "sections=une", "-s", "DOWNLOAD_TIMEOUT=600")
    assert outlet.reached.wait(60)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=90)
    found = numbers(project)

    assert process.returncode == 143, err
    assert "ended early: shutdown" in out
    assert len(found) == 5
    assert list(project.spool.iterdir()) == []


@pytest.mark.row("F-PRC-03")
@traced
@pytest.mark.parametrize(("call", "number"), [("mkdir", 1), ("fsync", 1), ("pwrite64", 40), ("unlink", 2)])
def test_a_kill_in_a_crawl(run, fresh, call, number):
    """Killed at a call of the reactor's thread: the next crawl makes the archive whole, each article once."""
    project = fresh()

    assert killed(run, project, "main", call, number)
    healed(run, project)


@pytest.mark.row("F-PRC-03")
@traced
def test_a_kill_between_two_captures(run, fresh, small):
    """Killed at the last write but one to a spool: what those before brought in is stored once, not fetched again."""
    project = fresh()
    *_, last_but_one, _ = ordinals(calls(run, fresh("twin"), "main"), "pwrite64", "/twin/spool/")
    small.requests.clear()

    assert killed(run, project, "main", "pwrite64", last_but_one)
    healed(run, project)
    asked = Counter(request.path for request in small.requests if ARTICLE.match(request.path))
    # One was being written, and the next was on its way.
    assert asked.total() - len(asked) <= 2


@pytest.mark.row("F-PRC-03")
@pytest.mark.slow
@pytest.mark.timeout(3600)
@traced
@pytest.mark.parametrize("call", WRITES)
def test_a_kill_at_every_call_of_a_crawl(run, fresh, call):
    """Killed at the first, the second … the last of a call: all that was stored stays, each article comes once."""
    kills = killed_at_each(run, fresh, "main", call)

    assert kills or call not in {"write", "fsync"}


@pytest.mark.row("F-PRC-03")
@pytest.mark.slow
@pytest.mark.timeout(3600)
@traced
@pytest.mark.parametrize(
    ("thread", "call"),
    [("main", "pwrite64"), ("main", "ftruncate"), ("main", "unlink"), ("commit", "fsync"), ("commit", "linkat")],
)
def test_a_kill_at_every_call_of_an_adoption(run, fresh, thread, call):
    """Killed while it takes in what an earlier one left, at each of a call: nothing is lost or doubled by that either."""
    dead = fresh("dead")
    assert killed(run, dead, "commit", "linkat", 5)

    dead.folder.rename(kept := dead.folder.with_name("kept"))

    def begun(_):
        # At the same place: at another one the catalog would be of another archive, and made anew.
        shutil.rmtree(dead.folder, ignore_errors=True)
        shutil.copytree(kept, dead.folder)
        return dead

    assert killed_at_each(run, begun, thread, call) > 0


@pytest.mark.row("F-PRC-03")
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not REPLICA.exists(), reason="no replica of the outlet beside the project")
def test_kills_at_random_moments():
    """Many crawls are killed, then one is not: verify 0, each article once, few fetched again (the script's figures)."""
    words = [sys.executable, "-m", "tests.faults.kill_many", "--kills", "12", "--synthetic", "0", "--seed", "5"]
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.row("F-PRC-06")
@pytest.mark.parametrize(
    "patch",
    [
        "from crawler.spiders.presstv import PressTV as broken; name = 'start'",
        "from pipelines.export import Export as broken; name = 'from_crawler'",
        "from scrapy.extensions.memusage import MemoryUsage as broken; name = 'from_crawler'",
    ],
    ids=["start", "pipeline", "extension"],
)
def test_a_part_that_fails_at_the_beginning(run, fresh, patch):
    """Exit 1 and one line; nothing is half-written, and the next crawl takes everything."""
    project = fresh()
    done = project.run_by(BREAKING.format(patch=patch), *project.crawl_words())
    verified = run.run(project.command("verify"))

    assert (done.returncode, done.stderr.count("error:")) == (1, 1), done.stderr
    assert verified.code == 0
    healed(run, project)


def each_once(project, outlet):
    """Tell whether every article that the outlet was asked for has one version, and the archive is whole."""
    found = numbers(project)
    return set(found) == set(outlet.articles()) and set(found.values()) == {1} and not project.run("verify").returncode


@contextmanager
def alone_with(*files):
    """Hold the locks of SQLite files: who is stopped with one in its hand stops all others."""
    with ExitStack() as stack:
        for file in files:
            db = stack.enter_context(closing(sqlite3.connect(file, isolation_level=None, timeout=60)))
            db.execute("BEGIN EXCLUSIVE")
        yield


def stands_still(pid):
    """Return whether each thread of a process is stopped (proc(5), the field `State`)."""
    states = [(task / "stat").read_text().rpartition(") ")[2][0] for task in Path(f"/proc/{pid}/task").iterdir()]
    return set(states) == {"T"}


@pytest.mark.row("F-PRC-09")
def test_a_crawl_that_stood_still(project, outlet, started):
    """Stopped while another one crawls and commits, it goes on behind it: nothing is overwritten, lost or doubled."""
    outlet.hold_after(5)
    sleeper = started("-a", "sections=une", "-s", "BATCH_CAPTURES=4")
    assert outlet.reached.wait(60)
    with alone_with(project.folder / "catalog.sqlite", project.folder / "heads.sqlite"):
        sleeper.send_signal(signal.SIGSTOP)
        assert until(lambda: stands_still(sleeper.pid))
    outlet.release()
    other = project.report("-a", "sections=une", "-s", "BATCH_CAPTURES=4")
    # What was stopped in the middle of its own commit has a temporary file there, which is none of the log's.
    log = {path.name: path.read_bytes() for path in (project.archive / "log").glob("[0-9]*")}
    sleeper.send_signal(signal.SIGCONT)
    _, err = sleeper.communicate(timeout=60)
    after = {path.name: path.read_bytes() for path in (project.archive / "log").glob("[0-9]*")}

    assert (other["exit"], sleeper.returncode) == (0, 0), err
    assert len(after) > len(log)
    assert after.items() >= log.items()
    assert each_once(project, outlet)


@pytest.mark.row("F-PRC-13")
@pytest.mark.parametrize(
    "seconds",
    [-3600, pytest.param(86_400, marks=pytest.mark.slow), pytest.param(-1.7e9, marks=pytest.mark.slow)],
    ids=["an hour back", "a day on", "to about 1973"],
)
def test_a_clock_that_jumps(project, outlet, started, seconds):
    """Set back or forward in the middle of a crawl: it ends well, and no two of its looks share an instant."""
    outlet.hold_after(5)
    process = started("-a", "sections=une", "-s", "BATCH_CAPTURES=4", script=JUMPING.format(seconds=seconds))
    assert outlet.reached.wait(60)
    process.stdin.write("jump\n")
    process.stdin.flush()
    assert process.stdout.readline() == "jumped\n"
    outlet.release()
    _, err = process.communicate(timeout=90)
    times = [row["at"] for row in project.rows("checks")]

    assert process.returncode == 0, err
    assert len(set(times)) == len(times) >= 20
    assert each_once(project, outlet)


@pytest.mark.row("F-PRC-13")
@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
def test_a_clock_behind_stops_writers_alone(run, fresh, small):
    """An hour behind the newest commit a crawl ends with 4 and asks for nothing; readers don't care."""
    project = fresh()
    crawl(run, project)
    small.requests.clear()
    env = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "-1h"}
    done = project.run(*project.crawl_words(), env=env)
    readers = [project.run(*words, env=env).returncode for words in (("verify",), ("export", "jsonl"))]

    assert (done.returncode, small.requests) == (4, [])
    assert "clock is behind the archive" in done.stderr
    assert readers == [0, 0]


@pytest.mark.row("F-PRC-15")
@pytest.mark.row("F-PRC-16")
def test_a_crawl_that_nobody_hears(run, fresh):
    """Its reader gone and its locale C, a crawl stores the same and ends as ever."""
    project = fresh()
    read, write = os.pipe()
    os.close(read)
    words = project.crawl_words("-a", "sections=une")
    done = project.run(*words, env={"LANG": "C", "LC_ALL": "C", "TERM": "dumb"}, stdout=write)
    os.close(write)

    assert (done.returncode, done.stderr) == (0, "")
    healed(run, project)


@pytest.mark.row("F-PRC-18")
def test_an_archive_of_format_1_is_read_for_ever(tmp_path):
    """An archive that an earlier program wrote, kept with the tests, verifies and gives the versions that it gave."""
    with tarfile.open(FORMAT_1) as kept:
        kept.extractall(tmp_path, filter="data")
    project = Project(tmp_path, "http://127.0.0.1:9")
    wanted = json.loads((tmp_path / "wanted.json").read_text())
    found = [
        {name: row[name] for name in ("article_id", "captured_at", "headline", "digests")}
        for row in project.rows("versions")
    ]

    assert project.run("verify").returncode == 0
    assert found == wanted
