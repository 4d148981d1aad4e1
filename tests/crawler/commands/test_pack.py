"""Bundles and packs as commands meet them: written, named, removed, passed over in one line."""

import json
import shutil

import pytest

from archive.log.bundles import SIZE, Tile, bundle_key
from archive.log.chain import Log
from archive.log.packs import pack_key
from archive.stores.memory import MemoryStore
from benchmarks.distant import fill
from tests.project import Project

COMMITS = SIZE + 3
PACK = pack_key(SIZE, "checks")
GARBAGE = {
    "brackets": b"[" * 200_000,
    "nothing": b"",
}
READING = (["status"], ["head"], ["export", "jsonl", "--view", "checks"], ["gc", "--dry-run"])


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return the folder of an archive of 259 commits, packed."""
    folder = tmp_path_factory.mktemp("packed")
    log = Log(MemoryStore())
    log.create(edition="presstv-fr", version="0.2.0")
    fill(log, COMMITS, looks_only=True)
    laid(log.store, folder / "archive")
    done = Project(folder, "http://127.0.0.1:9").run("pack", "--json")
    assert json.loads(done.stdout)["written"] == [bundle_key(Tile(0)), PACK], done.stderr
    return folder


def laid(store, folder):
    """Write what a store in memory holds into a folder, without waiting for the disk."""
    for entry in store.list():
        path = folder / entry.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(entry.key))


@pytest.fixture
def project(original, tmp_path):
    """Return a project over a copy of it, without a catalog: a machine that never saw it."""
    shutil.copytree(original / "archive", tmp_path / "archive")
    return Project(tmp_path, "http://127.0.0.1:9")


def test_packing_again_writes_nothing(project):
    """And says how far it is packed."""
    done = project.run("pack")

    assert (done.returncode, done.stdout) == (0, f"{SIZE} commits in bundles of {SIZE}: 0 objects written now\n")


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.row("F-STO-32")
def test_a_crawl_over_an_archive_full_of_garbage(project, data):
    """Each reading command answers as ever and says one line for each at most; verify names them, gc and pack mend it."""
    for key in (bundle_key(Tile(0)), PACK):
        (project.archive / key).write_bytes(data)
    for words in READING if data == b"" else READING[:1]:
        (project.folder / "catalog.sqlite").unlink(missing_ok=True)
        done = project.run(*words)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("was passed over") <= 3
        assert words != ["status"] or bundle_key(Tile(0)) in done.stderr
    verified = project.run("verify")
    assert verified.returncode == 0
    assert f"derived: {bundle_key(Tile(0))}: " in verified.stdout
    assert f"derived: {PACK}: " in verified.stdout


def test_gc_removes_what_is_wrong_and_pack_writes_it_anew(project):
    """What is right stays."""
    (project.archive / PACK).write_bytes(b"x")
    removed = json.loads(project.run("gc", "--json").stdout)
    assert [*removed["derived"]] == [PACK]
    written = json.loads(project.run("pack", "--json").stdout)

    assert (written["written"], written["wrong"]) == ([PACK], {})
    assert project.run("verify").stdout.count("derived") == 0
