"""The fold: the same log gives the same catalog, and the outlet's edits are told from everything else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog import articles, crawls, memory, search
from archive.facts.canonical import parse
from archive.facts.names import stamp
from tests import facts
from tests.french import VOCABULARY

NUMBERS = (1, 2, 3)
FACT = st.one_of(
    st.builds(
        facts.read,
        st.sampled_from(NUMBERS),
        st.integers(0, 12).map(lambda n: n * 60),
        st.sampled_from(facts.TEXTS),
        headline=st.sampled_from(["Un bac", "Un pont"]),
        tags=st.sampled_from([(), ("eau",)]),
        revision=st.integers(1, 2),
        dated=st.booleans(),
    ),
    st.builds(
        facts.saw,
        st.sampled_from(NUMBERS),
        st.integers(0, 12).map(lambda n: n * 60 + 7),
        st.sampled_from(["unchanged", "gone", "soft_404", "timeout", "challenge"]),
    ),
)


def distinct(plan):
    """Keep the first of several looks at one article at one minute: no crawl looks twice at once."""
    seen, kept = set(), []
    for commit in plan:
        names = [(f.check.article_id, f.check.at) for f in commit]
        kept.append([f for f, name in zip(commit, names, strict=True) if not (name in seen or seen.add(name))])
    return [commit for commit in kept if commit]


PLANS = st.lists(st.lists(FACT, min_size=1, max_size=4), min_size=1, max_size=5).map(distinct)


def everything(archive):
    return facts.tables(archive), facts.exports(archive)


@settings(max_examples=40)
@given(PLANS)
def test_incremental_equals_from_nothing_and_twice_is_once(plan):
    """A catalog folded commit by commit holds what one folded at once holds; folding again changes nothing."""
    log = facts.new_log()
    step = facts.folded(log)
    for commit in plan:
        made = facts.write(log, *commit)
        step.catalog.follow(log)
        step.catalog.fold(made, log)
    whole = facts.folded(log)

    assert everything(step) == everything(whole)


def anywhere(row):
    """Return a row as text, without the commit that brought it and the place there."""
    return str(sorted({**row, "commit": 0, "crawl": "", "line": 0}.items()))


@settings(max_examples=40)
@given(PLANS, st.randoms(use_true_random=False))
def test_the_order_of_commits_of_different_articles_does_not_matter(plan, random):
    """However the commits of three articles interleave, every view and every search says the same."""
    queues = {n: [c for commit in plan if (c := [f for f in commit if f.check.article_id == str(n)])] for n in NUMBERS}
    told = []
    for _ in range(2):
        log, left = facts.new_log(), {n: list(enumerate(queue)) for n, queue in queues.items() if queue}
        while left:
            number = random.choice(sorted(left))
            turn, commit = left[number].pop(0)
            facts.write(log, *commit, name=f"20261124t120000z-{number:08x}-{turn:04d}")
            left = {n: queue for n, queue in left.items() if queue}
        archive = facts.folded(log)
        views = {name: [anywhere(parse(row)) for row in rows] for name, rows in facts.exports(archive).items()}
        checks = sorted(views.pop("checks"))
        logged = sorted(views.pop("captures")), len(views.pop("commits"))
        found = [search.search(archive.catalog.db, "bac", VOCABULARY, removed=removed) for removed in (False, True)]
        told.append((views, checks, logged, found))

    assert told[0] == told[1]


@settings(max_examples=60)
@given(PLANS)
def test_a_version_begins_where_identity_differs_from_its_neighbours(plan):
    """Against a plain reckoning over one revision: captures by time, and a version at each other identity."""
    log, reckoned = facts.new_log(), {}
    for commit in plan:
        looks = [f for f in commit if f.record is None or f.record["extraction"]["revision"] == 1]
        facts.write(log, *looks)
        for fact in looks:
            if fact.record:
                name = facts.minutes(fact.record["captured_at"])
                reckoned.setdefault(fact.record["article_id"], {})[name] = fact.record["digests"]["version"]
    found = {}
    for version in articles.versions(facts.folded(log).catalog.db):
        found.setdefault(version.article_id, []).append(facts.minutes(version.captured_at))

    assert found == {
        number: [m for i, m in enumerate(sorted(taken)) if i == 0 or taken[m] != taken[sorted(taken)[i - 1]]]
        for number, taken in reckoned.items()
    }


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(facts.TEXTS), min_size=1, max_size=6), st.sets(st.integers(0, 5)), st.integers(0, 2**20)
)
def test_another_extractor_is_never_an_edit(texts, chosen, cut):
    """Whichever captures a newer revision reads again, and however it reads them, no version comes or goes."""
    looks = [facts.read(1, 60 * n, text) for n, text in enumerate(texts)]
    log = facts.new_log()
    facts.write(log, *looks)
    before = facts.folded(log)
    again = [facts.reread(looks[n], f"{texts[n]} Lu autrement.") for n in sorted(chosen) if n < len(looks)]
    for part in (again[: cut % 3], again[cut % 3 :]):
        facts.write(log, *part)
    after = facts.folded(log)

    assert [m for m, _ in facts.versions_of(after, 1)] == [m for m, _ in facts.versions_of(before, 1)]
    assert facts.exports(after)["changes"] == facts.exports(before)["changes"]
    assert all(body.endswith("autrement.") == (minute // 60 in chosen) for minute, body in facts.versions_of(after, 1))


def test_a_newer_revision_is_compared_with_its_own_reading():
    """An unedited stretch that two revisions read, then an edit that only the newer one read: two versions, one edit."""
    first, same = facts.read(1, 0), facts.read(1, 60, tags=("eau",))
    edited = facts.read(1, 120, f"{facts.TEXTS[1]} Lu autrement.", revision=2)
    log = facts.new_log()
    facts.write(log, first, same)
    facts.write(log, facts.reread(same, f"{facts.TEXTS[0]} Lu autrement."), edited)
    (change,) = map(parse, facts.exports(facts.folded(log))["changes"])

    assert (facts.minutes(change["from"]), facts.minutes(change["to"])) == (0, 120)
    assert "autrement" not in str(change)


def test_no_version_returns_to_the_one_before_it():
    """Where two revisions read one stretch differently, an edit may bear a text of it; that is not an edit undone."""
    first, both, edited = facts.read(1, 0, "un"), facts.read(1, 60, "un"), facts.read(1, 120, "un", revision=2)
    log = facts.new_log()
    facts.write(log, first, both, facts.reread(both, "deux"), edited)
    archive = facts.folded(log)
    (change,) = map(parse, facts.exports(archive)["changes"])

    assert facts.versions_of(archive, 1) == [(0, "un"), (120, "un")]
    assert change["returns_to"] is None


def test_an_article_is_listed_as_its_newest_reading_says():
    """The headline of a list is that of the reading that stands, whichever was stored first."""
    look = facts.read(1, 0, headline="Un bac")
    log = facts.new_log()
    facts.write(log, look)
    newer = facts.record_of(look.capture, "1", facts.TEXTS[0], revision=2, headline="Un pont")
    facts.write(log, facts.Fact(check=None, record=newer))

    assert articles.article_row(facts.folded(log).catalog.db, "1").headline == "Un pont"


@settings(max_examples=30)
@given(PLANS)
def test_a_second_import_of_the_same_captures_is_nothing_new(plan):
    """The same captures, records and all, in batches of another name: no version, no change, no capture more."""
    log = facts.new_log()
    for commit in plan:
        facts.write(log, *commit)
    once = facts.folded(log)
    for turn, commit in enumerate(plan):
        facts.write(log, *commit, name=f"20261125t120000z-0000000b-{turn:04d}")
    twice = facts.folded(log)
    views = [
        {
            name: [anywhere(facts.without_place(parse(row))) for row in rows]
            for name, rows in facts.exports(archive).items()
            if name in ("latest", "versions", "changes", "articles")
        }
        for archive in (once, twice)
    ]

    assert views[0] == views[1]
    assert facts.tables(once)["captured"] == facts.tables(twice)["captured"]


def test_of_several_records_of_one_capture_the_highest_stands():
    """Revision before commit, commit before line: the texts say which reading stands."""
    look = facts.read(1, 0)
    log = facts.new_log()
    facts.write(log, look, facts.reread(look, "trois", 3), facts.reread(look, "trois, plus loin", 3))
    facts.write(log, facts.reread(look, "deux", 2))
    late_line = facts.versions_of(facts.folded(log), 1)
    facts.write(log, facts.reread(look, "trois, plus tard", 3))

    assert late_line == [(0, "trois, plus loin")]
    assert facts.versions_of(facts.folded(log), 1) == [(0, "trois, plus tard")]


def test_a_capture_is_held_against_the_one_before_it():
    """Two readings of a capture join what either revision read before and behind it into one version."""
    before, both, behind = facts.read(1, 0, "un"), facts.read(1, 10, "un"), facts.read(1, 20, "deux", revision=2)
    log = facts.new_log()
    facts.write(log, before, both, facts.reread(both, "deux"), behind)

    assert facts.versions_of(facts.folded(log), 1) == [(0, "un")]


def test_a_backfill_lands_where_it_belongs():
    """An older capture that comes later becomes the first version; the change to it counts as new as the backfill."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]))
    facts.write(log, facts.read(1, 0, facts.TEXTS[0]))
    archive = facts.folded(log)

    assert facts.versions_of(archive, 1) == [(0, facts.TEXTS[0]), (60, facts.TEXTS[1])]
    assert len(facts.exports(archive, "1")["changes"]) == 1


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        ([], "live"),
        ([(60, "gone")], "gone"),
        ([(60, "gone"), (419, "soft_404")], "gone"),
        ([(60, "gone"), (420, "soft_404")], "removed"),
        ([(60, "gone"), (200, "unchanged"), (420, "gone")], "gone"),
        ([(60, "gone"), (420, "gone"), (500, "unchanged")], "live"),
        ([(60, "challenge"), (600, "timeout")], "live"),
        ([(60, "gone"), (600, "challenge")], "gone"),
    ],
)
def test_state(looks, state):
    """A removal takes two looks six hours apart without a sight between; walls and time-outs say nothing."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), *(facts.saw(1, minute, outcome) for minute, outcome in looks))

    assert articles.article_row(facts.folded(log).catalog.db, "1").state == state


def test_a_mirror_that_never_served_an_article_does_not_remove_it():
    """Only hosts that have served an article are believed to miss it."""
    log = facts.new_log()
    gone = [facts.saw(1, minute, "gone", host="miroir.test") for minute in (60, 600)]
    facts.write(log, facts.read(1, 0), *gone)
    kept = facts.folded(log)
    facts.write(log, facts.saw(1, 30, host="miroir.test"))

    assert articles.state(kept.catalog.db, "1") == "live"
    assert articles.state(facts.folded(log).catalog.db, "1") == "removed"


def test_a_page_that_was_never_read_is_not_removed():
    """A dead link is gone, however often it is looked at; an unread page is unread."""
    log = facts.new_log()
    facts.write(log, facts.saw(1, 0, "gone"), facts.saw(1, 600, "gone"), facts.saw(2, 0, "challenge"))
    db = facts.folded(log).catalog.db

    assert (articles.state(db, "1"), articles.state(db, "2"), articles.state(db, "3")) == ("gone", "unread", None)


def test_a_304_leaves_payload_and_validators():
    """What a conditional request needs outlives an answer that repeats none of it."""
    log = facts.new_log()
    first = facts.look(1, 0, payload="sha256:aa", etag='"x"', last_modified="hier")
    facts.write(log, facts.Fact(check=first), facts.saw(1, 60, status=304))
    found = memory.last_look(facts.folded(log).catalog.db, facts.url_of(1))

    assert (found.payload, found.etag, found.last_modified) == ("sha256:aa", '"x"', "hier")


def test_listings_are_known_once_a_walk_is_complete():
    """A cut walk lists, a complete one vouches."""
    listing = facts.Check(
        at=facts.NOON, url="http://127.0.0.1/une", kind="section", outcome="listed", section="une", listed=("1", "2")
    )
    log = facts.new_log()
    facts.write(log, facts.Fact(check=listing), summary={"sections": {"une": {"complete": False, "pages": 1}}})
    cut = facts.folded(log).catalog.db
    facts.write(
        log, facts.Fact(check=listing), summary={"sections": {"une": {"complete": True, "pages": 1}}, "exit": 0}
    )
    whole = facts.folded(log).catalog.db

    known, listed = (memory.Listed(cut, "une", complete=complete) for complete in (True, False))
    after, other = memory.Listed(whole, "une", complete=True), memory.Listed(whole, "afrique", complete=True)

    assert [number in known for number in "123"] == [False] * 3
    assert [number in listed for number in "123"] == [number in after for number in "123"] == [True, True, False]
    assert [*map(bool, (known, listed, after, other))] == [False, True, True, False]
    assert crawls.walks(whole)[0]["complete"] is True


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT at, outcome, confirms FROM checks WHERE article_id = 1",
        "SELECT outcome FROM commits m JOIN checks c ON c.seq = m.seq WHERE m.crawl = 'x'",
        "SELECT packed FROM records WHERE article_id = 1 ORDER BY captured_at, seq, line",
        "DELETE FROM versions WHERE article_id = 1",
        "SELECT article_id FROM articles WHERE due_at <= 'x'",
        "SELECT segment FROM captures WHERE url = 'x' AND captured_at = 'y'",
        "SELECT 1 FROM commits WHERE batch = 'x'",
    ],
)
def test_what_the_fold_asks_is_found_by_an_index(sql):
    """No question about one article, address or crawl reads a whole table."""
    plan = [row[3] for row in facts.folded(facts.new_log()).catalog.db.execute(f"EXPLAIN QUERY PLAN {sql}")]

    assert not [step for step in plan if step.startswith("SCAN")], plan


LONG = "Le bac de Karimabad passe la rivière. La mairie en tient le registre depuis un siècle, jour après jour."
LOST = "Le maire a reconnu le retard."
LAYOUTS_IN_TURN = {
    "what the page lost meanwhile": ([(LONG, LOST), (LONG,), (LONG,)], ["silently_edited"], facts.at(0)),
    "what only the other layout leaves out": ([(LONG, LOST), (LONG,), (LONG, LOST)], [], None),
    "what it still holds": ([(LONG, LOST), (LONG, LOST), (LONG, LOST)], [], None),
    "what came in meanwhile": ([(LONG,), (LONG, LOST), (LONG, LOST)], ["silently_edited"], facts.at(0)),
}


@pytest.mark.parametrize(("texts", "told", "since"), LAYOUTS_IN_TURN.values(), ids=LAYOUTS_IN_TURN)
def test_layouts_that_take_turns_hide_no_edit(texts, told, since):
    """Like is held against like: a paragraph taken out under another layout is told once the first one is back."""
    log = facts.new_log()
    for n, (text, layout) in enumerate(zip(texts, ("classic", "modern", "classic"), strict=True)):
        facts.write(log, facts.read(1, 60 * n, "\n".join(text), layout=layout, outcome="changed" if n else "new"))
    archive = facts.folded(log)

    found = [e for e in map(parse, facts.exports(archive)["events"]) if "edited" in e["event"]]
    assert [e["event"] for e in found] == told
    assert [e["not_before"] for e in found] == ([stamp(since)] if since else [])
