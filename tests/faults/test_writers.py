"""Many processes append to one log through every fault there is; the history is checked by code of its own."""

import signal
import threading
import time
from dataclasses import replace

import pytest

from archive.facts.names import batch_id
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store
from tests.faultproxy import Fault, faultproxy
from tests.faults.writers import NOON, Job, check, heard, running, write
from tests.servers import aws_environment

pytest_plugins = ["tests.servers"]

TROUBLE = (
    {"reset": True},
    {"lose_request": True},
    {"lose_answer": True},
    {"status": 500, "code": "InternalError"},
    {"status": 503, "code": "SlowDown"},
    {"method": "PUT", "status": 409, "code": "ConditionalRequestConflict"},
    {"method": "GET", "stale": True},
    {"method": "GET", "cut": 20},
)


def troubles(share):
    """Return every kind of fault, each on a share of the requests, and answers that are late."""
    late = Fault(chance=share, hold=lambda: time.sleep(0.02))
    return [*(Fault(chance=share, **kind) for kind in TROUBLE), late]


def history(uri, environment, *, writers, commits, trouble=0.0, kill=None):
    """Let processes append, kill one of them after so many of its commits; return (told, tried, exit codes, stderr)."""
    jobs = [Job(uri=uri, writer=number, commits=commits, trouble=trouble) for number in range(writers)]
    with running(jobs, environment) as processes:
        early = "".join(processes[0].stdout.readline() for _ in range(kill or 0))
        if kill:
            processes[0].send_signal(signal.SIGKILL)
            # By the same reader, which may hold more lines already.
            early += processes[0].stdout.read()
        done = [process.communicate() for process in processes]
    told = [each for said in (early, *(out for out, _ in done)) for each in heard(said)]
    tried = [batch_id(NOON, f"w-{job.writer:08x}", number + 1) for job in jobs for number in range(commits)]
    return told, tried, [process.returncode for process in processes], [err for _, err in done]


def hold(objects, found, *, writers, commits, kill=None):
    """Assert that all went well with every writer but the one killed, and that the history is sound."""
    told, tried, codes, errors = found
    wanted = [-signal.SIGKILL if kill and number == 0 else 0 for number in range(writers)]

    assert codes == wanted, errors
    assert len(told) >= (writers - bool(kill)) * commits + (kill or 0)
    assert check(objects, told, tried) == []


def objects_of(server, bucket):
    """Return every object of a bucket, read past the proxy."""
    pages = server.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    return {key: server.client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def files_of(folder):
    """Return every object of a folder; what a killed writer left unfinished is none."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".part"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def through_a_proxy(server, *, share, **shape):
    """Let writers append to a bucket of their own through a proxy that spoils a share of all requests."""
    bucket = server.bucket()
    with faultproxy(server.port, *troubles(share), in_turn=server.name == "moto") as proxy:
        found = history(f"s3://{bucket}", aws_environment(proxy.endpoint, server.key_id, server.secret), **shape)
    hold(objects_of(server, bucket), found, **shape)
    return proxy


@pytest.mark.row("F-STO-07")
@pytest.mark.parametrize(("writers", "commits", "kill"), [(2, 20, None), (8, 8, 3)], ids=["two", "eight, one killed"])
def test_writers_of_a_folder(tmp_path, writers, commits, kill):
    """Every acknowledged batch is in the folder's log once, in order, whoever was killed or had to ask again."""
    shape = {"writers": writers, "commits": commits, "kill": kill}
    found = history(f"file:{tmp_path}/archive", {}, trouble=0.1, **shape)

    hold(files_of(tmp_path / "archive"), found, **shape)
    assert sum(text.count("struck") for text in found[3]) >= writers


@pytest.mark.row("F-STO-01")
@pytest.mark.row("F-STO-07")
@pytest.mark.row("F-STO-20")
@pytest.mark.parametrize(
    ("name", "writers", "commits", "kill"), [("moto", 4, 5, 2), ("seaweedfs", 2, 5, None)], ids=["moto", "seaweedfs"]
)
def test_writers_of_a_bucket(request, name, writers, commits, kill):
    """The same of a bucket, through delays, resets, lost and stale answers, errors and conflicts: a fifth of all calls."""
    proxy = through_a_proxy(request.getfixturevalue(name), share=0.025, writers=writers, commits=commits, kill=kill)

    # How many puts are repeated is left to chance and the race; that faults struck at all is not, at a fifth of 100.
    assert proxy.struck >= writers


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.row("F-STO-07")
@pytest.mark.parametrize("writers", [2, 8])
@pytest.mark.parametrize(
    ("name", "commits"), [("folder", 100), ("moto", 100), ("seaweedfs", 15)], ids=["folder", "moto", "seaweedfs"]
)
def test_many_writers(request, tmp_path, name, commits, writers):
    """Two and eight, a hundred commits each where the store is quick enough; SeaweedFS makes each loser wait."""
    if name == "folder":
        shape = {"writers": writers, "commits": commits}
        found = history(f"file:{tmp_path}/archive", {}, trouble=0.03, **shape)
        hold(files_of(tmp_path / "archive"), found, **shape)
    else:
        through_a_proxy(request.getfixturevalue(name), share=0.01, writers=writers, commits=commits)


@pytest.mark.stores
@pytest.mark.timeout(1500)
@pytest.mark.row("F-STO-07")
@pytest.mark.parametrize("writers", [2, 8])
def test_writers_of_a_store_started_by_hand(by_hand, writers):
    """A server of another make, such as Ceph's radosgw: the same hundred commits each."""
    through_a_proxy(by_hand, share=0.01, writers=writers, commits=100)


@pytest.mark.row("F-STO-07")
def test_a_store_without_the_condition_is_seen_through(moto):
    """Where If-None-Match gets lost on the way writers overwrite each other, and the checker says so."""
    bucket, gate = moto.bucket(), threading.Barrier(4, timeout=30)
    first = {"path": r".*/log/000000000001\.json", "times": 4}
    none_yet = Fault(method="GET", hold=gate.wait, **first)
    with faultproxy(moto.port, none_yet, Fault(method="PUT", strip=("If-None-Match",), **first)) as proxy:
        told, tried, _, _ = history(f"s3://{bucket}", aws_environment(proxy.endpoint), writers=4, commits=1)
    wrong = check(objects_of(moto, bucket), told, tried)

    assert [each.seq for each in told] == [1] * 4
    assert len([line for line in wrong if "was told 1" in line]) == 3


@pytest.fixture(scope="module")
def sound():
    """Return the objects of a log of four commits by one writer, and what it was told."""
    store = MemoryStore("memory:sound")
    told = list(_written(store))
    return {entry.key: store.get(entry.key) for entry in store.list()}, told


def _written(store):
    name = "memory:the-checkers"
    yield from write(Job(uri=name, writer=1, commits=4))
    other = open_store(name)
    for entry in other.list():
        store.create(entry.key, other.get(entry.key))


def without(objects, key):
    return {name: data for name, data in objects.items() if name != key}


def log_key(number):
    return f"log/{number:012d}.json"


HARM = {
    "a commit is lost": (lambda o: without(o, log_key(4)), lambda t: t, "the log has it at None"),
    "a gap": (lambda o: without(o, log_key(2)), lambda t: t, "number 2 is log/000000000003.json"),
    "a commit is rewritten": (
        lambda o: o | {log_key(2): o[log_key(2)].replace(b'"w-', b'"v-')}, lambda t: t, "names sha256:",
    ),
    "a batch is doubled": (
        lambda o: o | {log_key(5): o[log_key(4)].replace(b'"seq":4', b'"seq":5')}, lambda t: t, "is there 2 times",
    ),
    "a segment is lost": (
        lambda o: without(o, next(k for k in o if k.startswith("checks/"))), lambda t: t, "is not what",
    ),
    "a batch is nobody's": (lambda o: o, lambda t: t[:3], "is nobody's"),
    "a number was told twice": (lambda o: o, lambda t: [*t[:3], replace(t[3], seq=3)], "was told 3"),
    "time runs backwards": (
        lambda o: o, lambda t: [replace(t[0], begun=t[3].ended + 1, ended=t[3].ended + 2), *t[1:]], "began after",
    ),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_the_checker_sees_it(sound, harm):
    """Each thing that must never happen is a line; a sound history has none."""
    objects, told = sound
    spoil, tell, says = HARM[harm]
    tried = [each.batch for each in told]

    assert check(objects, told, tried) == []
    assert any(says in line for line in check(spoil(objects), tell(told), [each.batch for each in tell(told)]))
