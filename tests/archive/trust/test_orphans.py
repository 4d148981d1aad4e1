"""Garbage: only segments that no commit names, only once they are old."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.errors import IntegrityError
from archive.facts.canonical import digest
from archive.facts.names import commit_key
from archive.log.chain import Draft, Log, Segment
from archive.stores.memory import MemoryStore
from archive.trust.orphans import age_from, remove_old

NAMED, ORPHAN = "checks/2026/11/24/named.jsonl.gz", "checks/2026/11/24/orphan.jsonl.gz"


@pytest.fixture
def log():
    made = Log(MemoryStore())
    made.create(edition="presstv-fr", version="0")
    for key in (NAMED, ORPHAN):
        made.store.create(key, b"x")
    segment = Segment(key=NAMED, kind="checks", bytes=1, sha256=digest(b"x"), lines=1)
    made.append(
        Draft(crawl="c", writer={}, segments=[segment], summary={}, committed_at=datetime(2026, 11, 24, tzinfo=UTC))
    )
    return made


def keys(log):
    return {entry.key for entry in log.store.list("checks/")}


def now_of(log):
    return next(entry.modified for entry in log.store.list("checks/"))


def test_an_old_orphan_goes_and_what_is_named_stays(log):
    """A day later the orphan is removed, the committed segment is not."""
    later = now_of(log) + timedelta(days=1, seconds=1)

    assert [entry.key for entry in remove_old(log, later, dry_run=False)] == [ORPHAN]
    assert keys(log) == {NAMED}


def test_a_young_orphan_may_be_about_to_be_committed(log):
    """Within a day nothing is removed."""
    assert remove_old(log, now_of(log) + timedelta(hours=23), dry_run=False) == []


@pytest.mark.row("F-PRC-22")
@pytest.mark.parametrize("days", [2, -2])
def test_ages_are_by_the_stores_clock(log, days):
    """Whatever this machine's clock says; only where a store tells no time it is asked."""
    here = now_of(log) + timedelta(days=days)
    mute = MemoryStore()
    mute.create("records/x", b"")
    mute.now = lambda: None

    assert abs(age_from(log.store, here) - now_of(log)) < timedelta(hours=1)
    assert age_from(mute, here) == here


def test_a_dry_run_removes_nothing(log):
    """It names the orphan and leaves it."""
    later = now_of(log) + timedelta(days=2)

    assert [entry.key for entry in remove_old(log, later, dry_run=True)] == [ORPHAN]
    assert keys(log) == {NAMED, ORPHAN}


def test_nothing_is_removed_by_a_damaged_log(log):
    """With a commit that can't be read, what it names is unknown: an error, and all stays."""
    log.store.delete(commit_key(1))
    log.store.create(commit_key(1), b"{}")

    with pytest.raises(IntegrityError):
        remove_old(log, now_of(log) + timedelta(days=2), dry_run=False)
    assert keys(log) == {NAMED, ORPHAN}


def test_a_gap_in_the_log_stops_it(log):
    """What commits behind a gap name is not known to be garbage: an error, and all stays."""
    log.store.create(commit_key(3), b"{}")

    with pytest.raises(IntegrityError, match="breaks off"):
        remove_old(log, now_of(log) + timedelta(days=2), dry_run=False)
    assert keys(log) == {NAMED, ORPHAN}


@pytest.mark.parametrize("ending", ["sig", "tsr"])
def test_a_signature_beyond_the_end_stops_it(log, ending):
    """A log whose end was cut off still has the signature or stamp of the commit that is gone: nothing is removed."""
    log.store.create(f"log/000000000002.{ending}", b"x")

    with pytest.raises(IntegrityError, match="breaks off"):
        remove_old(log, now_of(log) + timedelta(days=2), dry_run=False)
    assert keys(log) == {NAMED, ORPHAN}
