"""Pages over exported files alone: those of the archive, but for what the files do not hold, which is said."""

import re
import sqlite3
from dataclasses import replace
from unittest.mock import Mock

import pytest

from archive.exported.searchable import Searchable
from tests import facts
from tests.alone import other_pages, two_sites
from tests.archive.exporters.test_increments import STORY
from tests.browsing import client_of, page, words
from tests.french import EDITION, VOCABULARY


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """Return (site over an archive in which everything happened, site over what was exported of it, its search)."""
    log = facts.new_log()
    for looks, crawl, summary in STORY.values():
        facts.write(log, *looks, crawl=crawl, summary=summary)
    with two_sites(log, tmp_path_factory.mktemp("sites")) as both:
        yield both


@pytest.mark.row("F-TAK-10")
def test_article_pages_are_the_archives_own(sites):
    """Article by article, never read ones too: life, time line, versions, text, citation, comparisons."""
    whole, alone, _ = sites

    assert other_pages(whole, alone) == []
    assert whole.reader.catalog.db.execute("SELECT count(*) FROM articles").fetchone()[0] > 10


def test_search_is_made_ready_behind_the_first_page(sites):
    """Until then it says how far that is; all other pages are there. Then its answers are the archive's."""
    whole, alone, search = sites
    with client_of(whole) as ours, client_of(alone) as theirs:
        early = theirs.get("/search?q=bac")
        assert (theirs.get("/").status_code, early.status_code) == (200, 503)
        assert "Search is being made ready: 0 of 1 articles so far" in " ".join(early.text.split())
        search.start()
        assert search.wait(60)
        for query in ("q=bac", "q=pont&removed=1", "q=titre&order=best"):
            one, other = (words(page(client, f"/search?{query}")) for client in (ours, theirs))
            assert one == other


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database or disk is full"), ValueError("unforeseen")])
def test_a_search_that_can_not_be_made_ready_is_said(sites, tmp_path, monkeypatch, error):
    """Whatever ends it: once in the terminal, and on the page and in the twin with the reason, as 503."""
    _, alone, _ = sites
    monkeypatch.setattr("archive.exported.searchable.index_all", Mock(side_effect=error))
    said = list[str]()
    search = Searchable(alone.reader.catalog.path, VOCABULARY.language)
    search.start(said.append)
    assert not search.wait(60)
    facts_told = replace(alone.alone, searchable=lambda: (search.done, search.of, search.broken))
    with client_of(replace(alone, alone=facts_told)) as client:
        answer, twin = client.get("/search?q=bac"), client.get("/search.json?q=bac")

        assert client.get("/").status_code == 200
    assert said == [f"search could not be made ready: {error}"]
    assert (answer.status_code, str(error) in answer.text) == (503, True)
    assert (twin.status_code, str(error) in twin.json()["error"]) == (503, True)


def test_what_files_do_not_hold_is_said(sites):
    """On each page: what is missing, and of which commit they are; nothing is said of a log that nobody has."""
    _, alone, _ = sites
    alone.reader.follow()
    with client_of(alone) as client:
        notice = words(page(client, "/"), ".//section[@class='wide notice']")

    assert "They hold no captures, proofs or signatures." in notice
    assert re.search(rf"They are of commit {len(STORY)} of the archive’s log", notice)
    assert "can’t be read" not in notice
    assert alone.outlet.edition == EDITION.name
