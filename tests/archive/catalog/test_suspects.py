"""What a suspect crawl saw waits: folded at once or commit by commit, accepted or read by a newer extractor."""

import pytest

from archive.catalog import articles, suspects
from archive.catalog.events import looks_of
from archive.facts.canonical import parse
from tests import facts

SUSPECT = {"suspect": True, "exit": 6}
N = (1, 2, 3)


def crawl(log, name, *commits, summary=None):
    """Write the commits of one crawl, the summary in the last."""
    return [
        facts.write(
            log, *found, name=f"20261124t120000z-{name}-{turn:04d}", crawl=name,
            summary=(summary or {}) if turn == len(commits) else {},
        )
        for turn, found in enumerate(commits, 1)
    ]  # fmt: skip


def story():
    """Return a log: three articles read, then a suspect crawl of two commits that saw all of them otherwise."""
    log = facts.new_log()
    crawl(log, "first", [facts.read(n, 0) for n in N])
    changed = [facts.read(n, 60, facts.TEXTS[1], outcome="changed", layout="generic") for n in N[:2]]
    crawl(log, "second", changed[:1], [changed[1], facts.saw(3, 60, "gone"), facts.read(4, 60)], summary=SUSPECT)
    return log, changed


@pytest.mark.row("F-CON-06")
@pytest.mark.row("F-CON-07")
def test_nothing_is_derived_from_rechecks_of_a_suspect_crawl():
    """No version, no edit and no absence of a known article; a first capture counts; the looks are kept and told."""
    archive, events = facts.told(story()[0])
    db = archive.catalog.db

    assert events == []
    assert [len(facts.versions_of(archive, n)) for n in (*N, 4)] == [1, 1, 1, 1]
    assert [articles.state(db, str(n)) for n in N] == ["live", "live", "live"]
    assert [held["crawl"] for held in suspects.suspects(db)] == ["second"]
    assert suspects.suspects(db)[0]["waiting"] == 3
    assert articles.latest(db, "1")["body"] == [facts.TEXTS[0]]
    assert (suspects.waits(db, "1"), suspects.waits(db, "4")) == (True, False)
    assert facts.minutes(articles.article_row(db, "3").last_look) == 60


def test_while_it_runs_the_newest_commit_decides():
    """A crawl that seemed suspect in the middle and ends well is believed whole."""
    log = facts.new_log()
    crawl(log, "first", [facts.read(1, 0)])
    facts.write(log, facts.read(1, 60, facts.TEXTS[1], outcome="changed"), crawl="second", summary={"suspect": True})
    held = facts.folded(log)
    facts.write(log, facts.saw(1, 61), crawl="second", summary={"exit": 0})
    archive, events = facts.told(log)

    assert len(facts.versions_of(held, 1)) == 1
    assert events == [("1", "edited" if parse(facts.exports(archive)["changes"][0])["clocks"] else "silently_edited")]


@pytest.mark.row("F-CON-06")
@pytest.mark.row("F-CON-07")
def test_accepted_it_counts():
    """Then the edits are edits, and the absence is one."""
    log, _ = story()
    facts.write(log, crawl="by-hand", summary={"accept": "second"})
    archive, events = facts.told(log)

    assert events == [("1", "silently_edited"), ("2", "silently_edited")]
    assert articles.state(archive.catalog.db, "3") == "gone"
    assert suspects.suspects(archive.catalog.db) == []


def test_what_a_newer_extractor_reads_counts():
    """Like is compared with like then: a reading that agrees is no edit, the rest waits on."""
    log, changed = story()
    facts.write(log, facts.reread(changed[0], facts.TEXTS[0]), crawl="replay")
    archive, events = facts.told(log)
    looks = list(looks_of(archive.catalog.db, 1))

    assert events == [("1", "silently_edited")]
    assert [look["held"] for look in looks] == [False, False]
    assert len(facts.versions_of(archive, 2)) == 1


@pytest.mark.row("F-CON-06")
@pytest.mark.parametrize("accepted", [False, True], ids=["held", "accepted"])
def test_a_layout_switch_is_no_edit(accepted):
    """Not while the crawl is held, not accepted, not after a replay by a new page object."""
    log = facts.new_log()
    text = f"{facts.TEXTS[2]} {' '.join(f'Le mot {n} suit.' for n in range(9))}"
    crawl(log, "first", [facts.read(n, 0, text, layout="classic") for n in N])
    switched = [facts.read(n, 60, f"{text} La suite au port.", outcome="changed", layout="generic") for n in N]
    crawl(log, "second", switched, summary=SUSPECT)
    if accepted:
        facts.write(log, crawl="by-hand", summary={"accept": "second"})
    before = facts.told(log)[1]
    facts.write(log, *(facts.reread(each, text) for each in switched), crawl="replay")

    assert (before, facts.told(log)[1]) == ([], [])


def test_the_newest_record_after_a_replay_is_the_new_reading():
    """So that the next crawl compares like with like."""
    log, changed = story()
    facts.write(log, *(facts.reread(each, facts.TEXTS[0]) for each in changed), crawl="replay")

    assert articles.latest(facts.folded(log).catalog.db, "1")["extraction"]["revision"] == 2


def test_of_what_only_suspect_crawls_read_the_first_stands():
    """An article without any capture beside them has one version, the oldest, until somebody accepts the others."""
    log = facts.new_log()
    seen = [
        facts.read(1, minute, text, outcome="changed") for minute, text in ((60, facts.TEXTS[1]), (90, facts.TEXTS[2]))
    ]
    crawl(log, "first", seen, summary=SUSPECT)

    assert facts.versions_of(facts.folded(log), 1) == [(60, facts.TEXTS[1])]
