"""WACZ files: the WARCs in a zip, the zip found safe first, each WARC held against the hash that is listed."""

import io
import json
import stat
import struct
import zipfile
from hashlib import md5, sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ConfigurationError
from crawler.backfill import wacz
from tests.foreign_warcs import backfilled, plain_warc, wacz_of
from tests.made import Ticking, archive_at

NAME = "autre.wacz"
DATA = b"WARC/1.0\r\n" + b"x" * 200


def zipped(entries, *, packing=zipfile.ZIP_STORED, package=None):
    """Return a zip of (name, bytes), and a datapackage.json where one is given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as file:
        for name, data in entries:
            file.writestr(name, data)
        if package is not None:
            file.writestr("datapackage.json", package if isinstance(package, bytes | str) else json.dumps(package))
    return buffer.getvalue()


def listing(**hashes):
    """Return what a datapackage.json says of WARCs below archive/."""
    return {"resources": [{"path": f"archive/{name}.warc.gz", "hash": value} for name, value in hashes.items()]}


def read(data):
    """Return name and bytes of each WARC inside, and the faults told."""
    faults, found = [], []
    with wacz.opened(io.BytesIO(data), NAME) as file:
        for name, stream in wacz.warcs(file, faults.append):
            parts = list(iter(lambda s=stream: s.read(64), b""))
            found.append((name, b"".join(parts)))
    return found, faults


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_warcs_come_by_name(packing):
    """Those below archive/, whatever their order in the zip; what holds captures and is not read is named, and why."""
    names = [
        "archive/b.warc.gz",
        "archive/a.warc",
        "archive/C.WARC.GZ",
        "archive/x.cdx",
        "archive/deep/d.warc.gz",
        "e.warc.gz",
        "archive/f.warc.zst",
        "g.arc.gz",
        "archive/h.wacz",
    ]
    found, faults = read(zipped([(name, name.encode()) for name in names], packing=packing))

    read_in = ("archive/C.WARC.GZ", "archive/a.warc", "archive/b.warc.gz", "archive/deep/d.warc.gz")
    why = {
        "e.warc.gz": "below archive/",
        "archive/f.warc.zst": "zstd",
        "g.arc.gz": "ARC",
        "archive/h.wacz": "a WACZ itself",
    }
    assert found == [(name, name.encode()) for name in read_in]
    assert sorted(fault.partition(" ")[0] for fault in faults) == sorted(why)
    assert all(why[fault.partition(" ")[0]] in fault for fault in faults)


@pytest.mark.parametrize(
    ("value", "taken", "fault"),
    [
        (f"sha256:{sha256(DATA).hexdigest()}", True, ""),
        (f"SHA256:{sha256(DATA).hexdigest().upper()}", True, ""),
        (f"sha256:{'0' * 64}", False, "its SHA-256 differs"),
        (f"sha-256:{sha256(DATA).hexdigest()}", True, ""),
        (sha256(DATA).hexdigest(), True, ""),
        ("0" * 64, False, "its SHA-256 differs"),
        (f"md5:{md5(DATA).hexdigest()}", True, ""),
        ("md5:00", False, "its MD5 differs"),
        ("sha3:00", True, "that can be checked"),
        ("", True, "that can be checked"),
    ],
    ids=["right", "capitals", "wrong", "dash", "bare", "bare-wrong", "md5", "md5-wrong", "unknown", "empty"],
)
def test_a_warc_is_held_against_its_hash(value, taken, fault):
    """One whose bytes are others than the list says is told and left; what can't be checked is taken, and said."""
    found, faults = read(zipped([("archive/a.warc.gz", DATA)], package=listing(a=value)))

    assert bool(found) is taken
    assert [fault in told for told in faults] == ([True] if fault else [])


@pytest.mark.parametrize(
    ("package", "fault"),
    [
        (b"{", "can't be read"),
        (b"\xff\xfe", "can't be read"),
        (b"[" * 50_000, "can't be read"),
        ("[]", "can't be read"),
        ('{"resources": 5}', "can't be read"),
        ('{"resources": [5]}', "names no file"),
        ('{"resources": [{"path": ["a"], "hash": "sha256:0"}]}', "names no file"),
        ('{"resources": [{"path": "archive/a.warc.gz", "hash": 7}]}', "no 'hash' of archive/a.warc.gz"),
        ('{"resources": [{"path": "archive/a.warc.gz"}]}', "no 'hash' of archive/a.warc.gz"),
        ('{"resources": [{"path": "archive/a.warc.gz", "stats": []}]}', "no 'hash' of archive/a.warc.gz"),
        (
            '{"resources": [{"path": "archive/b.warc.gz", "hash": "sha256:0"}]}',
            "'archive/b.warc.gz', which is not in it",
        ),
        ("{}", "KeyError('resources')"),
    ],
    ids=[
        "cut",
        "no-utf8",
        "deep",
        "list",
        "number",
        "numbers",
        "path-list",
        "hash-number",
        "no-hash",
        "stats-list",
        "not-there",
        "no-resources",
    ],
)
def test_a_list_that_can_not_be_read_is_told(package, fault):
    """The WARCs are read all the same."""
    found, faults = read(zipped([("archive/a.warc.gz", DATA)], package=package))

    assert found == [("archive/a.warc.gz", DATA)]
    assert [fault in told for told in faults] == [True], faults


def raw_name(data, old, new):
    """Return a zip with a name's bytes replaced, in both places; of the same length."""
    assert len(old) == len(new)
    return data.replace(old.encode(), new.encode())


@pytest.mark.row("F-EXP-01")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../etc/passwd", "leads out of it"),
        ("archive/../../x.warc.gz", "leads out of it"),
        ("archive/./a.warc.gz", "leads out of it"),
        ("archive\\..\\x.warc", "leads out of it"),
        ("/etc/passwd", "absolute"),
        ("C:/x.warc", "absolute"),
        ("\\\\serveur\\x", "absolute"),
    ],
)
def test_a_zip_that_names_files_outside_is_refused(name, why):
    """Whole, before a byte of it is read, with the name and what to do."""
    data = raw_name(zipped([("archive/a.warc.gz", DATA), ("n" * len(name), b"x")]), "n" * len(name), name)
    with pytest.raises(ConfigurationError, match=r"^autre\.wacz is refused, it has ") as found:
        read(data)

    assert why in str(found.value)
    assert found.value.exit_code == 4


def special(kind):
    """Return a zip with an entry that is no plain file."""
    buffer = io.BytesIO()
    entry = zipfile.ZipInfo("archive/a.warc.gz")
    entry.external_attr = (kind | 0o644) << 16
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(entry, b"/etc/passwd")
    return buffer.getvalue()


def with_central(data, offset, form, value):
    """Return a zip with one field of its first central entry changed."""
    at = data.index(b"PK\x01\x02")
    return data[: at + offset] + struct.pack(form, value) + data[at + offset + struct.calcsize(form) :]


def twice():
    """Return a zip that names a file twice."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped([("archive/a.warc.gz", DATA), ("archive/a.warc.gz", b"y")])


def folded():
    """Return a zip whose second entry lies within the first: bytes that are unpacked twice."""
    data = zipped([("archive/a.warc.gz", DATA), ("archive/b.warc.gz", DATA)])
    first, second = data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02")
    assert first < second
    return data[: second + 42] + struct.pack("<L", 5) + data[second + 46 :]


@pytest.mark.row("F-EXP-01")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (special(stat.S_IFLNK), "a link or a device"),
        (special(stat.S_IFCHR), "a link or a device"),
        (with_central(zipped([("archive/a.warc.gz", DATA)]), 8, "<H", 1), "encrypted"),
        (with_central(zipped([("archive/a.warc.gz", DATA)]), 10, "<H", 12), "other than deflate"),
        (with_central(zipped([("archive/a.warc.gz", DATA)]), 24, "<L", 2**31), "a bomb"),
        (raw_name(zipped([("archive/a.warc.gz_", DATA)]), "gz_", "gz\0"), "leads out of it"),
        (folded(), "share bytes"),
    ],
    ids=["link", "device", "encrypted", "bzip2", "bomb", "nul", "folded"],
)
def test_a_zip_that_is_not_safe_is_refused(data, why):
    """It is told what it has."""
    with pytest.raises(ConfigurationError, match="is refused") as found:
        read(data)

    assert why in str(found.value)


@pytest.mark.row("F-EXP-01")
def test_a_zip_that_names_a_file_twice_is_refused():
    """Which of them the list's hash is of nobody could say."""
    with pytest.raises(ConfigurationError, match=r"a name twice: 'archive/a\.warc\.gz'"):
        read(twice())


def test_a_zip_of_too_many_files_is_refused(monkeypatch):
    """A WACZ has some dozens."""
    monkeypatch.setattr(wacz, "_MOST_ENTRIES", 10)

    with pytest.raises(ConfigurationError, match="11 files"):
        read(zipped([(f"archive/{n}.warc.gz", b"") for n in range(11)]))


def test_files_that_pack_well_are_no_bomb():
    """Two hundred times its size, or some megabytes, is what text may come to."""
    data = zipped([("archive/a.warc", b"WARC/1.0\r\n" * 300_000)], packing=zipfile.ZIP_DEFLATED)
    found, faults = read(data)

    assert len(data) < 20_000
    assert (len(found[0][1]), faults) == (3_000_000, [])


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 10, b"PK\x03\x04" + b"x" * 500],
    ids=["none", "start", "end", "junk"],
)
def test_what_is_no_whole_zip_is_told(data):
    """A download that was cut has no directory at its end."""
    with pytest.raises(ConfigurationError, match="no whole zip"):
        read(data)


def test_a_damaged_file_is_told_and_the_next_is_read():
    """The checksum of the zip itself shows it, where no hash is listed."""
    data = bytearray(zipped([("archive/a.warc.gz", DATA), ("archive/b.warc.gz", b"y" * 9)]))
    data[data.index(DATA) + 50] ^= 1
    found, faults = read(bytes(data))

    assert found[-1] == ("archive/b.warc.gz", b"y" * 9)
    assert ["archive/a.warc.gz can't be unpacked" in told for told in faults] == [True]


@given(st.integers(0, 10**6), st.integers(1, 255), st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_a_flipped_byte_is_told_or_harmless(place, mask, packing):
    """Wherever it is, what comes is what was packed, or it was told; nothing else is raised."""
    package = listing(a=f"sha256:{sha256(DATA).hexdigest()}")
    data = bytearray(zipped([("archive/a.warc.gz", DATA)], packing=packing, package=package))
    data[place % len(data)] ^= mask
    try:
        found, faults = read(bytes(data))
    except ConfigurationError:
        return

    assert faults or all(body == DATA for _, body in found)


@given(st.binary(max_size=300))
def test_opening_is_total(data):
    """Any bytes are a zip, or a sentence why not."""
    start = zipped([("archive/a.warc.gz", DATA)])
    for odd in (data, start[:60] + data + start[60:], start + data):
        try:
            read(odd)
        except wacz.NotWhole as error:
            told = f"{NAME}: {error}"
        except ConfigurationError as error:
            told = str(error)
        else:
            told = NAME

        assert told.startswith(NAME)


@pytest.fixture
def archive(tmp_path):
    """Return an empty archive."""
    found = archive_at(tmp_path, Ticking())
    yield found
    found.close()


def test_a_wacz_is_taken_in_as_its_warcs_are(archive, tmp_path):
    """Each capture names the WACZ and the file inside; a WARC that is not the listed one is damage."""
    warcs = {"un.warc.gz": plain_warc(2).data, "zwei.warc.gz": plain_warc(3).data}
    place = wacz_of(tmp_path / "a.wacz", warcs)
    done = backfilled(archive, tmp_path, Ticking(), place)
    wrong = wacz_of(tmp_path / "b.wacz", warcs, listed={"archive/un.warc.gz": "sha256:00"})
    again = backfilled(archive, tmp_path, Ticking(), wrong)
    from tests.crawler.backfill.test_files import rows

    assert dict(done.intake.tally.taken) == {"new": 3}
    assert dict(done.intake.tally.skipped) == {"known": 2}
    names = [record["capture"]["source"]["name"] for record in rows(archive, "records")]
    assert names == ["a.wacz!archive/un.warc.gz"] * 2 + ["a.wacz!archive/zwei.warc.gz"]
    assert ["its SHA-256 differs" in why for _, why in again.intake.tally.damaged] == [True]
    assert again.exit_code() == 3


def test_a_zip_without_warcs_is_damage(archive, tmp_path):
    """It is most likely no WACZ."""
    (tmp_path / "a.wacz").write_bytes(zipped([("lettre.txt", b"Bonjour")]))
    done = backfilled(archive, tmp_path, Ticking(), str(tmp_path / "a.wacz"))

    assert done.intake.tally.damaged == [("a.wacz", "it holds no WARC below archive/")]


@pytest.mark.parametrize("true", [True, False], ids=["as listed", "changed"])
@pytest.mark.parametrize("beside", [[], [{"path": "logs/a.log"}]], ids=["alone", "beside one without a hash"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_where_the_listed_hash_may_stand(version, beside, true):
    """Version 1.0 has it among the numbers; a resource without one says nothing of the others."""
    value = sha256(b"contenu" if true else b"autre").hexdigest()
    new, old = {"hash": f"sha256:{value}"}, {"stats": {"hash": value, "bytes": 7}, "hashing": "sha256"}
    listed = {"path": "archive/a.warc"} | (new if version == "1.1" else old)
    data, faults = io.BytesIO(), []
    with zipfile.ZipFile(data, "w") as zipped:
        zipped.writestr("archive/a.warc", b"contenu")
        zipped.writestr("datapackage.json", json.dumps({"resources": [*beside, listed]}))
    with wacz.opened(data, NAME) as file:
        found = [stream.read(100) for _, stream in wacz.warcs(file, faults.append)]

    assert (found, ["differs" in fault for fault in faults]) == (([b"contenu"], []) if true else ([], [True]))


BAD_ENTRIES = (
    "x",
    5,
    None,
    {},
    {"path": ["a"]},
    {"path": "archive/a.warc.gz", "hash": 7},
    {"path": "archive/a.warc.gz"},
)


@pytest.mark.row("F-OTH-06")
@pytest.mark.parametrize("bad", BAD_ENTRIES, ids=repr)
def test_an_entry_that_can_not_be_read_switches_no_other_off(bad):
    """The WARC that another entry names is still held against its hash."""
    package = json.dumps({"resources": [bad, {"path": "./archive/b.warc.gz", "hash": f"sha256:{'0' * 64}"}]})
    found, faults = read(zipped([("archive/a.warc.gz", DATA), ("archive/b.warc.gz", DATA)], package=package))

    assert found == [("archive/a.warc.gz", DATA)]
    assert [("its SHA-256 differs" in fault, "entry" in fault or "'hash'" in fault) for fault in faults] == [
        (False, True), (True, False),
    ]  # fmt: skip
