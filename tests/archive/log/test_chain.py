"""The log: numbers taken once, a chain, and an archive that says what it is."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.errors import ConfigurationError, IntegrityError, NoArchive
from archive.facts.names import commit_key
from archive.log.chain import ARCHIVE_KEY, EMPTY, Draft, Log, Segment
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
    log.append(draft("a"))
    log.store._objects[commit_key(1)] = log.store.get(commit_key(1)).replace(b'"a"', b'"z"', 1) + b" "

    with pytest.raises(IntegrityError, match=commit_key(1)):
        list(log.after(EMPTY))


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
