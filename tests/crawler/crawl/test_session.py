"""A crawl's session: what is opened, and what is refused, before the first request."""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.settings import Settings

from archive.errors import ConfigurationError, UsageError
from archive.log.batch import Limits
from archive.log.chain import check_clock
from crawler.crawl.session import limits_of, open_committer, open_session, summary_of
from tests.french import VOCABULARY, plan_of
from tests.made import Ticking, archive_at, capture, writer_of

pytest_plugins = ["tests.servers"]


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


def test_what_is_taken_in_and_what_is_begun_have_names_of_their_own(settings, tmp_path):
    """Each dead crawl's spool is committed by a writer of its own; all of one crawl number their batches together."""
    clock = Ticking()
    archive = archive_at(tmp_path, clock)
    for dead in ("x-0000000a", "x-0000000b"):
        writer = writer_of(archive, tmp_path, clock, crawl=dead)
        writer.spool(capture(at=clock()))
        writer.abandon()
    archive.close()
    session = open_session(settings, plan_of({}))
    begun = [path.name for path in (tmp_path / "spool").iterdir()]
    warcs = [session.archive.log.read(seq).segments[0].key for seq in (1, 2)]
    session.writer.abandon()
    session.archive.close()

    mine = [re.search(r"[0-9a-f]{8}-\d{4}", name)[0] for name in (*warcs, *begun)]
    assert mine == [f"{session.crawl[-8:]}-000{number}" for number in (1, 2, 3)]
    assert session.writer.commits == []


@pytest.mark.parametrize("prefix", ["", "replay-"])
def test_commits_carry_the_id_of_whoever_opened_for_writing(settings, prefix):
    """A crawl's own id is when it began and a random part; others put a word before it."""
    committer = open_committer(settings, VOCABULARY, prefix=prefix)
    with closing(committer.archive):
        made = committer.commit(committer.begin(), {"exit": 0})

    assert re.fullmatch(prefix + r"\d{8}t\d{6}z-[0-9a-f]{8}", made.crawl)


def test_nothing_is_opened_for_writing_with_a_clock_behind(settings, tmp_path):
    """Whatever is to be written: what others wrote later can't be followed by an earlier commit."""
    ahead = Ticking(Ticking().now.replace(year=2999))
    archive = archive_at(tmp_path, ahead)
    writer_of(archive, tmp_path, ahead).close({"exit": 0})
    archive.close()

    with pytest.raises(ConfigurationError, match="clock is behind the archive"):
        open_committer(settings, VOCABULARY)


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
    newest = archive.log.read(1)
    archive.close()
    if refused:
        with pytest.raises(ConfigurationError, match=r"clock is behind the archive.* -s CLOCK_BEFORE=1"):
            check_clock(newest, newest.committed_at - behind)
    else:
        assert check_clock(newest, newest.committed_at - behind) is None


@pytest.mark.row("F-PRC-13")
def test_a_commit_of_the_future_shuts_nobody_out(settings, tmp_path):
    """Told that its clock was ahead, a crawl goes on behind it and says so once; another number opens nothing."""
    future = Ticking(datetime.now(UTC) + timedelta(days=365))
    archive = archive_at(tmp_path, future)
    writer_of(archive, tmp_path, future).close({"exit": 0})
    archive.close()
    for number in ("0", "2"):
        settings.set("CLOCK_BEFORE", number, priority="cmdline")
        with pytest.raises(ConfigurationError, match="CLOCK_BEFORE=1"):
            open_session(settings, plan_of({}))
    for number in ("1", "0"):
        settings.set("CLOCK_BEFORE", number, priority="cmdline")
        session = open_session(settings, plan_of({}))
        session.writer.close({"exit": 0})
        session.archive.close()
    told = [commit.summary.get("clock_before") for commit in session.archive.log.after()]

    assert told == [None, 1, None]


@pytest.mark.row("F-PRC-21")
@pytest.mark.parametrize("minutes", [-6, -4, 4, 6, 2880])
def test_a_clock_that_is_not_the_buckets(settings, moto, use_endpoint, monkeypatch, minutes):
    """More than five minutes ahead or behind, and nothing is written, not even archive.json; the error names a way on."""
    use_endpoint(moto.endpoint)
    bucket = moto.bucket()
    settings.set("ARCHIVE_URI", f"s3://{bucket}/fr", priority="cmdline")
    monkeypatch.setattr("crawler.crawl.session.Clock", lambda: Ticking(datetime.now(UTC) + timedelta(minutes=minutes)))
    if abs(minutes) > 5:
        side = "ahead of" if minutes > 0 else "behind"
        with pytest.raises(ConfigurationError, match=f"{side} the store's.* -s CLOCK_APART=") as refused:
            open_committer(settings, VOCABULARY)
        assert not moto.client.list_objects_v2(Bucket=bucket).get("Contents")
        settings.set("CLOCK_APART", re.search(r"CLOCK_APART=(\d+)", str(refused.value))[1], priority="cmdline")
    committer = open_committer(settings, VOCABULARY)
    with closing(committer.archive):
        told = [committer.commit(committer.begin(), {"exit": 0}).summary.get("clock_apart") for _ in range(2)]

    assert told[0] is None if abs(minutes) < 5 else abs(told[0] - 60 * minutes) < 30
    assert told[1] is None


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
        "articles": {},
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
