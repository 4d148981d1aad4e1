"""The memory of heads: beside the catalog, never taken for empty when it is damaged, shared by threads and processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.errors import ConfigurationError, IntegrityError, StorageError
from archive.log.chain import EMPTY, Head
from archive.seen.memory import NAME, Ends, HeadMemory, KnownArchive, Place
from archive.stores.memory import MemoryStore

A, B = "a" * 32, "b" * 32


def named(number):
    return f"sha256:{number:064x}"


def head(number):
    return Head(seq=number, digest=named(number))


def commits(number):
    return lambda past: ((seq, named(seq)) for seq in range(past + 1, number + 1))


def tell(memory, place, archive, number):
    memory.saw(MemoryStore(place), archive, head(number) if number else EMPTY, commits(number))


@pytest.fixture
def memory(tmp_path):
    """Return a memory of two archives, one of them in two places."""
    made = HeadMemory(tmp_path / "catalog.sqlite")
    tell(made, "memory:a", A, 300)
    tell(made, "memory:copy", A, 2)
    tell(made, "memory:b", B, 1)
    return made


def test_it_holds_the_highest_head_of_each_archive_and_the_last_of_each_place(memory, tmp_path):
    """Also for another catalog in the same folder; the commits are known by number, and the first by its digest."""
    other = HeadMemory(tmp_path / "another.sqlite")

    assert (
        memory.ends()
        == other.ends()
        == Ends(
            places={
                "memory:a": Place(archive=A, head=head(300)),
                "memory:copy": Place(archive=A, head=head(2)),
                "memory:b": Place(archive=B, head=head(1)),
            },
            archives={
                A: KnownArchive(highest=head(300), first=named(1), commits=300),
                B: KnownArchive(highest=head(1), first=named(1), commits=1),
            },
        )
    )
    assert dict(memory.digests(A)) == {seq: named(seq) for seq in range(1, 301)}
    assert memory.digests("c" * 32) == {}


def test_a_catalog_in_memory_remembers_nothing():
    """No file is made for it."""
    memory = HeadMemory(":memory:")
    tell(memory, "memory:a", A, 3)
    memory.take_over()

    assert (memory.ends(), memory.digests(A)) == (Ends(), {})


def test_no_file_is_no_memory_and_asking_makes_none(tmp_path):
    """Reading leaves no trace, not even of the folder."""
    memory = HeadMemory(tmp_path / "none" / "catalog.sqlite")

    assert (memory.ends(), memory.digests(A)) == (Ends(), {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.row("F-SEC-12")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_never_taken_for_never_seen(memory, tmp_path, place, bit):
    """Wherever it lies: the memory says what it said, or that it is damaged, and how to go on."""
    path = tmp_path / NAME
    good, before, known = path.read_bytes(), memory.ends(), dict(memory.digests(A))
    data = bytearray(good)
    data[int(place * len(data))] ^= 1 << bit
    path.write_bytes(data)
    found, refused = [], ""
    try:
        found = [memory.ends(), dict(memory.digests(A))]
    except IntegrityError as error:
        refused = str(error)
    path.write_bytes(good)

    if refused:
        assert f"{path}, in which this machine remembers" in refused
        assert "scrapy verify --head DIGEST" in refused
    else:
        assert found == [before, known]


@pytest.mark.row("F-SEC-12")
@pytest.mark.parametrize("size", [0, 1, 100, 4096, 5000, -4096])
def test_a_file_cut_short_is_damaged(memory, tmp_path, size):
    """An empty file, too: under its name the memory is whole from the first instant."""
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(IntegrityError, match="is damaged"):
        memory.ends()
    with pytest.raises(IntegrityError, match="is damaged"):
        tell(memory, "memory:a", A, 301)


def test_a_state_that_is_none_is_damaged(memory, tmp_path):
    """Rows deleted, or written by somebody else."""
    for statement in ("UPDATE state SET json = '{}'", "DELETE FROM state"):
        with sqlite3.connect(tmp_path / NAME) as db:
            db.execute(statement)
        db.close()
        with pytest.raises(IntegrityError, match="is damaged"):
            memory.ends()


def test_a_folder_that_may_only_be_read_is_read(memory, tmp_path, monkeypatch):
    """What was remembered holds; what is new there is passed over, since the catalog can't take it in either."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o555)
    (tmp_path / NAME).chmod(0o444)
    try:
        tell(memory, "memory:a", A, 301)
        assert memory.ends().archives[A].highest == head(300)
    finally:
        tmp_path.chmod(0o755)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    """With the setting that mends it."""
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="CATALOG_PATH"):
        tell(HeadMemory(tmp_path / "file" / "catalog.sqlite"), "memory:a", A, 1)


@pytest.mark.row("F-SEC-12")
def test_many_threads_forget_nothing(tmp_path):
    """Each remembers other places, the first of them making the file."""
    memory = HeadMemory(tmp_path / "catalog.sqlite")
    crowd = [threading.Thread(target=tell, args=(memory, f"memory:{n}", A, n)) for n in range(1, 13)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    ends = memory.ends()

    assert (len(ends.places), ends.archives) == (12, {A: KnownArchive(highest=head(12), first=named(1), commits=12)})
    assert len(memory.digests(A)) == 12


KILLED = """
import os, signal, sys
from archive.seen import memory as heads
from tests.archive.seen.test_memory import A, tell

memory = heads.HeadMemory(sys.argv[1])
if sys.argv[2] == "inside":
    heads._stored = lambda **ends: (memory._file, os.kill(os.getpid(), signal.SIGKILL))
else:
    from archive.seen.file import Rows
    Rows.learn = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
tell(memory, "memory:a", A, 400)
"""


@pytest.mark.row("F-SEC-12")
@pytest.mark.parametrize("where", ["inside", "before the commits"])
def test_a_kill_in_between_leaves_what_was(memory, tmp_path, where):
    """A writer killed within its transaction changes nothing, and the next one goes on."""
    before = memory.ends()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "catalog.sqlite"), where],
        env=os.environ | {"PYTHONPATH": "."}, check=False,
    )  # fmt: skip

    assert done.returncode == -signal.SIGKILL
    assert memory.ends() == before
    tell(memory, "memory:a", A, 400)
    assert memory.ends().archives[A].highest == head(400)


def test_a_slower_process_takes_nothing_back(memory):
    """What another one saw meanwhile in the same place stays."""
    tell(memory, "memory:a", A, 299)

    assert memory.ends().places["memory:a"] == Place(archive=A, head=head(300))


def test_a_catalog_of_the_memorys_name_is_refused(tmp_path):
    """One of the two would write over the other."""
    with pytest.raises(ConfigurationError, match="CATALOG_PATH"):
        HeadMemory(tmp_path / NAME)


def test_own_commits_are_known_again(memory):
    """By their digest, announced before they are put."""
    memory.note_own(named(7))
    memory.note_own(named(7))

    assert (memory.is_own(named(7)), memory.is_own(named(8))) == (True, False)
    assert not HeadMemory(":memory:").is_own(named(7))
