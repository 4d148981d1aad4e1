"""A replay on the workers of a Dask cluster: the same records, though a worker is killed in the middle."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from archive.committing import Committer
from archive.opened import open_for_writing
from archive.parallel.cluster import connected
from archive.stores.opening import everywhere
from archive.trust.verify import verify
from crawler.crawl.program import PROGRAM, program
from crawler.reread import distant
from crawler.reread.distant import doing_far
from crawler.reread.joining import joined, written_shares
from tests.crawler.commands.test_replay import replayed
from tests.crawler.reread.test_shares import begin, filled, lines
from tests.french import EDITION, VOCABULARY
from tests.made import Ticking, archive_at
from tests.project import Project
from tests.servers import seaweedfs, use_endpoint  # noqa: F401 - fixtures

KILLED_AT = 5
far = distant.far


def dying(task, run, keys, piece):
    """Do a piece; once, behind the writes of one of them, die of `kill -9`."""
    found = far(task, run, keys, piece)
    mark = Path(os.environ["DIED"])
    if piece[0] == KILLED_AT and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return found


@pytest.fixture(params=["folder", "seaweedfs"])
def opened(request):
    """Return what opens an archive in a folder, or in a bucket of SeaweedFS."""
    if request.param == "folder":
        return archive_at
    server, use = request.getfixturevalue("seaweedfs"), request.getfixturevalue("use_endpoint")
    use(server.endpoint)
    uri = f"s3://{server.bucket()}/fr"

    def bucket(folder, clock):
        folder.mkdir()
        return open_for_writing(
            uri, folder / "catalog.sqlite", vocabulary=VOCABULARY, version="0", now=clock(), apart=timedelta(days=9999)
        )

    return bucket


@pytest.mark.slow
@pytest.mark.row("F-MNY-06")
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_comes_to_what_one_process_comes_to(tmp_path, monkeypatch, opened):
    """Byte for byte, and with the same counts, though one of two worker processes is killed -9 at its piece."""
    distributed = pytest.importorskip("distributed")
    one = filled(tmp_path / "one", Ticking(), 9)
    alone = replayed(one, Ticking()).summary()
    clock = Ticking()
    found = filled(tmp_path / "cluster", clock, 9, opened)
    monkeypatch.setenv("DIED", str(tmp_path / "died"))
    task, run = begin(found, clock, None)
    monkeypatch.setattr(distant, "far", dying)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path / "dask"
    )
    with cluster, connected(cluster.scheduler_address, program) as client:
        where = distant.replace(task, archive=everywhere(found.store, task.archive))
        done = [*doing_far(client, found, where, run, keys=())]
    committer = Committer(archive=found, crawl="x-0000000c", program=PROGRAM, clock=clock)
    counts = joined(committer, task, written_shares(found, run, EDITION), 200, progress=None).replay.summary()

    assert (tmp_path / "died").exists()
    assert (len(done), counts) == (9, alone)
    assert lines(found, 9) == lines(one, 9)
    assert len(lines(one, 9)) == 6
    assert verify(found.log).whole
    one.close()
    found.close()


@pytest.mark.row("F-MNY-06")
def test_a_scheduler_that_does_not_answer(tmp_path):
    """It is told with 4 and what to do, and nothing is begun."""
    done = Project(tmp_path, "").run("replay", "--dask", "tcp://127.0.0.1:1")

    assert done.returncode == 4
    assert done.stderr.startswith("error: no Dask scheduler answers at tcp://127.0.0.1:1 (")
    assert done.stderr.count("\n") == 1
