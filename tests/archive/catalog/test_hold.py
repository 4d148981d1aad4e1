"""How a catalog was left is known when it is opened: it is read whole only where nobody can vouch for its pages."""

import errno
import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from archive.catalog import file as catalog_file
from archive.catalog.hold import ENDING, Hold
from archive.log.chain import Log
from archive.stores.opening import open_store
from tests import facts
from tests.french import Catalog, open_archive


@pytest.fixture
def checks(monkeypatch):
    """Return the list of catalogs that were read whole since."""
    found = []
    whole = catalog_file.fault_of
    monkeypatch.setattr(catalog_file, "fault_of", lambda db: found.append(db) or whole(db))
    return found


@pytest.fixture
def log():
    made = facts.new_log()
    facts.write(made, *(facts.read(number, number) for number in range(1, 9)))
    return made


@pytest.fixture
def path(log, tmp_path, checks):
    """Return a catalog that was closed well."""
    made = tmp_path / "catalog.sqlite"
    facts.folded(log, made).close()
    return made


def opened(path):
    """Open a catalog and let it go; return its number of articles."""
    with closing(Catalog(path, "memory:")) as catalog:
        return catalog.db.execute("SELECT count(*) FROM articles").fetchone()[0]


@pytest.mark.row("F-PRC-25")
def test_what_was_closed_is_opened_without_reading_it(path, log, checks):
    """Also after it was read and after more was folded; a new one has nothing to read."""
    opened(path)
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]))
    facts.folded(log, path).close()

    assert opened(path) == 8
    assert checks == []


def flipped(path):
    """Flip a bit of a number in the header that means nothing to SQLite, and put the time back that the file had."""
    told, data = path.stat(), bytearray(path.read_bytes())
    data[63] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def restored(path):
    """Put a copy with the same times in its place."""
    shutil.copy2(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


_SMALL = "INSERT OR REPLACE INTO probed VALUES ('memory:', 'x')"


def written_by_others(path):
    with sqlite3.connect(path) as db:
        db.execute(_SMALL)
    db.close()


def left_open(path):
    """Leave a change in SQLite's log beside the catalog."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(_SMALL)
        for name in (path.name, f"{path.name}-wal"):
            shutil.copy2(path.with_name(name), path.with_name(f"{name}.kept"))
    for name in (path.name, f"{path.name}-wal"):
        path.with_name(f"{name}.kept").rename(path.with_name(name))


def unnoted(path):
    path.with_name(path.name + ENDING).unlink()


@pytest.mark.row("F-PRC-25")
@pytest.mark.parametrize("change", [flipped, restored, written_by_others, left_open, unnoted])
def test_what_anybody_touched_is_checked_once(path, checks, change):
    """Whatever is not the file that was closed, byte for byte, or has a log of SQLite's beside it."""
    change(path)
    opened(path)
    opened(path)

    assert len(checks) == 1


WRITER = """
import os, signal, sys
from tests.french import Catalog

catalog = Catalog(sys.argv[1], "memory:")
with catalog.writing():
    catalog.db.execute("INSERT OR REPLACE INTO probed VALUES ('memory:', 'x')")
print("open", flush=True)
sys.stdin.readline()
catalog.close()
"""


@pytest.fixture
def writer(path):
    """Return a process that wrote to the catalog, and has it open until it is sent a line."""
    made = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."}, text=True,
    )  # fmt: skip
    with made:
        made.stdout.readline()
        yield made
        made.kill()


@pytest.mark.row("F-PRC-25")
def test_after_a_kill_it_is_checked_once(path, checks, writer):
    """While the process is alive nobody need doubt the file; what it wrote is there."""
    opened(path)
    alive = len(checks)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    opened(path)
    with closing(Catalog(path, "memory:")) as catalog:
        told = catalog.db.execute("SELECT at FROM probed").fetchall()

    assert (alive, len(checks), told) == (0, 1, [("x",)])


@pytest.mark.row("F-PRC-25")
def test_the_last_one_notes_how_it_was_left(path, checks, writer):
    """Whoever closes it while another has it open leaves that to the other."""
    ours = Catalog(path, "memory:")
    writer.communicate("\n")
    ours.close()
    opened(path)

    assert checks == []


CHECKER = """
import os, sys
from archive.catalog import file
from tests.french import Catalog

def waiting(db):
    print("checking", flush=True)
    sys.stdin.readline()

file.fault_of = waiting
Catalog(sys.argv[1], "memory:").close()
"""


@pytest.mark.row("F-PRC-25")
@pytest.mark.parametrize("ending", ["killed", "done"])
def test_who_comes_while_another_checks_waits(path, checks, ending, monkeypatch):
    """Where that one dies over it, the next one checks itself."""
    unnoted(path)
    with subprocess.Popen(
        [sys.executable, "-c", CHECKER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."}, text=True,
    ) as other:  # fmt: skip
        other.stdout.readline()
        monkeypatch.setattr("archive.catalog.hold._WAIT_SECONDS", 0.0)
        with pytest.raises(Exception, match="checked or made anew by another process"):
            opened(path)
        monkeypatch.undo()
        other.kill() if ending == "killed" else other.communicate("\n")
        other.wait()
    found = Hold(path).peek()

    assert found == ("unclean" if ending == "killed" else "closed")


@pytest.mark.row("F-PRC-25")
def test_without_locks_what_was_noted_still_counts(path, checks, monkeypatch):
    """As on a network's file system: what was closed well is opened as ever, anything else is checked each time."""

    def none(*_):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", none)
    opened(path)
    quiet = len(checks)
    with closing(Catalog(path, "memory:")) as ours, ours.writing():
        ours.db.execute(_SMALL)
    opened(path)

    assert (quiet, len(checks)) == (0, 0)


@pytest.mark.row("F-PRC-25")
def test_where_nothing_can_be_noted_it_is_checked_each_time(path, checks):
    """A link in the note's place is not followed."""
    note = path.with_name(path.name + ENDING)
    note.unlink()
    note.symlink_to(path.with_name("elsewhere"))

    assert (opened(path), opened(path), len(checks)) == (8, 8, 2)
    assert not path.with_name("elsewhere").exists()


def torn(path):
    """Make another kind of page of the first page of each table."""
    with closing(sqlite3.connect(path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        pages = [page for (page,) in db.execute("SELECT rootpage FROM sqlite_master WHERE rootpage > 1")]
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\x07")


@pytest.mark.row("F-PRC-23")
@pytest.mark.parametrize("more", [False, True], ids=["nothing new", "something to fold"])
def test_damage_that_only_opening_meets_makes_it_anew(tmp_path, checks, more):
    """While another one has it open nobody checks it: SQLite finds the damage when it comes there, and once is enough."""
    uri, path = f"file:{tmp_path}/archive", tmp_path / "catalog.sqlite"
    log = Log(open_store(uri))
    log.create(edition="presstv-fr", version="1")
    facts.write(log, *(facts.read(number, number) for number in range(1, 9)))
    open_archive(uri, path).close()
    other = Hold(path)
    with other.taking():
        torn(path)
    if more:
        facts.write(log, facts.read(1, 60, facts.TEXTS[1]))
    open_archive(uri, path).close()
    other.leave()
    with closing(open_archive(uri, path)) as again, closing(open_archive(uri, tmp_path / "fresh")) as fresh:
        same = facts.tables(again) == facts.tables(fresh)

    assert (same, checks) == (True, [])


@pytest.mark.row("F-PRC-23")
def test_what_was_found_damaged_is_made_anew_by_the_next(path, log, checks):
    """A writer that meets damage while it commits can't go on; whoever comes next begins with an empty catalog."""
    catalog = Catalog(path, "memory:")
    torn(path)
    with pytest.raises(Exception, match="the next command makes it anew"), catalog.writing():
        catalog.db.execute("DELETE FROM articles")
    catalog.close()
    found = Hold(path).peek()

    assert (found, opened(path), Hold(path).peek()) == ("damaged", 0, "closed")
