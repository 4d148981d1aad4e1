"""Shares of a replay: whoever does them, however often, comes to what one process comes to."""

import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.catalog.since import Since
from archive.committing import Committer
from archive.errors import IntegrityError, UsageError
from archive.facts.canonical import canonical, digest, parse
from archive.log.segments import compressed, decode_lines
from archive.log.shares import PREFIX, open_runs
from archive.trust.orphans import remove_old, remove_shares
from archive.trust.verify import verify
from crawler.cli.machines import share_named
from crawler.crawl.program import PROGRAM
from crawler.reread import shares
from crawler.reread.joining import Joining, check_whole, written_shares
from crawler.reread.replay import Replay
from crawler.reread.segments import Task
from crawler.reread.shares import begun, doing, share_of, taken, words_of
from tests.crawler.commands.test_replay import misread, replayed, shots, store, well_read
from tests.foreign_warcs import page
from tests.french import EDITION
from tests.made import START, Ticking, archive_at, capture, demo_articles
from tests.project import Project


def filled(folder, clock, count=7, opened=archive_at):
    """Return an archive of so many segments, most of them read otherwise by an older revision."""
    found = opened(folder, clock)
    for place, (url, body) in enumerate(demo_articles(count)):
        store(found, folder, clock, (capture(url, body=body, at=START), misread if place % 3 else well_read))
    return found


def begin(archive, clock, of=3):
    task = Task(archive=archive.store.uri, catalog=archive.catalog.path, edition=EDITION)
    return task, begun(archive, words_of(archive, task, Since()), of, clock())


def share(archive, clock, number, of=3, processes=1):
    """Do one share, and return how many segments were read for it."""
    task, run = begin(archive, clock, of)
    return len([*doing(task, taken(archive, run, EDITION, number), processes)])


def joined(archive, clock, *, partial=False, run=None):
    """Commit what the shares left, and return what it came to."""
    run = run or begin(archive, clock, None)[1]
    told = written_shares(archive, run, EDITION)
    if not partial:
        check_whole(told)
    committer = Committer(archive=archive, crawl=run.crawl, program=PROGRAM, clock=clock, named_by="x-0000000c")
    task = Task(archive=archive.store.uri, catalog=archive.catalog.path, edition=EDITION)
    joining = Joining(replay=Replay(committer=committer, task=task, limit=200), told=told)
    joining.run()
    return joining


def lines(archive, past):
    """Return the record lines that commits past a number name, in their order."""
    segments = [s for commit in archive.log.after() if commit.seq > past for s in commit.segments]
    return [canonical(line) for s in segments for line in decode_lines(archive.store.get(s.key), s.key)]


def edit(archive, key, change):
    """Replace an object of the store."""
    data = archive.store.get(key)
    archive.store.delete(key)
    archive.store.create(key, change(data))


@pytest.fixture
def shared(tmp_path, clock):
    made = filled(tmp_path, clock)
    yield made
    made.close()


@pytest.mark.row("F-MNY-03")
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2, 1)])
def test_shares_come_to_what_one_process_comes_to(tmp_path, order):
    """The same record lines, byte for byte and in the same order, and the same counts, whatever share is done first."""
    told = []
    for name in ("one", "shares"):
        clock = Ticking()
        found = filled(tmp_path / name, clock)
        if name == "one":
            counts = replayed(found, clock).summary()
        else:
            [share(found, clock, number, processes=1 + (number == 2)) for number in order]
            counts = joined(found, clock).replay.summary()
        told.append((lines(found, 7), counts))
        assert verify(found.log).whole
        found.close()

    assert len(told[0][0]) == 4
    assert told[0] == told[1]


@pytest.mark.row("F-MNY-03")
@pytest.mark.parametrize("dies_at", ["records/", "claims/"])
def test_a_share_that_is_killed_and_run_again_does_the_same(shared, clock, dies_at, monkeypatch):
    """Killed before or behind any of its writes: nothing is lost, nothing is there twice, what was done is not redone."""
    begin(shared, clock)
    child = os.fork()
    if not child:
        seen = []

        def put(where, key, data, write=shares.put_once):
            done = write(where, key, data)
            seen.append(key)
            if len(seen) >= 2 and key.startswith(dies_at):
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        monkeypatch.setattr(shares, "put_once", put)
        share(shared, clock, 2)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    whole = len(taken(shared, begin(shared, clock)[1], EDITION, 2).pieces)
    left = share(shared, clock, 2)
    share(shared, clock, 1)
    share(shared, clock, 3)
    counts = joined(shared, clock).replay.summary()

    assert 0 < left < whole
    assert (counts["read"], counts["differ"]) == (7, 4)
    assert verify(shared.log).orphans == []


def test_the_parts_are_the_whole_and_none_is_in_two():
    """However many shares there are, and whatever their segments weigh."""
    from archive.log.chain import Segment

    for sizes in ([5], [1, 1, 1], [900, 1, 1, 1, 300], [0, 0], []):
        pieces = [
            (place, Segment(key=str(place), kind="warc", bytes=size, sha256="", lines=1))
            for place, size in enumerate(sizes, 1)
        ]
        for of in (1, 2, 3, 7):
            assert [piece for n in range(1, of + 1) for piece in share_of(pieces, n, of)] == pieces


@pytest.mark.row("F-MNY-04")
def test_a_missing_share_is_named(shared, clock):
    """It is refused with the number of each; on request what is there is committed, and the rest comes later."""
    share(shared, clock, 2)
    with pytest.raises(UsageError, match=r"missing 1/3 \(\d segments? not read\), 3/3"):
        joined(shared, clock)
    some = joined(shared, clock, partial=True)
    share(shared, clock, 1)
    share(shared, clock, 3)
    rest = joined(shared, clock)

    assert (some.named + rest.named, rest.before) == (4, some.named)
    assert rest.replay.summary()["read"] == 7
    assert open_runs(shared.store) == []


@pytest.mark.row("F-MNY-04")
def test_shares_that_would_overlap_are_refused(shared, clock):
    """Shares of another number than the first one's; once those are committed, another number may be taken."""
    share(shared, clock, 1, of=3)
    with pytest.raises(UsageError, match="has 3 shares"):
        begin(shared, clock, 4)
    share(shared, clock, 2)
    share(shared, clock, 3)
    joined(shared, clock)
    _, again = begin(shared, clock, 4)

    assert (again.plan.of, again.name[-2:]) == (4, "-2")


def test_a_commit_that_was_stopped_names_nothing_twice(shared, clock, monkeypatch):
    """Run again it names the rest."""
    [share(shared, clock, number) for number in (1, 2, 3)]
    monkeypatch.setattr("crawler.reread.joining._TO_A_COMMIT", 3)
    run = begin(shared, clock, None)[1]
    monkeypatch.setattr(Replay, "vouch", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        joined(shared, clock, run=run)
    monkeypatch.undo()
    again = joined(shared, clock, run=run)

    assert (again.named, again.before) == (0, 4)
    assert verify(shared.log).whole


@pytest.mark.row("F-MNY-04")
def test_two_that_commit_at_once_name_nothing_twice(shared, clock):
    """One names some of it while another, who saw more, is about to name all: no segment has two names."""
    [share(shared, clock, number) for number in (1, 2, 3)]
    task, run = begin(shared, clock, None)
    told = written_shares(shared, run, EDITION)
    some, every = (
        Joining(replay=Replay(committer=Committer(
            archive=shared, crawl=run.crawl, program=PROGRAM, clock=clock, named_by=f"x-0000000{name}"
        ), task=task, limit=200), told=replace(told, there=there))
        for name, there in (("c", told.there[:2]), ("d", told.there))
    )  # fmt: skip
    some.run()
    every.run()

    assert (some.named, every.named, every.before) == (1, 3, 1)
    assert verify(shared.log).whole


def test_a_crawl_meanwhile_changes_nothing(shared, clock, tmp_path):
    """All shares read what stood when the first one began."""
    share(shared, clock, 1)
    url, body = demo_articles(9)[8]
    store(shared, tmp_path, clock, (capture(url, body=body, at=START), misread))
    share(shared, clock, 2)
    share(shared, clock, 3)

    assert joined(shared, clock).replay.summary()["read"] == 7


def forged(run, place, **fields):
    """Return what makes a piece tell something else."""
    return lambda data: canonical(parse(data) | fields)


@pytest.mark.row("F-MNY-05")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-9], "no share of ours"),
        (lambda data: b"[" * 5000, "no share of ours"),
        (lambda data: data + b" " * 2**24, "more than"),
        (lambda data: canonical(parse(data) | {"plan": f"sha256:{'0' * 64}"}), "another run"),
        (lambda data: canonical(parse(data) | {"read": "captures/2026/11/24/x.warc.gz"}), "not its own"),
        (
            lambda data: canonical(
                parse(data) | {"segment": parse(data)["segment"] | {"key": "records/2026/11/24/theirs.jsonl.gz"}}
            ),
            "not its own",
        ),
        (lambda data: canonical(parse(data) | {"unpacked": 7}), "unpacks to more than 7"),
        (lambda data: canonical(parse(data) | {"counts": parse(data)["counts"] | {"differ": 9}}), "other lines"),
    ],
    ids=["torn", "deep", "endless", "other-run", "other-segment", "others-key", "bomb", "other-lines"],
)
def test_what_a_share_tells_is_not_believed(shared, clock, change, said):
    """One that is torn, endless, another's or false is refused with its key, and nothing is committed."""
    [share(shared, clock, number) for number in (1, 2, 3)]
    run = begin(shared, clock, None)[1]
    edit(shared, run.key(2), change)
    with pytest.raises(IntegrityError, match=said):
        joined(shared, clock)

    assert shared.log.read(8) is None


@pytest.mark.row("F-MNY-05")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda record: record | {"headline": "Faux"}, "digest"),
        (lambda record: record | {"extraction": record["extraction"] | {"revision": 1}}, "another revision"),
        (
            lambda record: record | {"capture": record["capture"] | {"segment": "captures/2026/11/24/x.warc.gz"}},
            "no commit names",
        ),
    ],
    ids=["headline", "revision", "capture"],
)
def test_records_that_no_share_writes_are_not_committed(shared, clock, change, said):
    """Though the piece names their digest: each line is held against itself, the plan and the log."""
    [share(shared, clock, number) for number in (1, 2, 3)]
    run = begin(shared, clock, None)[1]
    key = run.records_key(2)
    [record] = decode_lines(shared.store.get(key), key)
    data = compressed(canonical(change(record)) + b"\n")
    edit(shared, key, lambda _: data)
    told = {"bytes": len(data), "sha256": digest(data)}
    edit(
        shared,
        run.key(2),
        lambda old: canonical(parse(old) | {"segment": parse(old)["segment"] | told, "unpacked": 9**6}),
    )
    with pytest.raises(IntegrityError, match=said):
        joined(shared, clock)


@pytest.mark.row("F-MNY-05")
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"of": 0}, "no plan"),
        ({"begun": "gestern"}, "no plan"),
        ({"head": 3}, "another log"),
        ({"words": "archive"}, "another archive"),
        ({"words": "since"}, "other words"),
        ({"of": "3"}, "no share of ours"),
    ],
    ids=str,
)
def test_a_plan_of_others_is_refused(shared, clock, fields, said):
    """One of another archive, log or words than its name, or that is none."""
    run = begin(shared, clock)[1]

    def change(data):
        plan = parse(data)
        more = {"words": plan["words"] | {fields["words"]: "7"}} if "words" in fields else fields
        return canonical(plan | more)

    edit(shared, f"{PREFIX}{run.name}/plan.json", change)
    with pytest.raises(IntegrityError, match=said):
        begin(shared, clock)


@pytest.mark.row("F-MNY-04")
def test_what_shares_wrote_is_spared_for_thirty_days(shared, clock):
    """It waits for its commit; then it goes, with what told of it. To verification it is no orphan."""
    share(shared, clock, 1)
    share(shared, clock, 2)
    now = datetime.now(UTC)
    report = verify(shared.log)
    week = remove_old(shared.log, now + timedelta(days=29), dry_run=True)
    month = remove_old(shared.log, now + timedelta(days=31), dry_run=False)
    told = remove_shares(shared.log, now + timedelta(days=31), dry_run=False)

    assert (report.whole, report.orphans, week) == (True, [], [])
    assert "of shares not committed yet" in " ".join(report.notes)
    assert {entry.key[:8] for entry in month} == {"records/"}
    assert (len(told) > len(month), [*shared.store.list(PREFIX)]) == (True, [])


@pytest.mark.row("F-MNY-04")
def test_what_was_collected_before_its_commit_is_written_again(shared, clock):
    """The commit names the segment and what tells of it; once that is removed the share is run again, and all is there."""
    [share(shared, clock, number) for number in (1, 2, 3)]
    run = begin(shared, clock, None)[1]
    shared.store.delete(run.records_key(2))
    with pytest.raises(IntegrityError, match=r"not there as its share wrote it \(claims/shares/.*000002\.json\)"):
        joined(shared, clock)
    shared.store.delete(run.key(2))
    left = [share(shared, clock, number) for number in (1, 2, 3)]

    assert sum(left) == 1
    assert joined(shared, clock).named == 4


@pytest.mark.row("F-MNY-04")
def test_a_share_that_two_do_at_once_is_done_once(shared, clock):
    """Both read all of it, and who is second finds his own bytes there."""
    begin(shared, clock)
    children = []
    for _ in range(2):
        child = os.fork()
        if not child:
            share(shared, clock, 2)
            os._exit(0)
        children.append(child)
    ends = [os.waitpid(child, 0)[1] for child in children]
    share(shared, clock, 1)
    share(shared, clock, 3)

    assert ends == [0, 0]
    assert joined(shared, clock).replay.summary()["read"] == 7
    assert verify(shared.log).orphans == []


@pytest.mark.parametrize("text", ["", "4", "0/3", "4/3", "1/0", "-1/3", "1/3/3", "1.0/3", "١/3", "1/1000000", "1 /3"])
def test_what_is_no_share(text):
    """A number out of range, or no number."""
    with pytest.raises(UsageError, match="is no share"):
        share_named(text)


@pytest.mark.row("F-MNY-03")
def test_the_commands_say_what_they_do(tmp_path, clock):
    """A share, a missing one, a commit, a run that was dropped: codes and words as in docs/commands.md."""
    filled(tmp_path, clock, 4).close()
    project = Project(tmp_path, "")
    first = json.loads(project.run("replay", "--share", "1/2", "--json").stdout)
    early = project.run("commit-shares")
    project.run("replay", "--share", "2/2")
    unknown = project.run("commit-shares", "replay-0123456789abcdef-1")
    done = json.loads(project.run("commit-shares", "--json").stdout)
    none = project.run("commit-shares")
    project.run("replay", "--share", "1/2")
    dropped = project.run("commit-shares", "--drop", first["run"][:-1] + "2")
    both = project.run("replay", "--share", "1/2", "--anew")

    assert (early.returncode, "missing 2/2" in early.stderr) == (2, True)
    assert (unknown.returncode, "no run" in unknown.stderr) == (2, True)
    assert (done["shares"], done["read"], done["differ"], done["missing"]) == (2, 4, 2, {})
    assert (none.returncode, none.stdout) == (0, "no shares wait for a commit\n")
    assert (dropped.returncode, both.returncode) == (0, 2)
    assert first["of"] == 2


def test_neighbours_in_other_shares_come_to_the_same(tmp_path):
    """Captures of one article, each in a share of its own: what is written beside, and what is not, is one process's."""
    told = []
    for name in ("one", "shares"):
        clock = Ticking()
        found = archive_at(tmp_path / name, clock)
        pages = shots(page(), page() + b"<!-- vu -->", page(headline="Autre"), page(headline="Autre") + b" ")
        for taken_in, reading in zip(pages, (misread, well_read, None, None), strict=True):
            store(found, tmp_path / name, clock, (taken_in, reading))
        if name == "one":
            counts = replayed(found, clock, limit=1).summary()
        else:
            [share(found, clock, number, of=4) for number in (4, 2, 3, 1)]
            counts = joined(found, clock).replay.summary()
        told.append((lines(found, 4), counts))
        found.close()

    assert told[0] == told[1]
    assert (told[0][1]["differ"], told[0][1]["beside"]) == (3, 1)
