"""One conformance suite over every store, opening by URI, and `put_once`."""

import itertools
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import ConfigurationError, IntegrityError, KeyExists, KeyMissing, StorageError
from archive.stores.folder import FolderStore
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store, sweep
from archive.stores.putting import put_once
from archive.stores.store import Unclear, is_key

pytest_plugins = ["tests.servers"]


@pytest.fixture(params=["memory", "folder", "moto", "seaweedfs", pytest.param("by_hand", marks=pytest.mark.stores)])
def store(request, tmp_path, use_endpoint):
    """Each store in turn, empty; below a prefix in the buckets. A new store is one more name here and one branch."""
    if request.param == "memory":
        return open_store("memory:")
    if request.param == "folder":
        return open_store(f"file:{tmp_path}/archive")
    server = request.getfixturevalue(request.param)
    use_endpoint(server.endpoint, server.key_id, server.secret)
    return open_store(f"s3://{server.bucket()}/some/prefix")


ALL_BYTES = bytes(range(256)) * 300


@pytest.mark.parametrize("data", [b"", b"\x00", b"caf\xc3\xa9\r\n", ALL_BYTES], ids=["empty", "nul", "text", "binary"])
def test_bytes_come_back_as_they_went(store, data):
    """What is created is read back byte for byte, an empty object too."""
    store.create("captures/2026/11/24/a.warc.gz", data)

    assert store.get("captures/2026/11/24/a.warc.gz") == data


@pytest.mark.row("F-STO-27")
def test_no_more_is_read_than_may_be_there(store):
    """An object that is longer than anything of ours is no answer: it is named, and is not in memory."""
    store.create("log/000000000001.json", bytes(100))

    assert store.get("log/000000000001.json", 100) == bytes(100)
    with pytest.raises(IntegrityError, match=r"log/000000000001\.json has more than 99 bytes"):
        store.get("log/000000000001.json", 99)
    assert put_once(store, "log/000000000001.json", b"ours") is False


def test_a_taken_key_keeps_its_bytes(store):
    """A second create raises KeyExists naming the key and changes nothing, even with the same bytes."""
    store.create("log/000000000001.json", b"first")

    for data in (b"second", b"first"):
        with pytest.raises(KeyExists, match=r"log/000000000001\.json"):
            store.create("log/000000000001.json", data)
    assert store.get("log/000000000001.json") == b"first"


def test_a_missing_key_is_missing(store):
    """Reading what was never stored raises KeyMissing: in a store still empty, beside an object, below one, above one."""
    with pytest.raises(KeyMissing, match=r"archive\.json"):
        store.get("archive.json")

    store.create("records/a", b"x")
    for key in ("records/b", "records", "recordsa"):
        with pytest.raises(KeyMissing):
            store.get(key)
        with pytest.raises(KeyMissing):
            store.get_range(key, 0, 1)


@pytest.mark.parametrize(("offset", "length"), [(0, 1), (0, 10), (3, 4), (9, 1)])
def test_a_range_is_exactly_what_was_asked(store, offset, length):
    """A range gives those bytes and no more."""
    store.create("a", b"0123456789")

    assert store.get_range("a", offset, length) == b"0123456789"[offset : offset + length]


@pytest.mark.parametrize(("offset", "length"), [(9, 2), (0, 11), (10, 1), (99, 1)])
def test_a_range_past_the_end_is_an_integrity_error(store, offset, length):
    """An object that ends before the range does is not what the index said; no short answer is given."""
    store.create("a", b"0123456789")

    with pytest.raises(IntegrityError, match="ends before"):
        store.get_range("a", offset, length)


def test_an_empty_store_lists_nothing(store):
    """A place where nothing was ever stored lists as empty."""
    assert list(store.list()) == []


KEYS = ["a-b/c", "a.b", "a/b", "a/b-c/d", "a/b.c", "ab/a", "log/000000000001.json", "log/000000000002.json"]


def test_a_listing_is_sorted_by_key(store):
    """Keys come in the order of their bytes, in which a dash and a dot stand before the slash."""
    for key in reversed(KEYS):
        if key != "a/b":
            store.create(key, key.encode())

    assert [(entry.key, entry.size) for entry in store.list()] == [(k, len(k)) for k in KEYS if k != "a/b"]


@pytest.mark.parametrize(
    ("prefix", "keys"),
    [
        ("log/", KEYS[6:]),
        ("log", KEYS[6:]),
        ("log/00000000000", KEYS[6:]),
        ("log/000000000002.json", KEYS[7:]),
        ("a/", KEYS[3:5]),
        ("a/b.", ["a/b.c"]),
        ("a", [k for k in KEYS[:6] if k != "a/b"]),
        ("records/", []),
    ],
    ids=["folder", "no slash", "part of a name", "a whole key", "a sibling", "after a dot", "many", "none"],
)
def test_a_prefix_selects(store, prefix, keys):
    """A prefix is one of the key's text: it may end anywhere, and leaves out siblings that only begin alike."""
    for key in KEYS:
        if key != "a/b":
            store.create(key, b"")

    assert [entry.key for entry in store.list(prefix)] == keys


def test_entries_know_when_they_were_stored(store):
    """The time of an entry is aware, in UTC, and that of the store's clock."""
    before = datetime.now(UTC)
    store.create("a", b"x")

    (entry,) = store.list()
    assert entry.modified.utcoffset() == timedelta(0)
    assert abs(entry.modified - before) < timedelta(minutes=1)


def test_deleting_frees_the_key(store):
    """A deleted key is missing and can be created again; deleting it twice, or a key that never was, is fine."""
    store.create("probe/x", b"1")
    store.delete("probe/x")
    store.delete("probe/x")
    store.delete("probe/never")

    with pytest.raises(KeyMissing):
        store.get("probe/x")
    assert list(store.list()) == []
    store.create("probe/x", b"2")
    assert store.get("probe/x") == b"2"


BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "a//b",
    "a/",
    "../a",
    "a/../b",
    "a/./b",
    ".hidden",
    "a/.part",
    "A",
    "é",
    "a b",
    "a\n",
]


@pytest.mark.row("F-STO-23")
@pytest.mark.row("F-DIR-08")
def test_what_is_no_key_is_refused(store):
    """A name that could point out of the archive is an integrity error for every verb, and nothing is stored."""
    acts = (lambda k: store.create(k, b"x"), store.get, store.delete, lambda k: store.get_range(k, 0, 1))
    for key, act in itertools.product(BAD_KEYS, acts):
        with pytest.raises(IntegrityError, match="no key of an archive"):
            act(key)

    assert list(store.list()) == []


@pytest.mark.row("F-DIR-05")
def test_of_many_racers_one_wins(store):
    """Eight threads that create one key at once leave one winner, and its bytes."""
    gate = threading.Barrier(8)

    def race(number):
        gate.wait()
        try:
            store.create("log/000000000001.json", b"writer %d" % number * 1000)
        except KeyExists:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(race, range(8)) if number is not None]

    assert len(winners) == 1
    assert store.get("log/000000000001.json") == b"writer %d" % winners[0] * 1000
    assert len(list(store.list())) == 1


def test_put_once_knows_whose_bytes_lie_there(store):
    """True for bytes just stored and for the same bytes again, False for others'."""
    answers = [put_once(store, "log/a", data) for data in (b"ours", b"ours", b"theirs")]

    assert answers == [True, True, False]
    assert store.get("log/a") == b"ours"


@pytest.mark.parametrize("kind", ["memory", "folder"])
@settings(max_examples=40, deadline=None)
@given(
    objects=st.dictionaries(
        st.from_regex(r"[a-z0-9-][a-z0-9.-]{0,6}(/[a-z0-9-][a-z0-9.-]{0,6}){0,3}", fullmatch=True),
        st.binary(max_size=2000),
        max_size=8,
    ),
    prefix=st.from_regex(r"[a-z0-9./-]{0,3}", fullmatch=True),
)
def test_a_store_is_a_sorted_mapping(tmp_path_factory, kind, objects, prefix):
    """Whatever keys and bytes go in, the same come out, and a listing is the sorted keys with that prefix."""
    store = MemoryStore() if kind == "memory" else FolderStore(tmp_path_factory.mktemp("any"), "any")
    kept = {k: v for k, v in objects.items() if not any(o.startswith(f"{k}/") for o in objects)}
    for key, data in kept.items():
        store.create(key, data)

    assert {key: store.get(key) for key in kept} == kept
    assert [entry.key for entry in store.list(prefix)] == sorted(key for key in kept if key.startswith(prefix))


def test_two_opens_of_one_name_share_memory():
    """`memory:name` is one store in a process, `memory:` a store of its own each time."""
    name = f"memory:{uuid.uuid4()}"
    open_store(name).create("a", b"x")
    open_store("memory:").create("a", b"x")

    assert open_store(name).get("a") == b"x"
    assert list(open_store("memory:").list()) == []


@pytest.mark.parametrize("form", ["{}", "file:{}", "file://{}", "file://localhost{}"])
def test_forms_of_a_path_open_one_folder(tmp_path, form):
    """A bare path and the forms of a file URI name the same directory, and the URI is kept as it was given."""
    FolderStore(tmp_path / "arch", "here").create("a", b"x")
    uri = form.format(tmp_path / "arch")

    store = open_store(uri)
    assert store.get("a") == b"x"
    assert store.uri == uri


def test_a_relative_path_counts_from_here(tmp_path, monkeypatch):
    """`file:var/archive` is below the directory that the program was started in."""
    monkeypatch.chdir(tmp_path)
    open_store("file:var/archive").create("a", b"x")

    assert (tmp_path / "var/archive/a").read_bytes() == b"x"


def test_percent_signs_count_in_uris_alone(tmp_path):
    """A file URI is decoded (RFC 8089), a bare path is taken as it is."""
    open_store(f"file://{tmp_path}/mon%20archive").create("a", b"x")
    open_store(f"{tmp_path}/mon%20archive").create("a", b"x")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["mon archive", "mon%20archive"]


REFUSED = [
    "",
    "file:",
    "file://elsewhere/archive",
    "https://example.org/archive",
    "gs://bucket/prefix",
    "s3:bucket",
    "s3://",
    "s3://B",
    "s3://bucket/../other",
    "s3://bucket/a//b",
    "s3://bucket/a?versionId=1",
    "foo:bar",
]


@pytest.mark.parametrize("uri", REFUSED)
def test_what_names_no_store_is_refused(uri):
    """Any other URI is a configuration error that says what is accepted."""
    with pytest.raises(ConfigurationError, match="file:PATH, s3://BUCKET/PREFIX"):
        open_store(uri)


@pytest.mark.row("F-SEC-01")
@pytest.mark.parametrize("uri", ["s3://AKIAKEY:hush/hush@bucket/prefix", "https://me:hush@example.org/", "s3://hush@b"])
def test_credentials_in_a_uri_are_refused_unseen(uri):
    """User and password in a URI are refused, and the message does not repeat them."""
    with pytest.raises(ConfigurationError, match="credentials") as caught:
        open_store(uri)

    assert "hush" not in str(caught.value)


def test_a_local_store_needs_no_boto3():
    """Importing the stores and using a local one leaves boto3, which is slow to import, alone."""
    code = "import sys; from archive.stores.opening import open_store; open_store('memory:'); open_store('x'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"boto3", "botocore"} & set(done.stdout.split())


def test_sweeping_is_for_local_stores(tmp_path):
    """Temporary files of killed writers are swept from a folder; memory has none to sweep."""
    store = open_store(f"{tmp_path}")
    (tmp_path / ".left.part").write_bytes(b"")
    later = datetime.now(UTC) + timedelta(minutes=1)

    assert sweep(open_store("memory:"), later) == ()
    assert sweep(store, later) == (".left.part",)


class Flaky(MemoryStore):
    """A store whose answers to create are lost: `heard` says of each try whether the write was done before."""

    def __init__(self, *heard, before=None):
        super().__init__("memory:flaky")
        self.heard = list(heard)
        self.before = before

    def create(self, key, data):
        if self.before:
            super().create(key, self.before)
            self.before = None
        if not self.heard:
            return super().create(key, data)
        if self.heard.pop(0):
            super().create(key, data)
        raise Unclear("no answer")


@pytest.mark.row("F-STO-03")
@pytest.mark.row("F-STO-04")
@pytest.mark.parametrize(
    ("heard", "before", "answer"),
    [
        ([True], None, True),
        ([False], None, True),
        ([False, True], None, True),
        ([False], b"theirs", False),
        ([False], b"ours", True),
    ],
    ids=["done", "not done", "done at the second try", "lost to another", "found equal"],
)
def test_an_unclear_answer_is_settled_by_reading_back(heard, before, answer):
    """A lost answer is neither taken for success nor for failure: what lies under the key decides."""
    store = Flaky(*heard, before=before)

    assert put_once(store, "log/a", b"ours") is answer
    assert store.get("log/a") == (b"ours" if answer else b"theirs")


@pytest.mark.row("F-STO-04")
def test_a_store_that_never_answers_is_given_up():
    """After a few tries the lost answer is raised; nothing is claimed."""
    with pytest.raises(Unclear, match="no answer"):
        put_once(Flaky(*[False] * 9), "log/a", b"ours")


@pytest.mark.row("F-STO-20")
def test_a_key_that_is_taken_and_missing_at_once_is_given_up():
    """A store that says "exists" to each create and "missing" to each read ends in an error, and nothing is claimed."""

    class Fleeting(MemoryStore):
        def create(self, key, data):
            raise KeyExists(key, self.uri)

    with pytest.raises(StorageError, match="log/a in memory: comes and goes"):
        put_once(Fleeting(), "log/a", b"ours")


def test_a_clear_failure_is_not_read_back():
    """A write that failed for certain is raised at once, even where the same bytes lie there from before."""

    class Full(MemoryStore):
        def create(self, key, data):
            raise StorageError("broken")

    with pytest.raises(StorageError, match="broken"):
        put_once(Full(), "a", b"x")


@pytest.mark.parametrize("key", BAD_KEYS)
@pytest.mark.row("F-DIR-07")
def test_bad_keys_are_no_keys(key):
    """`is_key` refuses what could leave the archive or hide in it."""
    assert not is_key(key)
