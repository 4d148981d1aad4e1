"""What pages cost: CPU of each kind over archives of several sizes, and how long eight readers wait for them.

`python -m benchmarks.pages FOLDER` asks the same of an archive that is there, made by `python -m benchmarks.archives`;
the catalog in the folder is followed up to the log's head.
"""

import http.client
import random
import signal
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archive.opened import open_archive
from benchmarks.children import places, scratch
from benchmarks.growth import COMMON, ROUNDS, Kept, grown, make, sizes
from benchmarks.table import Row, lines, say
from browse.app import asked
from browse.asking import Site
from browse.reader import Reader
from browse.server import bound, port_of, serve
from crawler.cli.reading import facts_of
from crawler.editions.presstv_fr import PRESSTV_FR

KINDS = {
    "front": "/", "list of edits": "/list/changed", "its feed": "/list/changed.atom", "section": "/sections/une",
    "listing over time": "/sections/une/ranks", "article": "/a/ID", "its JSON": "/a/ID.json", "comparison": "/a/PAIR",
    "search, a rare word": "/search?q=NUMBER", "search, a common word": f"/search?q={COMMON}",
    "search, two words": f"/search?q={COMMON}+NUMBER", "search in what was removed": "/search?q=bilan&removed=1",
    "figures": "/figures", "coverage": "/coverage", "status": "/status", "about": "/about",
}  # fmt: skip
"""Kind of page → its address; for ID, NUMBER, PAIR stand an article's number, a word of its headline, two versions."""
READERS, PAUSE = 8, 1.0
SECONDS = 60.0
AIM_MS, AIM_LATE_MS = 100, 300


def measure(
    counts: Sequence[int] = (), rounds: int = ROUNDS, seconds: float = SECONDS
) -> Iterator[tuple[str, list[Row], str]]:
    """Yield a table of CPU ms a page with the exponents, and one of how long readers of the largest archive wait."""
    with ExitStack() as stack:
        made = [make(stack.enter_context(scratch()), count) for count in counts or sizes()]
        yield (
            f"CPU ms of a page that nobody asked before, {made[-1].articles:,} articles; ratio: exponent",
            list(cost(made, rounds)),
            f"{made[0].articles:,}",
        )
        yield waits(made[-1], seconds)


def cost(made: Sequence[Kept], rounds: int) -> Iterator[Row]:
    """Yield a row for each kind of page: CPU ms, each time asked of a reader that keeps no answer yet."""
    found = [dict(_costs(one, rounds)) for one in made]
    for kind in KINDS:
        yield grown(kind, made, [costs[kind] for costs in found], "0")


def _costs(one: Kept, rounds: int) -> Iterator[tuple[str, float]]:
    with closing(_opened(one)) as reader:
        site = site_of(reader)
        for kind, url in addresses(reader).items():
            _cost(site, url)
            yield kind, statistics.median(_cost(site, url) for _ in range(rounds))


def _cost(whole: Site, url: str) -> float:
    # Its templates are ready; its answers are not.
    site = replace(whole, reader=Reader(whole.reader.archive, still=True))
    site.reader.prepare()
    with site.reader.reading() as db:
        start = time.process_time()
        answer = asked(site, db, url, site.tongue("fr"))
        spent = 1000 * (time.process_time() - start)
    assert answer.status_code == 200, (url, answer.status_code)
    return spent


def addresses(reader: Reader) -> dict[str, str]:
    """Return the addresses of each kind of page in an archive."""
    row = reader.catalog.db.execute(
        "SELECT article_id, from_at, to_at FROM changes ORDER BY to_at DESC LIMIT 1"
    ).fetchone()
    pair = f"{row[0]}/diff/{row[1]}..{row[2]}"
    named = {"ID": str(row[0]), "NUMBER": str(row[0] - 1_000_000), "PAIR": pair}
    found = dict(KINDS)
    for word, value in named.items():
        found = {kind: url.replace(word, value) for kind, url in found.items()}
    return found


def site_of(reader: Reader) -> Site:
    """Return pages over a reader."""
    return Site(reader=reader, outlet=facts_of(PRESSTV_FR), clock=lambda: datetime.now(UTC))


def _opened(one: Kept) -> Reader:
    place = places(one.folder)
    return Reader(
        open_archive(place["ARCHIVE_URI"], place["CATALOG_PATH"], vocabulary_of=lambda _: PRESSTV_FR.vocabulary)
    )


def waits(one: Kept, seconds: float) -> tuple[str, list[Row], str]:
    """Return a table of how many ms eight readers wait for each kind of page, pausing a second on average."""
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with closing(_opened(one)) as reader, bound("127.0.0.1", 0) as place:
        site, urls, until = site_of(reader), addresses(reader), time.monotonic() + seconds
        port = port_of(place.pages)
        threads = [
            threading.Thread(target=_read, args=(port, urls, found, until, number), daemon=True)
            for number in range(READERS)
        ]

        def opened() -> None:
            for thread in threads:
                thread.start()
            threading.Thread(target=_ending, args=(threads,), daemon=True).start()

        with suppress(KeyboardInterrupt):
            serve(site, place, opened=opened)
    rows = [_waited(kind, times) for kind, times in found.items() if times]
    every = [each for times in found.values() for each in times]
    rows.append(_waited(f"all {len(every):,}", every))
    return f"ms that {READERS} readers wait, {one.articles:,} articles: median beside the 99th percentile", rows, "99 %"


def _waited(kind: str, times: list[float]) -> Row:
    late = sorted(times)[min(len(times) - 1, len(times) * 99 // 100)]
    return Row(what=kind, ours=statistics.median(times), beside=late, aim=f"{AIM_MS}, {AIM_LATE_MS}")


def _read(port: int, urls: dict[str, str], found: dict[str, list[float]], until: float, number: int) -> None:
    chance = random.Random(number)
    while time.monotonic() < until:
        time.sleep(chance.expovariate(1 / PAUSE))
        kind = chance.choice(list(urls))
        start = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", urls[kind])
            answer = connection.getresponse()
            answer.read()
        assert answer.status == 200, (urls[kind], answer.status)
        found[kind].append(1000 * (time.monotonic() - start))


def _ending(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with closing(_opened(Kept(articles=1, folder=folder))) as counted:
        articles = counted.catalog.db.execute("SELECT count(*) FROM articles").fetchone()[0]
    there = Kept(articles=articles, folder=folder)
    say(lines(f"CPU ms of a page, {articles:,} articles", cost([there], ROUNDS)))
    say(lines(*waits(there, SECONDS)))
