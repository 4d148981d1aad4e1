"""What a crawl and the reading commands ask the catalog is found by its indexes: no table is read from end to end."""

import json
import sqlite3

import pytest

from archive.catalog import memory, patterns, suspects, takeovers
from archive.catalog.articles import own_first
from archive.facts.names import stamp
from demo.server import serve
from tests import facts
from tests.project import Project
from tests.statements import form, listening, statements, walked

CRAWLING = "import sys; from scrapy.cmdline import execute; sys.argv = ['scrapy', *sys.argv[1:]]; execute()"
READING = """
import json, sys
from crawler.cli.front import main
*options, words = sys.argv[1:]
for command in json.loads(words):
    assert main(["presstv", *command, *options[1:]]) == 0, command
"""
ON_PURPOSE = {
    form("SELECT seq, digest FROM commits WHERE seq > 7 ORDER BY seq"): "of the commits that came since the last time",
    form(own_first("article_id DESC", "state = 'live'")): "some live ones, of which most are",
    form(own_first("article_id", "article_id > 7")): "recheck=all is asked for all, some hundreds at a time",
}
"""Statements that may read a table whole, and why they do not, or must."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return the catalog and the statements of crawls over edits and removals, and of the commands that read."""
    folder = tmp_path_factory.mktemp("statements")
    note = folder / "statements"
    with serve(more=10) as server:
        project = Project(folder, server.url)
        crawl(project, note)
        articles = list(server.outlet.articles.values())
        for article in articles[:6]:
            body = (f"Le bac {article.id} a pris l’eau cette nuit.", *article.body[1:-1], "On attend la marée.")
            server.outlet.edit(article.id, open=False, body=body)
        for article, how in zip(articles[6:8], ("404", "soft"), strict=True):
            server.outlet.remove(article.id, how)
        crawl(project, note, "recheck=all")
        crawl(project, note, f"ids={articles[0].id}")
    read(project, note, articles[0].id)
    with sqlite3.connect(folder / "catalog.sqlite") as db:
        yield db, statements(note)
    db.close()


def crawl(project, note, *arguments):
    """Crawl every section and write down what was asked."""
    words = [word for argument in arguments for word in ("-a", argument)]
    done = project.run_by(listening(note) + CRAWLING, *project.crawl_words(*words))
    assert done.returncode == 0, done.stderr


def read(project, note, number):
    """Run the commands that read a part of the archive, one after the other."""
    commands = [
        ["status"], ["head"], ["show", number], ["show", f"{number}@2200-01-01"], ["history", number],
        ["diff", number], ["search", "bac"], ["search", "--removed", "mer"], ["prove", number],
        ["search", "bac", "--state", "live", "--silent", "--ids", number, "--since", "2020-01-01"],
    ]  # fmt: skip

    done = project.run_by(listening(note) + READING, "status", json.dumps(commands))
    assert done.returncode == 0, done.stderr


@pytest.mark.row("F-FLD-04")
def test_no_table_that_grows_is_read_whole(told):
    """So what a crawl and a question cost does not grow with the articles that are known, nor with their looks."""
    db, asked = told
    whole = {text: found for text, sql in asked.items() if (found := walked(db, sql)) and text not in ON_PURPOSE}

    assert len(asked) > 80
    assert not whole


def test_what_walks_on_purpose_does(told):
    """The list of exceptions has none that nobody needs."""
    db, asked = told

    assert {text for text in ON_PURPOSE if text not in asked or not walked(db, asked[text])} == set()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT * FROM articles", {"articles"}),
        ("SELECT a.url FROM articles a WHERE a.url = 'x'", {"articles"}),
        ("SELECT at FROM checks c WHERE c.at > 'x'", {"looks"}),
        ("SELECT at FROM checks c WHERE c.seq > 7", {"looks"}),
        ("SELECT seq FROM commits ORDER BY seq DESC LIMIT 1", set()),
        ("SELECT seq FROM commits ORDER BY digest LIMIT 1", {"commits"}),
        ("SELECT url FROM articles WHERE article_id = 7", set()),
        ("SELECT crawl FROM crawls WHERE suspect AND NOT accepted", set()),
        ("SELECT name FROM counted", set()),
    ],
)
def test_a_walk_is_told(sql, found):
    """By the table's own name, be it under another one or in a view; a range without an end is one, too."""
    assert walked(facts.folded(facts.new_log()).catalog.db, sql) == found


QUESTIONS = {
    "what others found lately": lambda db: memory.lately(db, facts.at(0), 9),
    "what a dead crawl had found": lambda db: memory.rechecked(db, "x"),
    "what a dead crawl had kept": lambda db: list(memory.pages_of(db, "x")),
    "whether it was committed": lambda db: memory.names_batch(db, "x"),
    "what was known to rotate": lambda db: patterns.known_spots(db, "classic", own=True),
    "the newest pages": lambda db: patterns.newest_of(db, "classic", own=True),
    "anybody's newest pages": lambda db: patterns.newest_of(db, "classic", own=False),
    "the newest edits": lambda db: list(patterns.reworded(db, own=True)),
    "what a backfill changed": lambda db: list(patterns.changed_by(db, "x")),
    "what waits of a crawl": lambda db: suspects.waiting(db, "x"),
    "which crawls wait": suspects.suspects,
    "when a host served": lambda db: takeovers.looks_at(db, "x", {"new"}, own=True, since=stamp(facts.at(0))),
}


@pytest.mark.row("F-FLD-04")
@pytest.mark.parametrize("asking", QUESTIONS.values(), ids=QUESTIONS)
def test_what_is_seldom_asked_is_found_by_an_index(asking):
    """Of a crawl that was braked, that died, that saw pages rotate or a host seized."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0), crawl="x")
    db, asked = facts.folded(log).catalog.db, []
    db.set_trace_callback(asked.append)
    asking(db)
    db.set_trace_callback(None)

    assert asked
    assert not {form(sql): found for sql in asked if (found := walked(db, sql))}
