"""Catalogs of an older schema, made anew by several processes at once, by one that is killed, and while others read."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest

from archive.errors import IntegrityError
from archive.facts.names import commit_key
from archive.log.chain import Log
from archive.stores.opening import open_store
from tests import facts
from tests.french import open_archive

COMMITS = 6


@pytest.fixture
def place(tmp_path):
    """Return (URI, catalog path, what its tables are to hold) of an archive whose catalog is of an older schema."""
    uri, path = f"file:{tmp_path}/archive", tmp_path / "catalog.sqlite"
    log = Log(open_store(uri))
    log.create(edition="presstv-fr", version="1")
    for minute in range(COMMITS):
        facts.write(log, facts.read(1 + minute % 2, minute, facts.TEXTS[minute % 3]))
    with closing(open_archive(uri, path)) as archive:
        whole = facts.tables(archive)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = '6' WHERE name = 'schema'")
        db.execute("ALTER TABLE versions RENAME TO something_else")
    return uri, path, whole


FOLDING = """
import sys
from archive.catalog import catalog
from tests.french import open_archive

def part(self, read, **how):
    read = [*read]
    if read[0][0].seq == 4:
        print("half", flush=True)
        sys.stdin.readline()
    return whole(self, read, **how)

whole, catalog._MOST_COMMITS = catalog.Catalog._fold, 1
if sys.argv[3] == "inside":
    catalog.Catalog._take_in, whole = part, catalog.Catalog._take_in
else:
    catalog.Catalog._fold = part
open_archive(sys.argv[1], sys.argv[2]).close()
"""


@contextmanager
def half_way(uri, path, where="between"):
    """Give a process that folded three commits into the catalog and waits for a line, amid a transaction or between two."""
    with subprocess.Popen(
        [sys.executable, "-c", FOLDING, uri, str(path), where], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."}, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "half\n"
        yield process
        process.kill()


@pytest.mark.row("F-PRC-26")
@pytest.mark.parametrize("where", ["between", "inside"])
def test_a_kill_while_it_is_made_anew(place, where):
    """The next one goes on, and comes to the same tables."""
    uri, path, whole = place
    with half_way(uri, path, where) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with closing(open_archive(uri, path)) as archive:
        assert facts.tables(archive) == whole


@pytest.mark.row("F-PRC-26")
def test_who_comes_while_another_makes_it_anew_gets_all(place):
    """It folds what is left, never answers of half of it, and the other one finds that done."""
    uri, path, whole = place
    with half_way(uri, path) as process:
        with closing(open_archive(uri, path)) as archive:
            told = facts.tables(archive)
        process.communicate("\n")
    with closing(open_archive(uri, path)) as archive:
        assert (told, process.returncode, facts.tables(archive)) == (whole, 0, whole)


@pytest.mark.row("F-PRC-26")
def test_who_would_fold_waits_for_who_does(place, monkeypatch):
    """Amid the other one's transaction there is no other way; it is said where that takes too long."""
    uri, path, whole = place
    monkeypatch.setattr("archive.catalog.file._WAIT_MS", 50)
    with half_way(uri, path, "inside") as process:
        with pytest.raises(Exception, match="is held by another process"):
            open_archive(uri, path)
        process.communicate("\n")
    with closing(open_archive(uri, path)) as archive:
        assert facts.tables(archive) == whole


@pytest.mark.row("F-PRC-26")
def test_who_only_reads_asks_for_no_lock(place, monkeypatch):
    """Where nothing is to be folded a command answers while another process writes, of what stands there."""
    uri, path, whole = place
    open_archive(uri, path).close()
    monkeypatch.setattr("archive.catalog.file._WAIT_MS", 50)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM articles")
        with closing(open_archive(uri, path)) as archive:
            assert facts.tables(archive) == whole
        db.execute("ROLLBACK")


@pytest.mark.row("F-SEC-10")
def test_the_head_of_an_older_catalog_outlives_its_being_made_anew(place):
    """Where nothing else remembers it: killed over it, and the log cut then, that is found."""
    uri, path, _ = place
    path.with_name("heads.sqlite").unlink()
    with half_way(uri, path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    Log(open_store(uri)).store.delete(commit_key(COMMITS))

    with pytest.raises(IntegrityError, match=commit_key(COMMITS)):
        open_archive(uri, path)
