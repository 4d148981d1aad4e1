"""Folded commit by commit, in parts or at once, the catalog is the same, row by row of every table.

The logs are of articles that are looked at often: by ourselves and by others, in order and late, by suspect crawls that
are accepted or not, on hosts that are taken over, at mirrors, in layouts that take turns, with edits, 304s and removals.
"""

from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog import catalog as catalogs
from archive.catalog import own
from archive.catalog.anew import Anew
from archive.catalog.articles import counts
from archive.catalog.due import due_at
from archive.facts.names import instant, stamp
from archive.facts.outcomes import STATES
from tests import facts

HOST, OTHER = "127.0.0.1", "127.0.0.2"
DAY = 24 * 60
LONG = "Le bac de Karimabad passe la rivière. La mairie en tient le registre depuis un siècle, jour après jour."
TEXTS = (*facts.TEXTS, LONG, f"{LONG}\nLe maire a reconnu le retard.", "Lu 3 fois", "Lu 5 fois")
MORE = ({}, {}, {"status": 304}, {"last_modified": "hier"}, {"confirms": stamp(facts.at(0))})
SPOT = {"kind": "number", "layout": "modern", "texts": ["Lu # fois"], "articles": ["1", "2"]}
RUNS = {"since": stamp(facts.at(0)), "clocks": {"last_modified": 1}}
HOSTS = st.sampled_from([HOST] * 6 + [OTHER])
LATE = st.sampled_from([0] * 8 + [-300, -DAY])
SAW = st.tuples(
    st.sampled_from(["unchanged"] * 6 + ["gone", "gone", "soft_404", "timeout", "challenge"]),
    HOSTS,
    st.integers(0, len(MORE) - 1),
)
READ = st.tuples(
    st.integers(0, len(TEXTS) - 1),
    HOSTS,
    st.sampled_from(["modern", "modern", "classic"]),
    st.sampled_from([1, 1, 1, 2]),
    st.sampled_from(["article"] * 9 + ["mirror"]),
    st.sampled_from([False] * 9 + [True]),
    st.sampled_from([("Iran",), ("Iran",), ("Monde", "Iran"), ()]),
)
LOOK = st.tuples(st.sampled_from([1, 1, 2, 3]), LATE, st.one_of(SAW, SAW, SAW, READ))
NEWS = st.one_of(
    st.just(("",)),
    st.just(("",)),
    st.just(("",)),
    st.just(("suspect",)),
    st.tuples(st.just("accept"), st.integers(0, 20)),
    st.tuples(st.just("taken_over"), st.integers(0, 20)),
    st.just(("learned",)),
)
COMMIT = st.tuples(
    st.sampled_from([60, 400]), st.sampled_from([True] * 8 + [False]), NEWS, st.lists(LOOK, min_size=1, max_size=3)
)
PLANS = st.lists(COMMIT, min_size=2, max_size=25)
"""Of each commit: minutes since the one before, whether it is our own, what its summary says, and its looks."""


def looks_of(minute, told):
    """Return the facts of a commit's looks, about a minute."""
    for place, (number, late, (what, host, *more)) in enumerate(told):
        at = max(0, minute + place + late)
        if isinstance(what, str):
            yield facts.saw(number, at, what, host=host, **MORE[more[0]])
            continue
        layout, revision, kind, again, sections = more
        where = OTHER if kind == "mirror" else host
        read = {"outcome": "changed", "layout": layout, "revision": revision, "kind": kind, "host": where}
        read["sections"] = sections
        yield (fact := facts.read(number, at, TEXTS[what], **read))
        if again:
            yield facts.reread(fact, f"{TEXTS[what]} Lu autrement.", 3)


def summary_of(name, at=0):
    """Return what a commit's summary says."""
    begun, ended = stamp(facts.at(at * 60)), stamp(facts.at(at * 60 + 600))
    stretch = {"after": begun, "first": begun, "last": begun, "until": ended, "reason": "seized"}
    return {
        "": {}, "suspect": {"suspect": True}, "accept": {"accept": f"crawl-{at // 2}"},
        "taken_over": {"learned": {"taken_over": {HOST: [stretch]}}},
        "learned": {"learned": {"rotating": [SPOT], "running": {HOST: RUNS}}},
    }[name]  # fmt: skip


def log_of(plan):
    """Return the log of a plan."""
    log, minute = facts.new_log(), 0
    for turn, (apart, ours, news, told) in enumerate(plan):
        minute += apart
        crawl = f"crawl-{turn // 2}" if ours else f"backfill-{turn}"
        facts.write(log, *looks_of(minute, told), crawl=crawl, summary=summary_of(*news))
    return log


def written(commits):
    """Return the log of (facts, crawl) of each commit."""
    log = facts.new_log()
    for found, crawl in commits:
        facts.write(log, *found, crawl=crawl)
    return log


@pytest.mark.row("F-FLD-01")
@settings(max_examples=120, deadline=None)
@given(PLANS, st.integers(1, 5))
def test_however_the_log_is_parted_the_tables_are_the_same(plan, size):
    """From nothing, commit by commit, in parts of a few, and each article from all its looks and sights every time."""
    log = log_of(plan)
    whole = facts.tables(facts.folded(log))
    told = []
    for part in (1, size):
        with mock.patch.object(catalogs, "_MOST_COMMITS", part):
            told.append(facts.tables(facts.folded(log)))
    with mock.patch("archive.catalog.fold._Fold._goes_on", return_value=False):
        told.append(facts.tables(facts.folded(log)))

    assert told == [whole] * 3


@pytest.mark.row("F-FLD-03")
@settings(max_examples=25, deadline=None)
@given(PLANS)
def test_what_is_counted_is_what_there_is(plan):
    """The counts that are kept are those of the tables, also once others' looks are left out."""
    archive = facts.folded(log_of(plan))
    for chosen in facts.whole_and_own(archive):
        db = chosen.catalog.db
        tables = ("commits", "articles", "versions", "changes", "captures", "checks")
        found = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
        states = dict(db.execute("SELECT state, count(*) FROM articles GROUP BY state").fetchall())
        size = db.execute("SELECT sum(bytes) FROM commits").fetchone()[0]

        assert counts(db) == {**found, **{state: states.get(state, 0) for state in STATES}, "bytes": size}


@pytest.mark.row("F-FLD-03")
@settings(max_examples=25, deadline=None)
@given(PLANS, st.integers(0, 40))
def test_what_is_due_is_found_by_when_it_is_due(plan, hours):
    """Of the articles as our own looks have them those that the rule says are due, and no others."""
    db, now = facts.folded(log_of(plan)).catalog.db, facts.at(60 * hours)
    rows = list(own.own_rows(db))

    assert [row.due_at for row in rows] == [stamp(due_at(row)) for row in rows]
    due = [(int(row.article_id), row.last_look, row.due_at) for row in rows if due_at(row) <= now]
    assert sorted(own.due(db, now)) == due
    assert own.due_since(db, now) == (len(due), min((instant(at) for *_, at in due), default=None))


def often(number, count, *, edits=0):
    """Return (looks, crawl) of so many commits, each a look at an article, every `edits`-th another text."""
    texts = [f"{facts.TEXTS[0]} Lu par {n} voisins." for n in range(count)]
    for n in range(count):
        if n == 0 or (edits and n % edits == 0):
            look = facts.read(number, n * 60, texts[n], outcome="changed" if n else "new")
        else:
            look = facts.saw(number, n * 60, status=304, confirms=stamp(facts.at((n - n % edits) * 60 if edits else 0)))
        yield [look], f"crawl-{n}"


@pytest.mark.row("F-FLD-02")
@pytest.mark.parametrize("edits", [0, 7, 1], ids=["never edited", "seven times", "at each look"])
def test_an_article_of_fifty_looks_is_not_read_again(edits):
    """Looks in the order of time are added to what is kept: nothing is folded from all, and the tables are the same."""
    log = written(often(1, 50, edits=edits))
    whole = facts.folded(log)
    with (
        mock.patch.object(catalogs, "_MOST_COMMITS", 1),
        mock.patch.object(Anew, "article", side_effect=AssertionError("folded from all")),
    ):
        step = facts.folded(log)

    assert facts.tables(step) == facts.tables(whole)
    assert len(facts.versions_of(whole, 1)) == (1 + 49 // edits if edits else 1)


@pytest.mark.row("F-FLD-02")
def test_what_others_captured_long_ago_keeps_no_look_of_ours_from_being_added():
    """Once we saw an article since others did, our looks at it are added to its row."""
    log = written([([facts.read(1, 0)], "crawl-1"), ([facts.read(1, 10)], "backfill-a")])
    facts.write(log, facts.saw(1, 20, confirms=stamp(facts.at(0))), crawl="crawl-2")
    step = facts.folded(log)
    for n in range(3):
        facts.write(log, facts.saw(1, 30 + n, confirms=stamp(facts.at(0))), crawl=f"crawl-{n + 3}")
    with mock.patch.object(Anew, "article", side_effect=AssertionError("folded from all")):
        step.catalog.follow(log)

    assert facts.tables(step) == facts.tables(facts.folded(log))
