"""The catalog as pages read it: connections that can't write, one for each reader at a time, all of one moment."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from copy import copy
from dataclasses import replace
from typing import Any, Literal, TypeVar

from archive.catalog.articles import Db, head_of
from archive.catalog.catalog import Catalog
from archive.catalog.cells import CatalogDamaged, checking
from archive.catalog.facets import Counted, counted
from archive.catalog.file import is_damaged, private_copy
from archive.errors import ArchiveError, IntegrityError
from archive.exporters.listings import ListingLooks
from archive.opened import Archive
from archive.stores.sqlite import code_of

Answer = TypeVar("Answer")
_SECONDS, _WAITED_SECONDS = 2.0, 10.0
"""The longest that the questions of one page may take, of CPU; and by the clock, on a machine that is busy."""
_STEPS = 20_000
_WAIT_SECONDS = 2.0
_PASSING = frozenset({sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_KEPT = 48
"""Answers about a head that are kept: a list has up to 10,000 rows."""


Hindrance = Literal["folding", "indexing", "no_index", "slow", "damaged", "unreadable"]
"""Why the catalog can't answer: it is folded, or its search made; that ended before its end; it was asked for too much;
it is damaged; its file is not there or can't be read.
"""


class NotReady(Exception):
    """Raise while the catalog can't answer."""

    def __init__(self, why: Hindrance, told: str, *, done: int = 0, of: int = 0) -> None:
        super().__init__(told)
        self.why: Hindrance = why
        self.done, self.of = done, of
        """How many commits are folded, or articles searchable, and of how many; 0 where that is not told."""


_OTHERWISE = (ArchiveError, NotReady, sqlite3.Error)
"""What a page may meet that is no nonsense."""


class Reader:
    """An opened archive, read by many threads; nothing is written but the catalog, which follows the log."""

    def __init__(self, archive: Archive, *, still: bool = False) -> None:
        """Take an archive; one that is `still` has no log to follow."""
        self.archive, self._still = archive, still
        self.listings = ListingLooks(archive.store)
        """What looks at listings showed, as far as somebody asked."""
        self._free: list[tuple[int, Db]] = []
        self._lock = threading.Lock()
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._kept_of: tuple[int, str] = (0, "")
        self._counted: list[Counted] = []
        """At the last two heads, the newest first."""
        self._counting = threading.Lock()
        self._highest = archive.catalog.head().seq
        self._following = threading.RLock()
        self._held = self._file()
        self.behind: str = ""
        """Why the log could not be read when it was last asked; empty where it could."""
        self._damage: Exception | None = None

    @property
    def catalog(self) -> Catalog:
        """The catalog that the readers' connections read."""
        return self.archive.catalog

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """Give a connection for one page, all of one moment of the catalog.

        Raises NotReady where the catalog is being folded anew, is not there, or does not answer within two seconds of
        CPU, or ten in all.
        """
        late = _lateness()
        db, file = None, 0
        try:
            file, db = self._taken()
            db.set_progress_handler(late, _STEPS)
            db.execute("BEGIN")
            self._check(db)
            yield db
        except sqlite3.DatabaseError as error:
            if db is not None:
                db.close()
                db = None
            self.met(error)
            raise _not_ready(error) from error
        finally:
            if db is not None:
                self._give_back(file, db)

    def _check(self, db: Db) -> None:
        folded, _ = head_of(db)
        if folded < self._highest:
            raise NotReady("folding", "the catalog is being folded anew", done=folded, of=self._highest)
        self._highest = folded

    def _taken(self) -> tuple[int, Db]:
        file = self._file()
        with self._lock:
            while self._free:
                known, db = self._free.pop()
                if known == file:
                    return file, db
                db.close()
        return file, self.opened()

    def _file(self) -> int:
        # A catalog that was made anew is another file under the same name, a copy with more in it another copy.
        if not self.catalog.writable:
            with self._following:
                return -self.catalog.head().seq - 1
        with suppress(OSError):
            return self.catalog.path.stat().st_ino
        return 0

    def opened(self) -> Db:
        """Return a new connection that can't write; who asked closes it."""
        if self.catalog.writable:
            place = f"{self.catalog.path.absolute().as_uri()}?mode=ro"
            db = sqlite3.connect(place, uri=True, isolation_level=None, timeout=_WAIT_SECONDS, check_same_thread=False)
        else:
            # Nobody can lock such a file, and what it lacks stands in the catalog's own copy alone.
            with self._following:
                db = private_copy(self.catalog.db)
        for pragma in ("query_only = 1", "trusted_schema = 0"):
            db.execute(f"PRAGMA {pragma}")
        return checking(db)

    def _give_back(self, file: int, db: Db) -> None:
        db.set_progress_handler(None, 0)
        if db.in_transaction:
            db.execute("ROLLBACK")
        with self._lock:
            self._free.append((file, db))

    def archive_at(self, db: Db) -> Archive:
        """Return the archive as one page's connection has it, for what is written of many rows."""
        catalog = copy(self.catalog)
        catalog.db = db
        return replace(self.archive, catalog=catalog)

    def unhurried(self, db: Db) -> None:
        """Lift the bound on the time of one page's questions; whoever lifts it sees to it that few do at once."""
        db.set_progress_handler(None, 0)

    def kept(self, db: Db, question: tuple[Any, ...], ask: Callable[[], Answer]) -> Answer:
        """Return the answer to a question about this moment's head; it is asked once, and kept for later pages."""
        head = head_of(db)
        with self._lock:
            if self._kept_of == head and question in self._kept:
                found: Answer = self._kept[question]
                return found
        answer = ask()
        with self._lock:
            if self._kept_of < head:
                self._kept, self._kept_of = {}, head
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            if self._kept_of == head:
                self._kept[question] = answer
        return answer

    def counted(self, db: Db) -> Counted:
        """Return what each article counts as at this moment; what was counted last is gone on from."""
        # Whoever comes meanwhile waits for what one counts, instead of counting the same beside it.
        with self._counting:
            head = head_of(db)
            earlier = [known for known in self._counted if known.head <= head]
            if earlier and earlier[0].head == head:
                return earlier[0]
            made = counted(db, earlier[0] if earlier else None)
            # A page that began before the last commit is still of the moment before.
            if all(known.head < made.head for known in self._counted):
                self._counted = [made, *self._counted[:1]]
            return made

    def prepare(self) -> None:
        """Count what facets are made of before anybody asks: of many articles it takes longer than a page may.

        Raises sqlite3.DatabaseError where the catalog can't be read.
        """
        with closing(self.opened()) as db:
            self.counted(db)

    def met(self, error: Exception) -> None:
        """Note what a page met: a catalog that is damaged is made anew before the log is followed next.

        So is one that nobody vouches for, where what a page met may be nonsense in it.
        """
        if self.archive.unproven and (isinstance(error, IntegrityError) or not isinstance(error, _OTHERWISE)):
            self._damage = CatalogDamaged(f"it is of nobody who is known, and led to {type(error).__name__}")
        elif is_damaged(error) or (isinstance(error, sqlite3.DatabaseError) and code_of(error) not in _PASSING):
            self._damage = error

    def follow(self) -> None:
        """Fold what the log holds past the catalog; what hinders that is kept in `behind`.

        A catalog that is damaged, or not the one that was opened any more, is made anew first.
        """
        if self._still:
            return
        with self._following:
            try:
                self._mend()
                self._fold()
                self.behind = ""
            except (ArchiveError, sqlite3.DatabaseError) as error:
                self.behind = " ".join(str(error).split())

    def _mend(self) -> None:
        damage, self._damage = self._damage, None
        if damage and not is_damaged(damage) and self._is_empty():
            damage = CatalogDamaged("its tables are gone")
        if damage and self.catalog.renew(damage):
            self._held = self._file()
            # From here on it is folded from the log.
            self.catalog.unproven, self.archive = False, replace(self.archive, unproven=False)
        # Somebody took the file away, or made it anew: what we hold open is no catalog any more.
        elif self.catalog.writable and self._file() != self._held:
            self._reopen()

    def _is_empty(self) -> bool:
        with suppress(sqlite3.DatabaseError), closing(self.opened()) as db:
            return db.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'commits'").fetchone() is None
        return False

    def _fold(self) -> None:
        try:
            self.catalog.follow(self.archive.log)
        except (CatalogDamaged, sqlite3.DatabaseError) as error:
            if not self.catalog.renew(error):
                raise
            self._held = self._file()
            self.catalog.follow(self.archive.log)

    def _reopen(self) -> None:
        old = self.catalog
        made = Catalog(old.path, old.place, old.vocabulary)
        made.unproven = old.unproven
        self.archive = replace(self.archive, catalog=made)
        self._held = self._file()
        old.close()

    def close(self) -> None:
        """Close the connections that nobody uses, and the catalog."""
        with self._lock:
            for _, db in self._free:
                db.close()
            self._free.clear()
        with self._following:
            self.archive.close()


def _lateness() -> Callable[[], bool]:
    """Return what tells this thread whether the time for a page is over."""
    spent, now = time.thread_time() + _SECONDS, time.monotonic() + _WAITED_SECONDS
    return lambda: time.thread_time() > spent or time.monotonic() > now


def _not_ready(error: sqlite3.DatabaseError) -> NotReady:
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
        return NotReady("slow", "the catalog took too long to answer")
    if is_damaged(error):
        return NotReady("damaged", f"the catalog is damaged: {error}")
    return NotReady("unreadable", f"the catalog can't be read just now: {error}")
