"""The catalog: thrown away and rebuilt to the same exports, and never fooled about where the log ends."""

import os
import sqlite3
import subprocess
import sys

import pytest

from archive.errors import IntegrityError, NoSpace, StorageError
from archive.facts.names import commit_key
from archive.log.chain import Draft
from archive.seen.judging import recall
from archive.seen.memory import HeadMemory
from archive.stores.opening import open_store, place_of
from tests import facts
from tests.french import Catalog


@pytest.fixture
def log():
    made = facts.new_log()
    facts.write(made, facts.read(1, 0), facts.read(2, 0))
    facts.write(made, facts.read(1, 60, facts.TEXTS[1]), facts.saw(2, 60, "gone"))
    return made


def garbage(path):
    path.write_bytes(os.urandom(5000))


def truncated(path):
    path.write_bytes(path.read_bytes()[:-8192])


def zeroed(path):
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(len(data) - 4096))


def torn_inside(path):
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'versions'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    data = path.read_bytes()
    path.write_bytes(data[: (page - 1) * size] + b"\x0d" + bytes(size - 1) + data[page * size :])


def older(path):
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '0' WHERE name = 'schema'")
        db.execute("ALTER TABLE versions RENAME TO something_else")
    db.close()


def foreign(path):
    Catalog(path, "memory:another").close()


def deleted(path):
    path.unlink()


def half_made(path):
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE meta")
    db.close()


@pytest.mark.parametrize("harm", [garbage, truncated, zeroed, torn_inside, older, foreign, deleted, half_made])
@pytest.mark.row("F-PRC-17")
def test_a_harmed_catalog_is_rebuilt_to_the_same_exports(log, tmp_path, harm):
    """Whatever happened to the file, opening it folds the log again, and every view is the same."""
    path = tmp_path / "catalog.sqlite"
    first = facts.folded(log, path)
    before = facts.exports(first)
    first.close()
    harm(path)
    again = facts.folded(log, path)

    assert facts.exports(again) == before
    again.close()


def seen_in(path, log):
    """Return the head that the memory beside a catalog holds for a log's place."""
    return recall(log, HeadMemory(path)).here


@pytest.mark.parametrize("harm", [truncated, older, foreign, deleted])
def test_the_memory_of_the_head_outlives_a_rebuild(log, tmp_path, harm):
    """A catalog made anew still knows where the log ended, and refuses one that is shorter."""
    path = tmp_path / "catalog.sqlite"
    facts.folded(log, path).close()
    harm(path)
    Catalog(path, log.store.uri).close()
    log.store.delete(commit_key(2))

    assert seen_in(path, log).seq == 2
    with pytest.raises(IntegrityError, match=commit_key(2)):
        facts.folded(log, path)


def test_a_rebuild_under_way_forgets_nothing(log, tmp_path):
    """While the first commit is folded again, the last one is still remembered."""
    path = tmp_path / "catalog.sqlite"
    facts.folded(log, path).close()
    older(path)
    catalog = Catalog(path, log.store.uri)
    catalog.fold(log.read(1), log)

    assert (catalog.head().seq, seen_in(path, log).seq) == (1, 2)
    catalog.close()


def shorter(log):
    log.store.delete(commit_key(2))


def different(log):
    log.store.delete(commit_key(2))
    facts.write(log, facts.read(3, 0), name="20261124t120000z-0000000b-0002")


@pytest.mark.parametrize("change", [shorter, different])
def test_a_log_that_is_not_the_one_remembered_is_refused(log, tmp_path, change):
    """A log that lost or changed its last commit is an integrity error that names the key; nothing is folded."""
    catalog = facts.folded(log, tmp_path / "catalog.sqlite").catalog
    change(log)

    with pytest.raises(IntegrityError, match=commit_key(2)):
        catalog.follow(log)
    assert catalog.head().seq == 2
    catalog.close()


def test_a_path_may_hold_any_character(log, tmp_path):
    """The memory is found under a name with characters that a URI would read otherwise."""
    path = tmp_path / "a ?mode=rw#%41" / "catalog.sqlite"
    facts.folded(log, path).close()

    assert seen_in(path, log).seq == 2


@pytest.mark.parametrize("kind", ["index", "records", "checks"])
@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_a_bad_segment_is_named(log, kind, fault):
    """A segment that is gone or changed stops the fold with its key; the commit leaves no trace."""
    segment = next(s for s in log.read(2).segments if s.kind == kind)
    data = log.store.get(segment.key)
    log.store.delete(segment.key)
    if fault == "damaged":
        log.store.create(segment.key, data[:-1] + b"!")
    catalog = Catalog(":memory:", log.store.uri)

    with pytest.raises(IntegrityError, match=segment.key):
        catalog.follow(log)
    assert catalog.head().seq == 1


def test_lines_that_no_writer_of_ours_writes_are_an_integrity_error():
    """A record without its fields names the commit, and is no traceback."""
    log = facts.new_log()
    bad = facts.read(1, 0)
    del bad.record["digests"]
    facts.write(log, bad)

    with pytest.raises(IntegrityError, match=commit_key(1)):
        facts.folded(log)


def test_a_commit_of_two_record_segments_is_folded_whole():
    """Nothing says that a commit has one segment of a kind."""
    log = facts.new_log()
    parts = [
        facts.write(log, facts.read(number, 0), name=f"20261124t120000z-0000000a-{number:04d}") for number in (1, 2)
    ]
    both = Draft(
        crawl="c",
        writer=facts.WRITER,
        segments=[s for p in parts for s in p.segments],
        summary={},
        committed_at=facts.NOON,
    )
    log.store.delete(commit_key(1))
    log.store.delete(commit_key(2))
    log.append(both)

    assert len(facts.exports(facts.folded(log))["latest"]) == 2


FOLD = """
import sys
from archive.log.chain import Log
from archive.stores.opening import open_store, place_of
from tests.french import Catalog

sys.stdin.readline()
catalog = Catalog(sys.argv[1], place_of(open_store(sys.argv[2])))
catalog.follow(Log(open_store(sys.argv[2])))
"""


@pytest.mark.row("F-PRC-17")
def test_processes_that_fold_one_catalog_at_once_are_safe(tmp_path):
    """Four processes meet a damaged catalog together; the catalog they leave is the one folded alone."""
    uri, path = f"file:{tmp_path}/archive", tmp_path / "catalog.sqlite"
    log = facts.new_log()
    for minute in range(12):
        facts.write(log, facts.read(minute % 3, minute, f"Texte {minute}."))
    store = open_store(uri)
    for entry in log.store.list():
        store.create(entry.key, log.store.get(entry.key))
    garbage(path)
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", FOLD, str(path), uri], stdin=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "."}
        )
        for _ in range(4)
    ]
    for process in crowd:
        process.stdin.write(b"\n")
        process.stdin.close()
    codes = [process.wait(60) for process in crowd]
    log.store.uri = place_of(store)
    together, alone = facts.folded(log, path), facts.folded(log)

    assert codes == [0, 0, 0, 0]
    assert facts.tables(together) == facts.tables(alone)
    together.close()


def test_another_process_that_empties_the_catalog_meanwhile_is_met(log, tmp_path):
    """A catalog that is behind by the time it is written to is followed from its own head, never with a gap."""
    path = tmp_path / "catalog.sqlite"
    ours = facts.folded(log, path).catalog
    foreign(path)
    Catalog(path, log.store.uri).close()
    late = facts.write(log, facts.read(3, 0))

    assert ours.fold(late, log) is False
    assert ours.follow(log) == late.head
    ours.close()


def test_a_catalog_taken_over_for_another_archive_is_not_written(log, tmp_path):
    """Two archives on one CATALOG_PATH never mix: the one who lost it is told so."""
    path = tmp_path / "catalog.sqlite"
    ours = facts.folded(log, path).catalog
    foreign(path)

    with pytest.raises(StorageError, match="CATALOG_PATH"):
        ours.fold(facts.write(log, facts.read(3, 0)), log)
    ours.close()


@pytest.mark.row("F-PRC-17")
def test_a_full_disk_is_no_space_and_leaves_the_catalog_as_it_was(log, tmp_path):
    """A commit that doesn't fit is not folded by half, and the error says that space is what lacks."""
    path = tmp_path / "catalog.sqlite"
    catalog = facts.folded(log, path).catalog
    pages = catalog.db.execute("PRAGMA page_count").fetchone()[0]
    catalog.db.execute(f"PRAGMA max_page_count = {pages + 4}")
    facts.write(log, *(facts.read(number, 0, "Un long texte. " * 400) for number in range(10, 30)))

    with pytest.raises(NoSpace, match="no space"):
        catalog.follow(log)
    assert (catalog.head().seq, catalog.db.in_transaction) == (2, False)
    catalog.close()


@pytest.mark.parametrize(("hours", "known"), [(0, True), (23, True), (24, False), (-1, False)])
def test_a_probe_is_believed_for_a_day(hours, known):
    """From when it was done, for a day, by a clock that does not run backwards."""
    catalog = Catalog(":memory:", "memory:")
    catalog.remember_probe(facts.NOON)

    assert catalog.probed(facts.at(60 * hours)) is known


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path):
    """The error names the setting that mends it."""
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="CATALOG_PATH"):
        Catalog(tmp_path / "file" / "catalog.sqlite", "memory:")
