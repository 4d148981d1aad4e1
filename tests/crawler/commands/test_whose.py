"""Whose a version, a change, an event or a proof is, in words and in fields, and what is our own alone."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.site import TEXT, article, outlet, path, site
from tests.foreign_warcs import INFO, Warc
from tests.outlet_server import page
from tests.project import ROOT, Project
from tests.waiting import until

OTHER = (TEXT[0], "La lampe n’a pas encore été remontée, disent les anciens gardiens.")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project in which we saw an article twice, and others another text of it between."""
    folder = tmp_path_factory.mktemp("whose")
    with outlet(folder, site({1: page(article(1))})) as (server, made):
        made.crawl()
        between = datetime.now(UTC) + timedelta(seconds=1)
        warc = Warc()
        warc.response(server.base + path(1), article(1, text=OTHER), at=between.strftime("%Y-%m-%dT%H:%M:%SZ"))
        made.run("backfill", "--outlet", server.base, warc.save(folder / "autre.warc.gz"))
        until(lambda: datetime.now(UTC) > between)
        made.crawl("-a", "recheck=all")
    return Project(folder, made.url)


def said(project, *words):
    """Return what a command prints."""
    done = project.run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


THEIRS = f"({INFO['operator']})"


@pytest.mark.row("F-OTH-04")
def test_in_words(project):
    """History, one version and a difference name who captured, ours as ours."""
    history, theirs, ours = (said(project, *words) for words in (("history", "1"), ("show", "1@2"), ("show", "1@3")))
    diff = said(project, "diff", "1").splitlines()

    assert history.count("    seen by others: autre.warc.gz sha256:") == 1
    assert "    the look before by others: autre.warc.gz sha256:" in history
    assert "looked at 3 times, 1 of them by others; " in history
    assert [line for line in theirs.splitlines() if line.startswith("captured by others: ") and THEIRS in line] != []
    assert "\ncaptured by ourselves\n" in ours
    assert (diff[0].endswith(f"{THEIRS})"), diff[1].endswith("(version 3, captured by ourselves)")) == (True, True)


@pytest.mark.row("F-OTH-04")
def test_in_fields(project):
    """Every view and JSON document has it in `source`, what lies before in `source_before`; null is our own."""
    versions, changes, events = (project.rows(view) for view in ("versions", "changes", "events"))
    shown, diff = (json.loads(said(project, *words, "--json")) for words in (("show", "1@2"), ("diff", "1")))
    theirs = versions[1]["source"]

    assert theirs.endswith(THEIRS)
    assert [row["source"] for row in versions] == [None, theirs, None]
    assert [(row["source"], row["source_before"]) for row in changes] == [(theirs, None), (None, theirs)]
    assert [(e["event"], e["source"], e["source_before"]) for e in events] == [
        ("discovered", None, None), ("silently_edited", theirs, None), ("silently_edited", None, theirs),
    ]  # fmt: skip
    assert (shown["source"], diff["source"], diff["source_before"]) == (theirs, None, theirs)


@pytest.mark.row("F-OTH-04")
def test_a_proof_says_whose_it_is(project, tmp_path):
    """When it is made and when it is checked: of another's capture it proves what a file held, and whose it was."""
    found = {}
    for name, of in (("theirs", "1@2"), ("ours", "1@1")):
        proof = tmp_path / f"{name}.json"
        made = project.run("prove", "-o", proof, of)
        checked = subprocess.run(
            [sys.executable, ROOT / "docs" / "check_proof.py", proof], capture_output=True, text=True, check=True
        )
        found[name] = made.stderr.splitlines()[0], checked.stdout

    assert found["theirs"][0].endswith(THEIRS)
    assert '"operator": ' in found["theirs"][1]
    assert found["ours"][0].endswith("captured by ourselves")
    assert "others" not in found["ours"][1]


@pytest.mark.row("F-OTH-04")
@pytest.mark.parametrize(("view", "rows"), [("versions", 1), ("changes", 0), ("events", 1), ("checks", None)])
def test_our_own_alone(project, view, rows):
    """`--source own` is the archive as if nobody else had captured, the looks of others left out, too."""
    found = [
        json.loads(line) for line in said(project, "export", "jsonl", "--view", view, "--source", "own").splitlines()
    ]
    whole = said(project, "export", "jsonl", "--view", view, "--source", "all").splitlines()

    assert len(found) == (rows if rows is not None else len(whole) - 1)
    assert {row.get("source") for row in found} <= {None}


def test_another_word_is_refused(project):
    """With what there is to choose from."""
    done = project.run("export", "jsonl", "--source", "autres")

    assert (done.returncode, "choose from own, all" in done.stderr) == (2, True)
