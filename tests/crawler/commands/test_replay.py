"""`scrapy replay`: what today's code reads differently is written beside what stands, and is no edit."""

import contextlib
from datetime import timedelta
from functools import partial

import pytest

from archive.catalog import articles
from archive.catalog.since import Since
from archive.committing import Committer
from archive.errors import IntegrityError
from archive.facts.canonical import canonical, digest
from archive.facts.items import Check
from archive.facts.record import identity
from archive.log.spool import Spool
from archive.trust.verify import verify
from crawler.crawl.program import PROGRAM
from crawler.pages import REVISION
from crawler.reread.bookmark import Bookmark
from crawler.reread.replay import Replay, lines_of, report_of
from crawler.reread.segments import Task
from crawler.reread.stored import reader
from tests.facts import text_digest
from tests.foreign_warcs import page
from tests.french import EDITION
from tests.made import START, Ticking, archive_at, capture, demo_articles, url_of
from tests.project import Project

OLD = REVISION - 1


def read_as(record, revision=OLD, **fields):
    """Return a record as an extractor of another revision would have read it."""
    found = record | fields | {"extraction": record["extraction"] | {"revision": revision}}
    digests = {"version": digest(canonical(identity(found))), "headline": text_digest([found["headline"]])}
    return found | {"digests": record["digests"] | digests}


def store(archive, folder, clock, *facts):
    """Commit captures, each with what became of its reading: None leaves no record."""
    committer = Committer(archive=archive, crawl="20261124t120000z-0000000a", program=PROGRAM, clock=clock)
    batch = committer.begin(partial(Spool.create, folder / "spool"))
    for taken, as_read in facts:
        batch.spooled(taken)
        if as_read is not None:
            batch.records.append((as_read(reader(EDITION)(taken, "")), taken))
        number = taken.url.split("/")[7]
        batch.checks.append(
            Check(at=taken.captured_at, url=taken.url, kind="article", outcome="new", article_id=number, status=200)
        )
    return committer.commit(batch, {"exit": 0})


def replayed(archive, clock, *, since=None, ids=(), processes=1, limit=200):
    """Replay and return what it came to."""
    committer = Committer(archive=archive, crawl="replay-20261124t130000z-0000000b", program=PROGRAM, clock=clock)
    begin = Since(since)
    task = Task(
        archive=archive.store.uri,
        catalog=archive.catalog.path,
        edition=EDITION,
        ids=frozenset(ids),
        since=begin.at,
    )
    replay = Replay(committer=committer, task=task, limit=limit)
    replay.run(begin, processes)
    return replay


def shots(*bodies, number="7"):
    """Return captures of one article, an hour apart."""
    return [capture(url_of(number), body=body, at=START + timedelta(hours=n)) for n, body in enumerate(bodies)]


def headlines(archive):
    """Return the headline of each version."""
    return [version.record["headline"] for version in articles.versions(archive.catalog.db)]


def misread(record):
    return read_as(record, headline="Mal lu")


def well_read(record):
    return read_as(record)


def same(record):
    return record


def test_nothing_is_written_where_all_reads_as_before(archive, tmp_path, clock):
    """Readings of today's revision, and equal ones of an older, leave no record and no commit."""
    first, second = demo_articles(2)
    store(
        archive,
        tmp_path,
        clock,
        (capture(first[0], body=first[1]), same),
        (capture(second[0], body=second[1]), well_read),
    )
    replay = replayed(archive, clock)

    assert (replay.total.read, replay.total.differ, replay.committer.commits) == (2, 0, [])


def test_a_different_reading_stands_and_is_no_edit(archive, tmp_path, clock):
    """The article has one version, read anew; its citation is the same, and the older reading stays beside it."""
    store(archive, tmp_path, clock, (shots(page())[0], misread))
    before = [v.captured_at for v in articles.versions(archive.catalog.db)]
    replay = replayed(archive, clock)

    assert headlines(archive) == ["La pluie revient"]
    assert [v.captured_at for v in articles.versions(archive.catalog.db)] == before
    assert list(articles.changes(archive.catalog.db)) == []
    assert archive.log.read(2).crawl == replay.committer.crawl
    assert archive.log.read(2).summary["replay"]["differ"] == 1


def test_a_second_replay_finds_nothing(archive, tmp_path, clock):
    """What was written once reads as it stands."""
    store(archive, tmp_path, clock, (shots(page())[0], misread))
    replayed(archive, clock)
    again = replayed(archive, clock)

    assert (again.total.differ, again.beside, again.committer.commits) == (0, 0, [])
    assert verify(archive.log).whole


def test_an_edit_that_only_the_old_extractor_saw_is_gone(archive, tmp_path, clock):
    """It misread one of two captures of the same page: with both read anew there is one version, and no change."""
    one, two = shots(page(), page() + b"<!-- vu -->")
    store(archive, tmp_path, clock, (one, misread), (two, well_read))
    was = len(list(articles.changes(archive.catalog.db)))
    replay = replayed(archive, clock)

    assert was == 1
    assert (replay.total.differ, replay.beside) == (1, 1)
    assert list(articles.changes(archive.catalog.db)) == []
    assert headlines(archive) == ["La pluie revient"]


def test_an_edit_by_the_outlet_stays_one(archive, tmp_path, clock):
    """Two pages that differ are two versions, by the old reading and by the new."""
    one, two = shots(page(), page(headline="La pluie s’en va"))
    store(archive, tmp_path, clock, (one, misread), (two, lambda r: read_as(r, headline="Mal lu aussi")))
    replayed(archive, clock)

    assert headlines(archive) == ["La pluie revient", "La pluie s’en va"]
    assert len(list(articles.changes(archive.catalog.db))) == 1


def fed(date, reading=same):
    """Return a reading that was told the date that the outlet's feed gave in its crawl."""
    return lambda record: reading(record | {"clocks": record["clocks"] | {"feed": date}})


@pytest.mark.parametrize(
    "reading", [same, well_read, lambda r: read_as(r, kicker="Mal lu")], ids=["", "old", "misread"]
)
@pytest.mark.parametrize(("dates", "silent"), [(("9 h", "11 h"), False), (("9 h", "9 h"), True)])
def test_what_the_feed_said_is_not_lost(archive, tmp_path, clock, reading, dates, silent):
    """It stands on no page that could be read again: an edit that the feed announced stays announced."""
    one, two = shots(page(), page(headline="La pluie s’en va"))
    store(archive, tmp_path, clock, (one, fed(dates[0], reading)), (two, fed(dates[1], reading)))
    before = [change["silent"] for _, change in articles.changes(archive.catalog.db)]
    replayed(archive, clock)

    assert before == [change["silent"] for _, change in articles.changes(archive.catalog.db)] == [silent]
    assert [version.record["clocks"]["feed"] for version in articles.versions(archive.catalog.db)] == [*dates]


def test_a_capture_without_a_record_gets_one_where_it_differs(archive, tmp_path, clock):
    """The old extractor did not see what had changed, so that a fresh proof was kept only; now it is a version."""
    one, two, three = shots(page(), page(headline="La pluie s’en va"), page(headline="La pluie s’en va") + b" ")
    store(archive, tmp_path, clock, (one, same), (two, None))
    store(archive, tmp_path, clock, (three, None))
    replay = replayed(archive, clock)
    again = replayed(archive, clock)

    assert headlines(archive) == ["La pluie revient", "La pluie s’en va"]
    assert (replay.total.differ, again.total.differ) == (2, 0)


def test_a_capture_that_reads_as_the_record_before_it_gets_none(archive, tmp_path, clock):
    """A fresh proof of the same text stays a proof, also where the record before is of an older revision."""
    one, two = shots(page(), page() + b"<!-- vu -->")
    store(archive, tmp_path, clock, (one, misread), (two, None))
    replay = replayed(archive, clock)

    assert (replay.total.read, replay.total.differ, headlines(archive)) == (2, 1, ["La pluie revient"])


def test_a_newer_reading_is_left_alone(archive, tmp_path, clock):
    """An archive that a newer program read is not read backwards."""
    store(archive, tmp_path, clock, (shots(page())[0], lambda r: read_as(r, REVISION + 1, headline="De demain")))
    replay = replayed(archive, clock)

    assert (replay.total.newer, replay.committer.commits, headlines(archive)) == (1, [], ["De demain"])


def test_a_record_stands_though_no_article_is_found(archive, tmp_path, clock):
    """Its address is told; nothing that was read is taken back."""
    taken = shots(b"<html><body></body></html>")[0]
    good = reader(EDITION)(capture(taken.url, body=page()), "")
    store(
        archive,
        tmp_path,
        clock,
        (taken, lambda _: read_as(good) | {"digests": good["digests"] | {"payload": taken.payload}}),
    )
    replay = replayed(archive, clock)

    assert (replay.total.unread, replay.committer.commits) == ([taken.url], [])


def test_a_page_our_code_trips_over_keeps_no_other_out(archive, tmp_path, clock, monkeypatch):
    """It is told with its error, and the others are read."""
    first, second = (capture(url, body=body, at=START) for url, body in demo_articles(2))
    store(archive, tmp_path, clock, (first, misread), (second, misread))
    from pipelines.clean import Clean

    def stumble(self, look, clean=Clean.process_item):
        if look.url == first.url:
            raise KeyError("mot")
        return clean(self, look)

    monkeypatch.setattr("crawler.reread.stored.Clean.process_item", stumble)
    replay = replayed(archive, clock)

    assert replay.total.failed == [f"{first.url} KeyError: 'mot'"]
    assert replay.total.differ == 1


def test_articles_and_times_are_chosen(archive, tmp_path, clock):
    """`ids` and `since` leave the other captures unread."""
    first, second = (
        capture(url, body=body, at=START + timedelta(hours=n)) for n, (url, body) in enumerate(demo_articles(2))
    )
    store(archive, tmp_path, clock, (first, misread))
    store(archive, tmp_path, clock, (second, misread))
    number = first.url.split("/")[7]
    read = [
        replayed(archive, clock, since="2026-11-24T12:30:00Z").total.read,
        replayed(archive, clock, since="1").total.read,
        replayed(archive, clock, ids={number}).total.read,
        replayed(archive, clock, ids={number}, since="1").total.read,
    ]

    assert read == [1, 1, 1, 0]


def test_several_processes_write_what_one_writes(tmp_path, clock):
    """The records are the same, byte for byte and in the same order, however many processes read."""
    written = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        clock = Ticking()
        found = archive_at(folder, clock)
        pages = [capture(url, body=body, at=START) for url, body in demo_articles(9)]
        for some in (pages[:2], pages[2:5], pages[5:]):
            store(found, folder, clock, *((one, misread) for one in some))
        replay = replayed(found, clock, processes=processes, limit=3)
        keys = [s.key for c in replay.committer.commits for s in c.segments]
        written.append([found.store.get(key) for key in keys])
        found.close()

    assert len(written[0]) == 3
    assert written[0] == written[1]


def test_a_batch_holds_so_many_records(archive, tmp_path, clock):
    """A long replay is committed piece by piece, so that a death loses little."""
    store(archive, tmp_path, clock, *((capture(u, body=b, at=START), misread) for u, b in demo_articles(5)))
    replay = replayed(archive, clock, limit=2)

    assert [[s.lines for s in c.segments] for c in replay.committer.commits] == [[2], [2], [1]]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_damaged_segment_ends_the_replay(archive, tmp_path, clock, processes):
    """Bytes that are not those committed are not read."""
    made = store(archive, tmp_path, clock, (shots(page())[0], misread))
    path = tmp_path / "archive" / made.segments[0].key
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    with pytest.raises(IntegrityError, match=made.segments[0].key):
        replayed(archive, clock, processes=processes)


def test_the_report_says_what_was_done(archive, tmp_path, clock):
    """For a person in a few lines, for a program with every address."""
    store(archive, tmp_path, clock, (shots(page())[0], misread))
    replay = replayed(archive, clock)

    assert "  1 read differently, 0 as before" in list(lines_of(replay))
    assert report_of(replay) | {"crawl": "", "archive": "", "bytes": 0} == {
        "schema": "presstv.replay/1", "crawl": "", "archive": "", "resumed": 0, "revision": REVISION, "segments": 1, "read": 1,
        "same": 0, "differ": 1, "beside": 0, "newer": 0, "unread": [], "failed": [], "commits": 1, "head": 2, "bytes": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 10, "no archive"),
        (("--processes", "0"), 2, "--processes 0"),
        (("--since", "demain"), 2, "--since"),
        (("surplus",), 2, "surplus"),
    ],
    ids=["no-archive", "processes", "since", "leftover"],
)
def test_what_the_command_refuses(tmp_path, words, code, said):
    """Wrong words end with 2, a place without an archive with 10, and nothing is made there."""
    done = Project(tmp_path, "").run("replay", *words)

    assert (done.returncode, said in done.stderr) == (code, True)
    assert not (tmp_path / "archive").exists()


class Stop(Exception):
    """What ends a replay in the middle."""


def marked(archive, clock, folder, *, limit=200, scope="all", stop_at=None):
    """Replay with a mark; end it before its `stop_at`-th segment is taken in."""
    committer = Committer(archive=archive, crawl="replay-20261124t130000z-0000000b", program=PROGRAM, clock=clock)
    task = Task(archive=archive.store.uri, catalog=archive.catalog.path, edition=EDITION)
    seen = []

    def progress(_):
        seen.append(1)
        if len(seen) == stop_at:
            raise Stop

    bookmark = Bookmark(path=folder / "spool" / "replay.json", scope=scope)
    replay = Replay(committer=committer, task=task, limit=limit, bookmark=bookmark, progress=progress)
    with contextlib.nullcontext() if stop_at is None else pytest.raises(Stop):
        replay.run(Since(), 1)
    return replay


@pytest.mark.row("F-MNY-02")
@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("stop_at", [1, 4])
def test_a_stopped_replay_goes_on_where_it_stopped(tmp_path, clock, limit, stop_at):
    """Together the runs come to what one comes to: the same captures, the same records, none of them twice."""
    told, records = [], []
    for stops in ([], [stop_at, 1]):
        folder, ticking = tmp_path / str(len(stops)), Ticking()
        found = archive_at(folder, ticking)
        for place, (url, body) in enumerate(demo_articles(6)):
            store(found, folder, ticking, (capture(url, body=body, at=START), misread if place % 3 else well_read))
        for stop in stops:
            marked(found, ticking, folder, limit=limit, stop_at=stop)
            # As a kill leaves it.
            (folder / "spool" / "replay.json.part").write_bytes(b"{")
        last = marked(found, ticking, folder, limit=limit)
        told.append((last.total.segments, last.total.read, last.total.same + last.total.differ))
        records.append(sorted(r[0] for r in found.catalog.db.execute("SELECT captured_at || revision FROM records")))
        assert not [*(folder / "spool").glob("replay.json*")]
        found.close()

    assert records[0] == records[1]
    assert len(records[0]) == 6 + 4
    assert told[0] == told[1] == (6, 6, 6)


@pytest.mark.row("F-MNY-02")
def test_what_was_read_before_is_not_read_again(archive, tmp_path, clock):
    """It says from where it went on; other words, or a mark that is torn, begin at the beginning."""
    for url, body in demo_articles(5):
        store(archive, tmp_path, clock, (capture(url, body=body, at=START), well_read))
    marked(archive, clock, tmp_path, stop_at=4)
    noted = (tmp_path / "spool" / "replay.json").read_bytes()
    others = marked(archive, clock, tmp_path, scope="ids 7")
    (tmp_path / "spool" / "replay.json").write_bytes(noted[:-5])
    torn = marked(archive, clock, tmp_path)
    (tmp_path / "spool" / "replay.json").write_bytes(noted)
    taken_up = marked(archive, clock, tmp_path)

    assert (others.resumed, torn.resumed, taken_up.resumed) == (0, 0, 3)
    assert [replay.total.read for replay in (others, torn, taken_up)] == [5, 5, 5]
    assert next(lines_of(taken_up)) == "went on behind commit 3, where a replay of the same words was stopped"
