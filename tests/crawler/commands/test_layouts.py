"""`scrapy layouts`: what read what, and what recurs."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from archive.catalog.strategies import months, proposals
from archive.facts.items import Moment
from crawler.pages import REVISION
from pipelines.export import Export
from pipelines.version import Judge, Rules
from tests.french import EDITION, clean
from tests.made import START, Ticking, archive_at, article, look, writer_of
from tests.project import Project

FOLLOW = "Téléphonez-nous : la rédaction répond de neuf à dix-sept heures."


def kept(folder, articles):
    """Return the archive in which these articles were committed, one a day."""
    clock = Ticking()
    archive = archive_at(folder, clock)
    writer = writer_of(archive, folder, clock)
    steps = (Judge(writer, Rules(revision=REVISION, keep_for=timedelta(days=30), reread=lambda r: r)), Export(writer))
    for days, read in enumerate(articles):
        item = look(read.article_id, at=START + timedelta(days=days), body=b"%d" % days, read=read)
        writer.spool(item.capture)
        for step in steps:
            item = step.process_item(item)
    writer.close({})
    archive.catalog.follow(archive.log)
    return archive


def told(number, *body, layout="modern", **sources):
    """Return an article of its own day and headline."""
    return article(
        str(number), headline=f"Une nouvelle nommée {number}", body=(f"Un texte propre à {number}.", *body), layout=layout,
        sources={"headline": "h1.title", "blocks": "div.body"} | sources,
        published=Moment(utc=START + timedelta(days=number), raw="", zone="", precision="day"),
    )  # fmt: skip


def test_strategies_are_counted_by_month(tmp_path):
    """Each month tells how many captures each layout read, and each field each strategy; a field unread is `none`."""
    articles = [told(n) for n in range(1, 9)] + [told(9, layout="generic", headline="<title>", sections="nav")]
    found = months(kept(tmp_path, articles).catalog.db)

    assert [(row["month"], row["records"], row["layouts"]) for row in found] == [
        ("2026-11", 7, {"modern": 7}),
        ("2026-12", 2, {"modern": 1, "generic": 1}),
    ]
    assert found[1]["fields"] == {
        "headline": {"h1.title": 1, "<title>": 1},
        "body": {"div.body": 2},
        "published": {"none": 2},
        "sections": {"none": 1, "nav": 1},
    }


def test_a_recurring_block_is_proposed_and_once_accepted_cleaned(tmp_path):
    """What stands in six articles of six days is proposed with examples; in the edition's boilerplate it is taken out."""
    articles = [told(n, FOLLOW, "Ce qui suit n’est dit qu’ici." if n == 1 else f"Suite de {n}.") for n in range(1, 7)]
    [block] = proposals(kept(tmp_path, articles).catalog.db, articles=5, days=3)

    assert block == {"text": FOLLOW, "place": "body", "articles": 6, "examples": ["1", "2", "3", "4", "5"]}
    assert clean(articles[0], template=replace(EDITION.template, boilerplate=(block["text"],))).body == (
        "Un texte propre à 1.",
        "Ce qui suit n’est dit qu’ici.",
    )


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 0, "2026-12  1 record: 1 modern"),
        (("--json",), 0, '"schema": "presstv.layouts/1"'),
        (("--recurring",), 0, f"6 articles  body     {FOLLOW}"),
        (("--recurring", "--articles", "9"), 0, "no block recurs"),
        (("--recurring", "--json"), 0, '"schema": "presstv.recurring/1"'),
        (("--recurring", "--days", "0"), 2, "--days 0"),
        (("leftover",), 2, "leftover"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_the_command_prints_them(tmp_path_factory, words, code, says):
    """Lines for people, one document for programs, one line for a mistake."""
    folder = tmp_path_factory.mktemp("layouts")
    kept(folder, [told(n, FOLLOW) for n in range(1, 7)] + [told(8), told(9)])
    done = Project(folder, "").run("layouts", *words)

    assert done.returncode == code, done.stderr
    assert says in done.stdout + done.stderr
    assert "--json" not in words or json.loads(done.stdout)
