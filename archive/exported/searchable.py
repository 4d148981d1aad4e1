"""What is searched of exported files, made ready behind the first page, some articles at a time, in a thread."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from archive.catalog.cells import checking
from archive.catalog.indexing import index_all
from archive.catalog.words import NewWords
from archive.languages.language import Language

_MANY = 200
"""Articles in one transaction: pages are read between two of them."""
_WAIT_SECONDS = 60.0


class Searchable:
    """Makes a catalog's articles searchable; `done` of `of` are."""

    def __init__(self, catalog: Path, language: Language | None) -> None:
        """Take the catalog's path, and the language of what is in it."""
        self._catalog, self._language = catalog, language
        self._complain: Callable[[str], None] = print
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="search", daemon=True)
        self.done, self.of = 0, 1
        self.broken = ""
        """Why it ended before all was done; empty else."""

    def start(self, complain: Callable[[str], None] = print) -> None:
        """Begin; `complain` is told what ends it before its end."""
        self._complain = complain
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether all is searchable."""
        return self.done >= self.of

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it ended, so many seconds at most; tell whether all is searchable."""
        self._thread.join(seconds)
        return self.ready

    def stop(self) -> None:
        """End it where it is, and wait for that."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            db = checking(sqlite3.connect(self._catalog, isolation_level=None, timeout=_WAIT_SECONDS))
            try:
                self._index(db)
            finally:
                db.close()
        except Exception as error:  # noqa: BLE001 - whatever it is
            # Nobody waits for the thread: what ends it is to reach the pages and the terminal.
            self.broken = str(error) or type(error).__name__
            self._complain(f"search could not be made ready: {self.broken}")

    def _index(self, db: sqlite3.Connection) -> None:
        numbers = [n for (n,) in db.execute("SELECT article_id FROM articles WHERE versions ORDER BY article_id")]
        self.of, words = len(numbers), NewWords(db, self._language)
        for start in range(0, len(numbers), _MANY):
            if self._stopped.is_set():
                return
            self._some(db, numbers[start : start + _MANY], words)

    def _some(self, db: sqlite3.Connection, numbers: Sequence[int], words: NewWords) -> None:
        db.execute("BEGIN IMMEDIATE")
        try:
            index_all(db, numbers, words)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        self.done += len(numbers)
