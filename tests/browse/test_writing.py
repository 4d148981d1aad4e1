"""Pages as files: every link leads to a file, from a disk too; the same head is the same site; words are found alike."""

import importlib.util
import json
import re
from contextlib import suppress

import pytest

from archive.catalog.selection import Selection
from archive.errors import StorageError, UsageError
from archive.exporters.folders import NOWHERE, whole_folder
from browse.shown.bare import bare_words
from browse.shown.files import file_of
from crawler.cli import pages
from tests import facts
from tests.browsing import needs_browser, story
from tests.written import broken, files, found_by_browser

pytest_plugins = ["tests.servers"]
needs_pagefind = pytest.mark.skipif(
    importlib.util.find_spec("pagefind") is None, reason="needs pagefind (.venv/bin/pip install 'pagefind[bin]')"
)


def more(log):
    """Tell the story, and of two articles that have one word in two forms."""
    story(log)
    facts.write(
        log,
        facts.read(201, 5000, "Le maire a salué l’œuvre du sonneur. Elle sonne. Il y tient.", headline="Un sonneur"),
        facts.read(202, 5001, "Une œuvre de fer. Elle pèse lourd. Il y tient.", headline="Un forgeron"),
        facts.read(203, 5002, "Le ‹script›alert(1)‹/script› d’un autre. Rien. Il y tient.", headline='"><a href="/x">'),
        crawl="c5",
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    log = facts.new_log()
    more(log)
    return facts.folded(log, tmp_path_factory.mktemp("written") / "catalog.sqlite")


def write(archive, target, chosen=None, **options):
    told = {"base": "", "language": "both", "search": "none", **options}
    return pages.write(archive, "latest", chosen=chosen or Selection(), target=str(target), **told)


@pytest.fixture(scope="module")
def site(archive, tmp_path_factory):
    place = tmp_path_factory.mktemp("site") / "site"
    assert write(archive, place) == 8
    return place


@pytest.mark.row("F-TAK-12")
def test_every_link_leads_to_a_file(site):
    """In both languages; each article, version and comparison has its page, and names fit any disk and bucket."""
    found = files(site)

    assert broken(site) == []
    assert {f"a/{number}.html" for number in (101, 102, 103, 104, 109, 201)} <= set(found)
    assert {f"en/{name}" for name in found if name.endswith(".html") and not name.startswith("en/")} <= set(found)
    assert sum("..2026" in name and name.endswith("z.html") for name in found) == 2
    assert [name for name in found if not re.fullmatch(r"[a-z0-9./-]+", name)] == []
    assert b'lang="en"' in found["en/index.html"]
    assert "1 400" in json.loads(found["a/101/2026-11-24t120000.000000z.json"])["shown"]["record"]["headline"]


@pytest.mark.row("F-TAK-12")
def test_what_needs_a_server_is_left_out(site):
    """No form, no proof, no search without an index; each page says of which commit it is and what it may load."""
    found = {name: data.decode() for name, data in files(site).items() if name.endswith(".html")}

    assert [name for name, page in found.items() if "<form" in page or "/proof" in page] == []
    assert [name for name, page in found.items() if "Content-Security-Policy" not in page] == []
    assert all("commit 5 of the archive" in page for name, page in found.items() if name.startswith("en/"))
    assert "search.html" not in found
    assert [name for name, page in found.items() if "‹script" in page and "<script>" in page] == []


@pytest.mark.row("F-TAK-12")
def test_the_same_head_is_the_same_site(archive, site, tmp_path):
    """Byte for byte; a folder with something in it is left alone, and a failure leaves nothing."""
    write(archive, tmp_path / "again")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/other").touch()

    assert files(tmp_path / "again") == files(site)
    with pytest.raises(StorageError):
        write(archive, tmp_path / "full", language="fr")
    with suppress(ZeroDivisionError), whole_folder(str(tmp_path / "broken")) as folder:
        (folder / "a").touch()
        raise ZeroDivisionError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "full"]


@needs_pagefind
def test_pages_without_an_article_have_no_search(archive, tmp_path):
    """An archive without commits, and a choice of nothing, are written all the same."""
    empty = facts.folded(facts.new_log(), tmp_path / "empty" / "catalog.sqlite")
    for name, whole, chosen in (("a", empty, None), ("b", archive, Selection(ids=frozenset({"99"})))):
        assert write(whole, tmp_path / name, chosen, search="auto") == 0
        assert (tmp_path / name / "index.html").is_file()
        assert not (tmp_path / name / "search.html").exists()


@pytest.mark.row("F-TAK-12")
def test_articles_are_chosen_by_the_words_of_every_command(archive, tmp_path):
    """The others have no page and stand in no list; the pages say that some were chosen."""
    place = tmp_path / "part"
    count = write(
        archive, place, Selection(ids=frozenset({"101", "102"})), language="en", base="https://archive.example/"
    )
    found = files(place)

    assert count == 2
    assert {name for name in found if re.fullmatch(r"a/\d+\.html", name)} == {"a/101.html", "a/102.html"}
    assert broken(place) == []
    assert b"L\xe2\x80\x99article 103" not in b"".join(found.values())
    assert b"Articles were chosen" in found["index.html"]
    assert re.findall(r">([^<>]+)</(?:a|span)></td>|>(\d+)</td>", found["figures.html"].decode())[-5:] == [
        ("A La Une", ""), ("", "2"), ("", "1"), ("", "1"), ("", "1")
    ]  # fmt: skip
    assert b">2</" in found["sections.html"]
    assert b"https://archive.example/cite/101@" in found["a/101.html"]
    assert b"https://archive.example/a/101" in found["list/changed.atom"]
    assert write(archive, NOWHERE, Selection(silent=True)) == 1
    with pytest.raises(UsageError, match="no --language 'de'; choose from both, fr, en"):
        write(archive, place, language="de")


def test_a_bucket_has_them_with_their_types(archive, moto, use_endpoint, tmp_path):
    """Each an object; a browser is told what it is."""
    use_endpoint(moto.endpoint)
    bucket = moto.bucket()
    write(archive, f"s3://{bucket}/site/", Selection(ids=frozenset({"101"})), language="fr")
    told = moto.client.head_object(Bucket=bucket, Key="site/index.html")
    write(archive, tmp_path / "same", Selection(ids=frozenset({"101"})), language="fr")
    keys = {each["Key"] for each in moto.client.list_objects_v2(Bucket=bucket)["Contents"]}

    assert told["ContentType"] == "text/html; charset=utf-8"
    assert keys == {f"site/{name}" for name in files(tmp_path / "same")}


@pytest.mark.parametrize(
    ("path", "words", "name"),
    [
        ("/", {"since": "2026-11-01"}, "index.html"),
        ("/list/gone", {"page": "3"}, "list/gone-3.html"),
        ("/list/gone.json", {"page": "2"}, "list/gone-2.json"),
        ("/list/gone.csv", {"page": "2"}, "list/gone.csv"),
        ("/sections/une/ranks", {}, "ranks/une.html"),
        ("/a/1@2026-11-24T12:00:00.000000Z/2", {}, "a/1/2026-11-24t120000.000000z-2.html"),
        ("/a/1/diff/mirror@2026-11-24T12:00:00.000000Z..2026-11-24T13:00:00.000000Z", {"view": "inline", "all": "1"},
         "a/1/mirror-2026-11-24t120000.000000z..2026-11-24t130000.000000z-inline-all.html"),
        ("/a/1/diff/1..2", {"view": "../../etc"}, None),
        ("/a/1/proof", {}, None),
        ("/search.json", {"q": "x"}, None),
        ("/status", {}, None),
        ("/static/../app.py", {}, None),
    ],
)  # fmt: skip
def test_names_of_files(path, words, name):
    """One for each address that needs no server, none for any other."""
    assert file_of(path, words) == name


def test_bare_words_are_those_that_an_index_does_not_part():
    """Of elided words both parts, of ligatures their letters; nothing of any other word."""
    assert bare_words("L’œuvre d'Ævar, qu’aujourd’hui l’on voit") == "oeuvre aevar qu aujourd hui on"
    assert bare_words("Rien de tel.") == ""


@needs_browser
@needs_pagefind
@pytest.mark.row("F-TAK-13")
def test_a_browser_finds_elided_and_tied_words_alike(archive, tmp_path):
    """« œuvre », « l'œuvre » and « oeuvre » are one; from a disk there is no search, and the page says so."""
    place = tmp_path / "site"
    write(archive, place, search="auto")
    assert broken(place) == []
    found, told = found_by_browser(place, ("œuvre", "l'œuvre", "l’Œuvre", "oeuvre"), "œuvre")

    assert found == [["a/201.html", "a/202.html"]] * 4
    assert "La recherche demande un hébergement web" in told
