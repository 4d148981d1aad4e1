"""Streams into a store: in parts, in flat memory, seen whole or not at all, never in place of another object."""

import hashlib
import random
import subprocess
import sys

import pytest

from archive.errors import StorageError
from archive.stores import sending as module
from archive.stores.opening import open_store
from archive.stores.s3 import S3Store
from archive.stores.sending import sending
from tests.project import ROOT, environment
from tests.servers import aws_environment

pytest_plugins = ["tests.servers"]
DATA = random.Random(7).randbytes(12 * 2**20)  # S3 takes no part but the last below 5 MiB


@pytest.fixture
def bucket(moto, monkeypatch):
    """Give a bucket's name, its server behind the environment, and parts of the least size that S3 takes."""
    for name, value in aws_environment(moto.endpoint).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "PART", 5 * 2**20)
    return moto.bucket()


def send(store, key, data, step=999_983):
    """Write data in pieces; return whether it is there."""
    with sending(store, key) as out:
        for at in range(0, len(data), step):
            assert out.write(memoryview(data)[at : at + step]) <= step
        assert (out.size, out.sha256) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        return out.keep()


def uploads(moto, bucket):
    return moto.client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])


@pytest.mark.row("F-TAK-07")
@pytest.mark.parametrize("size", [0, 5 * 2**20 - 1, 5 * 2**20, len(DATA)])
def test_what_is_sent_is_there_whole(moto, bucket, size):
    """Small or large, as it was written; sent again it is fine, and other bytes never take its place."""
    store = open_store(f"s3://{bucket}/exports")
    again = [send(store, "a.bin", DATA[:size]) for _ in range(2)]

    assert again == [True, True]
    assert store.get("a.bin") == DATA[:size]
    assert not send(store, "a.bin", DATA[:size] + b"x")
    assert not send(store, "a.bin", b"y" * size + b"y")
    assert store.get("a.bin") == DATA[:size]
    assert uploads(moto, bucket) == []


@pytest.mark.row("F-TAK-07")
def test_nobody_sees_it_before_its_end(moto, bucket):
    """Nor where it fails: then its parts are forgotten."""
    store = open_store(f"s3://{bucket}/exports")
    under_way = []

    def fail():
        with sending(store, "a.bin") as out:
            out.write(DATA)
            under_way.append((list(store.list()), len(uploads(moto, bucket))))
            raise StorageError("the archive went away")

    with pytest.raises(StorageError, match="went away"):
        fail()
    assert under_way == [([], 1)]
    assert (list(store.list()), uploads(moto, bucket)) == ([], [])


@pytest.mark.parametrize("same", [True, False])
def test_a_race_for_a_key_has_one_winner(moto, bucket, same, monkeypatch):
    """An object that came while the parts were sent stays; the same bytes are as good as ours."""
    store = open_store(f"s3://{bucket}/exports")
    real = S3Store.holds
    for seen in (real, lambda self, key: False):  # a server that has the condition, and our own look before it
        monkeypatch.setattr(S3Store, "holds", seen)
        with sending(store, "a.bin") as out:
            out.write(DATA)
            moto.client.put_object(Bucket=bucket, Key="exports/a.bin", Body=DATA if same else b"theirs")
            assert out.keep() is same
        assert store.get("a.bin", 2**30) == (DATA if same else b"theirs")
        store.delete("a.bin")
    assert uploads(moto, bucket) == []


@pytest.mark.row("F-TAK-17")
def test_what_a_killed_sender_left_goes_with_the_next_of_its_key(moto, bucket):
    """Its parts are forgotten when the same object is sent a day later; those of another key stay."""
    script = (
        "import os, sys; from archive.stores.opening import open_store; from archive.stores.sending import sending\n"
        f"with sending(open_store('s3://{bucket}/exports'), sys.argv[1]) as out:\n"
        "    out.write(bytes(9 * 2**20)); os.kill(os.getpid(), 9)"
    )
    for key in ("a.bin", "a.bin.gz"):
        command = [sys.executable, "-c", script, key]
        assert subprocess.run(command, cwd=ROOT, env=environment(), check=False, timeout=120).returncode == -9
    before = [each["Key"] for each in uploads(moto, bucket)]
    # Moto says of every upload that it began in November 2010.
    sent = send(open_store(f"s3://{bucket}/exports"), "a.bin", DATA)

    assert (before, sent) == (["exports/a.bin", "exports/a.bin.gz"], True)
    assert [each["Key"] for each in uploads(moto, bucket)] == ["exports/a.bin.gz"]


def test_a_store_without_parts_takes_it_in_one():
    """Memory does."""
    store = open_store("memory:")

    assert send(store, "a.bin", DATA) is True
    assert store.get("a.bin") == DATA


SCRIPT = """
import sys
from archive.exporters.targets import write_to
def fill(out, name):
    for _ in range(int(sys.argv[2])):
        out.write(b"x" * 2**20)
    return 1
write_to(sys.argv[1], fill)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.row("F-TAK-07")
def test_memory_does_not_grow_with_the_export(moto):
    """An export of 56 MiB takes as much as one of 16, within some parts."""
    bucket, peaks = moto.bucket(), []
    for size in (16, 56):
        words = [sys.executable, "-c", SCRIPT, f"s3://{bucket}/e/{size}.bin", str(size)]
        done = subprocess.run(
            words, cwd=ROOT, env=environment(aws_environment(moto.endpoint)), capture_output=True, text=True, check=True, timeout=120
        )  # fmt: skip
        peaks.append(int(done.stdout) / 1024)

    assert peaks[1] - peaks[0] < 24
