"""A crawl's session: what is opened, and what is refused, before the first request."""

from datetime import timedelta

import pytest
from scrapy.settings import Settings

from archive.errors import ConfigurationError, UsageError
from archive.opened import check_clock
from crawler.crawl.session import limits_of, open_session, summary_of
from pipelines.writer import Limits
from tests.french import plan_of
from tests.made import Ticking, archive_at, capture, writer_of


@pytest.fixture
def settings(tmp_path):
    """Return the project's settings for an archive in the test's folder."""
    found = Settings()
    found.setmodule("settings.local", priority="project")
    places = {"ARCHIVE_URI": f"file:{tmp_path}/archive", "CATALOG_PATH": f"{tmp_path}/catalog.sqlite"}
    found.setdict(places | {"SPOOL_DIR": f"{tmp_path}/spool", "BATCH_SECONDS": "7"}, priority="cmdline")
    return found


def test_the_first_session_creates_the_archive(settings, tmp_path):
    """Archive, catalog and a first spool are there; nothing is committed."""
    session = open_session(settings, plan_of({}))
    spools = len(list((tmp_path / "spool").iterdir()))
    session.writer.close({})
    session.archive.close()

    assert ((tmp_path / "archive" / "archive.json").exists(), spools) == (True, 1)
    assert session.archive.log.read(1) is None


def test_a_session_takes_in_what_a_dead_crawl_left(settings, tmp_path):
    """Spools are adopted before the first request."""
    clock = Ticking()
    archive = archive_at(tmp_path, clock)
    writer = writer_of(archive, tmp_path, clock)
    writer.spool(capture())
    writer.abandon()
    archive.close()
    session = open_session(settings, plan_of({}))
    session.writer.abandon()
    session.archive.close()

    assert session.archive.log.read(1).summary["adopted"] == 1
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_named_article_must_be_there(settings, tmp_path):
    """`ids` of an article that was never seen is a usage error, and no spool is begun."""
    with pytest.raises(UsageError, match="99"):
        open_session(settings, plan_of({"ids": "99"}))

    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize(("behind", "refused"), [(timedelta(minutes=4), False), (timedelta(minutes=6), True)], ids=str)
@pytest.mark.row("F-PRC-13")
def test_a_clock_behind_the_archive(tmp_path, behind, refused):
    """F-PRC-13: more than five minutes before the newest commit nothing is written."""
    clock = Ticking()
    archive = archive_at(tmp_path, clock)
    writer = writer_of(archive, tmp_path, clock)
    writer.close({"exit": 0})
    newest = archive.log.read(1).committed_at
    try:
        if refused:
            with pytest.raises(ConfigurationError, match="clock is behind the archive"):
                check_clock(archive, newest - behind)
        else:
            assert check_clock(archive, newest - behind) is None
    finally:
        archive.close()


def test_limits_come_from_the_settings(settings):
    """Numbers may be text."""
    assert limits_of(settings) == Limits(captures=200, bytes=32 * 2**20, age=timedelta(seconds=7))


def test_the_summary_of_a_crawl(settings):
    """Outcomes, sections, the exit code and why it ended; no floats anywhere."""
    session = open_session(settings, plan_of({}))
    session.ledger.schedule("/", "front", seed=True)
    session.ledger.end("/", "listed")
    summary = summary_of(session, {"une": {"complete": True}})
    session.writer.close({})
    session.archive.close()

    assert summary == {
        "sections": {"une": {"complete": True}},
        "requests": {"listed": 1},
        "exit": 0,
        "closed_by": "finished",
    }


def test_a_suspect_crawl_says_so_in_its_commits(settings):
    """The brake of the session decides what the writer's commits say, and the last one tells what was found."""
    session = open_session(settings, plan_of({}))
    for number in range(10):
        session.ledger.schedule(f"/{number}", "article")
        session.ledger.brake.expect(f"/{number}")
        session.ledger.end(f"/{number}", "gone")
    summary = summary_of(session, {})
    session.writer.close(summary)
    commit = session.archive.log.read(1)
    session.archive.close()

    assert (commit.summary["suspect"], commit.summary["exit"]) == (True, 6)
    assert commit.summary["brake"]["rechecked"] == {"gone": 10}
