"""Partial bundles and the packs of 32 commits beside them: the end of a log in few requests, until the whole stands."""

from itertools import islice

import pytest

from archive.errors import StorageError
from archive.log.bundles import SIZE, STEP, Bundles, Tile, bundle_key, encode_bundle, tiles_of
from archive.log.chain import EMPTY, Log
from archive.log.distant import commits_after
from archive.log.gathering import derived_keys, gather_after, gather_passed, gathered_there
from archive.log.packs import PACKED, pack_key
from archive.stores.memory import MemoryStore
from archive.trust.derived import DerivedAudit, sweep_derived
from benchmarks.distant import fill
from tests.archive.log.test_ahead import Counting
from tests.archive.log.test_distant import by_hand, copied, filled, requests, told
from tests.archive.trust.test_verify import put

COMMITS = SIZE + 3 * STEP + 5
WIDE, NARROW = Tile(1, 3 * STEP), Tile(1, 2 * STEP)
PACK = pack_key(SIZE + STEP, "checks", STEP)


@pytest.fixture(scope="module")
def original():
    """Return the log of 357 small commits with a bundle, a partial one of 96, and their packs."""
    log = filled(MemoryStore(), COMMITS)
    assert [done.written for done in gather_after(log, 0, set())] == [derived_keys(Tile(0)), derived_keys(WIDE)]
    return log


@pytest.fixture
def log(original):
    """Return a copy of it, in a store that notes what is asked for."""
    return copied(original)


def narrower(log):
    """Put the partial bundle of 64 commits there as well."""
    put(log, bundle_key(NARROW), encode_bundle([*islice(log.after(log.read(SIZE).head), NARROW.width)]))


def ended(log):
    """Let the log reach the next 256, and whoever passed write its bundle; the partial one of 64 is there, too."""
    narrower(log)
    fill(log, 2 * SIZE - COMMITS, head=log.read(COMMITS).head)
    gather_passed(log, 2 * SIZE - 1, 2 * SIZE)


@pytest.mark.row("F-STO-32")
@pytest.mark.parametrize("seq", [0, SIZE + 1, SIZE + STEP, SIZE + 80, COMMITS - 5])
def test_the_same_is_read_with_and_without_them(log, seq):
    """From before, from within, from its end; nothing is passed over."""
    head = log.read(seq).head if seq else EMPTY

    assert told(log, head) == by_hand(log, head)
    assert log.ignored == {}


@pytest.mark.row("F-STO-32")
@pytest.mark.parametrize("rest", [0, STEP - 1, SIZE - 1])
def test_no_end_of_a_log_costs_much(rest):
    """However many commits came since the last whole bundle: 93 objects are read by themselves at most."""
    log = filled(Counting(), SIZE + rest)
    gather_passed(log, 0, SIZE + rest)
    log.store.asked.clear()
    assert len(told(log)) == SIZE + rest

    steps, single = divmod(rest, STEP)
    assert len(requests(log)) <= 3 + 1 + bool(steps) * 2 + len(PACKED) * steps + 3 * single + 17


def test_what_a_year_costs_is_under_a_thousand():
    """At every number of commits up to 40,192: bundles, packs, last commits, what is read by itself, what is asked ahead."""

    def cost(count):
        tiles = tiles_of(count)
        derived = sum(len(derived_keys(tile)) for tile in tiles)
        return derived + len(tiles) // 16 + 2 + 3 * (count - (tiles[-1].last if tiles else 0)) + 17

    assert max(map(cost, range(40_192 - SIZE, 40_192))) < 650


BAD = {
    "nothing": lambda log: b"",
    "torn": lambda log: log.store.get(bundle_key(WIDE))[:-7],
    "the narrower one's": lambda log: encode_bundle([*islice(log.after(log.read(SIZE).head), NARROW.width)]),
    "one entry more": lambda log: encode_bundle([*islice(log.after(log.read(SIZE).head), WIDE.width + 1)]),
}


@pytest.mark.row("F-STO-32")
@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
@pytest.mark.parametrize("another", [True, False])
def test_a_bad_one_costs_requests_and_no_truth(log, make, another):
    """It is named, and a narrower one serves where there is one."""
    if another:
        narrower(log)
    put(log, bundle_key(WIDE), make(log))
    log.store.asked.clear()
    got = told(log)
    asked = requests(log)

    assert got == by_hand(log)
    assert [*log.ignored] == [bundle_key(WIDE)]
    assert (bundle_key(NARROW) in asked, len(asked) < 200) == (another, another)


@pytest.mark.row("F-STO-32")
def test_a_partial_one_serves_where_the_whole_one_is_wrong(log):
    """Until somebody has swept that away."""
    ended(log)
    put(log, bundle_key(Tile(1)), b"x")
    log.store.asked.clear()
    got = told(log)

    assert len(requests(log)) < 3 * (SIZE - WIDE.width) + 60
    assert got == by_hand(log)
    assert [*log.ignored] == [bundle_key(Tile(1))]


def test_a_bad_pack_of_a_step_is_named_and_the_segments_read(log):
    """As a whole pack is."""
    put(log, PACK, b"x")

    assert told(log) == by_hand(log)
    assert [*log.ignored] == [PACK]


def test_packs_of_steps_serve_where_the_whole_one_is_wrong(log):
    """Those that were not swept yet."""
    ended(log)
    put(log, pack_key(2 * SIZE, "checks"), b"x")
    log.store.asked.clear()
    told(log)

    assert PACK in log.store.asked
    assert [*log.ignored] == [pack_key(2 * SIZE, "checks")]


def test_one_that_is_gone_since_it_was_listed_is_nothing_to_tell(log):
    """Somebody swept meanwhile."""
    names = [*log.store.names()]
    for key in derived_keys(WIDE):
        log.store.delete(key)
    log.store.names = lambda prefix="": (name for name in names if name.startswith(prefix))

    assert told(log) == by_hand(log)
    assert log.ignored == {}


def test_a_log_that_was_cut_ends_where_it_was_cut(log):
    """A partial bundle that goes on behind its end makes no longer log of it, and what is past it stays."""
    for seq in range(SIZE + 40, COMMITS + 1):
        log.store.delete(f"log/{seq:012d}.json")

    assert [commit.seq for commit in commits_after(log)] == [*range(1, SIZE + 40)]
    assert sweep_derived(log, dry_run=False) == ({}, [])
    told_of = dict(DerivedAudit(log).beyond(SIZE + 39))
    assert {*told_of} == {key for key in derived_keys(WIDE) if f"{SIZE + STEP:012d}" not in key}
    assert told_of[bundle_key(WIDE)].startswith(
        f"it is of commits up to {WIDE.last}, and the log ends with {SIZE + 39}"
    )
    assert bundle_key(WIDE) in gathered_there(log.store)


def test_whoever_passes_a_step_writes_it(log):
    """And what packs the writers before left out; who only comes near it writes nothing."""
    for key in derived_keys(WIDE):
        log.store.delete(key)
    gather_passed(log, SIZE + 2 * STEP + 1, SIZE + 3 * STEP - 1)
    assert gathered_there(log.store) == {*derived_keys(Tile(0))}
    gather_passed(log, SIZE + 3 * STEP - 1, COMMITS)
    assert gathered_there(log.store) == {*derived_keys(Tile(0)), *derived_keys(WIDE)}
    log.store.asked.clear()
    gather_passed(log, SIZE + 3 * STEP - 1, COMMITS)
    assert log.store.asked == []


@pytest.mark.parametrize("at", range(6))
def test_a_writer_that_dies_at_any_put_leaves_it_to_the_next(original, at):
    """Of a whole bundle and a partial one: what the next one passes is complete, and all of it right."""

    class Dying(MemoryStore):
        left = at

        def create(self, key, data):
            if not self.left:
                raise StorageError("no more")
            self.left -= 1
            super().create(key, data)

    log = Log(Dying())
    log.store._objects.update({k: v for k, v in original.store._objects.items() if k.startswith(("log/", "c", "r"))})
    gather_passed(log, SIZE - 1, SIZE + STEP)
    log.store.left = 10**6
    gather_passed(log, SIZE + STEP, COMMITS)

    assert {*derived_keys(Tile(0)), *derived_keys(WIDE)} <= gathered_there(log.store)
    audit = DerivedAudit(log)
    assert [wrong for commit in log.after() for wrong in audit.take(commit)] == []


def test_gc_takes_narrower_ones_away(log):
    """Once the whole stands and is right; of the last 256 the widest one stays, and its packs do."""
    narrower(log)
    assert sweep_derived(log, dry_run=True) == ({}, [bundle_key(NARROW)])
    ended(log)
    put(log, pack_key(2 * SIZE, "index"), b"x")
    swept = sweep_derived(log, dry_run=False)
    kept = {key for key in derived_keys(WIDE) if "index" in key}

    assert [*swept.wrong] == [pack_key(2 * SIZE, "index")]
    assert {*swept.superseded} == {bundle_key(NARROW), *derived_keys(WIDE)} - kept
    assert {*derived_keys(Tile(0)), *derived_keys(Tile(1))} | kept == gathered_there(log.store) | {*swept.wrong}
    assert told(log) == by_hand(log)


def test_verify_names_each_that_is_wrong(log):
    """The partial one, its packs, and one of the last step that only a forger would write."""
    ended(log)
    last = pack_key(2 * SIZE, "checks", STEP)
    bad = {bundle_key(WIDE), PACK, last}
    for key in bad:
        put(log, key, b"x")
    audit = DerivedAudit(log)

    assert {key for commit in log.after() for key, _ in audit.take(commit)} == bad


def test_what_is_listed_in_bad_faith_costs_little(log):
    """A name for every width and garbage under it: seven are looked at, and the log is read."""
    for width in range(1, SIZE):
        put(log, f"tile/entries/001.p/{width}", b"x")
    log.store.asked.clear()
    told(log)

    assert len([key for key in log.store.asked if ".p/" in key]) == 7
    assert Bundles(["tile/entries/000.p/96", "tile/entries/000"]).behind(0, 16) == [Tile(0)]
