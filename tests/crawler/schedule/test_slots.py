import asyncio
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from archive.errors import SlotTaken, StorageError
from archive.facts.canonical import canonical
from archive.stores.opening import open_store
from crawler.schedule.slots import Claimant, Slot, Stop, claim, claim_key, holder, run_slot

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SLOT = Slot(job="une", at=NOON)


@pytest.fixture
def store(tmp_path):
    """Open an archive's folder in which nothing lies yet."""
    return open_store(f"file:{tmp_path}/archive")


def me(**fields):
    """Return a claimant of a known time."""
    return Claimant(started=NOON, **fields)


def python(code):
    """Return the command that runs a piece of Python in the place of a crawl."""
    return [sys.executable, "-c", code]


def run(store, code, *, signals=(), grace=30.0, ready=None):
    """Run a slot; each time the child says by the FIFO that it is ready, send it the wish to stop."""

    async def main():
        stop = Stop(grace)
        task = asyncio.ensure_future(run_slot(store, SLOT, command=python(code), who=me(), stop=stop))
        if signals:
            reader, transport = await listening(ready)
            for number in signals:
                assert await asyncio.wait_for(reader.readexactly(5), 60) == b"ready"
                stop(number)
            transport.close()
        return await task

    return asyncio.run(main())


async def listening(fifo):
    """Read a FIFO without a thread that would block for a child that never comes."""
    reader = asyncio.StreamReader()
    end = os.fdopen(os.open(fifo, os.O_RDWR), "rb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), end)
    return reader, transport


def test_claim_key_is_the_scheduled_instant_to_the_second():
    """A slot's claim lies under its job and its scheduled time."""
    assert claim_key("une", NOON) == "claims/une/20261124t120000z.json"


def test_claim_is_ours_once(store):
    """The first claimant gets the slot, the second does not, and the claim says who has it."""
    first, second = claim(store, "une", NOON, me(host="north", pid=7)), claim(store, "une", NOON, me(host="south"))

    assert (first, second) == (True, False)
    assert holder(store, "une", NOON) == "process 7 on north at 2026-11-24T12:00:00.000000Z"


def test_claim_is_canonical_json(store):
    """A claim holds host, process, start and token, in canonical bytes."""
    claim(store, "une", NOON, me(host="north", pid=7, token="ab"))
    data = store.get(claim_key("une", NOON))

    assert json.loads(data) == {"host": "north", "pid": 7, "started": "2026-11-24T12:00:00.000000Z", "token": "ab"}
    assert canonical(json.loads(data)) == data


def test_claim_of_a_twin_is_not_taken_for_ours(store):
    """Two containers with the same host name, process id and start time are two claimants."""
    twins = [claim(store, "une", NOON, me(host="box", pid=1)) for _ in range(2)]

    assert twins == [True, False]


def test_claim_has_one_winner_among_racers(store):
    """Of many that claim one slot at one moment exactly one gets it."""
    barrier = Barrier(8)

    def race(_):
        who = me()
        barrier.wait()
        return claim(store, "une", NOON, who)

    with ThreadPoolExecutor(8) as racers:
        won = list(racers.map(race, range(8)))

    assert sum(won) == 1


def test_holder_says_that_a_claim_cannot_be_read(store):
    """A claim whose bytes are no claim still holds its slot, and the message says so."""
    store.create(claim_key("une", NOON), b"not json")

    assert claim(store, "une", NOON, me()) is False
    assert holder(store, "une", NOON).startswith("an unreadable claim (")


@pytest.mark.parametrize("code", [0, 3, 11])
def test_run_slot_returns_the_exit_code_of_the_command(store, code):
    """A slot's outcome is that of its crawl."""
    assert run(store, f"raise SystemExit({code})") == code


def test_run_slot_claims_before_it_runs(store, tmp_path):
    """The claim lies in the store by the time the crawl starts."""
    path = tmp_path / "archive" / claim_key("une", NOON)
    code = f"import os; raise SystemExit(0 if os.path.exists({str(path)!r}) else 1)"

    assert run(store, code) == 0


def test_run_slot_refuses_a_taken_slot_without_running(store, tmp_path):
    """A slot that somebody else has is not run, and the error names the holder."""
    claim(store, "une", NOON, me(host="north", pid=7))

    with pytest.raises(SlotTaken, match=r"slot une@20261124t120000z already taken by process 7 on north"):
        run(store, f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert not (tmp_path / "ran").exists()


def test_run_slot_does_not_run_what_it_could_not_claim(tmp_path):
    """A store that can't be asked stops the slot: it might be somebody else's."""
    (tmp_path / "archive").write_text("a file, not a folder")

    with pytest.raises(StorageError):
        run(open_store(f"file:{tmp_path}/archive"), f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert not (tmp_path / "ran").exists()


def test_run_slot_finds_the_project_from_any_folder(store, tmp_path, monkeypatch):
    """The child imports the project's packages wherever it starts, and keeps PYTHONPATH's other folders."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert run(store, f"import sys, crawler.schedule.slots; sys.exit({str(tmp_path)!r} not in sys.path)") == 0


@pytest.fixture
def ready(tmp_path):
    """Make a FIFO by which a child says that it is ready."""
    path = tmp_path / "ready"
    os.mkfifo(path)
    return path


def saying(ready, before, after):
    """Return code that says it is ready and then does `after`; SIGTERM is treated as `before` says by that time."""
    return f"""
import signal, sys
def say():
    with open({str(ready)!r}, "w") as ready:
        ready.write("ready")
{before}
say()
{after}
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_stop_reaches_the_crawl_as_sigterm(store, ready, number):
    """Whatever stops the scheduler asks the crawl to end in good order."""
    code = saying(ready, "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))", "signal.pause()")

    assert run(store, code, signals=[number], ready=ready) == 0


def test_stop_passes_the_second_signal_too(store, ready):
    """A second signal reaches the crawl, which then ends at once."""
    # Blocked and waited for, so that none is lost between two steps.
    block, take = "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})", "signal.sigwait({signal.SIGTERM})"
    code = saying(ready, block, f"{take}; say(); {take}; sys.exit(50)")

    assert run(store, code, signals=[signal.SIGTERM] * 2, ready=ready) == 50


def test_stop_kills_a_crawl_that_does_not_end(store, ready):
    """A crawl that ignores the wish is killed after the grace period."""
    code = saying(ready, "signal.signal(signal.SIGTERM, signal.SIG_IGN)", "while True: signal.pause()")

    assert run(store, code, signals=[signal.SIGTERM], ready=ready, grace=0.05) == 137


def test_stop_before_the_start_reaches_the_child(store):
    """A wish that came while the slot was claimed ends the child all the same."""

    async def main():
        stop = Stop()
        stop(signal.SIGTERM)
        return await run_slot(store, SLOT, command=python("import signal; signal.pause()"), who=me(), stop=stop)

    assert asyncio.run(main()) == 143


def test_first_signal_decides_the_exit_code():
    """A SIGTERM after Ctrl-C hurries the end, and does not rename it."""

    async def main():
        stop = Stop()
        stop(signal.SIGINT)
        stop(signal.SIGTERM)
        await stop.wished()
        return stop.signal

    assert asyncio.run(main()) == signal.SIGINT


def test_interrupt_of_the_terminal_reaches_the_child_once(store, tmp_path):
    """The child has a process group of its own: a terminal's Ctrl-C goes to the scheduler alone."""
    path = tmp_path / "group"
    run(store, f"import os; open({str(path)!r}, 'w').write(str(os.getpgrp() == os.getpid()))")

    assert path.read_text() == "True"


def test_slots_import_neither_scrapy_nor_twisted():
    """The slots and the scheduler run without a crawl."""
    code = "import sys, crawler.schedule.scheduler; sys.exit(bool({'scrapy', 'twisted', 'boto3'} & set(sys.modules)))"

    assert subprocess.run(python(code), check=False).returncode == 0
