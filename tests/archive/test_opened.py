"""An archive opened: what is known of it here is held against what is there, before anything is touched."""

import contextlib
import shutil
import sqlite3
from dataclasses import replace

import pytest

from archive.errors import ConfigurationError, IntegrityError, NoArchive
from archive.facts.canonical import canonical
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY
from archive.opened import open_for_writing
from tests import facts
from tests.french import VOCABULARY, open_archive

INVENTED = replace(VOCABULARY, edition="invented")


@pytest.fixture
def place(tmp_path):
    """Return (URI, catalog path, archive folder) of an archive of two commits that this machine has seen."""
    folder = tmp_path / "archive"
    uri, catalog = f"file:{folder}", tmp_path / "catalog.sqlite"
    archive = start(uri, catalog)
    facts.write(archive.log, facts.read(1, 0))
    facts.write(archive.log, facts.read(1, 60, facts.TEXTS[1]))
    archive.catalog.follow(archive.log)
    archive.close()
    return uri, catalog, folder


def start(uri, catalog):
    return open_for_writing(uri, catalog, vocabulary=INVENTED, version="1", now=facts.NOON)


def test_the_first_writer_creates_it_and_the_next_finds_it(place):
    """Opening for writing twice leaves archive.json as the first one wrote it."""
    uri, catalog, folder = place
    made = (folder / ARCHIVE_KEY).read_bytes()
    archive = open_for_writing(uri, catalog, vocabulary=INVENTED, version="2", now=facts.NOON)
    archive.close()

    assert (folder / ARCHIVE_KEY).read_bytes() == made
    assert archive.log.description()["edition"] == "invented"


def test_another_editions_writer_is_refused(place):
    """Both editions are named, with exit code 4, and nothing is written: neither archive.json nor a catalog."""
    uri, catalog, folder = place
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    other = replace(INVENTED, edition="another")

    with pytest.raises(ConfigurationError, match=r"invented.*another") as refused:
        open_for_writing(uri, catalog.with_name("fresh.sqlite"), vocabulary=other, version="2", now=facts.NOON)

    assert refused.value.exit_code == 4
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert not catalog.with_name("fresh.sqlite").exists()


def test_a_reader_takes_the_words_of_the_edition_it_finds(place):
    """The words are asked for by the name in archive.json."""
    uri, catalog, _ = place
    asked = []

    def words_of(name):
        asked.append(name)
        return INVENTED

    opened = open_archive(uri, catalog, vocabulary_of=words_of)
    opened.close()

    assert (asked, opened.catalog.vocabulary) == (["invented"], INVENTED)


def test_an_archive_without_an_edition_is_damaged(place):
    """Without the edition's name nobody can tell whose texts these are: exit 9 names the key."""
    uri, catalog, folder = place
    described = folder / ARCHIVE_KEY
    described.write_bytes(described.read_bytes().replace(b'"edition":"invented",', b""))

    with pytest.raises(IntegrityError, match=r"archive\.json.*names no edition"):
        open_archive(uri, catalog)


def test_a_reader_does_not_make_an_archive(tmp_path):
    """Reading where nothing is ends with 10 and leaves nothing behind, no catalog either."""
    with pytest.raises(NoArchive):
        open_archive(f"file:{tmp_path}/none", tmp_path / "catalog.sqlite")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opener", [open_archive, start])
@pytest.mark.parametrize("memory", [True, False], ids=["known", "unknown"])
def test_a_missing_description_is_an_integrity_error(place, opener, memory):
    """An archive that lost archive.json is not begun anew, be it known here or known by its log alone."""
    uri, catalog, folder = place
    (folder / ARCHIVE_KEY).unlink()
    if not memory:
        catalog.unlink()

    with pytest.raises(IntegrityError, match=r"archive\.json"):
        opener(uri, catalog)
    assert not (folder / ARCHIVE_KEY).exists()


@pytest.mark.parametrize("opener", [open_archive, start])
@pytest.mark.parametrize("gone", ["everything", "head"])
def test_a_log_cut_short_is_refused_before_anything_is_touched(place, opener, gone):
    """Known commits that are missing end with 9; archive and catalog, be it of an older schema, stay as they were."""
    uri, catalog, folder = place
    shutil.rmtree(folder) if gone == "everything" else (folder / commit_key(2)).unlink()
    with contextlib.closing(sqlite3.connect(catalog, isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = '0' WHERE name = 'schema'")
    before = sorted(p for p in folder.rglob("*") if p.is_file()), catalog.read_bytes()

    with pytest.raises(IntegrityError):
        opener(uri, catalog)
    assert before == (sorted(p for p in folder.rglob("*") if p.is_file()), catalog.read_bytes())


@pytest.mark.row("F-PRC-18")
def test_an_archive_of_a_newer_format_is_not_opened(place):
    """A format that this program does not know is a matter of configuration."""
    uri, catalog, folder = place
    (folder / ARCHIVE_KEY).unlink()
    (folder / ARCHIVE_KEY).write_bytes(canonical({"format": 99}))

    with pytest.raises(ConfigurationError, match="99"):
        open_archive(uri, catalog)


def test_a_reader_folds_what_came_since(place):
    """Commits of another machine are in the views as soon as the archive is opened, and progress is told of each."""
    uri, catalog, _ = place
    archive, told = start(uri, catalog), []
    facts.write(archive.log, facts.read(2, 0))
    archive.close()
    opened = open_archive(uri, catalog, progress=told.append)
    opened.close()

    assert [commit.seq for commit in told] == [3]


def test_the_last_commit_is_the_heads(tmp_path):
    """Before the first one there is none, and that says what makes one."""
    archive = start(f"file:{tmp_path}/archive", tmp_path / "catalog.sqlite")
    with pytest.raises(NoArchive, match=r"no commit yet in file:.*/archive; the first crawl makes one"):
        archive.last()
    made = [facts.write(archive.log, facts.read(1, minute, facts.TEXTS[0])) for minute in (0, 60)]
    archive.catalog.follow(archive.log)

    assert archive.last() == made[-1]
    archive.close()
