"""The fold of a log into a catalog from nothing, beside plain inserts of the same records with their search index."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.catalog.catalog import Catalog
from archive.facts.canonical import canonical
from archive.log.chain import EMPTY, Log
from archive.log.segments import decode_lines, read_segment
from archive.stores.opening import open_store
from benchmarks.children import Broken, ours, scratch, whole
from benchmarks.padded import site
from benchmarks.table import Row, alone, compared
from crawler.editions.presstv_fr import PRESSTV_FR

MORE, ROUNDS = 580, 7


def folded(log: Log, path: Path) -> int:
    """Fold the whole log into a new catalog; return how many articles stand in it."""
    catalog = Catalog(path, log.store.uri, PRESSTV_FR.vocabulary)
    try:
        catalog.follow(log)
        count: int = catalog.db.execute("SELECT count(*) FROM articles WHERE versions > 0").fetchone()[0]
    finally:
        catalog.close()
    return count


def inserted(log: Log, path: Path) -> int:
    """Read the same segments and insert each line as JSON and each text for search, a transaction a commit."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE lines (json TEXT)")
        db.execute("CREATE VIRTUAL TABLE texts USING fts5(headline, body, tokenize = 'unicode61 remove_diacritics 2')")
        for commit in log.after(EMPTY):
            db.execute("BEGIN")
            for segment in commit.segments:
                if segment.kind in ("records", "checks"):
                    _insert(db, decode_lines(read_segment(log.store, segment), segment.key))
            db.execute("COMMIT")
        count: int = db.execute("SELECT count(*) FROM texts").fetchone()[0]
    return count


def _insert(db: sqlite3.Connection, lines: list[dict[str, Any]]) -> None:
    db.executemany("INSERT INTO lines VALUES (?)", [(canonical(line).decode(),) for line in lines])
    texts = [(line["headline"], "\n".join(line["body"])) for line in lines if "headline" in line]
    db.executemany("INSERT INTO texts VALUES (?, ?)", texts)


def seconds(task: Callable[[Log, Path], int], log: Log, path: Path, records: int) -> float:
    """Return how long a task takes. Raises Broken where it did not take in every record."""
    start = time.perf_counter()
    count = task(log, path)
    taken = time.perf_counter() - start
    if count != records:
        raise Broken(f"{task.__name__}: {count} of {records} records were taken in: nothing to compare")
    return taken


def measure(more: int = MORE, rounds: int = ROUNDS) -> list[Row]:
    """Return records and commits a second of a fold from nothing."""
    with scratch() as folder:
        with site(more) as place:
            records = whole(ours(place, folder, "sections=continu"), place, "our crawl").items
        log = Log(open_store(f"file:{folder}/archive"))
        commits = sum(1 for _ in log.after(EMPTY))
        turns = [
            (
                seconds(folded, log, folder / f"{n}.sqlite", records),
                seconds(inserted, log, folder / f"plain-{n}.sqlite", records),
            )
            for n in range(rounds)
        ]
    return [
        compared(f"records a second, {records} records", [(records / a, records / b) for a, b in turns]),
        alone("commits a second, 200 captures each", [commits / a for a, _ in turns]),
    ]
