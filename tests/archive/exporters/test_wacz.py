"""WACZ: what its readers ask of it: records stored where the index says, pages that it knows, digests that hold."""

import gzip
import hashlib
import io
import json
import struct
import zipfile

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.catalog.selection import Selection
from archive.exporters import wacz
from archive.exporters.wacz import write
from tests import facts
from tests.archive.exporters.test_warcfile import archive, log  # noqa: F401 - fixtures


@pytest.fixture(params=["one", "many"])
def index(request, monkeypatch):
    """Have the index in one block, or in blocks of two lines, and WARCs of one capture each."""
    if request.param == "many":
        monkeypatch.setattr(wacz, "_BLOCK_LINES", 2)
        monkeypatch.setattr(wacz, "_WARC_BYTES", 1)
    return request.param


def export(archive, place, view="captures", **chosen):  # noqa: F811 - the fixture's name
    count = write(archive, view, chosen=Selection(**chosen), target=str(place))
    return count, zipfile.ZipFile(place)


def lines(file):
    """Return the lines of its index as a reader comes to them, by blocks."""
    meta, *heads = file.read("indexes/index.idx").splitlines()
    assert json.loads(meta.split(b" ", 2)[2]) == {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    packed, found = file.read("indexes/index.cdx.gz"), []
    for head in heads:
        key, moment, place = head.split(b" ", 2)
        place = json.loads(place)
        data = packed[place["offset"] : place["offset"] + place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        block = gzip.decompress(data).splitlines()
        assert block[0].startswith(key + b" " + moment)
        found += block
    return found


@pytest.mark.row("F-TAK-06")
@pytest.mark.usefixtures("index")
def test_the_index_leads_to_the_records(archive, tmp_path):  # noqa: F811
    """Each line, sorted by its bytes, to a response of that address, instant and payload; its WARC is stored as it is."""
    count, file = export(archive, tmp_path / "a.wacz")
    found = lines(file)

    assert found == sorted(found)
    assert len(found) == count == 6
    for each in found:
        _, moment, told = each.split(b" ", 2)
        told = json.loads(told)
        about = file.getinfo(f"archive/{told['filename']}")
        assert about.compress_type == zipfile.ZIP_STORED
        at, length = int(told["offset"]), int(told["length"])
        record = next(ArchiveIterator(io.BytesIO(file.read(about)[at : at + length]), check_digests="raise"))
        head = record.rec_headers
        assert (head["WARC-Target-URI"], head["WARC-Payload-Digest"]) == (told["url"], told["digest"])
        assert head["WARC-Date"].translate(str.maketrans("", "", "-:T"))[:14] == moment.decode()
        assert (told["mime"] == "warc/revisit") == (record.rec_type == "revisit")
        assert "captured_at" not in told


@pytest.mark.row("F-TAK-06")
@pytest.mark.usefixtures("index")
def test_the_package_names_each_file_with_its_digest(archive, tmp_path):  # noqa: F811
    """And a digest over that; no entry is torn, and nothing in it says on which day it was written."""
    file = export(archive, tmp_path / "a.wacz")[1]
    package = json.loads(file.read("datapackage.json"))
    told = {each["path"]: (each["hash"], each["bytes"]) for each in package["resources"]}
    others = [name for name in file.namelist() if not name.startswith("datapackage")]

    assert file.testzip() is None
    assert told == {
        name: (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))
        for name in others
        if (data := file.read(name)) is not None
    }
    assert json.loads(file.read("datapackage-digest.json")) == {
        "path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(file.read('datapackage.json')).hexdigest()}",
    }  # fmt: skip
    assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
    assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_pages_are_the_articles_and_are_indexed(archive, tmp_path):  # noqa: F811
    """A page for each version, with its text; a listing is none; each page's address and instant stand in the index."""
    file = export(archive, tmp_path / "a.wacz")[1]
    head, *pages = map(json.loads, file.read("pages/pages.jsonl").splitlines())
    indexed = {
        (told["url"], moment)
        for moment, told in (
            (line.split(b" ", 2)[1].decode(), json.loads(line.split(b" ", 2)[2])) for line in lines(file)
        )
    }

    assert head["format"] == "json-pages-1.0"
    assert [(facts.minutes(page["ts"]), page["title"]) for page in pages] == [(0, "Un bac"), (60, "Un bac"), (1, "=1")]
    assert facts.TEXTS[1] in pages[1]["text"]
    assert {(page["url"], page["ts"].translate(str.maketrans("", "", "-:T"))[:14]) for page in pages} <= indexed
    assert len({page["id"] for page in pages}) == 3


@pytest.mark.parametrize(
    ("view", "chosen", "counts"),
    [
        ("latest", {}, (2, 2)),
        ("versions", {"ids": frozenset({"1"})}, (2, 2)),
        ("captures", {"ids": frozenset({"2"})}, (2, 1)),
    ],
)
def test_what_is_chosen(archive, tmp_path, view, chosen, counts):  # noqa: F811
    """So many captures, so many pages."""
    count, file = export(archive, tmp_path / "a.wacz", view, **chosen)

    assert (count, len(file.read("pages/pages.jsonl").splitlines()) - 1) == counts


def test_the_same_archive_gives_the_same_bytes(archive, tmp_path, capfdbinary):  # noqa: F811
    """In a file and in a pipe, on any day."""
    for name in ("a", "b"):
        export(archive, tmp_path / name)
    write(archive, "captures", chosen=Selection(), target=None)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == capfdbinary.readouterr().out


@pytest.mark.row("F-TAK-06")
def test_an_entry_begins_where_its_readers_look(archive, tmp_path):  # noqa: F811
    """ReplayWeb.page takes an entry's head to have no more fields than the list of entries says that it has."""
    file = export(archive, tmp_path / "a.wacz")[1]
    data = (tmp_path / "a.wacz").read_bytes()

    for about in file.infolist():
        name, more = struct.unpack_from("<HH", data, about.header_offset + 26)
        assert (name, more, about.extra) == (len(about.filename), 0, b"")


def test_an_archive_of_nothing_is_a_package(tmp_path):
    """Without a commit there is a WARC without captures, an empty index and no page."""
    count, file = export(facts.folded(facts.new_log()), tmp_path / "a.wacz")

    assert (count, file.testzip(), lines(file)) == (0, None, [])
    assert "mainPageUrl" not in json.loads(file.read("datapackage.json"))
