"""What a crawl found of many articles, folded article by article: noise without an event, clocks that run, alike edits."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog import articles, search
from archive.facts.canonical import parse
from tests import facts
from tests.french import VOCABULARY

FORM = "Lu # fois"
COUNTER = {"kind": "number", "layout": "modern", "texts": [FORM], "articles": ["1", "2"]}
HEADERS = [f"Tue, 24 Nov 2026 {hour:02}:00:00 GMT" for hour in range(9, 15)]


def read(number, minute, *body, modified=None, crawl=None, **more):
    """Return a look that read an article with these paragraphs, and was told this Last-Modified."""
    fact = facts.read(number, minute, **{"outcome": "changed"} | more)
    record = fact.record | {"body": list(body) or fact.record["body"]}
    record["capture"] = record["capture"] | {"http": record["capture"]["http"] | {"last_modified": modified}}
    built = facts.record_of(fact.capture, number, "\n".join(body))
    record["digests"] = record["digests"] | {"version": built["digests"]["version"]} if body else record["digests"]
    return replace(fact, record=record, check=replace(fact.check, last_modified=modified))


def saw(number, minute, modified=None):
    """Return a look that found an article unchanged."""
    return facts.saw(number, minute, last_modified=modified)


def told(log, number=1):
    """Return (events less the discovery, changes) of an article, folded from nothing; incremental folding agrees."""
    rows = {view: map(parse, found) for view, found in facts.exports(facts.folded_alike(log)).items()}
    events = [e["event"] for e in rows["events"] if e["article_id"] == str(number) and e["event"] != "discovered"]
    return events, [c for c in rows["changes"] if c["article_id"] == str(number)]


def learned(**told):
    """Return the summary of a crawl that learned so much."""
    return {"learned": told}


def counted(summary, *, name="second"):
    """Return a log in which counters of two articles moved, and one's text besides, in a crawl with that summary."""
    log = facts.new_log()
    facts.write(log, *(read(n, 0, "Un bac.", "Lu 3 fois") for n in (1, 2)), crawl="first")
    facts.write(log, read(1, 60, "Un bac.", "Lu 5 fois"), crawl=name)
    facts.write(log, read(2, 60, "Un pont.", "Lu 6 fois"), crawl=name, summary=summary)
    return log


def test_a_counter_makes_no_event():
    """The version is there with both texts and its label; no edit, no young article, nothing taken out of the text."""
    log = counted(learned(rotating=[COUNTER]))
    events, (change,) = told(log)
    db = facts.folded(log).catalog.db

    assert (events, change["noise"], change["silent"]) == ([], "counter", False)
    assert (change["reworded"][0]["from"], change["reworded"][0]["to"]) == ("Lu 3 fois", "Lu 5 fois")
    assert [articles.article_row(db, n).edited_at is None for n in ("1", "2")] == [True, False]
    assert [row["article_id"] for row in search.search(db, "3", VOCABULARY, removed=True)] == ["2"]


@pytest.mark.row("F-SIL-02")
def test_a_counter_hides_no_edit():
    """Beside a counter a word of the text changed: that is told, and so is the counter before anybody knows it."""
    assert told(counted(learned(rotating=[COUNTER])), 2)[0] == ["silently_edited"]
    assert told(counted({}))[0] == ["silently_edited"]
    assert told(counted(learned(rotating=[COUNTER | {"layout": "classic"}])))[0] == ["silently_edited"]
    assert told(counted(learned(rotating=[COUNTER | {"articles": ["2"]}])))[0] == ["silently_edited"]


@pytest.mark.row("F-SIL-05")
def test_texts_that_take_turns():
    """In the articles that are named these texts are noise, before and after the crawl that found it."""
    log = facts.new_log()
    spot = {"kind": "text", "layout": "modern", "texts": ["Un musée ouvre", "La fanfare joue"], "articles": ["1"]}
    facts.write(log, read(1, 0, "Un bac.", "Un musée ouvre"), crawl="first")
    facts.write(log, read(1, 60, "Un bac.", "La fanfare joue"), crawl="second", summary=learned(rotating=[spot]))
    facts.write(log, read(1, 120, "Un bac.", "Un musée ouvre"), crawl="third")
    facts.write(log, read(1, 180, "Un bac.", "Un musée ferme"), crawl="fourth")
    events, changes = told(log)

    assert events == ["silently_edited"]
    assert [change["noise"] for change in changes] == ["rotating", "rotating", ""]


@pytest.mark.row("F-SIL-01")
@pytest.mark.parametrize(
    ("seen", "event"),
    [
        ([HEADERS[0], HEADERS[1], HEADERS[2]], "silently_edited"),
        ([HEADERS[0], HEADERS[1]], "edited"),
        ([HEADERS[0], HEADERS[0], HEADERS[0]], "edited"),
        ([HEADERS[0], HEADERS[1], HEADERS[1], HEADERS[2], HEADERS[2]], "edited"),
        ([None, HEADERS[1], HEADERS[2]], "edited"),
    ],
    ids=["moved at two", "moved at one", "stood", "moved and stood", "said nothing at first"],
)
def test_a_clock_that_ran_over_one_article(seen, event):
    """At two looks that found its text unchanged Last-Modified moved: it says nothing. Until that is known, it counts."""
    log = facts.new_log()
    first, *later = seen
    facts.write(log, read(1, 0, modified=first), crawl="first")
    for minute, header in enumerate(later, 1):
        facts.write(log, saw(1, minute * 10, header), crawl=f"look-{minute}")
    facts.write(log, read(1, 300, "Un pont.", modified=HEADERS[5]), crawl="last")
    events, (change,) = told(log)

    assert events == [event]
    assert change["clocks"] == ([] if event == "silently_edited" else ["last_modified"])
    assert change.get("running", []) == (["last_modified"] if event == "silently_edited" else [])


@pytest.mark.row("F-SIL-01")
def test_a_clock_that_ran_while_a_counter_moved():
    """Where nothing but a counter changed nobody edited the text: those looks show that the clock runs, too."""
    log = facts.new_log()
    for turn in range(3):
        facts.write(log, read(1, turn * 10, "Un bac.", f"Lu {turn} fois", modified=HEADERS[turn]), crawl=f"look-{turn}")
    facts.write(
        log, read(1, 60, "Un pont.", "Lu 9 fois", modified=HEADERS[5]), crawl="a", summary=learned(rotating=[COUNTER])
    )

    assert told(log)[0] == ["silently_edited"]


def hosted(parts, *, since=0, late=False, crawl="second", host="127.0.0.1"):
    """Return a log in which a crawl found an edit and says that a clock of its host runs; or a crawl before it does."""
    log = facts.new_log()
    fact = {host: {"clocks": {"last_modified": parts}, "since": facts.stamp(facts.at(since))}}
    facts.write(log, read(1, 0, modified=HEADERS[0]), crawl="first")
    if not late:
        facts.write(log, saw(2, 30), crawl="between", summary=learned(running=fact))
    facts.write(
        log, read(1, 60, "Un pont.", modified=HEADERS[4]), crawl=crawl, summary=learned(running=fact) if late else {}
    )
    return log


@pytest.mark.row("F-SIL-01")
@pytest.mark.parametrize(
    ("log", "event"),
    [
        (hosted(1), "silently_edited"),
        (hosted(1, late=True), "silently_edited"),
        (hosted(0), "edited"),
        (hosted(1, since=90), "edited"),
        (hosted(1, host="miroir.test"), "edited"),
        (hosted(1, crawl="backfill-x"), "edited"),
        (hosted(1, crawl="backfill-x", late=True), "silently_edited"),
    ],
    ids=["a crawl before", "its own crawl", "it does not run", "seen to run later", "another host",
         "captures of others", "a backfill of them"],
)  # fmt: skip
def test_a_clock_that_runs_on_a_host(log, event):
    """By what a crawl found on the host, before or in the crawl that saw the edit, and not for captures of others."""
    assert told(log)[0] == [event]


def test_a_clock_that_ran_and_stands_again():
    """The newest word counts."""
    log = hosted(1)
    still = {"127.0.0.1": {"clocks": {"last_modified": 0}, "since": facts.stamp(facts.at(70))}}
    facts.write(log, saw(2, 70), crawl="third", summary=learned(running=still))
    facts.write(log, read(1, 90, "Une digue.", modified=HEADERS[5]), crawl="fourth")

    assert told(log)[0] == ["silently_edited", "edited"]


@pytest.mark.row("F-SIL-06")
def test_edited_together():
    """Beside each of the edits stands that they were alike, with both texts; the article that was not named has none."""
    log = facts.new_log()
    numbers = [str(n) for n in range(1, 6)]
    facts.write(log, *(read(n, 0, f"Quai {n}.", "Il y a 12 blessés.") for n in range(1, 7)), crawl="first")
    edits = [read(n, 60, f"Quai {n}.", "Il y a 41 blessés.") for n in range(1, 6)]
    alike = [{"from": "Il y a 12 blessés.", "to": "Il y a 41 blessés.", "articles": numbers}]
    facts.write(log, *edits, read(6, 60, "Quai 6, enfin."), crawl="second", summary=learned(alike=alike))
    rows = [parse(row) for row in facts.exports(facts.folded(log))["events"]]

    assert [told(log, n)[0] for n in (1, 6)] == [["edited_together", "silently_edited"], ["silently_edited"]]
    assert {row["detail"] for row in rows if row["event"] == "edited_together"} == {
        "alike in 5 articles of one crawl: Il y a 12 blessés. → Il y a 41 blessés."
    }


@pytest.mark.row("F-SIL-04")
def test_a_word_under_cover_of_a_lost_letter_is_told():
    """A letter is lost, and comes back: noise twice. Another one comes back: an edit."""
    log = facts.new_log()
    for minute, text in enumerate(["Le prêt.", "Le pr\ufffdt.", "Le prêt.", "Le pr\ufffdt.", "Le prît."]):
        facts.write(log, read(1, minute, text), crawl=f"look-{minute}")
    events, changes = told(log)

    assert events == ["silently_edited"]
    assert [change["noise"] for change in changes] == ["replacement", "replacement", "replacement", ""]


FACT = st.one_of(
    st.builds(
        read, st.sampled_from((1, 2)), st.integers(0, 9).map(lambda n: n * 60), st.sampled_from(["Un bac.", "Un pont."]),
        st.sampled_from(["Lu 3 fois", "Lu 5 fois", "Un musée ouvre"]), modified=st.sampled_from([None, *HEADERS[:3]]),
    ),
    st.builds(
        saw, st.sampled_from((1, 2)), st.integers(0, 9).map(lambda n: n * 60 + 7), st.sampled_from([None, *HEADERS[:3]])
    ),
)  # fmt: skip
SUMMARY = st.fixed_dictionaries(
    {},
    optional={
        "rotating": st.sampled_from(
            [[COUNTER], [COUNTER | {"kind": "text", "texts": ["Un musée ouvre", "Lu 3 fois"]}]]
        ),
        "running": st.sampled_from(
            [{"127.0.0.1": {"clocks": {"last_modified": n}, "since": facts.stamp(facts.NOON)}} for n in (0, 1)]
        ),
        "alike": st.just([{"from": "Un bac.", "to": "Un pont.", "articles": ["1", "2"]}]),
    },
)


@pytest.mark.row("F-SIL-07")
@settings(max_examples=40)
@given(st.lists(st.tuples(st.lists(FACT, min_size=1, max_size=3), st.sampled_from("abc"), SUMMARY), max_size=6))
def test_incremental_equals_from_nothing_with_findings(plan):
    """Whatever crawls find, in whatever order: folded commit by commit and at once the catalog is the same."""
    log, seen = facts.new_log(), set()
    step = facts.folded(log)
    for found, crawl, summary in plan:
        fresh = [f for f in found if (name := (f.check.article_id, f.check.at)) not in seen and not seen.add(name)]
        facts.write(log, *fresh, crawl=crawl, summary=learned(**summary))
        step.catalog.follow(log)
    whole = facts.folded(log)

    assert (facts.tables(step), facts.exports(step)) == (facts.tables(whole), facts.exports(whole))
