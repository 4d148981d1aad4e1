"""Who has a catalog open, and how it was left: a small file beside it, locked by each of them (flock(2)).

SQLite's own check reads a catalog whole, which takes seconds at a few gigabytes. Whoever closes it last therefore notes
what the file system says of it. Whoever opens it next, alone, and finds it so, knows that nothing wrote to it since: it
needs no check. After a kill, a power cut, or by another program's hand it is not so, and is checked once.
"""

import errno
import fcntl
import os
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from archive.errors import StorageError

ENDING = ".held"
"""What the file's name ends with, behind the catalog's."""
HowLeft = Literal["none", "closed", "open", "unclean", "damaged"]
"""How a catalog was found: not there, closed and as it was then, open elsewhere, neither of these, known as damaged."""
_DAMAGED = "damaged"
_WAIT_SECONDS = 60
_PAUSE = 0.02
_LONGEST = 200
_TAKEN = frozenset({errno.EWOULDBLOCK, errno.EACCES})


class Hold:
    """One process's hold on a catalog, from before it is opened until after it is closed; each connection has its own.

    Where the file can't be made, or the file system has no such locks, a catalog is believed all the same as long as it
    is what was noted; else each one who opens it checks it.
    """

    def __init__(self, catalog: Path) -> None:
        """Take nothing yet; a catalog without a name (`:memory:`) is held by nobody."""
        self._catalog = Path(os.path.realpath(catalog))
        self._file = _opened(self._catalog) if catalog.name and str(catalog) != ":memory:" else None
        self._end = weakref.finalize(self, os.close, self._file) if self._file is not None else None

    @contextmanager
    def taking(self) -> Iterator[HowLeft]:
        """Hold the catalog from here on; give how it was found.

        Where it was unclean, or is damaged, nobody else gets it before the block ends: that is to find it sound, or to
        make it anew. Raises StorageError where another process keeps it so for a minute.
        """
        alone = self._taken()
        found = self._found(alone=alone)
        try:
            yield found
            if found == "unclean":
                self._note(self._seen())
        finally:
            if alone:
                self._share()

    def peek(self) -> HowLeft:
        """Return how the catalog is found just now, and leave it."""
        try:
            return self._found(alone=self._lock(fcntl.LOCK_EX) is not False)
        finally:
            self._let_go()

    @property
    def is_as_noted(self) -> bool:
        """Whether the catalog is as whoever closed it last left it; no lock is asked for."""
        return self._found(alone=True) == "closed"

    def leave(self) -> None:
        """Let the catalog go, once its connection is closed; the last one notes how it lies there."""
        if self._file is None:
            return
        # Without locks the end of SQLite's own log tells that nobody else has it open.
        if self._lock(fcntl.LOCK_EX) is not False and (seen := self._seen()) and self._noted() not in (seen, _DAMAGED):
            self._note(seen)
        self._let_go()

    def _let_go(self) -> None:
        if self._end is not None:
            self._end()
        self._file = None

    def condemn(self) -> None:
        """Note that the catalog is damaged: whoever opens it next makes it anew."""
        self._note(_DAMAGED)

    def absolve(self) -> None:
        """Note that it was made anew."""
        self._note("")

    @property
    def is_condemned(self) -> bool:
        """Whether it was noted that the catalog is damaged."""
        return self._noted() == _DAMAGED

    def _found(self, *, alone: bool) -> HowLeft:
        if not (self._catalog.exists() and self._catalog.stat().st_size):
            return "none"
        if self.is_condemned:
            return "damaged"
        if not alone:
            return "open"
        return "closed" if (noted := self._noted()) and noted == self._seen() else "unclean"

    def _seen(self) -> str:
        """Return what the file system says of the catalog; nothing while a part of it is in SQLite's log."""
        try:
            told = self._catalog.stat()
            log = Path(f"{self._catalog}-wal")
            if not told.st_size or (log.exists() and log.stat().st_size):
                return ""
        except OSError:
            return ""
        # Of the two times one can be set by anybody; the other one moves even then.
        return f"{told.st_ino} {told.st_size} {told.st_mtime_ns} {told.st_ctime_ns}"

    def _noted(self) -> str:
        with suppress(OSError):
            return "" if self._file is None else os.pread(self._file, _LONGEST, 0).decode("ascii", "replace")
        return ""

    def _note(self, text: str) -> None:
        # Where it can't be noted, as on a full disk, the next one finds another note than it should, and checks.
        with suppress(OSError):
            if self._file is not None:
                os.ftruncate(self._file, 0)
                os.pwrite(self._file, text.encode(), 0)

    def _lock(self, how: int) -> bool | None:
        """Try to lock; None where that can't be done here."""
        if self._file is None:
            return None
        try:
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except OSError as error:
            return False if error.errno in _TAKEN else None
        return True

    def _taken(self) -> bool:
        """Tell whether nobody else has the catalog; else its lock is shared with those who have it from here on."""
        return self._in_turn(lambda: self._lock(fcntl.LOCK_EX) is not False, self._shared)

    def _share(self) -> None:
        self._in_turn(self._shared, self._shared)

    def _shared(self) -> bool:
        return self._lock(fcntl.LOCK_SH) is not False

    def _in_turn(self, first: Callable[[], bool], second: Callable[[], bool]) -> bool:
        """Try until one of two succeeds; tell whether it was the first. Neither does while another process checks."""
        until = time.monotonic() + _WAIT_SECONDS
        while not (done := first()):
            if second():
                return False
            if time.monotonic() > until:
                raise StorageError(
                    f"the catalog {self._catalog} is checked or made anew by another process: let that go on, or end it"
                )
            time.sleep(_PAUSE)
        return done


def _opened(catalog: Path) -> int | None:
    place = f"{catalog}{ENDING}"
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        with suppress(OSError):
            return os.open(place, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    return None
