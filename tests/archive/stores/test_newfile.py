"""A new file takes a name that is free, and never replaces one; the rest is proved in test_folder.py under strace."""

import os

import pytest

from archive.errors import UnsafeStore
from archive.stores import newfile


@pytest.fixture
def place(tmp_path):
    """Return an open directory."""
    handle = os.open(tmp_path, os.O_RDONLY)
    yield handle
    os.close(handle)


def contents(path):
    """Return the names and bytes of a directory."""
    return {file.name: file.read_bytes() for file in path.iterdir()}


def test_a_file_is_whole_and_alone(place, tmp_path):
    """The file has its bytes, and no temporary one stays beside it."""
    newfile.create_file(place, "a", b"x" * 100_000)

    assert contents(tmp_path) == {"a": b"x" * 100_000}


def test_a_name_that_is_taken_is_kept(place, tmp_path):
    """A second file of the name raises FileExistsError, changes nothing and leaves nothing."""
    newfile.create_file(place, "a", b"1")

    with pytest.raises(FileExistsError):
        newfile.create_file(place, "a", b"2")
    assert contents(tmp_path) == {"a": b"1"}


@pytest.mark.row("F-DIR-06")
def test_a_rename_replaces_nothing(place, tmp_path):
    """Without hard links the rename fails where the name is taken, and moves where it is free."""
    for name in "ab":
        newfile.create_file(place, name, name.encode())

    with pytest.raises(FileExistsError):
        newfile._rename(place, "a", "b")
    newfile._rename(place, "a", "c")
    assert contents(tmp_path) == {"b": b"b", "c": b"a"}


@pytest.mark.row("F-DIR-06")
def test_a_system_without_such_a_rename_is_unsafe(place, monkeypatch):
    """Where the C library has no renameat2 the error says which file systems will do."""
    monkeypatch.setattr(newfile.ctypes, "CDLL", lambda *_, **__: object())

    with pytest.raises(UnsafeStore, match="ext4"):
        newfile._rename(place, "a", "b")


def test_a_temporary_file_that_cannot_be_removed_is_told(place, caplog):
    """What stays behind is said, with what removes it; the outcome of the write is not changed by it."""
    os.mkdir(".x.part", dir_fd=place)
    newfile._remove(place, ".x.part")

    assert "temporary file .x.part stays behind" in caplog.text
    assert "scrapy gc" in caplog.text
