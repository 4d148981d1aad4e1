"""The first crawl or backfill into a place: others' files are left alone, and nothing is made for nothing."""

import json
from pathlib import Path

import pytest

from demo.server import serve
from tests.cdx_server import serve as serve_index
from tests.foreign_warcs import Warc, page, plain_warc, wacz_of
from tests.outlet_server import serve as serve_script
from tests.project import Project

ARTICLE = "https://french.presstv.ir/Detail/2019/03/17/591234/Pluie"


@pytest.fixture
def project(tmp_path):
    """Return a project without an archive, its outlet silent."""
    with serve_script({}) as outlet:
        made = Project(tmp_path / "project", outlet.base)
        made.folder.mkdir()
        made.outlet = outlet
        yield made


def left(project):
    """Return the names of what lies in the project's folder, at any depth."""
    return sorted(path.relative_to(project.folder).as_posix() for path in project.folder.rglob("*"))


@pytest.mark.row("F-CFG-06")
@pytest.mark.parametrize("words", [(), ("--dry-run",)], ids=["crawl", "dry-run"])
def test_a_crawl_into_a_folder_of_somebodys_is_refused(project, words):
    """With what lies there; nothing is asked, made or changed."""
    (project.archive / "photos" / "2024").mkdir(parents=True)
    (project.archive / "photos" / "2024" / "été.jpg").write_bytes(b"x")
    before = left(project)
    done = project.crawl(*words)

    assert (done.returncode, done.stdout) == (4, "")
    assert f"file:{project.archive} is not empty, and no archive: photos/ there" in done.stderr
    assert (left(project), project.outlet.log) == (before, [])


@pytest.mark.row("F-CFG-06")
def test_a_crawl_into_a_folder_with_its_own_things_begins(tmp_path):
    """Hidden files, the file system's folder, a claim, and the catalog beside the archive's own files."""
    with serve() as server:
        project = Project(tmp_path, server.url)
        for name in (".gitignore", "lost+found/x", "claims/news/20261124t120000z.json", "catalog.sqlite"):
            (project.archive / name).parent.mkdir(parents=True, exist_ok=True)
            (project.archive / name).touch()
        first = project.crawl("-a", "limit=2", "-s", f"CATALOG_PATH={project.archive}/catalog.sqlite")
        (project.archive / "notes.txt").touch()
        second = project.crawl("-a", "limit=2", "-s", f"CATALOG_PATH={project.archive}/catalog.sqlite")

    assert [first.returncode, second.returncode] == [14, 14], first.stderr


def _cut(path):
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])
    return path


def warcs(folder):
    """Write files that hold no article; return each one's path by what it is."""
    aside, junk = Warc(), folder / "junk.warc.gz"
    aside.response("https://french.presstv.ir/", page(), at="2019-03-17T09:30:00Z")
    aside.response("https://example.org/Detail/2019/03/17/591234/Pluie", page(), at="2019-03-17T09:30:00Z")
    junk.write_bytes(b"no WARC at all")
    (folder / "empty.warc.gz").touch()
    return {
        "empty": str(folder / "empty.warc.gz"),
        "junk": str(junk),
        "warcinfo": Warc().save(folder / "info.warc.gz"),
        "no article": aside.save(folder / "aside.warc.gz"),
        "wacz": wacz_of(folder / "a.wacz", {"a.warc.gz": aside.data}),
        "cut wacz": _cut(wacz_of(folder / "cut.wacz", {"a.warc.gz": aside.data})),
        "none": str(folder / "none.warc.gz"),
    }


@pytest.mark.row("F-CFG-07")
@pytest.mark.parametrize(
    ("kind", "code"),
    [("empty", 3), ("junk", 3), ("warcinfo", 0), ("no article", 0), ("wacz", 0), ("cut wacz", 3), ("none", 2)],
)
def test_a_backfill_of_nothing_makes_nothing(project, tmp_path, kind, code):
    """No archive, no catalog, no folder, however the run ends; what was there stays."""
    path = warcs(tmp_path)[kind]
    done = project.run("backfill", path, "-s", f"CATALOG_PATH={project.folder}/var/deep/catalog.sqlite")

    assert done.returncode == code, done.stderr
    assert left(project) == []
    assert project.run("status").returncode == 10
    assert left(project) == []


def test_a_wacz_that_was_cut_keeps_no_other_file_out(project, tmp_path):
    """It is told as any damaged file, and the next one is taken in."""
    good = Warc()
    good.response(ARTICLE, page(), at="2019-03-17T09:30:00Z")
    done = project.run("backfill", warcs(tmp_path)["cut wacz"], good.save(tmp_path / "good.warc.gz"))

    assert done.returncode == 3, done.stderr
    assert "damaged: cut.wacz: it is no whole zip" in done.stdout
    assert "taken: 1 new" in done.stdout


@pytest.mark.row("F-CFG-07")
def test_a_catalog_that_was_there_stays(project, tmp_path):
    """It may be another archive's."""
    (project.folder / "catalog.sqlite").touch()
    project.run("backfill", warcs(tmp_path)["empty"])

    assert left(project) == ["catalog.sqlite", "catalog.sqlite.held"]


@pytest.mark.row("F-CFG-07")
@pytest.mark.parametrize("shots", [(), None], ids=["gives-nothing", "is-not-there"])
def test_an_index_that_gives_nothing_makes_nothing(project, shots):
    """One that knows no capture, and one that does not answer."""
    with serve_index(*(shots or ())) as server:
        given = server.settings if shots is not None else {"WAYBACK_CDX": "http://127.0.0.1:1/cdx"}
        places = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        done = project.run("backfill", "--wayback", "2019", "2020", "-s", "RETRY_TIMES=0", *places)

    assert done.returncode == (0 if shots is not None else 5), done.stderr
    assert left(project) == []


@pytest.mark.row("F-CFG-07")
def test_a_backfill_of_something_makes_the_archive(project, tmp_path):
    """As ever, the files that hold nothing beside it; the place must be free, and is not probed for nothing."""
    found = plain_warc(2).save(tmp_path / "some.warc.gz")
    done = project.run("backfill", warcs(tmp_path)["no article"], found, "--json")
    told = json.loads(done.stdout)

    assert (done.returncode, told["taken"], told["head"]) == (0, {"new": 2}, 1)
    assert project.run("verify").returncode == 0
    assert not [name for name in left(project) if name.startswith("archive/probe/")]
    (project.folder / "other").mkdir()
    (project.folder / "other" / "tax.pdf").touch()
    refused = project.run("backfill", found, "-s", f"ARCHIVE_URI=file:{project.folder}/other")
    assert (refused.returncode, "tax.pdf there" in refused.stderr) == (4, True)
