"""A Dask cluster for tests: worker processes of this machine, or a scheduler that can be killed."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from tests.project import ROOT, environment


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Give the address of a scheduler with two worker processes."""
    distributed = pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("dask")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=folder
    )  # fmt: skip
    with cluster:
        yield cluster.scheduler_address


@contextlib.contextmanager
def scheduler_alone(*, workers=0, path=ROOT):
    """Give the process of a scheduler and its address, and so many workers whose program lies in that folder."""
    words = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    more = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True, "cwd": path}
    nowhere = environment({"PYTHONPATH": str(path)})
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(_ended([*words, "--no-dashboard"], env=nowhere, **more))
        address = next(line.split()[-1] for line in process.stderr if "Scheduler at:" in line)
        for _ in range(workers):
            command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
            worker = stack.enter_context(_ended([*command, "--no-dashboard"], env=nowhere, **more))
            assert any("Registered to" in line for line in worker.stderr)
        yield process, address


@contextlib.contextmanager
def _ended(command, **more):
    process = subprocess.Popen(command, start_new_session=True, **more)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
