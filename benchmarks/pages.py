"""What pages cost: CPU of each kind over archives of several sizes, how long readers wait for them, memory.

`python -m benchmarks.pages FOLDER` asks the same of an archive that is there, made by `python -m benchmarks.archives`;
the catalog in the folder is followed up to the log's head.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from urllib.parse import quote

from benchmarks import waiting
from benchmarks.children import scratch
from benchmarks.growth import COMMON, ROUNDS, Kept, grown, make, sizes
from benchmarks.table import Row, lines, say
from browse.app import asked
from browse.asking import Site
from browse.reader import Reader
from crawler.cli.reading import facts_of
from crawler.editions.presstv_fr import PRESSTV_FR
from demo.outlet import FIRST_ID

EVERYWHERE = "de"
"""A word that hardly a text lacks."""
KINDS = {
    "front": "/", "list of edits": "/list/changed", "its feed": "/list/changed.atom", "section": "/sections/une",
    "listing over time": "/sections/une/ranks", "article": "/a/ID", "its JSON": "/a/ID.json", "comparison": "/a/PAIR",
    "search, a rare word": "/search?q=NUMBER", "search, a common word": f"/search?q={COMMON}",
    "search, two common words": f"/search?q={COMMON}+{EVERYWHERE}", "search, a word in all": f"/search?q={EVERYWHERE}",
    "search, a common beginning": "/search?q=pre*", "search in what was removed": "/search?q=bilan&removed=1",
    "figures": "/figures", "coverage": "/coverage", "status": "/status", "about": "/about",
}  # fmt: skip
"""Kind of page → its address; for ID, NUMBER, PAIR stand an article's number, a word of its headline, two versions."""
_AIMS = {
    "front": 10, "article": 10, "search, a rare word": 10, "search, a common word": 50, "search, two common words": 50,
    "search, a word in all": 100, "search, a common beginning": 100,
}  # fmt: skip
"""Milliseconds of CPU over 200,000 articles, at most."""


def measure(
    counts: Sequence[int] = (), rounds: int = ROUNDS, seconds: float = waiting.SECONDS
) -> Iterator[tuple[str, list[Row], str]]:
    """Yield tables: CPU ms a page with the exponents, how long readers of the largest archive wait, and memory then."""
    with ExitStack() as stack:
        made = [make(stack.enter_context(scratch()), count) for count in counts or sizes()]
        yield (
            f"CPU ms of a page that nobody asked before, {made[-1].articles:,} articles; ratio: exponent",
            list(cost(made, rounds)),
            f"{made[0].articles:,}",
        )
        yield from waits(made[-1], seconds)


def cost(made: Sequence[Kept], rounds: int) -> Iterator[Row]:
    """Yield a row for each kind of page: CPU ms, each time asked of a reader that keeps no answer yet."""
    found = [dict(_costs(one, rounds)) for one in made]
    for kind in KINDS:
        aim = f"0; {_AIMS[kind]} ms" if kind in _AIMS else "0"
        yield grown(kind, made, [costs[kind] for costs in found], aim)


def _costs(one: Kept, rounds: int) -> Iterator[tuple[str, float]]:
    with closing(Reader(one.opened())) as reader:
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


def waits(one: Kept, seconds: float, pages: int = waiting.DIFFERENT) -> Iterator[tuple[str, list[Row], str]]:
    """Yield what `waiting.measure` tells of an archive's pages."""
    with closing(Reader(one.opened())) as reader:
        kinds, others = addresses(reader), different(reader, pages)
    yield from waiting.measure(one, kinds, others, seconds)


def addresses(reader: Reader) -> dict[str, str]:
    """Return the addresses of each kind of page in an archive."""
    row = reader.catalog.db.execute(
        "SELECT article_id, from_at, to_at FROM changes ORDER BY to_at DESC LIMIT 1"
    ).fetchone()
    pair = f"{row[0]}/diff/{row[1]}..{row[2]}"
    named = {"ID": str(row[0]), "NUMBER": str(row[0] - FIRST_ID), "PAIR": pair}
    found = dict(KINDS)
    for word, value in named.items():
        found = {kind: url.replace(word, value) for kind, url in found.items()}
    return found


def site_of(reader: Reader) -> Site:
    """Return pages over a reader."""
    return Site(reader=reader, outlet=facts_of(PRESSTV_FR), clock=lambda: datetime.now(UTC))


def different(reader: Reader, count: int) -> list[str]:
    """Return addresses of so many pages, no two alike: articles, what they say as JSON, searches, lists."""
    numbers, words = (
        [each for (each,) in reader.catalog.db.execute(sql, (count,))]
        for sql in ("SELECT article_id FROM articles LIMIT ?", "SELECT DISTINCT form FROM words LIMIT ?")
    )
    days = (date(2020, 1, 1) + timedelta(days=step) for step in range(count))
    made = zip(
        (f"/a/{number}" for number in numbers), (f"/a/{number}.json" for number in numbers),
        (f"/search?q={quote(word)}" for word in words), (f"/search?q={quote(word)}&edited=1" for word in words),
        (f"/search?q={quote(word)}&order=best" for word in words), (f"/list/new?since={day}" for day in days),
        strict=False,
    )  # fmt: skip
    return list(islice(chain.from_iterable(made), count))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with closing(Reader(Kept(articles=1, folder=folder).opened())) as counted:
        articles = counted.catalog.db.execute("SELECT count(*) FROM articles").fetchone()[0]
    there = Kept(articles=articles, folder=folder)
    say(lines(f"CPU ms of a page, {articles:,} articles", cost([there], ROUNDS)))
    for table in waits(there, waiting.SECONDS):
        say(lines(*table))
