"""Exported files of some views: what they don't tell is claimed by no page and no twin."""

import contextlib
import re
from datetime import timedelta

import pytest

from archive.exported.lines import ExportedLine
from archive.exported.rebuilt import rebuilt
from browse.asking import ReadAlone, Site
from browse.reader import Reader
from crawler.cli.reading import facts_of
from tests import facts
from tests.browsing import client_of, page, site_of, story, words
from tests.french import EDITION, VOCABULARY


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Return the lines of each view of an archive in which an article was edited, one is gone and one came back."""
    log = facts.new_log()
    story(log)
    with contextlib.closing(site_of(log, tmp_path_factory.mktemp("told")).reader) as reader:
        return facts.exports(reader.archive)


@contextlib.contextmanager
def alone(exports, folder, *views):
    """Give a reader over lines of views alone."""
    lines = [ExportedLine(view, n, row) for view in views for n, row in enumerate(exports[view], 1)]
    folder.mkdir(exist_ok=True)
    made = rebuilt(lines, folder, lambda _: VOCABULARY)
    told = ReadAlone(
        names=views, looks=bool(made.rows.get("check")), edits=made.edits, crawls=bool(made.rows.get("commit")),
        head=made.head,
    )  # fmt: skip
    with contextlib.closing(Reader(made.archive, still=True)) as reader:
        site = Site(reader=reader, outlet=facts_of(EDITION), clock=lambda: facts.NOON + timedelta(days=4), alone=told)
        with client_of(site) as client:
            yield client


@pytest.mark.row("F-PAG-14")
def test_the_newest_texts_alone_claim_no_edits_and_no_looks(exports, tmp_path):
    """No list, figure, count or head is nought where it is not known; first sights and states are the rows'."""
    with alone(exports, tmp_path, "latest") as client:
        front, status = client.get("/index.json").json(), client.get("/status.json").json()
        figures = client.get("/figures.json?since=2026-11-01").json()
        texts = {path: words(page(client, path)) for path in ("/", "/status", "/sections", "/a/101", "/list/silent")}

        assert client.get("/sections/une").status_code == 404
        assert {name: box["total"] for name, box in front["lists"].items()} == {
            "silent": None, "changed": None, "gone": None, "back": None, "new": 4,
        }  # fmt: skip
        assert (status["head"], client.get("/about.json").json()["head"]) == (None, None)
        assert {n for n, number in status["counts"].items() if number is None} == {
            "commits", "checks", "captures", "bytes", "changes",
        }  # fmt: skip
        assert (status["counts"]["removed"], status["counts"]["live"]) == (1, 3)
        assert (figures["cadence"], figures["first_edits"]) == (None, None)
        assert {(day["new"], day["edited"], day["looks"]) for day in figures["days"]} == {(4, None, None)}
        assert "captures" not in client.get("/metrics").text
    with alone(exports, tmp_path / "more", "latest", "articles") as client:
        assert [row["article_id"] for row in client.get("/list/gone.json?since=2026-11-01").json()["rows"]] == ["102"]
    assert "the view versions does" in texts["/"]
    assert "the view versions does" in texts["/list/silent"]
    assert "the view commits does" in texts["/status"]
    assert "the view checks does" in texts["/sections"]
    assert "You read version 1 of 1 that these files hold; others may be in the archive." in texts["/a/101"]
    assert not re.search(
        "No crawl has ended|No listing was walked|Nothing since|the newest\\.", " ".join(texts.values())
    )


@pytest.mark.row("F-PAG-14")
@pytest.mark.parametrize("views", [("checks",), ("checks", "latest")])
def test_a_look_whose_text_is_not_there_is_no_absence(exports, tmp_path, views):
    """That it saw the article is told, and that its text is not at hand; no version and no absence is made of it."""
    with alone(exports, tmp_path, *views) as client:
        article, told = words(page(client, "/a/101")), client.get("/a/101.json").json()
        absent = words(page(client, "/a/102"))

    assert "the page was absent" not in article
    assert "the page was absent" in absent
    assert told["state"] == "live"
    assert ("These files hold no text of this article." in article) == (len(views) == 1)
    assert ("1 look found a text that these files don’t hold." in article) == (len(views) == 2)
    assert "version 1 was seen" in article or len(views) == 1


@pytest.mark.row("F-PAG-14")
def test_a_text_that_is_not_there_is_not_the_one_before(exports, tmp_path):
    """Looks after an edit whose text is not in the files confirm no version, and none is the newest."""
    first = [row for row in exports["versions"] if b'"version":1' in row]
    with alone({**exports, "versions": first}, tmp_path, "checks", "versions") as client:
        article = page(client, "/a/101")
        rows = [
            [cell.text_content() for cell in row.findall("td")] for row in article.findall(".//details//table[1]//tr")
        ]

    seen = [row for row in rows if row and "version 1 was seen" in row[-1]]
    assert len(seen) == 1
    assert seen[0][0] == seen[0][1]
    assert "You read version 1 of 1 that these files hold" in words(article)


def test_a_whole_export_says_what_the_archive_says(exports, tmp_path):
    """With checks and commits nothing is left out for being untold."""
    with alone(exports, tmp_path, "records", "checks", "commits") as client:
        told = " ".join(words(page(client, path)) for path in ("/", "/status", "/sections", "/figures", "/a/101"))

        assert client.get("/status.json").json()["head"]["seq"] == 4
    assert "These files" not in told
    assert "these files" not in told
