"""How long readers wait for the pages of `presstv browse` while a crawl commits beside them, and what memory it holds.

Server and crawl are processes of their own over one archive and one catalog, as where both run on one machine. The
crawl takes in articles that the archive does not know, a commit every few seconds.
"""

import http.client
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass

from benchmarks import commands
from benchmarks.children import HASTE, ROOT, Broken, commits, measured, places
from benchmarks.growth import Kept
from benchmarks.padded import Site, site
from benchmarks.stopwatch import told_mb
from benchmarks.table import Row

READERS, PAUSE = 8, 1.0
SECONDS = 60.0
DIFFERENT = 2_000
"""Pages that are asked for once each, before memory is looked at."""
AIM_MS, AIM_LATE_MS, AIM_MB = 100, 300, 300
_PACE = 0.37
"""Seconds that the crawl takes for an article, its listings among them."""
_COMMITS = {"DOWNLOAD_DELAY": 0.25, "CONCURRENT_REQUESTS": 1, "BATCH_SECONDS": 5}
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server of pages, in a process of its own."""

    process: int
    port: int

    @property
    def megabytes(self) -> float:
        """What it holds of memory that no file backs, in megabytes of 10^6 bytes."""
        return told_mb("RssAnon", self.process)

    def ask(self, url: str) -> float:
        """Ask for a page and return the milliseconds until all of it was there. Raises Broken where it is refused."""
        start = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", url)
            answer = connection.getresponse()
            text = answer.read()
        if answer.status != 200:
            raise Broken(f"the server of pages answered {answer.status} to {url}:\n{text.decode()[-800:]}")
        return 1000 * (time.monotonic() - start)


@contextmanager
def served(one: Kept) -> Iterator[Served]:
    """Serve an archive's pages until the block ends."""
    words = commands.presstv(one.folder, "browse", "--port", "0", "--no-open")
    command = [sys.executable, *words]
    with subprocess.Popen(
        command, cwd=ROOT, env=commands.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        try:
            told = _ADDRESS.search(child.stdout.readline())
            if told is None:
                raise Broken("the server of pages did not start")
            yield Served(process=child.pid, port=int(told[1]))
        finally:
            child.terminate()


def measure(
    one: Kept, kinds: Mapping[str, str], different: Sequence[str], seconds: float = SECONDS
) -> Iterator[tuple[str, list[Row], str]]:
    """Yield a table of how long readers wait for each kind of page, by its address, and one of the server's memory.

    They read as long as the crawl goes on, about so many seconds.
    """
    with site(int(seconds / _PACE) + 1, one.articles) as outlet, served(one) as server:
        held = {"pages are there": server.megabytes}
        before = len(commits(one.folder))
        with ThreadPoolExecutor(1) as beside:
            writer = beside.submit(_crawl, outlet, one)
            times = waits(server, kinds, writer.done)
            writer.result()
        meanwhile = len(commits(one.folder)) - before
        title = f"ms that {READERS} readers wait beside {meanwhile} commits of a crawl, {one.articles:,} articles"
        yield f"{title}: median beside the 99th percentile", _told(times), "99 %"
        held["the readers' minute"] = server.megabytes
        with ThreadPoolExecutor(READERS) as readers:
            list(readers.map(server.ask, different))
        held[f"{len(different):,} different pages"] = server.megabytes
    rows = [Row(what=f"after {what}", ours=each, aim=f"below {AIM_MB}") for what, each in held.items()]
    yield f"MB of the server's memory (RssAnon), {one.articles:,} articles", rows, ""


def _crawl(outlet: Site, one: Kept) -> None:
    words = ["crawl", "presstv", "-a", f"outlet={outlet.url}", "-a", "sections=continu", "-a", "recheck=none"]
    measured(words, HASTE | places(one.folder) | _COMMITS, outlet, one.folder, cwd=ROOT)


def waits(server: Served, kinds: Mapping[str, str], ended: Callable[[], bool]) -> dict[str, list[float]]:
    """Return how many milliseconds readers waited for pages of each kind, pausing a second on average."""

    def read(number: int) -> list[tuple[str, float]]:
        chance, found = random.Random(number), []
        while not ended():
            time.sleep(chance.expovariate(1 / PAUSE))
            kind = chance.choice(list(kinds))
            found.append((kind, server.ask(kinds[kind])))
        return found

    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    with ThreadPoolExecutor(READERS) as readers:
        for found in readers.map(read, range(READERS)):
            for kind, waited in found:
                times[kind].append(waited)
    return times


def _told(times: Mapping[str, list[float]]) -> list[Row]:
    every = [each for found in times.values() for each in found]
    return [*(_row(kind, found) for kind, found in times.items() if found), _row(f"all {len(every):,}", every)]


def _row(kind: str, times: list[float]) -> Row:
    late = sorted(times)[min(len(times) - 1, len(times) * 99 // 100)]
    return Row(what=kind, ours=statistics.median(times), beside=late, aim=f"{AIM_MS}, {AIM_LATE_MS}")
