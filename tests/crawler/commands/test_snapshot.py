"""Snapshots as commands meet them: made, signed, taken, told, passed over."""

import contextlib
import json
import shutil
import sqlite3
from datetime import UTC, datetime
from urllib.request import urlopen

import pytest

from archive.catalog.snapshots import snapshots_there
from archive.catalog.starting import unproven_path
from archive.log.chain import Log
from archive.stores.opening import open_store
from archive.trust.signing import signing_key
from demo.outlet import Outlet, written
from demo.server import Server
from tests.browsing import serving
from tests.project import Project

KEY = signing_key(text="07" * 32)
SIGNING = {"SIGNING_KEY": "07" * 32}
CHECK = ("-s", f"VERIFY_KEY={KEY.public}")


@pytest.fixture(scope="module")
def outlet():
    with Server(Outlet(written(), clock=lambda: datetime.now(UTC))) as server:
        yield server


@pytest.fixture(scope="module")
def crawled(outlet, tmp_path_factory):
    """Return a project whose one crawl, with a key, made a snapshot."""
    project = Project(tmp_path_factory.mktemp("crawled"), outlet.url)
    done = project.run(*_few(project), *CHECK, "-s", "SNAPSHOT_COMMITS=1", env=SIGNING)
    assert done.returncode in (0, 14), done.stderr
    assert "stored snapshots/000000000001-" in done.stderr
    return project


def _few(project):
    return ("crawl", "presstv", "-a", f"outlet={project.url}", "-a", "sections=une", "-a", "limit=3")


@pytest.fixture
def fresh(crawled, tmp_path):
    """Return a project over a copy of the archive, on a machine that never saw it."""
    shutil.copytree(crawled.archive, tmp_path / "archive")
    return Project(tmp_path, crawled.url)


def made(project):
    return snapshots_there(Log(open_store(f"file:{project.archive}")).store)


def unsign(project):
    for one in made(project):
        (project.archive / one.key("sig")).unlink()


def lose_lines(project):
    """Take all facts away: only a snapshot can tell what they were."""
    for name in ("records", "checks", "captures"):
        shutil.rmtree(project.archive / name)


def status(project, *words):
    done = project.run("status", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.mark.row("F-STO-33")
def test_who_reads_is_told_that_nobody_vouches(crawled, fresh):
    """Unsigned: the same answer as the crawl's machine gives, each time with one line."""
    unsign(fresh)
    told, _ = status(crawled)
    lose_lines(fresh)
    for _ in range(2):
        found, said = status(fresh)
        assert {**found, "archive": "", "longest_overdue_seconds": 0} == {
            **told, "archive": "", "longest_overdue_seconds": 0
        }  # fmt: skip
        assert said.count("note: ") == 1
        assert "nobody vouches" in said


@pytest.mark.row("F-STO-33")
def test_nonsense_in_an_unsigned_one_is_folded_over(fresh):
    """A command that trips over rows of it has the log itself folded, and goes by that from then on."""
    unsign(fresh)
    status(fresh)
    with contextlib.closing(
        sqlite3.connect(unproven_path(fresh.folder / "catalog.sqlite"), isolation_level=None)
    ) as db:
        [(number,)] = db.execute("SELECT article_id FROM articles LIMIT 1").fetchall()
        db.execute("UPDATE articles SET state = 7")
        db.execute("UPDATE versions SET captured_at = 'x', last_at = 'y'")
        db.execute("UPDATE looks SET at = 'noon'")
    told, again = (fresh.run("history", str(number)) for _ in range(2))

    assert (told.returncode, told.stdout) == (0, again.stdout), told.stderr
    assert ("it is made anew" in told.stderr, again.stderr) == (True, "")


def test_who_verifies_takes_a_signed_one_without_a_word(fresh):
    """By VERIFY_KEY; nothing but the log's head is read beside it."""
    lose_lines(fresh)
    _, said = status(fresh, *CHECK)

    assert said == ""


@pytest.mark.row("F-STO-33")
def test_a_crawl_takes_a_signed_one_and_folds_over_an_unsigned_one(fresh):
    """Without its facts an archive can't be folded: the signed one serves the crawl, the unsigned one does not."""
    lose_lines(fresh)
    done = fresh.run(*_few(fresh), *CHECK, env=SIGNING)
    assert done.returncode in (0, 14), done.stderr
    for file in fresh.folder.glob("*.sqlite*"):
        file.unlink()
    unsign(fresh)
    done = fresh.run(*_few(fresh))
    assert done.returncode == 9, done.stderr
    assert "missing" in done.stderr


def test_none_is_taken_where_none_is_wanted(fresh):
    """SNAPSHOTS=0 folds the log."""
    _, said = status(fresh, "-s", "SNAPSHOTS=0")

    assert said == ""


def test_garbage_is_passed_over_and_named(fresh):
    """Status answers as ever with one line; verify names it and calls the archive whole."""
    (one,) = made(fresh)
    (fresh.archive / one.key()).write_bytes(b"[" * 1000)
    _, said = status(fresh, *CHECK)
    assert said.count("was passed over") == 1
    verified = fresh.run("verify", *CHECK)
    assert verified.returncode == 0, verified.stderr
    assert f"derived: {one.key()}: " in verified.stdout


def test_one_made_by_hand_is_signed_where_there_is_a_key(fresh):
    """And says whom it serves."""
    unsigned, signed = (json.loads(fresh.run("snapshot", "--json", env=env).stdout) for env in ({}, SIGNING))

    assert (unsigned["public_key"], signed["public_key"]) == (None, KEY.public)
    assert (fresh.archive / signed["key"].replace("sqlite.zst", "sig")).exists()
    assert "reading commands alone" in fresh.run("snapshot").stdout


@pytest.mark.row("F-STO-33")
def test_browse_begins_another_archive_with_a_snapshot(crawled, fresh):
    """Where nobody vouches for it the command says so, and so does each page."""
    unsign(fresh)
    lose_lines(fresh)
    place = f"file:{fresh.archive}"
    for words, vouched in (((), False), (CHECK, True)):
        source = crawled.archive if vouched else place
        with serving(Project(fresh.folder / f"{vouched}", ""), "--no-open", *words, source) as (command, port):
            page = urlopen(f"http://127.0.0.1:{port}/?lang=en").read().decode()
            command.kill()
            said = command.communicate(30)[1]
        assert ("nobody vouches" in page, "nobody vouches" in said) == (not vouched, not vouched)


def test_what_began_unsigned_is_swept_once_a_catalog_was_folded(fresh):
    """And not while somebody has it open."""
    unsign(fresh)
    status(fresh)
    began = unproven_path(fresh.folder / "catalog.sqlite")
    status(fresh, "-s", "SNAPSHOTS=0")
    with serving(fresh, "--no-open"):
        pass
    assert not list(fresh.folder.glob(f"{began.name}*"))


def test_check_says_whether_the_newest_is_the_fold(fresh):
    """Folded anew from the log, whatever the catalog here holds; a newer one that is torn is named, and hides nothing."""
    (one,) = made(fresh)
    torn = one._replace(digest="0" * 64)
    for ending in ("sqlite.zst", "json"):
        (fresh.archive / torn.key(ending)).write_bytes((fresh.archive / one.key(ending)).read_bytes())
    plain, signed = fresh.run("snapshot", "--check"), fresh.run("snapshot", "--check", "--json", *CHECK)
    told = json.loads(signed.stdout)

    assert (plain.returncode, signed.returncode) == (0, 0), plain.stderr + signed.stderr
    assert f"{one.key()}: the log folds to it, up to commit 1; no key of VERIFY_KEY vouches for it" in plain.stdout
    assert (told["key"], told["signed"], told["differing"], [*told["wrong"]]) == (
        one.key(), True, [], [] if torn < one else [torn.key()]
    )  # fmt: skip
    assert not (fresh.folder / "catalog.sqlite").exists()


def test_check_where_there_is_none(fresh):
    """Nothing to check is nothing wrong."""
    shutil.rmtree(fresh.archive / "snapshots")
    done = fresh.run("snapshot", "--check")

    assert (done.returncode, "there is no snapshot" in done.stdout) == (0, True)
