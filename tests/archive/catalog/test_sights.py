"""What others captured among our own captures, folded in any order; and articles as our own looks alone have them."""

import itertools

import pytest

from archive.catalog import articles, own
from archive.catalog.history import history_of
from archive.catalog.naming import named_version
from archive.exporters.own import selected
from archive.facts.canonical import parse
from archive.facts.names import stamp
from tests import facts

ONE, TWO, THREE = facts.TEXTS
OURS = facts.read(1, 0, ONE)
AGAIN = facts.saw(1, 20, confirms=stamp(facts.at(0)))
BETWEEN = facts.read(1, 10, TWO, outcome="changed")


def archive_of(*commits):
    """Return the archive of (crawl, facts) in this order."""
    log = facts.new_log()
    for crawl, *found in commits:
        facts.write(log, *found, crawl=crawl)
    return facts.folded(log)


def versions(archive):
    """Return (minute at which it began, text, whether others captured it, citation) of each version."""
    return [
        (facts.minutes(v.captured_at), v.record["body"][0], v.source is not None, facts.minutes(v.cite.split("@")[1]))
        for v in articles.versions(archive.catalog.db, "1")
    ]  # fmt: skip


COMMITS = (("first", OURS), ("second", AGAIN), ("backfill-b", BETWEEN))


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize("order", [*itertools.permutations(COMMITS)], ids=lambda order: " ".join(c[0] for c in order))
def test_our_text_stands_again_where_a_look_confirmed_it(order):
    """Whatever came first: ours, the others' text, ours again at the look that left no capture, cited as ours."""
    archive = archive_of(*order)
    changes = [row for _, row in articles.changes(archive.catalog.db, "1")]

    assert versions(archive) == [(0, ONE, False, 0), (10, TWO, True, 10), (20, ONE, False, 0)]
    assert [(row["source"], row["source_before"]) for row in changes] == [("backfill-b", None), (None, "backfill-b")]
    assert named_version(archive.catalog.db, f"1@{stamp(facts.at(20))}").number == 3
    assert articles.article_row(archive.catalog.db, "1").latest == stamp(facts.at(0))


@pytest.mark.row("F-OTH-01")
def test_folding_step_by_step_is_folding_at_once():
    """A look of ours that only confirms makes the article anew, too."""
    log = facts.new_log()
    for crawl, *found in (COMMITS[0], COMMITS[2], COMMITS[1]):
        facts.write(log, *found, crawl=crawl)
    step = facts.folded(facts.prefix(log, 1))
    for commit in (2, 3):
        step.catalog.follow(facts.prefix(log, commit))

    assert facts.tables(step) == facts.tables(facts.folded(log))


def test_the_same_text_by_others_begins_nothing():
    """Nor does a look of ours behind it; the newest record is then our own again."""
    archive = archive_of(COMMITS[0], ("backfill-b", facts.read(1, 10, ONE)), COMMITS[1])

    assert versions(archive) == [(0, ONE, False, 0)]
    assert articles.article_row(archive.catalog.db, "1").latest == stamp(facts.at(0))


def test_an_edit_that_both_saw_is_told_once():
    """Others saw the new text before we did: theirs begins the version, and our change to it is no second one."""
    archive = archive_of(COMMITS[0], ("backfill-b", BETWEEN), ("second", facts.read(1, 20, TWO, outcome="changed")))

    assert versions(archive) == [(0, ONE, False, 0), (10, TWO, True, 10)]


@pytest.mark.row("F-OTH-01")
def test_what_a_crawl_goes_by_is_our_own():
    """State, address, last look and newest record are of our looks, whatever others captured and wherever."""
    elsewhere = facts.read(1, 30, TWO, outcome="changed", host="127.0.0.9")
    archive = archive_of(COMMITS[0], ("backfill-b", elsewhere, *(facts.saw(1, m, "gone") for m in (40, 500))))
    db = archive.catalog.db
    row, told = own.own_row(db, "1"), articles.article_row(db, "1")

    assert (row.state, row.url, facts.minutes(row.last_look), row.versions) == ("live", facts.url_of(1), 0, 1)
    assert (told.state, told.url, told.state_source) == ("removed", facts.url_of(1), "backfill-b")
    assert own.own_latest(db, "1")["body"] == [ONE]
    assert articles.latest(db, "1")["body"] == [TWO]
    assert [each.state for each in own.own_rows(db)] == ["live"]


@pytest.mark.row("F-OTH-03")
@pytest.mark.parametrize(
    ("minute", "events", "state"),
    [
        (300, [("removed", None, None)], "removed"),
        (700, [("removed", None, None), ("restored", "backfill-b", None)], "live"),
    ],
    ids=["between our looks", "after them"],
)
@pytest.mark.parametrize("text", [ONE, TWO], ids=["the same text", "another text"])
def test_others_bring_nothing_back_between_our_looks(minute, events, state, text):
    """Two looks of ours that found nothing are a removal, whatever others show between; what they show later is told."""
    theirs = facts.read(1, minute, text, outcome="changed")
    archive = archive_of(
        COMMITS[0], ("second", facts.saw(1, 60, "gone"), facts.saw(1, 600, "gone")), ("backfill-b", theirs)
    )
    told = history_of(archive.catalog.db, "1")
    away = [
        (e["event"], e["source"], e["source_before"]) for e in told["events"] if e["event"] in ("removed", "restored")
    ]

    assert (away, told["state"]) == (events, state)


@pytest.mark.row("F-OTH-01")
@pytest.mark.parametrize(("text", "diverged"), [(ONE, 0), (THREE, 1)], ids=["as ours", "another"])
def test_a_mirror_is_held_against_our_own_text(text, diverged):
    """A mirror that shows what we saw diverges from nothing, whatever others captured before; one that differs does."""
    mirrored = facts.read(1, 20, text, outcome="changed", kind="mirror", host="127.0.0.2")
    archive = archive_of(COMMITS[0], ("backfill-b", BETWEEN), ("second", mirrored))
    events = [event["event"] for event in history_of(archive.catalog.db, "1")["events"]]

    assert events.count("mirror_diverged") == diverged


def test_what_only_others_captured_is_yet_to_be_read():
    """It is asked for where they saw it; the first look of ours that reads it makes it ours."""
    theirs = facts.read(1, 0, host="127.0.0.9")
    archive = archive_of(("backfill-b", theirs))
    row = own.own_row(archive.catalog.db, "1")
    read = archive_of(("backfill-b", theirs), ("first", facts.read(1, 10)))

    assert (row.state, row.url, row.latest) == ("unread", facts.url_of(1, "127.0.0.9"), None)
    assert (own.saw(archive.catalog.db, "1"), own.own_latest(archive.catalog.db, "1")) == (False, None)
    assert (own.saw(read.catalog.db, "1"), own.own_row(read.catalog.db, "1").url) == (True, facts.url_of(1))


def test_an_article_without_others_is_as_it_is():
    """Our own row is the article's."""
    db = archive_of(COMMITS[0]).catalog.db

    assert own.own_row(db, "1") == articles.article_row(db, "1")
    assert own.own_latest(db, "1") == articles.latest(db, "1")


def test_a_held_capture_of_others_holds_none_of_ours():
    """A suspect backfill's capture of the very instant of ours waits; ours does not."""
    log = facts.new_log()
    facts.write(log, facts.read(1, -60, THREE), facts.read(1, 0, ONE, outcome="changed"), crawl="first")
    facts.write(log, facts.read(1, 0, TWO, outcome="changed"), crawl="backfill-b", summary={"suspect": True})

    assert versions(facts.folded(log)) == [(-60, THREE, False, -60), (0, ONE, False, 0)]


@pytest.mark.row("F-OTH-04")
def test_what_is_said_of_each():
    """Versions, events and the counts of looks say whose they are; the gap between two looks says whose the first was."""
    told = history_of(archive_of(COMMITS[0], COMMITS[2], COMMITS[1]).catalog.db, "1")
    events = [(e["event"], e["source"], e["source_before"]) for e in told["events"]]

    assert [version["source"] for version in told["versions"]] == [None, "backfill-b", None]
    assert events == [
        ("discovered", None, None), ("silently_edited", "backfill-b", None), ("silently_edited", None, "backfill-b"),
    ]  # fmt: skip
    assert (told["looks"], told["looks_of_others"]) == (3, 1)


@pytest.mark.row("F-OTH-04")
def test_our_own_is_what_our_captures_alone_come_to():
    """An archive that others' captures came into exports, of its own, what it exported before them."""
    mine = [("first", OURS, facts.read(2, 0)), ("second", AGAIN, facts.saw(2, 20, "gone"), facts.saw(2, 600, "gone"))]
    theirs = ("backfill-b", BETWEEN, facts.read(2, 300), facts.read(3, 0), facts.saw(4, 5, "gone"))
    shared, alone = archive_of(*mine, theirs), archive_of(*mine)
    before = facts.exports(shared)
    with selected(shared, "own") as chosen:
        found = facts.exports(chosen)
    with selected(shared, "all") as chosen:
        whole = facts.exports(chosen)

    assert found == facts.exports(alone)
    assert whole == before == facts.exports(shared)
    assert {parse(row)["article_id"] for row in before["latest"]} == {"1", "2", "3"}
    assert len(before["events"]) > len(found["events"])


def fed(fact, date):
    """Return a fact whose reading was told a date by the outlet's feed."""
    return facts.Fact(
        check=fact.check, capture=fact.capture, record=fact.record | {"clocks": fact.record["clocks"] | {"feed": date}}
    )


@pytest.mark.parametrize("revision", [1, 2])
@pytest.mark.parametrize(("dates", "silent"), [(("9 h", "11 h"), False), (("9 h", "9 h"), True)])
def test_a_reading_that_was_not_told_what_the_feed_said(revision, dates, silent):
    """Archives hold such readings of another day; the capture's first one knows what stood in the feed then."""
    seen = [facts.read(1, 0, ONE), facts.read(1, 60, TWO, outcome="changed")]
    told = [fed(fact, date) for fact, date in zip(seen, dates, strict=True)]
    bare = [facts.reread(fact, text, revision) for fact, text in zip(seen, (ONE, TWO), strict=True)]
    archive = archive_of(("first", told[0]), ("second", told[1]), ("replay-c", *bare))

    assert [change["silent"] for _, change in articles.changes(archive.catalog.db, "1")] == [silent]
