"""Bags: the package that libraries check with finds nothing wrong, and everything is in it."""

import gzip
import io
import json
import logging
from pathlib import Path

import bagit
import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.catalog.selection import Selection
from archive.errors import StorageError
from archive.exporters import bagit as module
from archive.exporters.bagit import write
from archive.exporters.folders import NOWHERE
from archive.stores.opening import open_store
from tests import facts
from tests.archive.exporters.test_warcfile import archive, log  # noqa: F401 - fixtures


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def export(archive, place, view="versions", **chosen):  # noqa: F811
    return write(archive, view, chosen=Selection(**chosen), target=str(place))


@pytest.mark.row("F-TAK-08")
def test_who_dies_while_it_appears_leaves_none(archive, tmp_path, monkeypatch):  # noqa: F811
    """Until all of it is in place nothing is: so the same command may be run again."""
    there, real = list[bool](), Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: there.append((tmp_path / "bag").exists()) or real(self, to))
    export(archive, tmp_path / "bag")

    assert (tmp_path / "bag" / "bagit.txt").exists()
    assert len(there) > 5
    assert not any(there)


@pytest.mark.row("F-TAK-08")
@pytest.mark.parametrize(
    ("view", "chosen", "counts"), [("versions", {}, (3, 6)), ("latest", {"ids": frozenset({"2"})}, (1, 2))]
)
def test_a_bag_is_valid(archive, tmp_path, caplog, view, chosen, counts):  # noqa: F811
    """Complete and whole; its view's rows and its captures are those of the selection."""
    caplog.set_level(logging.ERROR, "bagit")
    rows = export(archive, tmp_path / "bag", view, **chosen)
    bag = bagit.Bag(str(tmp_path / "bag"))
    lines = gzip.decompress((tmp_path / f"bag/data/{view}.jsonl.gz").read_bytes()).splitlines()
    records = [
        each.rec_type for each in ArchiveIterator(io.BytesIO((tmp_path / "bag/data/captures.warc.gz").read_bytes()))
    ]

    assert bag.validate()
    assert (rows, len(lines), records.count("response") + records.count("revisit")) == (counts[0], *counts)
    assert {json.loads(line)["view"] for line in lines} == {view}
    assert bag.info["Bagging-Date"] == "2026-11-24"
    assert archive.catalog.head().digest in bag.info["External-Identifier"]
    assert {each.name for each in rows.files} == set(files(tmp_path / "bag"))


@pytest.mark.row("F-TAK-08")
def test_the_same_head_is_the_same_bag(archive, tmp_path):  # noqa: F811
    """In a folder and below a prefix, byte for byte."""
    for place in (tmp_path / "a", tmp_path / "b", "memory:bag-of-test/x"):
        export(archive, place)
    stored = {
        f"{folder}{each.key}": store.get(each.key)
        for folder, store in {"": open_store("memory:bag-of-test/x"), "data/": open_store("memory:bag-of-test/x/data")}.items()
        for each in store.list()
    }  # fmt: skip

    assert files(tmp_path / "a") == files(tmp_path / "b") == stored


def test_a_bag_that_fails_is_none(archive, tmp_path, monkeypatch):  # noqa: F811
    """No folder is left, and nothing of it; nowhere takes nothing."""
    assert export(archive, NOWHERE) == 3

    def fail(*_):
        raise StorageError("it went away")

    monkeypatch.setattr(module, "places_of", fail)
    with pytest.raises(StorageError, match="went away"):
        export(archive, tmp_path / "bag")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_nothing_is_a_bag(tmp_path):
    """Without a commit it has empty views."""
    export(facts.folded(facts.new_log()), tmp_path / "bag")

    assert bagit.Bag(str(tmp_path / "bag")).validate()
