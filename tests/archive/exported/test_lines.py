"""Exported files read as lines, however they are packed; what is cut or foreign is named by file and line."""

import gzip
import tracemalloc

import pytest
import zstandard

from archive.errors import ConfigurationError, UsageError
from archive.exported import lines
from archive.exported.kinds import LineFacts
from archive.exported.lines import lines_of
from archive.facts.canonical import parse

TEXT = b'{"a":1}\n\n{"b":"\xc3\xa9"}\n'


def read(path):
    found = []
    for line in lines_of(str(path)):
        LineFacts.of(line)
        found.append((line.place, parse(line.data)))
    return found


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, zstandard.compress, lambda text: gzip.compress(text[:9]) + gzip.compress(text[9:])],
    ids=["plain", "gzip", "zstd", "members"],
)
def test_files_are_told_by_their_bytes(tmp_path, pack):
    """Plain, gzip, zstd and gzip in members, under any name; empty lines are left out and counted."""
    path = tmp_path / "some.name"
    path.write_bytes(pack(TEXT))

    assert read(path) == [("some.name, line 1", {"a": 1}), ("some.name, line 3", {"b": "é"})]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_cut_file_is_named_with_its_line(tmp_path, pack):
    """Exit 4, the file, and how far it could be read."""
    path = tmp_path / "latest.jsonl.gz"
    path.write_bytes(pack(b"".join(b'{"n":%d,"x":"%d"}\n' % (n, n * 7919 % 104729) for n in range(50_000)))[:-1000])

    with pytest.raises(
        ConfigurationError, match=r"latest\.jsonl\.gz(, line \d+: no JSON| is cut or damaged behind line \d+)"
    ):
        read(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{}\nnot json\n", "line 2: no JSON"),
        (b"[1]\n", "line 1: no JSON object"),
        (b"\xff\xfe{\n", "line 1: no JSON"),
        (b'{"a":1', "line 1: no JSON"),
        (b'{"a":"\x00"}\n', "line 1: no JSON"),
        (b'{"a":1}\x00\n', "line 1: no JSON"),
        (b'{"commit":"one"}\n', "line 1: not of ours"),
    ],
)
def test_what_is_no_line_of_objects_is_named(tmp_path, text, said):
    """Exit 4, file and line."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(text)

    with pytest.raises(ConfigurationError, match=f"x.jsonl, {said}"):
        read(path)


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf" + TEXT, TEXT.replace(b"\n", b"\r\n")], ids=["BOM", "CRLF"])
def test_what_an_editor_adds_is_no_matter(tmp_path, text):
    """A byte order mark at the beginning, and the line ends of Windows."""
    path = tmp_path / "some.name"
    path.write_bytes(text)

    assert read(path) == [("some.name, line 1", {"a": 1}), ("some.name, line 3", {"b": "é"})]


@pytest.mark.parametrize(
    "text", [b"", b"\n\n", gzip.compress(b""), zstandard.compress(b"")], ids=["empty", "ends of lines", "gz", "zst"]
)
def test_nothing_is_no_line(tmp_path, text):
    """An empty file, packed or not, has none."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(text)

    assert read(path) == []


def test_a_frame_that_is_cut_between_two_blocks_is_named(tmp_path):
    """Lines are whole there, and so is each block: only the frame has no end."""
    squeeze = zstandard.ZstdCompressor().compressobj()
    begun = squeeze.compress(b'{"n":1}\n' * 1000) + squeeze.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(begun)

    with pytest.raises(ConfigurationError, match=r"x\.jsonl\.zst is cut or damaged behind line 1000"):
        read(path)


def test_a_line_past_all_bounds_is_named(tmp_path, monkeypatch):
    """It is not read to its end."""
    monkeypatch.setattr(lines, "MOST", 1000)
    path = tmp_path / "x.jsonl"
    path.write_bytes(TEXT + b'"' + b"x" * 2000 + b'"\n')

    with pytest.raises(ConfigurationError, match=r"x\.jsonl, line 4: longer than 1000 bytes"):
        read(path)


def test_a_bomb_is_no_line(tmp_path):
    """A few kilobytes that unpack to a quarter of a gigabyte are refused at the first line's bound, and memory holds no more."""
    path = tmp_path / "bomb.jsonl"
    path.write_bytes(zstandard.compress(b"x" * 2**28))
    tracemalloc.start()
    try:
        with pytest.raises(ConfigurationError, match=r"bomb\.jsonl, line 1: longer than"):
            list(lines_of(str(path)))
        assert tracemalloc.get_traced_memory()[1] < 2**27
    finally:
        tracemalloc.stop()


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    """Exit 2, with its name."""
    with pytest.raises(UsageError, match="nowhere"):
        read(tmp_path / "nowhere.jsonl")
