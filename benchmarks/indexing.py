"""The search tables built of a catalog's records, as for exported files, beside plain inserts of the same texts.

Ours holds search forms, what was taken out, and each word as it is written; the plain one the texts as they stand.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archive.catalog.articles import Db, latest
from archive.catalog.catalog import Catalog
from archive.catalog.words import texts_of
from archive.exported.searchable import Searchable
from benchmarks.archives import fill
from benchmarks.children import Broken, scratch
from benchmarks.table import Row, compared
from crawler.editions.presstv_fr import PRESSTV_FR

ARTICLES, ROUNDS = 2000, 5
_MANY = 200
_UNSEARCHED = (
    "INSERT INTO texts (texts) VALUES ('delete-all')",
    "INSERT INTO taken_out (taken_out) VALUES ('delete-all')",
    "DELETE FROM words",
)


def measure(articles: int = ARTICLES, rounds: int = ROUNDS) -> list[Row]:
    """Return texts a CPU second that are made searchable, beside plain inserts."""
    with scratch() as folder:
        log, path = fill(folder, articles, 1), folder / "catalog.sqlite"
        with closing(Catalog(path, log.store.uri, PRESSTV_FR.vocabulary)) as catalog:
            catalog.follow(log)
            for statement in _UNSEARCHED:
                catalog.db.execute(statement)
        turns = [(rate(ours, path, articles), rate(plain, path, articles)) for _ in range(rounds)]
    return [compared(f"texts a CPU second, {articles:,} articles", turns, aim="0.6")]


def rate(task: Callable[[Path], int], path: Path, articles: int) -> float:
    """Return how many texts a CPU second a task takes in. Raises Broken where it does not take in every one."""
    copy = path.with_name("copy.sqlite")
    shutil.copyfile(path, copy)
    start = time.process_time()
    count = task(copy)
    taken = time.process_time() - start
    if count != articles:
        raise Broken(f"{task.__name__}: {count} of {articles} texts were taken in: nothing to compare")
    copy.unlink()
    return articles / taken


def ours(path: Path) -> int:
    """Build the search tables of a catalog; return how many texts they hold."""
    made = Searchable(path, PRESSTV_FR.vocabulary.language)
    made.start()
    made.wait()
    with closing(sqlite3.connect(path)) as db:
        return _found(db, "texts")


def plain(path: Path) -> int:
    """Insert the texts of the same records into a search table with a content of its own; return how many it holds."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE VIRTUAL TABLE plain USING fts5(headline, body, tokenize = 'unicode61 remove_diacritics 2')")
        numbers = [number for (number,) in db.execute("SELECT article_id FROM articles")]
        for start in range(0, len(numbers), _MANY):
            db.execute("BEGIN")
            read = [(number, latest(db, str(number))) for number in numbers[start : start + _MANY]]
            texts = [(number, *texts_of(record)) for number, record in read if record]
            rows = [(number, headline, "\n".join(parts)) for number, headline, *parts in texts]
            db.executemany("INSERT INTO plain (rowid, headline, body) VALUES (?, ?, ?)", rows)
            db.execute("COMMIT")
        return _found(db, "plain")


def _found(db: Db, table: str) -> int:
    # Nothing is read for it but a number for each text (sqlite.org/fts5.html, section 4).
    count: int = db.execute(f"SELECT count(*) FROM {table}_docsize").fetchone()[0]
    return count
