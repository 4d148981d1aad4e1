"""A writer over unsigned commits: its own it signs, over others' it stops, and a young one it gives time."""

from datetime import timedelta

import pytest

from archive.errors import ConfigurationError, IntegrityError
from archive.facts.names import commit_key
from archive.log.chain import Draft, Log, beside
from archive.seen.memory import HeadMemory
from archive.trust import guarding
from archive.trust.guarding import Guard, is_signed, lacking
from archive.trust.signing import sign_commit, signing_key
from tests import facts
from tests.archive.trust.test_verify import head_of, put

KEY, NEXT = signing_key(text="11" * 32), signing_key(text="22" * 32)
NOW = facts.at(180)


@pytest.fixture
def memory(tmp_path):
    return HeadMemory(tmp_path / "catalog.sqlite")


@pytest.fixture
def log(memory):
    """Return the log of an archive whose two commits are signed, as this machine writes it."""
    made = facts.new_log()
    for _ in range(2):
        sign_commit(made.store, append(made, 170), KEY)
    return Log(made.store, announce=memory.note_own)


def append(log, minutes=0, version="0.2.0"):
    """Append a commit made so many minutes before NOW."""
    at, writer = NOW - timedelta(minutes=minutes), {"name": "w", "version": version}
    return log.append(Draft(crawl="c", writer=writer, segments=[], summary={}, committed_at=at), head_of(log))


def forge(log, minutes=0):
    """Append a commit as another machine does, or whoever can write to the store."""
    return append(Log(log.store), minutes)


def guard(log, memory, key=KEY, wait=lambda _: None, **more):
    return Guard(log=log, memory=memory, head=lambda: head_of(log), clock=lambda: NOW, key=key, wait=wait, **more)


def has_signature(log, *numbers):
    return [is_signed(log, log.read(number), None) for number in numbers]


@pytest.mark.row("F-SEC-13")
@pytest.mark.parametrize("again", [False, True], ids=["first look", "later"])
def test_a_writer_signs_its_own(log, memory, again):
    """It was killed between commit and signature, or had no key then; however old the commit is."""
    watch = guard(log, memory)
    if again:
        watch.settle()
    append(log, 120)
    append(log, 1)
    assert guard(log, memory).settle() if not again else watch.settle()

    assert has_signature(log, 3, 4) == [True, True]


@pytest.mark.row("F-SEC-13")
@pytest.mark.parametrize("again", [False, True], ids=["first look", "later"])
@pytest.mark.parametrize("minutes", [120, 1, -600])
def test_a_writer_stops_over_anothers(log, memory, again, minutes):
    """Its signature would hold it; the number and the way out are named, until somebody signs it."""
    if again:
        guard(log, memory).settle()
    made = forge(log, minutes)
    with pytest.raises(IntegrityError, match=rf"{commit_key(3)}.*scrapy sign 3") as refused:
        guard(log, memory).settle()
    assert refused.value.exit_code == 9
    append(log, min(minutes, 0))
    with pytest.raises(IntegrityError, match=commit_key(3)):
        guard(log, memory).settle()
    sign_commit(log.store, made, NEXT)

    assert guard(log, memory).settle()
    assert has_signature(log, 3, 4) == [True, True]


@pytest.mark.row("F-SEC-13")
def test_a_young_one_of_another_writer_is_given_time(log, memory):
    """Two writers side by side, one of them between its commit and its signature: the other waits, and goes on."""
    made, waited = forge(log, 1), []

    def wait(seconds):
        waited.append(seconds)
        if len(waited) == 3:
            sign_commit(log.store, made, NEXT)

    assert guard(log, memory, wait=wait).settle()
    assert waited == [1, 1, 1]


def test_patience_ends(log, memory):
    """A young one is given half a minute, an old one nothing."""
    for minutes, wanted in ((1, guarding.PATIENCE), (120, 0)):
        made, waited = forge(log, minutes), []
        with pytest.raises(IntegrityError):
            guard(log, memory, wait=waited.append).settle()
        assert sum(waited) == wanted
        sign_commit(log.store, made, KEY)


@pytest.mark.row("F-SEC-13")
def test_a_batch_name_makes_no_commit_our_own(log, memory):
    """Nor does a digest that this machine announced for another number."""
    ours = append(log, 10)
    log.store.delete(commit_key(3))
    facts.write(Log(log.store), facts.read(1, 1))
    assert memory.is_own(ours.digest)

    with pytest.raises(IntegrityError, match=commit_key(3)):
        guard(log, memory).settle()


@pytest.mark.row("F-SEC-13")
def test_a_key_that_verify_does_not_name_counts_for_nothing(log, memory):
    """Where VERIFY_KEY is set; without it any signature counts here, and verify judges."""
    made = forge(log, 120)
    sign_commit(log.store, made, NEXT)
    put(Log(log.store), beside(2, "sig"), log.store.get(beside(2, "sig")))

    assert guard(log, memory).settle()
    assert guard(log, memory, verify_keys=(KEY.public, NEXT.public)).settle()
    forge(log, 119)
    sign_commit(log.store, log.read(4), signing_key(text="33" * 32))
    with pytest.raises(IntegrityError, match=commit_key(4)):
        guard(log, memory, verify_keys=(KEY.public, NEXT.public)).settle()


def test_two_processes_of_one_machine_with_two_keys(log, memory):
    """The other one may have signed our commit first, with the key that follows ours."""
    made = append(log)
    guard(log, memory, NEXT, verify_keys=(KEY.public,)).settle()
    guard(log, memory, verify_keys=(NEXT.public,)).sign(made)

    assert is_signed(log, made, (NEXT.public,))


@pytest.mark.row("F-SEC-13")
def test_a_writer_without_a_key(log, memory):
    """It is refused where VERIFY_KEY says that signatures count here, else told; an archive never signed is open."""
    with pytest.raises(ConfigurationError, match="SIGNING_KEY_FILE"):
        guard(log, memory, None, verify_keys=(KEY.public,)).settle()
    bare = facts.new_log()
    append(bare, 100)

    assert guard(log, memory, None).settle() is True
    assert guard(bare, memory, None, verify_keys=(KEY.public,)).settle() is False
    assert guard(bare, memory).settle() is False
    assert has_signature(bare, 1) == [False]


def test_what_was_looked_at_is_not_looked_at_again(log, memory):
    """A writer reads signatures past those that it saw; another set of keys judges anew."""
    guard(log, memory).settle()
    log.store.delete(beside(1, "sig"))
    append(log)

    assert guard(log, memory).settle()
    assert lacking(log, head_of(log), None).must == ()
    assert memory.ends().archives[log.identity()].looked.upto == head_of(log)


def test_signatures_of_before_0_2_0_bind_nobody_until_all_is_signed(memory):
    """There a missing one was a note. Whoever signs all of it begins the rule on that machine."""
    log = facts.new_log()
    sign_commit(log.store, append(log, 170, "0.1.0"), KEY)
    append(log, 160, "0.1.0")
    assert guard(log, memory).settle() is False
    sign_commit(log.store, log.read(2), KEY)
    guard(log, memory).begin()
    forge(log, 120)

    with pytest.raises(IntegrityError, match=commit_key(3)):
        guard(log, memory).settle()
