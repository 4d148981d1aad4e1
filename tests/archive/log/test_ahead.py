"""Reading ahead: many at a time, in their order, with every error in its turn."""

import threading
from itertools import count

import pytest

from archive.errors import IntegrityError, StorageError
from archive.facts.names import commit_key
from archive.log.ahead import AHEAD, NEAR, in_order
from archive.log.chain import Log
from archive.stores.memory import MemoryStore
from tests.archive.log.test_chain import draft


class Counting(MemoryStore):
    """A store that notes what is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def get(self, key, most=2**26):
        """Note, and answer."""
        self.asked.append(key)
        return super().get(key, most)


@pytest.fixture
def log():
    made, head = Log(Counting()), {}
    made.create(edition="presstv-fr", version="0")
    for number in range(60):
        head = {"head": made.append(draft(f"c{number}"), **head).head}
    made.store.asked.clear()
    return made


def test_sixteen_are_under_way_and_come_in_order():
    """All sixteen threads meet at a barrier, which nobody passes alone; what comes out has the order of what went in."""
    met = threading.Barrier(AHEAD)

    def get(number):
        met.wait(10)
        return number

    assert [*in_order(get, range(4 * AHEAD), near=0)] == [*range(4 * AHEAD)]


def test_an_error_comes_behind_what_was_before_it():
    """One of `get`, and one of the iterable itself: all that came before is given first."""

    def get(number):
        if number == 30:
            raise StorageError("thirty")
        return number

    def asked():
        yield from range(20)
        raise IntegrityError("twenty")

    for over, last, kind in ((range(50), 30, StorageError), (asked(), 20, IntegrityError)):
        got, found = [], in_order(get, over)
        with pytest.raises(kind):
            got.extend(found)
        assert got == [*range(last)]


def test_who_stops_asks_for_no_more():
    """An endless iterable, left after a few: what was under way is all that was asked for."""
    asked = []
    found = in_order(lambda number: asked.append(number) or number, count(), near=2)
    got = [next(found) for _ in range(5)]
    found.close()

    assert got == [0, 1, 2, 3, 4]
    assert len(asked) <= 5 + AHEAD


def test_a_long_log_is_read_ahead(log):
    """The chain comes whole and in order; what was asked for past its end is less than what is under way."""
    assert [commit.seq for commit in log.after()] == [*range(1, 61)]
    assert len(log.store.asked) <= 60 + AHEAD
    assert log.store.asked[:NEAR] == [commit_key(number) for number in range(1, NEAR + 1)]


def test_a_short_way_asks_what_it_did(log):
    """Who is a few commits behind asks for these and for the one that is not there, one after the other."""
    head = [*log.after()][54].head
    log.store.asked.clear()

    assert len([*log.after(head)]) == 5
    assert log.store.asked == [commit_key(number) for number in range(56, 62)]


def test_a_broken_link_far_ahead_is_named_in_its_turn(log):
    """Commits before it are given, those behind it never."""
    log.store.delete(commit_key(40))
    log.store.create(commit_key(40), log.store.get(commit_key(39)))
    got = []
    with pytest.raises(IntegrityError, match=commit_key(40)):
        got.extend(commit.seq for commit in log.after())
    assert got == [*range(1, 40)]
