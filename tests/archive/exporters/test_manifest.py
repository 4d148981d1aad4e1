"""Manifests: what lies beside an exported file tells of its bytes, and of no others."""

import pytest

from archive.catalog.selection import Selection
from archive.errors import StorageError
from archive.exporters import jsonl
from archive.exporters.manifest import manifest
from archive.exporters.targets import MANIFEST, write_manifest, write_to
from archive.facts.canonical import digest, parse
from archive.stores.opening import open_store
from tests import facts

PROGRAM = {"name": "facts", "version": "1", "extractor": 1}
CHOSEN = Selection(ids=frozenset({"2"}))


@pytest.fixture(scope="module")
def archive():
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(2, 0))
    return facts.folded(log)


def export(archive, target, chosen=CHOSEN):
    """Export as the command does; return the manifest's name."""
    written = jsonl.write(archive, "latest", chosen=chosen, target=target)
    return write_manifest(target, manifest(archive, "jsonl", "latest", chosen, written, PROGRAM))


@pytest.mark.row("F-TAK-09")
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_the_manifest_tells_of_the_bytes_beside_it(archive, tmp_path, name):
    """Edition, archive, head, what was chosen, how many rows, and size and digest of the file; the same on any day."""
    assert export(archive, str(tmp_path / name)) == name + MANIFEST
    data, head = (tmp_path / name).read_bytes(), archive.catalog.head()
    found = (tmp_path / (name + MANIFEST)).read_bytes()
    told = parse(found)
    export(archive, str(tmp_path / name))

    assert told["resources"] == [{"name": "part-1", "path": name, "bytes": len(data), "hash": digest(data)}]
    assert (told["schema"], told["edition"], told["view"]) == ("presstv.manifest/1", "presstv-fr", "latest")
    assert (told["head"], told["archive"]) == ({"seq": 1, "digest": head.digest}, archive.log.identity())
    assert (told["selection"], told["counts"], told["program"]) == ({"ids": ["2"]}, {"rows": 1}, PROGRAM)
    assert (tmp_path / (name + MANIFEST)).read_bytes() == found


@pytest.mark.row("F-TAK-09")
def test_no_manifest_is_that_of_another_file(archive, tmp_path):
    """It goes before a new file comes, so one that dies in between leaves none; an export that fails leaves both."""
    place = tmp_path / "a.jsonl"
    export(archive, str(place))

    def broken(_out, _name):
        raise StorageError("the store went away")

    with pytest.raises(StorageError):
        write_to(str(place), broken)
    assert (tmp_path / ("a.jsonl" + MANIFEST)).exists()
    write_to(str(place), lambda out, _: out.write(b"other"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_link_leads_to_both(archive, tmp_path):
    """The manifest lies beside the file itself, by whose name it calls it."""
    (tmp_path / "day").mkdir()
    (tmp_path / "latest.jsonl").symlink_to(tmp_path / "day" / "a.jsonl")
    export(archive, str(tmp_path / "latest.jsonl"))
    told = parse((tmp_path / "day" / ("a.jsonl" + MANIFEST)).read_bytes())

    assert [one["path"] for one in told["resources"]] == ["a.jsonl"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day", "latest.jsonl"]


def test_a_store_has_it_beside_the_object(archive):
    """Under the object's key and the ending; the same export again is no other one."""
    store = open_store("memory:manifests")
    for _ in range(2):
        export(archive, "memory:manifests/a.jsonl.gz")
    told = parse(store.get("a.jsonl.gz" + MANIFEST))

    assert told["resources"][0]["hash"] == digest(store.get("a.jsonl.gz"))


def test_streams_have_none(archive, capsysbinary):
    """Nothing lies beside stdout or a device."""
    for target in (None, "-", "/dev/null"):
        assert jsonl.write(archive, "latest", chosen=CHOSEN, target=target).files == ()
    capsysbinary.readouterr()
