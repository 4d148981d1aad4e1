"""The fold of a log into a catalog, beside plain inserts of the same lines with their search index, and what it weighs.

The archives are of so many articles, each looked at once, ten times and fifty times: what a look costs must not grow
with the looks before it, be the log folded from nothing or commit by commit.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from math import log2
from pathlib import Path
from typing import Any

from archive.catalog.articles import standing_records
from archive.catalog.catalog import Catalog
from archive.facts.canonical import canonical
from archive.log.chain import EMPTY, Log
from archive.log.segments import decode_lines, read_segment
from benchmarks.archives import fill
from benchmarks.children import Broken, scratch
from benchmarks.table import Row, alone, compared
from crawler.editions.presstv_fr import PRESSTV_FR

ARTICLES, LOOKS, ROUNDS = 2000, (1, 10, 50), 5
FEWER = 200
"""Articles of the archives that are folded commit by commit, a catalog opened and closed for each."""


def folded(log: Log, path: Path) -> int:
    """Fold the whole log into a new catalog; return how many articles stand in it."""
    catalog = Catalog(path, log.store.uri, PRESSTV_FR.vocabulary)
    try:
        catalog.follow(log)
        return _read(catalog)
    finally:
        catalog.close()


def followed(log: Log, path: Path) -> int:
    """Fold the log commit by commit, each in a transaction of its own; return how many articles stand in it."""
    catalog = Catalog(path, log.store.uri, PRESSTV_FR.vocabulary)
    try:
        for commit in log.after(EMPTY):
            catalog.fold(commit, log)
        return _read(catalog)
    finally:
        catalog.close()


def _read(catalog: Catalog) -> int:
    count: int = catalog.db.execute("SELECT count(*) FROM articles WHERE versions > 0").fetchone()[0]
    return count


def inserted(log: Log, path: Path) -> int:
    """Read the same segments and insert each line as JSON and each text for search, a transaction a commit.

    Return of how many articles there are texts.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE lines (json TEXT)")
        db.execute("CREATE VIRTUAL TABLE texts USING fts5(headline, body, tokenize = 'unicode61 remove_diacritics 2')")
        numbers: set[str] = set()
        for commit in log.after(EMPTY):
            db.execute("BEGIN")
            for segment in commit.segments:
                if segment.kind in ("records", "checks"):
                    numbers |= _insert(db, decode_lines(read_segment(log.store, segment), segment.key))
            db.execute("COMMIT")
    return len(numbers)


def _insert(db: sqlite3.Connection, lines: list[dict[str, Any]]) -> set[str]:
    db.executemany("INSERT INTO lines VALUES (?)", [(canonical(line).decode(),) for line in lines])
    records = [line for line in lines if "headline" in line]
    texts = [(line["headline"], "\n".join(line["body"])) for line in records]
    db.executemany("INSERT INTO texts VALUES (?, ?)", texts)
    return {line["article_id"] for line in records}


def seconds(task: Callable[[Log, Path], int], log: Log, path: Path, articles: int) -> float:
    """Return how much CPU a task takes. Raises Broken where it did not take in every article."""
    start = time.process_time()
    count = task(log, path)
    taken = time.process_time() - start
    if count != articles:
        raise Broken(f"{task.__name__}: {count} of {articles} articles were taken in: nothing to compare")
    for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        name.unlink(missing_ok=True)
    return taken


def bytes_of(log: Log, path: Path) -> tuple[int, int]:
    """Return (the bytes of a catalog, those of its records' JSON)."""
    catalog = Catalog(path, log.store.uri, PRESSTV_FR.vocabulary)
    with closing(catalog):
        catalog.follow(log)
        records = sum(len(canonical(record)) for record in standing_records(catalog.db))
        catalog.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size, records


def measure(
    articles: int = ARTICLES, fewer: int = FEWER, looks: tuple[int, ...] = LOOKS, rounds: int = ROUNDS
) -> list[Row]:  # fmt: skip
    """Return looks a CPU second of folds, each beside plain inserts, how they grow with the looks, and bytes."""
    rows, exponents = [], []
    for what, task, count in (("from nothing", folded, articles), ("commit by commit", followed, fewer)):
        found = [_rate(what, task, count, each, rounds) for each in looks]
        rows += found
        most, before = looks[-1], looks[-2]
        # Seconds grow as looks to the power of this.
        power = 1 + log2(found[-2].ours / found[-1].ours) / log2(most / before)
        exponents.append(alone(f"exponent of {what}, {before} to {most} looks", [power], aim="1"))
    return [*rows, *exponents, *weighed(articles, looks)]


def _rate(what: str, task: Callable[[Log, Path], int], articles: int, looks: int, rounds: int) -> Row:
    with scratch() as folder:
        log, path = fill(folder, articles, looks), folder / "c.sqlite"
        turns = [
            (seconds(task, log, path, articles), seconds(inserted, log, path, articles)) for _ in range(rounds)
        ]  # fmt: skip
    total = articles * looks
    aim = "0.4" if task is folded else ""
    title = f"looks a CPU second {what}, {articles:,} articles, {looks} looks each"
    return compared(title, [(total / mine, total / plain) for mine, plain in turns], aim=aim)


def weighed(articles: int, looks: tuple[int, ...]) -> list[Row]:
    """Return what a catalog weighs at the fewest looks, and what each look more adds; nothing is edited between."""
    sizes = []
    for each in (looks[0], looks[-1]):
        with scratch() as folder:
            sizes.append(bytes_of(fill(folder, articles, each, edits=articles * looks[-1] * looks[-1]), folder / "c"))
    (first, records), (last, _) = sizes
    more = (last - first) / (articles * (looks[-1] - looks[0]))
    return [
        alone(f"bytes of the catalog for each of the records' JSON, {looks[0]} looks", [first / records], aim="1.6"),
        alone("bytes of the catalog for a look more", [more], aim="120"),
    ]
