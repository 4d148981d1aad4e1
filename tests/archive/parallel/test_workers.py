"""Work in several processes: in order, and done again where a worker is killed."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from archive.errors import StorageError
from archive.parallel.workers import WorkerDied, in_order

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
