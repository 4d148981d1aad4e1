"""Snapshots: a catalog to begin with, held against the log, and believed as far as somebody vouches for it."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
import zstandard

from archive.catalog import schema, snapshots
from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.catalog.snapshots import Snapshot, make, snapshots_there, tables_of, write
from archive.catalog.starting import stands, started, unproven_path
from archive.errors import IntegrityError, LimitReached
from archive.exporters.looks import looks
from archive.facts.canonical import canonical, parse
from archive.facts.names import commit_key
from archive.log.chain import EMPTY, Log
from archive.opened import Archive
from archive.stores.memory import MemoryStore
from archive.trust.signing import is_signed_by, signature, signing_key, snapshot_signature
from archive.trust.snapshots import judge, remove_damaged, remove_superseded, unproven, wrong_snapshots
from tests import facts
from tests.french import Catalog

KEY, OTHER = (signing_key(text=f"{digit:02d}" * 32) for digit in (7, 9))
KEYS = (KEY.public,)
OF_KEY, OF_NOBODY = judge(KEYS, required=True), judge((), required=False)


def archive_of(count=6, identity=None):
    log = facts.new_log()
    if identity:
        log.store.delete("archive.json")
        log.store.create("archive.json", identity)
    for number in range(1, count + 1):
        facts.write(log, facts.read(number % 3 + 1, number * 10, facts.TEXTS[number % 2], outcome="changed"))
    return log


def folded_at(log, path, count=None):
    catalog = Catalog(path, "memory:")
    catalog.follow(facts.prefix(log, count) if count else log)
    return catalog


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return the log of six commits and a snapshot of its fourth, its files by ending."""
    log = archive_of()
    with closing(folded_at(log, tmp_path_factory.mktemp("s") / "c", 4)) as catalog:
        made, data, manifest = make(catalog, log)
    return log, made, {"sqlite.zst": data, "json": manifest, "sig": snapshot_signature(manifest, KEY)}


@pytest.fixture
def log(told):
    """Return a copy of the log, without a snapshot."""
    store = MemoryStore("memory:")
    store._objects.update(told[0].store._objects)
    return Log(store)


@pytest.fixture
def laid(told, log):
    """Return a function that stores a snapshot, changed as is said, under the name that then is its own."""

    def lay(*, signed=True, unpacked=None, data=None, manifest=None, sig=None, **name):
        _, made, files = told
        packed = files["sqlite.zst"] if data is None else data
        told_of = parse(files["json"])
        if unpacked is not None:
            packed = zstandard.ZstdCompressor().compress(unpacked)
            told_of["bytes"] = len(unpacked)
        made = Snapshot(**{**made._asdict(), "digest": sha256(packed).hexdigest(), **name})
        told_of |= {"packed": f"sha256:{sha256(packed).hexdigest()}"} | (manifest or {})
        raw = canonical(told_of)
        signing = snapshot_signature(raw, KEY) if signed else None
        write(log.store, made, packed, raw, sig if sig is not None else signing)
        return made

    return lay


def begin(log, path, judging, *, reads=True):
    """Return (catalog, whether nobody vouches for it) of a machine that never saw the archive, before it follows."""
    return started(log, Catalog(path, "memory:"), judging, reads=reads)


def whole(log, path):
    with closing(Catalog(path, "memory:")) as catalog:
        catalog.follow(log)
        return tables_of(catalog.db)


def unpacked_of(told, change):
    """Return the snapshot's file after a change to its tables, and what its tables then hold."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c"
        path.write_bytes(zstandard.ZstdDecompressor().decompress(told[2]["sqlite.zst"]))
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            for statement in change:
                db.execute(statement)
            try:
                tables = {name: {"rows": t.rows, "sha256": t.sha256} for name, t in tables_of(db).items()}
            except sqlite3.DatabaseError:
                tables = {}
        return path.read_bytes(), tables


def test_a_signed_one_is_gone_on_from(told, log, laid, tmp_path):
    """For readers and writers: the fold of what came since gives the tables of a fold from nothing."""
    laid()
    for reads in (True, False):
        begun = begin(log, tmp_path / f"c{reads}", OF_KEY, reads=reads)
        with closing(begun.catalog) as catalog:
            assert (catalog.head().seq, begun.unproven) == (4, False)
            assert catalog.follow(log).seq == 6
            assert tables_of(catalog.db) == whole(log, tmp_path / f"w{reads}")
            assert stands(log, begun)
            assert catalog.memory.digests(catalog.archive) == {c.seq: c.digest for c in log.after()}
    assert log.ignored == {}


def test_the_searched_words_come_with_it(log, laid, tmp_path):
    """The search index of one that went on from a snapshot holds what a whole fold's does."""
    laid()
    with closing(begin(log, tmp_path / "c", OF_KEY).catalog) as catalog, closing(folded_at(log, tmp_path / "w")) as w:
        catalog.follow(log)
        for name in ("texts", "taken_out"):
            assert facts.searched(catalog.db, name) == facts.searched(w.db, name)


@pytest.mark.row("F-STO-33")
def test_an_unsigned_one_serves_readers_alone(log, laid, tmp_path):
    """In a file of its own; whoever writes folds, and then the catalog serves all."""
    laid(signed=False)
    begun = begin(log, tmp_path / "c", OF_NOBODY)
    with closing(begun.catalog) as catalog:
        assert (catalog.head().seq, begun.unproven) == (4, True)
        assert catalog.path == unproven_path(tmp_path / "c")
        assert catalog.follow(log).seq == 6
    with closing(begin(log, tmp_path / "c", OF_NOBODY, reads=False).catalog) as catalog:
        assert catalog.head() == EMPTY
        catalog.follow(log)
    again = begin(log, tmp_path / "c", OF_NOBODY)
    with closing(again.catalog) as catalog:
        assert (catalog.path, again.unproven) == (tmp_path / "c", False)


def test_an_unsigned_one_is_gone_on_from_without_asking_again(log, laid, tmp_path):
    """Who reads a second time needs no snapshot any more."""
    made = laid(signed=False)
    begin(log, tmp_path / "c", OF_NOBODY).catalog.close()
    for ending in ("sqlite.zst", "json"):
        log.store.delete(made.key(ending))
    begun = begin(log, tmp_path / "c", OF_NOBODY)
    with closing(begun.catalog):
        assert (begun.catalog.head().seq, begun.unproven) == (4, True)


def test_what_somebody_has_open_is_not_swept(log, laid, tmp_path):
    """What began unsigned goes once a catalog was folded in its place, and nobody reads it any more."""
    laid(signed=False)
    with closing(begin(log, tmp_path / "c", OF_NOBODY).catalog):
        folded_at(log, tmp_path / "c").close()
        begin(log, tmp_path / "c", OF_NOBODY).catalog.close()
        assert unproven_path(tmp_path / "c").exists()
    begin(log, tmp_path / "c", OF_NOBODY).catalog.close()
    assert not [*tmp_path.glob("c-unproven*")]


def test_where_signatures_count_an_unsigned_one_serves_nobody(log, laid, tmp_path):
    """VERIFY_KEY is set: whoever can write to the store could have put it there."""
    made = laid(signed=False)
    for reads in (True, False):
        with closing(begin(log, tmp_path / f"c{reads}", OF_KEY, reads=reads).catalog) as catalog:
            assert catalog.head() == EMPTY
    assert [*log.ignored] == [made.key()]


@pytest.mark.row("F-STO-33")
def test_digests_of_commits_are_remembered_from_the_log_alone(log, laid, tmp_path):
    """A forger's word about earlier commits would be a false alarm for ever: of an unsigned one none is remembered."""
    laid(signed=False)
    begun = begin(log, tmp_path / "c", OF_NOBODY)
    with closing(begun.catalog) as catalog:
        catalog.follow(log)
        assert catalog.memory.digests(catalog.archive) == {}
        assert catalog.memory.ends().archives[catalog.archive].highest == log.read(6).head
    with closing(folded_at(log, tmp_path / "c")) as catalog:
        assert len(catalog.memory.digests(catalog.archive)) == 6


def test_an_empty_memory_of_probes_is_its_own(log, laid, tmp_path):
    """What this machine knows of its store stays: a snapshot tells of no place."""
    laid()
    with closing(Catalog(tmp_path / "c", "memory:")) as catalog:
        catalog.remember_probe(facts.NOON)
        begun = started(log, catalog, OF_KEY, reads=False)
        assert begun.catalog.probed(facts.NOON)
        assert begun.catalog.head().seq == 4


FORGED = ["DELETE FROM versions", "UPDATE articles SET headline = 'Un faux'"]
EVIL = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON commits BEGIN DELETE FROM records; END",
    "a view more": "CREATE VIEW evil AS SELECT 1",
    "a table more": "CREATE TABLE evil (x)",
    "a table less": "DROP TABLE spots",
    "an index less": "DROP INDEX articles_due",
    "statistics of its own": "ANALYZE",
    "a column that is computed": "ALTER TABLE spots ADD COLUMN evil AS (abs(-1))",
    "a virtual table": "CREATE VIRTUAL TABLE evil USING fts5 (x)",
    "a table under a name of ours": "ALTER TABLE spots RENAME TO alike2",
    "a root of another's": (
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'articles_due') "
        "WHERE name = 'records_of_article'",
    ),
    "pages of another size": ("PRAGMA page_size = 4096", "VACUUM"),
}


def _bad(told):
    packed = told[2]["sqlite.zst"]
    file = zstandard.ZstdDecompressor().decompress(packed)
    forged, tables = unpacked_of(told, FORGED)
    yield "torn", {"data": packed[:-20]}
    yield "empty", {"data": b""}
    yield "no zstd", {"data": b"PK" * 500}
    yield "a bomb", {"data": zstandard.ZstdCompressor().compress(bytes(2**28))}
    yield (
        "a bomb that says so",
        {"data": zstandard.ZstdCompressor().compress(bytes(2**28)), "manifest": {"bytes": 2**28}},
    )
    yield "no database", {"unpacked": b"[" * 100_000}
    yield "a torn database", {"unpacked": file[: len(file) // 2]}
    yield "pages of nonsense", {"unpacked": file[:8192] + b"\xa5" * (len(file) - 8192)}
    yield "another name", {"digest": "0" * 64}
    yield "another schema", {"manifest": {"catalog": schema.VERSION + 1}}
    yield "other rules", {"manifest": {"rules": snapshots.RULES + 1}}
    yield "another archive", {"manifest": {"archive": "f" * 32}}
    yield "another head", {"manifest": {"head": {"seq": 4, "digest": "sha256:" + "0" * 64}}}
    yield "a head past the log", {"manifest": {"head": {"seq": 9, "digest": "sha256:" + "0" * 64}}, "seq": 9}
    yield "commit 0", {"manifest": {"head": {"seq": 0, "digest": ""}}, "seq": 0}
    yield "a manifest of nonsense", {"manifest": {"tables": [1]}}
    yield "fewer commits", {"unpacked": unpacked_of(told, ["DELETE FROM commits WHERE seq = 2"])[0]}
    yield "a place", {"unpacked": unpacked_of(told, ["INSERT INTO meta VALUES ('place', 'x')"])[0]}
    for name, statement in EVIL.items():
        yield name, {"unpacked": unpacked_of(told, [statement] if isinstance(statement, str) else statement)[0]}
    yield "false rows", {"unpacked": forged}
    yield "false rows, another's signature", {
        "unpacked": forged, "manifest": {"tables": tables}, "sig": snapshot_signature(b"{}", KEY)
    }  # fmt: skip


BAD = [
    "torn", "empty", "no zstd", "a bomb", "a bomb that says so", "no database", "a torn database", "pages of nonsense",
    "another name", "another schema", "other rules", "another archive", "another head", "a head past the log",
    "commit 0", "a manifest of nonsense", "fewer commits", "a place", *EVIL, "false rows",
]  # fmt: skip


@pytest.fixture(scope="module")
def bad(told):
    return dict(_bad(told))


@pytest.mark.parametrize("name", BAD)
@pytest.mark.row("F-STO-33")
def test_a_bad_one_is_passed_over_in_one_line(bad, log, laid, tmp_path, name):
    """Torn, a bomb, of another archive, schema or head, with tables or rows that are not what it says: folded instead."""
    made = laid(signed=False, **bad[name])
    with closing(begin(log, tmp_path / "c", OF_NOBODY).catalog) as catalog:
        assert catalog.head() == EMPTY
        assert [*log.ignored] == ([made.key()] if made.seq >= 0 else [])
        assert catalog.follow(log).seq == 6
    assert "\n" not in log.ignored[made.key()]
    assert [key for key, _ in wrong_snapshots(log, ())] == [made.key()]


@pytest.mark.row("F-STO-33")
def test_false_rows_that_somebody_else_signed_serve_nobody(bad, log, laid, tmp_path):
    """The right chain, rows that the manifest tells truly, and a signature that is not the key's."""
    made = laid(**bad["false rows, another's signature"])
    for reads in (True, False):
        with closing(begin(log, tmp_path / f"c{reads}", OF_KEY, reads=reads).catalog) as catalog:
            assert catalog.head() == EMPTY
    assert [key for key, _ in wrong_snapshots(log, KEYS)] == [made.key()]


@pytest.mark.row("F-STO-33")
def test_once_signatures_count_what_began_without_one_serves_nobody(log, laid, tmp_path):
    """A catalog that began as an unsigned snapshot, before there was a key to ask for."""
    laid(signed=False)
    begun = begin(log, tmp_path / "c", OF_NOBODY)
    begun.catalog.close()
    again = begin(log, tmp_path / "c", OF_KEY)
    with closing(again.catalog) as catalog:
        assert (begun.unproven, again.unproven, catalog.head()) == (True, False, EMPTY)


@pytest.mark.row("F-STO-33")
@pytest.mark.parametrize("reads", [True, False])
def test_what_was_signed_lends_its_word_to_no_other_bytes(told, log, tmp_path, reads):
    """A good manifest and its signature, laid again beside a catalog of false rows that is as long, under its name."""
    forged, _ = unpacked_of(told, ["UPDATE articles SET headline = 'Un sac'"])
    assert len(forged) == parse(told[2]["json"])["bytes"]
    packed = zstandard.ZstdCompressor().compress(forged)
    made = told[1]._replace(digest=sha256(packed).hexdigest())
    write(log.store, made, packed, told[2]["json"], told[2]["sig"])

    begun = begin(log, tmp_path / "c", OF_KEY, reads=reads)
    with closing(begun.catalog) as catalog:
        assert (catalog.head(), [*log.ignored]) == (EMPTY, [made.key()])
    assert [key for key, _ in wrong_snapshots(log, KEYS)] == [made.key()]


@pytest.mark.parametrize("name", ["torn", "false rows", "a table more"])
@pytest.mark.row("F-STO-33")
def test_what_verify_says_that_gc_removes_it_removes(bad, log, laid, name):
    """However new it is; a dry run names it, and a good one stays: also one that can't be unpacked here."""
    good, made = laid(), laid(**bad[name])
    [(key, why)] = wrong_snapshots(log, KEYS)

    assert remove_damaged(log, KEYS, dry_run=True) == {key: why} == {made.key(): why}
    assert remove_damaged(log, KEYS, dry_run=False) == {key: why}
    assert {name.partition(".")[0] for name in log.store.names("snapshots/")} == {good.key().partition(".")[0]}
    with mock.patch("archive.trust.snapshots.unpack", side_effect=OSError(28, "full")):
        assert remove_damaged(log, KEYS, dry_run=False) == {}


def test_one_of_another_zone_is_not_taken(log, laid, tmp_path):
    """Months are told in the outlet's zone: true, and yet nothing that verify would name."""
    laid(manifest={"zone": "Pacific/Apia"})
    with closing(begin(log, tmp_path / "c", OF_KEY).catalog) as catalog:
        assert catalog.head() == EMPTY
    assert [*wrong_snapshots(log, KEYS)] == []


@pytest.mark.row("F-STO-33")
def test_a_newer_bad_one_hides_no_good_one(bad, log, laid, tmp_path):
    """The next one is looked at."""
    good = laid()
    laid(**bad["no database"])
    with closing(begin(log, tmp_path / "c", OF_KEY).catalog) as catalog:
        assert catalog.head().seq == 4
    assert good.key() not in log.ignored


def test_a_log_that_was_cut_takes_none_of_what_came_later(log, laid, tmp_path):
    """The log ends before the snapshot's head: it is folded as it is."""
    laid()
    for seq in (3, 4, 5, 6):
        log.store.delete(commit_key(seq))
    with closing(begin(log, tmp_path / "c", OF_KEY).catalog) as catalog:
        assert catalog.follow(log).seq == 2


def test_a_log_that_was_changed_behind_one_is_named(log, laid, tmp_path):
    """What follows must go on from its head."""
    laid()
    commit = log.read(5)
    log.store.delete(commit_key(5))
    log.store.create(commit_key(5), canonical({**parse(commit.data), "previous": "sha256:" + "0" * 64}))
    with closing(begin(log, tmp_path / "c", OF_KEY).catalog) as catalog, pytest.raises(IntegrityError, match="chain"):
        catalog.follow(log)


def test_a_signature_of_a_commit_is_none_of_a_manifest(told, log):
    """Nor the other way round, nor of another manifest, nor by another key."""
    manifest = told[2]["json"]

    assert is_signed_by(manifest, snapshot_signature(manifest, KEY), KEYS)
    assert not is_signed_by(manifest, snapshot_signature(manifest, OTHER), KEYS)
    assert not is_signed_by(manifest + b" ", snapshot_signature(manifest, KEY), KEYS)
    assert not is_signed_by(manifest, signature(log.read(1), KEY), KEYS)
    for data in (b"", b"[]", b"{}", b"null", b"[" * 10**5, canonical({"schema": "x", "public_key": 5})):
        assert not is_signed_by(manifest, data, KEYS)


def test_the_same_catalog_gives_the_same_rows(log, tmp_path):
    """Folded commit by commit or at once, each table's digest is the same: so two machines can be compared."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with closing(folded_at(log, tmp_path / "a/c", 1)) as step, closing(folded_at(log, tmp_path / "b/c")) as at_once:
        for count in range(2, 7):
            step.follow(facts.prefix(log, count))
        assert tables_of(step.db) == tables_of(at_once.db)


def test_the_newest_two_are_kept(told, log, laid):
    """Older than a day the others go; so does what gives itself a number past the log's end, whatever its schema."""
    kept = [laid(unpacked=unpacked_of(told, [f"PRAGMA user_version = {n}"])[0]) for n in range(3)]
    beyond = laid(seq=9, manifest={"head": {"seq": 9, "digest": "x"}}, data=b"1")
    foreign = [laid(schema=schema.VERSION + 1, seq=seq, data=b"2") for seq in (1, 2, 9)]
    now = in_hours(log, 25)
    gone = remove_superseded(log, now, dry_run=False)

    assert remove_superseded(log, in_hours(log, 0), dry_run=True) == []
    assert {beyond.key(), foreign[2].key()} <= set(gone)
    assert len({key for key in gone if "zst" in key}) == 3
    assert snapshots_there(log.store) == sorted([*sorted(kept)[1:], *foreign[:2]])


def in_hours(log, hours):
    return log.store.now() + timedelta(hours=hours)


def test_verify_tells_which_nobody_vouches_for(log, laid):
    """A signature that nobody looked at vouches for nothing."""
    made = laid()

    assert [*unproven(log, KEYS)] == []
    assert [*unproven(log, ())] == [made.key()]
    assert [*wrong_snapshots(log, KEYS)] == []


def test_names_that_are_none(log):
    """Packs, other endings, a file without its manifest."""
    one = Snapshot(4, 9, "a" * 64)
    for key in (one.key(), "snapshots/packs/000000000256-checks.bin.zst", "snapshots/000000000004-9-a.json"):
        log.store.create(key, b"x")

    assert snapshots_there(log.store) == []


def test_a_catalog_that_is_too_large_makes_none(log, tmp_path, monkeypatch):
    """And says so."""
    monkeypatch.setattr(snapshots, "MOST_BYTES", 100)
    with closing(folded_at(log, tmp_path / "c")) as catalog, pytest.raises(LimitReached, match="too large"):
        make(catalog, log)


def test_what_a_killed_process_left_of_another_day_is_swept(told, log, laid, tmp_path):
    """A folder of today may be somebody's at work."""
    laid()
    old, young = tmp_path / "c-snapshot-old", tmp_path / "c-snapshot-young"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (0, 0))
    begin(log, tmp_path / "c", OF_KEY).catalog.close()

    assert (old.exists(), young.exists()) == (False, True)
    assert [path.name for path in tmp_path.glob("*snapshot*")] == ["c-snapshot-young"]


def test_false_digests_of_commits_break_no_chain(told, log, laid, tmp_path):
    """Rows that nobody vouches for, told truly by their manifest: an export since a commit goes by the log."""
    file, tables = unpacked_of(told, ["UPDATE commits SET digest = 'sha256:0' WHERE seq = 2"])
    laid(signed=False, unpacked=file, manifest={"tables": tables})
    begun = begin(log, tmp_path / "c", OF_NOBODY)
    with closing(begun.catalog) as catalog:
        catalog.follow(log)
        archive = Archive(store=log.store, log=log, catalog=catalog, unproven=begun.unproven)
        assert begun.unproven
        assert [row["commit"] for row in looks(archive, Selection(since=Since("2")))] == [3, 4, 5, 6]
