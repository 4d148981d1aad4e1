"""`scrapy accept`: a person believes a suspect crawl."""

import json

import pytest

from archive.catalog import articles, suspects
from archive.catalog.suspects import waiting_of
from archive.errors import UsageError
from archive.log.chain import Log
from archive.stores.opening import open_store
from tests import facts
from tests.made import committer_of
from tests.project import Project


def suspect_log(store=None):
    """Return a log with a suspect crawl in it."""
    log = Log(store) if store else facts.new_log()
    if store:
        log.create(edition="presstv-fr", version="1")
    facts.write(log, facts.read(1, 0), crawl="first")
    facts.write(log, facts.read(1, 60, facts.TEXTS[1], outcome="changed"), crawl="second", summary={"suspect": True})
    return log


@pytest.mark.row("F-CON-06")
def test_accepting_appends_a_commit_that_is_folded():
    """The crawl waits for nothing any more, and its edit is one."""
    archive = facts.folded(suspect_log())
    before = waiting_of(archive.catalog.db, "second")
    made = committer_of(archive, lambda: facts.NOON, crawl="third").accept("second")

    assert (before, made.seq, made.summary["accept"], made.segments) == (1, 3, "second", ())
    assert suspects.suspects(archive.catalog.db) == []
    assert articles.latest(archive.catalog.db, "1")["body"] == [facts.TEXTS[1]]


@pytest.mark.parametrize(("crawl", "says"), [("first", "waits for nothing"), ("third", "is not in the archive")])
def test_only_a_suspect_crawl_is_accepted(crawl, says):
    """Any other name is a usage error that lists those which are."""
    with pytest.raises(UsageError, match=f"{says}; suspect crawls: second"):
        waiting_of(facts.folded(suspect_log()).catalog.db, crawl)


@pytest.fixture
def ahead(tmp_path):
    """Return a project whose archive was last written to by somebody with a clock far ahead of this machine's."""
    project = Project(tmp_path, "http://127.0.0.1:9")
    archive = facts.folded(suspect_log(open_store(f"file:{project.archive}")))
    committer = committer_of(archive, lambda: facts.NOON.replace(year=2999))
    committer.commit(committer.begin(), {"exit": 0})
    archive.close()
    return project


def test_a_clock_behind_the_archive_accepts_nothing(ahead):
    """As with a crawl, nothing is written; but a name that waits for nothing is told before."""
    done, wrong = ahead.run("accept", "second"), ahead.run("accept", "first")

    assert (done.returncode, "clock is behind the archive" in done.stderr) == (4, True), done.stderr
    assert (wrong.returncode, "waits for nothing" in wrong.stderr) == (2, True), wrong.stderr
    assert Log(open_store(f"file:{ahead.archive}")).read(4) is None


def test_a_key_that_is_none_is_told_first(tmp_path):
    """Before it is looked whether there is an archive at all."""
    done = Project(tmp_path, "http://127.0.0.1:9").run("accept", "second", env={"SIGNING_KEY": "none"})

    assert (done.returncode, "SIGNING_KEY" in done.stderr) == (4, True), done.stderr


def test_the_command(tmp_path):
    """It says what it did, once; the second time there is nothing to accept."""
    project = Project(tmp_path, "http://127.0.0.1:9")
    none = project.run("accept", "second")
    suspect_log(open_store(f"file:{project.archive}"))
    status = project.run("status").stdout
    done = project.run("accept", "second", "--json")
    again = project.run("accept", "second")

    assert none.returncode == 10
    assert "second: 1 look waits" in status
    assert (done.returncode, json.loads(done.stdout)["waiting"]) == (0, 1), done.stderr
    assert (again.returncode, "waits for nothing" in again.stderr) == (2, True)


def test_an_accepting_commit_is_signed(tmp_path):
    """With a key it is signed like a crawl's, so that an archive in which all must be signed stays whole."""
    project = Project(tmp_path, "http://127.0.0.1:9")
    suspect_log(open_store(f"file:{project.archive}"))
    key = tmp_path / "key"
    key.write_text("11" * 32)
    key.chmod(0o600)
    done = project.run("accept", "-s", f"SIGNING_KEY_FILE={key}", "second")

    assert done.returncode == 0, done.stderr
    assert [path.name for path in sorted((project.archive / "log").glob("*.sig"))] == ["000000000003.sig"]
