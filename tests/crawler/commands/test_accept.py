"""`scrapy accept`: a person believes a suspect crawl."""

import json

import pytest

from archive.catalog import articles, suspects
from archive.catalog.suspects import waiting_of
from archive.committing import accept
from archive.errors import ConfigurationError, UsageError
from archive.log.chain import Log
from archive.stores.opening import open_store
from crawler.crawl.session import PROGRAM
from tests import facts
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
    made = accept(archive, "second", now=facts.NOON, program=PROGRAM)

    assert (before, made.seq, made.summary["accept"], made.segments) == (1, 3, "second", ())
    assert suspects.suspects(archive.catalog.db) == []
    assert articles.latest(archive.catalog.db, "1")["body"] == [facts.TEXTS[1]]


@pytest.mark.parametrize(("crawl", "says"), [("first", "waits for nothing"), ("third", "is not in the archive")])
def test_only_a_suspect_crawl_is_accepted(crawl, says):
    """Any other name is a usage error that lists those which are."""
    with pytest.raises(UsageError, match=f"{says}; suspect crawls: second"):
        waiting_of(facts.folded(suspect_log()).catalog.db, crawl)


def test_a_clock_behind_the_archive_accepts_nothing():
    """As with a crawl, five minutes are forgiven."""
    archive = facts.folded(suspect_log())

    with pytest.raises(ConfigurationError, match="clock is behind"):
        accept(archive, "second", now=facts.at(-60), program=PROGRAM)


def test_the_command(tmp_path):
    """It says what it did, once; the second time there is nothing to accept."""
    project = Project(tmp_path, "http://127.0.0.1:9")
    none = project.run("accept", "second")
    suspect_log(open_store(f"file:{project.archive}"))
    status = project.run("status").stdout
    done = project.run("accept", "second", "--json")
    again = project.run("accept", "second")

    assert none.returncode == 10
    assert "second: 1 looks wait" in status
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
