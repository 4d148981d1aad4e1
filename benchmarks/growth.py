"""What grows with the articles that an archive holds, and how: an exponent of 0 is no growth, of 1 as much.

Archives of several sizes are made (`benchmarks.archives.kept`), and asked the same: commands that tell of one article,
searches, exports, what a crawl asks, what readers' front page asks, and a crawl over an outlet that did not change.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import log
from pathlib import Path
from typing import Any

from archive.catalog.articles import Db
from archive.catalog.days import days
from archive.exporters.views import VIEWS
from archive.facts.names import instant, stamp
from archive.opened import Archive, open_archive
from benchmarks import commands
from benchmarks.archives import kept
from benchmarks.children import Broken, Run, ours, places, scratch
from benchmarks.padded import Site, site
from benchmarks.table import Row
from browse.queries import lists
from browse.queries.lists import LISTS
from crawler.crawl import recheck
from crawler.editions.presstv_fr import PRESSTV_FR
from demo.outlet import FIRST_ID

SIZES, FULL = (2_000, 20_000), 200_000
ROUNDS = 5
DUE = 500
COMMON = "dans"
"""A word that most articles have; the number in an article's headline is one of a few."""
_CRAWLS, _LEAST = 3, 1e-9
_LISTED = "front page: list of what is "
_SINCE = timedelta(days=38)
"""The front page's question is of what happened since: edits, removals and what came back, nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An archive of so many articles, with its catalog, below a folder."""

    articles: int
    folder: Path

    @property
    def some_id(self) -> str:
        """An article's number."""
        return str(FIRST_ID + self.articles // 2)

    def opened(self) -> Archive:
        """Open it for reading; whoever asks closes it."""
        place = places(self.folder)
        return open_archive(
            place["ARCHIVE_URI"], place["CATALOG_PATH"], vocabulary_of=lambda _: PRESSTV_FR.vocabulary
        )  # fmt: skip

    def named(self, words: str) -> list[str]:
        """Return a command's words with that article's number, and the one in its headline, in their places."""
        return words.replace("ID", self.some_id).replace("NUMBER", str(self.articles // 2)).split()


def sizes() -> tuple[int, ...]:
    """Return how many articles the archives have: two sizes, and with BENCH_FULL=1 one more."""
    return (*SIZES, FULL) if os.environ.get("BENCH_FULL") == "1" else SIZES


def make(folder: Path, articles: int) -> Kept:
    """Make an archive and fold it."""
    kept(folder, articles, datetime.now(UTC))
    one = Kept(articles=articles, folder=folder)
    with closing(one.opened()):
        return one


def measure(counts: Sequence[int] = (), rounds: int = ROUNDS) -> Iterator[tuple[str, list[Row], str]]:
    """Yield tables of what the smallest archive and the largest cost, in seconds of CPU, and the exponents."""
    with ExitStack() as stack:
        made = [make(stack.enter_context(scratch()), count) for count in counts or sizes()]
        beside = f"{made[0].articles:,}"
        yield (
            f"CPU s of a command, {made[-1].articles:,} articles; ratio: exponent",
            list(commanded(made, rounds)),
            beside,
        )
        yield f"CPU s of an export, {made[-1].articles:,} articles; ratio: exponent", list(exported(made)), beside
        yield (
            f"CPU ms of a question, {made[-1].articles:,} articles; ratio: exponent",
            list(questions(made, rounds)),
            beside,
        )
        yield "a command that begins, CPU s", list(begun(made[-1], rounds)), "python -c pass"
        yield from crawled(made, stack.enter_context(scratch()), min(rounds, _CRAWLS))


def grown(what: str, made: Sequence[Kept], costs: Sequence[float], aim: str) -> Row:
    """Return a row of what the largest and the smallest cost; the ratio is the exponent, none of one archive alone."""
    first, last = (max(cost, _LEAST) for cost in (costs[0], costs[-1]))
    power = log(last / first) / log(made[-1].articles / made[0].articles) if len(made) > 1 else None
    return Row(what=what, ours=costs[-1], beside=costs[0], ratio=power, aim=aim)


def commanded(made: Sequence[Kept], rounds: int) -> Iterator[Row]:
    """Yield a row for each command that tells of a part of the archive."""
    told = {"status": "0", "show ID": "0", "history ID": "0", "search NUMBER": "0", f"search {COMMON}": "below 1"}
    for words, aim in told.items():
        costs = [commands.median(commands.presstv(one.folder, *one.named(words)), rounds) for one in made]
        yield grown(words, made, costs, aim)


def exported(made: Sequence[Kept]) -> Iterator[Row]:
    """Yield a row for each view, written once."""
    for view in VIEWS:
        costs = []
        for one in made:
            target = one.folder / f"{view}.jsonl"
            costs.append(
                commands.cpu(commands.presstv(one.folder, "export", "jsonl", "--view", view, "-o", str(target)))
            )
            target.unlink()
        yield grown(view, made, costs, "1")


def questions(made: Sequence[Kept], rounds: int) -> Iterator[Row]:
    """Yield a row for each question of a crawl and of the front page, asked in this process, in milliseconds."""
    asked = [_timed(one, rounds) for one in made]
    opened = [statistics.median(_opening(one) for _ in range(rounds)) for one in made]
    yield grown("open the archive, nothing new in it", made, opened, "0")
    for what in asked[0]:
        # As many more edits and removals are found as there are more articles.
        aim = "1" if what.startswith(_LISTED) else "0"
        yield grown(what, made, [costs[what] for costs in asked], aim)


def _opening(one: Kept) -> float:
    start = time.process_time()
    with closing(one.opened()):
        return 1000 * (time.process_time() - start)


def _timed(one: Kept, rounds: int) -> Mapping[str, float]:
    since = stamp(datetime.now(UTC) - _SINCE)
    with closing(one.opened()) as archive:
        db = archive.catalog.db
        now = _when_due(db, min(DUE, one.articles))
        told: dict[str, Callable[[], Any]] = {
            f"{DUE} articles that are due": lambda: list(recheck.chosen(db, "due", now, DUE)),
            **{f"{_LISTED}{name}": partial(lists.found, db, name, since) for name in LISTS},
            f"{_LISTED}new, where all is": partial(lists.found, db, "new", ""),
            "front page: calendar": lambda: list(days(db, since)),
        }
        return {what: statistics.median(_milliseconds(ask) for _ in range(rounds)) for what, ask in told.items()}


def _when_due(db: Db, count: int) -> datetime:
    row = db.execute("SELECT due_at FROM articles ORDER BY due_at LIMIT 1 OFFSET ?", (count - 1,)).fetchone()
    return instant(row[0])


def _milliseconds(ask: Callable[[], Any]) -> float:
    start = time.process_time()
    ask()
    return 1000 * (time.process_time() - start)


def begun(one: Kept, rounds: int) -> Iterator[Row]:
    """Yield rows of `show` begun by `presstv` and by Scrapy, beside an interpreter that does nothing."""
    for name, words in {"presstv": commands.presstv, "scrapy": commands.scrapy}.items():
        turns = [
            (commands.cpu(words(one.folder, "show", one.some_id)), commands.cpu(commands.NOTHING))
            for _ in range(rounds)
        ]
        mine, nothing = (statistics.median(column) for column in zip(*turns, strict=True))
        aim = "0.35" if name == "presstv" else ""
        yield Row(what=f"{name} show ID, {one.articles:,} articles", ours=mine, beside=nothing, aim=aim)


def crawled(made: Sequence[Kept], empty: Path, rounds: int) -> Iterator[tuple[str, list[Row], str]]:
    """Yield the table of a crawl over an outlet that did not change, by how much more the archive knows beside it."""
    with site(0) as place:
        folders = [empty, *(one.folder for one in made)]
        for folder in folders:
            ours(place, folder)
        turns = [[ours(place, folder) for folder in folders] for _ in range(rounds)]
    for runs in turns:
        _alike(place, runs)
    parts: dict[str, Callable[[Run], float]] = {
        "CPU s until the first request": lambda run: run.start_cpu,
        "CPU s, all of it": lambda run: run.whole_cpu,
        "peak MB": lambda run: run.peak_mb,
    }
    rows = []
    for what, part in parts.items():
        nothing, *costs = (statistics.median(map(part, column)) for column in zip(*turns, strict=True))
        rows.append(grown(f"{what}, exponent", made, costs, "0"))
        rows.append(
            Row(
                what=f"{what}, beside none known", ours=costs[-1], beside=nothing, ratio=nothing / costs[-1], aim="0.83"
            )
        )
    yield f"an unchanged crawl, {made[-1].articles:,} articles known", rows, f"{made[0].articles:,} or 0"


def _alike(place: Site, runs: Sequence[Run]) -> None:
    asked = {len(run.asked) for run in runs}
    if len(asked) > 1 or any(run.articles for run in runs):
        raise Broken(f"the crawls of {place.url} asked for {sorted(asked)} addresses: nothing to compare")
