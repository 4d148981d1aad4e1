"""A store's place: one name for it, however its URI is spelt."""

import re

import pytest

from archive.errors import ConfigurationError
from archive.seen.old import is_at
from archive.stores.opening import open_store, place_of

S3 = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def at(monkeypatch):
    """Return the place of a URI, at an endpoint."""
    for name, value in S3.items():
        monkeypatch.setenv(name, value)

    def place(uri, endpoint=""):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        if not endpoint:
            monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
        return place_of(open_store(uri))

    return place


def test_a_bucket_is_one_place_at_one_endpoint(at):
    """With a slash behind or without; another prefix, bucket or server is another place, AWS one in all its regions."""
    weed = "http://127.0.0.1:8333"

    assert at("s3://archive/fr", weed) == at("s3://archive/fr/", weed)
    assert at("s3://archive", weed) == at("s3://archive/", weed)
    others = ("s3://archive/fr", ""), ("s3://archive/en", weed), ("s3://other/fr", weed), ("s3://archive", weed)
    assert len({at(*other) for other in others} | {at("s3://archive/fr", weed)}) == 5
    assert at("s3://archive/fr", "https://s3.eu-west-1.amazonaws.com") == at("s3://archive/fr")


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("s3://ab/fr", "'ab' is no bucket's name, which is 3 to 63"),
        ("s3://Archive/fr", "'Archive' is no bucket's name"),
        ("s3://archive/a b", "'a b' is no prefix"),
        ("s3://archive/a/../b", "'a/../b' is no prefix"),
        ("s3://", "names no store"),
        ("ftp://archive/fr", "names no store"),
    ],
)
def test_what_is_wrong_with_an_address_is_named(at, uri, says):
    """The bucket's name, its prefix, or the whole."""
    with pytest.raises(ConfigurationError, match=re.escape(says)):
        at(uri)


def test_what_was_remembered_by_uri_is_found_in_a_bucket(at):
    """The endpoint was not remembered then."""
    at("s3://archive/fr", "http://127.0.0.1:8333")
    store = open_store("s3://archive/fr/")

    assert [is_at(uri, store) for uri in ("s3://archive/fr", "s3://archive/fr/", "s3://archive", "file:x", "nfs:x")] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_a_folder_is_its_real_path(tmp_path):
    """A link leads to the same place; links inside an archive are refused elsewhere."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    assert place_of(open_store(f"{tmp_path}/link")) == place_of(open_store(f"file:{tmp_path}/real/"))
    assert place_of(open_store("memory:x")) == "memory:x"
