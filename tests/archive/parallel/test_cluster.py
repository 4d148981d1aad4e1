"""Work on a Dask cluster: in order, by the same program alone, and told in a line where the scheduler is none."""

import os
import signal
import socket
import sys

import pytest

from archive.errors import ConfigurationError, StorageError, UsageError
from archive.parallel import cluster
from archive.parallel.cluster import connected
from tests.cluster import scheduler, scheduler_alone  # noqa: F401 - a fixture

pytestmark = [pytest.mark.row("F-MNY-06"), pytest.mark.filterwarnings("ignore")]
distributed = pytest.importorskip("distributed")


def program():
    return {"name": "ours", "version": "1"}


def square(number):
    return number * number


def refuse(number):
    raise StorageError(f"the store is gone at {number}")


def stumble(number):
    return 1 // number


def other_program():
    """Tell another version in every process."""
    return {"name": "ours", "version": str(os.getpid())}


def test_results_come_in_order_and_as_they_are_done(scheduler):  # noqa: F811 - the fixture
    """More pieces than are under way at a time; none is lost or given twice."""
    with connected(scheduler, program) as workers:
        row = list(workers.in_order(square, range(40), name=str))
        any_order = list(workers.unordered(square, range(40), name=str))

    assert row == [number * number for number in range(40)]
    assert sorted(any_order) == row


def test_what_goes_wrong_on_a_worker_is_told(scheduler):  # noqa: F811
    """Errors of ours as they are; what is none of ours with the piece's name, and what a worker needs."""
    with connected(scheduler, program) as workers:
        with pytest.raises(StorageError, match="the store is gone at 7"):
            list(workers.in_order(refuse, [7], name=str))
        with pytest.raises(ConfigurationError, match=r"piece 0: a worker could not read it \(ZeroDivisionError"):
            list(workers.unordered(stumble, [0], name=lambda one: f"piece {one}"))


def test_a_worker_of_another_version_does_nothing(scheduler):  # noqa: F811
    """What it would read might be read otherwise."""
    told = pytest.raises(ConfigurationError, match=r"another program, .*give all machines the same version")
    with connected(scheduler, other_program) as workers, told:
        list(workers.in_order(square, [1], name=str))


def test_a_worker_without_the_program_is_told_of():
    """The scheduler needs none of it; the worker's error names the module that it lacks."""
    told = pytest.raises(ConfigurationError, match=r"ModuleNotFoundError: No module named .*PYTHONPATH")
    with scheduler_alone(workers=1, path="/") as (_, address), connected(address, program) as workers, told:
        list(workers.in_order(square, [1], name=str))


@pytest.mark.parametrize("row", ["in_order", "unordered"])
def test_a_scheduler_that_goes_away_is_told_of(row):
    """In one line with what to do, not as a piece that could not be read."""

    def pieces(process):
        yield 1
        os.kill(process.pid, signal.SIGKILL)
        yield 2

    with scheduler_alone() as (process, address), connected(address, program) as workers:
        with pytest.raises(ConfigurationError, match=r"the Dask scheduler went away.*run the command again"):
            list(getattr(workers, row)(square, pieces(process), name=str))
        with pytest.raises(ConfigurationError, match="the Dask scheduler went away"):
            assert not workers.idle


@pytest.mark.parametrize("address", ["foo", "http://127.0.0.1:1", "tcp://127.0.0.1:1", "tcp://127.0.0.1:99999", "::1"])
def test_what_is_no_scheduler(address, monkeypatch):
    """Addresses that are none, and where nobody listens."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(ConfigurationError, match="no Dask scheduler answers at"), connected(address, program):
        pass


def test_one_who_listens_and_says_nothing_is_no_scheduler(monkeypatch):
    """He is not waited for longer than one who is not there."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match="TimeoutError"), connected(address, program):
            pass


@pytest.mark.parametrize("address", ["", "  "])
def test_an_empty_address(address):
    """It is a word that is missing."""
    with pytest.raises(UsageError, match="--dask is empty"), connected(address, program):
        pass


def test_without_the_package(monkeypatch):
    """It is told how to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigurationError, match="needs the package distributed"), connected("tcp://h:1", program):
        pass
