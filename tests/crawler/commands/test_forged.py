"""What lies in the place of a bundle, pack or snapshot: ignored with one line, never an error, never believed, named.

A table: what lies there × what is the matter with it × every command that would use it, each on a machine that never saw
the archive. Commands run in this process; a crawl opens the archive as it does, and one of each kind goes on to its end.
"""

import contextlib
import os
import shutil
from contextlib import closing

import pytest

from archive.catalog.snapshots import tables_of
from archive.catalog.starting import OUTLIVED
from archive.log.chain import Log
from archive.stores.opening import open_store
from archive.trust.signing import sign_commit
from archive.trust.snapshots import judge
from browse.asking import Site
from browse.reader import Reader
from crawler.cli import front
from crawler.cli.plain import project_settings
from crawler.cli.reading import facts_of, opened
from crawler.crawl.session import open_committer
from crawler.editions.presstv_fr import PRESSTV_FR
from tests import facts
from tests.browsing import client_of
from tests.forging import (
    BUNDLE,
    CASES,
    COMMITS,
    FIVE,
    KEY,
    KINDS,
    NONSENSE,
    OTHER,
    PACK,
    files_of,
    staged,
    told_truly,
    told_truly_of,
)
from tests.french import EDITION
from tests.project import ROOT, Project

OF_KEY = {"VERIFY_KEY": KEY.public}

READING = {
    "status": ["status", "--json"],
    "show": ["show", "1"],
    "search": ["search", "bac"],
    "export": ["export", "jsonl", "--view", "checks"],
    "prove": ["prove", "1", "-o", "{folder}/proof.json"],
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return staged(tmp_path_factory.mktemp("forged"))


@pytest.fixture(scope="module")
def ways(stage):
    """Return what lies there, by kind and what is the matter."""
    return {kind: dict(made(stage)) for kind, made in KINDS.items()}


class Machine:
    """A machine that never saw the archive in a folder: each command begins on a new one."""

    def __init__(self, archive, folder, capsys, monkeypatch):
        self.archive, self.folder, self._capsys = archive, folder, capsys
        monkeypatch.chdir(ROOT)
        self.count = 0

    def settings(self, more=()):
        self.count += 1
        place = self.folder / str(self.count)
        place.mkdir()
        pairs = {"ARCHIVE_URI": f"file:{self.archive}", "CATALOG_PATH": place / "catalog.sqlite"} | dict(more)
        return [word for name, value in pairs.items() for word in ("-s", f"{name}={value}")]

    def run(self, name, *words, more=()):
        """Run a command here; return its exit code, what it printed and what it said."""
        settings = project_settings()
        command = front._command(name, "presstv", settings)
        given = [*self.settings(more), *(word.replace("{folder}", str(self.folder)) for word in words)]
        with contextlib.suppress(SystemExit):
            opts, args = front._parser(command).parse_known_args(given)
            command.process_options(args, opts)
            command.run(args, opts)
        said = self._capsys.readouterr()
        return command.exitcode, said.out, said.err

    def fold_for_a_crawl(self, caplog, more=()):
        """Open the archive as a crawl does; return its head and what was said."""
        settings = project_settings()
        command = front._command("status", "presstv", settings)
        opts, args = front._parser(command).parse_known_args(self.settings(more))
        command.process_options(args, opts)
        caplog.clear()
        committer = open_committer(settings, PRESSTV_FR.vocabulary)
        with closing(committer.archive) as archive:
            return tables_of(archive.catalog.db), caplog.messages


@pytest.fixture
def machine(stage, tmp_path, capsys, monkeypatch):
    """Return machines over the archive; what is derived goes again at the end."""
    yield Machine(stage.bare, tmp_path, capsys, monkeypatch)
    for name in ("tile", "snapshots"):
        shutil.rmtree(stage.bare / name, ignore_errors=True)


@pytest.fixture
def copied(machine):
    """Return the same over a copy of the archive, of which more may be changed."""
    shutil.copytree(machine.archive, machine.folder / "copy")
    machine.archive = machine.folder / "copy"
    return machine


def told(machine, names, more=()):
    """Return what reading commands print, and what they say besides."""
    found, said = {}, {}
    for name in names:
        code, out, said[name] = machine.run(*READING[name], more=more)
        assert code == 0, (name, said[name])
        found[name] = "\n".join(line for line in out.splitlines() if "archive" not in line and "overdue" not in line)
        if name == "prove":
            found[name] = (machine.folder / "proof.json").read_bytes()
    return found, said


@pytest.fixture(scope="module")
def honest(stage):
    """Return what the commands say of the archive as it is, filled by whoever asks first."""
    return {}


@pytest.fixture
def truth(honest, machine, caplog):
    """Return what commands print of the archive as it is, and what a crawl's catalog holds."""
    if not honest:
        honest["told"], said = told(machine, READING)
        assert not any("note" in line for line in said.values())
        honest["tables"] = machine.fold_for_a_crawl(caplog)[0]
    return honest


def lay(machine, files):
    for key, data in files.items():
        path = machine.archive / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def named_in(kind, files):
    """Return which of some files are wrong, by the key that is told of each."""
    return {key for key in files if not key.endswith((".json", ".sig"))} - ({BUNDLE} if kind == "pack" else set())


def notes(said):
    return [line for line in said.splitlines() if line.startswith("note: ")]


@pytest.mark.row("F-STO-34")
@pytest.mark.parametrize(
    ("kind", "way"),
    # The others are held where they are read, in tests of the log and of the catalog; here when there is time.
    [
        pytest.param(kind, way, id=f"{kind}, {way}", marks=() if way in FIVE else pytest.mark.slow)
        for kind, way in CASES
    ],
)
def test_what_is_forged_is_passed_over_by_every_command(ways, machine, truth, caplog, kind, way):
    """Each answers as it does without, says one line for each object at most; verify names it, and gc takes it away."""
    files, more = ways[kind][way], OF_KEY if kind == "signed snapshot" else {}
    lay(machine, files)
    wrong = named_in(kind, files)
    found, said = told(machine, READING if way in FIVE else ["status"], more)
    tables, logged = machine.fold_for_a_crawl(caplog, more)
    verified, removed = machine.run("verify", more=more), machine.run("gc", more=more)

    assert found == {name: truth["told"][name] for name in found}
    assert tables == truth["tables"]
    for line in (*said.values(), "\n".join(f"note: {line}" for line in logged if "passed over" in line)):
        assert len(notes(line)) <= len(wrong)
        assert all(any(f"note: {key} was passed over" in note for key in wrong) for note in notes(line))
    assert all(notes(line) for line in said.values())
    assert verified[0] == 0
    assert {key for key in wrong if f"derived: {key}: " in verified[1]} == wrong
    assert {key for key in wrong if f"removed {key}, which is derived" in removed[1]} == wrong
    assert wrong.isdisjoint(str(path.relative_to(machine.archive)) for path in machine.archive.rglob("*"))


@pytest.mark.row("F-STO-34")
@pytest.mark.parametrize("kind", KINDS)
def test_a_crawl_over_what_is_forged_ends_as_it_does_without(ways, copied, kind):
    """An outlet that nobody reaches is 5, with one line on what lies there."""
    way = "false rows" if "false rows" in ways[kind] else "of another archive"
    lay(copied, ways[kind][way])
    shutil.move(copied.archive, copied.folder / "archive")
    key = {"VERIFY_KEY": KEY.public} if kind == "signed snapshot" else {}
    done = Project(copied.folder, "http://127.0.0.1:9").run(
        "crawl", "presstv", "-a", "outlet=http://127.0.0.1:9", "-s", "RETRY_TIMES=0",
        *(word for name, value in key.items() for word in ("-s", f"{name}={value}")),
    )  # fmt: skip

    assert done.returncode == 5, done.stderr
    assert done.stderr.count("was passed over") == (kind != "snapshot")


PLANTED = {
    "a link": lambda path, beside: path.symlink_to(beside),
    "a link to nothing": lambda path, beside: path.symlink_to(beside.with_name("nothing")),
    "a pipe": lambda path, beside: os.mkfifo(path),
}


@pytest.mark.row("F-STO-34")
@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("kind", ["bundle", "pack", "snapshot"])
def test_what_is_no_file_is_passed_over_as_well(stage, machine, truth, kind, plant):
    """A link is not followed, even to what belongs there; it is named and taken away, and what it leads to stays."""
    new, data, manifest = stage.snapshots["new"]
    good = {BUNDLE: stage.log.store.get(BUNDLE), PACK: stage.log.store.get(PACK)} | files_of(new, data, manifest)
    key = {"bundle": BUNDLE, "pack": PACK, "snapshot": new.key()}[kind]
    lay(machine, {name: good[name] for name in ([new.key("json")] if kind == "snapshot" else [BUNDLE, PACK])})
    (machine.archive / key).unlink(missing_ok=True)
    (machine.folder / "beside").write_bytes(good[key])
    plant(machine.archive / key, machine.folder / "beside")
    found, said = told(machine, ["status"])
    verified, removed = machine.run("verify"), machine.run("gc")

    assert found["status"] == truth["told"]["status"]
    assert [key in note for note in notes(said["status"])] == [True]
    assert (verified[0], f"derived: {key}: " in verified[1]) == (0, True)
    assert (removed[0], f"removed {key}" in removed[1]) == (0, True), removed
    assert not os.path.lexists(machine.archive / key)
    assert (machine.folder / "beside").read_bytes() == good[key]


@pytest.mark.row("F-STO-33")
def test_who_had_the_key_before_vouches_for_no_catalog(stage, copied, truth, caplog, monkeypatch):
    """Both keys count, for the log's sake: what the older one signs is taken until the newer one signs the log."""
    machine, more = copied, {"VERIFY_KEY": f"{OTHER.public},{KEY.public}"}
    monkeypatch.setenv("SIGNING_KEY", "07" * 32)
    new, data, manifest = stage.snapshots["new"]
    lay(machine, files_of(*told_truly_of(stage), OTHER))
    before = machine.run("history", "1", more=more)
    store = open_store(f"file:{machine.archive}")
    sign_commit(store, Log(store).read(COMMITS), KEY)
    tables, logged = machine.fold_for_a_crawl(caplog, more)
    _, found, said = machine.run("history", "1", more=more)
    verified = machine.run("verify", more=more)

    assert ("Un faux" in before[1], "Un faux" in found) == (True, False)
    assert tables == truth["tables"]
    assert [line.count(OUTLIVED) for line in (said, "\n".join(logged))] == [1, 1]
    assert f": {OUTLIVED}" in verified[1]
    lay(machine, files_of(new, data, manifest, KEY))
    (machine.archive / stage.log.read(5).segments[0].key).unlink()
    assert machine.fold_for_a_crawl(caplog, more)[0] == truth["tables"]
    assert machine.run("history", "1", more=more)[1] == found


@pytest.mark.row("F-STO-33")
def test_false_rows_that_an_unsigned_manifest_tells_truly(stage, machine, truth, caplog):
    """Who reads is told that nobody vouches, verify says it, `snapshot --check` finds it out, a crawl never takes it."""
    files = told_truly(stage)
    lay(machine, files)
    key = next(iter(files))
    _, shown, said = machine.run("history", "1")
    tables, _ = machine.fold_for_a_crawl(caplog)
    verified, checked = machine.run("verify"), machine.run("snapshot", "--check")

    assert "Un faux" in shown
    assert len(notes(said)) == 1
    assert "nobody vouches" in said
    assert tables == truth["tables"]
    assert (verified[0], key in verified[1]) == (0, True)
    assert (checked[0], key in checked[1], "articles" in checked[1]) == (9, True, True)
    assert "Un faux" not in machine.run("history", "1", more=OF_KEY)[1]


@pytest.mark.row("F-STO-33")
@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_that_an_unsigned_manifest_tells_truly(stage, machine, truth, nonsense):
    """No command ends over it, though nobody can tell before: each says so, or has the log itself folded."""
    lay(machine, told_truly(stage, *nonsense))
    found, said = told(machine, ["status", "show", "prove"])

    assert all(found[name] == truth["told"][name] or "nobody vouches" in said[name] for name in found)


@pytest.mark.row("F-STO-33")
@pytest.mark.parametrize("name", ["numbers that are words", "bytes for texts"])
def test_pages_over_nonsense_that_nobody_vouches_for(stage, machine, name):
    """A page that trips over it says that the catalog is made anew, and then is as the log has it."""
    lay(machine, told_truly(stage, *NONSENSE[name]))
    judging = judge((), required=False)
    (machine.folder / "catalog").mkdir()
    archive, _, _ = opened([f"file:{machine.archive}"], machine.folder / "catalog", "presstv-fr", judging)
    with closing(Reader(archive)) as reader:
        site = Site(reader=reader, outlet=facts_of(EDITION), clock=lambda: facts.NOON, complain=lambda _: None)
        client = client_of(site)
        tripped = client.get("/a/1")
        reader.follow()
        made = client.get("/a/1")

    assert (tripped.status_code, made.status_code) == (503, 200)
    assert "nobody vouches" not in made.text
    assert facts.TEXTS[1] in made.text
