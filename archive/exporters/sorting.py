"""A set of byte lines that is sorted on disk, so that its size costs no memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from archive.stores.sqlite import nameless


class SortedLines:
    """Lines, each once, given back sorted by their bytes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, lines: Iterable[bytes]) -> None:
        """Take lines in; one that is there already is there once."""
        self._db.executemany("INSERT OR IGNORE INTO lines VALUES (?)", ((line,) for line in lines))

    def __contains__(self, line: bytes) -> bool:
        return self._db.execute("SELECT 1 FROM lines WHERE line = ?", (line,)).fetchone() is not None

    def __iter__(self) -> Iterator[bytes]:
        for (line,) in self._db.execute("SELECT line FROM lines ORDER BY line"):
            yield line

    def __len__(self) -> int:
        count: int = self._db.execute("SELECT count(*) FROM lines").fetchone()[0]
        return count


@contextmanager
def sorted_lines() -> Iterator[SortedLines]:
    """Give an empty set, which is gone when the block ends."""
    with nameless("CREATE TABLE lines (line BLOB PRIMARY KEY) WITHOUT ROWID") as db:
        yield SortedLines(db)
