"""examples/: each script runs over an archive as it stands, and prints what is true of it."""

import json
import re
import runpy
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.browsing import stored_project
from tests.project import ROOT

SCRIPTS = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
EMPTY = {"with_duckdb", "with_pandas", "with_polars", "with_datasette", "from_question_to_citation"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return where an archive lies in which something happened."""
    return str(stored_project(tmp_path_factory.mktemp("stored")).archive)


@pytest.fixture
def run(monkeypatch, capsys):
    """Return what runs a script as a person does, and gives what it printed."""

    def ran(name, *words):
        monkeypatch.setattr(sys, "argv", [f"examples/{name}.py", *map(str, words)])
        runpy.run_module(f"examples.{name}", run_name="__main__")
        return capsys.readouterr().out

    return ran


def test_each_script_is_run_here():
    """One that is new belongs into these tests and into docs/notebooks.md."""
    page = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")

    assert set(SCRIPTS) == EMPTY
    assert [name for name in SCRIPTS if f"examples.{name}" not in page] == []


def test_duckdb_reads_the_archives_own_files(run, place):
    """Records where they lie, joined with what the fold found."""
    assert re.search(r"2026\s+│\s+4 │\s+1 │", run("with_duckdb", place))


def test_pandas_has_the_rows_as_frames(run, place):
    """Edits by state, and the instants of changes in the outlet's zone."""
    told = run("with_pandas", place)

    assert re.search(r"live +4 +1 +1\n", told)
    assert "2026-11-24 16:30:00+03:30    True 101@2026-11-24T13:00:00.000000Z" in told


def test_polars_counts_the_events(run, place):
    """How often each was seen, and how exactly it is known when."""
    told = run("with_polars", place)

    assert re.search(r"silently_edited ┆ 1 +┆ 1\.0", told)
    assert re.search(r"discovered +┆ 4 +┆ null", told)


def test_datasette_gets_keys_and_labels(run, place, tmp_path):
    """Each row leads to its article and version, which are shown by their headlines."""
    command = run("with_datasette", place, "-o", tmp_path).split()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        keys = {
            (table, row[3], row[2])
            for table in ("versions", "changes", "events")
            for row in db.execute(f"PRAGMA foreign_key_list({table})")
        }
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
        held = db.execute(
            "SELECT a.headline, c.silent FROM changes c JOIN versions v USING (cite) JOIN articles a ON a.article_id = v.article_id"
        ).fetchall()
    tables = json.loads((tmp_path / "metadata.json").read_text(encoding="utf-8"))["databases"]["archive"]["tables"]

    assert command == ["datasette", str(tmp_path / "archive.db"), "--metadata", str(tmp_path / "metadata.json")]
    assert keys == {
        ("versions", "article_id", "articles"),
        ("changes", "cite", "versions"),
        ("changes", "article_id", "articles"),
        ("events", "article_id", "articles"),
    }
    assert (broken, held) == ([], [("Un bac de 2 200 passagers", 1)])
    assert {tables[name]["label_column"] for name in ("articles", "versions")} == {"headline"}


@pytest.mark.skipif(shutil.which("datasette") is None, reason="needs datasette, which is no package of the tests")
def test_datasette_shows_the_label(run, place, tmp_path):
    """As its own answer has it."""
    command = run("with_datasette", place, "-o", tmp_path).split()
    done = subprocess.run(
        [*command, "--get", "/archive/changes.json?_labels=on&_shape=array"], capture_output=True, check=True
    )

    assert json.loads(done.stdout)[0]["article_id"] == {"value": "101", "label": "Un bac de 2 200 passagers"}


def test_a_question_comes_to_a_cited_answer(run, place, tmp_path):
    """What stood there before and after, both versions cited, and a proof that anybody can check."""
    told = run("from_question_to_citation", place, "-o", tmp_path)
    script, proof, option, head = re.search(r"check it: python3 (\S+) (\S+) (--head) (\S+)", told).groups()
    checked = subprocess.run([sys.executable, ROOT / script, proof, option, head], capture_output=True, check=False)

    assert "before  Il transporte 1 400 passagers.\n  after   Il transporte 2 200 passagers." in told
    assert len(re.findall(r"@online\{presstv-101-", told)) == 2
    assert checked.returncode == 0


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_an_archive_without_articles_is_no_error(run, tmp_path, name):
    """Each script prints an empty answer."""
    empty = stored_project(tmp_path / "stored", lambda _: None).archive

    run(name, empty, *(["-o", tmp_path] if name in ("with_datasette", "from_question_to_citation") else []))
