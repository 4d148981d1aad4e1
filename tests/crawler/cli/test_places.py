"""Where relative paths begin: settings at the project, words where the person stands."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from crawler.cli.places import placed
from demo.server import serve
from tests import loaded
from tests.project import ROOT, environment

QUIET = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")


class Folder:
    """A project in a folder of its own: its scrapy.cfg, and a folder below it."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.below = folder / "deploy" / "here"
        self.below.mkdir(parents=True)
        shutil.copy(ROOT / "scrapy.cfg", folder)

    def run(self, *words, stands=None, **env):
        """Run a command as one who stands in that folder, the one below by default."""
        command = [sys.executable, "-m", "scrapy", words[0], *words[1:]]
        return loaded.run(command, env=environment(env), folder=stands or self.below)

    def crawl(self, *words, **more):
        """Crawl a few articles."""
        return self.run("crawl", *QUIET, "-a", f"outlet={self.url}", "-a", "limit=3", *words, "presstv", **more)


@pytest.fixture(scope="module")
def server():
    """Serve the demo outlet."""
    with serve() as served:
        yield served


@pytest.fixture
def project(tmp_path, server):
    """Return a project in an empty folder."""
    return Folder(tmp_path, server.url)


@pytest.mark.row("F-CFG-05")
def test_settings_are_below_the_project_wherever_one_stands(project):
    """A crawl from a folder below, and reading from the project's own, are of one archive."""
    made = project.crawl("-s", "SPOOL_DIR=spools", "--logfile", "log.txt")
    read = project.run("status", "--json", stands=project.folder)

    assert made.returncode == 14, made.stderr
    assert json.loads(read.stdout)["counts"]["articles"] == 3
    assert (project.folder / "var" / "catalog.sqlite").is_file()
    assert [path.name for path in project.below.iterdir()] == ["log.txt"]
    assert sorted(path.name for path in project.folder.iterdir()) == ["deploy", "scrapy.cfg", "spools", "var"]


@pytest.mark.row("F-CFG-05")
def test_without_a_project_above_paths_are_below_the_program(tmp_path):
    """As under systemd with another working directory: SCRAPY_SETTINGS_MODULE says which settings."""
    env = environment({"SCRAPY_SETTINGS_MODULE": "settings.local"})
    command = [
        sys.executable,
        "-m",
        "scrapy",
        "status",
        "-s",
        "ARCHIVE_URI=file:var/none",
        "-s",
        "CATALOG_PATH=var/no.db",
    ]
    done = loaded.run([*command, "--debug"], env=env, folder=tmp_path)

    assert "no archive in file:var/none" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.row("F-CFG-05")
def test_a_scheduled_crawl_goes_where_its_scheduler_goes(project):
    """The slot's claim and what it crawls, started in a folder below."""
    jobs = f"news: */5 * * * * outlet={project.url} limit=2"
    done = project.run("schedule", *QUIET, "--once", "news", "-s", f"SCHEDULE={jobs}")

    assert done.returncode == 14, done.stderr
    assert (project.folder / "var" / "archive" / "claims" / "news").is_dir()
    assert (project.folder / "var" / "archive" / "archive.json").is_file()
    assert list(project.below.iterdir()) == []


@pytest.mark.row("F-CFG-05")
def test_words_are_where_the_person_stands(project):
    """What is exported, proved, taken in and repaired from."""
    project.crawl()
    number = json.loads(project.run("export", "jsonl").stdout.splitlines()[0])["article_id"]
    shutil.copytree(project.folder / "var" / "archive", project.below / "copy")
    segment = next((project.folder / "var" / "archive" / "records").rglob("*.gz"))
    segment.unlink()
    mended = project.run("verify", "--repair-from", "copy")
    segment.unlink()
    again = project.run("verify", "--repair-from", "file:copy")
    proved = project.run("prove", number)
    exported = [project.run("export", "jsonl", "-o", target) for target in ("a.jsonl", "file:b.jsonl", "../c.jsonl")]

    assert [done.returncode for done in (mended, again, proved, *exported)] == [0] * 6, mended.stderr
    assert segment.is_file()
    assert sorted(path.name for path in project.below.iterdir() if path.name.startswith(("a", "b", "p")))[:4] == [
        "a.jsonl", "a.jsonl.manifest.json", "b.jsonl", "b.jsonl.manifest.json",
    ]  # fmt: skip
    assert len(list(project.below.glob("proof-*"))) == 2
    assert (project.below.parent / "c.jsonl").is_file()
    assert sorted(path.name for path in project.folder.iterdir()) == ["deploy", "scrapy.cfg", "var"]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("a.gz", "/x y/a.gz"), ("../a", "/x y/../a"), ("/a", "/a"), ("m/", "/x y/m/"), ("/m/", "/m/"), ("/", "/"),
        ("file:m/", "file:/x y/m/"), ("..//", "/x y/../"), ("file:a", "file:/x y/a"), ("file:/a", "file:/a"),
        ("file:///a", "file:///a"), ("s3://b/k", "s3://b/k"), ("memory:m", "memory:m"), ("-", "-"), ("", ""),
        ("moisson:2.warc.gz", "/x y/moisson:2.warc.gz"), ("https://h/a", "https://h/a"),
    ],
)  # fmt: skip
def test_a_word_is_placed(word, found):
    """A path or `file:` URI is made absolute; all else is as it was."""
    assert placed(word, Path("/x y")) == found
