"""A crawl as a process that is told to stop, killed, or not alone."""

import contextlib
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from archive.facts.names import stamp
from archive.warc.damage import left_of
from tests.faulty import numbers
from tests.project import Project


@pytest.fixture
def started(project):
    """Return a function that starts a crawl; none outlives the test."""
    running = []

    def start(*words):
        running.append(project.start(*words))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def stop(process, number, seconds=60):
    """Send a signal and return (exit code, stdout, stderr)."""
    process.send_signal(number)
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


@pytest.mark.row("F-PRC-01")
def test_terminated_it_finishes_commits_and_can_go_on(project, outlet, started):
    """F-PRC-01: in-flight requests finish, the batch is committed, exit 143; the next crawl continues."""
    outlet.hold_after(10)
    process = started()
    assert outlet.reached.wait(30)
    process.send_signal(signal.SIGTERM)
    assert "gracefully" in process.stderr.readline()
    outlet.release()
    out, err = process.communicate(timeout=30)
    stored = sum(numbers(project).values())
    again = project.report()

    assert process.returncode == 143, err
    assert "ended early: shutdown" in out
    assert "Traceback" not in err
    assert stored >= 10
    assert list(project.spool.iterdir()) == []
    assert again["articles"] == {"new": 60 - stored}
    assert set(Counter(outlet.articles()).values()) == {1}


@pytest.mark.row("F-PRC-01")
def test_interrupted_it_exits_130(project, outlet, started):
    """Ctrl-C is told from SIGTERM by its exit code."""
    outlet.hold_after(3)
    process = started()
    assert outlet.reached.wait(30)
    process.send_signal(signal.SIGINT)
    assert "gracefully" in process.stderr.readline()
    outlet.release()
    process.communicate(timeout=30)

    assert process.returncode == 130


EARLY = """
import os, signal, sys, scrapy.cmdline, scrapy.crawler
create = scrapy.crawler.Crawler._create_engine
def told(crawler):
    os.kill(os.getpid(), {number})
    return create(crawler)
scrapy.crawler.Crawler._create_engine = told
scrapy.cmdline.execute(sys.argv)
"""


@pytest.mark.row("F-PRC-01")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_told_before_the_first_request_it_is_no_bug(project, outlet, number, code):
    """A signal that comes while Scrapy is still being put together is a signal, never exit 1 and a bug."""
    done = project.run_by(EARLY.format(number=int(number)), *project.crawl_words())

    assert done.returncode == code, done.stderr
    assert "stopped; run the same command again to go on" in done.stderr
    assert "error:" not in done.stderr
    assert "Traceback" not in done.stderr
    assert outlet.articles() == []
    assert project.report()["articles"] == {"new": 60}


@pytest.mark.row("F-PRC-02")
def test_told_twice_it_stops_at_once(project, outlet, started):
    """F-PRC-02: nothing is committed any more, the spool stays and the next crawl takes it in."""
    outlet.hold_after(10)
    process = started()
    assert outlet.reached.wait(30)
    process.send_signal(signal.SIGTERM)
    assert "gracefully" in process.stderr.readline()
    code, _, err = stop(process, signal.SIGTERM, seconds=20)
    waited = outlet.gate[1].is_set()
    left = list(project.spool.iterdir())
    outlet.release()
    again = project.report()

    assert (code, len(left)) == (143, 1), err
    assert not waited, "the outlet has not answered yet"
    assert again["articles"]["new"] <= 50
    assert set(numbers(project).values()) == {1}
    assert len(numbers(project)) == 60
    assert list(project.spool.iterdir()) == []


@pytest.mark.row("F-PRC-03")
def test_killed_it_loses_nothing(project, outlet, started):
    """F-PRC-03: the next crawl adopts the spool; every article once, verify clean, nothing fetched twice."""
    outlet.hold_after(20)
    process = started("-s", "BATCH_CAPTURES=8")
    assert outlet.reached.wait(30)
    stop(process, signal.SIGKILL)
    fetched = outlet.articles()
    outlet.release()
    again = project.report()

    assert process.returncode == -signal.SIGKILL
    assert len(fetched) >= 20
    # What was on the wire when it died was answered, but never arrived.
    assert again["articles"]["new"] >= 60 - len(fetched)
    assert max(Counter(outlet.articles()).values()) <= 2
    assert sum(Counter(outlet.articles()).values()) <= 60 + 4
    assert set(numbers(project).values()) == {1}
    assert len(numbers(project)) == 60
    assert project.run("verify").returncode == 0
    assert list(project.spool.iterdir()) == []


@pytest.mark.row("F-PRC-20")
@pytest.mark.parametrize("place", ["{spools}", "{spools}/{{archive}}"], ids=["one folder for both", "one for each"])
def test_what_died_into_one_archive_never_comes_into_another(project, outlet, started, tmp_path, place):
    """Two archives with the same SPOOL_DIR: the other one leaves the captures where they are, its own takes them in."""
    spools = tmp_path / "spools"
    setting = ("-s", f"SPOOL_DIR={place.format(spools=spools)}")
    outlet.hold_after(8)
    process = started(*setting)
    assert outlet.reached.wait(30)
    stop(process, signal.SIGKILL)
    outlet.release()
    (left,) = spools.rglob("*.warc.gz")
    before = left.read_bytes()
    other = Project(tmp_path / "other", outlet.url)
    found = other.run(*other.crawl_words(*setting, "--json"))
    held = [row["captured_at"] for row in other.rows("versions")]
    died = [stamp(capture.captured_at) for capture in left_of(before).captures]

    assert found.returncode == 0
    assert left.read_bytes() == before
    assert ("another archive's" in found.stderr) is ("archive" not in place)
    assert not set(held) & set(died)
    assert project.report(*setting)["exit"] == 0
    assert set(died) & {row["captured_at"] for row in project.rows("versions")}
    assert not [path for path in spools.rglob("*") if path.is_file()]


@pytest.mark.row("F-SEC-07")
def test_nothing_listens_while_it_crawls(project, outlet, started):
    """F-SEC-07: telnet and remote control are off, no socket of the process listens."""
    outlet.hold_after(1)
    process = started()
    assert outlet.reached.wait(30)
    inodes = set()
    for handle in Path(f"/proc/{process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes |= set(re.findall(r"socket:\[(\d+)\]", str(handle.readlink())))
    listening = [
        fields[9]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A"
    ]

    assert inodes
    assert not inodes & set(listening)


@pytest.mark.row("F-PRC-07")
def test_two_crawls_at_once(project, outlet, started):
    """F-PRC-07: both are safe, each article has one version, the archive is whole."""
    outlet.hold_after(5)
    both = [started("-s", "BATCH_CAPTURES=20"), started("-s", "BATCH_CAPTURES=20")]
    assert outlet.reached.wait(30)
    outlet.release()
    codes = [process.wait(60) for process in both]

    assert codes == [0, 0]
    assert (set(numbers(project).values()), len(numbers(project))) == ({1}, 60)
    assert project.run("verify").returncode == 0
