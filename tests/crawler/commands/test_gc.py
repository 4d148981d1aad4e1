"""`scrapy gc`: what it would remove, what it removes, and when it does not dare to."""

import json
import os

import pytest

from demo.server import serve
from tests.project import Project
from tests.stepped import faketime

OLD = 1_700_000_000


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project that was crawled, with an old orphan, a young one and a temporary file in its archive."""
    with serve() as server:
        made = Project(tmp_path_factory.mktemp("gc"), server.url)
        assert made.crawl("-a", "limit=2").returncode in (0, 14)
    for name, old in (("checks/old.jsonl.gz", True), ("checks/young.jsonl.gz", False), ("log/.0123.part", True)):
        (made.archive / name).write_bytes(b"x")
        if old:
            os.utime(made.archive / name, (OLD, OLD))
    return made


def told(project, *words):
    done = project.run("gc", "--json", *words)
    return json.loads(done.stdout) if done.stdout else done


def test_old_garbage_goes_and_nothing_else(project):
    """A dry run names the old orphan and the temporary file and leaves both; then they go, and the young one stays."""
    named, there = told(project, "--dry-run"), (project.archive / "log/.0123.part").exists()
    removed, again = told(project), told(project)

    assert (named["orphans"], named["unfinished"]) == ([{"key": "checks/old.jsonl.gz", "bytes": 1}], ["log/.0123.part"])
    assert there
    assert removed == named | {"dry_run": False}
    assert (again["orphans"], again["unfinished"]) == ([], [])
    assert (project.archive / "checks/young.jsonl.gz").exists()


@pytest.mark.row("F-PRC-22")
@pytest.mark.skipif(faketime() is None, reason="needs libfaketime")
def test_a_clock_ahead_removes_nothing_young(project):
    """A segment that a writer has just put, and is about to name in a commit, stays, whatever this clock says."""
    ahead = {"LD_PRELOAD": str(faketime()), "FAKETIME": "+2d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    removed = project.run("gc", "--json", env=ahead)

    assert "checks/young.jsonl.gz" not in [orphan["key"] for orphan in json.loads(removed.stdout)["orphans"]]
    assert (project.archive / "checks/young.jsonl.gz").exists()


def test_a_log_that_is_not_the_one_seen_stops_it(project):
    """With another last commit than this machine saw, what was committed would look like garbage: exit 9."""
    last = max((project.archive / "log").glob("*.json"))
    data = last.read_bytes()
    last.write_bytes(data.replace(b'"crawl":"2', b'"crawl":"3', 1))
    changed = project.run("gc")
    last.unlink()
    gone = project.run("gc")
    last.write_bytes(data)

    assert (changed.returncode, gone.returncode, project.run("gc").returncode) == (9, 9, 0)
    assert "scrapy verify" in changed.stderr
