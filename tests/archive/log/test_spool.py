import errno
import fcntl
import gc
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.errors import IntegrityError, NoSpace, StorageError
from archive.facts.canonical import digest
from archive.facts.items import Capture
from archive.log.spool import Span, Spool, adoptable, planted
from archive.warc import warc

AT = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
BATCH = "20261124t120000z-1f2e3d4c-0001"

# What the children below run: a crawl that dies, or that holds a spool until it is told to end.
CHILD = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from archive.facts.items import Capture
from archive.log.spool import Spool

spool = Spool.create(Path(sys.argv[1]), sys.argv[2])
number = 0
while True:
    capture = Capture(
        url=f"http://example.org/{number}",
        captured_at=datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=number),
        status=200,
        body=bytes(range(256)) * 40,
    )
    spool.append(capture)
    print(number, flush=True)
    number += 1
    if len(sys.argv) > 3:
        sys.stdin.read()
"""


def page(number=1, body=b"abc"):
    return Capture(
        url=f"https://french.presstv.ir/Detail/{number}",
        captured_at=AT + timedelta(seconds=number),
        status=200,
        response_headers=((b"Content-Type", b"text/html"),),
        body=body,
        payload=digest(body),
    )


def bare(captures):
    return [replace(capture, segment=None, offset=0, length=0) for capture in captures]


@pytest.fixture
def spool(tmp_path):
    """Give an open spool of three captures."""
    made = Spool.create(tmp_path, BATCH)
    for number in range(3):
        made.append(page(number))
    yield made
    made.close()


@pytest.fixture
def child(tmp_path):
    """Give a function that starts a process which spools; all are dead at the end."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path), BATCH, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[3],
            env=os.environ | {"PYTHONPATH": "."},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_captures_come_back_in_their_order(spool):
    """A spool gives what was appended, and each place is where the capture lies in the file."""
    data = spool.path.read_bytes()

    assert bare(spool.captures()) == [page(n) for n in range(3)]
    assert [data[c.offset : c.offset + c.length] for c in spool.captures()] == [warc.encode(page(n)) for n in range(3)]
    assert spool.append(page(9)) == Span(len(data), len(warc.encode(page(9))))


def test_a_batch_name_is_taken_once(tmp_path, spool):
    """Two batches never share a spool."""
    with pytest.raises(StorageError, match=BATCH):
        Spool.create(tmp_path, BATCH)


def test_the_segment_is_the_spool_less_what_was_dropped(spool):
    """Kept captures are copied as they stand, bytes go in between, and the places lead to them in the segment."""
    info = warc.encode_info("presstv-archive/1", AT)
    revisit = warc.encode_revisit(page(1), refers_to_uri=page(0).url, refers_to_date="2026-11-24T12:00:00.123456Z")
    first, _, third = [Span(c.offset, c.length) for c in spool.captures()]
    data, places = spool.seal([info, third, revisit, first])

    assert data == info + warc.encode(page(2)) + revisit + warc.encode(page(0))
    assert [data[o : o + n] for o, n in places] == [info, warc.encode(page(2)), revisit, warc.encode(page(0))]
    assert [capture.url for capture in warc.read(data)] == [page(n).url for n in (2, 1, 0)]


def test_a_spool_cut_by_another_program_is_not_sealed(spool):
    """A segment never holds less than was appended: what is gone from the file is told."""
    (last,) = [Span(c.offset, c.length) for c in spool.captures()][2:]
    os.truncate(spool.path, last.offset + 5)

    with pytest.raises(IntegrityError, match="cut short"):
        spool.seal([last])


@pytest.mark.row("F-PRC-03")
def test_a_cut_at_any_byte_leaves_the_captures_before_it(tmp_path):
    """Whatever the length at which a dead process left it, exactly the captures whole by then are adopted."""
    parts = [warc.encode(page(n, body=b"%d" % n)) for n in range(3)]
    data = b"".join(parts)
    ends = [len(b"".join(parts[:n])) for n in range(4)]
    for cut in range(len(data) + 1):
        path = tmp_path / f"{cut}.warc.gz"
        path.write_bytes(data[:cut])
        spool = Spool.adopt(path)
        assert spool is not None
        assert [c.body for c in spool.captures()] == [b"%d" % n for n in range(3) if ends[n + 1] <= cut]
        assert path.stat().st_size == max(end for end in ends if end <= cut)
        spool.close()


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(b"\0" * 4096, id="zeros"),
        pytest.param(b"garbage" * 20000, id="garbage"),
        pytest.param(warc.encode(page(7))[:-8] + b"\0" * 8, id="a trailer of zeros"),
        pytest.param(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 50, id="a header and nonsense"),
        pytest.param(warc.encode_info("x", AT), id="a record that is no capture"),
    ],
)
def test_what_stands_behind_the_last_capture_is_cut_off(tmp_path, tail):
    """Zeros, garbage and stray records at the end are no error, and appending goes on where they stood."""
    path = tmp_path / f"{BATCH}.warc.gz"
    path.write_bytes(warc.encode(page(1)) + tail)
    spool = Spool.adopt(path)
    assert spool is not None
    spool.append(page(2))

    assert bare(spool.captures()) == [page(1), page(2)]
    assert path.read_bytes() == warc.encode(page(1)) + warc.encode(page(2))
    spool.close()


@pytest.mark.row("F-PRC-03")
def test_a_kill_loses_nothing_that_append_returned_for(tmp_path, child):
    """After kill -9 in the midst of appending, the next process adopts every capture that was acknowledged."""
    process = child()
    for _ in range(20):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    acknowledged = 20 + len(process.stdout.read().splitlines())
    process.wait()
    (path,) = adoptable(tmp_path)
    spool = Spool.adopt(path)
    urls = [capture.url for capture in spool.captures()]
    spool.close()

    assert urls[:acknowledged] == [f"http://example.org/{n}" for n in range(acknowledged)]
    assert len(urls) <= acknowledged + 1


def test_a_held_spool_is_left_alone(tmp_path, child):
    """While its process lives a spool can't be adopted, by another process or by the same; afterwards it can."""
    process = child("wait")
    process.stdout.readline()
    (path,) = tmp_path.iterdir()
    held = (adoptable(tmp_path), Spool.adopt(path))
    process.kill()
    process.communicate()
    spool = Spool.adopt(path)
    again = (adoptable(tmp_path), Spool.adopt(path))

    assert held == again == ([], None)
    assert len(list(spool.captures())) == 1
    spool.close()
    assert adoptable(tmp_path) == [path]


def test_a_deleted_spool_leaves_nothing(tmp_path, spool):
    """Deleting removes the file, may be done twice, and does not touch a new spool of the same name."""
    spool.delete()
    new = Spool.create(tmp_path, BATCH)
    spool.delete()

    assert list(tmp_path.iterdir()) == [new.path]
    new.delete()
    assert list(tmp_path.iterdir()) == []


def test_a_forgotten_spool_is_let_go(tmp_path):
    """A spool whose owner gave up without closing it can be adopted by the same process."""
    spool = Spool.create(tmp_path, BATCH)
    path = spool.path
    del spool
    gc.collect()

    assert adoptable(tmp_path) == [path]


def test_a_spool_that_went_away_is_passed_over(tmp_path):
    """A spool that another process finished first, or a folder that was never made, is nothing to adopt."""
    assert Spool.adopt(tmp_path / f"{BATCH}.warc.gz") is None
    assert adoptable(tmp_path / "none") == []


def test_beginning_survives_an_adopter_that_slips_in(tmp_path, monkeypatch):
    """Where another process adopts and deletes the new, still empty file, the spool is begun once more."""
    lock, stolen = fcntl.flock, []

    def late(handle, operation):
        if not stolen:
            stolen.append(True)
            thief = Spool.adopt(tmp_path / f"{BATCH}.warc.gz")
            thief.delete()
        lock(handle, operation)

    monkeypatch.setattr("archive.log.spool.fcntl.flock", late)
    spool = Spool.create(tmp_path, BATCH)
    place = spool.append(page())

    assert spool.path.stat().st_size == place.length
    assert stolen
    spool.close()


@pytest.fixture
def small_files():
    """Let files grow to 2,000 bytes, as a full disk would, until the test ends."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.row("F-DIR-02")
def test_a_full_disk_leaves_the_spool_as_it_was(tmp_path, small_files):
    """A capture that does not fit is told with path and remedy; the torn tail is gone and smaller ones still fit."""
    spool = Spool.create(tmp_path, BATCH)
    spool.append(page(1))
    before = spool.path.read_bytes()
    with pytest.raises(NoSpace, match=rf"Detail/2.*{BATCH}.*SPOOL_DIR"):
        spool.append(page(2, body=os.urandom(3000)))
    after = spool.path.read_bytes()
    spool.append(page(3))

    assert before == after
    assert bare(spool.captures()) == [page(1), page(3)]
    spool.close()


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        (errno.ENOSPC, NoSpace, "free space there"),
        (errno.EDQUOT, NoSpace, "free space there"),
        (errno.EIO, StorageError, "the disk fails"),
        (errno.EROFS, StorageError, "mount it for writing"),
        (errno.EMFILE, StorageError, "ulimit -n"),
        (errno.EACCES, StorageError, "make the folder writable"),
    ],
    ids=lambda value: errno.errorcode.get(value) if isinstance(value, int) else "",
)
@pytest.mark.row("F-DIR-04")
def test_a_failed_write_is_named(spool, monkeypatch, code, error, says):
    """Full disk and quota are NoSpace, other failures StorageError; both name the file, what to do and what to set."""

    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(error, match="SPOOL_DIR") as raised:
        spool.append(page(9))

    assert type(raised.value) is error
    assert says in str(raised.value)
    assert str(spool.path) in str(raised.value)


def test_a_folder_that_is_a_file_is_a_storage_error(tmp_path):
    """A SPOOL_DIR that can't be a folder is told with the setting to change, be it looked into or written to."""
    (tmp_path / "file").touch()

    for act in (adoptable, lambda folder: Spool.create(folder, BATCH)):
        with pytest.raises(StorageError, match="SPOOL_DIR"):
            act(tmp_path / "file")


@pytest.mark.parametrize(
    ("call", "act"),
    [
        pytest.param("ftruncate", lambda spool: Spool.adopt(spool.path), id="adopt"),
        pytest.param("pread", lambda spool: list(spool.captures()), id="read"),
        pytest.param("unlink", lambda spool: spool.delete(), id="remove"),
    ],
)
def test_a_failing_disk_is_a_storage_error(spool, monkeypatch, call, act):
    """Whatever the disk refuses, the error names the spool, and nothing keeps a hold of it but its owner."""
    if call == "ftruncate":
        spool.close()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
        with pytest.raises(StorageError, match=f"{BATCH}.*Input/output error"):
            act(spool)
    spool.close()
    again = Spool.adopt(spool.path)

    assert bare(again.captures()) == [page(n) for n in range(3)]
    again.close()


@pytest.mark.parametrize("look", [Spool.adopt, lambda path: adoptable(path.parent)], ids=["adopt", "adoptable"])
def test_a_folder_in_the_place_of_a_spool_is_a_storage_error(tmp_path, look):
    """What can't be a spool is told, not passed over."""
    (tmp_path / "a.warc.gz").mkdir()

    with pytest.raises(StorageError, match=r"a\.warc\.gz"):
        look(tmp_path / "a.warc.gz")


def _of_another_user(path, victim):
    path.write_bytes(victim.read_bytes())
    os.chown(path, 12345, 12345)


PLANTED = {
    "a link": lambda path, victim: path.symlink_to(victim),
    "a link to nothing": lambda path, victim: path.symlink_to(victim.with_name("nothing")),
    "a pipe": lambda path, _: os.mkfifo(path),
    "another user's": pytest.param(
        _of_another_user, marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
    ),
}


@pytest.mark.row("F-PRC-20")
@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_what_another_user_planted_is_no_spool(tmp_path, plant):
    """It is told, neither opened nor cut nor waited for; what it leads to stays as it was."""
    folder, victim = tmp_path / "spool", tmp_path / "victim"
    folder.mkdir()
    victim.write_bytes(warc.encode(page(0)) + b"torn")
    before = victim.read_bytes()
    plant(folder / f"{BATCH}.warc.gz", victim)

    assert (adoptable(folder), planted(folder)) == ([], [folder / f"{BATCH}.warc.gz"])
    assert victim.read_bytes() == before
