"""A log held against what this machine saw: whole, a copy that lags, cut, changed, or another archive's."""

import contextlib
import sqlite3

import pytest

from archive.errors import IntegrityError
from archive.facts.canonical import canonical, parse
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, Log
from archive.seen import judging
from archive.seen.judging import check, check_writable, recall
from archive.seen.memory import NAME, HeadMemory
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store
from tests import facts

LAST = 5


def filled(uri="memory:first"):
    log = facts.new_log(uri)
    for number in range(1, LAST + 1):
        facts.write(log, facts.read(number, number))
    return log


def copy(log, uri, until=LAST):
    """Return a copy of an archive in another place that ends at a commit."""
    store = MemoryStore(uri)
    for entry in log.store.list():
        if entry.key <= commit_key(until) or not entry.key.startswith("log/"):
            store.create(entry.key, log.store.get(entry.key))
    return Log(store)


def nameless(log):
    """Return the archive as versions before 0.2.0 made it: without an id."""
    described = {name: value for name, value in log.description().items() if name != "id"}
    log.store.delete(ARCHIVE_KEY)
    log.store.create(ARCHIVE_KEY, canonical(described))
    return log


@pytest.fixture(params=["with an id", "without"])
def log(request):
    """Return the log of an archive of five commits."""
    return filled() if request.param == "with an id" else nameless(filled())


@pytest.fixture
def catalog(log, tmp_path):
    """Return the path of a catalog that saw the archive; the catalog itself is gone."""
    path = tmp_path / "catalog.sqlite"
    facts.folded(log, path).close()
    path.unlink()
    return path


def judged(log, catalog):
    return check(log, recall(log, HeadMemory(catalog)))


def told(log, catalog):
    """Return the words of the refusal."""
    with pytest.raises(IntegrityError) as refused:
        judged(log, catalog)
    assert f"delete {catalog.with_name(NAME)} and {catalog} too" in str(refused.value)
    return str(refused.value)


def test_the_archive_itself_and_whole_copies_are_fine(log, catalog):
    """Also where they go on."""
    moved = copy(log, "memory:moved")
    facts.write(moved, facts.read(9, 90))

    assert (judged(log, catalog), judged(moved, catalog)) == (None, None)


@pytest.mark.row("F-SEC-11")
@pytest.mark.parametrize("end", range(LAST))
def test_a_copy_that_ends_earlier_lags(log, catalog, end):
    """It is read, and not written to; the number is told."""
    behind = copy(log, "memory:copy", end)
    lag = judged(behind, catalog)
    if end == 0 and lag is None:
        # An archive of before 0.2.0 that has no commit has no name.
        assert "id" not in log.description()
        return

    assert (lag.commits, lag.ends.seq, lag.seen.seq) == (LAST - end, end, LAST)
    with pytest.raises(IntegrityError, match=rf"ends at commit {end}, .*--repair-from") as refused:
        check_writable(lag)
    assert refused.value.exit_code == 9


@pytest.mark.row("F-SEC-11")
def test_a_copy_that_lags_may_catch_up_and_not_fall_back(log, catalog):
    """What was seen in a place counts there, whatever was seen elsewhere."""
    for end in (2, 4):
        behind = copy(log, "memory:copy", end)
        assert judged(behind, catalog).commits == LAST - end
        facts.folded(behind, catalog).close()

    assert commit_key(4) in told(copy(log, "memory:copy", 3), catalog)


@pytest.mark.row("F-SEC-10")
def test_a_place_that_was_longer_may_not_be_shorter(log, catalog):
    """Though all that is left of it is known."""
    log.store.delete(commit_key(LAST))

    assert f"{commit_key(LAST)} is missing" in told(log, catalog)


@pytest.mark.row("F-SEC-10")
@pytest.mark.parametrize("until", [3, LAST, LAST + 2])
@pytest.mark.parametrize("from_", [1, 3])
def test_another_history_is_no_copy(log, catalog, until, from_):
    """Wherever it begins to differ, and however long it is; also in a place never seen."""
    other = copy(log, "memory:other", from_ - 1)
    for number in range(from_, until + 1):
        facts.write(other, facts.read(number + 50, number), name=f"20261124t120000z-000000ff-{number:04d}")
    if from_ == 1 and "id" not in log.description():
        # Without an id it is simply another archive.
        assert judged(other, catalog) is None
        return

    assert "the log was changed" in told(other, catalog)


def test_another_archive_in_the_place_of_this_one(log, catalog):
    """Whoever can write to the store can put another archive there, with an id of its own."""
    other = filled(log.store.uri)

    assert "this machine saw" in told(other, catalog)


@pytest.mark.row("F-SEC-10")
@pytest.mark.parametrize("uri", ["memory:first", "memory:elsewhere"])
@pytest.mark.parametrize("until", [LAST, 2])
def test_another_id_over_the_same_commits(log, catalog, uri, until):
    """Here and elsewhere: with it a copy that was cut would be an archive that nobody knows."""
    renamed = copy(log, uri, until)
    fields = parse(renamed.store.get(ARCHIVE_KEY))
    renamed.store.delete(ARCHIVE_KEY)
    renamed.store.create(ARCHIVE_KEY, canonical(fields | {"id": "f" * 32}))

    assert ARCHIVE_KEY in told(renamed, catalog)


def test_an_id_that_was_taken_away(catalog, log):
    """It would be an archive of before 0.2.0, of which nothing is known."""
    if "id" not in log.description():
        pytest.skip("it has none")
    bare = nameless(copy(log, "memory:elsewhere", 2))

    assert ARCHIVE_KEY in told(bare, catalog)


@pytest.mark.parametrize("gone", ["archive.json", "everything"])
def test_a_place_that_was_emptied_is_known(log, catalog, gone):
    """The memory is by place then."""
    emptied = copy(log, log.store.uri)
    for entry in list(emptied.store.list()):
        if gone == "everything" or entry.key == ARCHIVE_KEY:
            emptied.store.delete(entry.key)

    assert recall(emptied, HeadMemory(catalog)).here == log.read(LAST).head


def test_an_archive_without_commits_may_be_made_anew(tmp_path):
    """Nothing is lost with it."""
    catalog = tmp_path / "catalog.sqlite"
    facts.folded(facts.new_log("memory:x"), catalog).close()
    catalog.unlink()

    assert judged(facts.new_log("memory:x"), catalog) is None


def test_few_readings_find_the_end(log, catalog, monkeypatch):
    """Of a copy that ends early each commit is not asked for."""
    asked = []
    end = judging._end(lambda seq: asked.append(seq) or ("there" if seq <= 700 else None), 10_000)

    assert end == "there"
    assert max(seq for seq in asked if seq <= 700) == 700
    assert len(asked) < 15


def old_catalog(path, uri, head):
    """Make what a catalog of before 0.2.0 remembers."""
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE heads (uri TEXT PRIMARY KEY, seq INTEGER NOT NULL, digest TEXT NOT NULL)")
        db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        db.execute("INSERT INTO meta VALUES ('schema', '6')")
        db.execute("INSERT INTO heads VALUES (?, ?, ?)", (uri, head.seq, head.digest))


@pytest.mark.parametrize("opened", ["before", "after"])
def test_what_an_old_catalog_remembers_is_taken_over(log, tmp_path, opened):
    """Before the catalog is made anew, and after; then it is known like anything seen today."""
    catalog, last = tmp_path / "catalog.sqlite", log.read(LAST).head
    old_catalog(catalog, log.store.uri, last)
    if opened == "after":
        facts.Catalog(catalog, "memory:another").close()
        catalog.unlink()
    cut = copy(log, log.store.uri, 3)

    assert f"{commit_key(LAST)} is missing" in told(cut, catalog)
    facts.folded(log, catalog).close()
    assert judged(copy(log, "memory:copy", 3), catalog).commits == 2
    assert HeadMemory(catalog).ends().spelt == {}


@pytest.mark.row("F-SEC-10")
@pytest.mark.parametrize("spelt", ["file:{0}", "{0}", "{0}/", "file://{0}", "file:{0}/../{1}", "var/../{1}"])
def test_a_place_is_one_however_it_is_spelt(tmp_path, monkeypatch, spelt):
    """Relative, absolute, with a slash behind, as a URI or a path: also what an old catalog remembers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    folder, catalog = tmp_path / "archive", tmp_path / "catalog.sqlite"
    log = Log(open_store("archive"))
    for entry in (source := filled()).store.list():
        log.store.create(entry.key, source.store.get(entry.key))
    old_catalog(catalog, "file:archive", log.read(LAST).head)
    other = Log(open_store(spelt.format(folder, folder.name)))
    before = recall(other, HeadMemory(catalog)).here
    facts.folded(log, catalog).close()
    (folder / commit_key(LAST)).unlink()

    assert before.seq == LAST
    assert commit_key(LAST) in told(other, catalog)
