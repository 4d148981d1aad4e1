"""The store fails under a crawl and under the log: what stops, with which exit code, what is kept, and who goes on."""

import re
import signal
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from archive.catalog.selection import Selection
from archive.errors import (
    ConfigurationError,
    IntegrityError,
    KeyExists,
    NoArchive,
    StorageError,
)
from archive.exporters.views import VIEWS
from archive.facts.items import Check
from archive.facts.names import commit_key
from archive.log import batch as batches
from archive.log.batch import Batch
from archive.log.chain import ARCHIVE_KEY, EMPTY, Log
from archive.stores.opening import open_store
from archive.stores.probe import probe
from archive.trust.verify import verify
from archive.warc.damage import left_of
from tests import facts, loaded
from tests.archive.log.test_chain import draft
from tests.faultproxy import Fault, faultproxy
from tests.faulty import ARTICLE, Faulty
from tests.french import open_archive
from tests.project import Project, environment
from tests.servers import KEY_ID, SECRET, aws_environment
from tests.waiting import until

pytest_plugins = ["tests.servers"]

BATCH = 4
WHOLE = ("-s", "BATCH_CAPTURES=200")
"""In one batch: quicker."""
LISTED = 9
"""Commits of such batches after which a crawl has its listings, so that all it stores is articles."""
SEGMENT = {"method": "PUT", "path": r".*/captures/.*\.warc\.gz"}
COMMIT = {"method": "PUT", "path": r".*/log/.*"}
SKEWED = "<RequestTime>20261124T121700Z</RequestTime><ServerTime>2026-11-24T12:00:00Z</ServerTime>"


class Crawls:
    """Crawls of a faulty outlet into a bucket, by way of a proxy."""

    def __init__(self, folder, outlet, proxy, uri):
        self.project, self.outlet, self.proxy, self.uri = Project(folder, outlet.url), outlet, proxy, uri
        self.env = aws_environment(proxy.endpoint)

    def words(self, *words):
        """Return the words of a crawl in small batches."""
        return self.project.crawl_words("-s", f"ARCHIVE_URI={self.uri}", "-s", f"BATCH_CAPTURES={BATCH}", *words)

    def crawl(self, *words):
        """Crawl to the end."""
        return self.project.run(*self.words(*words), env=self.env)

    def start(self, *words):
        """Start a crawl, and return its process."""
        return loaded.start(self.project.command(*self.words(*words)), env=environment(self.env))

    def spooled(self):
        """Return the numbers of the articles that lie in spools, read as any reader of WARC would."""
        files = [path.read_bytes() for path in self.project.spool.iterdir()]
        taken = [capture for data in files for capture in left_of(data).captures]
        return {match[1] for capture in taken if (match := re.search(ARTICLE, capture.url))}


@contextmanager
def crawls(folder, server, *faults, bucket=None):
    """Yield crawls into a bucket of a server."""
    name = bucket or server.bucket()
    with Faulty() as outlet, faultproxy(server.port, *faults) as proxy:
        yield Crawls(folder, outlet, proxy, f"s3://{name}/fr")


FAILURES = {
    "down": ({**COMMIT, "status": 503, "code": "SlowDown"}, 8, "503 SlowDown"),
    "unreachable": ({**SEGMENT, "lose_request": True}, 8, "cannot reach s3://"),
    "expired": ({**SEGMENT, "status": 400, "code": "ExpiredToken"}, 12, f"access key {KEY_ID[:4]}…{KEY_ID[-4:]}"),
    "no right": ({**SEGMENT, "status": 403, "code": "AccessDenied"}, 12, "it needs s3:PutObject"),
    "wrong clock": ({**SEGMENT, "status": 403, "code": "RequestTimeTooSkewed", "elements": SKEWED}, 12, "by 17 min"),
    "full": ({**COMMIT, "status": 403, "code": "QuotaExceeded"}, 15, "is full"),
}


OFTEN = ("down", "expired", "full")
"""The others take the same way, and run with the long ones."""


@pytest.fixture
def archived(moto, use_endpoint):
    """Return a function that reads an archive past the proxy: how often each article has a record, and its faults."""

    def archived(uri):
        use_endpoint(moto.endpoint)
        log = Log(open_store(uri))
        segments = [segment for commit in log.after() for segment in commit.segments if segment.kind == "records"]
        lines = [line for segment in segments for line in facts.stored(log, segment.key)]
        return Counter(line["article_id"] for line in lines), verify(log).problems

    return archived


@pytest.mark.row("F-STO-02")
@pytest.mark.row("F-STO-13")
@pytest.mark.row("F-STO-14")
@pytest.mark.row("F-STO-15")
@pytest.mark.row("F-STO-16")
@pytest.mark.parametrize(
    "failure", [pytest.param(each, marks=() if each in OFTEN else pytest.mark.slow) for each in FAILURES]
)
def test_a_store_that_fails_stops_the_crawl(tmp_path, moto, archived, failure):
    """After the first commit nothing more is stored: one line, its exit code, and within a batch nothing is fetched."""
    fault, code, says = FAILURES[failure]
    fetched = []
    with crawls(tmp_path, moto) as made:
        made.proxy.faults = [Fault(skip=1, **fault, hold=lambda: fetched.append(len(made.outlet.articles())))]
        done = made.crawl()
        spooled, asked = made.spooled(), made.outlet.articles()
        stored, problems = archived(made.uri)

    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert (done.returncode, len(errors)) == (code, 1), done.stderr
    assert says in errors[0]
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr + done.stdout
    # The batch that failed, the one that was filled meanwhile, and what was on the wire.
    assert len(asked) - fetched[0] <= 2 * BATCH + 1
    assert set(asked) == spooled | set(stored)
    assert problems == []


@pytest.mark.row("F-STO-02")
@pytest.mark.row("F-STO-15")
def test_nothing_spooled_is_fetched_again(tmp_path, moto, archived):
    """The crawl after a failed one commits what that one spooled, asks for the rest alone, and deletes nothing."""
    forbidden = Fault(method="DELETE", status=403, code="AccessDenied")
    with crawls(tmp_path, moto, forbidden) as made:
        made.proxy.faults = [forbidden, Fault(skip=LISTED, **FAILURES["down"][0])]
        failed, spooled, before = made.crawl().returncode, made.spooled(), len(made.outlet.articles())
        made.proxy.faults = [forbidden]
        done = made.crawl(*WHOLE)
        again = made.outlet.articles()[before:]
        stored, problems = archived(made.uri)
        left = list(made.project.spool.iterdir())

    assert (failed, done.returncode) == (8, 0), done.stderr
    assert len(spooled) >= BATCH
    assert spooled & set(again) == set()
    assert (len(stored), set(stored.values())) == (60, {1})
    assert (problems, left) == ([], [])
    assert {path.split("/")[3] for method, path in made.proxy.requests if method == "DELETE"} == {"probe"}


@pytest.mark.row("F-STO-02")
def test_a_store_that_hangs_holds_the_crawl_back(tmp_path, moto, archived):
    """While a commit gets no answer the crawl fills what is open and asks for nothing more; then it goes on."""
    waited, most = [], 4 * BATCH + 1

    def hang():
        # Two seconds are enough for the whole outlet to be fetched, were nothing held back.
        until(lambda: len(made.outlet.articles()) > most, seconds=2)
        waited.append(len(made.outlet.articles()))

    with crawls(tmp_path, moto) as made:
        made.proxy.faults = [Fault(skip=1, times=1, **SEGMENT, hold=hang)]
        done = made.crawl()
        stored, _ = archived(made.uri)

    assert done.returncode == 0, done.stderr
    assert len(stored) == 60
    assert waited[0] <= most


@pytest.mark.row("F-STO-21")
@pytest.mark.parametrize("fault", [{}, {"lose_request": True}], ids=["stored", "not stored"])
def test_a_crawl_killed_at_its_commit(tmp_path, moto, archived, fault):
    """Killed with its segments stored and its commit stored or not, unseen by it: the next crawl gives each article once."""
    with crawls(tmp_path, moto) as made:
        running = []
        kill = Fault(skip=LISTED, times=1, **COMMIT, **fault, hold=lambda: [each.kill() for each in running])
        made.proxy.faults = [kill]
        running.append(made.start())
        running[0].communicate(timeout=60)
        seen, spooled, before = archived(made.uri)[0], made.spooled(), len(made.outlet.articles())
        done = made.crawl(*WHOLE)
        again = made.outlet.articles()[before:]
        stored, problems = archived(made.uri)

    assert running[0].returncode == -signal.SIGKILL
    assert (spooled - set(seen)) if fault else (spooled & set(seen))
    assert (done.returncode, problems) == (0, []), done.stderr
    assert (len(stored), set(stored.values())) == (60, {1})
    assert spooled & set(again) == set()


@pytest.mark.slow
@pytest.mark.row("F-STO-07")
def test_eight_crawls_into_one_bucket(tmp_path, seaweedfs, use_endpoint):
    """Begun at once on an empty bucket, each with a catalog and a spool of its own: all end with 0, each version once."""
    uri = f"s3://{seaweedfs.bucket()}/fr"
    with Faulty() as outlet:
        eight = [Crawls(tmp_path / str(number), outlet, seaweedfs, uri) for number in range(8)]
        running = [each.start() for each in eight]
        said = [process.communicate(timeout=240)[1] for process in running]
    use_endpoint(seaweedfs.endpoint)
    log = Log(open_store(uri))
    versions = Counter(row["article_id"] for row in VIEWS["versions"](facts.folded(log), Selection()))

    assert [process.returncode for process in running] == [0] * 8, said
    assert said == [""] * 8
    assert verify(log).problems == []
    assert (len(versions), set(versions.values())) == (60, {1})
    assert len({commit.crawl for commit in log.after()}) == 8


BEGINNINGS = {
    "condition ignored": ({"method": "PUT", "strip": ("If-None-Match",)}, 13, "local directory"),
    "no conditions": ({"method": "PUT", "status": 501, "code": "NotImplemented"}, 13, "If-None-Match"),
    "no bucket": (None, 10, "create it first"),
    "down": ({"status": 503, "code": "SlowDown"}, 8, "503 SlowDown"),
    "credentials": ({"status": 403, "code": "InvalidAccessKeyId"}, 12, "does not accept access key AKIA"),
}


@pytest.mark.row("F-STO-10")
@pytest.mark.row("F-STO-11")
@pytest.mark.row("F-STO-13")
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_crawl_that_cannot_begin_fetches_nothing(tmp_path, moto, beginning):
    """The store is known to be good before the outlet is asked for anything; no bucket is ever made."""
    fault, code, says = BEGINNINGS[beginning]
    with crawls(tmp_path, moto, *([Fault(**fault)] if fault else []), bucket=None if fault else "nobodys") as made:
        done = made.crawl()

    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert made.outlet.requests == []
    assert "nobodys" not in [bucket["Name"] for bucket in moto.client.list_buckets()["Buckets"]]


@pytest.fixture(params=["folder", "moto", "seaweedfs"])
def store(request, tmp_path, use_endpoint):
    """Each kind of store that lasts, empty."""
    if request.param == "folder":
        return open_store(f"file:{tmp_path}/archive")
    server = request.getfixturevalue(request.param)
    use_endpoint(server.endpoint)
    return open_store(f"s3://{server.bucket()}/fr")


def batch_of_one():
    batch = Batch(batch_id="20261124t120000z-0000000a-0001", crawl="c", opened_at=facts.NOON)
    batch.checks.append(Check(at=facts.NOON, url="http://127.0.0.1/", kind="front", outcome="unchanged"))
    return batch


def committed(log):
    return batches.commit(
        batch_of_one(), log, head=EMPTY, writer=facts.WRITER, summary={}, clock=lambda: facts.NOON
    )  # fmt: skip


@pytest.mark.row("F-STO-06")
def test_other_bytes_under_a_segments_key_stop_the_commit(store):
    """Integrity, exit 9, with the key; what lay there stays, and the log does not move."""
    key = "checks/2026/11/24/20261124t120000z-0000000a-0001.jsonl.gz"
    store.create(key, b"something else")
    log = Log(store)

    with pytest.raises(IntegrityError, match=rf"{key} in .* holds other bytes") as caught:
        committed(log)
    assert (caught.value.exit_code, store.get(key), list(log.after())) == (9, b"something else", [])


@pytest.mark.row("F-STO-12")
def test_what_a_place_holds_is_told_apart(store, tmp_path):
    """No archive: 10. One of a newer format: 4, with both numbers. One that lost its description: 9. None is touched."""
    catalog = tmp_path / "catalog.sqlite"
    found = []
    for key, data in ((None, b""), (commit_key(1), b"{}"), (ARCHIVE_KEY, b'{"format":3}')):
        if key:
            store.create(key, data)
        with pytest.raises((NoArchive, IntegrityError, ConfigurationError)) as caught:
            open_archive(store.uri, catalog)
        found.append((caught.value.exit_code, str(caught.value)))

    assert [code for code, _ in found] == [10, 9, 4]
    assert re.search(r"format 3.*newer.*1", found[2][1])
    assert [entry.key for entry in store.list()] == [ARCHIVE_KEY, commit_key(1)]


@pytest.mark.row("F-STO-08")
@pytest.mark.parametrize("tries", ["1", "2"], ids=["unclear", "told 412"])
@pytest.mark.parametrize("others", [False, True], ids=["alone", "others go on"])
def test_a_commit_whose_answer_was_lost_is_not_repeated(moto, use_endpoint, monkeypatch, tries, others):
    """It is read back and known as ours, also where another writer has appended to it before we look."""
    uri = f"s3://{moto.bucket()}/fr"
    use_endpoint(moto.endpoint)
    other = Log(open_store(uri))
    with faultproxy(moto.port) as proxy:
        use_endpoint(proxy.endpoint)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", tries)
        log = Log(open_store(uri))
        first = log.append(draft("first"))
        proxy.faults = [Fault(**COMMIT, times=1, lose_answer=True, hold=lambda: others and other.append(draft("b")))]
        made = log.append(draft("ours"), first.head)

    assert (made.seq, made.crawl) == (2, "ours")
    assert [commit.crawl for commit in other.after()] == ["first", "ours", *(["b"] if others else [])]


@pytest.mark.row("F-STO-20")
def test_stale_reads_and_listings_lose_nothing(moto, use_endpoint):
    """A read that is behind costs a turn, one that stays behind an error, never a commit; no listing is asked."""
    uri = f"s3://{moto.bucket()}/fr"
    behind = {"method": "GET", "path": r".*/log/.*", "stale": True}
    with faultproxy(moto.port) as proxy:
        use_endpoint(proxy.endpoint)
        ours, theirs = Log(open_store(uri)), Log(open_store(uri))
        head = EMPTY
        for name in ("a", "b", "c"):
            head = ours.append(draft(name), head).head
        proxy.faults = [Fault(**behind, times=1)]
        late = theirs.append(draft("late"), EMPTY)
        proxy.faults = [Fault(**behind)]
        with pytest.raises(StorageError, match="comes and goes"):
            theirs.append(draft("blind"))
        proxy.faults = []
        found = [commit.crawl for commit in ours.after()]

    assert late.seq == 4
    assert found == ["a", "b", "c", "late"]
    assert [path for _, path in proxy.requests if "list-type" in path and "max-keys=1" not in path] == []


@pytest.mark.row("F-STO-24")
def test_a_versioned_bucket_works(seaweedfs, use_endpoint):
    """The probe passes; a delete marker is a missing object, and taking the marker off brings it back."""
    bucket, client = seaweedfs.bucket(), seaweedfs.client
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    use_endpoint(seaweedfs.endpoint)
    log = Log(open_store(f"s3://{bucket}/fr"))
    probe(log.store, threads=4, rounds=1)
    log.create(edition="x", version="1")
    made = facts.write(log, facts.read(1, 0))
    key = f"fr/{made.segments[0].key}"
    marker = client.delete_object(Bucket=bucket, Key=key)["VersionId"]
    lost = [(problem.kind, problem.key) for problem in verify(log).problems]
    client.delete_object(Bucket=bucket, Key=key, VersionId=marker)

    assert lost[0] == ("missing", made.segments[0].key)
    assert verify(log).problems == []
    with pytest.raises(KeyExists):
        log.store.create(made.segments[0].key, b"other")


@pytest.mark.row("F-STO-24")
def test_a_locked_bucket_works(seaweedfs, use_endpoint):
    """Under Object Lock nothing can be removed for good, and nothing of ours needs to be."""
    bucket, client = f"locked-{datetime.now(UTC):%H%M%S%f}", seaweedfs.client
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    client.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    use_endpoint(seaweedfs.endpoint)
    log = Log(open_store(f"s3://{bucket}/fr"))
    probe(log.store, threads=4, rounds=1)
    log.create(edition="x", version="1")
    made = facts.write(log, facts.read(1, 0))
    (version,) = client.list_object_versions(Bucket=bucket, Prefix=f"fr/{made.segments[0].key}")["Versions"]

    with pytest.raises(client.exceptions.ClientError):
        client.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    assert verify(log).problems == []
