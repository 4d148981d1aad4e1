"""What a new machine's first reading costs, by commits: with nothing, with bundles and packs, with a snapshot.

`python -m benchmarks.bootstrap COMMITS[,MORE…] ARCHIVE_URI` measures it over a store of any kind, in an empty place
(with boto3's AWS_* variables for a bucket); `python -m benchmarks bootstrap` over one in memory.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive.catalog.catalog import Catalog
from archive.catalog.snapshots import make, write
from archive.catalog.starting import started
from archive.log.chain import EMPTY, Head, Log
from archive.log.gathering import gather_after, gathered_there
from archive.stores.memory import MemoryStore
from archive.stores.opening import open_store, place_of
from archive.stores.store import DOCUMENT, Entry, Store
from archive.trust.snapshots import judge
from benchmarks.distant import fill
from benchmarks.table import Row
from crawler.editions.presstv_fr import PRESSTV_FR

SMALL = (35, 300, 600)
"""Commits in `make bench`."""
_PUTS = 16
Ways = Mapping[str, "Began"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """One first reading."""

    gets: int
    """Objects asked for, but segments of records."""
    records: int
    """Segments of records asked for."""
    lists: int
    seconds: float
    cpu: float


@dataclass(slots=True)
class Counted:
    """A store whose requests are counted; puts go on in threads until `settle`."""

    store: Store
    gets: int = 0
    records: int = 0
    lists: int = 0
    _puts: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_PUTS))
    _due: "list[Future[None]]" = field(default_factory=list)

    @property
    def uri(self) -> str:
        return self.store.uri

    def get(self, key: str, most: int = DOCUMENT) -> bytes:
        if key.startswith("records/"):
            self.records += 1
        else:
            self.gets += 1
        return self.store.get(key, most)

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        self.gets += 1
        return self.store.get_range(key, offset, length)

    def names(self, prefix: str = "") -> Iterator[str]:
        self.lists += 1
        return self.store.names(prefix)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        self.lists += 1
        return self.store.list(prefix)

    def create(self, key: str, data: bytes) -> None:
        self._due.append(self._puts.submit(self.store.create, key, data))
        if len(self._due) > 100 * _PUTS:
            self.settle()

    def settle(self) -> None:
        while self._due:
            self._due.pop().result()

    def now(self) -> datetime | None:
        return self.store.now()

    def delete(self, key: str) -> None:
        self.store.delete(key)


def measure(store: Store, commits: int, head: Head = EMPTY) -> tuple[Ways, Head]:
    """Fill an archive up to so many commits and read it first in each of the three ways; return them, and its head.

    Bundles, packs and the snapshot are those of the whole archive, and gone again afterwards.
    """
    counted = Counted(store)
    if head == EMPTY:
        Log(store).create(edition=PRESSTV_FR.name, version="1")
    head = fill(Log(counted), commits - head.seq, head=head)
    counted.settle()
    ways = {"nothing": _began(store)}
    for _ in gather_after(Log(store), 0, gathered_there(store)):
        pass
    ways["bundles and packs"] = _began(store)
    with TemporaryDirectory() as folder, closing(_catalog(folder, store)) as catalog:
        catalog.follow(Log(store))
        write(store, *make(catalog, Log(store)), None)
    ways["a snapshot"] = _began(store)
    for prefix in ("tile/", "snapshots/"):
        for entry in store.list(prefix):
            store.delete(entry.key)
    return ways, head


def _catalog(folder: str, store: Store) -> Catalog:
    return Catalog(Path(folder) / "catalog", place_of(store), PRESSTV_FR.vocabulary)


def _began(store: Store) -> Began:
    counted: Any = Counted(store)
    log = Log(counted)
    with TemporaryDirectory() as folder:
        began, cpu = time.perf_counter(), time.process_time()
        with closing(started(log, _catalog(folder, counted), judge((), required=False), reads=True).catalog) as catalog:
            catalog.follow(log)
        return Began(
            gets=counted.gets, records=counted.records, lists=counted.lists,
            seconds=time.perf_counter() - began, cpu=time.process_time() - cpu,
        )  # fmt: skip


def rows(commits: tuple[int, ...] = SMALL) -> Iterator[Row]:
    """Yield, for each number of commits, the requests of each way beside those with nothing."""
    store, head = MemoryStore(), EMPTY
    for count in commits:
        ways, head = measure(store, count, head)
        plain = ways["nothing"].gets
        for name, way in ways.items():
            yield Row(what=f"{count} commits, {name}", ours=way.gets, beside=plain, ratio=plain / way.gets)


def main(counts: str, uri: str) -> None:
    """Print what each number of commits costs in each way."""
    store, head = open_store(uri), EMPTY
    for count in map(int, counts.split(",")):
        ways, head = measure(store, count, head)
        for name, way in ways.items():
            print(
                f"{count} commits, {name}: {way.gets} GETs and {way.records} of records, {way.lists} lists, "
                f"{way.seconds:.1f} s ({way.cpu:.1f} s of CPU)",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:3])
