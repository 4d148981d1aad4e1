"""Verification by several machines: shares and a cluster's workers come to what one process comes to."""

import os
import signal
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from archive.errors import ConfigurationError
from archive.parallel.cluster import connected
from archive.stores.opening import open_store
from archive.trust import examining
from archive.trust.verify import Part, verify
from tests.cluster import scheduler  # noqa: F401 - a fixture
from tests.crawler.reread.test_shares import filled
from tests.made import Ticking

OF = 4


def program():
    return "ours"


@pytest.fixture
def archive(tmp_path):
    """Give an archive of nine commits, one of its WARC segments damaged and one of its records segments missing."""
    with closing(filled(tmp_path / "archive", Ticking(), 9)) as made:
        warcs, records = (
            [s.key for commit in made.log.after() for s in commit.segments if s.kind == kind]
            for kind in ("warc", "records")
        )
        data = made.store.get(warcs[2])
        made.store.delete(warcs[2])
        made.store.create(warcs[2], data[:-9] + bytes([data[-9] ^ 255]) + data[-8:])
        made.store.delete(records[6])
        yield made


def told(report):
    """Return what a report says is wrong."""
    return sorted((problem.kind, problem.key, problem.detail) for problem in report.problems)


def share(archive, number):
    return verify(archive.log, part=Part(sample=(number, OF), thorough=True))


@pytest.mark.row("F-MNY-07")
def test_shares_of_which_one_is_killed_tell_what_one_process_tells(archive, monkeypatch):
    """A share writes nothing: killed in the middle and run again it tells the same; all together tell all."""
    alone = verify(archive.log)
    child = os.fork()
    if not child:
        examined = examining.examined

        def dying(store, commit):
            found = examined(store, commit)
            os.kill(os.getpid(), signal.SIGKILL)
            return found

        monkeypatch.setattr(examining, "examined", dying)
        share(archive, 2)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    shares = [share(archive, number) for number in range(1, OF + 1)]

    assert sorted(fault for report in shares for fault in told(report)) == told(alone)
    assert len(told(alone)) >= 2
    assert all(report.segments for report in shares)
    for count in ("segments", "captures", "records"):
        assert sum(getattr(report, count) for report in shares) == getattr(alone, count)


def dying_once(uri, commit):
    """Read a commit; once, at the fifth one, die of `kill -9`."""
    mark = Path(os.environ["DIED"])
    if commit.seq == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return examined_there(uri, commit)


examined_there = examining._examined


@pytest.mark.slow
@pytest.mark.row("F-MNY-06")
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_which_a_worker_is_killed_tells_what_one_process_tells(
    archive, tmp_path, monkeypatch, scheduler  # noqa: F811 - the fixture
):  # fmt: skip
    """The whole report, in the same order."""
    with connected(scheduler, program) as cluster:
        cluster.client.run(note, str(tmp_path / "died"))
        monkeypatch.setattr(examining, "_examined", dying_once)
        far = verify(archive.log, processes=cluster)

    assert (tmp_path / "died").exists()
    assert asdict(far) == asdict(verify(archive.log))


def note(path):
    os.environ["DIED"] = path


@pytest.mark.row("F-MNY-06")
def test_a_worker_that_sees_another_place_is_refused(archive, tmp_path):
    """It would call all of the archive missing."""
    commit = archive.log.read(1)
    with pytest.raises(ConfigurationError, match=r"does not find log/0+1\.json in .*on each machine"):
        examining._examined(f"file:{tmp_path / 'elsewhere'}", commit)
    other = open_store(f"file:{tmp_path / 'other'}")
    other.create("log/000000000001.json", b"{}")
    with pytest.raises(ConfigurationError, match="does not find"):
        examining._examined(other.uri, commit)
