"""What a machine saw of an archive guards it, however the archive is named, moved, copied, cut or replaced."""

import json
import os
import shutil
import sqlite3

import pytest

from archive.facts.canonical import canonical, parse
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, Log
from archive.stores.opening import open_store
from tests import facts
from tests.project import ROOT, Project

READING = (["status"], ["head"], ["export", "jsonl"], ["verify"])
WRITING = (
    ["crawl", "presstv", "-a", "outlet=http://127.0.0.1:9"], ["sign"], ["gc"], ["replay"], ["accept", "c"],
)  # fmt: skip
KEY = {"SIGNING_KEY": "07" * 32}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return the folder of a project that saw its archive of three commits."""
    folder = tmp_path_factory.mktemp("heads")
    log = Log(open_store(f"file:{folder}/archive"))
    log.create(edition="presstv-fr", version="0.2.0")
    for minute in range(3):
        facts.write(log, facts.read(1, minute, facts.TEXTS[minute]))
    assert Project(folder, "").run("status").returncode == 0
    return folder


@pytest.fixture
def project(original, tmp_path):
    """Return such a project, moved to another folder with all it has."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    made = Project(tmp_path, "http://127.0.0.1:9")
    assert made.run("status").returncode == 0
    return made


def elsewhere(project, folder, *until):
    """Copy the archive to another folder, without its last commits; return the option that names it."""
    shutil.copytree(project.archive, folder)
    for number in until:
        (folder / commit_key(number)).unlink()
    return ("-s", f"ARCHIVE_URI=file:{folder}")


def refused(done, *words):
    """Tell whether a command ended with 9 and one line that says these words."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return done.returncode == 9 and len(lines) == 1 and all(word in lines[0] for word in words)


@pytest.mark.row("F-SEC-10")
def test_a_log_that_was_cut_is_found_under_any_name(project, tmp_path):
    """Deleting the catalog, a relative path, a trailing slash, a file: URI, a moved catalog folder: all the same."""
    (project.archive / commit_key(3)).unlink()
    (project.folder / "catalog.sqlite").unlink()
    relative = os.path.relpath(project.archive, ROOT)

    for uri in (f"file:{project.archive}", f"{project.archive}/", f"file://{project.archive}/.", relative):
        done = project.run("status", "-s", f"ARCHIVE_URI={uri}")
        assert refused(done, commit_key(3), "heads.sqlite"), (uri, done.stderr)
    assert refused(project.run("verify"), commit_key(3))


@pytest.mark.row("F-SEC-10")
@pytest.mark.parametrize("command", ["verify", "status"])
def test_without_the_memorys_file_the_catalog_tells_of_the_end(project, command):
    """What was folded was seen: verify does not call a log whole that other commands call cut."""
    (project.folder / "heads.sqlite").unlink()
    (project.archive / commit_key(3)).unlink()

    assert refused(project.run(command), commit_key(3))


@pytest.mark.row("F-SEC-11")
def test_a_copy_that_lags_is_read_and_not_written(project, tmp_path):
    """Reading says so on stderr, writing ends with 9, verify with 0 and the number; then it is brought up."""
    there = elsewhere(project, tmp_path / "copy", 2, 3)
    before = sorted(path for path in (tmp_path / "copy").rglob("*") if path.is_file())
    for words in READING:
        done = project.run(*words, *there)
        assert done.returncode == 0, done.stderr
        assert "is a copy that lags: it ends at commit 1" in done.stderr + done.stdout
    for words in WRITING:
        done = project.run(*words, *there, env=KEY)
        assert refused(done, "copy that lags", "--repair-from"), (words, done.stderr)
    assert sorted(path for path in (tmp_path / "copy").rglob("*") if path.is_file()) == before
    told = json.loads(project.run("verify", "--json", *there).stdout)
    assert (told["lags"], told["orphans"], told["whole"]) == (2, [], True)

    repaired = project.run("verify", *there, "--repair-from", str(project.archive))
    assert repaired.returncode == 0, repaired.stderr
    assert json.loads(project.run("verify", "--json", *there).stdout)["lags"] == 0
    assert project.run("status", *there).stderr == ""


@pytest.mark.row("F-SEC-10")
def test_a_moved_archive_is_the_same(project, tmp_path):
    """It is opened as before, and cut there it is missed: there it was whole."""
    project.archive.rename(tmp_path / "moved")
    there = ("-s", f"ARCHIVE_URI={tmp_path}/moved")
    assert project.run("status", *there).returncode == 0
    (tmp_path / "moved" / commit_key(3)).unlink()

    assert refused(project.run("status", *there), commit_key(3))


@pytest.mark.row("F-SEC-10")
def test_another_archive_in_its_place(project, tmp_path):
    """Be it put there whole, or by its archive.json alone: 9 for reading, writing and verify, and the way out works."""
    described = parse((project.archive / ARCHIVE_KEY).read_bytes())
    (project.archive / ARCHIVE_KEY).write_bytes(canonical(described | {"id": "f" * 32}))
    for words in (["status"], ["verify"], WRITING[0]):
        assert refused(project.run(*words), ARCHIVE_KEY, "f" * 32, described["id"], "heads.sqlite"), words

    shutil.rmtree(project.archive)
    log = Log(open_store(f"file:{project.archive}"))
    log.create(edition="presstv-fr", version="0.2.0")
    facts.write(log, facts.read(7, 7))
    for words in (["status"], ["verify"], WRITING[0]):
        assert refused(project.run(*words), "heads.sqlite"), words
    for name in ("heads.sqlite", "catalog.sqlite"):
        (project.folder / name).unlink()
    assert (project.run("status").returncode, project.run("verify").returncode) == (0, 0)


@pytest.mark.row("F-SEC-10")
@pytest.mark.parametrize("gone", ["archive.json", "everything"])
def test_an_archive_that_is_gone_is_no_new_one(project, gone):
    """A place where commits were seen is not begun anew, with the catalog or without."""
    shutil.rmtree(project.archive) if gone == "everything" else (project.archive / ARCHIVE_KEY).unlink()
    (project.folder / "catalog.sqlite").unlink()

    for words in (["status"], ["verify"], WRITING[0]):
        assert refused(project.run(*words), ARCHIVE_KEY), words


@pytest.mark.row("F-SEC-12")
def test_a_damaged_memory_is_never_an_empty_one(project):
    """Commands end with 9 and say what to do; verify does its work all the same; then it can be deleted."""
    path = project.folder / "heads.sqlite"
    head = json.loads(project.run("head", "--json").stdout)["digest"]
    path.write_bytes(path.read_bytes()[:4096])
    for words in (["status"], ["gc"], WRITING[0]):
        assert refused(project.run(*words), "heads.sqlite", "scrapy verify --head"), words
    checked = project.run("verify", "--head", head)

    assert refused(checked, "memory: heads.sqlite")
    assert "3 commits, " in checked.stdout
    assert "published: commit 3 is still there" in checked.stdout
    path.unlink()
    assert project.run("status").returncode == 0


@pytest.mark.row("F-SEC-10")
def test_a_catalog_alone_still_guards_its_place(project):
    """Without heads.sqlite a log that lacks what the catalog holds is 9, and not what the catalog holds."""
    (project.folder / "heads.sqlite").unlink()
    (project.archive / commit_key(3)).unlink()

    assert refused(project.run("status"), commit_key(3), "catalog.sqlite")


@pytest.mark.row("F-SEC-10")
def test_what_a_catalog_of_0_1_remembers_outlives_the_upgrade(project):
    """Its table of heads is taken over before it is made anew; a log cut before the first start is 9."""
    (project.folder / "heads.sqlite").unlink()
    with sqlite3.connect(project.folder / "catalog.sqlite") as db:
        (digest,) = db.execute("SELECT digest FROM commits WHERE seq = 3").fetchone()
        db.execute("CREATE TABLE heads (uri TEXT PRIMARY KEY, seq INTEGER NOT NULL, digest TEXT NOT NULL)")
        db.execute("INSERT INTO heads VALUES (?, 3, ?)", (f"file:{project.archive}", digest))
        db.execute("UPDATE meta SET value = '6' WHERE name = 'schema'")
        db.execute("UPDATE meta SET name = 'uri' WHERE name = 'place'")
    db.close()
    last = (project.archive / commit_key(3)).read_bytes()
    (project.archive / commit_key(3)).unlink()
    assert refused(project.run("status"), commit_key(3))
    (project.archive / commit_key(3)).write_bytes(last)
    assert project.run("status").returncode == 0
    (project.archive / commit_key(3)).unlink()
    (project.folder / "catalog.sqlite").unlink()

    assert refused(project.run("status"), commit_key(3))
