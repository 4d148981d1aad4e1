"""Exported rows made an archive again: the same lives of articles, whatever the files, their order and their mix."""

import contextlib
import json
import random
import tempfile
from pathlib import Path

import pytest

from archive.catalog import articles
from archive.catalog.history import history_of
from archive.errors import ConfigurationError
from archive.exported.lines import ExportedLine
from archive.exported.rebuilt import rebuilt
from archive.exported.searchable import Searchable
from archive.facts.canonical import canonical, parse
from tests import facts
from tests.archive.exporters.test_increments import STORY
from tests.browsing import story
from tests.french import VOCABULARY
from tests.old import pack


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    story(log)
    return facts.folded(log)


def views_of(archive):
    """Return view → rows."""
    return {name: [parse(line) for line in lines] for name, lines in facts.exports(archive).items()}


@pytest.fixture(scope="module")
def views(archive):
    return views_of(archive)


def again(rows, folder=None):
    """Return an archive made of rows, everything in it searchable."""
    with contextlib.ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        lines = [ExportedLine("x", n, canonical(row) + b"\n") for n, row in enumerate(rows, 1)]
        made = rebuilt(lines, folder, vocabulary_of)
        searchable = Searchable(folder / "catalog.sqlite", VOCABULARY.language)
        searchable.start()
        assert searchable.wait(60), searchable.broken
        return made


def vocabulary_of(name):
    """Return the invented edition's words."""
    if name not in (None, VOCABULARY.edition):
        raise ConfigurationError(f"no edition {name!r}")
    return VOCABULARY


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
        made = again(rows, tmp_path / str(number))
        assert lives(made.archive) == lives(archive)
        random.Random(number).shuffle(rows)

    assert made.rows["check"] == len(views["checks"])


@pytest.fixture(scope="module")
def month():
    """Return an archive in which everything happened: backfills, replays, suspect crawls, mirrors, what was learned."""
    log = facts.new_log()
    for looks, crawl, summary in STORY.values():
        facts.write(log, *looks, crawl=crawl, summary=summary)
    return facts.folded(log)


@pytest.mark.row("F-TAK-10")
def test_records_checks_and_commits_are_the_archive_again(month):
    """Every life, every search and every look is that of the archive, in any order of the lines and any mix."""
    told = views_of(month)
    rows = [row for view in ("records", "checks", "events", "commits") for row in told[view]]
    mixed = [*rows, *told["versions"], *told["latest"], *told["articles"], *told["captures"], *rows]
    random.Random(1).shuffle(mixed)
    whole = facts.tables(month)

    for made in (again(rows).archive, again(mixed).archive):
        found = facts.tables(made)
        assert lives(made) == lives(month)
        told_apart = (
            "articles",
            "versions",
            "changes",
            "shifts",
            "spots",
            "running",
            "teasers",
            "texts",
            "taken_out",
            "words",
        )
        assert {name: found[name] for name in told_apart} == {name: whole[name] for name in told_apart}


def test_what_waits_waits_without_the_commits(month):
    """A look that is held says that its crawl is suspect: its edit is none, and its removal neither."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1], outcome="changed"), facts.saw(2, 60, "gone"), crawl="c",
                summary={"suspect": True})  # fmt: skip
    whole = facts.folded(log)
    told = views_of(whole)

    assert lives(again([*told["records"], *told["checks"]]).archive) == lives(whole)


def test_lines_of_before_are_read(month):
    """Without schema, view and what else lets a line stand alone the same comes out as far as it was told."""
    told = views_of(month)
    new = {
        "view",
        "edition",
        "line",
        "held",
        "last_look",
        "last_outcome",
        "edited_at",
        "begun_at",
        "last_at",
        "seen_at",
    }
    checks = [{k: v for k, v in row.items() if k not in new | {"schema"}} for row in told["checks"]]
    versions = [{k: v for k, v in row.items() if k not in new | {"commit", "crawl"}} for row in told["versions"]]
    old, today = again(versions + checks).archive, again(told["versions"] + told["checks"]).archive

    assert {n: life["looks"] for n, life in lives(old).items()} == {
        n: life["looks"] for n, life in lives(today).items()
    }
    assert [row["state"] for row in views_of(old)["latest"]] == [row["state"] for row in views_of(today)["latest"]]


@pytest.mark.parametrize("name", ["main-0.1.0"])
def test_exports_of_0_1_0_are_read(name):
    """Each article that the old program exported is there, with its state."""
    told = pack.unpacked(f"{name}.exports.tar.xz")
    rows = [json.loads(line) for view in ("versions", "checks") for line in told[f"{view}.jsonl"].splitlines()]
    made = again(rows).archive
    latest = [json.loads(line) for line in told["latest.jsonl"].splitlines()]

    assert {row["article_id"] for row in views_of(made)["latest"]} == {row["article_id"] for row in latest}


def test_an_article_that_was_never_read_is_there():
    """Of the view articles it is taken where no look tells of it."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.saw(2, 0, "timeout"))
    told = views_of(facts.folded(log))
    made = again([*told["latest"], *told["articles"]]).archive

    assert [(row.article_id, row.state) for row in articles.article_rows(made.catalog.db)] == [
        ("1", "live"),
        ("2", "unread"),
    ]


def test_two_editions_are_two_archives(views):
    """The line of the second one is named, and one of an edition that nobody knows."""
    other = views["latest"][1] | {"edition": "presstv-en"}

    with pytest.raises(ConfigurationError, match="x, line 2: of the edition presstv-en"):
        again([views["latest"][0], other])
    with pytest.raises(ConfigurationError, match="x, line 1: no edition 'presstv-en'"):
        again([other])


def test_two_histories_are_not_one(views):
    """A commit that is another one in the second file is named."""
    other = views["commits"][0] | {"digest": "sha256:" + "0" * 64}

    with pytest.raises(ConfigurationError, match=r"x, line \d+: commit 1 stands there twice"):
        again([*views["versions"], *views["commits"], other])


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
    once, twice = (again(views["versions"] * n + views["checks"] * n, tmp_path / str(n)) for n in (1, 2))

    assert lives(once.archive) == lives(twice.archive)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "x, line 1: a row that no view of ours has"),
        ({"schema": "presstv.record/2"}, "x, line 1: a row of 'presstv.record/2'"),
        ({"schema": "presstv.record/1"}, "x, line 1: it is no record"),
        ({"schema": "presstv.record/1", "commit": 10**19}, "x, line 1: not of ours"),
        ({"schema": "presstv.check/1", "line": -1}, "x, line 1: not of ours"),
        ({"at": "gestern", "url": "http://x/", "kind": "article", "outcome": "new"}, "x, line 1: it is no look"),
    ],
)
def test_another_row_is_named(row, said):
    """Exit 4, naming file and line, for what no export of this program holds."""
    with pytest.raises(ConfigurationError, match=said):
        again([row])


@pytest.mark.parametrize(
    "more",
    [
        {"committed_at": "2026-13-45T99:00:00Z"}, {"committed_at": "0001-01-01T00:00:00+14:00"}, {"committed_at": 5},
        {"summary": "suspect"}, {"summary": [1]}, {"writer": 1}, {"digest": {}},
    ],
)  # fmt: skip
def test_a_commit_of_nonsense_is_named(month, more):
    """Exit 4, naming file and line, whatever of it is none."""
    told = views_of(month)
    with pytest.raises(ConfigurationError, match=r"x, line 1: (it is no commit|not of ours)"):
        again([told["commits"][0] | more, *told["records"], *told["checks"]])


@pytest.mark.parametrize("more", [{"last_look": "hier"}, {"first_seen": "0001-01-01T00:00:00+14:00"}])
def test_an_unread_article_of_nonsense_is_named(views, more):
    """As any other line is."""
    unread = {
        "schema": "presstv.article/1", "article_id": "9", "url": "http://x/9", "state": "unread", "headline": "",
        "first_seen": "2026-11-24T12:00:00.000000Z", "last_seen": None, "versions": 0, "edition": "presstv-fr",
        "last_look": "2026-11-24T12:00:00.000000Z", "last_outcome": "timeout",
    }  # fmt: skip
    assert articles.state(again([*views["versions"], unread]).archive.catalog.db, "9") == "unread"
    with pytest.raises(ConfigurationError, match=r"line 1: it (is no article|has no instant)"):
        again([unread | more, *views["versions"]])


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("first_seen", "0"),
        ("first_seen", "2026-11-24"),
        ("last_seen", "9999-99-99T00:00:00.000000Z"),
        ("absent_from", "x"),
    ],
)
def test_a_sight_at_no_instant_is_named(views, name, at):
    """What a row says of its article is believed, and so has to be an instant: else file and line are said."""
    with pytest.raises(ConfigurationError, match=r"x, line 1: .*instant"):
        again([{**views["latest"][0], name: at}])


@pytest.mark.parametrize("source", [{"a": 1}, 5, ["x"]])
def test_a_source_of_nonsense_is_named(views, source):
    """Whose a capture is, is never taken for ours where a line can't be read."""
    with pytest.raises(ConfigurationError, match=r"x, line 1: .*source"):
        again([{**views["latest"][0], "source": source}])


def test_a_first_sight_is_the_rows(views):
    """The newest texts alone say since when an article is known; days and lists count it there."""
    made = again(views["latest"])
    told = {row["article_id"]: row["first_seen"] for row in views["latest"]}
    rows = dict(made.archive.catalog.db.execute("SELECT article_id, first_seen FROM articles").fetchall())

    assert {str(number): at for number, at in rows.items()} == told
    assert articles.counts(made.archive.catalog.db)["removed"] == sum(r["state"] == "removed" for r in views["latest"])


def test_a_changed_text_is_named(views):
    """A record whose text is not the one of its digest is not believed."""
    row = json.loads(json.dumps(views["versions"][0])) | {"body": ["Autre chose."]}

    with pytest.raises(ConfigurationError, match="the text is not the one its digest names"):
        again([row])


def test_derived_rows_alone_are_too_little(views):
    """Events and changes hold no text: the line says which view to export."""
    with pytest.raises(ConfigurationError, match="export the view versions"):
        again(views["events"])
