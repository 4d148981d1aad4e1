"""What a reader finds on the pages: lists, articles, comparisons, search, downloads, addresses."""

import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import bibtexparser
import feedparser
import pytest
import rispy
from pyarrow import parquet as pq

from archive.catalog import articles
from archive.catalog.facets import counted, narrowed
from archive.exporters import corpus
from archive.facts.names import stamp
from archive.trust.signing import sign_commit, signing_key
from browse.pages import corpora
from browse.pages.taken import ENDINGS
from browse.queries import lists
from browse.reader import Reader
from tests import facts
from tests.browsing import EDITED, ORIGIN, client_of, page, told_site, words
from tests.project import ROOT

FIRST, SECOND, LISTED = (stamp(facts.at(minute)) for minute in (0, 60, 2))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with told_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def client(site):
    with client_of(site) as made:
        yield made


def rows(tree, query=".//main"):
    """Return the addresses of the headlines in a part of a page."""
    return [link.get("href") for part in tree.findall(query) for link in part.findall(".//a[@class='headline']")]


def cells(tree):
    """Return all cells of a page's tables as one text, commas between."""
    return ", ".join(" ".join(cell.text_content().split()) for cell in tree.findall(".//td"))


def test_the_front_page_tells_what_happened(client):
    """Silent edits, disappearances, returns and new articles stand in boxes of their own."""
    tree = page(client, "/?since=2026-11-24")
    boxes = {
        name: rows(tree, f".//section[@aria-labelledby='box-{name}']") for name in ("silent", "gone", "back", "new")
    }

    assert boxes["silent"] == [f"/a/101/diff/{FIRST}..{SECOND}"]
    assert boxes["gone"] == ["/a/102"]
    assert boxes["back"] == ["/a/103"]
    assert set(boxes["new"]) == {"/a/101", "/a/102", "/a/103", "/a/104", "/a/109"}
    assert "ended on 27 Nov 2026" not in words(tree)
    assert "5 articles, 5 versions" in words(tree)


def test_the_calendar_shows_days_and_its_gaps(client):
    """Days with looks have a bar and their figures, those without are open, and nothing is claimed of them."""
    tree = page(client, "/?since=2026-11-24")
    strip = tree.find(".//svg[@class='strip']")

    assert [len(strip.findall(f"rect[@class='{name}']")) for name in ("day", "blank")] == [3, 39]
    assert len(strip.findall("circle")) == 1
    assert "28 Nov 2026, none: nothing is claimed of that day, 27 Nov 2026" in cells(tree)
    assert [day["day"] for day in client.get("/index.json?since=2026-11-24").json()["days"]] == [
        "2026-11-24",
        "2026-11-25",
        "2026-11-27",
    ]
    assert len(page(client, "/?since=2020-01-01").findall(".//svg[@class='strip']/rect[@class='blank']")) > 300


def test_a_later_day_shows_what_came_later(client):
    """What lies before the chosen day is not in the boxes."""
    tree = page(client, "/?since=2026-11-26")

    assert rows(tree) == ["/a/103"]
    assert "Nothing since that day." in words(tree)


@pytest.mark.parametrize(
    "text",
    [
        "gestern",
        "2026-13-01",
        "10000000-01-01",
        "0000-00-00",
        "0001-01-01",
        "0001-01-01T00:00:00%2B14:00",
        "9" * 50,
        "9999-12-31T23:59:59Z",
        "%1F",
        "%20",
        "2026-11-%204",
        "٢٠٢٦-١١-٢٤",
    ],
)
def test_a_day_that_is_none_is_a_sentence(client, text):
    """Whatever is no day is answered with 400 and how a day is written."""
    tree = page(client, f"/?since={text}", 400)

    assert "is no day; write 2026-11-24" in words(tree)


def test_a_quiet_archive_says_that_it_is_late(tmp_path):
    """More than a day after its last crawl the front page says that nothing is known since."""
    for days, late in ((0.5, False), (40, True)):
        with told_site(tmp_path / str(days), clock=lambda days=days: facts.NOON + timedelta(days=days)) as made:
            tree = page(client_of(made), "/")
            assert ("What happened since is not known" in words(tree)) is late


@pytest.mark.row("F-PAG-18")
def test_each_version_says_how_many_words_came_and_went_and_has_its_proof(client):
    """In the list of versions, in the reader's language; the table of events says which parts were changed."""
    for language, told, parts in (("en", "+4 -12 words", "headline and text"), ("fr", "+4 -12 mots", "titre et texte")):
        tree = page(client, f"/a/101?lang={language}")
        newest, first = tree.xpath("//ol[@class='versions']/li")
        assert told in newest.text_content()
        assert "-12" not in first.text_content()
        assert [each.xpath(".//a[contains(@href, '/proof')]/@href") for each in (newest, first)] == [
            [f"/a/101@{SECOND}/proof?lang={language}"],
            [f"/a/101@{FIRST}/proof?lang={language}"],
        ]
        assert f"{parts}, {told}" in cells(tree)


@pytest.mark.row("F-PAG-17")
@pytest.mark.parametrize(
    "path",
    [
        "/a/101",
        "/a/101/diff/1..2",
        "/sections/une",
        "/sections/une/ranks",
        "/search?q=bac",
        "/search?q=oeuvre&removed=1",
        "/list/silent",
        "/",
        "/a/999",
    ],
)
def test_what_is_archived_says_its_language_on_an_english_page(client, path):
    """Headlines, teasers, texts and snippets stand in an element of their language, citations alone in that of ours."""
    tree = page(client, path, 404 if path == "/a/999" else 200)
    for each in tree.xpath(
        "//main//*[contains(text(), 'bac de') or contains(text(), 'à la une') or contains(text(), 'L’article 1')]"
    ):
        near = each.xpath("ancestor-or-self::*[@lang][1]")[0]
        assert near.get("lang") == "fr" or "citation" in near.get("class", ""), (path, each.text_content())


@pytest.mark.row("F-PAG-20")
def test_provenance_says_what_is_stored_and_what_is_not(tmp_path):
    """Redirects, answer, TLS, robots.txt, layout and crawl each have a line; what was never stored is told as that."""

    def told(log):
        moved = facts.read(102, 1)
        moved = replace(moved, check=replace(moved.check, answered="http://127.0.0.1/Detail/elsewhere"))
        facts.write(log, facts.read(101, 0), moved, crawl="c1")

    with told_site(tmp_path, told) as site:
        client = client_of(site)
        straight, led = (
            words(page(client, f"/a/{n}"), ".//section[@aria-labelledby='provenance']") for n in (101, 102)
        )

    assert "no redirect" in straight
    assert "led on to 127[.]0[.]0[.]1/Detail/elsewhere" in led
    assert "addresses between the two are not stored" in led
    assert "TLS none: asked for over plain HTTP" in led.replace("TLSnone", "TLS none")
    for each in (straight, led):
        assert "robots.txt" in each
        assert "no look at it is told of this crawl" in each
        assert "revision" in each
        assert "c1" in each


@pytest.mark.row("F-PAG-19")
def test_a_search_leaves_as_a_corpus_with_its_datasheet(client):
    """Texts and tables of what was found alone; the datasheet says how many, by which words, and who may use them.

    The text is that of the corpora's rule: none is told what came behind its split's end.
    """
    answer = client.get("/search.zip?q=title:bac&section=A+La+Une")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        sheet, texts = made.read("datasheet.md").decode(), made.read("documents.jsonl").splitlines()
        described = {each["path"]: each for each in json.loads(made.read("datapackage.json"))["resources"]}

        assert [json.loads(each)["doc_id"] for each in texts] == ["101"]
        assert "Il transporte 1 400 passagers." in made.read("txm/101.txt").decode()
        assert (
            described["documents.jsonl"]["hash"] == f"sha256:{hashlib.sha256(made.read('documents.jsonl')).hexdigest()}"
        )
    assert 'Chosen by: {"search":{"q":"title:bac","section":"A La Une"}}' in sheet
    assert "- 1 documents, one an article" in sheet
    assert "gives a licence" in sheet
    assert answer.content == client.get("/search.zip?q=title:bac&section=A+La+Une&lang=fr").content
    assert "no corpus" in words(page(client, "/search.zip?q=introuvable", 404))
    assert page(client, "/search?q=karimabad").xpath("//a/@href[starts-with(., '/search.zip?q=karimabad')]")


@pytest.mark.row("F-PAG-19")
def test_a_corpus_takes_its_time(client, monkeypatch):
    """A page's questions are ended where they take too long; those of a corpus, made one at a time, are not."""
    late, write = threading.Event(), corpus.write
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n"

    def slowly(archive, *words, **more):
        late.set()
        archive.catalog.db.execute(count).fetchone()
        return write(archive, *words, **more)

    monkeypatch.setattr(corpus, "write", slowly)
    monkeypatch.setattr("browse.reader._lateness", lambda: late.is_set)

    assert client.get("/search.zip?q=title:bac").status_code == 200


@pytest.mark.row("F-PAG-19")
def test_who_comes_while_a_corpus_is_made_is_told_to_ask_again(client, monkeypatch):
    """It is the server that can't, not the question that is wrong: 503."""
    monkeypatch.setattr("browse.pages.corpora._PATIENCE_SECONDS", 0)
    with corpora._MAKING:
        assert "Another corpus" in words(page(client, "/search.zip?q=title:bac&lang=en", 503))
    assert client.get("/search.zip?q=title:bac").status_code == 200


def test_an_article_tells_its_life(client):
    """Its newest text, the silent edit between its two looks, its versions, the looks and the mirror's."""
    tree = page(client, "/a/101")
    text = words(tree)

    assert tree.find(".//h1").text == "Un bac de 2 200 passagers"
    assert "edited without notice between 15:30 and 16:30 on 24 Nov 2026" in text
    assert "You read version 2, the newest." in text
    assert "2 200 passagers" in words(tree, ".//article")
    assert "reconnaît" not in words(tree, ".//article")
    assert len(tree.findall(".//svg//rect[@class='version']")) == 3
    assert len(tree.findall(".//svg//circle")) == 1
    assert "Mirror miroir.example" in text
    assert [link.text for link in tree.findall(".//ol[@class='versions']/li/a")] == ["2", "1"]


@pytest.mark.parametrize("time", ["1", FIRST, "2026-11-24T12:30:00Z"])
def test_an_older_version_is_read_by_number_and_by_time(client, time):
    """`ID@TIME` shows the text in force then, and says that there is a newer one."""
    tree = page(client, f"/a/101@{time}")

    assert "reconnaît" in words(tree, ".//article")
    assert "You read version 1 of 2." in words(tree)


def test_an_article_tells_how_listings_showed_it(client):
    """The headline that a section had for it stands there, from its first sight to its last."""
    assert "A La Une, 101 à la une, 24 Nov 2026, 15:32, 24 Nov 2026, 15:32" in cells(page(client, "/a/101"))


def test_a_listing_over_time_tells_who_stood_where(client):
    """Its looks, the articles by rank with the listing's own headline, as a chart, a table, JSON and CSV."""
    tree = page(client, "/sections/une/ranks?since=2026-11-24&a=102")
    told = client.get("/sections/une/ranks.json?since=2026-11-24").json()
    rows = client.get("/sections/une/ranks.csv?since=2026-11-24").text.splitlines()

    assert [each["article_id"] for each in told["articles"]] == ["101", "102", "103", "104", "109"]
    assert [each["best"] for each in told["articles"]] == [1, 2, 3, 4, 5]
    assert told["articles"][0]["teasers"] == [{"text": "101 à la une", "since": LISTED, "until": LISTED}]
    assert [each.text for each in tree.findall(".//text[@class='said traced']")] == ["102 à la une"]
    assert "102 à la une" in cells(tree)
    assert rows[1] == f"101,1,{LISTED},{LISTED},1,101 à la une"
    assert "No look at this list in that time" in words(page(client, "/sections/une/ranks?since=2027-01-01"))
    assert client.get("/sections/nulle/ranks").status_code == 404
    assert client.get("/sections/front/ranks").status_code == 200


def test_an_article_is_seen_by_reference_managers(client):
    """Highwire tags and JSON-LD name headline, dates, publisher and the citation's address; markup can't end them."""
    tree = page(client, "/a/101")
    tags = {meta.get("name"): meta.get("content") for meta in tree.findall(".//meta") if meta.get("name")}
    data = json.loads(tree.find(".//script[@type='application/ld+json']").text)

    assert tags["citation_title"] == data["headline"] == "Un bac de 2 200 passagers"
    assert (tags["citation_publication_date"], tags["citation_online_date"]) == ("2026/11/24", "2026/11/24")
    assert tags["citation_public_url"] == data["archivedAt"]
    assert data["identifier"] == client.get("/a/101.csl").json()[0]["id"]


def test_figures_count_by_day_and_section(client):
    """Each day has what its looks found, with its crawls; sections and the most edited articles are counted."""
    told = client.get("/figures.json?since=2026-11-01").json()
    tree = page(client, "/figures?since=2026-11-01")

    assert told["days"][0] == {
        "day": "2026-11-24", "crawls": 4, "looks": 9, "found": 6, "absent": 2, "failed": 1, "new": 5, "edited": 1,
        "silent": 1, "removed": 2, "restored": 0,
    }  # fmt: skip
    assert told["sections"] == [{"section": "A La Une", "articles": 4, "edited": 1, "silent": 1, "vanished": 1}]
    assert [row["article_id"] for row in told["most_edited"]] == ["101"]
    assert len(tree.findall(".//svg[@class='bars']")) == 6
    assert told["first_edits"] | {"buckets": []} == {
        "measured": 1, "left_out": 0, "unedited": 3, "median": 3600, "buckets": [],
    }  # fmt: skip
    assert "24 Nov 2026, 4, 9, 5, 1, 1, 2, 0" in cells(tree)
    assert "Nothing since that day." in words(page(client, "/figures?since=2027-01-01"))


def test_a_removed_article_keeps_its_text(client):
    """The text stays readable, under when it went and that two looks found nothing."""
    tree = page(client, "/a/102")

    assert "removed between 15:31 and 16:30 on 24 Nov 2026" in words(tree)
    assert len(tree.findall(".//svg//rect[@class='absent-time']")) == 1
    assert facts.TEXTS[0] in words(tree, ".//article")


def test_an_article_never_read_has_a_page(client):
    """What a listing named and nobody read is said to be so; its parts that need a text are not there."""
    assert "seen in a listing and never read" in words(page(client, "/a/109"))
    assert client.get("/a/109.bib").status_code == 404


def test_a_comparison_marks_words_and_says_what_changed(client):
    """Numbers are marked and named, a removed sentence stands whole, the summary says that no date moved."""
    tree = page(client, f"/a/101/diff/{FIRST}..{SECOND}")
    text = words(tree)

    assert [each.text_content() for each in tree.findall(".//section[@aria-labelledby='field-body']//del")] == [
        "removed: 1 400"
    ]
    assert [each.text_content() for each in tree.findall(".//section[@aria-labelledby='field-body']//ins")] == [
        " added: 2 200"
    ]
    assert "1 400 becomes 2 200" in text
    assert "Sentence removed 8 words" in text
    assert "No date of the outlet’s moved: edited without notice" in text
    assert "The same in both: lead and captions." in text


def mirrored(log):
    """Commit an article, and what a mirror made of it."""
    own = facts.read(101, 0, "Le bac passe. Il transporte 1 400 passagers.")
    theirs = "Le bac passe. Il transporte 9 400 passagers."
    facts.write(log, own, facts.read(101, 30, theirs, outcome="changed", host="miroir.example", kind="mirror"))


@pytest.mark.row("F-PAG-02")
def test_a_mirrors_text_is_compared_at_a_lasting_address(tmp_path):
    """The article's page leads to it; who reads it sees the mirror's word, and nothing about notice or order of time."""
    at = stamp(facts.at(30))
    with told_site(tmp_path, mirrored) as site:
        client = client_of(site)
        path = f"/a/101/diff/{FIRST}..mirror@{at}"
        links = [link.get("href") for link in page(client, "/a/101").findall(".//section[@class='timeline']//a")]
        tree, told = page(client, path), client.get(f"{path}.json").json()

        assert path in links
        assert "1 400 becomes 9 400" in words(tree)
        assert "Version 1 and Text on miroir.example compared" in words(tree)
        assert "without notice" not in words(tree)
        assert (told["url"], "silent" in told) == (facts.url_of(101, "miroir.example"), False)
        assert client.get(f"/a/101/diff/{FIRST}..mirror@{FIRST}").status_code == 404
        assert client.get(f"/a/101/diff/mirror@{at}..1").status_code == 200


def retyped(log):
    """Commit an edit of a number, of quote marks, of an invisible space, of a letter that looks alike."""
    old = "Il dit « oui » au maire. Le bac transporte 1 400 passagers. Il part à midi. Le paquebot attend."
    new = "Il dit “oui” au maire. Le bac transporte 2 200 passagers. Il part à\u202fmidi. Le p\u0430quebot attend."
    facts.write(log, facts.read(101, 0, old), facts.read(101, 60, new, outcome="changed"))


@pytest.mark.row("F-PAG-02")
def test_what_says_nothing_is_folded_away_and_what_hides_is_shown(tmp_path):
    """Quote marks alone are one link, no row; a look-alike letter has its code; a link shows invisible spaces."""
    with told_site(tmp_path, retyped) as site:
        client = client_of(site)
        tree, noisy = page(client, "/a/101/diff/1..2"), page(client, "/a/101/diff/1..2?noise=1&spaces=1")

        assert "1 change of typography or of the template alone, show it" in words(tree)
        assert "Typography" not in words(tree)
        assert "U+0430 CYRILLIC SMALL LETTER A" in words(tree)
        assert [each.text for each in tree.findall(".//ins//span[@class='unseen']")] == ["U+0430"]
        assert "Typography « … » becomes “ … ”" in words(noisy)
        assert "Space U+202F (narrow no-break space) added" in words(noisy)
        assert "Hide the changes that say nothing" in words(noisy)


def test_a_comparison_in_the_text_and_whole(client):
    """In one column both words stand in one sentence; the whole text leaves nothing out."""
    inline = page(client, "/a/101/diff/1..2?view=inline&all=1")

    assert "Il transporte removed: 1 400 added: 2 200 passagers." in words(inline)
    assert "Un chapeau." in words(inline)


def test_a_comparison_has_a_lasting_address(client):
    """The form leads to an address made of instants; versions in the wrong order are a sentence."""
    answer = client.get("/a/101/diff?from=1&to=2")

    assert (answer.status_code, answer.headers["location"]) == (302, f"/a/101/diff/{FIRST}..{SECOND}")
    assert "The older version comes first" in words(page(client, "/a/101/diff/2..1", 400))


def test_a_json_twin_says_the_same(client):
    """Articles, comparisons, lists, search and coverage have a document of the same facts."""
    article = client.get("/a/101@1.json").json()
    change = client.get("/a/101/diff/1..2.json").json()
    gone = client.get("/list/gone.json?since=2026-11-01").json()
    found = client.get("/search.json?q=karimabad").json()

    assert article["shown"]["record"]["body"][0].endswith("l’œuvre.")
    assert (change["silent"], change["counts"]["sentences_removed"]) == (True, 1)
    assert [(row["article_id"], row["confirmed"]) for row in gone["rows"]] == [("102", True)]
    assert found["total"] == 4
    assert client.get("/coverage.json").json()["counts"]["articles"] == 5


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("karimabad", ["104", "103", "102", "101"]),
        ("q=“bac de 2200”", ["101"]),
        ("KARIMABAD -article", ["101"]),
        ("title:bac", ["101"]),
        ("titre:karimabad", []),
        ("passag*", ["101"]),
        ("l'article 104", ["104"]),
    ],
)
def test_search_finds(client, query, numbers):
    """Words, phrases, -word, title: and begin* are understood; the newest comes first, the total is exact."""
    found = client.get("/search.json", params={"q": query.removeprefix("q=")}).json()

    assert [row["article_id"] for row in found["rows"]] == numbers
    assert found["total"] == len(numbers)


def test_search_in_what_was_removed(client):
    """A word that only an older version has is found there, leading to the comparison; œ is found as oe."""
    assert client.get("/search.json?q=oeuvre").json()["total"] == 0
    tree = page(client, "/search?q=oeuvre&removed=1")

    assert rows(tree) == ["/a/101/diff/1..2"]
    assert tree.find(".//mark").text == "œuvre"


def test_a_list_longer_than_is_kept_is_counted_whole(site, monkeypatch):
    """From whichever end it is counted: of what is new nearly all may be, or little; the newest rows are kept."""
    with site.reader.reading() as db:
        seen = [at for (at,) in db.execute("SELECT first_seen FROM articles ORDER BY first_seen")]
        for most in (1, 2, 3, len(seen), 100):
            monkeypatch.setattr(lists, "MOST_ROWS", most)
            for since in ("", *seen, "2030"):
                later = [at for at in seen if at >= since]
                found = lists.found(db, "new", since)

                assert (found.total, len(found.rows)) == (len(later), min(most, len(later)))
                assert lists.found(db, "new", since, seen[-1]).total == len([at for at in later if at < seen[-1]])


@pytest.mark.parametrize("form", ["", ".json", ".atom", ".csv"])
def test_a_beginning_that_nearly_each_article_has_is_a_sentence(client, monkeypatch, form):
    """In a large archive two letters are refused in each form, with what to give."""
    monkeypatch.setattr("archive.catalog.matching.MANY", 1)
    answer = client.get(f"/search{form}?q=ka*&lang=fr")

    assert (answer.status_code, "donnez 3 lettres avant l’astérisque" in answer.text) == (400, True)
    assert client.get("/search.json?q=kar*").status_code == 200


@pytest.mark.row("F-LST-07")
@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("state=removed", ["102"]),
        ("silent=1", ["101"]),
        ("edited=1&q=bac", ["101"]),
        ("section=une&state=live", ["104", "103", "101"]),
        ("section=a la une&state=live", ["104", "103", "101"]),
        ("section=nulle", []),
        ("away=1", ["103", "102"]),
        ("away=1&state=live&month=2026-11&layout=modern&own=1&q=karimabad", ["103"]),
        ("month=2026-11", ["104", "103", "102", "101"]),
        ("month=2026-13", []),
        ("layout=classic", []),
        ("others=1&q=bac", []),
        ("removed=1&q=oeuvre&silent=1&section=A+La+Une", ["101"]),
        ("removed=1&q=oeuvre&state=removed", []),
        ("removed=1", ["101"]),
        ("order=best&q=bac&edited=1", ["101"]),
        ("order=best&state=removed", ["102"]),
        ("q=bac&page=2", []),
    ],
)
def test_filters_narrow_down(client, asked, numbers):
    """Section, month, state, edits, removals, whose it is and layout narrow a search down, with words or without."""
    assert [row["article_id"] for row in client.get(f"/search.json?{asked}").json()["rows"]] == numbers


@pytest.mark.row("F-LST-07")
def test_facets_count(client):
    """Beside the results stands how many are of each kind; one that is chosen is a choice no more, and can be undone."""
    text = words(page(client, "/search?q=karimabad"), ".//aside")
    tree = page(client, "/search?q=karimabad&section=une&state=live&lang=fr&page=1")
    undone = [
        (" ".join(each.text_content().split()), each.get("href")) for each in tree.findall(".//ul[@class='chosen']//a")
    ]

    assert text == (
        "Section A La Une 4 Month November 2026 4 State there at the last look 3 removed 1 Changed edited 1 "
        "edited without notice 1 was away, be it back since 2 Captured by this archive 4 Layout modern 4"
    )
    assert undone == [
        ("A La Une retirer", "/search?q=karimabad&state=live&lang=fr"),
        ("présent au dernier regard retirer", "/search?q=karimabad&section=une&lang=fr"),
    ]
    assert "novembre 2026 3" in words(tree, ".//aside")
    assert "A La Une" not in words(tree, ".//aside")
    for link in page(client, "/search?q=karimabad").findall(".//aside//a"):
        count = int(link.getnext().text)
        assert client.get(link.get("href").replace("/search", "/search.json")).json()["total"] == count


@pytest.mark.row("F-LST-07")
def test_facets_follow_the_archive(tmp_path):
    """What a commit changes is counted with the next search, be it of another section; what it did not touch stays."""
    with told_site(tmp_path) as site, client_of(site) as client:
        before = client.get("/search.json?q=karimabad").json()["facets"]
        log = site.reader.archive.log
        moved = facts.read(104, 5 * 24 * 60, facts.TEXTS[1], outcome="changed", sections=("Iran",))
        facts.write(log, moved, facts.read(99, 5 * 24 * 60, facts.TEXTS[0], sections=("Iran",)))
        site.reader.follow()
        after = client.get("/search.json").json()["facets"]
        reader = Reader(site.reader.archive)
        with reader.reading() as db:
            anew = narrowed(db, counted(db), None).facets

    assert (before["section"], after["section"]) == ({"A La Une": 4}, {"A La Une": 3, "Iran": 2})
    assert after["trait"] == anew.traits
    assert after["section"] == anew.sections


def test_a_search_of_many_is_leafed_through_to_its_newest(tmp_path, monkeypatch):
    """Past the newest there is no page: that is said on the last; ranked are the newest alone, and that is said, too."""
    monkeypatch.setattr("archive.catalog.facets.RANKED", 25)
    monkeypatch.setattr("browse.pages.searching.RANKED", 25)

    def many(log):
        facts.write(
            log, *(facts.read(number, number, f"Le bac {'bac ' * (number % 7)}{number}.") for number in range(1, 41))
        )

    with told_site(tmp_path, many) as site, client_of(site) as client:
        last, best = page(client, "/search?q=bac&page=2"), page(client, "/search?q=bac&order=best")
        found = client.get("/search.json?q=bac&order=best").json()

    assert "Page 2 of 2" in words(last)
    assert "The newest 25 can be leafed through" in words(last)
    assert [len(rows(last)), len(rows(best))] == [5, 20]
    assert "The best of the newest 25" in words(best)
    assert (found["total"], {int(row["article_id"]) for row in found["rows"]} & set(range(16))) == (40, set())
    assert int(found["rows"][0]["article_id"]) % 7 == 6


@pytest.mark.parametrize("number", ["999", "1", "999999999999"])
def test_what_is_not_there_offers_the_nearest(client, number):
    """An article that does not exist is 404 with the articles next to it."""
    tree = page(client, f"/a/{number}", 404)

    assert len(rows(tree)) == (5 if len(number) > 2 else 0)


@pytest.mark.row("F-SAY-05")
def test_an_article_named_in_short_is_led_to(tmp_path):
    """By first digits of its number, of a version's digest, by `latest` or `yesterday`: to the lasting address."""

    def tell(log):
        facts.write(log, facts.read(711958, 0))
        facts.write(log, facts.read(711958, 60, facts.TEXTS[1], outcome="changed"))

    def leads(path):
        answer = client.get(path)
        return answer.headers.get("location", answer.status_code)

    with told_site(tmp_path, tell) as site, client_of(site) as client:
        known = list(articles.versions(site.reader.catalog.db, "711958"))
        first, second = (f"/a/{version.cite}" for version in known)
        digits = known[0].record["digests"]["version"].removeprefix("sha256:")
        last = second.partition("@")[2]
        missing = ("/a/7118", "/a/711958@0001-01-01", "/a/711958@facade", "/a/711958@sha256:zz")

        assert leads("/a/71195") == "/a/711958"
        assert leads("/a/71195.json?lang=fr") == "/a/711958.json?lang=fr"
        assert leads(f"/a/711958@sha256:{digits[:12]}") == first
        assert leads(f"/a/711958@sha256:{digits}/proof") == f"{first}/proof"
        assert leads("/a/7119@latest") == second
        assert leads("/a/711958/diff/1..latest") == f"/a/711958/diff/1..{last}"
        assert leads("/a/711958@yesterday") == second
        assert leads("/?since=yesterday") == 200
        assert [leads(path) for path in missing] == [404] * 4


@pytest.mark.parametrize(
    "path",
    [
        "/a/101@1999-01-01",
        "/a/101@7",
        "/a/101/diff/1..9",
        "/a/101@2026-11-24T12:00:00Z/9",
        "/nowhere",
        "/a/0101",
        "/a/101/../102x",
    ],
)
def test_no_such_version_is_404(client, path):
    """A time before the first capture, an ordinal past the last, a path of no page: 404, with a page that says so."""
    assert "Not in the archive" in words(page(client, path, 404))


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://french.presstv.ir/Detail/2026/11/24/101/titre", "/a/101"),
        ("french.presstv.com/Detail/2026/11/24/101", "/a/101"),
        ("http://www.presstv.com/DetailFr/2026/11/24/101/x?utm=1#a", "/a/101"),
        (
            "https://web.archive.org/web/20261124123000/https://french.presstv.ir/Detail/2026/11/24/101/titre",
            "/a/101@2026-11-24T12:30:00.000000Z",
        ),
        (
            "https://web.archive.org/web/2026id_/http://french.presstv.ir/Detail/2026/11/24/101/",
            "/a/101@2026-01-01T00:00:00.000000Z",
        ),
    ],
)
def test_an_outlets_address_leads_to_the_article(client, address, leads):
    """On any mirror, and within the Wayback Machine, whose time is kept."""
    answer = client.get("/url", params={"u": address})

    assert (answer.status_code, answer.headers["location"]) == (302, leads)


@pytest.mark.parametrize(
    "address", ["https://example.org/", "/Detail/", "x" * 3000, "javascript:alert(1)", "//evil/Detail/"]
)
def test_another_address_is_404(client, address):
    """What is no article's address leads nowhere."""
    assert client.get("/url", params={"u": address}).status_code == 404


def test_citations_are_read_by_others(client):
    """BibTeX, RIS and CSL-JSON name title, both addresses, both dates and the digest; /cite/ leads back."""
    bib = bibtexparser.parse_string(client.get("/a/101.bib").text).entries[0].fields_dict
    ris = rispy.loads(client.get("/a/101.ris").text)[0]
    csl = client.get("/a/101.csl").json()[0]
    key = csl["id"]

    assert bib["title"].value.strip("{}") == ris["title"] == csl["title"] == "Un bac de 2 200 passagers"
    assert bib["url"].value == ris["urls"][0] == csl["URL"] == facts.url_of(101)
    assert (bib["date"].value, bib["urldate"].value) == ("2026-11-24", "2026-11-24")
    assert key.startswith(f"101@{SECOND}-")
    assert f"/cite/{key}" in csl["archive"]
    assert client.get(f"/cite/{key}").headers["location"] == f"/a/101@{SECOND}"
    assert "reads another text" in words(page(client, f"/cite/101@{SECOND}-00000000", 404))


def key_of(client, name):
    """Return the citation of a version with its digits."""
    return client.get(f"/a/{name}.csl").json()[0]["id"]


@pytest.mark.row("F-PAG-03")
def test_a_set_of_citations_is_checked_and_taken_away(client):
    """Each says whether it holds, is of another text, or of no capture here; a bibliography's text leads there."""
    good = [key_of(client, name) for name in ("101@1", "101@2", "102")]
    keys = ",".join([*good, f"103@{FIRST}-00000000", "104@1999-01-01-12345678"])
    told = client.get(f"/cite/{keys}.json")
    led = client.get("/cite", params={"text": f"As in Press TV ({good[0]}). See {ORIGIN}/cite/{good[1]}."})
    tree = page(client, f"/cite/{','.join(good)}")

    assert [row["answer"] for row in told.json()["citations"]] == ["good", "good", "good", "missing", "missing"]
    assert told.json()["citations"][4]["nearest"].startswith("104@")
    assert led.headers["location"] == f"/cite/{good[0]},{good[1]}"
    assert words(tree).count(" holds ") == 3
    assert "Version archivée du" in words(tree)
    assert len(bibtexparser.parse_string(client.get(f"/cite/{keys}.bib").text).entries) == 3
    assert len(rispy.loads(client.get(f"/cite/{keys}.ris").text)) == len(client.get(f"/cite/{keys}.csl").json()) == 3
    assert "no citation of this archive" in words(page(client, "/cite?text=abc"))


@pytest.mark.row("F-PAG-03")
def test_a_citation_of_an_earlier_reading_is_told(tmp_path):
    """A capture that a newer extractor read otherwise is the one that was cited: said so, not called wrong."""

    def read_anew(log):
        fact = facts.read(101, 0, "Le bac passe.")
        facts.write(log, fact)
        facts.write(log, facts.reread(fact, "Le bac passe la rivière."))

    with told_site(tmp_path, read_anew) as site:
        client = client_of(site)
        digits = facts.record_of(facts.capture(101, 0), 101, "Le bac passe.")["digests"]["version"][7:15]
        tree = page(client, f"/cite/101@{FIRST}-{digits}")

        assert "read anew since" in words(tree)
        assert key_of(client, "101") != f"101@{FIRST}-{digits}"


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/a/101@7", f"/a/101@{SECOND}"),
        ("/a/101@1999-01-01", f"/a/101@{FIRST}"),
        ("/a/101/diff/1..9", f"/a/101@{SECOND}"),
        ("/list/new?since=2026-11-01&page=9", "/list/new?since=2026-11-01&page=1"),
        ("/sections/une?page=9", "/sections/une?page=1"),
        ("/a/99", None),
    ],
)
@pytest.mark.row("F-PAG-04")
def test_what_is_not_there_offers_what_lies_nearest(client, path, nearest):
    """Of an article its versions nearest in time or number, of a list its last page; as JSON where that is asked."""
    links = [link.get("href") for link in page(client, path, 404).findall(".//main//a")]

    assert nearest is None or links[0] == nearest
    twin = client.get(path.replace("?", ".json?") if "?" in path else f"{path}.json")
    assert (twin.status_code, twin.json()["schema"]) == (404, "presstv.refused/1")


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("new?section=une", {"101", "102", "103", "104"}),
        ("new?section=a%20la%20une&until=2026-11-24", {"101", "102", "103", "104"}),
        ("new?until=2026-11-23", set()),
        ("new?section=europe", set()),
        ("silent?section=une", {"101"}),
        ("silent?section=europe", set()),
        ("gone?section=une&until=2026-11-24", {"102"}),
        ("back?until=2026-11-26", set()),
        ("back?until=2026-11-27", {"103"}),
    ],
)
@pytest.mark.row("F-LST-08")
def test_a_list_is_of_a_section_and_of_days(client, asked, numbers):
    """Until the end of a day, of what a section's articles are; so too where it is taken away, and its choice is shown."""
    name, _, chosen = asked.partition("?")
    told = client.get(f"/list/{name}.json?since=2026-11-01&{chosen}").json()
    tree = page(client, f"/list/{name}?since=2026-11-01&{chosen}")
    fields = {each.name: each.value for each in tree.xpath("//form[@class='since']//*[@name]")}

    assert {row["article_id"] for row in told["rows"]} == numbers
    assert told["total"] == len(tree.xpath("//ul[@class='rows']/li")) == len(numbers)
    assert len(client.get(f"/list/{name}.jsonl?since=2026-11-01&{chosen}").text.splitlines()) == len(numbers)
    assert client.get(f"/list/{name}.atom?since=2026-11-01&{chosen}").text.count("<entry>") == len(numbers)
    assert fields["since"] == "2026-11-01"
    assert fields["until"] == chosen.partition("until=")[2]
    assert fields["section"] == ("" if "section" not in chosen else "Europe" if "europe" in chosen else told["section"])


@pytest.mark.row("F-LST-08")
def test_an_edit_is_cited_and_proved_from_where_it_is_seen(client):
    """From the list of versions to what changed, from there to the citation of both texts and the proof of each."""
    (compared,) = page(client, "/a/101").xpath("//ol[@class='versions']//span/a/@href")
    links = page(client, compared).xpath("//p[@class='take']/a/@href")

    assert compared == f"/a/101/diff/{FIRST}..{SECOND}"
    assert links[0] == f"/cite/{key_of(client, f'101@{FIRST}')},{key_of(client, '101')}"
    assert links[1:3] == [f"/a/101@{FIRST}/proof", f"/a/101@{SECOND}/proof"]
    assert [client.get(link).status_code for link in links] == [200] * len(links)


def test_a_text_that_came_back_is_a_version_of_its_own(tmp_path):
    """Where a look found our earlier text again, behind another's capture: its links lead to it, not to what it repeats."""

    def back(log):
        facts.write(log, facts.read(101, 0, facts.TEXTS[0]), crawl="c1")
        facts.write(log, facts.read(101, 60, facts.TEXTS[2]), crawl="backfill-b")
        facts.write(log, facts.saw(101, 5 * 24 * 60, confirms=FIRST), crawl="c2")

    with told_site(tmp_path, back) as site:
        client = client_of(site)
        versions = page(client, "/a/101").xpath("//ol[@class='versions']/li")
        shown = [words(page(client, each.xpath("./a/@href")[0]), ".//p[@class='reading']") for each in versions]
        compared = client.get("/a/101/diff?from=2&to=3").headers["location"]

        assert [line.split(",")[0].split(" of")[0] for line in shown] == [f"You read version {n}" for n in (3, 2, 1)]
        assert versions[0].xpath("./span/a/@href") == [compared]
        assert "Versions 2 and 3 compared" in words(page(client, compared))


@pytest.mark.parametrize("path", ["/list/new", "/sections/une", "/search"])
@pytest.mark.row("F-PAG-06")
def test_a_list_is_taken_away_in_every_format(client, path):
    """The newest text of each article that was read, by number, as exports write it; the file has a name."""
    answers = {ending: client.get(f"{path}.{ending}?since=2026-11-01&q=karimabad") for ending in ENDINGS}
    lines = [json.loads(line) for line in answers["jsonl"].text.splitlines()]
    table = pq.read_table(io.BytesIO(answers["parquet"].content))

    assert [line["article_id"] for line in lines] == ["101", "102", "103", "104"]
    assert [row["article_id"] for row in csv.DictReader(io.StringIO(answers["csv"].text))] == [
        "101",
        "102",
        "103",
        "104",
    ]
    assert table.column("headline").to_pylist() == [line["headline"] for line in lines]
    assert len(bibtexparser.parse_string(answers["bib"].text).entries) == 4
    assert len(answers["csl"].json()) == len(rispy.loads(answers["ris"].text)) == 4
    for ending, answer in answers.items():
        assert answer.headers["content-disposition"].endswith(f'.{ending}"')
    assert client.get("/list/gone.jsonl?since=2027-01-01").text == ""


@pytest.mark.parametrize(
    "path", ["/list/silent.atom", "/list/gone.atom", "/list/new.atom", "/sections/une.atom", "/search.atom?q=bac"]
)
def test_feeds_are_read_by_a_feed_reader(client, path):
    """Each list is an Atom feed without a complaint, its entries named for ever."""
    answer = client.get(path + ("&" if "?" in path else "?") + "since=2026-11-01")
    told = feedparser.parse(answer.content)

    assert (told.bozo, told.version) == (False, "atom10")
    assert told.entries
    assert len({entry.id for entry in told.entries}) == len(told.entries)
    assert all(client.get(entry.link.removeprefix(ORIGIN)).status_code == 200 for entry in told.entries)


def test_what_did_not_change_is_not_sent_again(client):
    """The same page of the same head is a 304 to its ETag, in the same language alone."""
    tag = client.get("/list/new.atom").headers["etag"]

    assert client.get("/list/new.atom", headers={"if-none-match": tag}).status_code == 304
    assert client.get("/list/new.atom", headers={"if-none-match": tag, "accept-language": "fr"}).status_code == 200


def test_a_proof_is_checked_offline(client, tmp_path):
    """What the page gives to take away holds before docs/check_proof.py."""
    path = tmp_path / "proof.json"
    path.write_bytes(client.get("/a/101@1/proof").content)
    head = client.get("/coverage.json").json()["head"]["digest"]
    done = subprocess.run(
        [sys.executable, ROOT / "docs/check_proof.py", path, "--head", head],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "101" in done.stdout


def test_the_capture_is_text_and_a_file(client):
    """The stored page is never sent as one: plain text, to be saved; the WARC record is the one in the archive."""
    text, warc = client.get("/a/101/capture"), client.get("/a/101/warc")

    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["content-disposition"].startswith("attachment")
    assert EDITED.split(".", maxsplit=1)[0] in text.text
    assert warc.content[:2] == b"\x1f\x8b"


@pytest.mark.row("F-PAG-09")
def test_an_article_leaves_as_wacz(client):
    """The captures of all its versions with their index, to many readers at a time; the page leads there."""
    [link] = [a.get("href") for a in page(client, "/a/101@1").iter("a") if a.text == "WACZ of all versions"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.get(link), range(8)))
    with zipfile.ZipFile(io.BytesIO(answers[0].content)) as file:
        pages = [json.loads(line) for line in file.read("pages/pages.jsonl").splitlines()[1:]]
        index = gzip.decompress(file.read("indexes/index.cdx.gz")).splitlines()

    assert {each.content for each in answers} == {answers[0].content}
    assert answers[0].headers["content-disposition"] == 'attachment; filename="presstv-101.wacz"'
    assert [each["title"] for each in pages] == ["Un bac de 1 400 passagers", "Un bac de 2 200 passagers"]
    assert len(index) == 2
    assert client.get("/a/109/wacz").status_code == 404


def test_provenance_says_whether_the_commit_is_signed(client, site, tmp_path):
    """Beside the commit that brought a capture stands whether a signature vouches for it."""
    assert "2, 24 Nov 2026, 15:30, not signed, not time-stamped" in words(page(client, "/a/101"))
    log = site.reader.archive.log
    sign_commit(log.store, log.read(1), signing_key(text="11" * 32))

    assert "1, 24 Nov 2026, 15:30, signed" in words(page(client, "/a/101@1"))


def test_memento_finds_versions_by_time(client):
    """The time gate leads by Accept-Datetime, the map names each version, a version says when it was captured."""
    gate = f"/timegate/{facts.url_of(101)}"
    times = {
        "Tue, 24 Nov 2026 12:30:00 GMT": FIRST,
        "Wed, 25 Nov 2026 00:00:00 GMT": SECOND,
        "Mon, 01 Jan 1990 00:00:00 GMT": FIRST,
    }
    led = {time: client.get(gate, headers={"accept-datetime": time}).headers["location"] for time in times}
    assert set(client.get(gate).headers["vary"].split(", ")) == {"accept-datetime", "accept-language"}
    shown = client.get(f"/a/101@{FIRST}")
    told = client.get("/timemap/101.link").text

    assert led == {time: f"{ORIGIN}/a/101@{at}" for time, at in times.items()}
    assert shown.headers["memento-datetime"] == "Tue, 24 Nov 2026 12:00:00 GMT"
    links = shown.headers["link"]
    assert 'rel="timegate"' in links
    assert told.count('memento"; datetime=') == 2
    assert f'<{ORIGIN}/a/101@{SECOND}>; rel="next last memento"; datetime="Tue, 24 Nov 2026 13:00:00 GMT"' in links
    assert told == client.get(f"/timemap/link/{facts.url_of(101)}").text
    assert [each["datetime"] for each in client.get("/timemap/101.json").json()["mementos"]["list"]] == [FIRST, SECOND]
    assert client.get(gate, headers={"accept-datetime": "gestern"}).status_code == 400


def test_every_link_of_ours_leads_somewhere(client):
    """Whatever a page links to is there: pages, files, feeds and twins, from the front page on."""
    seen, left = set(), ["/?since=2026-11-01"]
    while left:
        path = left.pop()
        answer = client.get(path)
        assert answer.status_code in ((400,) if path.partition("?")[0].endswith("/page") else (200, 302)), path
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for _, _, link, _ in page(client, path, answer.status_code).iterlinks():
            ours = link.partition("#")[0]
            if ours.startswith("/") and ours not in seen and len(seen) < 250:
                seen.add(ours)
                left.append(ours)

    assert {"/a/101", "/sections/une", "/coverage", "/static/style.css"} <= seen
    assert json.loads(client.get("/index.json").text)["schema"] == "presstv.front/1"


def test_a_versions_text_is_taken_alone(client):
    """Plain text with the citation below it; a version's number leads to the lasting address."""
    answer = client.get("/a/101@1.txt")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.split("\n\n")[0] == "Un bac de 1 400 passagers"
    assert key_of(client, "101@1") in answer.text
    assert client.get("/a/101/v/1").headers["location"] == f"/a/101@{FIRST}"
    assert client.get("/a/101/v/9").status_code == 404


def test_an_article_names_its_author_where_the_outlet_does(tmp_path):
    """As archived text, and not at all where it names none."""

    def told(log):
        facts.write(log, facts.read(101, 0, byline="Par M. <b>Durand</b>"), facts.read(102, 1))

    with told_site(tmp_path, told) as site:
        named, bare = (page(client_of(site), f"/a/{n}").findall(".//p[@class='byline']") for n in (101, 102))
    assert [each.text_content() for each in named] == ["Author: Par M. <b>Durand</b>"]
    assert bare == []


@pytest.mark.row("F-PAG-02")
def test_what_changed_beside_the_text_is_told(tmp_path):
    """Tags are no part of a version's identity; a comparison tells them all the same."""

    def retagged(log):
        facts.write(log, facts.read(101, 0, "Le bac passe.", tags=("fleuve",)))
        facts.write(log, facts.read(101, 60, "Le bac attend.", tags=("crue",), outcome="changed"))

    with told_site(tmp_path, retagged) as site:
        told = words(page(client_of(site), "/a/101/diff/1..2"), ".//section[@aria-labelledby='field-beside']")
        assert told == "Beside the text Tags Version 1fleuve Version 2crue"


def test_a_chosen_language_stays(client):
    """`lang` wins over the browser's language, and every link of ours keeps it."""
    tree = page(client, "/a/101?lang=fr")
    kept = [each.get("href") for each in tree.findall(".//nav//a") + tree.findall(".//ol[@class='versions']//a")]

    assert tree.get("lang") == "fr"
    assert "modifié sans mention entre 15\u00a0h\u00a030 et 16\u00a0h\u00a030" in tree.text_content()
    assert all("lang=fr" in href for href in kept)
