"""`--dry-run`: what a crawl would ask for and an export would write, while nothing is asked or written."""

import json
import sys

import pytest

from demo.server import serve
from tests import loaded
from tests.outlet_server import serve as serve_script
from tests.project import Project, environment


@pytest.fixture
def first(tmp_path):
    """Give a project without an archive, and its outlet, which is never to be asked."""
    with serve_script({}) as outlet:
        project = Project(tmp_path, outlet.base)
        project.outlet = outlet
        yield project


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Give a project that was crawled once."""
    with serve() as server:
        project = Project(tmp_path_factory.mktemp("dry"), server.url)
        project.crawl("-a", "limit=4")
        yield project


def tree(project):
    """Return every file of a project with its bytes and times."""
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.row("F-TTY-06")
def test_a_first_crawl_asks_for_nothing_and_makes_nothing(first):
    """It says that the archive would be made; the outlet hears nothing."""
    done = first.crawl("--dry-run")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"would crawl {first.url} into file:{first.archive}, which the crawl would make",
        "  section all: every section of the menu",
        "  front page, feed and sitemaps, and every article named that the archive lacks",
        "  re-checks: 0 articles of 0 known, 0 due",
        "nothing was asked, nothing was written",
    ]
    assert (list(first.folder.iterdir()), first.outlet.log) == ([], [])


@pytest.mark.row("F-TTY-06")
@pytest.mark.parametrize("catalog", [True, False], ids=["catalog", "no-catalog"])
def test_a_later_crawl_counts_its_rechecks(crawled, catalog):
    """Those due, all or none, and the named; not a byte changes, the catalog is not even made."""
    if not catalog:
        (crawled.folder / "catalog.sqlite").unlink()
    before = tree(crawled)
    told = {
        again: json.loads(crawled.crawl("--dry-run", "--json", "-a", f"recheck={again}").stdout)
        for again in ("due", "all", "none")
    }
    ids = sorted(told["all"]["rechecks"])
    named = json.loads(crawled.crawl("--dry-run", "--json", "-a", f"ids={ids[0]}").stdout)

    assert {again: (each["known"], len(each["rechecks"])) for again, each in told.items()} == {
        "due": (4, told["due"]["due"]), "all": (4, 4), "none": (4, 0),
    }  # fmt: skip
    assert (named["rechecks"], named["sections"]) == (ids[:1], [])
    assert tree(crawled) == before


def test_what_would_end_the_crawl_ends_the_dry_run(crawled):
    """An article that is not known, another edition, words that fit nothing."""
    unknown = crawled.crawl("--dry-run", "-a", "ids=99999")
    other = crawled.crawl("--dry-run", "-s", "EDITION=presstv-en")
    words = crawled.crawl("--dry-run", "-a", "limit=none")

    assert [done.returncode for done in (unknown, other, words)] == [2, 4, 2]
    assert [done.stdout for done in (unknown, other, words)] == ["", "", ""]


@pytest.mark.row("F-TTY-06")
def test_an_export_counts_its_rows_and_writes_none(crawled, tmp_path):
    """View, rows and target; whether a file would be replaced; the rows are those of the export."""
    there = tmp_path / "there.jsonl"
    there.write_text("old")
    before = tree(crawled)
    dry = crawled.run("export", "jsonl", "--dry-run", "--view", "checks", "-o", there)
    new = crawled.run("export", "jsonl", "--dry-run", "-o", tmp_path / "new.jsonl")
    plain = crawled.run("export", "jsonl", "--dry-run")
    after = tree(crawled)
    rows = len(crawled.run("export", "jsonl", "--view", "checks").stdout.splitlines())

    assert after == before
    assert [path.name for path in tmp_path.iterdir()] == ["there.jsonl"]
    assert (dry.returncode, dry.stdout) == (
        0, f"would write {rows} rows of checks to {there}, in place of the file that is there; nothing was written\n"
    )  # fmt: skip
    assert new.stdout == f"would write 4 rows of latest to {tmp_path}/new.jsonl; nothing was written\n"
    assert plain.stdout == "would write 4 rows of latest to stdout; nothing was written\n"


@pytest.mark.row("F-TTY-07")
@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["written", "dry"])
@pytest.mark.parametrize(
    ("target", "code", "says"),
    [
        ("no/such/a.jsonl", 8, "there is no folder"),
        ("", 8, "it is a folder"),
        ("s3://bucket/", 2, "names no object"),
        ("file:no/such/a.jsonl", 8, "there is no folder"),
    ],
)
def test_a_target_that_cannot_be_is_refused(crawled, tmp_path, target, code, says, more):
    """With the way out; no folder is made."""
    place = target if ":" in target else tmp_path / target
    words = crawled.command("export", "jsonl", *more, "-o", place)
    done = loaded.run(words, env=environment({"SCRAPY_SETTINGS_MODULE": "settings.local"}), folder=tmp_path)

    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_help_of_crawl_explains_each_argument():
    """What it does, its default and an example; nothing that is refused is offered."""
    done = loaded.run([sys.executable, "-m", "scrapy", "crawl", "--help"], env=environment())
    told = " ".join(done.stdout.split())

    assert done.returncode == 0
    for form, default in {
        "sections=A,B": "une,europe,continu", "since=DAY": "all of them", "recheck=due|none|all": "due",
        "ids=ID,ID": "what the sections list", "limit=N": "no limit", "outlet=URL,URL": "the edition's hosts",
    }.items():  # fmt: skip
        assert f"(default: {default}; for example -a {form.partition('=')[0]}=" in told.partition(form)[2]
    assert [option for option in ("-o ", "-O ", "--output", "--overwrite-output", "-t ") if option in told] == []
    assert max(map(len, done.stdout.splitlines())) < 81
