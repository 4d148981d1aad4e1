"""The disk: killed at any call, full, failing, read-only, out of inodes or of open files, for each place we write to."""

import contextlib
import os
import shutil
import subprocess
import unicodedata
from itertools import count

import pytest

from archive.log.chain import Log
from archive.stores.opening import open_store
from archive.trust.verify import verify
from tests.faults.killing import (
    WRITES,
    calls,
    crawl,
    healed,
    killed,
    killed_at_each,
    may_trace,
    ordinals,
    small_outlet,
)
from tests.project import Project

pytest_plugins = ["tests.servers"]
traced = pytest.mark.skipif(not may_trace(), reason="strace is not installed, or may not attach to a process")


@pytest.fixture(scope="module")
def outlet():
    """Return an outlet of five articles."""
    with small_outlet() as server:
        yield server


@pytest.fixture(scope="module")
def begun(tmp_path_factory, outlet, run):
    """Return a project that holds two of the articles, and a copy of its folder."""
    root = tmp_path_factory.mktemp("begun")
    project = Project(root / "project/catalog", outlet.url)
    project.archive, project.spool = root / "project/archive", root / "project/spool"
    assert crawl(run, project, more=("-a", "limit=2")).code == 14
    shutil.copytree(root / "project", root / "copy")
    return project, root / "copy"


def restored(begun):
    """Return that project as it was, at the same place."""
    project, copy = begun
    shutil.rmtree(project.folder.parent)
    shutil.copytree(copy, project.folder.parent)
    return project


@pytest.fixture
def project(begun):
    """Return that project as it was."""
    return restored(begun)


@pytest.fixture(scope="module")
def traces(begun, run):
    """Return thread → the calls that it makes in the project's next crawl."""
    return {thread: calls(run, restored(begun), thread) for thread in ("main", "commit")}


@pytest.fixture
def fresh(tmp_path, outlet):
    """Return a function that makes a project of its own."""
    return lambda name="project": Project((tmp_path / name), outlet.url)


@contextlib.contextmanager
def tight(place, fault):
    """Mount a small disk on a folder, with what is in it, full in one way; yield what makes it well again."""
    held = place.with_name("held")
    place.rename(held)
    place.mkdir()
    if os.geteuid() or subprocess.run([*MOUNT, str(place)], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        shutil.copytree(held, place, dirs_exist_ok=True)
        FAULTS[fault](place)
        yield lambda: _relieve(place)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _fill(place, spare):
    with contextlib.suppress(OSError), (place / "ballast").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    os.truncate(place / "ballast", (place / "ballast").stat().st_size - spare)


def _crowd(place):
    with contextlib.suppress(OSError):
        for number in count():
            (place / f"ballast{number}").touch(exist_ok=False)


def _relieve(place):
    subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
    for ballast in place.glob("ballast*"):
        ballast.unlink()


CERTAIN = {"commit": {"write", "fsync"}, "ThreadPool": set()}
"""Calls that each of the threads makes on any machine; by which others it does its work is the C library's."""
MOUNT = ["mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=400", "tmpfs"]
FAULTS = {
    "full": lambda place: _fill(place, 4096),
    "nearly full": lambda place: _fill(place, 16 * 4096),
    "no inodes": _crowd,
    "read-only": lambda place: subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True),
}


def contents(folder):
    """Return path → bytes of the files below a folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def one_line(done):
    """Return the error line of a command, which must be the only one, without a traceback."""
    (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in done.err
    return line


@pytest.mark.row("F-DIR-02")
@pytest.mark.row("F-DIR-04")
@pytest.mark.parametrize(
    ("place", "fault", "code", "says"),
    [
        ("archive", "full", 15, "free some"),
        pytest.param("archive", "no inodes", 15, "free some", marks=pytest.mark.slow),
        ("archive", "read-only", 8, "mount it for writing"),
        ("spool", "full", 15, "SPOOL_DIR"),
        ("spool", "no inodes", 15, "SPOOL_DIR"),
        pytest.param("spool", "read-only", 8, "SPOOL_DIR", marks=pytest.mark.slow),
        ("catalog", "nearly full", 15, "free some"),
        ("catalog", "full", 15, "free some"),
        ("catalog", "no inodes", 15, "free some"),
        ("catalog", "read-only", 8, "catalog"),
    ],
)
def test_a_disk_that_takes_no_more(run, project, place, fault, code, says):
    """One line names the path and what to do; what was stored is whole, and once there is space the rest comes in."""
    before = contents(project.archive)
    with tight(project.folder.parent / place, fault) as relieve:
        line = one_line(done := crawl(run, project))
        after = contents(project.archive)
        relieve()
        healed(run, project)

    assert done.code == code, done.err
    assert f"/project/{place}" in line
    assert says in line
    assert after.items() >= before.items()
    assert not [path for path in after if path.name.endswith(".part")]


@pytest.mark.row("F-DIR-02")
@pytest.mark.row("F-DIR-03")
@pytest.mark.row("F-DIR-04")
@traced
@pytest.mark.parametrize(
    ("refusal", "code", "says"),
    [
        pytest.param("archive commit write ENOSPC", 15, "free some", marks=pytest.mark.slow),
        ("archive commit fsync ENOSPC", 15, "free some"),
        pytest.param("archive commit linkat ENOSPC", 15, "free some", marks=pytest.mark.slow),
        ("archive commit write EDQUOT", 15, "free some"),
        ("archive commit fsync EIO", 8, "the disk fails"),
        ("archive commit openat EMFILE", 8, "ulimit -n"),
        pytest.param("archive commit openat EACCES", 8, "give this user the right", marks=pytest.mark.slow),
        pytest.param("spool main pwrite64 ENOSPC", 15, "SPOOL_DIR", marks=pytest.mark.slow),
        ("spool main pwrite64 EDQUOT", 15, "SPOOL_DIR"),
        ("spool main pwrite64 EIO", 8, "the disk fails"),
        ("spool main openat EMFILE", 8, "ulimit -n"),
        pytest.param("spool main openat EACCES", 8, "SPOOL_DIR", marks=pytest.mark.slow),
        ("catalog commit pwrite64 EIO", 8, "catalog"),
        ("catalog commit pwrite64 ENOSPC", 15, "free some"),
    ],
)
def test_a_call_that_is_refused(run, traces, project, refusal, code, says):
    """Each error of the system ends the crawl with its code and one line; the next crawl makes everything whole."""
    place, thread, call, error = refusal.split()
    before, folder = contents(project.archive), f"/project/{place}"
    first, *_ = ordinals(traces[thread], call, folder)
    done = crawl(run, project, f"{call}:error={error}:when={first}+", thread=thread)
    line, after = one_line(done), contents(project.archive)
    healed(run, project)

    assert done.code == code, done.err
    assert folder in line
    assert says in line
    assert after.items() >= before.items()
    assert not [path for path in after if path.name.endswith(".part")]


@pytest.mark.row("F-DIR-01")
@traced
@pytest.mark.parametrize(
    ("call", "number"), [("write", 2), ("linkat", 4), ("linkat", 5), ("pwrite64", 9), ("unlink", 1)]
)
def test_a_kill_in_a_commit(run, fresh, call, number):
    """Killed at a call of the thread that commits: the next crawl makes the archive whole, each article once."""
    project = fresh()

    assert killed(run, project, "commit", call, number)
    healed(run, project)


@pytest.mark.row("F-DIR-01")
@pytest.mark.slow
@pytest.mark.timeout(3600)
@traced
@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize("thread", ["commit", "ThreadPool"])
def test_a_kill_at_every_call_of_a_commit(run, fresh, thread, call):
    """Killed at the first, the second … the last of a call: all that was stored stays, each article comes once."""
    kills = killed_at_each(run, fresh, thread, call)

    assert kills or call not in CERTAIN[thread]


@pytest.mark.row("F-DIR-06")
@traced
def test_a_crawl_without_hard_links(run, project):
    """Where link(2) is refused all along, the crawl's commits take their names by renames, and the archive is whole."""
    done = crawl(run, project, "linkat:error=EPERM", thread="commit")

    assert (done.code, "(INJECTED)" in done.trace) == (0, True), done.err
    healed(run, project)


@pytest.mark.row("F-DIR-07")
def test_keys_mean_the_same_on_any_file_system(project):
    """Neither folding case nor another normal form of Unicode changes a key, and so makes two of them one."""
    store = open_store(f"file:{project.archive}")
    keys = [entry.key for entry in store.list()]

    assert len(keys) == len(contents(project.archive)) > 5
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert [unicodedata.normalize(form, key).casefold() for key in keys] == keys


@pytest.mark.row("F-DIR-09")
def test_a_copy_in_a_bucket_and_back(project, tmp_path, moto, use_endpoint):
    """Files copied one by one into a bucket, and from there into another folder, verify at each place to one head."""
    use_endpoint(moto.endpoint)
    bucket, back = moto.bucket(), tmp_path / "back"
    for path in contents(project.archive):
        moto.client.upload_file(str(project.archive / path), bucket, f"copy/{path}")
    for found in moto.client.list_objects_v2(Bucket=bucket, Prefix="copy/")["Contents"]:
        path = back / found["Key"].removeprefix("copy/")
        path.parent.mkdir(parents=True, exist_ok=True)
        moto.client.download_file(bucket, found["Key"], str(path))
    reports = [
        verify(Log(open_store(uri))) for uri in (f"file:{project.archive}", f"s3://{bucket}/copy", f"file:{back}")
    ]

    assert not any(report.problems for report in reports)
    assert len({report.head for report in reports}) == 1
    assert contents(back) == contents(project.archive)
