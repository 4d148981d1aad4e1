"""Where exports go: a file whole or not at all, a pipe as it is, stdout, a store once."""

import gzip
import io
import os
import threading
from functools import partial

import pytest
import zstandard

from archive.errors import ConfigurationError, NoSpace, StorageError, UsageError
from archive.exporters.jsonl import write_rows
from archive.exporters.targets import write_to
from archive.facts.canonical import canonical
from archive.stores.opening import open_store

ROWS = [{"b": "é\u2028", "a": 1}, {"c": [None, True]}]
LINES = '{"a":1,"b":"é\u2028"}\n{"c":[null,true]}\n'.encode()


def write(rows, target):
    return write_to(target, partial(write_rows, rows))


def broken():
    yield ROWS[0]
    raise StorageError("the store went away")


def plain(path):
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read() if "zst" in path.suffix else data


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.zstd", "sans fin"])
def test_a_file_is_packed_by_its_ending_and_the_same_on_any_day(tmp_path, name):
    """Two exports of the same rows are equal in bytes, and nothing else is left there."""
    paths = [tmp_path / day / name for day in ("lundi", "mardi")]
    for path in paths:
        path.parent.mkdir()
    counts = [write(iter(ROWS), str(path)) for path in paths]

    assert counts == [2, 2]
    assert not name.endswith(".gz") or not any(paths[0].read_bytes()[3:8]), "a name or a time in the header"
    assert plain(paths[0]) == LINES == b"".join(canonical(row) + b"\n" for row in ROWS)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert [p.name for p in paths[0].parent.iterdir()] == [name]


@pytest.mark.parametrize("form", ["{}", "file:{}", "file://{}", "FILE://localhost{}"])
def test_a_path_may_be_written_as_a_uri(tmp_path, form):
    """All forms of `file:` are the path."""
    write(ROWS, form.format(tmp_path / "a.jsonl"))

    assert (tmp_path / "a.jsonl").read_bytes() == LINES


def test_an_export_that_fails_leaves_what_was_there(tmp_path):
    """The file of the last export stays as it was, and no part of the new one is left."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"of yesterday")

    with pytest.raises(StorageError, match="went away"):
        write(broken(), str(path))
    assert path.read_bytes() == b"of yesterday"
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    "place", ["{}/file/a.jsonl", "{}/folder", "{}/" + "n" * 300, "{}/file/x/y", "{}/none/a", "{}/folder-to-be/"]
)
def test_a_place_that_takes_no_file_is_a_storage_error(tmp_path, place):
    """Below a file or a folder that is not there, over a folder, under too long a name: one line that names the place."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    target = place.format(tmp_path)

    with pytest.raises(StorageError, match="cannot write the export"):
        write(ROWS, target)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_the_longest_name_is_taken(tmp_path):
    """The part beside it has a name of its own."""
    assert write(ROWS, str(tmp_path / ("n" * 255))) == 2


def test_a_link_stays_a_link(tmp_path):
    """The file it leads to is replaced."""
    (tmp_path / "link").symlink_to("a.jsonl")
    write(ROWS, str(tmp_path / "link"))

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a.jsonl").read_bytes() == LINES


def test_a_pipe_is_written_to(tmp_path):
    """What is no file is never renamed over: /dev/null stays a device."""
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(ROWS, str(pipe))
    reader.join(10)

    assert got == [LINES]
    assert pipe.is_fifo()


def test_a_full_device_is_no_space():
    """What doesn't fit ends with 15."""
    with pytest.raises(NoSpace, match="/dev/full"):
        write(ROWS * 5000, "/dev/full")


@pytest.mark.parametrize("target", [None, "-"])
def test_stdout_is_the_default(capfdbinary, target):
    """Lines go to stdout as they are."""
    count = write(ROWS, target)

    assert (count, capfdbinary.readouterr().out) == (2, LINES)


def test_a_store_takes_an_export_once():
    """The same export again is fine; another one under the name of the first is refused, and nothing is replaced."""
    target = "memory:exports-of-test/a.jsonl.gz"
    counts = [write(ROWS, target) for _ in range(2)]

    with pytest.raises(UsageError, match="choose another name"):
        write(ROWS[:1], target)
    assert counts == [2, 2]
    assert gzip.decompress(open_store("memory:exports-of-test").get("a.jsonl.gz")) == LINES


@pytest.mark.parametrize(
    ("target", "error"),
    [("memory:x/Majuscule", UsageError), ("memory:x/", UsageError), ("s3://bucket", ConfigurationError)],
)
def test_a_bad_store_target_is_refused_before_the_rows_are_read(target, error):
    """A name that no store takes is the user's to mend."""
    with pytest.raises(error):
        write(broken(), target)


def test_the_target_tells_its_name(tmp_path, monkeypatch):
    """A file's and an object's last part, and nothing for stdout: a format may pack by it."""
    names = []
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sous").mkdir()
    for target in ("sous/a.csv.gz", "file:b.csv", "memory:named-targets/c.csv", "-", None, os.devnull):
        write_to(target, lambda out, name: names.append(name) or 0)

    assert names == ["a.csv.gz", "b.csv", "c.csv", "", "", "null"]


def test_any_bytes_will_do(tmp_path):
    """What a format writes lies there as it is, and the count is the format's own."""
    count = write_to(str(tmp_path / "a.bin"), lambda out, name: out.write(b"\x00\xff" * 3))

    assert (count, (tmp_path / "a.bin").read_bytes()) == (6, b"\x00\xff" * 3)
