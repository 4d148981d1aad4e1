"""Bundles and packs: the same log in few requests, and no word of them believed."""

import gzip
from functools import partial
from itertools import islice

import pytest
import zstandard

from archive.errors import IntegrityError, LimitReached
from archive.facts.canonical import canonical, digest, parse
from archive.facts.names import commit_key
from archive.log.bundles import (
    MOST_BYTES,
    SIZE,
    Tile,
    bundle_key,
    bundle_tile,
    decode_bundle,
    encode_bundle,
)
from archive.log.chain import EMPTY, MOST_COMMIT, Draft, Log
from archive.log.distant import commits_after, read_after
from archive.log.gathering import derived_keys, gather_after, gather_passed, gathered_there, packs_of
from archive.log.packs import PACKED, encode_pack, pack_key, packed
from archive.stores.memory import MemoryStore
from benchmarks.distant import fill
from tests import facts
from tests.archive.log.test_ahead import Counting
from tests.archive.log.test_chain import NOON, draft
from tests.archive.trust.test_verify import put
from tests.french import Catalog

COMMITS = 2 * SIZE + 20
KINDS = ("index", "records", "checks")
BUNDLES, PACKS = (0, 1), [pack_key(last, kind) for last in (SIZE, 2 * SIZE) for kind in PACKED]


def filled(store, commits):
    """Return a log of so many small commits in a store."""
    log = Log(store)
    log.create(edition="presstv-fr", version="1")
    fill(log, commits)
    return log


def copied(log):
    """Return a copy of a log, in a store that notes what is asked for."""
    store = Counting()
    store._objects.update(log.store._objects)
    return Log(store)


@pytest.fixture(scope="module")
def original():
    """Return the log of 532 small commits with two bundles and their packs."""
    log = filled(MemoryStore(), COMMITS)
    assert [done.written for done in gather_after(log, 0, set())] == [derived_keys(Tile(number)) for number in BUNDLES]
    return log


@pytest.fixture
def log(original):
    """Return a copy of it, in a store that notes what is asked for."""
    return copied(original)


def told(log, head=EMPTY):
    """Return what a fold reads past a head."""
    return [*read_after(log, head, KINDS)]


def by_hand(log, head=EMPTY):
    """Return the same, commit by commit and segment by segment."""
    return [
        (commit, [(one, log.store.get(one.key)) for one in commit.segments if one.kind in KINDS])
        for commit in log.after(head)
    ]


def requests(log):
    return [key for key in log.store.asked if not key.startswith("records/")]


@pytest.mark.parametrize(
    ("number", "key"),
    [(0, "000"), (136, "136"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")],
)
def test_names_are_those_of_tlog_tiles(number, key):
    """As c2sp.org/tlog-tiles has them; what is spelt otherwise is no bundle's."""
    assert bundle_key(Tile(number)) == f"tile/entries/{key}"
    assert bundle_tile(f"tile/entries/{key}") == Tile(number)
    assert bundle_tile(f"tile/entries/{key}.p/64") == Tile(number, 64)


@pytest.mark.parametrize(
    "name",
    [
        "x000/001",
        "1",
        "0000",
        "x001/1",
        "000.p/8",
        "000.p/256",
        "000.p/288",
        "000.p/064",
        "000.p/",
        "000.p/0",
        "",
        "x1/000",
        "٠٠٠",
        "001/x000",
    ],
)
def test_other_names_are_no_bundles(name):
    """A partial bundle of no whole step, a number with zeros before it, digits of other scripts."""
    assert bundle_tile(f"tile/entries/{name}") is None


def test_a_bundle_is_each_commit_behind_its_length(log):
    """Two bytes, the higher first, and the commit's bytes as they are stored."""
    data, at = log.store.get(bundle_key(Tile(1))), 0
    for seq in range(SIZE + 1, 2 * SIZE + 1):
        length = 256 * data[at] + data[at + 1]
        assert data[at + 2 : at + 2 + length] == log.store.get(commit_key(seq))
        at += 2 + length
    assert at == len(data)


@pytest.mark.row("F-STO-32")
@pytest.mark.parametrize("seq", [0, 1, 100, SIZE - 1, SIZE, SIZE + 1, 2 * SIZE, COMMITS - 3, COMMITS])
def test_the_same_is_read_with_and_without_them(log, seq):
    """From nothing, from within a bundle, from its end, past the last one; nothing is passed over."""
    head = log.read(seq).head if seq else EMPTY

    assert told(log, head) == by_hand(log, head)
    assert [*commits_after(log, head)] == [*log.after(head)]
    assert log.ignored == {}


@pytest.mark.row("F-STO-32")
def test_few_requests(log):
    """Two bundles, one reading of their last commit, four packs; then what is in none, and a few past the end."""
    told(log)

    assert len(requests(log)) <= 2 + 1 + 4 + 3 * (COMMITS - 2 * SIZE) + 16


@pytest.mark.row("F-STO-32")
def test_who_is_near_asks_nothing_of_bundles(log):
    """One new commit costs what it did: the commit, its segments, the one that is not there."""
    head = log.read(COMMITS - 1).head
    log.store.asked.clear()
    told(log, head)

    assert [key for key in log.store.asked if not key.startswith(("log/", "captures/", "checks/", "records/"))] == []
    assert [key for key in log.store.asked if key.startswith("log/")] == [commit_key(COMMITS), commit_key(COMMITS + 1)]


def _foreign():
    log = Log(MemoryStore())
    log.create(edition="presstv-fr", version="1")
    log.append(draft("another"))
    fill(log, COMMITS - 1, head=log.read(1).head)
    return [*log.after()]


def _forged(log, number):
    """Return a bundle whose chain goes on from the log's, and in which each commit says something else."""
    head = log.read(number * SIZE).head if number else EMPTY
    made = []
    for commit in islice(log.after(head), SIZE):
        told = Draft(
            crawl="forged", writer={}, segments=commit.segments, summary={}, committed_at=commit.committed_at
        )  # fmt: skip
        data = told.at(head)
        made.append(data)
        head = type(head)(seq=head.seq + 1, digest=digest(data))
    return b"".join(len(data).to_bytes(2, "big") + data for data in made)


def _last_forged(log):
    """Return bundle 1 as it is but for its last commit."""
    whole, forged = log.store.get(bundle_key(Tile(1))), log.read(2 * SIZE)
    cut = whole[: len(whole) - len(forged.data) - 2]
    told = Draft(crawl="x", writer={}, segments=[], summary={}, committed_at=NOON).at(log.read(2 * SIZE - 1).head)
    return cut + len(told).to_bytes(2, "big") + told


BAD_BUNDLES = {
    "nothing": lambda log: b"",
    "torn": lambda log: log.store.get(bundle_key(Tile(1)))[:-7],
    "torn between entries": lambda log: log.store.get(bundle_key(Tile(1)))[
        : -len(log.store.get(commit_key(2 * SIZE))) - 2
    ],
    "one entry more": lambda log: log.store.get(bundle_key(Tile(1))) + b"\0\1{",
    "zeros": lambda log: bytes(1000),
    "brackets": lambda log: b"\xff\xff" + b"[" * 65535,
    "endless": lambda log: bytes(MOST_BYTES + 1),
    "another number's": lambda log: log.store.get(bundle_key(Tile(0))),
    "another archive's": lambda log: encode_bundle(_foreign()[SIZE : 2 * SIZE]),
    "a chain of its own": lambda log: _forged(log, 1),
    "a last commit of its own": _last_forged,
}


@pytest.mark.row("F-STO-32")
@pytest.mark.parametrize("make", BAD_BUNDLES.values(), ids=BAD_BUNDLES)
def test_a_bad_bundle_costs_requests_and_no_truth(log, make):
    """It is named, and the log read as it is; the bundle before it serves as ever."""
    data = make(log)
    put(log, bundle_key(Tile(1)), data)
    log.store.asked.clear()

    assert told(log) == by_hand(log)
    assert [*log.ignored] == [bundle_key(Tile(1))]


@pytest.mark.row("F-STO-32")
def test_a_first_bundle_of_another_archive(log):
    """From nothing nothing is known but the log itself: its own last commit refuses the whole chain."""
    others = _foreign()
    for number in BUNDLES:
        put(log, bundle_key(Tile(number)), encode_bundle(others[number * SIZE : (number + 1) * SIZE]))

    assert told(log) == by_hand(log)
    assert {*log.ignored} <= {bundle_key(Tile(number)) for number in BUNDLES}


@pytest.mark.row("F-STO-32")
def test_a_log_that_was_cut_ends_where_it_was_cut(log):
    """Bundles that go on behind its end make no longer log of it."""
    for seq in range(300, COMMITS + 1):
        log.store.delete(commit_key(seq))

    assert [commit.seq for commit in commits_after(log)] == [*range(1, 300)]


def test_a_log_that_was_changed_past_a_bundle_is_named(log):
    """What does not follow on a bundle's commits is the broken chain that it is."""
    fields = log.read(2 * SIZE + 1)
    data = canonical({**parse(fields.data), "previous": "sha256:" + "0" * 64})
    put(log, commit_key(2 * SIZE + 1), data)
    got = []
    with pytest.raises(IntegrityError, match=commit_key(2 * SIZE + 1)):
        got.extend(commit.seq for commit in commits_after(log))
    assert got == [*range(1, 2 * SIZE + 1)]


def _pack(log, change):
    segments = packed([*islice(log.after(), SIZE)], "checks")
    return encode_pack([change(log.store.get(one.key)) for one in segments])


BAD_PACKS = {
    "nothing": lambda log: b"",
    "no frame": lambda log: b"PK" * 100,
    "torn": lambda log: log.store.get(PACKS[1])[:-9],
    "the other kind's": lambda log: log.store.get(PACKS[0]),
    "a later one": lambda log: log.store.get(PACKS[3]),
    "a bomb": lambda log: zstandard.ZstdCompressor().compress(bytes(2**28)),
    "a window past all bounds": lambda log: b"\x28\xb5\x2f\xfd\x00\xf8" + bytes(16),
    "more behind": lambda log: encode_pack([zstandard.ZstdDecompressor().decompress(log.store.get(PACKS[1])), b"x"]),
    "endless": lambda log: bytes(2**26),
    "false lines of the same length": lambda log: _pack(log, lambda data: data[:-1] + bytes([data[-1] ^ 1])),
    "lines packed anew": lambda log: _pack(log, lambda data: gzip.compress(gzip.decompress(data))),
}


@pytest.mark.row("F-STO-32")
@pytest.mark.parametrize("make", BAD_PACKS.values(), ids=BAD_PACKS)
def test_a_bad_pack_costs_requests_and_no_truth(log, make):
    """It is named; what it should have held is read from the segments."""
    data = make(log)
    put(log, PACKS[1], data)

    assert told(log) == by_hand(log)
    assert [*log.ignored] == [PACKS[1]]
    assert next(one for one in packs_of([*islice(log.after(), SIZE)], SIZE) if one.key == PACKS[1]).wrong(log.store)


@pytest.mark.row("F-STO-32")
def test_records_are_in_no_pack(log):
    """A record has one place, its own segment: taken out there it is gone."""
    named = {one.key for commit in log.after() for one in commit.segments if one.kind == "records"}
    held = b"".join(zstandard.ZstdDecompressor().decompress(log.store.get(key)) for key in PACKS)

    assert named
    assert all(log.store.get(key) not in held for key in named)


@pytest.mark.parametrize("seq", [3, 300])
def test_a_segment_of_records_that_is_gone_is_missed(log, seq):
    """Bundles and packs hide nothing of it."""
    key = next(s.key for c in log.after(log.read(seq).head) for s in c.segments if s.kind == "records")
    log.store.delete(key)
    with pytest.raises(IntegrityError, match=key):
        told(log)


def test_the_fold_is_the_same(log, original):
    """The catalog of a machine that read bundles is that of one that read the log, byte for byte of its rows."""
    bare = Log(MemoryStore())
    bare.store._objects.update({k: v for k, v in original.store._objects.items() if not k.startswith(("tile/", "sn"))})
    with_them, without = (facts.folded(one) for one in (log, bare))

    assert facts.tables(with_them) == facts.tables(without)


def test_whoever_passes_writes_it_and_the_one_before(log):
    """A writer that died at the boundary before left its bundle to the next one."""
    for key in (*derived_keys(Tile(0)), *derived_keys(Tile(1))):
        log.store.delete(key)
    gather_passed(log, 2 * SIZE - 1, 2 * SIZE - 1)
    assert gathered_there(log.store) == set()
    gather_passed(log, 2 * SIZE - 1, 2 * SIZE)
    assert gathered_there(log.store) == {*derived_keys(Tile(0)), *derived_keys(Tile(1))}


def test_what_can_not_be_written_ends_no_crawl(log, monkeypatch, caplog):
    """A store that refuses is noted, and the commit stands."""

    def refuse(key, data):
        raise IntegrityError(f"no {key}")

    for key in derived_keys(Tile(1)):
        log.store.delete(key)
    monkeypatch.setattr(log.store, "create", refuse)
    gather_passed(log, 2 * SIZE - 1, 2 * SIZE)

    assert "scrapy pack" in caplog.text


def test_garbage_is_named_by_who_would_write_there(log):
    """It stays: nothing is ever written over."""
    put(log, bundle_key(Tile(1)), b"x")
    put(log, PACKS[2], b"y")
    (done,) = gather_after(log, 1, set())

    assert {*done.wrong} == {bundle_key(Tile(1)), PACKS[2]}
    assert log.store.get(bundle_key(Tile(1))) == b"x"


def test_a_pack_by_another_library_is_right(log):
    """The same segments, other packed bytes: right, since they are told by what they hold."""
    segments = packed([*islice(log.after(), SIZE)], "checks")
    data = zstandard.ZstdCompressor(level=9).compress(b"".join(log.store.get(one.key) for one in segments))
    put(log, PACKS[1], data)

    assert data != encode_pack([log.store.get(one.key) for one in segments])
    assert [done.wrong for done in gather_after(log, 0, set())] == [{}, {}]


def test_long_commits_are_in_no_bundle():
    """Of before the limit: the range is read one by one, and nothing is said against it."""
    log = Log(MemoryStore())
    log.create(edition="presstv-fr", version="1")
    long = Draft(crawl="x", writer={}, segments=[], summary={"x": "y" * 70_000}, committed_at=NOON)
    log.store.create(commit_key(1), long.at(EMPTY))
    fill(log, SIZE, head=log.read(1).head)
    (done,) = gather_after(log, 0, set())

    assert done.wrong == {}
    assert bundle_key(Tile(0)) not in done.written
    assert len([*commits_after(log)]) == SIZE + 1


@pytest.mark.parametrize(("more", "refused"), [(-1, False), (0, True)])
def test_a_commit_of_60_000_bytes_is_refused(more, refused):
    """One byte less is appended."""
    log = Log(MemoryStore())
    log.create(edition="presstv-fr", version="1")
    make = partial(Draft, crawl="x", writer={}, segments=[], committed_at=NOON)
    size = MOST_COMMIT + more - len(make(summary={"x": ""}).at(EMPTY))
    long = make(summary={"x": "y" * size})
    if refused:
        with pytest.raises(LimitReached, match=commit_key(1)):
            log.append(long)
        assert log.read(1) is None
    else:
        assert len(log.append(long).data) == MOST_COMMIT - 1


def test_decoding_takes_what_encoding_makes(log):
    """Both ways, and the catalog can be followed over it."""
    commits = [*islice(log.after(), SIZE)]

    assert decode_bundle(encode_bundle(commits), Tile(0)) == commits
    catalog = Catalog(":memory:", "memory:")
    assert catalog.follow(log).seq == COMMITS
