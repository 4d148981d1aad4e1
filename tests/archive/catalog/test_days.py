"""What is kept of each day and of each article's traits is what going through all looks and events would find."""

from collections import Counter
from contextlib import closing
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings

from archive.catalog import events, traits
from archive.catalog.days import COLUMNS, EVERYTHING, days
from archive.facts.names import instant
from archive.facts.outcomes import ABSENT, SEEN, STATES
from archive.languages.vocabulary import Vocabulary
from tests import facts
from tests.archive.catalog.test_anew import PLANS, log_of
from tests.french import VOCABULARY

EAST = Vocabulary(edition="invented", language=None, zone=timezone(timedelta(hours=13)))


def scanned(db, zone):
    """Return (section, day) → what happened then, found by going through everything."""
    found = {}
    names = dict(db.execute("SELECT number, name FROM sections"))
    sections = {
        number: [EVERYTHING, *(names[int(each)] for each in told.split())]
        for number, told in db.execute("SELECT article_id, sections FROM facets")
    }

    def count(number, at, column):
        day = instant(at).astimezone(zone).date().isoformat()
        for section in sections.get(number, [EVERYTHING]):
            found.setdefault((section, day), Counter())[column] += 1

    looks = "SELECT article_id, at, outcome FROM checks WHERE kind = 'article' AND source IS NULL"
    for number, at, outcome in db.execute(looks).fetchall():
        count(number, at, "looks")
        count(number, at, "found" if outcome in SEEN else "absent" if outcome in ABSENT else "failed")
    for number, first_seen in db.execute("SELECT article_id, first_seen FROM articles").fetchall():
        count(number, first_seen, "new")
        for event in events.events_of(db, number):
            for column in COUNTS.get(event["event"], ()):
                count(number, event["not_after"], column)
    crawls = {(crawl, at) for crawl, at in db.execute("SELECT crawl, committed_at FROM commits") if "-" in crawl}
    for crawl, day in {(c, instant(at).astimezone(zone).date().isoformat()) for c, at in crawls}:
        if not crawl.startswith(("backfill-", "replay-")):
            found.setdefault((EVERYTHING, day), Counter())["crawls"] += 1
    return found


COUNTS = {
    "edited": ("edited",), "silently_edited": ("edited", "silent"), "removed": ("removed",),
    "soft_removed": ("removed",), "restored": ("restored",),
}  # fmt: skip


def kept(db):
    """Return (section, day) → what the fold kept of it."""
    rows = db.execute(f"SELECT section, day, {', '.join(COLUMNS)} FROM days").fetchall()
    return {(s, day): Counter({n: c for n, c in zip(COLUMNS, told, strict=True) if c}) for s, day, *told in rows}


@pytest.mark.row("F-FLD-06")
@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_days_are_what_looks_and_events_come_to(plan):
    """In all of the archive and in each section, in the outlet's zone, whoever looked; also once others are left out."""
    archive = facts.folded(log_of(plan), vocabulary=EAST)
    for chosen in facts.whole_and_own(archive):
        assert kept(chosen.catalog.db) == scanned(chosen.catalog.db, EAST.zone)


@pytest.mark.row("F-FLD-06")
@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_traits_are_what_an_article_is(plan):
    """State, edits, removals, whose it is, sections and layout of its newest record, also once others are left out."""
    archive = facts.folded(log_of(plan))
    for chosen in facts.whole_and_own(archive):
        db = chosen.catalog.db
        names = dict(db.execute("SELECT number, name FROM sections"))
        layouts = dict(db.execute("SELECT number, text FROM interned"))
        found = {}
        for number, _, layout, flags, sections, _ in db.execute("SELECT * FROM facets").fetchall():
            told = {names[int(each)] for each in sections.split()}
            bits = [bool(flags & bit) for bit in (traits.EDITED, traits.SILENT, traits.REMOVED, traits.OTHERS)]
            found[number] = STATES[flags & traits.STATE], *bits, told, layouts.get(layout)

        assert found == {number: described(db, number) for (number,) in db.execute("SELECT article_id FROM articles")}


@pytest.mark.row("F-FLD-06")
@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_sums_over_articles_are_what_going_through_them_finds(plan):
    """How many a section has of each kind, and how soon articles were first edited, also once others are left out."""
    archive = facts.folded(log_of(plan))
    for chosen in facts.whole_and_own(archive):
        db = chosen.catalog.db
        names = dict(db.execute("SELECT number, name FROM sections"))
        found = db.execute("SELECT flags, sections FROM facets").fetchall()
        edits = Counter(filter(None, (first_edit(db, *row) for row in db.execute(_FIRST_EDITS).fetchall())))

        assert Counter({(s, flags): n for s, flags, n in db.execute("SELECT * FROM tallies")}) == Counter(
            (names[int(each)], flags) for flags, sections in found for each in sections.split()
        )
        assert Counter({tuple(row[:3]): row[3] for row in db.execute("SELECT * FROM first_edits")}) == edits


_FIRST_EDITS = "SELECT article_id, published, first_seen FROM articles WHERE published IS NOT NULL"


def first_edit(db, number, published, seen):
    """Return (day, minutes, silent) of an article's first edit, by its changes; None where it counts nowhere."""
    published, early = instant(published), instant(seen) - instant(published) <= timedelta(days=1)
    sql = "SELECT to_at, silent FROM changes WHERE article_id = ? AND edited ORDER BY number"
    day = int(f"{published.astimezone(VOCABULARY.zone):%Y%m%d}")
    edit = db.execute(sql, (number,)).fetchone()
    if edit is None:
        return (day, traits.UNEDITED, 0) if early else None
    minutes = max(timedelta(), instant(edit[0]) - published) // timedelta(minutes=1)
    return day, minutes if early else traits.SEEN_LATE, edit[1]


def described(db, number):
    """Return what `test_traits_are_what_an_article_is` finds of an article, told by its events and records."""
    names = {event["event"] for event in events.events_of(db, number)}
    record = facts.articles.latest(db, str(number))
    others = db.execute("SELECT 1 FROM records WHERE article_id = ? AND source IS NOT NULL", (number,)).fetchone()
    return (
        facts.articles.state(db, str(number)), bool(names & {"edited", "silently_edited"}), "silently_edited" in names,
        bool(names & {"removed", "soft_removed"}), bool(others),
        set(record["sections"]) if record else set(), record["extraction"]["layout"] if record else None,
    )  # fmt: skip


def test_a_day_is_the_outlets():
    """A look at noon in UTC is of the next day thirteen hours east of it."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0, sections=("Iran",)), facts.saw(1, -120))
    db = facts.folded(log, vocabulary=EAST).catalog.db

    assert [(each.day, each.looks, each.new) for each in days(db)] == [("2026-11-24", 1, 1), ("2026-11-25", 1, 0)]
    assert [(each.day, each.looks) for each in days(db, section="Iran", since="2026-11-25")] == [("2026-11-25", 1)]


@pytest.mark.row("F-FLD-06")
def test_in_another_zone_days_are_counted_anew(tmp_path):
    """A catalog that was folded with another OUTLET_ZONE tells nothing of its days, nor is anything added to them."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0, sections=("Iran",)), facts.saw(1, -120))
    facts.folded(log, tmp_path / "c").close()
    facts.write(log, facts.read(1, 60, sections=("Monde",), outcome="changed"))
    with closing(facts.folded(log, tmp_path / "c", vocabulary=EAST)) as moved:
        assert kept(moved.catalog.db) == scanned(moved.catalog.db, EAST.zone)
        assert facts.tables(moved) == facts.tables(facts.folded(log, vocabulary=EAST))


@pytest.mark.row("F-FLD-06")
def test_what_a_suspect_crawl_saw_counts_as_looks_and_as_events_once_it_is_accepted():
    """Its looks were made, and found what they found; that an article was edited or removed is told when it is believed."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0))
    held = [facts.read(1, 60, facts.TEXTS[1], outcome="changed"), facts.saw(2, 60, "gone"), facts.saw(2, 460, "gone")]
    facts.write(log, *held, crawl="crawl-x", summary={"suspect": True})
    archive = facts.folded(log)

    [before] = days(archive.catalog.db)
    facts.write(log, crawl="crawl-y", summary={"accept": "crawl-x"})
    archive.catalog.follow(log)
    [after] = days(archive.catalog.db)

    assert (before.looks, before.found, before.absent, before.edited, before.removed) == (5, 3, 2, 0, 0)
    assert (after.looks, after.found, after.absent, after.edited, after.removed) == (5, 3, 2, 1, 1)


def test_an_article_takes_its_looks_and_edits_to_the_section_that_it_moves_to():
    """What is told of a section is told of the articles that are in it today."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0, sections=("Iran",)))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1], outcome="changed", sections=("Iran",)), facts.saw(1, 70))
    archive = facts.folded(log)
    [before] = days(archive.catalog.db, section="Iran")
    facts.write(log, facts.read(1, 80, facts.TEXTS[1], outcome="changed", sections=("Monde",)))
    archive.catalog.follow(log)

    [after] = days(archive.catalog.db, section="Monde")
    assert (before.looks, before.new, before.edited) == (3, 1, 1)
    assert (after.looks, after.new, after.edited) == (4, 1, 1)
    assert list(days(archive.catalog.db, section="Iran")) == []
