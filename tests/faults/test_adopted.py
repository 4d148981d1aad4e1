"""A crawl that was killed at its commit: what the next one takes in is weighed as the dead one would have been."""

import pytest

from archive.catalog import suspects
from tests.faults.site import TEXT, article, crawl, opened, outlet, rows, site
from tests.outlet_server import page
from tests.test_one_judge import DIES, QUIET

EDITED = (TEXT[0], "La lampe a été remontée par cinq anciens gardiens, à l’aide de lentilles neuves.")
NUMBERS = range(1, 16)
BRAKED = ("-s", "BRAKE_MINIMUM=10")
NOTHING = ("-a", "recheck=none")


def edited(*numbers):
    """Return the script of an outlet that edits these articles after the first crawl."""
    return site({n: [page(article(n)), page(article(n, text=EDITED if n in numbers else TEXT))] for n in NUMBERS})


def killed(project, *settings):
    """Crawl all articles once more and die at a commit."""
    died = project.run_by(DIES, *project.crawl_words(*QUIET, *settings, "-a", "recheck=all"))
    assert died.returncode == -9, died.stderr


def told(project):
    """Return (article, event) but for the discoveries."""
    return [(e["article_id"], e["event"]) for e in rows(project, "events") if e["event"] != "discovered"]


@pytest.mark.row("F-CON-06")
def test_what_would_have_been_suspect_is(tmp_path):
    """Every text changed at once: all of it is stored and waits, under the dead crawl's own name."""
    with outlet(tmp_path, edited(*NUMBERS)) as (_, project):
        first = crawl(project)
        killed(project)
        last = crawl(project, *BRAKED, *NOTHING)
        with opened(project) as archive:
            held = suspects.suspects(archive.catalog.db)
            summary = archive.log.read(2).summary

    assert told(project) == []
    assert [one["waiting"] for one in held] == [len(NUMBERS)]
    assert held[0]["crawl"] not in (first.report["crawl"], last.report["crawl"])
    assert (summary["adopted"], summary["brake"]["rechecked"]) == (len(NUMBERS) + 4, {"changed": len(NUMBERS)})
    assert set(last.versions.values()) == {1}


@pytest.mark.row("F-CON-06")
def test_a_few_edits_are_believed(tmp_path):
    """What the dead crawl saw of two articles is told as if it had lived."""
    with outlet(tmp_path, edited(3, 4)) as (_, project):
        crawl(project)
        killed(project)
        crawl(project, *BRAKED, *NOTHING)

    assert told(project) == [("3", "silently_edited"), ("4", "silently_edited")]


def test_batches_that_were_committed_before_the_kill_count(tmp_path):
    """Nine edits were committed and six were not: together they are too many, and none is told."""
    with outlet(tmp_path, edited(*NUMBERS)) as (_, project):
        crawl(project)
        dies = DIES.replace(
            "Committer.commit = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)",
            "commit, seen = Committer.commit, []\n"
            "def dying(*a, **k):\n"
            "    seen.append(1)\n"
            "    return commit(*a, **k) if len(seen) < 2 else os.kill(os.getpid(), signal.SIGKILL)\n"
            "Committer.commit = dying",
        )
        words = project.crawl_words(*QUIET, "-s", "BATCH_CAPTURES=11", "-a", "recheck=all")
        died = project.run_by(dies, *words)
        assert died.returncode == -9, died.stderr
        crawl(project, *BRAKED, *NOTHING)
        with opened(project) as archive:
            waiting = [one["waiting"] for one in suspects.suspects(archive.catalog.db)]

    assert told(project) == []
    assert waiting == [len(NUMBERS)]
