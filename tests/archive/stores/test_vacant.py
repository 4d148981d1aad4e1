"""A place for a new archive: empty but for what is ours; what else lies there is named."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ConfigurationError
from archive.facts.names import commit_key
from archive.stores.folder import FolderStore
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store
from archive.stores.store import is_key
from archive.stores.vacant import check_vacant

pytest_plugins = ["tests.servers"]

OURS = [
    "archive.json", commit_key(1), "log/000000000001.sig", "captures/2026/11/24/20261124t120000z-1f2e3d4c-0001.warc.gz",
    "captures/2026/11/24/20261124t120000z-1f2e3d4c-0001.cdxj.gz", "claims/news/20261124t120000z.json",
    "records/2026/11/24/20261124t120000z-1f2e3d4c-0001.jsonl.gz", "checks/2026/11/24/a-0001.jsonl.gz",
    "probe/0f7c2c1e-3a3b-4c4d-8e8f-9a9b9c9d9e9f",
]  # fmt: skip


def put(folder, *names):
    """Make files in a folder; those that end with a slash are folders."""
    for name in names:
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()
    return FolderStore(folder, f"file:{folder}")


@pytest.mark.row("F-CFG-06")
@pytest.mark.parametrize(
    "names",
    [
        (),
        OURS,
        (".DS_Store", ".git/config", ".hidden/"),
        ("lost+found/", "lost+found/x"),
        ("captures/", "log/", "probe/"),
    ],
    ids=["empty", "ours", "hidden", "lost+found", "empty-folders-of-ours"],
)
def test_a_place_with_nothing_of_others_has_room(tmp_path, names):
    """What is ours, hidden or the file system's is no matter; nor is a folder that is not there."""
    check_vacant(put(tmp_path, *names))
    check_vacant(FolderStore(tmp_path / "none" / "there", "file:none/there"))


@pytest.mark.row("F-CFG-06")
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("photo.jpg",), "photo.jpg there"),
        (("photos/",), "photos/ there"),
        (("photos/2024/a b.jpg", *OURS), "photos/ there"),
        (("e", "d", "c", "b", "a"), "a, b, c and more there"),
        (("Archive.json",), "Archive.json there"),
        (("captures/holiday.png",), "captures/holiday.png there"),
        (("probe/readme.txt",), "probe/readme.txt there"),
        (("log/syslog",), "log/syslog there"),
        (("lost+found2",), "lost+found2 there"),
        (("a\x1b[2J",), "there"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_lies_there_is_named(tmp_path, names, told):
    """A few names, and what to do."""
    with pytest.raises(ConfigurationError, match=r"is not empty, and no archive: .*place of its own") as error:
        check_vacant(put(tmp_path, *names))

    assert told in str(error.value)


def test_a_link_in_the_place_is_somebody_elses(tmp_path):
    """Be it to nowhere, or by the name of a folder of ours."""
    for name in ("elsewhere", "captures"):
        place = tmp_path / f"of-{name}"
        place.mkdir()
        (place / name).symlink_to("/nowhere")

        with pytest.raises(ConfigurationError, match=name):
            check_vacant(FolderStore(place, "file:x"))


def test_the_catalogs_files_are_no_matter(tmp_path):
    """Where they lie in the archive's own folder; a file of that name elsewhere says nothing of this place."""
    store = put(tmp_path, "catalog.sqlite", "catalog.sqlite-wal")
    check_vacant(store, {tmp_path / "catalog.sqlite", tmp_path / "catalog.sqlite-wal"})

    with pytest.raises(ConfigurationError, match=r"catalog\.sqlite"):
        check_vacant(store, {tmp_path / "other" / "catalog.sqlite"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_of_the_file_system_that_nobody_may_read(tmp_path):
    """`lost+found` is root's."""
    store = put(tmp_path, "lost+found/")
    (tmp_path / "lost+found").chmod(0)

    assert check_vacant(store) is None


@given(st.lists(st.from_regex(r"[a-z0-9./-]{1,30}", fullmatch=True).filter(is_key), max_size=8))
def test_any_keys_are_ours_or_named(keys):
    """In a store of keys: what is named lies there, and nothing else is."""
    store = MemoryStore("memory:")
    for key in dict.fromkeys(keys):
        store.create(key, b"")
    told = ""
    try:
        check_vacant(store)
    except ConfigurationError as error:
        told = str(error).partition("archive: ")[2].partition(" there;")[0].removesuffix(" and more")

    assert all(any(key.startswith(name) for key in keys) for name in filter(None, told.split(", ")))
    assert bool(told) is bool(keys)


@pytest.mark.row("F-CFG-06")
def test_a_prefix_in_a_bucket(moto, use_endpoint):
    """What lies below it counts, what lies beside it does not."""
    use_endpoint(moto.endpoint)
    bucket = moto.bucket()
    for key in ("other/a", "fr/claims/news/20261124t120000z.json", "fr/.hidden"):
        moto.client.put_object(Bucket=bucket, Key=key, Body=b"")
    store = open_store(f"s3://{bucket}/fr")
    check_vacant(store)
    moto.client.put_object(Bucket=bucket, Key="fr/Photos/A B.jpg", Body=b"")

    with pytest.raises(ConfigurationError, match=rf"s3://{bucket}/fr is not empty, and no archive: Photos/ there"):
        check_vacant(store)
