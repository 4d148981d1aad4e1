"""Bundles, packs and snapshots in buckets of real S3 servers: written once, read, swept, and never believed."""

from contextlib import closing
from datetime import timedelta

import pytest

from archive.catalog.snapshots import make, snapshots_there, tables_of, write
from archive.catalog.starting import started
from archive.log.bundles import SIZE, STEP, Tile, bundle_key, tiles_of
from archive.log.chain import EMPTY, Log
from archive.log.distant import read_after
from archive.log.gathering import derived_keys, gather_after, gather_passed, gathered_there
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store, place_of
from archive.trust.derived import sweep_derived
from archive.trust.signing import signing_key, snapshot_signature
from archive.trust.snapshots import judge, remove_damaged, remove_superseded, wrong_snapshots
from benchmarks.bootstrap import Counted
from benchmarks.distant import fill
from tests.french import Catalog

pytest_plugins = ["tests.servers"]
KEY = signing_key(text="07" * 32)
KINDS = ("index", "records", "checks")


@pytest.fixture(scope="module")
def original():
    """Return the log of 325 commits of looks."""
    log = Log(MemoryStore())
    log.create(edition="presstv-fr", version="1")
    fill(log, SIZE + 2 * STEP + 5, looks_only=True)
    return log


@pytest.fixture(params=[("moto", STEP + 5), ("seaweedfs", SIZE + 3)], ids=["moto", "seaweedfs"])
def log(request, original, use_endpoint):
    """Return the log's first commits in a bucket, below a prefix; requests are counted."""
    name, count = request.param
    server = request.getfixturevalue(name)
    use_endpoint(server.endpoint, server.key_id, server.secret)
    store = Counted(open_store(f"s3://{server.bucket()}/some/prefix"))
    store.store.create("archive.json", original.store.get("archive.json"))
    for commit in original.after():
        if commit.seq <= count:
            for key in (*(segment.key for segment in commit.segments), f"log/{commit.seq:012d}.json"):
                store.create(key, original.store.get(key))
    store.settle()
    return Log(store)


def told(log):
    return [*read_after(log, EMPTY, KINDS)]


def catalog_of(log, path):
    return Catalog(path, place_of(log.store.store))


@pytest.mark.row("F-STO-33")
@pytest.mark.row("F-STO-32")
def test_what_is_derived_lies_in_a_bucket(log, tmp_path):
    """Nothing of it depends on how a folder lists or answers."""
    hold_bundles(log)
    hold_snapshots(log, tmp_path)


def hold_bundles(log):
    """Few requests, the same bytes; two writers at once are one; garbage is passed over, named and swept."""
    plain = told(log)
    tiles, count = tiles_of(len(plain)), len(plain)
    wanted = {key for tile in tiles for key in derived_keys(tile) if "index" not in key}
    gather_passed(Log(log.store.store), 0, count)
    assert gathered_there(log.store) == wanted
    assert [done.wrong for done in gather_after(Log(log.store.store), 0, set())] == [{}] * len(tiles)
    log.store.gets = 0
    assert told(log) == plain
    assert log.store.gets < 60

    bad = bundle_key(tiles[-1])
    log.store.delete(bad)
    log.store.store.create(bad, b"[" * 1000)
    assert told(log) == plain
    assert [*log.ignored] == [bad]
    narrow = bundle_key(Tile(0, STEP))
    swept = sweep_derived(log, dry_run=False)
    assert [*swept.wrong] == [bad]
    assert gathered_there(log.store) == wanted - {bad}
    assert narrow not in swept.superseded


def hold_snapshots(log, tmp_path):
    """Signed: taken by all, and nothing is read but its three objects and the log's end. What is damaged is swept."""
    with closing(catalog_of(log, tmp_path / "made")) as catalog:
        head = catalog.follow(log)
        made, data, manifest = make(catalog, log)
        tables = tables_of(catalog.db)
    for _ in range(2):
        write(log.store.store, made, data, manifest, snapshot_signature(manifest, KEY))
    log.store.gets = log.store.lists = 0
    vouching = judge((KEY.public,), required=True)
    begun = started(log, catalog_of(log, tmp_path / "new"), vouching, reads=False)
    with closing(begun.catalog) as catalog:
        assert (catalog.follow(log), tables_of(catalog.db), begun.unproven) == (head, tables, False)
    assert (log.store.gets < 12, log.store.lists) == (True, 1)

    log.store.delete(made.key())
    log.store.store.create(made.key(), data[:-9])
    assert [key for key, _ in wrong_snapshots(log, (KEY.public,))] == [made.key()]
    assert [*remove_damaged(log, (KEY.public,), dry_run=False)] == [made.key()]
    assert snapshots_there(log.store) == []
    assert remove_superseded(log, log.store.now() + timedelta(days=2), dry_run=False) == []
