"""Folded commit by commit, in parts or at once, the catalog is the same, row by row of every table.

The logs are of articles that are looked at often: by ourselves and by others, in order and late, by suspect crawls that
are accepted or not, on hosts that are taken over, at mirrors, in layouts that take turns, with edits, 304s and removals.
"""

from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog import catalog as catalogs
from archive.catalog.anew import Anew
from archive.catalog.articles import counts
from archive.facts.names import stamp
from tests import facts

HOST, OTHER = "127.0.0.1", "127.0.0.2"
DAY = 24 * 60
WHERE = st.sampled_from([HOST] * 6 + [OTHER])
LATE = st.sampled_from([0] * 8 + [-300, -DAY])
SEEN = st.sampled_from(["unchanged"] * 6 + ["gone", "gone", "soft_404", "timeout", "challenge"])
LONG = "Le bac de Karimabad passe la rivière. La mairie en tient le registre depuis un siècle, jour après jour."
TEXTS = (*facts.TEXTS, LONG, f"{LONG}\nLe maire a reconnu le retard.", "Lu 3 fois", "Lu 5 fois")


@st.composite
def looks(draw, minute, numbers):
    """Draw a commit's looks, about the same minute: most find what was found before."""
    found = []
    for place, number in enumerate(numbers):
        at = max(0, minute + place + draw(LATE))
        if draw(st.integers(0, 4)):
            more = draw(
                st.sampled_from(
                    [{}, {}, {"status": 304}, {"last_modified": f"at {at}"}, {"confirms": stamp(facts.at(0))}]
                )
            )
            found.append(facts.saw(number, at, draw(SEEN), host=draw(WHERE), **more))
        else:
            kind = {"kind": "mirror", "host": OTHER} if draw(st.integers(0, 9)) == 0 else {"host": draw(WHERE)}
            text, layout = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(["modern", "modern", "classic"]))
            read = {"outcome": "changed", "layout": layout, "revision": draw(st.sampled_from([1, 1, 1, 2]))}
            found.append(facts.read(number, at, text, **read, **kind))
            if draw(st.integers(0, 9)) == 0:
                found.append(facts.reread(found[-1], f"{text} Lu autrement.", 3))
    return found


@st.composite
def plans(draw, most=25):
    """Draw commits as (looks, crawl, summary)."""
    commits, crawls = [], []
    for turn in range(draw(st.integers(2, most))):
        numbers = draw(st.lists(st.sampled_from([1, 1, 2, 3]), min_size=1, max_size=3))
        crawl = draw(st.sampled_from([f"crawl-{turn // 2}"] * 8 + [f"backfill-{turn}"]))
        summary = draw(
            st.sampled_from(
                [{}] * 10
                + [{"suspect": True}, {"accept": draw(st.sampled_from(crawls or ["none"]))}]
                + [{"learned": {"taken_over": {HOST: [stretch(draw(st.integers(0, 20)) * 60)]}}}]
                + [{"learned": {"rotating": [SPOT], "running": {HOST: RUNS}}}]
            )
        )
        crawls.append(crawl)
        commits.append((draw(looks(turn * draw(st.sampled_from([60, 400])), numbers)), crawl, summary))
    return commits


SPOT = {"kind": "number", "layout": "modern", "texts": ["Lu # fois"], "articles": ["1", "2"]}
RUNS = {"since": stamp(facts.at(0)), "clocks": {"last_modified": 1}}


def stretch(minute):
    """Return a stretch in which a host was taken over."""
    at = stamp(facts.at(minute))
    return {"after": at, "first": at, "last": at, "until": stamp(facts.at(minute + 600)), "reason": "seized"}


def log_of(plan):
    """Return the log of a plan."""
    log = facts.new_log()
    for found, crawl, summary in plan:
        facts.write(log, *found, crawl=crawl, summary=summary)
    return log


@settings(max_examples=120, deadline=None)
@given(plans(), st.integers(1, 5))
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


@settings(max_examples=25, deadline=None)
@given(plans())
def test_what_is_counted_is_what_there_is(plan):
    """The counts that are kept are those of the tables, also after others' looks were left out."""
    archive = facts.folded(log_of(plan))
    db = archive.catalog.db
    tables = ("commits", "articles", "versions", "changes", "captures", "checks")
    found = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
    states = dict(db.execute("SELECT state, count(*) FROM articles GROUP BY state").fetchall())

    assert counts(db) == {
        **found, **{state: states.get(state, 0) for state in ("live", "gone", "removed", "unread")},
        "bytes": db.execute("SELECT sum(bytes) FROM commits").fetchone()[0],
    }  # fmt: skip


def often(number, count, *, edits=0):
    """Return (looks, crawl, summary) of so many commits, each a look at an article, every `edits`-th another text."""
    texts = [f"{facts.TEXTS[0]} Lu par {n} voisins." for n in range(count)]
    for n in range(count):
        if n == 0 or (edits and n % edits == 0):
            look = facts.read(number, n * 60, texts[n], outcome="changed" if n else "new")
        else:
            look = facts.saw(number, n * 60, status=304, confirms=stamp(facts.at((n - n % edits) * 60 if edits else 0)))
        yield [look], f"crawl-{n}", {}


@pytest.mark.parametrize("edits", [0, 7, 1], ids=["never edited", "seven times", "at each look"])
def test_an_article_of_fifty_looks_is_not_read_again(edits):
    """Looks in the order of time are added to what is kept: nothing is folded from all, and the tables are the same."""
    log = log_of(often(1, 50, edits=edits))
    whole = facts.folded(log)
    with (
        mock.patch.object(catalogs, "_MOST_COMMITS", 1),
        mock.patch.object(Anew, "article", side_effect=AssertionError("folded from all")),
    ):
        step = facts.folded(log)

    assert facts.tables(step) == facts.tables(whole)
    assert len(facts.versions_of(whole, 1)) == (1 + 49 // edits if edits else 1)


def test_what_others_captured_long_ago_keeps_no_look_of_ours_from_being_added():
    """Once we saw an article since others did, our looks at it are added to its row."""
    log = log_of([([facts.read(1, 0)], "crawl-1", {}), ([facts.read(1, 10)], "backfill-a", {})])
    facts.write(log, facts.saw(1, 20, confirms=stamp(facts.at(0))), crawl="crawl-2")
    step = facts.folded(log)
    for n in range(3):
        facts.write(log, facts.saw(1, 30 + n, confirms=stamp(facts.at(0))), crawl=f"crawl-{n + 3}")
    with mock.patch.object(Anew, "article", side_effect=AssertionError("folded from all")):
        step.catalog.follow(log)

    assert facts.tables(step) == facts.tables(facts.folded(log))
