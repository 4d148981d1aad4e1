"""Work in several processes: in order, and done again where a worker is killed."""

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from archive.errors import ConfigurationError, StorageError
from archive.parallel.workers import WorkerDied, in_order
from tests.project import ROOT, environment

begun = []


def begin(word):
    begun.append(word)


def square(number):
    return begun[0], number * number


def kill_once(folder, number):
    """Die at number 5, unless somebody died of it before."""
    if number == 5 and not (mark := folder / "died").exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def kill_at(deadly, number):
    if number == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refuse(number):
    if number == 2:
        raise StorageError("the store is gone")
    return number


def stay(fifo, number):
    """Hold a pipe open for ever."""
    with fifo.open("wb", buffering=0) as held:
        held.write(b"%d" % number)
        threading.Event().wait()


def cannot_begin():
    raise StorageError("no such place")


def nothing():
    pass


def test_results_come_in_order():
    """Whichever process is done first; each process began once."""
    found = list(in_order(square, range(20), processes=2, begin=partial(begin, "word")))

    assert found == [("word", number * number) for number in range(20)]


@pytest.mark.row("F-MNY-01")
def test_a_worker_that_is_killed_is_replaced(tmp_path: Path):
    """Its piece, and those that were under way beside it, are done again; none is lost or given twice."""
    found = list(in_order(partial(kill_once, tmp_path), range(12), processes=2, begin=nothing))

    assert found == list(range(12))
    assert (tmp_path / "died").exists()


@pytest.mark.row("F-MNY-01")
@pytest.mark.parametrize("deadly", [0, 3])
def test_a_piece_that_kills_each_worker_is_named(deadly):
    """What came before is given; the piece is named, not one that was under way beside it."""
    row = in_order(partial(kill_at, deadly), range(6), processes=2, begin=nothing, name=lambda one: f"piece-{one}")
    found = []
    with pytest.raises(WorkerDied, match=f"piece-{deadly}: each of 3 processes"):
        found.extend(row)

    assert found == list(range(deadly))


def test_what_work_raises_comes_at_its_turn():
    """As it would in one process."""
    row = in_order(refuse, range(4), processes=2, begin=nothing)

    assert [next(row), next(row)] == [0, 1]
    with pytest.raises(StorageError, match="the store is gone"):
        next(row)


@pytest.mark.row("F-MNY-01")
def test_what_a_process_can_not_begin_with_is_said():
    """It is an error with its words, no death."""
    with pytest.raises(StorageError, match="no such place"):
        list(in_order(square, range(2), processes=2, begin=cannot_begin))


_ASKS = """
import signal
import sys
from functools import partial
from pathlib import Path
from archive.parallel.workers import in_order
from tests.archive.parallel.test_workers import stay
signal.signal(signal.SIGINT, signal.default_int_handler)
list(in_order(partial(stay, Path(sys.argv[1])), range(9), processes=2))
"""


@pytest.mark.row("F-MNY-10")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_whoever_asked(tmp_path: Path, how):
    """Killed or stopped in the middle: the workers leave what they do, and end."""
    os.mkfifo(fifo := tmp_path / "held")
    asking = subprocess.Popen([sys.executable, "-c", _ASKS, str(fifo)], cwd=ROOT, env=environment(), stderr=-3)
    try:
        with fifo.open("rb", buffering=0) as held:
            both = held.read(1) + held.read(1)
            asking.send_signal(how)
            code = asking.wait(60)
            # Comes to its end when nobody can write any more.
            rest = held.read()
    finally:
        asking.kill()

    assert (sorted(both), rest, code) == ([*b"01"], b"", -how)


@pytest.mark.row("F-MNY-10")
def test_what_is_not_read_to_its_end_is_closed():
    """Workers end with the row, whatever they do."""
    row = in_order(square, range(99), processes=2, begin=partial(begin, "word"))
    next(row)
    row.close()

    with pytest.raises(StopIteration):
        next(row)
    assert multiprocessing.active_children() == []


def test_where_no_process_can_be_started():
    """It is a limit of the machine: one line that says what to do."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len([*Path("/proc/self/fd").iterdir()]) + 3, hard))
    try:
        with pytest.raises(ConfigurationError, match=r"can't be started here \(Too many open files\); give fewer"):
            list(in_order(square, range(2), processes=2))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
