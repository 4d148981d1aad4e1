"""A batch: facts become segments, one gzip member a line, and a commit that names them."""

import gzip
import zlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import IntegrityError
from archive.facts.canonical import canonical
from archive.facts.items import Check
from archive.facts.names import stamp
from archive.log.batch import Limits, check_line, commit, outcome_counts, segments_of
from archive.log.chain import EMPTY, Segment
from archive.log.segments import compressed, decode_lines, encode_lines, read_segment
from archive.warc import cdxj, warc
from tests import facts

VALUES = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.text(alphabet=st.characters(exclude_categories=["Cs"])) | st.integers(-9, 9)
)


def by_kind(log, made):
    return {s.kind: (s, read_segment(log.store, s)) for s in made.segments}


@given(st.lists(VALUES, max_size=8))
def test_lines_come_back_each_from_a_member_of_its_own(values):
    """Any line separators inside, decoding gives what was encoded; each line is one gzip member, the same every day."""
    data, lines, _ = encode_lines(values)
    members = list(warc.members(data))

    assert decode_lines(data, "k") == values
    assert [content for _, _, content in members] == [canonical(value) + b"\n" for value in values]
    assert (len(members), data) == (lines, encode_lines(values)[0])


@pytest.mark.parametrize(
    "data",
    [
        b"no gzip at all",
        compressed(b'{"a":1}\n')[:-4],
        compressed(b'{"a":1}\n') + b"rest",
        compressed(b"no JSON\n"),
        compressed(b'{"a":"\xff"}\n'),
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + b"\x07" * 20,
        gzip.compress(b'{"a":1}\n')[:10] + zlib.compress(b"x"),
    ],
    ids=["not gzip", "torn", "garbage behind", "not JSON", "not UTF-8", "bad deflate block", "zlib inside"],
)
def test_unreadable_lines_name_their_key(data):
    """Whatever is wrong with a segment's bytes, the error is of integrity and says which key."""
    with pytest.raises(IntegrityError, match="records/x"):
        decode_lines(data, "records/x")


def test_a_commit_names_each_segment_as_it_lies(tmp_path):
    """Kinds, keys by day and batch, bytes, digest and lines are those of what is stored."""
    log = facts.new_log()
    made = facts.write(log, facts.read(1, 0), facts.read(2, 1), facts.saw(3, 2, "gone"), name="b-1")
    held = by_kind(log, made)

    assert {s.key for s in made.segments} == {
        "captures/2026/11/24/b-1.warc.gz",
        "captures/2026/11/24/b-1.cdxj.gz",
        "records/2026/11/24/b-1.jsonl.gz",
        "checks/2026/11/24/b-1.jsonl.gz",
    }
    assert {kind: s.lines for kind, (s, _) in held.items()} == {"warc": 5, "index": 2, "records": 2, "checks": 3}


def test_record_and_index_point_at_the_capture(tmp_path):
    """The place in a record and in an index line is where the very capture lies, its payload whole."""
    log = facts.new_log()
    looks = [facts.read(1, 0), facts.read(2, 1, facts.TEXTS[1])]
    held = by_kind(log, facts.write(log, *looks))
    places = [r["capture"] for r in decode_lines(held["records"][1], "k")]
    lines = {line["captured_at"]: line for line in cdxj.decode(held["index"][1])}

    for look, place in zip(looks, places, strict=True):
        found = warc.decode(log.store.get_range(place["segment"], place["offset"], place["length"]))
        assert (found.url, found.body) == (look.capture.url, look.capture.body)
        line = lines[stamp(look.capture.captured_at)]
        assert (line["offset"], line["length"]) == (str(place["offset"]), str(place["length"]))


def test_what_proved_unchanged_is_left_out_and_a_repeat_keeps_no_payload(tmp_path):
    """A dropped capture is in no segment; a repeated one is a revisit that names its original."""
    first, again, dropped = facts.read(1, 0), facts.read(1, 60), facts.read(2, 0)
    batch = facts.batch_of([first, dropped], "b-1", tmp_path)
    batch.spooled(again.capture)
    batch.repeat(again.capture, of_url=first.capture.url, of_time=stamp(first.capture.captured_at))
    batch.drop(dropped.capture)
    batch.repeat(dropped.capture, of_url="http://127.0.0.1/", of_time=stamp(facts.NOON))
    batch.records.pop()
    data = {made.segment.kind: made.data for made in segments_of(batch, "facts/1", facts.NOON)}
    found = list(warc.read(data["warc"]))
    batch.spool.delete()

    assert not batch.holds(dropped.capture)
    assert [(c.url, type(c).__name__) for c in found] == [
        (first.capture.url, "Capture"),
        (first.capture.url, "Revisit"),
    ]
    assert found[1].refers_to_date == stamp(first.capture.captured_at)
    assert sorted(line["mime"] for line in cdxj.decode(data["index"])) == ["text/html", "warc/revisit"]


def test_a_repeated_commit_is_one(tmp_path):
    """A batch whose first answer was lost is committed once, under the same keys."""
    log = facts.new_log()
    batch = facts.batch_of([facts.read(1, 0)], "b-1", tmp_path)
    made = [commit(batch, log, head=EMPTY, writer=facts.WRITER, summary={}, clock=lambda: facts.NOON) for _ in range(2)]
    batch.spool.delete()

    assert made[0] == made[1]
    assert len(list(log.store.list("log/"))) == 1


def test_a_key_that_is_taken_is_an_integrity_error(tmp_path):
    """Other bytes under a segment's key stop the commit before the log is touched."""
    log = facts.new_log()
    log.store.create("checks/2026/11/24/b-1.jsonl.gz", b"of others")

    with pytest.raises(IntegrityError, match=r"checks/2026/11/24/b-1\.jsonl\.gz"):
        facts.write(log, facts.saw(1, 0), name="b-1")
    assert log.read(1) is None


@pytest.mark.parametrize("stored", [None, b"other"], ids=["missing", "damaged"])
def test_a_segment_is_read_only_as_committed(stored):
    """A segment that is gone, or of another length or digest, is an integrity error that names its key."""
    log = facts.new_log()
    if stored:
        log.store.create("checks/x", stored)

    with pytest.raises(IntegrityError, match="checks/x"):
        read_segment(log.store, Segment(key="checks/x", kind="checks", bytes=5, sha256="sha256:00", lines=1))


def test_a_check_says_only_what_it_knows():
    """Fields that say nothing are left out; page 0 and an empty listing are nothing, a page number is something."""
    bare = Check(at=facts.NOON, url="http://127.0.0.1/", kind="front", outcome="listed")
    full = facts.look(1, 0, "gone", detail="absent", page=1, listed=("2",))

    assert check_line(bare) == {"at": stamp(facts.NOON), "url": bare.url, "kind": "front", "outcome": "listed"}
    assert check_line(full)["status"] == 404
    assert (check_line(full)["page"], check_line(full)["listed"]) == (1, ["2"])


def test_outcomes_are_counted_by_name():
    """Counts are sorted, so that the same looks give the same commit."""
    checks = [facts.look(n, n, outcome) for n, outcome in enumerate(["new", "gone", "new"])]

    assert list(outcome_counts(checks).items()) == [("gone", 1), ("new", 2)]


def test_the_size_of_a_batch_is_that_of_all_its_captures(tmp_path):
    """It is what lies in the spool, whatever becomes of a capture later."""
    batch = facts.batch_of([facts.read(n, n) for n in range(3)], "b-1", tmp_path)
    lengths = [place.length for _, place in batch.places.values()]
    batch.drop(facts.read(1, 1).capture)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    batch.spool.delete()

    assert len(lengths) == 3
    assert (batch.size, len(batch.places)) == (sum(lengths), 2)
    assert batch.size <= size


def test_an_empty_batch_has_no_segments(tmp_path):
    """Nothing gathered is nothing to commit."""
    batch = facts.batch_of([], "b-1", tmp_path)

    assert (batch.empty, segments_of(batch, "facts/1", facts.NOON)) == (True, [])
    batch.spool.delete()


@pytest.mark.parametrize(
    ("gathered", "room", "after", "full"),
    [
        pytest.param((0, 0, 0), 0, timedelta(hours=1), False, id="empty, however old"),
        pytest.param((2, 0, 2), 1, timedelta(), False, id="under every limit"),
        pytest.param((3, 0, 0), 1, timedelta(), True, id="captures"),
        pytest.param((3, 1, 3), 1, timedelta(), False, id="dropped captures don't count"),
        pytest.param((0, 0, 29), 1, timedelta(), False, id="checks, under ten to a capture"),
        pytest.param((0, 0, 30), 1, timedelta(), True, id="checks, ten to a capture"),
        pytest.param((1, 0, 1), 0, timedelta(), True, id="bytes"),
        pytest.param((1, 1, 1), 0, timedelta(), True, id="bytes, of dropped captures too"),
        pytest.param((1, 0, 1), 1, timedelta(seconds=60, microseconds=-1), False, id="not yet of age"),
        pytest.param((1, 0, 1), 1, timedelta(seconds=60), True, id="of age"),
    ],
)
def test_when_a_batch_is_full(tmp_path, gathered, room, after, full):
    """By captures, by bytes written, by checks that left none, or by age, whichever is first; an empty one never."""
    captures, dropped, checks = gathered
    batch = facts.batch_of([], "b-1", tmp_path)
    taken = [facts.capture(1, minute) for minute in range(captures)]
    for one in taken:
        batch.spooled(one)
    for one in taken[:dropped]:
        batch.drop(one)
    batch.checks += [facts.look(1, minute) for minute in range(checks)]
    limits = Limits(captures=3, bytes=batch.size + room, age=timedelta(seconds=60))

    assert batch.full(limits, batch.opened_at + after) is full
    batch.spool.delete()
