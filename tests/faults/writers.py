"""Processes that append to one log at a time, and a checker over what they were told and what lies there afterwards.

The checker is written against DATA_FORMAT.md and shares no code with the archive: bytes, json and hashlib.
"""

import contextlib
import hashlib
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import KeyExists, KeyMissing, StorageError
from archive.facts.items import Check
from archive.facts.names import batch_id
from archive.log import batch as batches
from archive.log.batch import Batch
from archive.log.chain import EMPTY, Log
from archive.stores.opening import open_store
from archive.stores.store import Unclear
from tests import loaded

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROGRAM = {"name": "writers", "version": "0", "extractor": 1}
PATIENCE = 200
"""Tries of one batch; more than that is no fault of the network's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One append as its writer saw it: what it named, and what it was told."""

    batch: str
    seq: int
    digest: str
    begun: float
    """By the machine's monotonic clock, which all processes share."""
    ended: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one process is to do."""

    uri: str
    writer: int
    commits: int
    trouble: float = 0.0
    """The share of calls that a store of its own making spoils, where no proxy can."""


class Troubled:
    """A store between a writer and the real one, whose answers are late, lost or out of date."""

    def __init__(self, store, share, seed):
        self.store, self.share, self.dice = store, share, random.Random(seed)
        self.uri = store.uri
        self.unsure = ""
        """The key of the last create that got no clear answer."""

    def _strikes(self, often=1.0):
        struck = self.dice.random() < self.share * often
        if struck:
            print("struck", file=sys.stderr)
        return struck

    def create(self, key, data):
        """Create, and be lost before, after, or after with the client's own retry."""
        self._dawdle()
        self.unsure = key
        if self._strikes():
            raise Unclear("the request was lost")
        self.store.create(key, data)
        if self._strikes():
            raise Unclear("the answer was lost")
        if self._strikes():
            raise KeyExists(key, self.uri)
        self.unsure = ""

    def get(self, key, *most):
        """Read, and fail, or not see yet what is there."""
        self._dawdle()
        # Seldom, since a whole append is given up for it; often where a create is to be settled by it.
        settling, self.unsure = key == self.unsure, ""
        if self._strikes(often=3 if settling else 0.05):
            raise StorageError("the answer was lost")
        if self._strikes():
            raise KeyMissing(key, self.uri)
        return self.store.get(key, *most)

    def _dawdle(self):
        if self._strikes():
            time.sleep(self.dice.random() / 50)


def write(job: Job) -> Iterator[Told]:
    """Append a job's batches, each until it is acknowledged, as a crawl does; yield what was told of each."""
    store = open_store(job.uri)
    log = Log(Troubled(store, job.trouble, job.writer) if job.trouble else store)
    head = EMPTY
    for number in range(1, job.commits + 1):
        name = batch_id(NOON, f"w-{job.writer:08x}", number)
        batch = Batch(batch_id=name, crawl=f"w-{job.writer:08x}", opened_at=NOON)
        batch.checks.append(Check(at=NOON, url=f"http://127.0.0.1/{name}", kind="article", outcome="unchanged"))
        begun = time.monotonic()
        made = _until_told(batch, log, head)
        yield Told(batch=name, seq=made.seq, digest=made.digest, begun=begun, ended=time.monotonic())
        head = made.head


def _until_told(batch, log, head):
    for tried in range(1, PATIENCE + 1):
        try:
            return batches.commit(batch, log, head=head, writer=PROGRAM, summary={}, clock=lambda: NOON)
        except StorageError as error:
            print(f"{batch.batch_id}, try {tried}: {type(error).__name__}: {error}", file=sys.stderr)
    raise StorageError(f"{batch.batch_id} was never acknowledged")


@contextlib.contextmanager
def running(jobs: Sequence[Job], environment: Mapping[str, str]) -> Iterator[list[loaded.Fork]]:
    """Start a process for each job, let them all begin at once, and yield them; none outlives the block."""
    command = [sys.executable, "-m", "tests.faults.writers"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    processes = [loaded.start([*command, json.dumps(asdict(job))], env=env) for job in jobs]
    try:
        for process in processes:
            process.stdout.readline()
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def heard(text: str) -> list[Told]:
    """Return what a process was told, by the whole lines of its stdout."""
    return [Told(**json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("}\n")]


def check(objects: Mapping[str, bytes], told: Sequence[Told], tried: Sequence[str]) -> list[str]:
    """Return what is wrong with a history, a line each: `objects` is all that the store holds, by key.

    `tried` names every batch that a writer may have appended, told or not. An append that ended before another began
    must have the smaller number: the log is one register, and no reader may see its past change.
    """
    log = {key: json.loads(data) for key, data in sorted(objects.items()) if key.startswith("log/")}
    digests = {key: f"sha256:{hashlib.sha256(objects[key]).hexdigest()}" for key in log}
    return [
        *_numbers(log),
        *_chain(log, digests),
        *_batches(log, digests, told, set(tried)),
        *_segments(log, objects),
        *_order(told),
    ]


def _numbers(log):
    for number, (key, commit) in enumerate(log.items(), 1):
        if key != f"log/{number:012d}.json" or commit["seq"] != number:
            yield f"number {number} is {key}, which says {commit['seq']}"


def _chain(log, digests):
    before = None
    for key, commit in log.items():
        if commit["previous"] != before:
            yield f"{key} names {commit['previous']} before it, not {before}"
        before = digests[key]


def _batches(log, digests, told, tried):
    places = {_name(commit): (commit["seq"], digests[key]) for key, commit in log.items()}
    times = Counter(_name(commit) for commit in log.values())
    yield from (f"batch {name} is there {count} times" for name, count in times.items() if count > 1)
    yield from (f"batch {name} is nobody's" for name in times if name not in tried)
    for each in told:
        if places.get(each.batch) != (each.seq, each.digest):
            yield f"{each.batch} was told {each.seq}, {each.digest}; the log has it at {places.get(each.batch)}"


def _name(commit):
    return commit["segments"][0]["key"].rpartition("/")[2].partition(".")[0]


def _segments(log, objects):
    for key, commit in log.items():
        for segment in commit["segments"]:
            data = objects.get(segment["key"], b"")
            if (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}") != (segment["bytes"], segment["sha256"]):
                yield f"{segment['key']} is not what {key} names"


def _order(told):
    latest = 0
    ended = sorted(told, key=lambda each: each.ended)
    for each in sorted(told, key=lambda each: each.begun):
        while ended and ended[0].ended < each.begun:
            latest = max(latest, ended.pop(0).seq)
        if each.seq <= latest:
            yield f"{each.batch} began after number {latest} was told, and was told {each.seq}"


def _main() -> None:
    job = Job(**json.loads(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for told in write(job):
        print(json.dumps(asdict(told)), flush=True)


if __name__ == "__main__":
    _main()
