"""An archive opened: what is known of it here is held against what is there, before anything is touched."""

import contextlib
import shutil
import sqlite3
from dataclasses import replace
from functools import partial

import pytest

from archive.errors import ConfigurationError, IntegrityError, NoArchive
from archive.facts.canonical import canonical
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, Log
from archive.opened import open_for_writing
from archive.stores.opening import open_store, place_of
from archive.stores.s3 import S3Store
from tests import facts
from tests.french import VOCABULARY, open_archive

pytest_plugins = ["tests.servers"]
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


def start(uri, catalog, progress=None):
    return open_for_writing(uri, catalog, vocabulary=INVENTED, version="1", now=facts.NOON, progress=progress)


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


class Watched:
    """What progress was told: how many commits are expected, then each one's number."""

    def __init__(self):
        self.told = []

    def expect(self, number):
        self.told.append(f"of {number}")

    def __call__(self, commit):
        self.told.append(commit.seq)


def test_a_reader_folds_what_came_since(place):
    """Commits of another machine are in the views as soon as the archive is opened, and progress is told of each."""
    uri, catalog, _ = place
    archive, told, again = start(uri, catalog), Watched(), Watched()
    facts.write(archive.log, facts.read(2, 0))
    archive.close()
    open_archive(uri, catalog, progress=told).close()
    catalog.unlink()
    open_archive(uri, catalog, progress=again).close()

    assert (told.told, again.told) == (["of 0", 3], ["of 3", 1, 2, 3])


def test_a_writer_folds_what_its_catalog_lacks(place):
    """Progress is told of each commit, as a reader's is; the next writer finds all of them folded."""
    uri, catalog, _ = place
    catalog.unlink()
    told, again = Watched(), Watched()
    for watched in (told, again):
        start(uri, catalog, progress=watched).close()

    assert (told.told, again.told) == (["of 2", 1, 2], ["of 0"])


def test_the_last_commit_is_the_heads(tmp_path):
    """Before the first one there is none, and that says what makes one."""
    archive = start(f"file:{tmp_path}/archive", tmp_path / "catalog.sqlite")
    with pytest.raises(NoArchive, match=r"no commit yet in file:.*/archive; the first crawl makes one"):
        archive.last()
    made = [facts.write(archive.log, facts.read(1, minute, facts.TEXTS[0])) for minute in (0, 60)]
    archive.catalog.follow(archive.log)

    assert archive.last() == made[-1]
    archive.close()


@pytest.fixture
def bucket(moto, use_endpoint, tmp_path):
    """Return (URI, catalog path, a function that opens it for reading, the bucket's raw client) of two commits."""
    use_endpoint(moto.endpoint)
    name = moto.bucket()
    uri, catalog = f"s3://{name}/fr", tmp_path / "catalog.sqlite"
    log = Log(open_store(uri))
    log.create(edition="invented", version="1")
    for minute in (0, 60):
        facts.write(log, facts.read(1, minute, facts.TEXTS[minute // 60]))
    open_archive(uri, catalog).close()
    return uri, catalog, partial(moto.client.put_object, Bucket=name), partial(moto.client.delete_object, Bucket=name)


def commit_bytes(uri):
    return Log(open_store(uri)).read(2).data


@pytest.mark.row("F-SEC-10")
@pytest.mark.parametrize("harm", ["altered", "cut", "another id"])
def test_one_listing_of_a_bucket_hides_nothing(bucket, harm):
    """An altered newest commit, be it of the same length, one that is gone, and another archive.json are 9 as ever."""
    uri, catalog, put, delete = bucket
    if harm == "altered":
        put(Key=f"fr/{commit_key(2)}", Body=commit_bytes(uri).replace(b'"version":"1"', b'"version":"2"'))
    elif harm == "cut":
        delete(Key=f"fr/{commit_key(2)}")
    else:
        described = Log(open_store(uri)).description()
        put(Key=f"fr/{ARCHIVE_KEY}", Body=canonical({**described, "id": "f" * 32}))

    with pytest.raises(IntegrityError, match=ARCHIVE_KEY if harm == "another id" else commit_key(2)):
        open_archive(uri, catalog)


@pytest.mark.row("F-TTY-11")
@pytest.mark.parametrize(
    "tags", [None, {}, {commit_key(2): "its own", commit_key(3): "too"}], ids=["none", "empty", "no MD5"]
)
def test_a_bucket_whose_listing_tells_nothing_is_read(bucket, monkeypatch, tags):
    """Who may not list, a listing that lags, and a server whose ETags are no MD5: what is there is seen all the same."""
    uri, catalog, _, _ = bucket
    monkeypatch.setattr(S3Store, "tags", lambda *_: tags)
    facts.write(Log(open_store(uri)), facts.read(2, 0))
    opened = open_archive(uri, catalog)
    opened.close()

    assert opened.catalog.memory.ends().places[place_of(opened.store)].head.seq == 3


@pytest.mark.row("F-TTY-11")
def test_a_commit_behind_the_listed_one_is_folded(bucket):
    """One, and many."""
    uri, catalog, _, _ = bucket
    for number in (2, 3):
        facts.write(Log(open_store(uri)), facts.read(number, 0))
    opened = open_archive(uri, catalog)
    head = opened.catalog.head().seq
    opened.close()

    assert head == 4
