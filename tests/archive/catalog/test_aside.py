"""A catalog in a copy, and the traces of one that came to nothing."""

import pytest

from archive.catalog.aside import Traces, aside, companions
from archive.catalog.catalog import Catalog
from archive.errors import IntegrityError
from tests.french import EDITION


def opened(path):
    """Open a catalog as a command does."""
    return Catalog(path, "file:/place", EDITION.vocabulary)


@pytest.mark.row("F-CFG-07")
def test_what_came_to_nothing_is_taken_away(tmp_path):
    """The catalog's files, and the folders that were made for them."""
    path = tmp_path / "a" / "b [1]" / "catalog.sqlite"
    traces = Traces(path)
    opened(path).close()
    traces.remove()

    assert list(tmp_path.iterdir()) == []


def test_what_was_there_before_or_came_beside_it_stays(tmp_path):
    """Another file in the folder, the memory of heads, and a catalog that is older, with what is noted of it."""
    path = tmp_path / "a" / "catalog.sqlite"
    traces = Traces(path)
    opened(path).close()
    (path.parent / "heads.sqlite").touch()
    traces.remove()
    opened(path).close()
    Traces(path).remove()

    assert sorted(file.name for file in path.parent.iterdir()) == [
        "catalog.sqlite",
        "catalog.sqlite.held",
        "heads.sqlite",
    ]


def test_a_catalog_that_another_has_open_stays(tmp_path):
    """It found the file that we made, and goes on with it."""
    path = tmp_path / "catalog.sqlite"
    traces = Traces(path)
    ours, theirs = opened(path), opened(path)
    ours.close()
    traces.remove()

    with theirs.writing():
        theirs.db.execute("CREATE TABLE more (a)")
    theirs.close()
    assert path.exists()


def test_a_copy_is_read_while_the_catalog_is_written(tmp_path):
    """What is done to it comes to nothing; the memory of heads is copied, too; none is a copy of none."""
    path = tmp_path / "catalog.sqlite"
    held = opened(path)
    (tmp_path / "heads.sqlite").write_bytes(b"heads")
    with held.writing():
        held.db.execute("CREATE TABLE more (a)")
    before = {file: file.read_bytes() for file in companions(path)}
    with aside(path) as copy:
        names = [name for (name,) in opened(copy).db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        memory = copy.with_name("heads.sqlite").read_bytes()
    after = {file: file.read_bytes() for file in companions(path)}
    held.close()
    with aside(tmp_path / "none.sqlite") as copy:
        assert not copy.exists()

    assert ("more" in names, memory, after == before) == (True, b"heads", True)


def test_an_error_names_the_catalog_that_stays(tmp_path):
    """What it tells to delete is the person's own file, not the copy's."""
    path = tmp_path / "mine.sqlite"
    with pytest.raises(IntegrityError) as told, aside(path) as copy:
        raise IntegrityError(f"delete {copy.with_name('heads.sqlite')} and {copy}")

    assert str(told.value) == f"delete {tmp_path / 'heads.sqlite'} and {path}"
