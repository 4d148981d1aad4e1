"""What pages ask the catalog is found by its indexes, or kept: no page reads a table that grows from end to end."""

import re

import pytest

from archive.catalog.articles import own_first
from tests import facts
from tests.browsing import client_of, story, told_site
from tests.statements import form, walked

WORDS = (
    "q=bac",
    "q=bac&removed=1",
    "q=bac&order=best",
    "state=live",
    "removed=1",
    "section=une&away=1&q=bac&order=best",
)
PLACES = {
    "key": "une", "list": "changed", "number": "101", "version": "101", "ordinal": "1", "old": "1", "new": "2",
    "url": "http://127.0.0.1/Detail/2026/11/24/101/titre", "keys": "101@2026-11-24T12:00:00.000000Z-00000000",
}  # fmt: skip
LISTS = ("silent", "gone", "back", "new", "changed")
ON_PURPOSE = {form(own_first("article_id DESC", "state = 'live'")): "some live ones, of which most are"}
"""Statements that read a table until they have enough, and why that is soon."""


def addresses(document):
    """Return addresses of every page, with and without words."""
    for path in document["paths"]:
        told = re.sub(r"\{(\w+)\}", lambda place: PLACES[place[1]], path)
        yield from [told.replace("changed", name) for name in LISTS] if "/list/" in told else [told]
        if path.startswith("/search"):
            yield from (f"{told}?{words}" for words in WORDS)
    yield from ("/a/99999", "/list/new?since=2020-01-01", "/figures?since=0001-01-01", "/sections/une?page=2")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return a catalog and the statements of every page over it, before and after a commit, with what asked first."""
    seen, asking = {}, ["start"]
    with told_site(tmp_path_factory.mktemp("statements"), story) as site, client_of(site) as client:
        opened = site.reader.opened

        def listening():
            db = opened()
            db.set_trace_callback(lambda sql: seen.setdefault(form(sql), (sql, asking[0])))
            return db

        site.reader.opened = listening
        # What articles count as is read whole once, at the first search.
        client.get("/search?q=bac")
        seen.clear()
        for minute in (9000, 9001):
            for asking[0] in addresses(client.get("/openapi.json").json()):
                assert client.get(asking[0]).status_code < 500, asking[0]
            facts.write(site.reader.archive.log, facts.saw(104, minute))
            site.reader.follow()
        yield (
            site.reader.catalog.db,
            {text: told for text, told in seen.items() if told[0].startswith(("SELECT", "WITH"))},
        )


@pytest.mark.row("F-FLD-04")
def test_no_page_reads_what_grows_from_end_to_end(told):
    """So what a page costs hangs on what it shows, not on how many articles, looks and commits there are."""
    db, asked = told
    whole = {text: (found, page) for text, (sql, page) in asked.items() if (found := walked(db, sql))}

    assert len(asked) > 60
    assert {text: found for text, found in whole.items() if text not in ON_PURPOSE} == {}
    assert ON_PURPOSE.keys() <= whole.keys()
