"""What a crawl sees in many articles at once: a counter pulls no brake, a shared figure does, and what it tells is kept."""

from dataclasses import replace

import pytest

from archive.catalog import articles
from crawler.crawl.patterns import Patterns
from pipelines.look import Look
from pipelines.version import Verdict
from tests import facts
from tests.faults.site import TEXT, article, crawl, opened, outlet, path, rows, site
from tests.french import VOCABULARY
from tests.made import article as made
from tests.outlet_server import page

NUMBERS = range(1, 13)
EDITED = (TEXT[0].replace("vingt", "trente"), TEXT[1])


def served(turn, line, *, edited=()):
    """Return the pages of all articles at one crawl; Last-Modified is the hour of the crawl, whatever the article."""
    clock = f"Last-Modified: Fri, 20 Nov 2026 1{turn}:00:00 GMT"
    return {
        path(n): page(article(n, text=EDITED if n in edited else TEXT, inside=f"<div>{line(n)}</div>"), clock)
        for n in NUMBERS
    }


@pytest.fixture
def crawled(tmp_path):
    """Return a function that serves what each of several crawls shall see, and returns the project and the crawls."""

    def done_with(*turns):
        script = site(dict.fromkeys(NUMBERS, b""))
        with outlet(tmp_path, script) as (_, project):
            done = []
            for turn in turns:
                script.update(turn)
                done.append(crawl(project, "-a", "recheck=all").report)
            return project, done

    return done_with


def edits(project):
    return [(e["article_id"], e["event"]) for e in rows(project, "events") if "edited" in e["event"]]


@pytest.mark.row("F-SIL-02")
@pytest.mark.row("F-SIL-01")
def test_a_counter_is_no_edit_and_a_running_clock_hides_none(crawled):
    """Twelve counters move at each look: no edit, no brake; and the one real edit is silent, for the clock runs."""
    turns = [
        served(turn, lambda n, turn=turn: f"Lu {100 * turn + 7 * n} fois", edited=[12] if turn == 2 else [])
        for turn in range(3)
    ]
    project, done = crawled(*turns)
    history = project.run("history", "1", "--noise").stdout
    with opened(project) as archive:
        told = [commit.summary["learned"] for commit in archive.log.after() if "learned" in commit.summary]

    assert [(report["exit"], report["suspect"]) for report in done] == [(0, False)] * 3
    assert [report["noise"] for report in done] == [0, 12, 11]
    assert edits(project) == [("12", "silently_edited")]
    assert {change["noise"] for change in rows(project, "changes") if change["article_id"] != "12"} == {"counter"}
    assert "noise: counter: Lu 7 fois → Lu 107 fois" in history
    assert "noise" not in project.run("history", "1").stdout
    assert "noise: counter" in project.run("diff", "1").stdout
    assert "silent: no clock of the outlet moved" in project.run("diff", "12").stdout
    assert [(spot["kind"], spot["texts"]) for learned in told for spot in learned.get("rotating", ())] == [
        ("number", ["Lu # fois"])
    ] * 2


@pytest.mark.row("F-SIL-06")
def test_a_figure_that_pages_share_is_an_edit(crawled):
    """It changed alike in eleven articles: the brake holds them, and accepted each is an edit, told as alike besides."""
    project, done = crawled(
        served(0, lambda n: "Bilan : 12 blessés"), served(0, lambda n: f"Bilan : {12 if n == 12 else 41} blessés")
    )
    held = edits(project)
    project.run("accept", done[-1]["crawl"])
    named = {str(n) for n in NUMBERS} - {"12"}

    assert ([report["exit"] for report in done], held) == ([0, 6], [])
    assert {number for number, event in edits(project) if event == "silently_edited"} == named
    assert {number for number, event in edits(project) if event == "edited_together"} == named


@pytest.fixture
def archive():
    """Return an archive of six articles, each with a counter that is its own."""
    log = facts.new_log()
    facts.write(log, *(facts.read(n, 0, f"Lu {3 * n} fois") for n in range(1, 7)), crawl="first")
    return facts.folded(log)


def seen(archive, numbers, *, outcome="changed"):
    """Return the patterns of a crawl that saw the counters of these articles move, or found them unchanged."""
    patterns = Patterns(db=archive.catalog.db, vocabulary=VOCABULARY, crawl="now")
    for n in numbers:
        taken = facts.capture(n, 60)
        look = Look(url=taken.url, kind="article", at=taken.captured_at, outcome="article", capture=taken,
                    article=made(str(n), layout="modern"))  # fmt: skip
        before, after = articles.latest(archive.catalog.db, str(n)), facts.record_of(taken, n, f"Lu {3 * n + 5} fois")
        clocks = {"last_modified": 1}
        verdict = Verdict(outcome=outcome, pulse=clocks)
        patterns.note(look, verdict if outcome == "unchanged" else replace(verdict, before=before, record=after))
    return patterns


def test_a_quiet_crawl_has_nothing_to_say(archive):
    """Nothing changed and no clock moved twice: no fact in the summary."""
    quiet = seen(archive, [1], outcome="unchanged")

    assert (quiet.learned(), quiet.noise()) == ({}, frozenset())


def test_counters_are_known_by_many_pages(archive):
    """Moved on five pages it is a counter, in each of them; on two it is an edit, until the form is known."""
    many, few = seen(archive, range(1, 6)), seen(archive, [1, 2])
    alone = (few.learned().get("rotating"), few.noise())
    facts.write(archive.log, summary={"learned": {"rotating": many.learned()["rotating"]}}, crawl="between")
    archive.catalog.follow(archive.log)

    assert len(many.noise()) == 5
    assert many.learned()["rotating"][0]["articles"] == ["1", "2", "3", "4", "5"]
    assert alone == (None, frozenset())
    assert len(seen(archive, [1, 2]).noise()) == 2


def test_clocks_that_run(archive):
    """Two looks that found a text unchanged saw it move: from then on it says nothing on this host."""
    facts_of = seen(archive, [1, 2], outcome="unchanged").learned()
    since = facts.stamp(facts.at(60))

    assert facts_of == {"running": {"127.0.0.1": {"clocks": {"last_modified": 1}, "since": since}}}
