"""The English edition: its addresses, its pages in three layouts, and a crawl of a small outlet by its file alone."""

import gzip
import json
from pathlib import Path

import pytest

from archive.errors import UsageError
from crawler import pages
from crawler.editions.presstv_en import PRESSTV_EN
from crawler.editions.presstv_fr import PRESSTV_FR
from pipelines.clean import clean
from tests.crawler.pages.test_article_pages import FIELDS, as_golden, capture
from tests.english import STORIES, EnglishOutlet
from tests.foreign_warcs import Warc
from tests.project import Project

PAGES = Path(__file__).parents[2] / "pages" / "presstv-en"
GOLDEN = sorted(path.name.removesuffix(".html.gz") for path in PAGES.glob("*.html.gz"))
ENGLISH = ("-s", "EDITION=presstv-en")


@pytest.fixture
def english():
    """Return a small English outlet, running."""
    with EnglishOutlet() as server:
        yield server


@pytest.fixture
def project(tmp_path, english):
    """Return a project that crawls the English outlet."""
    return Project(tmp_path, english.url)


@pytest.mark.row("F-CON-23")
@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://www.presstv.ir/Detail/2026/3/9/765310/x", "765310"),
        ("https://www.presstv.tv/Video/2015/10/04/431915/slug", "431915"),
        ("https://www.presstv.com/DetailFr/2017/8/2/5/", None),
        ("https://www.presstv.ir/Section/101", None),
        ("https://www.presstv.ir/Detail/2026/3/9/0765310/x", None),
        ("https://www.presstv.ir/Video/2026/3/9/٧٦٥٣١٠/x", None),
    ],
    ids=["detail", "video", "french", "section", "zero", "other digits"],
)
def test_an_articles_number(url, number):
    """Articles and videos have one; what lies in the French edition's folder has none."""
    assert PRESSTV_EN.article_id(url) == number


@pytest.mark.parametrize(
    ("names", "language", "own"),
    [
        (("Iran", "West Asia", "US", "Africa"), "en", True),
        (("Iran", "Europe", "Culture"), "fr", True),
        (("Infos", "A La Une", "Europe"), "fr", False),
    ],
    ids=["own", "language-misstated", "french"],
)
def test_a_menu_is_its_own(names, language, own):
    """The French front page is not this edition's, though both have Europe."""
    assert PRESSTV_EN.is_own_menu(names, language) is own


def test_the_french_sections_are_strangers():
    """The error names the edition's own."""
    with pytest.raises(UsageError, match=r"no section 'une' in the edition presstv-en; choose from latest-news, iran"):
        PRESSTV_EN.chosen_sections("une")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", GOLDEN)
def test_golden_page(name, field):
    """Each field of each golden page reads as its JSON says."""
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    markup = gzip.decompress((PAGES / f"{name}.html.gz").read_bytes()).decode()
    reading = pages.read(capture(markup, url=expected["url"]), PRESSTV_EN)
    found = as_golden(clean(reading.article, PRESSTV_EN.template))

    assert found[field] == expected[field], f"page {name}, layout {expected['layout']}, field {field}"


def test_golden_pages_cover_the_layouts():
    """One page of 2019, one of 2023, one of 2024 and later."""
    assert [name.split("-")[0] for name in GOLDEN] == ["classic", "modern", "modern"]
    assert [name.split("-")[1] for name in GOLDEN] == ["2019", "2023", "2026"]


def test_a_crawl_by_the_edition_file_alone(project, english):
    """New articles in sections, an edit typed by English words, clean texts, UTC dates, an archive that verifies."""
    first = project.report(*ENGLISH)
    slow = tuple(
        p.replace("the work would take nine weeks", "the work may have to take twelve weeks") for p in STORIES[0].body
    )
    english.edit("598411", body=slow)
    second = project.report(*ENGLISH, "-a", "recheck=all")
    (change,) = project.rows("changes")
    rows = {row["article_id"]: row for row in project.rows("latest")}
    verified = project.run("verify")

    assert (first["exit"], first["articles"]) == (0, {"new": len(STORIES)})
    assert set(first["sections"]) == {"iran", "west-asia", "europe", "economy", "latest-news"}
    assert (second["exit"], second["articles"]) == (0, {"changed": 1, "unchanged": len(STORIES) - 1})
    assert [found["type"] for found in change["reworded"][0]["types"]] == ["number", "hedge"]
    assert rows.keys() == {story.id for story in STORIES}
    for story in STORIES:
        row = rows[story.id]
        body = slow if story.id == "598411" else story.body
        assert (row["headline"], row["lead"], row["body"]) == (story.headline, story.lead, list(body))
        assert (row["source_line"], row["language"], row["sections"]) == (
            "SOURCE: PRESS TV",
            "en",
            list(story.sections),
        )
        assert (row["published"]["zone"], row["extraction"]["issues"]) == ("Asia/Tehran (assumed)", [])
    assert rows["765310"]["published"]["utc"] == "2026-03-09T08:20:00Z"
    assert rows["765310"]["related"][0]["title"] == STORIES[3].headline
    assert verified.returncode == 0, verified.stdout


def test_a_crawl_of_the_other_edition_is_refused(project):
    """Exit 4 names both editions; the archive stays as it was, and reading it needs no setting."""
    project.report(*ENGLISH)
    head = project.run("head").stdout
    french = project.crawl()
    backfill = project.run("backfill", "nothing.warc")
    asked = project.run("replay", "-s", "EDITION=presstv-fr")
    replay = project.run("replay")

    for refused in (french, backfill, asked):
        assert refused.returncode == 4
        assert "presstv-en" in refused.stderr
        assert "presstv-fr" in refused.stderr
    assert project.run("head").stdout == head
    assert (replay.returncode, "0 read differently" in replay.stdout) == (0, True)


def test_an_edition_that_does_not_exist(project):
    """Whoever asks the outlet is told the names that do, with exit 4; who only reads is not asked."""
    wrong = ("-s", "EDITION=presstv-de")
    project.report(*ENGLISH)

    for words in (project.crawl_words(), ("schedule", "--list"), ("backfill", "x.warc"), ("doctor", "--offline")):
        done = project.run(*words, *wrong)
        assert (words, done.returncode) == (words, 4)
        assert "presstv-fr, presstv-en" in done.stderr + done.stdout
    assert project.run("status", *wrong).returncode == 0


def test_doctor_names_an_archive_of_another_edition(project):
    """The archive's line is wrong and says both, before a crawl is refused."""
    project.report(*ENGLISH)
    done = project.run("doctor", "--json")
    (found,) = [check for check in json.loads(done.stdout)["checks"] if check["check"] == "archive"]

    assert (done.returncode, found["state"]) == (4, "wrong")
    assert "presstv-en" in found["found"]
    assert "presstv-fr" in found["found"]


@pytest.mark.parametrize(
    ("edition", "language", "yes"),
    [(PRESSTV_EN, "en-GB", True), (PRESSTV_EN, "fr", False), (PRESSTV_FR, "fr-FR", True), (PRESSTV_FR, "en", False)],
    ids=["english", "french-in-english", "french", "english-in-french"],
)
def test_each_speaks_its_own_language(edition, language, yes):
    """A page that states another language is not the edition's; one that states none may be."""
    assert (edition.speaks(language), edition.speaks("")) == (yes, True)


def test_a_backfill_takes_only_its_own_language(tmp_path, project, english):
    """Of two captures of one host the English page is taken in, the one that states French is refused by its language."""
    english.languages["702881"] = "fr"
    warc = Warc()
    for number in ("701204", "702881"):
        # No page is older than the day in its address.
        address, at = f"https://www.presstv.ir{english.stories[number].path}", "2025-06-01T12:00:00Z"
        warc.response(address, english.page(number).encode(), at=at)
    done = project.run("backfill", warc.save(tmp_path / "theirs.warc.gz"), "--json", *ENGLISH)
    report = json.loads(done.stdout)

    assert report["taken"] == {"new": 1}
    assert [refused["reason"] for refused in report["refused"]] == ["not this edition's: its language is 'fr'"]
    assert [row["article_id"] for row in project.rows("latest")] == ["701204"]


@pytest.mark.parametrize(
    ("edition", "words", "outcome"),
    [
        (PRESSTV_EN, "This page was not found", "soft_404"),
        (PRESSTV_FR, "This page was not found", "soft_404"),
        (PRESSTV_FR, "Cet article n’est plus en ligne", "soft_404"),
        (PRESSTV_EN, "Cet article n’est plus en ligne", "article"),
    ],
    ids=["english", "english-in-french", "french", "french-in-english"],
)
def test_notices_are_heard_in_the_editions_language_and_english(edition, words, outcome):
    """Servers speak English everywhere; a French headline means nothing to the English edition."""
    markup = f"<html><body><h2 class=page-header>{words}</h2><div class=item-text><p>{words}.</p></div></body></html>"
    url = f"https://{edition.hosts[0]}/Detail/2019/3/17/591300/x"

    assert pages.read(capture(markup, url=url), edition).outcome == outcome
