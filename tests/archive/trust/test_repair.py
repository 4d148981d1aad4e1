"""Repair: what stands proves what may be taken from another copy, and nothing else is taken."""

import pytest

from archive.errors import IntegrityError, NoArchive, StorageError, UsageError
from archive.facts.canonical import canonical, parse
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, EMPTY, Draft, Head, Log
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store
from archive.trust.repair import examine, repair
from archive.trust.signing import sign_commit, signing_key
from archive.trust.verify import Trust, verify
from tests import facts
from tests.archive.trust.test_verify import KEYS, filled, head_of, put, saw


def copy(log, store=None):
    """Return a copy of an archive."""
    made = store or MemoryStore("memory:copy")
    for entry in log.store.list():
        made.create(entry.key, log.store.get(entry.key))
    return Log(made)


def contents(log):
    return {entry.key: log.store.get(entry.key) for entry in log.store.list()}


def mended(log, other, remembered=EMPTY, **trust):
    return repair(log, other, trust=Trust(seen=saw(remembered), **trust))


@pytest.mark.row("F-STO-18")
@pytest.mark.row("F-STO-19")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("harm", ["gone", "changed", "cut"])
def test_any_object_comes_back_from_another_copy(key, harm):
    """Each object that is missing or damaged is put right byte for byte, the head of the log by what was remembered."""
    log = filled()
    other, before, head = copy(log), contents(log), head_of(log)
    data = log.store.get(key)
    log.store.delete(key)
    if harm != "gone":
        log.store.create(key, data[:-2] if harm == "cut" else b"x" + data[1:])
    done = mended(log, other, remembered=head)

    assert done.report.whole, done.report.problems
    assert done.keys == [key]
    assert contents(log) == before


def test_everything_at_once_comes_back():
    """Of an archive of which only the remembered head is left, all comes back, in as many readings as that takes."""
    log = filled()
    other, before, head = copy(log), contents(log), head_of(log)
    empty = Log(MemoryStore("memory:empty"))
    done = mended(empty, other, remembered=head)

    assert done.report.whole, (done.report.problems, done.refused)
    assert contents(empty) == before


def test_the_end_of_the_log_comes_back_by_a_published_head():
    """Where this machine remembers nothing, only the digest that was published says which end is the true one."""
    log = filled()
    other, head = copy(log), head_of(log)
    log.store.delete(commit_key(3))
    alone = mended(log, other)
    done = mended(log, other, published=head.digest)

    assert (alone.keys, alone.report.head.seq) == ([], 2)
    assert (done.keys, done.report.head) == ([commit_key(3)], head)
    assert done.report.whole


def test_a_damaged_end_that_nobody_vouches_for_stays():
    """The other copy's word alone is not enough for the last commit."""
    log = filled()
    other = copy(log)
    put(log, commit_key(3), b"{}")
    done = mended(log, other)

    assert (done.keys, done.report.whole) == ([], False)
    assert "nothing vouches for it" in done.refused[0]
    assert log.store.get(commit_key(3)) == b"{}"


@pytest.mark.row("F-STO-18")
@pytest.mark.parametrize("key", [key for key in KEYS if key != ARCHIVE_KEY])
def test_a_copy_that_holds_other_bytes_changes_nothing(key):
    """What does not have the digest that is known is not taken, and what stood there stays."""
    log = filled()
    other, head = copy(log), head_of(log)
    put(log, key, b"damaged")
    put(other, key, b"forged")
    done = mended(log, other, remembered=head)

    assert (done.keys, done.report.whole) == ([], False)
    assert any(key in why for why in done.refused)
    assert log.store.get(key) == b"damaged"


def test_a_forged_commit_gets_no_segment_removed():
    """While the log is broken, segments that it calls damaged are left alone: the forgery may be in the log."""
    log = filled()
    other, good = copy(log), contents(log)
    fields = parse(log.store.get(commit_key(3)))
    fields["segments"][0]["sha256"] = "sha256:00"
    fields["previous"] = "sha256:00"
    put(log, commit_key(3), canonical(fields))
    done = mended(log, other)
    key = fields["segments"][0]["key"]

    assert done.keys == []
    assert any(why.startswith(f"{key}: nothing vouches for it") for why in done.refused)
    assert log.store.get(key) == good[key]


def test_a_commit_rewritten_in_good_form_is_put_right():
    """A head that is vouched for names the digest of the true one, link by link, which the other copy holds."""
    log = filled()
    other, before, head = copy(log), contents(log), head_of(log)
    put(log, commit_key(1), canonical(parse(log.store.get(commit_key(1))) | {"crawl": "another"}))
    alone = mended(log, other)
    done = mended(log, other, published=head.digest)

    assert alone.keys == []
    assert (done.keys, done.report.whole) == ([commit_key(1)], True)
    assert done.vouched == {commit_key(1): "the published head, commit 3, which holds all before commit 3"}
    assert contents(log) == before


def forged(log, seq, **fields):
    """Put another commit in the place of one, in good form."""
    put(log, commit_key(seq), canonical(parse(log.store.get(commit_key(seq))) | fields))


@pytest.mark.row("F-SEC-14")
def test_a_forged_tip_vouches_for_nothing():
    """It names a forged commit as the one before it, which a malicious copy holds: the good one stays."""
    log = filled()
    other, before = copy(log), log.store.get(commit_key(3))
    forged(other, 3, crawl="forged")
    facts.write(other, facts.read(9, 9))
    log.store.create(commit_key(4), other.store.get(commit_key(4)))
    put(other, ARCHIVE_KEY, canonical(other.description() | {"id": "f" * 32}))
    done = mended(log, other)

    assert (done.keys, done.report.whole) == ([], False)
    assert log.store.get(commit_key(3)) == before
    assert f"{commit_key(4)}: nothing vouches for it" in done.refused[0]


KEY = signing_key(text="11" * 32)


@pytest.mark.row("F-SEC-14")
@pytest.mark.parametrize("where", ["here", "in the copy"])
def test_a_signature_vouches_for_all_before_it(where):
    """By a key that counts, wherever it lies; by another key it vouches for nothing."""
    log = filled()
    other, before = copy(log), contents(log)
    sign_commit((log if where == "here" else other).store, log.read(3), KEY)
    for key in (commit_key(1), log.read(2).segments[0].key):
        put(log, key, b"damaged")
    nobody, stranger = mended(log, other), mended(log, other, keys=(signing_key(text="22" * 32).public,))
    done = mended(log, other, keys=(KEY.public,))

    assert (nobody.keys, stranger.keys) == ([], [])
    assert done.report.whole
    assert set(done.vouched.values()) == {"the signature of commit 3, which holds all before commit 3"}
    assert {key: contents(log)[key] for key in before} == before


@pytest.mark.row("F-SEC-14")
@pytest.mark.parametrize("remembered", [False, True], ids=["by signatures alone", "with a memory"])
def test_another_history_that_was_signed_is_not_put_behind_this_one(remembered):
    """After a restored backup the same key may have signed two histories: of the other one no commit is taken."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0))
    fork = copy(log)
    facts.write(log, facts.read(2, 1))
    for minute in (2, 3, 4):
        facts.write(fork, facts.read(minute, minute))
    for each in (log, fork):
        for commit in each.after():
            sign_commit(each.store, commit, KEY)
    lost, whole = commit_key(1), contents(log)
    log.store.delete(lost)
    done = mended(log, fork, remembered=head_of(log) if remembered else EMPTY, keys=(KEY.public,))

    assert (done.keys, done.report.whole) == ([lost], True), done.report.problems
    assert contents(log) == whole


@pytest.mark.row("F-SEC-14")
def test_a_description_is_taken_where_a_commit_names_it():
    """Another one is not, though both logs begin alike; and none where nobody vouches for a commit."""
    log = facts.new_log()
    summary = {"archive": log.description_digest()}
    log.append(Draft(crawl="c", writer={}, segments=[], summary=summary, committed_at=facts.NOON))
    good, evil, head = copy(log), copy(log), head_of(log)
    put(evil, ARCHIVE_KEY, canonical(evil.description() | {"edition": "another"}))
    log.store.delete(ARCHIVE_KEY)
    done = [mended(log, other, remembered=seen) for seen, other in ((EMPTY, good), (head, evil), (head, good))]

    assert [one.keys for one in done] == [[], [], [ARCHIVE_KEY]]
    assert "names the digest" in done[1].refused[0]
    assert done[2].vouched == {ARCHIVE_KEY: "what this machine saw as commit 1"}


def test_another_archive_is_no_copy():
    """A description is taken only from a copy whose log begins with the same commit; no archive gives nothing."""
    log, other = filled(), facts.new_log("memory:other")
    facts.write(other, facts.read(9, 9))
    log.store.delete(ARCHIVE_KEY)

    assert (mended(log, other).keys, mended(log, Log(MemoryStore())).keys) == ([], [])
    assert verify(log).problems[0].key == ARCHIVE_KEY


def test_a_whole_archive_stays_as_it_is():
    """Nothing is written where nothing is wrong, and no archive stays none."""
    log = filled()
    done = mended(log, copy(log), remembered=head_of(log))

    assert (done.keys, done.refused, done.report.whole) == ([], [], True)
    with pytest.raises(NoArchive):
        mended(Log(MemoryStore()), copy(log), remembered=EMPTY)


class Stubborn(MemoryStore):
    """A store that loses the race for one key, or fails, once its object was removed."""

    def __init__(self, taken):
        super().__init__()
        self.taken, self.removed = taken, None

    def delete(self, key):
        super().delete(key)
        self.removed = key

    def create(self, key, data):
        if key == self.removed:
            if not self.taken:
                raise StorageError("no answer")
            super().create(key, self.taken)
        super().create(key, data)


@pytest.mark.parametrize(("taken", "error"), [(b"another", IntegrityError), (b"", StorageError)])
def test_a_repair_that_is_disturbed_says_what_to_do(taken, error):
    """Another writer, or a store that fails between removal and creation, is named with the key."""
    log = filled()
    other, head = copy(log), head_of(log)
    broken = copy(log, Stubborn(taken))
    put(log, KEYS[2], b"x")
    broken.store._objects[KEYS[2]] = (b"damaged", facts.NOON)

    with pytest.raises(error, match=f"{KEYS[2]}.*run the repair again"):
        mended(broken, other, remembered=head)


def test_without_another_copy_an_archive_is_only_verified():
    """Its faults are told, and stay."""
    log = filled()
    log.store.delete(KEYS[-1])
    done = examine(log)

    assert not done.report.whole
    assert (done.keys, done.refused) == ([], [])


def test_with_another_copy_it_is_repaired():
    """As `repair` does."""
    log = filled()
    other, before, head = copy(log), contents(log), head_of(log)
    log.store.delete(KEYS[-1])
    done = examine(log, other, trust=Trust(seen=saw(head)))

    assert (done.keys, contents(log)) == ([KEYS[-1]], before)


def test_an_archive_is_no_copy_of_itself():
    """The same place is refused before anything is read."""
    with pytest.raises(UsageError, match="names the archive itself"):
        examine(filled(), filled())


def test_a_place_is_no_copy_of_itself_however_it_is_spelt(tmp_path):
    """It would be repaired from its own damage."""
    with pytest.raises(UsageError, match="names the archive itself"):
        examine(*(Log(open_store(uri)) for uri in (f"file:{tmp_path}", f"{tmp_path}/")))


def test_a_copy_that_is_none_is_told_while_all_is_whole():
    """Else whoever repairs each night learns on the bad day that there is no copy."""
    with pytest.raises(UsageError, match="no archive lies there"):
        examine(filled(), Log(MemoryStore("memory:nowhere")))


def test_nothing_where_something_was_is_a_fault():
    """An empty place is no archive; where this machine saw commits, it is one that was lost."""
    with pytest.raises(NoArchive):
        examine(Log(MemoryStore()))
    done = examine(Log(MemoryStore()), trust=Trust(seen=saw(Head(seq=1, digest="sha256:00"))))

    assert [(p.kind, p.key) for p in done.report.problems] == [("missing", ARCHIVE_KEY), ("missing", commit_key(1))]
