"""WARC files made by others, read as a stream: whatever is whole comes out, whatever is not is told."""

import gzip
import io
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.backfill import warcfile
from crawler.backfill.warcfile import records

KINDS = ("plain", "packed", "whole", "blocks")


def record(number, block, *, length=None, head=b""):
    """Return a WARC record as bytes; `length` is a lie about its block's."""
    size = len(block) if length is None else length
    lines = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:%d>\r\n%sContent-Length: %s\r\n\r\n"
    return lines % (number, head, str(size).encode()) + block + b"\r\n\r\n"


def packed(parts, kind):
    """Return a file of these records: plain, a member for each, one member for all, or members of any size."""
    if kind == "plain":
        return b"".join(parts)
    if kind == "packed":
        return b"".join(gzip.compress(part, mtime=0) for part in parts)
    whole = b"".join(parts)
    pieces = [whole] if kind == "whole" else [whole[n : n + 71] for n in range(0, len(whole), 71)]
    return b"".join(gzip.compress(piece, mtime=0) for piece in pieces)


class Slow(io.BytesIO):
    """A file that gives few bytes at a time, as a socket or a zip may."""

    def read(self, size=-1):
        """Return at most 13 bytes; the first read is as asked, since a file's kind is seen by it."""
        return super().read(size if self.tell() == 0 or size < 0 else min(size, 13))


def read(data, stream=io.BytesIO):
    """Return the numbers and blocks of a file's records, and its faults."""
    faults = []
    found = [(int(r.fields["warc-record-id"][7:-1]), r.block) for r in records(stream(data), faults.append)]
    return found, faults


BLOCKS = [b"un", b"", b"deux\r\n\r\ntrois", b"x" * 5000, b"WARC/1.0\r\n", b"\r\n", b"\x1f\x8b\x08 nichts"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stream", [io.BytesIO, Slow], ids=["file", "trickle"])
def test_records_come_in_order(kind, stream):
    """However the file is packed, and however its bytes come."""
    data = packed([record(n, block) for n, block in enumerate(BLOCKS)], kind)

    assert read(data, stream) == (list(enumerate(BLOCKS)), [])


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6), st.sampled_from(KINDS), st.booleans())
def test_what_was_written_is_read(blocks, kind, slow):
    """Any blocks, in any packing."""
    data = packed([record(n, block) for n, block in enumerate(blocks)], kind)
    found, faults = read(data, Slow if slow else io.BytesIO)

    assert found == list(enumerate(blocks))
    assert faults == []


@pytest.mark.parametrize("kind", ["plain", "packed"])
def test_a_file_cut_anywhere_gives_what_is_whole_before(kind):
    """Each record that lies before the cut, no other, and one fault where a record was hit."""
    parts = [record(n, block) for n, block in enumerate(BLOCKS[:5])]
    data, ends = packed(parts, kind), [len(packed(parts[:count], kind)) for count in range(1, 6)]
    for cut in range(1, len(data)):
        found, faults = read(data[:cut])
        whole = sum(end <= cut for end in ends)

        # Behind a plain block the two line ends may be missing: the block is whole.
        allowed = {whole, sum(end - 4 <= cut for end in ends)} if kind == "plain" else {whole}
        assert len(found) in allowed, cut
        assert found == list(enumerate(BLOCKS))[: len(found)]
        assert len(faults) == (
            0 if cut in ends or len(found) > whole or (kind == "plain" and cut + 4 > len(data)) else 1
        ), cut


@given(st.integers(0, 10**6), st.integers(1, 255))
@example(3, 0x40)
def test_a_flipped_byte_costs_one_record(place, mask):
    """In a file packed record by record the others come, and nothing comes that was not written."""
    data = bytearray(packed([record(n, block * 3) for n, block in enumerate(BLOCKS)], "packed"))
    place %= len(data)
    data[place] ^= mask
    found, faults = read(bytes(data))
    wanted = [(n, block * 3) for n, block in enumerate(BLOCKS)]

    if place < 2:
        assert found == []
        assert len(faults) == 1
        return
    assert [pair for pair in wanted if pair in found] == found
    assert len(found) >= len(wanted) - 1
    assert len(faults) == 0 if len(found) == len(wanted) else len(faults) >= 1


@pytest.mark.parametrize("size", [50, 70_000, 400_000])
def test_a_record_whose_checksum_is_wrong_does_not_come(size):
    """However long it is: it comes once its member has ended as it should."""
    import random

    parts = [record(n, random.Random(n).randbytes(size)) for n in range(3)]
    members = [bytearray(gzip.compress(part, mtime=0)) for part in parts]
    members[1][-6] ^= 1
    found, faults = read(b"".join(members))

    assert [number for number, _ in found] == [0, 2]
    assert ["damaged" in fault for fault in faults] == [True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lie", [-1, -40, 1, 5, 40, 200, 9999, 10**6], ids=str)
def test_a_length_that_is_a_lie_costs_one_record(kind, lie):
    """Too long or too short: the records before and behind it come."""
    blocks = [b"a" * 60, b"b" * 60, b"c" * 60, b"d" * 60]
    parts = [record(n, b, length=60 + lie if n == 1 else None) for n, b in enumerate(blocks)]
    found, faults = read(packed(parts, kind))
    right = [pair for pair in found if pair[0] != 1]

    assert right == [(n, b) for n, b in enumerate(blocks) if n != 1]
    # Line ends behind a block that are taken for its own can't be told from it.
    assert len(faults) == (0 if lie == 1 else 1), faults
    assert (len(found) == 4) is (lie == 1)


@pytest.mark.parametrize("lie", [warcfile.MOST + 1, 10**9, 10**14])
def test_a_length_over_the_limit_ends_with_its_member(lie):
    """A record that would not be kept anyway does not swallow those behind it, where members tell them apart."""
    parts = [record(n, b"a", length=lie if n == 1 else None) for n in range(4)]
    found, faults = read(packed(parts, "packed"))

    assert [number for number, _ in found] == [0, 2, 3]
    assert ["cut off" in fault for fault in faults] == [True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [b"", b"-5", b"1e3", b"9" * 16, b"9" * 5000, "٣".encode(), b"0x10", b"5 5"])
def test_a_length_that_is_none_costs_one_record(kind, length):
    """It is told, and reading goes on at the next record."""
    odd = b"WARC/1.0\r\nWARC-Record-ID: <urn:x:1>\r\nContent-Length: %s\r\n\r\nabc\r\n\r\n" % length
    found, faults = read(packed([record(0, b"a"), odd, record(2, b"c")], kind))

    assert found == [(0, b"a"), (2, b"c")]
    assert ["names no length" in fault for fault in faults] == [True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("junk", [b"<html>rien</html>\r\n\r\n", b"WARC/1.0\r\n" + b"x" * 70_000, b"WARC/x\r\n\r\n"])
def test_junk_between_records_is_told(kind, junk):
    """The records around it come."""
    found, faults = read(packed([record(0, b"a"), junk, record(2, b"c")], kind))

    assert [pair for pair in found if pair != (0, b"a")] == [(2, b"c")]
    assert 1 <= len(faults) <= 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_over_the_limit_comes_without_its_block(kind, monkeypatch):
    """So that no record fills the memory; it says that it is cut."""
    monkeypatch.setattr(warcfile, "MOST", 1000)
    data = packed([record(0, b"a" * 1000), record(1, b"b" * 1001), record(2, b"c")], kind)
    faults = []
    found = list(records(io.BytesIO(data), faults.append))

    assert [len(r.block) for r in found] == [1000, 0, 1]
    assert ["warc-truncated" in r.fields for r in found] == [False, True, False]
    assert faults == []


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "it is empty"),
        (b"Bonjour", "no WARC file"),
        (b"PK\x03\x04", "no WARC file"),
        (b"\x28\xb5\x2f\xfd1234", "zstd -d"),
        (b"\x1f\x8b", "cut off"),
        (b"\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x00", "damaged"),
        (gzip.compress(b"Bonjour"), "no WARC record"),
    ],
    ids=["empty", "text", "zip", "zstd", "two-bytes", "other-method", "packed-text"],
)
def test_a_file_of_another_kind_is_one_fault(data, fault):
    """It says what to do, and no record comes."""
    found, faults = read(data)

    assert (found, len(faults)) == ([], 1)
    assert fault in faults[0]


def test_a_bomb_is_left(monkeypatch):
    """A member that unpacks to two hundred times its size is not unpacked further; the next one is read."""
    monkeypatch.setattr(warcfile, "_SMALL", 2**20)
    bomb = gzip.compress(record(1, b"\0" * 5_000_000))
    found, faults = read(gzip.compress(record(0, b"a")) + bomb + gzip.compress(record(2, b"c")))

    assert found == [(0, b"a"), (2, b"c")]
    assert ["200 times" in fault for fault in faults] == [True]


def test_no_more_than_a_piece_is_held():
    """A file of one huge record is read without its block, in bounded memory."""
    import tracemalloc

    size, piece = 60 * 2**20, b"\0" * 2**20

    class Huge:
        """A plain file that is made as it is read."""

        def __init__(self):
            self.parts = iter([record(1, b"", length=size)[:-4], *([piece] * 60), b"\r\n\r\n", record(2, b"c")])

        def read(self, count):
            """Return the next piece."""
            return next(self.parts, b"")

    tracemalloc.start()
    found = [len(r.block) for r in records(Huge(), pytest.fail)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found == [0, 1]
    assert peak < 8 * 2**20


def test_zeros_at_the_end_are_no_fault():
    """Some writers fill up the last block."""
    data = packed([record(0, b"a"), record(1, b"b")], "packed")

    assert read(data + b"\0" * 100_000) == ([(0, b"a"), (1, b"b")], [])
    assert read(data + b"\0" * 100_000 + packed([record(2, b"c")], "packed"))[0][-1] == (2, b"c")


def test_a_file_of_faults_ends(monkeypatch):
    """So many are told, then one more; a hostile file fills no report."""
    monkeypatch.setattr(warcfile, "_MOST_FAULTS", 10)
    found, faults = read(b"WARC/1.0\r\nx: y\r\n\r\n" * 5000)

    assert (found, len(faults)) == ([], 12)
    assert "more than 10 faults" in faults[-1]


def test_where_a_record_lies():
    """The offset is that of its member, or of the record in a plain file."""
    parts = [record(n, block) for n, block in enumerate(BLOCKS)]
    for kind in ("plain", "packed"):
        data = packed(parts, kind)
        starts = [len(packed(parts[:n], kind)) for n in range(len(parts))]

        assert [r.offset for r in records(io.BytesIO(data), pytest.fail)] == starts


def test_members_with_a_name_and_other_levels_are_read():
    """Headers with a file's name, stored members, and empty ones between."""
    buffer = io.BytesIO()
    with gzip.GzipFile("pris.warc", "wb", 0, buffer) as file:
        file.write(record(0, b"a"))
    data = buffer.getvalue() + gzip.compress(b"") + gzip.compress(record(1, b"b"), 9)

    assert read(data) == ([(0, b"a"), (1, b"b")], [])


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\x1f\x8b\x08", b"WARC/1.0\r\n", gzip.compress(record(0, b"a"))])
)
def test_reading_is_total(data, start):
    """Whatever the bytes, reading ends, with records and faults and nothing else."""
    found, faults = read(start + data) if b"urn:x:" not in data else ([], ["x"])

    assert len(found) + len(faults) >= 1


@given(st.binary(max_size=200).map(lambda b: zlib.compress(b, wbits=31)), st.integers(0, 40))
def test_a_hostile_member_keeps_no_record_out(member, cut):
    """Any member between two records, whole or cut, costs nothing but itself."""
    around = [gzip.compress(record(n, b"x"), mtime=0) for n in (0, 2)]
    found, _ = read(around[0] + member[: len(member) - cut] + around[1])

    assert found[0] == (0, b"x")
    assert found[-1] == (2, b"x")
