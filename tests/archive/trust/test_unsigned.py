"""Past the first signed commit each must be signed: what an unsigned one comes to, by its place and its age."""

from datetime import timedelta

import pytest

from archive.log.chain import Draft, beside
from archive.trust.signing import sign_commit, signing_key
from archive.trust.verify import Trust, verify
from tests import facts
from tests.archive.trust.test_verify import head_of, put

OLD, NEW = signing_key(text="11" * 32), signing_key(text="22" * 32)
NOW = facts.at(180)
MINUTE = timedelta(minutes=1)


def log_of(*commits):
    """Return a log of commits given as (key that signed it or None, minutes before NOW, version of its writer)."""
    log = facts.new_log()
    for key, minutes, version in commits:
        at = NOW - minutes * MINUTE
        writer = {"name": "w", "version": version}
        made = log.append(Draft(crawl="c", writer=writer, segments=[], summary={}, committed_at=at), head_of(log))
        if key:
            sign_commit(log.store, made, key)
    return log


def judged(log, now=NOW, keys=(OLD, NEW), **more):
    return verify(log, trust=Trust(now=now, keys=tuple(key.public for key in keys), **more))


def faults(report):
    return [(problem.kind, problem.key) for problem in report.problems]


def missing(*numbers):
    return [("signature", beside(number, "sig")) for number in numbers]


@pytest.mark.row("F-SEC-13")
@pytest.mark.parametrize(
    ("minutes", "fault"), [(0, False), (59, False), (60, False), (61, True), (-4, False), (-6, True), (-10_000, True)]
)
def test_an_unsigned_end_is_young_for_an_hour(minutes, fault):
    """Then it is a fault with its number; one that says it is yet to come is never young."""
    report = judged(log_of((OLD, 170, "0.2.0"), (None, minutes, "0.2.0")))

    assert faults(report) == (missing(2) if fault else [])
    assert bool(report.notes) != fault
    told = report.problems[0].detail if fault else report.notes[0]
    assert told.startswith("unsigned: 2, ")
    assert not fault or "scrapy sign 2" in told


@pytest.mark.row("F-SEC-13")
def test_an_unsigned_commit_that_a_signed_one_follows_is_a_fault_at_once():
    """However young it is: that signature would hold it for ever."""
    report = judged(log_of((OLD, 9, "0.2.0"), (None, 3, "0.2.0"), (None, 2, "0.2.0"), (OLD, 1, "0.2.0")))

    assert faults(report) == missing(2)
    assert "unsigned: 2-3, and commit 4 behind is signed" in report.problems[0].detail


@pytest.mark.row("F-SEC-13")
def test_what_comes_before_the_first_signature_is_held_by_it():
    """It needs none of its own, unless signatures are required."""
    log = log_of((None, 900, "0.2.0"), (None, 800, "0.2.0"), (OLD, 700, "0.2.0"))
    report = judged(log)

    assert (report.whole, report.notes) == (True, ["unsigned: 1-2; scrapy sign signs them"])
    assert faults(judged(log, signatures_required=True)) == missing(1)


@pytest.mark.row("F-SEC-13")
def test_required_signatures_name_the_first_that_lacks_one_behind_the_keys_first():
    """Also one that is young, and one that an archive of before 0.2.0 may lack."""
    young = log_of((None, 900, "0.2.0"), (OLD, 100, "0.2.0"), (None, 1, "0.2.0"))
    before = log_of((None, 900, "0.1.0"), (OLD, 800, "0.1.0"), (OLD, 700, "0.1.0"), (None, 600, "0.1.0"))

    assert faults(judged(young, signatures_required=True)) == missing(3)
    assert faults(judged(before, signatures_required=True)) == missing(4)


@pytest.mark.row("F-SEC-13")
def test_archives_of_today_still_verify():
    """Never signed, or signed by programs that called a missing signature a note."""
    never = log_of((None, 9000, "0.2.0"), (None, 8000, "0.2.0"))
    gaps = log_of((OLD, 9000, "0.1.0"), (None, 8000, "0.1.0"), (OLD, 7000, "0.1.0"), (None, 6000, "0.2.0"))

    assert judged(never).notes == ["unsigned: 1-2; scrapy sign signs them"]
    assert (judged(never).whole, judged(gaps).whole) == (True, True)


@pytest.mark.row("F-SEC-13")
def test_a_forged_version_frees_no_commit():
    """Only a signed commit is believed in who wrote it."""
    log = log_of((OLD, 900, "0.2.0"), (None, 800, "0.1.0"), (None, 700, "0.0"))

    assert faults(judged(log)) == missing(2)


@pytest.mark.row("F-SEC-13")
def test_two_keys_in_turn():
    """A new key that follows an old one: both are named, and either alone leaves faults."""
    log = log_of((OLD, 900, "0.2.0"), (OLD, 800, "0.2.0"), (NEW, 700, "0.2.0"))

    assert judged(log).signed == 3
    assert faults(judged(log, keys=(NEW,))) == missing(1, 2)
    assert faults(judged(log, keys=(OLD,))) == missing(3)


@pytest.mark.row("F-SEC-13")
def test_a_commit_signed_later_than_those_behind_it():
    """The order in which signatures come says nothing."""
    log = log_of((OLD, 900, "0.2.0"), (None, 800, "0.2.0"), (OLD, 700, "0.2.0"))
    before = judged(log)
    sign_commit(log.store, log.read(2), NEW)

    assert (before.whole, judged(log).whole, judged(log).signed) == (False, True, 3)


@pytest.mark.row("F-SEC-13")
def test_a_signature_that_comes_while_verify_reads_is_no_fault(monkeypatch):
    """A writer stood between its commit and its signature when the listing was made, and another was quicker."""
    log = log_of((OLD, 3, "0.2.0"), (None, 2, "0.2.0"), (OLD, 1, "0.2.0"))
    names = log.store.names

    def later(prefix=""):
        # Asked for after the listing of the log.
        sign_commit(log.store, log.read(2), OLD)
        return names(prefix)

    monkeypatch.setattr(log.store, "names", later)
    report = judged(log)

    assert (report.whole, report.signed, report.notes) == (True, 3, [])


@pytest.mark.row("F-SEC-13")
def test_a_bad_signature_counts_for_nothing():
    """It is a fault of its own, and begins nothing."""
    log = log_of((None, 900, "0.2.0"), (None, 800, "0.2.0"))
    put(log, beside(1, "sig"), b"x")
    report = judged(log)

    assert faults(report) == missing(1)
    assert report.notes == ["unsigned: 2; scrapy sign signs them"]
