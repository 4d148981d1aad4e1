"""The log: numbers taken once, a chain, and an archive that says what it is."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.errors import ConfigurationError, IntegrityError, NoArchive
from archive.facts.canonical import canonical, digest
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, EMPTY, Draft, Head, Log, Segment, beside, read_commit
from archive.stores.memory import MemoryStore

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def draft(name, at=NOON):
    segment = Segment(key=f"checks/2026/11/24/{name}.jsonl.gz", kind="checks", bytes=1, sha256="sha256:00", lines=1)
    return Draft(crawl=name, writer={"name": "t"}, segments=[segment], summary={}, committed_at=at)


@pytest.fixture
def log():
    made = Log(MemoryStore())
    made.create(edition="presstv-fr", version="0")
    return made


def test_each_commit_holds_the_digest_of_the_one_before(log):
    """Three commits read back in order, each linked to its neighbour."""
    made = [log.append(draft(name)) for name in ("a", "b", "c")]

    assert [c.seq for c in made] == [1, 2, 3]
    assert [c.previous for c in log.after(EMPTY)] == [None, made[0].digest, made[1].digest]


@pytest.mark.row("F-STO-07")
def test_writers_at_once_lose_nothing(log):
    """Eight threads append five commits each: forty numbers, each batch once, the chain unbroken."""
    names = [f"w{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: log.append(draft(name)), names))

    found = list(log.after(EMPTY))
    assert [c.seq for c in found] == list(range(1, 41))
    assert sorted(c.crawl for c in found) == sorted(names)


@pytest.mark.row("F-STO-08")
def test_a_repeated_append_is_done_once(log):
    """A batch whose first answer was lost is found in the log and not appended again."""
    first = log.append(draft("a"))

    assert log.append(draft("a")) == first


def test_commits_without_segments_are_each_their_own(log):
    """A crawl that found nothing says only how it went: two of them are two commits, not one tried twice."""
    bare = [replace(draft(name), segments=[], summary={"exit": code}) for name, code in (("a", 0), ("b", 0), ("b", 3))]
    made = [log.append(each) for each in bare]

    assert [c.seq for c in made] == [1, 2, 3]
    assert [(c.crawl, c.summary["exit"]) for c in log.after(EMPTY)] == [("a", 0), ("b", 0), ("b", 3)]


def test_a_changed_commit_is_named(log):
    """A commit whose bytes were touched is an integrity error that names its key."""
    touched = Log(MemoryStore())
    touched.store.create(commit_key(1), log.append(draft("a")).data.replace(b'"a"', b'"z"', 1) + b" ")

    with pytest.raises(IntegrityError, match=f"{commit_key(1)} is damaged: not the canonical bytes"):
        list(touched.after(EMPTY))


@pytest.mark.row("F-PRC-13")
def test_a_clock_behind_the_archive_is_refused(log):
    """A writer whose clock is more than five minutes behind the newest commit is told so."""
    log.append(draft("a"))

    with pytest.raises(ConfigurationError, match="clock is behind"):
        log.append(draft("b", NOON - timedelta(minutes=6)))


@pytest.mark.row("F-STO-12")
@pytest.mark.row("F-PRC-18")
def test_an_archive_of_a_newer_format_is_refused():
    """A format that this program does not know is exit 4, an absent archive exit 10."""
    store = MemoryStore()
    with pytest.raises(NoArchive):
        Log(store).description()
    store.create(ARCHIVE_KEY, b'{"format":2}')

    with pytest.raises(ConfigurationError, match="newer"):
        Log(store).description()


def test_an_archive_says_what_it_is(log):
    """Format, program, edition, digest and a name of its own; made again it stays as it was."""
    before = log.store.get(ARCHIVE_KEY)
    log.create(edition="presstv-en", version="9")
    described = dict(log.description())

    assert log.store.get(ARCHIVE_KEY) == before == canonical(described)
    assert re.fullmatch(r"[0-9a-f]{32}", described.pop("id"))
    assert described == {"format": 1, "version": "0", "edition": "presstv-fr", "digest": "sha256"}
    assert log.edition() == "presstv-fr"


def test_an_archive_has_a_name_of_its_own(log):
    """By its id, or where it has none by its first commit, so that a copy elsewhere has the same and no other one has."""
    named, old, other = log.identity(), Log(MemoryStore("memory:")), Log(MemoryStore("memory:"))
    other.create(edition="presstv-fr", version="0")
    old.store.create(ARCHIVE_KEY, b'{"digest":"sha256","edition":"presstv-fr","format":1,"version":"0.1.0"}')
    nameless = old.identity()
    first = old.append(
        Draft(crawl="c", writer={}, segments=[], summary={}, committed_at=datetime(2026, 11, 24, tzinfo=UTC))
    )

    assert (named, nameless, old.identity()) == (log.description()["id"], "", first.digest)
    assert other.identity() != named


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"{", IntegrityError, "damaged"), (b"[]", IntegrityError, "damaged"), (b"{}", IntegrityError, "damaged"),
        (b'{"format":"1"}', ConfigurationError, "newer"), (b'{"format":2}', ConfigurationError, "newer"),
        (b'{"format":1}', IntegrityError, "no edition"),
    ],
)  # fmt: skip
def test_what_says_nothing_of_an_archive(data, kind, words):
    """Bytes that are no description are damage, a format that is no number of ours is newer, an edition is named."""
    store = MemoryStore()
    store.create(ARCHIVE_KEY, data)

    with pytest.raises(kind, match=words):
        Log(store).edition()


def test_the_bytes_of_a_commit(log):
    """Canonical JSON of these fields and no other, under the commit's number; read back it says the same."""
    made = log.append(replace(draft("a"), summary={"exit": 0}))
    stored = (
        b'{"committed_at":"2026-11-24T12:00:00.000000Z","crawl":"a","previous":null,"segments":[{"bytes":1,'
        b'"key":"checks/2026/11/24/a.jsonl.gz","kind":"checks","lines":1,"sha256":"sha256:00"}],"seq":1,'
        b'"summary":{"exit":0},"writer":{"name":"t"}}'
    )

    assert log.store.get("log/000000000001.json") == made.data == stored
    assert (made.seq, made.previous, made.committed_at, made.crawl) == (1, None, NOON, "a")
    assert (made.writer, made.summary, made.segments) == ({"name": "t"}, {"exit": 0}, tuple(draft("a").segments))
    assert made.head == Head(seq=1, digest=digest(stored))
    assert log.read(1) == made
    assert log.read(2) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b'"seq":1', b'"seq":2'),
        lambda data: data + b"\n",
        lambda data: b"[]",
        lambda data: b"{}",
    ],
    ids=["another number", "not canonical", "a list", "no fields"],
)
def test_what_is_no_commit_of_that_number(log, change):
    """Its number and its canonical bytes have to be right, each by itself."""
    data = change(log.append(draft("a")).data)

    with pytest.raises(IntegrityError, match="000000000001"):
        read_commit(data, 1)


def test_a_broken_chain_names_both_neighbours(log):
    """A commit that names another one before it, and the one that stands there."""
    other = Log(MemoryStore())
    other.append(draft("z"))
    log.append(draft("a"))
    other.store.create(commit_key(2), log.append(draft("b")).data)

    with pytest.raises(IntegrityError, match=f"{commit_key(1)} and {commit_key(2)}"):
        list(other.after())


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=5)])
def test_clocks_may_differ_by_five_minutes(log, late):
    """Machines' clocks never agree: up to five minutes behind the newest commit is on time."""
    log.append(draft("a"))

    assert log.append(draft("b", NOON - late)).seq == 2
    with pytest.raises(ConfigurationError, match="clock is behind"):
        log.append(draft("c", NOON - late - timedelta(minutes=5, microseconds=1)))


def test_appending_goes_on_from_a_head_that_others_passed(log):
    """A writer that read up to the first commit finds the ones since, and a repetition among them."""
    first, second, third = (log.append(draft(name)) for name in "abc")

    assert log.append(draft("b"), first.head) == second
    assert log.append(draft("d"), first.head).previous == third.digest
    assert [commit.seq for commit in log.after(second.head)] == [3, 4]


def test_what_lies_beside_a_commit():
    """A signature has the commit's number and an ending of its own."""
    assert beside(42, "sig") == "log/000000000042.sig"
