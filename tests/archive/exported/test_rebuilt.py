"""Exported rows made an archive again: the same lives of articles, whatever the files, their order and their mix."""

import json
import random

import pytest

from archive.catalog import articles
from archive.catalog.history import history_of
from archive.errors import ConfigurationError
from archive.exported.lines import ExportedLine
from archive.exported.rebuilt import rebuilt
from archive.facts.canonical import parse
from tests import facts
from tests.browsing import story
from tests.french import VOCABULARY


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    story(log)
    return facts.folded(log)


@pytest.fixture(scope="module")
def views(archive):
    return {name: [parse(line) for line in lines] for name, lines in facts.exports(archive).items()}


def again(rows, folder=":memory:"):
    """Return an archive made of rows."""
    return rebuilt([ExportedLine(f"x, line {n}", row) for n, row in enumerate(rows, 1)], folder, VOCABULARY)


def lives(archive):
    """Return each article's history."""
    db = archive.catalog.db
    return {row.article_id: history_of(db, row.article_id) for row in articles.article_rows(db)}


def test_versions_and_checks_give_the_same_lives(archive, views, tmp_path):
    """Every article's versions, changes, events, remarks and state are those of the archive, in any order of the rows."""
    rows = [
        {"article_id": "7", "rows": 0},
        *views["versions"],
        *views["checks"],
        *views["events"],
        *views["placements"],
        *views["changes"],
        *views["latest"],
    ]
    for number in range(5):
        made = again(rows, tmp_path / str(number) / "c.sqlite")
        assert lives(made.archive) == lives(archive)
        random.Random(number).shuffle(rows)

    assert made.rows["check"] == len(views["checks"])


def test_the_newest_texts_alone_have_their_state(views, tmp_path):
    """Of latest alone each article is as its row says: removed, or there; no look is made up."""
    made = again(views["latest"], tmp_path / "a")
    db = made.archive.catalog.db

    assert {row.article_id: row.state for row in articles.article_rows(db)} == {
        row["article_id"]: row["state"] for row in views["latest"]
    }
    assert articles.counts(db)["checks"] == 0
    assert {h["headline"] for h in lives(made.archive).values()} == {row["headline"] for row in views["latest"]}


def test_rows_twice_count_once(views, tmp_path):
    """The same rows of two days' exports are one."""
    once, twice = (again(views["versions"] * n + views["checks"] * n, tmp_path / str(n) / "c.sqlite") for n in (1, 2))

    assert lives(once.archive) == lives(twice.archive)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "x, line 1: a row that no view of ours has"),
        ({"schema": "presstv.record/2"}, "x, line 1: a row of 'presstv.record/2'"),
        ({"schema": "presstv.record/1"}, "x, line 1: it is no record"),
        ({"at": "gestern", "url": "http://x/", "kind": "article", "outcome": "new"}, "x, line 1: it is no look"),
    ],
)
def test_another_row_is_named(row, said):
    """Exit 4, naming file and line, for what no export of this program holds."""
    with pytest.raises(ConfigurationError, match=said):
        again([row])


def test_a_changed_text_is_named(views):
    """A record whose text is not the one of its digest is not believed."""
    row = json.loads(json.dumps(views["versions"][0])) | {"body": ["Autre chose."]}

    with pytest.raises(ConfigurationError, match="the text is not the one its digest names"):
        again([row])


def test_derived_rows_alone_are_too_little(views):
    """Events and changes hold no text: the line says which view to export."""
    with pytest.raises(ConfigurationError, match="export the view versions"):
        again(views["events"])
