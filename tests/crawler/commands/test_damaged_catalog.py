"""A catalog that is damaged, or may only be read: it is derived, and no command ends as a bug or tells what was altered."""

import os
import random
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from archive.log.chain import Log
from archive.stores.opening import open_store
from demo.server import serve
from tests import facts
from tests.project import Project

MOUNT = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs"]
READING = (["status"], ["history", "1"], ["show", "1"], ["diff", "1"], ["search", "bac"], ["head"], ["layouts"])
READING += tuple(["export", "jsonl", "--view", view] for view in ("latest", "versions", "changes", "events"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return the folder of an archive with its catalog folded, and what each reading command says of it."""
    folder = tmp_path_factory.mktemp("sound")
    log = Log(open_store(f"file:{folder}/archive"))
    log.create(edition="presstv-fr", version="0.2.0")
    facts.write(log, *(facts.read(number, number) for number in range(1, 30)))
    facts.write(log, facts.read(1, 60, facts.TEXTS[1]), facts.saw(2, 60, "gone"))
    fold(Project(folder, ""))
    return folder


def fold(project):
    """Fold the catalog, and bring all of it into the file itself."""
    assert project.run("status").returncode == 0
    with sqlite3.connect(project.folder / "catalog.sqlite") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


@pytest.fixture
def project(sound, tmp_path):
    """Return a project over a copy."""
    shutil.copytree(sound, tmp_path / "copy")
    made = Project(tmp_path / "copy", "")
    # A catalog belongs to a place: in another one it is emptied.
    fold(made)
    return made


@pytest.fixture(scope="module")
def said(sound):
    """Return what each reading command says, by its words."""
    project = Project(sound, "")
    return {" ".join(words): answered(project, words) for words in READING}


def answered(project, words):
    """Return exit code and output, without the archive's place and the time that passes."""
    return plain(project, project.run(*words))


def plain(project, done):
    lines = done.stdout.replace(str(project.folder), "").splitlines(keepends=True)
    return done.returncode, "".join(line for line in lines if not line.startswith("due "))


def altered(db):
    """Flip a byte in the middle of every text of records and changes, in a form that SQLite takes for sound."""
    db.create_function("harmed", 1, harmed)
    count = db.execute("UPDATE records SET packed = harmed(packed)").rowcount
    return count + db.execute("UPDATE changes SET json = harmed(json)").rowcount


def harmed(value):
    """Return a blob or text with another byte or letter in its middle."""
    middle = len(value) // 2
    other = bytes([value[middle] ^ 0x5A]) if isinstance(value, bytes) else chr(ord(value[middle]) ^ 1)
    return value[:middle] + other + value[middle + 1 :]


@pytest.mark.row("F-PRC-23")
@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_an_altered_text_is_never_told(project, said, words):
    """Bytes flipped inside the rows, in a form that SQLite takes for sound: the catalog is made anew, and the answer is right."""
    with closing(sqlite3.connect(project.folder / "catalog.sqlite")) as db, db:
        count = altered(db)
    first, again = project.run(*words), answered(project, words)

    assert count > 3
    assert again == said[" ".join(words)]
    if first.returncode == 8:  # to stdout, where rows may have gone already
        assert words[0] == "export"
        assert "run the command again" in first.stderr
    else:
        assert plain(project, first) == said[" ".join(words)]


@pytest.mark.row("F-PRC-23")
def test_an_altered_catalog_makes_no_false_file(project, said, tmp_path):
    """An export to a file is made again whole, in the same run."""
    with closing(sqlite3.connect(project.folder / "catalog.sqlite")) as db, db:
        altered(db)
    done = project.run("export", "jsonl", "-o", tmp_path / "out.jsonl")

    assert done.returncode == 0, done.stderr
    assert "made anew" in done.stderr
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == said["export jsonl --view latest"][1]


@pytest.mark.row("F-PRC-23")
@pytest.mark.parametrize(
    "alter",
    [
        "UPDATE articles SET last_seen = '2026-99-99T12:02:00.000000Z', last_look = 'x'",
        "UPDATE versions SET captured_at = 'x'",
        "UPDATE records SET packed = x'7b'",
        "UPDATE changes SET json = substr(json, 2)",
        "UPDATE looks SET at = 'neverever'",
        "UPDATE results SET outcome = 'nonsense'",
        "UPDATE articles SET published = 'x'",
        "UPDATE commits SET summary = '['",
        "UPDATE records SET packed = CAST(x'0130' AS TEXT)",
        "UPDATE changes SET json = CAST(x'0130' AS TEXT)",
        "UPDATE articles SET headline = CAST(x'ff' AS TEXT)",
    ],
)
def test_nonsense_in_any_row_is_no_bug(project, alter):
    """What no fold writes ends no command with 1: it is read as it is, or the catalog is made anew."""
    path = project.folder / "catalog.sqlite"
    sound = path.read_bytes()
    for words in READING:
        path.write_bytes(sound)
        with sqlite3.connect(path) as db:
            db.execute(alter)
        db.close()
        done = project.run(*words)

        assert done.returncode in (0, 2, 8), (words, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.row("F-PRC-23")
@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 40))])
def test_bytes_flipped_anywhere_are_no_bug(project, seed):
    """A hundred flipped bytes, anywhere in the file: each command answers, or says what to do."""
    path, dice = project.folder / "catalog.sqlite", random.Random(seed)
    sound = path.read_bytes()
    for words in READING:
        data = bytearray(sound)
        for _ in range(100):
            data[dice.randrange(len(data))] ^= dice.randrange(1, 256)
        path.write_bytes(data)
        done = project.run(*words)

        assert done.returncode in (0, 2, 8), (words, done.stderr)
        assert "Traceback" not in done.stderr


def left_behind(db):
    """Leave what a writer has not yet brought into the file itself."""
    db.execute("UPDATE probed SET at = at")


STATES = {
    "as it was": None,
    "behind": lambda db: db.execute("DELETE FROM meta"),
    "of an older program": lambda db: db.execute("UPDATE meta SET value = '1' WHERE name = 'schema'"),
    "altered": altered,
    "with a log of its own": left_behind,
}


@pytest.fixture
def shut(project):
    """Return a function that lays the catalog, with what was done to it, on a disk that may only be read."""
    place, made = project.folder / "kept", project.folder / "catalog.sqlite"
    place.mkdir()
    if os.geteuid() or subprocess.run([*MOUNT, place], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")

    def lay(change):
        db = sqlite3.connect(made, isolation_level=None)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        if change:
            change(db)
        if change is not left_behind:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for path in project.folder.glob("*.sqlite*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, place / path.name)
        db.close()
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        return ("-s", f"CATALOG_PATH={place / made.name}")

    yield lay
    subprocess.run(["umount", place], check=True)


@pytest.mark.row("F-PRC-24")
@pytest.mark.parametrize("words", READING, ids=" ".join)
@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
def test_a_catalog_that_may_only_be_read_is_read(project, shut, said, change, words):
    """On a read-only disk, also where it lags, is another schema's or has a log beside it: the answer is right."""
    done = project.run(*words, *shut(change))
    if change is STATES["altered"] and done.returncode:
        assert "can't be made anew" in done.stderr
        assert done.returncode == 8
        return

    assert plain(project, done) == said[" ".join(words)], done.stderr
    assert "delete" not in done.stderr


@pytest.mark.row("F-PRC-24")
def test_a_writer_needs_more(project, shut):
    """Whoever writes is told to get the right or another place, before anything is stored."""
    before = sorted(project.archive.rglob("*"))
    done = project.run("crawl", "presstv", "-a", "outlet=http://127.0.0.1:9", *shut(None))

    assert done.returncode == 8, done.stderr
    assert "may only be read" in done.stderr
    assert "delete" not in done.stderr
    assert sorted(project.archive.rglob("*")) == before


@pytest.mark.row("F-PRC-23")
def test_a_crawl_that_meets_damage_leaves_it_to_the_next(tmp_path):
    """What it could not judge is looked at again by the next crawl, whose catalog is made anew."""
    with serve() as server:
        project, words = Project(tmp_path, server.url), ("-a", "recheck=all", "-a", "limit=3")
        project.run(*project.crawl_words(*words))
        with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as db, db:
            assert altered(db)
        for article in server.outlet.articles.values():
            server.outlet.edit(article.id, open=False, body=("Le bac reste à quai.", *article.body[1:]))
        ends = [project.run(*project.crawl_words(*words)) for _ in range(2)]

    assert ["the catalog is damaged" in done.stdout for done in ends] == [True, False]
    assert "changed" in ends[1].stdout
