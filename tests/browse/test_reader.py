"""The catalog as pages read it: it can't be written, a new head is seen, a catalog that is made anew is waited for."""

import contextlib
import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.catalog import file, schema
from browse.reader import NotReady
from browse.shown.hindered import sentence
from tests import facts
from tests.browsing import client_of, page, site_of, story, told_site, words


@pytest.fixture
def site(tmp_path):
    with told_site(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    "statement", ["DELETE FROM articles", "CREATE TABLE x (a)", "INSERT INTO texts (headline) VALUES (1)"]
)
def test_a_page_can_write_nothing(site, statement):
    """The connection refuses every statement that would change the catalog."""
    with pytest.raises(NotReady), site.reader.reading() as db:
        db.execute(statement)


def test_a_new_commit_is_seen(site):
    """What the log got since is shown once it is followed, in lists that were kept as well."""
    client = client_of(site)
    assert client.get("/list/new.json?since=2026-11-01").json()["total"] == 5
    facts.write(site.reader.archive.log, facts.read(200, 5 * 24 * 60), crawl="c5")
    site.reader.follow()

    assert client.get("/list/new.json?since=2026-11-01").json()["total"] == 6
    assert page(client, "/a/200").find(".//h1").text == "Un bac"


def test_a_log_that_is_gone_is_said(site):
    """Pages go on from what is folded, under a line that says that they may be old."""
    site.reader.archive.store._objects.pop("log/000000000004.json")
    site.reader.follow()
    client = client_of(site)

    assert "missing" in site.reader.behind
    assert "The log can’t be read just now" in words(page(client, "/"), ".//section[@class='wide notice']")
    assert site.reader.behind.split(":", maxsplit=1)[0] in words(page(client, "/coverage"))


@pytest.mark.row("F-WEB-12")
def test_a_catalog_that_is_folded_anew_is_waited_for(site):
    """503 with how far it is, in words; /healthz says it, too; then pages are there again."""
    client = client_of(site)
    catalog = site.reader.catalog
    assert client.get("/").status_code == 200
    with catalog.writing():
        catalog._empty()
    answer = client.get("/a/101")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "being folded anew: 0 of 4 commits" in answer.text
    assert client.get("/healthz").status_code == 503
    site.reader.follow()
    assert (client.get("/a/101").status_code, client.get("/healthz").text) == (200, "ok\n")


@pytest.mark.row("F-WEB-12")
def test_a_catalog_of_another_file_is_opened_anew(site, tmp_path):
    """A damaged catalog that was replaced is read from its new file, and one that is gone is 503."""
    client, path = client_of(site), site.reader.catalog.path
    assert client.get("/").status_code == 200
    with contextlib.closing(sqlite3.connect(tmp_path / "new")) as copy:
        site.reader.catalog.db.backup(copy)
        copy.execute("UPDATE articles SET headline = 'Ailleurs' WHERE article_id = 104")
        copy.commit()
    (tmp_path / "new").replace(path)
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    assert "Ailleurs" in client.get("/sections/une").text
    path.unlink()
    assert client.get("/sections/une").status_code == 503
    site.reader.follow()
    assert "L’article 104" in client.get("/sections/une").text


@pytest.mark.row("F-WEB-12")
@pytest.mark.parametrize("harm", ["rows", "pages", "nothing left"])
def test_a_catalog_that_is_damaged_beneath_readers_is_made_anew(site, harm):
    """Pages say what is the matter, JSON and the health check too; the next look at the log makes it anew."""
    client, path = client_of(site), site.reader.catalog.path
    site.reader.catalog.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    harmed(path, harm)
    codes = {client.get(f"/a/{number}").status_code for number in (101, 102, 103, 104)}
    told = client.get("/a/101.json")

    assert 503 in codes <= {200, 503}
    assert told.status_code == 200 or told.json()["schema"] == "presstv.refused/1"
    site.reader.follow()
    assert site.reader.behind == ""
    assert {client.get(f"/a/{number}").status_code for number in (101, 102, 103, 104)} == {200}
    assert client.get("/healthz").text == "ok\n"


def harmed(path, harm):
    """Damage a catalog's file beneath those who have it open, its write-ahead log taken in before."""
    data = bytearray(path.read_bytes())
    if harm == "rows":
        data = data.replace(b"passagers", b"PASSAGERS").replace(b"article", b"ARTICLE")
    elif harm == "pages":
        data[8192 + 8 :] = b"\xff" * (len(data) - 8200)
    else:
        data = bytearray()
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()


def test_why_the_catalog_can_not_answer_is_told_apart(site):
    """Too long a question, a damaged file, a missing one: each is said on the page in its own words."""
    told = {}
    for why in ("slow", "damaged", "unreadable", "no_index"):
        told[why] = sentence(site.tongue("en"), NotReady(why, "disk full"))

    assert len(set(told.values())) == 4
    assert "disk full" in told["no_index"]


@pytest.mark.row("F-WEB-12")
def test_what_is_refused_to_a_twin_is_json(site):
    """Also while there is no catalog, and where the program itself fails; headers say when to ask again."""
    client = client_of(site, raise_server_exceptions=False)
    site.reader.catalog.path.unlink()
    answer = client.get("/a/101.json")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert (answer.json()["schema"], "not there" in answer.json()["error"]) == ("presstv.refused/1", True)


@pytest.mark.row("F-WEB-12")
def test_tables_of_another_schema_are_503(site):
    """A catalog that lacks what is asked for ends in a page, never in a trace."""
    with site.reader.catalog.writing():
        site.reader.catalog.db.execute("DROP TABLE versions")

    assert client_of(site).get("/a/101").status_code == 503
    assert "Traceback" not in client_of(site).get("/a/101").text


def test_a_question_that_takes_too_long_is_ended(site):
    """After two seconds the catalog is asked no longer."""
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(NotReady, match="too long"), site.reader.reading() as db:
        db.execute(forever).fetchone()
    with site.reader.reading() as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (5,)


def test_facets_are_counted_before_anybody_asks(site, monkeypatch):
    """Of a large archive that takes longer than a page may, and what is not ready in time would never be."""
    site.reader.prepare()
    monkeypatch.setattr("browse.reader.counted", None)

    assert client_of(site).get("/search?q=bac").status_code == 200


def test_a_page_that_began_before_a_commit_counts_nothing_anew(site, monkeypatch):
    """It is told what was counted at its own moment, while others are at the next one already."""
    reader = site.reader
    with reader.reading() as old:
        before = reader.counted(old)
        facts.write(reader.archive.log, facts.read(200, 5 * 24 * 60), crawl="c5")
        reader.follow()
        with reader.reading() as new:
            after = reader.counted(new)
            monkeypatch.setattr("browse.reader.counted", None)
            again = reader.counted(old), reader.counted(new)

    assert again == (before, after)
    assert after.of.keys() - before.of.keys() == {200}


def test_many_readers_and_a_writer(site):
    """Eight readers get whole pages while commits are folded beside them."""
    client, stop = client_of(site), threading.Event()

    def folding():
        for number in range(300, 312):
            facts.write(site.reader.archive.log, facts.read(number, number), crawl=f"c{number}")
            site.reader.follow()
        stop.set()

    with ThreadPoolExecutor(9) as pool:
        writing = pool.submit(folding)
        codes = [
            pool.submit(lambda path: client.get(path).status_code, path)
            for path in ("/", "/a/101", "/search?q=bac", "/a/101/diff/1..2") * 12
        ]
        assert {code.result() for code in codes} == {200}
        writing.result()
    assert stop.is_set()
    assert client.get("/a/311").status_code == 200


def test_the_schema_that_pages_ask_is_there():
    """Each table that a page's question names is one of the catalog's."""
    asked = set()
    for path in (Path(__file__).parents[2] / "browse").rglob("*.py"):
        asked |= set(re.findall(r"(?:FROM|JOIN) (?!main|temp)([a-z_]+)", path.read_text(encoding="utf-8")))

    assert asked - {"json_each"} <= set(re.findall(r"CREATE (?:VIRTUAL )?(?:TABLE|VIEW) (\w+)", schema.TABLES))


def test_a_catalog_that_may_only_be_read_is_read(tmp_path, monkeypatch):
    """Where the file can't be written, pages come from the catalog's copy, what the log got since among it."""
    log = facts.new_log()
    story(log)
    facts.folded(log, tmp_path / "catalog.sqlite").close()
    # Root may write everywhere, so that no file's rights stop it.
    monkeypatch.setattr(file, "_only_readable", lambda _: True)
    site = site_of(log, tmp_path)
    client = client_of(site)
    before = client.get("/list/new.json?since=2026-11-01").json()["total"]
    facts.write(log, facts.read(200, 5 * 24 * 60), crawl="c5")
    site.reader.follow()

    assert site.reader.catalog.writable is False
    assert (before, client.get("/list/new.json?since=2026-11-01").json()["total"]) == (5, 6)
    site.reader.close()
