"""The committer: what a commit does in which order, what it leaves where it fails, and how batches are named."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest

from archive.errors import ArchiveError, IntegrityError
from archive.facts.canonical import digest
from archive.facts.names import commit_key, segment_key
from archive.log.bundles import SIZE, Tile, bundle_key
from archive.log.chain import ARCHIVE_KEY, beside
from archive.log.packs import pack_key
from archive.log.spool import Spool, adoptable
from archive.trust.signing import sign_commit, signing_key
from benchmarks.distant import fill
from tests import facts
from tests.made import committer_of


def filled(committer, folder, *looks):
    """Return a batch of the committer that holds these looks, its captures in a spool in the folder."""
    batch = committer.begin(partial(Spool.create, folder / "spool"))
    for fact in looks or (facts.read(1, 0),):
        batch.spooled(fact.capture)
        batch.records.append((fact.record, fact.capture))
        batch.checks.append(fact.check)
    return batch


def kept(folder):
    """Return the addresses of the captures that lie in the folder's spools, for the next crawl to take in."""
    spools = [Spool.adopt(path) for path in adoptable(folder / "spool")]
    return [capture.url for spool in spools for capture in spool.captures()]


def test_a_commit_is_signed_after_it_is_in_the_log_and_before_it_is_folded(archive, tmp_path, clock):
    """Who signs finds the commit stored, not yet folded, and its spool in place; then it is folded and the spool goes."""
    seen = []

    def sign(commit):
        seen.append((archive.log.read(commit.seq) == commit, archive.catalog.head().seq, batch.spool.path.exists()))

    committer = committer_of(archive, clock, sign=sign)
    batch = filled(committer, tmp_path)
    made = committer.commit(batch, {"exit": 0})

    assert seen == [(True, 0, True)]
    assert (archive.catalog.head(), batch.spool.path.exists(), committer.commits) == (made.head, False, [made])
    assert made.summary == {"outcomes": {"new": 1}, "exit": 0, **told_besides(archive, made)}


def told_besides(archive, made):
    """Return what a crawl's first commit says beside its summary: archive.json's digest, and what its lines unpack to."""
    lines = [s.key for s in made.segments if s.kind != "warc"]
    unpacked = {key: len(gzip.decompress(archive.store.get(key))) for key in lines}
    described = {"archive": digest(archive.store.get(ARCHIVE_KEY))}
    return described | ({"unpacked": unpacked} if unpacked else {})


def test_the_first_commit_holds_the_digest_of_archive_json(archive, clock, tmp_path):
    """Once a crawl: from then on it can't be altered unseen."""
    committer = committer_of(archive, clock)
    made = [committer.commit(filled(committer, tmp_path, facts.read(number, number)), {}) for number in (1, 2)]

    assert ["archive" in commit.summary for commit in made] == [True, False]


@pytest.mark.row("F-FLD-05")
def test_what_was_just_written_is_not_read_back(archive, tmp_path, clock, monkeypatch):
    """Neither the commit nor its segments; what another process committed before it is."""
    committer, asked = committer_of(archive, clock), []
    committer.commit(filled(committer, tmp_path), {})
    facts.write(archive.log, facts.read(2, 0))
    batch = filled(committer, tmp_path, facts.read(3, 0))
    real = type(archive.store).get
    monkeypatch.setattr(
        type(archive.store), "get", lambda store, key, *more: asked.append(key) or real(store, key, *more)
    )
    made = committer.commit(batch, {})

    assert (made.seq, archive.catalog.head()) == (3, made.head)
    assert {commit_key(2), *(one.key for one in archive.log.read(2).segments if one.kind != "warc")} <= set(asked)
    assert not {one.key for one in made.segments} & set(asked)
    assert asked.count(commit_key(3)) == 1  # before it was written


def taken(archive, batch):
    """Let other bytes lie where the batch's captures are to be written."""
    archive.store.create(segment_key("captures", batch.opened_at.date(), batch.batch_id, "warc.gz"), b"not these")


def signed_otherwise(archive, batch):
    """Let another signature lie beside the commit to come."""
    del batch
    archive.store.create(beside(1, "sig"), b"not ours")


def misread(archive, batch):
    """Add a check that no catalog can fold."""
    del archive
    batch.checks.append(replace(batch.checks[0], article_id="one"))


@pytest.mark.parametrize(
    ("harm", "says", "in_the_log"),
    [
        pytest.param(taken, "captures/", False, id="a segment is not written"),
        pytest.param(signed_otherwise, "holds another signature", True, id="the signer fails"),
        pytest.param(misread, "can't be folded", True, id="it can't be folded"),
    ],
)
def test_a_commit_that_fails_keeps_its_spool(archive, tmp_path, clock, harm, says, in_the_log):
    """Wherever it fails, what comes after is not done, the catalog stays as it was, and the captures are still there."""
    committer = committer_of(archive, clock, sign=partial(sign_commit, archive.store, key=signing_key(text="11" * 32)))
    batch = filled(committer, tmp_path)
    harm(archive, batch)
    with pytest.raises(IntegrityError, match=says):
        committer.commit(batch, {})
    batch.spool.close()

    keys = [entry.key for entry in archive.store.list("log/")]
    assert keys == ([commit_key(1), beside(1, "sig")] if in_the_log else [])
    assert (kept(tmp_path), committer.commits) == ([facts.url_of(1)], [])
    assert facts.tables(archive)["commits"] == []


@pytest.mark.parametrize(
    ("crawl", "names"),
    [
        ("20261124t115900z-1f2e3d4c", ["20261124t120002z-1f2e3d4c-0001", "20261124t120003z-1f2e3d4c-0002"]),
        ("replay-20261124t115900z-0000000b", ["20261124t120002z-0000000b-0001", "20261124t120003z-0000000b-0002"]),
    ],
    ids=["crawl", "replay"],
)
def test_batches_are_named_by_time_crawl_and_number(archive, clock, crawl, names):
    """A batch bears the second at which it was opened, the random part of its crawl's id, and its number."""
    committer = committer_of(archive, clock, crawl=crawl)
    batches = [committer.begin() for _ in names]

    assert [batch.batch_id for batch in batches] == names
    assert {batch.crawl for batch in batches} == {crawl}


def test_committers_of_one_crawl_number_their_batches_together(archive, clock):
    """However many write for one crawl, no two batches share a name."""
    first = committer_of(archive, clock)
    second, third = first.for_thread(), first.for_thread()
    numbers = [by.begin().batch_id[-4:] for by in (second, first, third, second)]
    for other in (second, third):
        other.archive.close()

    assert numbers == ["0001", "0002", "0003", "0004"]


def test_another_thread_commits_with_a_catalog_of_its_own(archive, tmp_path, clock):
    """What it commits is folded for whoever reads, its commits are its own, and its closing closes nobody else's."""
    committer = committer_of(archive, clock)
    other = committer.for_thread()
    with closing(other.archive), ThreadPoolExecutor(max_workers=1) as thread:
        made = thread.submit(other.commit, filled(other, tmp_path), {}).result()

    assert (other.commits, committer.commits) == ([made], [])
    assert (archive.catalog.head(), facts.versions_of(archive, 1)) == (made.head, [(0, facts.TEXTS[0])])


def test_a_batch_without_a_spool_is_committed_too(archive, clock):
    """A replay writes records of captures that are stored already."""
    committer = committer_of(archive, clock, crawl="replay-20261124t115900z-0000000b")
    batch = committer.begin()
    batch.records = [(facts.read(1, 0).record, None)]
    made = committer.commit(batch, {"replay": {"read": 1}})

    assert ([s.kind for s in made.segments], made.crawl) == (["records"], committer.crawl)
    assert made.summary == {"outcomes": {}, "replay": {"read": 1}, **told_besides(archive, made)}


def test_an_acceptance_is_a_commit_without_segments(archive, clock):
    """It names the crawl that is believed, in the log and signed as any commit is."""
    signed = []
    committer = committer_of(archive, clock, sign=signed.append)
    made = committer.accept("20261123t120000z-0000000c")

    assert (made.segments, made.crawl) == ((), committer.crawl)
    assert made.summary == {"outcomes": {}, "accept": "20261123t120000z-0000000c", **told_besides(archive, made)}
    assert (archive.log.read(1), signed) == (made, [made])


def test_a_signature_that_fails_stops_an_acceptance(archive, clock):
    """The error is told as it is; the commit is in the log, for `scrapy sign` to sign later."""

    def sign(commit):
        raise ArchiveError(f"no signature for {commit.seq}")

    with pytest.raises(ArchiveError, match="no signature for 1"):
        committer_of(archive, clock, sign=sign).accept("20261123t120000z-0000000c")

    assert archive.log.read(1).summary["accept"] == "20261123t120000z-0000000c"


def test_whoever_passes_the_256th_commit_writes_the_bundle(archive, tmp_path, clock):
    """Of a long summary, which becomes several commits: each is signed, named and folded, and one of them ends a bundle."""
    fill(archive.log, SIZE - 2, looks_only=True)
    archive.catalog.follow(archive.log)
    clock.forward(days=30)
    signed = []
    committer = committer_of(archive, clock, sign=lambda commit: signed.append(commit.seq))
    spot = {"kind": "number", "layout": "classic", "texts": ["# vues"], "articles": [str(n) for n in range(1, 9000)]}
    made = committer.commit(filled(committer, tmp_path), {"exit": 0, "learned": {"rotating": [spot]}})

    assert made.summary["exit"] == 0
    assert signed == [commit.seq for commit in committer.commits] == [*range(SIZE - 1, made.seq + 1)]
    assert made.seq > SIZE
    assert archive.catalog.head() == made.head
    assert {bundle_key(Tile(0)), pack_key(SIZE, "checks")} <= {entry.key for entry in archive.store.list()}
