"""The crawl's clock."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from crawler.crawl.clock import Clock

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def clock(*readings):
    """Return a clock over (wall seconds, monotonic seconds) readings; the first is taken when it is made."""
    walls = iter([START + timedelta(seconds=wall) for wall, _ in readings[1:]])
    ticks = iter([tick for _, tick in readings])
    return Clock(lambda: next(walls), lambda: next(ticks))


@pytest.mark.row("F-PRC-13")
def test_it_follows_the_wall_clock():
    """A wall clock that runs, or is set forward, is believed."""
    tell = clock((0, 0), (1, 1), (2, 2), (86_402, 3))

    assert [tell(), tell(), tell()] == [START + timedelta(seconds=s) for s in (1, 2, 86_402)]


@pytest.mark.row("F-PRC-13")
def test_a_clock_set_back_goes_on_by_the_monotonic_one():
    """Durations stay right: a batch ages, and no instant repeats, even from 1970 on."""
    tell = clock((0, 0), (10, 10), (-3590, 20), (-1e9, 30), (40, 40))

    assert [(tell() - START).total_seconds() for _ in range(4)] == [10, 20, 30, 40]


def test_two_readings_of_one_instant_differ():
    """At the same reading a microsecond is added."""
    tell = clock((0, 0), (5, 5), (5, 5), (5, 5))

    assert [(tell() - START).microseconds for _ in range(3)] == [0, 1, 2]


def test_threads_share_no_instant():
    """Two threads asking at once get different instants, each its own in rising order."""
    tell, told = Clock(), [[], []]

    def ask(mine):
        mine.extend(tell() for _ in range(2000))

    threads = [Thread(target=ask, args=(mine,)) for mine in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(told[0] + told[1])) == 4000
    assert all(mine == sorted(mine) for mine in told)
