"""The writer: when a batch closes, what it waits for, what it remembers, and what a failed commit leaves."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from archive.catalog import articles, memory
from archive.catalog.memory import LastLook
from archive.committing import Committer
from archive.errors import ArchiveError, StorageError
from archive.facts.names import stamp
from archive.facts.record import build
from archive.log.batch import Limits
from archive.log.spool import Spool, adoptable
from pipelines.export import Export, check_of
from pipelines.version import Judge, Rules, Verdict
from pipelines.writer import Writer
from tests.french import open_archive
from tests.made import START, archive_at, article, capture, committer_of, look, url_of, writer_of

RULES = Rules(revision=1, keep_for=timedelta(days=30), reread=lambda record: None)


def take(writer, number, *, at=START, body=None, read=True, **fields):
    """Spool, judge and write one look at an article; return the verdict."""
    seen = look(
        number,
        at=at,
        body=body or f"page {number}".encode(),
        read=article(number, **fields) if read else None,
        outcome="article" if read else "empty",
    )
    writer.spool(seen.capture)
    return Export(writer).process_item(Judge(writer, RULES).process_item(seen)).verdict


def spools(folder):
    """Return the names of the spool files."""
    return sorted(path.name for path in (folder / "spool").glob("*.warc.gz"))


def test_what_is_closed_is_in_the_archive(archive, tmp_path, clock):
    """Closing commits the rest with the summary, and no spool stays."""
    writer = writer_of(archive, tmp_path, clock)
    take(writer, "7")
    writer.close({"exit": 0})
    commit = archive.log.read(1)

    assert {s.kind for s in commit.segments} == {"warc", "index", "records", "checks"}
    assert (commit.summary["outcomes"], commit.summary["exit"]) == ({"new": 1}, 0)
    assert spools(tmp_path) == []


def test_nothing_to_commit_leaves_no_commit(archive, tmp_path, clock):
    """Without facts and without a summary nothing is written, and the empty spool goes."""
    writer_of(archive, tmp_path, clock).close({})

    assert archive.log.read(1) is None
    assert spools(tmp_path) == []


@pytest.mark.parametrize(
    ("limits", "span", "commits"),
    [
        ({"captures": 2}, {}, 2),
        ({"bytes": 1}, {}, 4),
        ({"age": timedelta(seconds=60)}, {"minutes": 1}, 4),
        ({}, {}, 0),
    ],
    ids=["captures", "bytes", "age", "none"],
)
def test_when_a_batch_closes(archive, tmp_path, clock, limits, span, commits):
    """By captures, by bytes in its spool, or by age, whichever is first."""
    writer = writer_of(archive, tmp_path, clock, **limits)
    for number in "1234":
        clock.forward(**span)
        take(writer, number)
    writer.close({})

    assert len(writer.commits) == commits + (commits == 0)


def test_age_counts_while_nothing_comes_in(archive, tmp_path, clock):
    """Somebody who only turns the writer from time to time sees an old batch committed."""
    writer = writer_of(archive, tmp_path, clock)
    take(writer, "1")
    clock.forward(minutes=2)
    writer.turn()
    writer.turn()
    writer.close({})

    assert [len(c.segments) for c in writer.commits] == [4]


def test_a_batch_waits_for_its_undecided_captures(archive, tmp_path, clock):
    """A full batch is committed only once each of its captures is decided; the next is open meanwhile."""
    writer = writer_of(archive, tmp_path, clock, captures=2)
    waiting = look("1", body=b"en attente", read=article("1"))
    writer.spool(waiting.capture)
    take(writer, "2")
    take(writer, "3")
    take(writer, "4")
    before = len(spools(tmp_path))
    Export(writer).process_item(Judge(writer, RULES).process_item(waiting))
    writer.close({})
    first, second = (archive.log.read(seq) for seq in (1, 2))

    assert before >= 2
    assert sorted(s.lines for c in (first, second) for s in c.segments if s.kind == "records") == [2, 2]
    assert articles.latest(archive.catalog.db, "1")["capture"]["segment"].startswith("captures/")


def test_a_dropped_capture_is_not_in_the_segment(archive, tmp_path, clock):
    """What proved unchanged leaves its check and no bytes."""
    writer = writer_of(archive, tmp_path, clock)
    take(writer, "7")
    later = take(writer, "7", at=START + timedelta(hours=1), body=b"autre boite")
    writer.close({})
    lines = {s.kind: s.lines for s in archive.log.read(1).segments}

    assert (later.outcome, later.keep) == ("unchanged", "drop")
    assert (lines["checks"], lines["index"], lines["records"]) == (2, 1, 1)


def test_the_memory_holds_what_is_not_committed(archive, tmp_path, clock):
    """A second look in the same crawl is held against the first, in whichever batch it lies."""
    writer = writer_of(archive, tmp_path, clock, captures=1)
    outcomes = [
        take(writer, "7", at=START + timedelta(minutes=n), lead=lead).outcome
        for n, lead in enumerate(["", "", "Un chapeau.", "Un chapeau."])
    ]
    remembered = writer.latest("7")["lead"], writer.last_look(url_of("7")).outcome
    writer.close({})

    assert outcomes == ["new", "unchanged", "changed", "unchanged"]
    assert remembered == ("Un chapeau.", "unchanged")
    assert writer.last_look("https://h/nie") is None


def test_a_new_reading_is_remembered_but_hides_nothing_newer(archive, tmp_path, clock):
    """A superseding record counts until the look's own record comes."""
    writer = writer_of(archive, tmp_path, clock)
    old = build(article(headline="Lu autrement"), capture(), mirror="h", revision=1)
    new = build(article(headline="Changé"), capture(), mirror="h", revision=2)
    seen = look(read=article())
    writer.spool(seen.capture)
    writer.supersede(old, seen)
    between = writer.latest("7")["headline"]
    writer.add(
        seen, check_of(seen, Verdict(outcome="changed")), record=new, last=LastLook(outcome="changed"), keep="capture"
    )
    after = writer.latest("7")["headline"]
    writer.abandon()

    assert (between, after) == ("Lu autrement", "Changé")


def test_undecided_captures_are_kept_at_the_end(archive, tmp_path, clock):
    """Nothing that came over the wire is thrown away unjudged."""
    writer = writer_of(archive, tmp_path, clock)
    writer.spool(capture())
    writer.close({"exit": 143})

    assert {s.kind: s.lines for s in archive.log.read(1).segments} == {"warc": 3, "index": 1}


def test_a_failed_commit_stops_and_keeps_the_spools(archive, tmp_path, clock):
    """The error is told once and for all, nothing more is committed, and the same process may adopt the spools."""
    writer = writer_of(archive, tmp_path, clock, captures=1)
    blocked = tmp_path / "archive" / "records"
    blocked.write_text("in the way")
    take(writer, "1")
    while writer.failure is None:
        writer.turn()
    take(writer, "2")
    with pytest.raises(StorageError):
        writer.close({})
    left = adoptable(tmp_path / "spool")
    captures = [c.url for path in left for c in Spool.adopt(path).captures()]

    assert archive.log.read(1) is None
    assert captures == [url_of("1"), url_of("2")]


def test_a_fault_of_the_committer_is_told_as_such(archive, tmp_path, clock, monkeypatch):
    """What nobody foresaw names the batch and what becomes of it; the first error is the one that is told."""
    writer = writer_of(archive, tmp_path, clock, captures=1)
    monkeypatch.setattr(Committer, "commit", lambda self, batch, summary: {}["gone"])
    take(writer, "1")
    while writer.failure is None:
        writer.turn()
    first = writer.failure
    with pytest.raises(ArchiveError, match=r"batch \S+ was not committed: KeyError: 'gone'; its spool is kept") as told:
        writer.close({})

    assert told.value is first
    assert isinstance(first.__cause__, KeyError)
    assert not isinstance(first, StorageError)
    assert archive.log.read(1) is None


def test_the_first_failure_is_the_one_told(archive, tmp_path, clock):
    """A spool that can't be begun after a commit has failed does not hide why the commit failed."""
    writer = writer_of(archive, tmp_path, clock, captures=1)
    (tmp_path / "archive" / "records").write_text("in the way")
    take(writer, "1")
    while writer.failure is None:
        writer.turn()
    first = writer.failure
    (tmp_path / "spool").rename(tmp_path / "moved")
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(StorageError):
        take(writer, "2")

    assert writer.failure is first
    with pytest.raises(StorageError) as told:
        writer.close({})
    assert told.value is first


def test_a_full_batch_and_the_rest_are_two_commits(archive, tmp_path, clock):
    """A batch that grew too old while nothing came in is closed at the end; the summary stands in a commit after it."""
    writer = writer_of(archive, tmp_path, clock)
    take(writer, "1")
    clock.forward(minutes=2)
    writer.close({"exit": 0})

    assert archive.log.read(2).summary["exit"] == 0


def test_a_spool_that_cannot_be_begun_is_a_failure(archive, tmp_path, clock):
    """Where no new spool can be made the writer stops, and what it has is still committed once."""
    writer = writer_of(archive, tmp_path, clock, captures=1)
    (tmp_path / "spool").rename(tmp_path / "moved")
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(StorageError) as told:
        take(writer, "1")
    assert writer.failure is told.value
    with pytest.raises(StorageError):
        writer.close({})

    assert len(list((tmp_path / "moved").iterdir())) == 1


def test_abandoned_work_lies_in_its_spool(archive, tmp_path, clock):
    """Nothing is committed, and the file is let go of."""
    writer = writer_of(archive, tmp_path, clock)
    take(writer, "1")
    writer.abandon()

    assert archive.log.read(1) is None
    assert len(adoptable(tmp_path / "spool")) == 1


def test_abandoned_without_work_leaves_nothing(archive, tmp_path, clock):
    """An empty spool is no use to anybody."""
    writer_of(archive, tmp_path, clock).abandon()

    assert spools(tmp_path) == []


def test_two_writers_of_one_archive(archive, tmp_path, clock):
    """Each commits under its own names; the log has both in a row."""
    other = archive_at(tmp_path, clock)
    first, second = (
        writer_of(archive, tmp_path, clock, crawl="x-aaaaaaaa"),
        writer_of(other, tmp_path, clock, crawl="x-bbbbbbbb"),
    )
    take(first, "1")
    take(second, "2")
    second.close({})
    first.close({})
    other.close()

    assert [s.lines for s in archive.log.read(2).segments if s.kind == "records"] == [1]
    assert archive.log.read(2).previous == archive.log.read(1).digest


def test_a_reader_sees_what_the_writer_committed(archive, tmp_path, clock):
    """Another catalog folds the same facts."""
    writer = writer_of(archive, tmp_path, clock)
    take(writer, "7")
    writer.close({})
    fresh = open_archive(archive.store.uri, tmp_path / "other.sqlite")
    known = memory.last_look(fresh.catalog.db, url_of("7"))
    fresh.close()

    assert (known.outcome, known.kept_at) == ("new", START)


def test_when_a_version_was_shown(archive, tmp_path, clock):
    """A committed version is known by its digest, of its own article; what is not committed is not."""
    writer = writer_of(archive, tmp_path, clock)
    digest = take(writer, "7").record["digests"]["version"]
    before = writer.showed("7", digest)
    writer.close({})
    later = writer_of(archive, tmp_path, clock, crawl="20261125t120000z-0000000b")
    after = later.showed("7", digest), later.showed("8", digest)
    later.close({})

    assert before is None
    assert after == (stamp(START), None)


def test_a_commit_of_a_suspect_crawl_says_so(archive, tmp_path, clock):
    """As far as the crawl knows when the batch closes; what its end says wins."""
    writer = writer_of(archive, tmp_path, clock, captures=1)
    writer.suspect = lambda: True
    take(writer, "1")
    take(writer, "2")
    writer.suspect = lambda: False
    take(writer, "3")
    writer.suspect = lambda: True
    writer.close({"suspect": False, "exit": 0})

    assert [c.summary.get("suspect") for c in archive.log.after()] == [True, True, None, False]


def test_what_a_mirror_shows_is_not_what_the_article_says(archive, tmp_path, clock):
    """A parity look's record is stored, and the next look at the article is held against its own text."""
    writer = writer_of(archive, tmp_path, clock)
    take(writer, "7")
    seen = replace(look("7", at=START + timedelta(hours=1), read=article("7", headline="Autre")), kind="mirror")
    writer.spool(seen.capture)
    verdict = Export(writer).process_item(Judge(writer, RULES).process_item(seen)).verdict
    remembered = writer.latest("7")["headline"]
    writer.close({})

    assert (verdict.outcome, verdict.record["headline"]) == ("changed", "Autre")
    assert remembered == article().headline
    assert [s.lines for s in archive.log.read(1).segments if s.kind == "records"] == [2]


def test_a_record_without_bytes_in_the_batch_keeps_its_place(archive, tmp_path, clock):
    """A look whose capture is stored already brings its record and its check, and no bytes."""
    writer = writer_of(archive, tmp_path, clock)
    stored = replace(capture(), segment="captures/a.warc.gz", offset=7, length=9)
    seen = replace(look(read=article()), capture=stored)
    record = build(article(), stored, mirror="h", revision=1)
    writer.add(seen, check_of(seen, Verdict(outcome="new")), record=record, last=LastLook(outcome="new"), keep="drop")
    writer.close({})
    place = articles.latest(archive.catalog.db, "7")["capture"]

    assert (place["segment"], place["offset"], place["length"]) == ("captures/a.warc.gz", 7, 9)
    assert {s.kind for s in archive.log.read(1).segments} == {"records", "checks"}


def test_what_is_kept_of_a_capture(archive, tmp_path, clock):
    """All of it, nothing, or that it repeats the one kept before; without one before it is whole."""
    writer = writer_of(archive, tmp_path, clock)
    kept = LastLook(outcome="new", kept_at=START - timedelta(days=40))
    decided = [
        ("1", "capture", kept), ("2", "drop", kept), ("3", "revisit", kept), ("4", "revisit", None),
        ("5", "revisit", LastLook(outcome="new")), ("6", "revisit", replace(kept, kept_url=url_of("9"))),
    ]  # fmt: skip
    for number, keep, known in decided:
        taken = capture(url_of(number))
        writer.spool(taken)
        writer.decide(taken, keep, known)
    writer.close({})
    found = archive.catalog.db.execute("SELECT url, revisit FROM captures ORDER BY url").fetchall()

    assert found == [(url_of(number), repeated) for number, repeated in zip("13456", (0, 1, 0, 0, 1), strict=True)]


def test_the_caller_is_told_when_commits_fall_behind(archive, tmp_path, clock):
    """Of one commit under way nobody need wait; of more the oldest is named, until they are done."""
    gate = threading.Event()
    committer = committer_of(archive, clock, sign=lambda commit: gate.wait(60))
    writer = Writer(committer, spool_dir=tmp_path / "spool", limits=Limits(captures=1))
    take(writer, "1")
    alone = writer.behind
    take(writer, "2")
    oldest = writer.behind
    take(writer, "3")
    still = writer.behind
    gate.set()
    for _ in range(3):
        if writer.behind is not None:
            writer.behind.result()
        writer.turn()
    caught_up = writer.behind
    writer.close({})

    assert (alone, caught_up) == (None, None)
    assert oldest is still
    assert oldest.result().seq == 1
    assert [commit.seq for commit in writer.commits] == [1, 2, 3]
