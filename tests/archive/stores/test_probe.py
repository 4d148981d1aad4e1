"""The probe lets good stores pass, and refuses those that let two writers create one key."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from archive.errors import CredentialsError, StorageError, UnsafeStore
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store
from archive.stores.probe import probe
from tests.faultproxy import Fault, faultproxy

pytest_plugins = ["tests.servers"]


@pytest.mark.parametrize(
    "kind", ["memory", "folder", "moto", "seaweedfs", pytest.param("by_hand", marks=pytest.mark.stores)]
)
def test_good_stores_pass_and_are_left_clean(request, kind, tmp_path, use_endpoint):
    """A store that keeps its promise passes, and no scratch key stays."""
    if kind in ("memory", "folder"):
        store = open_store("memory:" if kind == "memory" else f"{tmp_path}/archive")
    else:
        server = request.getfixturevalue(kind)
        use_endpoint(server.endpoint, server.key_id, server.secret)
        store = open_store(f"s3://{server.bucket()}")
    probe(store, rounds=2)

    assert list(store.list()) == []


@pytest.mark.row("F-STO-10")
def test_a_server_that_ignores_the_condition_is_refused(moto, use_endpoint):
    """Without If-None-Match every put succeeds: exit 13, saying why and what to use; scratch keys are removed."""
    bucket = moto.bucket()
    with faultproxy(moto.port, Fault(method="PUT", strip=("If-None-Match",))) as proxy:
        use_endpoint(proxy.endpoint)
        store = open_store(f"s3://{bucket}/arch")

        with pytest.raises(UnsafeStore, match=r"(?s)s3://bucket-.*If-None-Match.*local directory"):
            probe(store)
        assert list(store.list()) == []


@pytest.mark.stores
@pytest.mark.row("F-STO-24")
def test_a_versioned_bucket_is_judged_by_its_own_race(by_hand, use_endpoint):
    """Some servers are right in plain buckets and wrong in versioned ones: the probe says what a race of puts shows."""
    bucket, client = by_hand.bucket(), by_hand.client
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    use_endpoint(by_hand.endpoint, by_hand.key_id, by_hand.secret)
    gate = threading.Barrier(16)

    def race(number):
        gate.wait()
        try:
            client.put_object(Bucket=bucket, Key="one", Body=b"%d" % number, IfNoneMatch="*")
        except client.exceptions.ClientError:
            return 0
        return 1

    with ThreadPoolExecutor(16) as pool:
        won = sum(pool.map(race, range(16)))

    with pytest.raises(UnsafeStore, match="without versions") if won > 1 else contextlib.nullcontext():
        probe(open_store(f"s3://{bucket}/fr"))


class Careless(MemoryStore):
    """A store that is right in sequence and wrong in a race: it looks, then writes."""

    def __init__(self, racers):
        super().__init__("memory:careless")
        self.looked = threading.Barrier(racers)

    def create(self, key, data):
        try:
            self.get(key)
        except StorageError:
            self.looked.wait()
            self._objects[key] = (data, None)
        else:
            super().create(key, data)


@pytest.mark.row("F-STO-10")
def test_a_store_that_fails_only_in_a_race_is_refused():
    """Look-then-write passes every test in sequence; the race shows it."""
    with pytest.raises(UnsafeStore, match="8 of 8 writers"):
        probe(Careless(8))


class Late(MemoryStore):
    """A store that is right in a race and forgets it: a key can be taken again later."""

    def __init__(self, racers):
        super().__init__("memory:late")
        self.left = racers

    def create(self, key, data):
        self.left -= 1
        if self.left < 0:
            self.delete(key)
        super().create(key, data)


def test_a_store_that_fails_only_in_sequence_is_refused():
    """One winner of the race is not enough: a create that comes later must find the key taken."""
    with pytest.raises(UnsafeStore, match="was created again"):
        probe(Late(8), rounds=1)


class Forgetful(MemoryStore):
    """A store that keeps the last write and tells only the first that it won."""

    def create(self, key, data):
        try:
            super().create(key, data)
        finally:
            self._objects[key] = (data, None)


def test_a_store_that_keeps_the_loser_is_refused():
    """One winner is not enough: its bytes must be the ones that lie there."""
    with pytest.raises(UnsafeStore, match="other bytes lie there"):
        probe(Forgetful(), rounds=1)


class Blind(MemoryStore):
    """A store that loses what it takes."""

    def create(self, key, data):
        super().create(key, data)
        self.delete(key)


def test_a_store_that_loses_what_it_took_is_refused():
    """What was created must be there to read."""
    with pytest.raises(UnsafeStore, match="can't be read back"):
        probe(Blind(), threads=1, rounds=1)


@pytest.mark.row("F-STO-15")
@pytest.mark.row("F-STO-24")
@pytest.mark.parametrize("refusal", [CredentialsError("no s3:DeleteObject"), StorageError("locked")])
def test_a_store_that_forbids_deleting_passes(refusal):
    """Append-only rights and Object Lock are fine: the scratch keys stay, nothing else is wrong."""

    class AppendOnly(MemoryStore):
        def delete(self, key):
            raise refusal

    store = AppendOnly()
    probe(store, rounds=1)

    assert [entry.key[:6] for entry in store.list()] == ["probe/"]


def test_a_lost_answer_does_not_condemn_a_store(moto, use_endpoint):
    """When the winner's answer is lost its retry is told "exists": nobody won, and still the store is safe."""
    bucket = moto.bucket()
    with faultproxy(moto.port, Fault(method="PUT", times=1, lose_answer=True)) as proxy:
        use_endpoint(proxy.endpoint)
        probe(open_store(f"s3://{bucket}"), threads=2, rounds=1)

        assert proxy.count("PUT") >= 4


def test_a_store_that_fails_outright_says_its_own_error(tmp_path):
    """Where the store can't be used at all the probe raises what the store raises, not a verdict."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        probe(open_store(f"{tmp_path}/file/archive"))
