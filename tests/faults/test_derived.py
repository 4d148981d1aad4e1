"""`scrapy pack` and `scrapy snapshot` killed at a write: nothing torn is ever seen, and the next run makes it whole."""

import shutil
import signal
from collections import Counter

import pytest

from archive.catalog.snapshots import snapshots_there
from archive.log.bundles import tiles_of
from archive.log.chain import Log
from archive.log.gathering import derived_keys, gathered_there
from archive.stores.opening import open_store
from archive.trust.derived import DerivedAudit
from archive.trust.snapshots import wrong_snapshots
from tests.faults.killing import WRITES, made_in, may_trace
from tests.forging import COMMITS, KEY, laid, log_of
from tests.project import Project

traced = pytest.mark.skipif(not may_trace(), reason="strace is not installed, or may not attach to a process")
COMMANDS = ("pack", "snapshot")
MOST = 4


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return the folder of an archive of 36 commits."""
    folder = tmp_path_factory.mktemp("derived") / "archive"
    laid(log_of("Le bac passe.").store, folder)
    return folder


@pytest.fixture
def fresh(original, tmp_path):
    """Return a function that makes a project over a copy of the archive."""

    def make(name):
        shutil.copytree(original, tmp_path / name / "archive")
        return Project(tmp_path / name, "")

    return make


def held(project):
    """Assert that nothing that stands is wrong; return the names of what stands."""
    log = Log(open_store(f"file:{project.archive}"))
    audit = DerivedAudit(log)
    assert [told for commit in log.after() for told in audit.take(commit)] == []
    assert [*wrong_snapshots(log, ())] == []
    return gathered_there(log.store) | {one.key() for one in snapshots_there(log.store)}


def kill_at(run, project, command, call, number):
    """Kill a command at that occurrence of a call; then nothing torn stands, and another run makes it whole."""
    done = run.run(project.command(command), f"{call}:signal=KILL:when={number}")
    assert done.code == -signal.SIGKILL, (call, number, done.err)
    held(project)
    again = run.run(project.command(command))

    assert again.code == 0, again.err
    whole = {*derived_keys(tiles_of(COMMITS)[0])}
    assert len(held(project)) == 1 if command == "snapshot" else held(project) == whole


@traced
@pytest.mark.row("F-PRC-03")
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_each_object(run, fresh, command):
    """A bundle and two packs, or a snapshot and its manifest: each is there whole, or not."""
    for number in (1, 3) if command == "pack" else (2,):
        kill_at(run, fresh(f"{command}-{number}"), command, "linkat", number)


@traced
@pytest.mark.slow
@pytest.mark.row("F-PRC-03")
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_each_write(run, fresh, command):
    """At every call that changes what is on disk, of those made hundreds of times at some."""
    trace = run.run(fresh("census").command(command), *(f"{call}:delay_enter=0" for call in WRITES)).trace
    made = Counter({call: len(made_in(trace, call)) for call in WRITES})
    for call, count in made.items():
        for number in range(1, count, max(1, count // MOST)):
            kill_at(run, fresh(f"{call}-{number}"), command, call, number)
    assert made.total() > 20


@traced
@pytest.mark.slow
@pytest.mark.row("F-PRC-03")
@pytest.mark.parametrize("key", [None, KEY])
def test_killed_while_a_snapshot_is_taken(run, fresh, key):
    """At any write of a machine that begins with one, signed or not: the next command says what is so."""
    more = ("-s", f"VERIFY_KEY={KEY.public}") if key else ()
    first = fresh("first")
    env = {"SIGNING_KEY": "07" * 32} if key else {}
    assert first.run("snapshot", env=env).returncode == 0
    shutil.copytree(first.archive / "snapshots", first.folder / "kept")
    words = ("export", "jsonl", "--view", "checks", *more)
    truth = run.run(first.command(*words)).out

    def begun(name):
        project = fresh(name)
        shutil.copytree(first.folder / "kept", project.archive / "snapshots")
        return project

    trace = run.run(begun("census").command(*words), *(f"{call}:delay_enter=0" for call in WRITES)).trace
    made = Counter({call: len(made_in(trace, call)) for call in WRITES})
    for call, count in made.items():
        for number in range(1, count, max(1, count // MOST)):
            project = begun(f"{call}-{number}")
            run.run(project.command(*words), f"{call}:signal=KILL:when={number}")
            again = run.run(project.command(*words))
            assert (again.code, again.out) == (0, truth), (call, number, again.err)
    assert made.total() > 20
