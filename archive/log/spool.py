"""The spool: a batch's write-ahead log, a WARC file on local disk that one process holds by flock.

What `append` has returned survives the death of the process (kill -9), since the kernel has it; it does not survive a
power cut, for nothing is synced. A spool that nobody holds is of a process that died: the next one adopts it.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from archive.errors import IntegrityError, NoSpace, StorageError
from archive.facts.items import Capture
from archive.stores.room import FULL
from archive.warc import warc
from archive.warc.damage import Lost, info_of, left_of

_ENDING = ".warc.gz"
_REMEDIES = {
    errno.EIO: "the disk fails: look into the system's log,",
    errno.EROFS: "mount it for writing",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "raise the system's limit of open files (fs.file-max)",
}


Owner = Mapping[str, str] | None
"""What the writer of a spool says of itself: the fields of its warcinfo; None where they can't be read."""


class Span(NamedTuple):
    """Where a capture lies in a file, response and request together, in bytes."""

    offset: int
    length: int


def _failure(path: Path, doing: str, error: OSError) -> StorageError | NoSpace:
    said = f"cannot {doing} the spool {path}: {error.strerror}"
    if error.errno in FULL:
        return NoSpace(f"{said}; free space there or set SPOOL_DIR to another disk, then crawl again")
    remedy = _REMEDIES.get(error.errno or 0, "make the folder writable")
    return StorageError(f"{said}; {remedy} or set SPOOL_DIR to another place, then crawl again")


class Spool:
    """One batch's captures in the order in which they came. Held exclusively until `close` or `delete`.

    Not for several threads at once: one appends, and when it is done one seals and deletes.
    """

    def __init__(self, path: Path, handle: int, size: int) -> None:
        """Take over an open, locked file that holds `size` bytes of whole captures."""
        self.path = path
        self.owner: Owner = {}
        self.ours = True
        """Whether whoever adopted it may take it in."""
        self.lost: Sequence[Lost] = ()
        """What lies among its captures and can't be read."""
        self.tail: Lost | None = None
        """What lay behind the last of them and was cut off: torn where its writer died, zeros or garbage."""
        self._handle = handle
        self._size = size

    @classmethod
    def create(cls, folder: Path, batch: str, owner: bytes = b"") -> Self:
        """Begin `<batch>.warc.gz` in the folder, which is made when missing. Raises StorageError, NoSpace.

        `owner` is a warcinfo record, by which whoever adopts it knows whose it is.
        """
        path = folder / f"{batch}{_ENDING}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            while True:
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
                # Between the two calls another process may adopt the empty file and delete it: then begin again.
                fcntl.flock(handle, fcntl.LOCK_EX)
                if _is_at(handle, path):
                    _write(handle, owner, 0)
                    return cls(path, handle, len(owner))
                os.close(handle)
        except OSError as error:
            raise _failure(path, "begin", error) from error

    @classmethod
    def adopt(cls, path: Path, is_ours: Callable[[Owner], bool] = lambda _: True) -> Self | None:
        """Take over a spool and cut it back to its last whole capture; None where it is held or gone.

        One whose owner is not `is_ours` stays as it is, to be let go again.

        Torn members, zeros and garbage at the end are cut off, never an error; a flipped byte before that costs its own
        capture. Both are told (`lost`, `tail`). Raises StorageError where the file can't be read or written.
        """
        handle = None
        try:
            handle = _hold(path)
            if handle is None:
                return None
            data = _pread(handle, Span(0, os.fstat(handle).st_size))
            owner, left = info_of(data), left_of(data)
            ours = is_ours(owner)
            if ours:
                os.ftruncate(handle, left.end)
        except OSError as error:
            if handle is not None:
                os.close(handle)
            raise _failure(path, "adopt", error) from error
        spool = cls(path, handle, left.end)
        spool.owner, spool.ours, spool.lost, spool.tail = owner, ours, left.lost, left.tail
        return spool

    def append(self, capture: Capture) -> Span:
        """Write a capture; when this returns it survives the process. Returns its place in the spool.

        Raises NoSpace or StorageError; the spool then is as it was before, and may be appended to again.
        """
        data = warc.encode(capture)
        place = Span(self._size, len(data))
        try:
            _write(self._handle, data, self._size)
        except OSError as error:
            # The next append writes over the torn tail in any case, and adoption cuts it off.
            with suppress(OSError):
                os.ftruncate(self._handle, self._size)
            raise _failure(self.path, f"write {capture.url} to", error) from error
        self._size += len(data)
        return place

    def captures(self) -> Iterator[Capture]:
        """Yield the captures in their order; offset and length are those in the spool, segment is None."""
        yield from left_of(self._read(Span(0, self._size))).captures

    def seal(self, parts: Sequence[Span | bytes]) -> tuple[bytes, list[Span]]:
        """Return a WARC segment of these parts in their order, and where each of them lies in it.

        A `Span` is copied from the spool member by member as it stands; bytes (a warcinfo, a revisit) go in as they
        are. The spool is not changed. Raises IntegrityError where the file lacks what was appended, StorageError.
        """
        copied, places, end = [], [], 0
        for part in parts:
            data = self._read(part) if isinstance(part, Span) else part
            copied.append(data)
            places.append(Span(end, len(data)))
            end += len(data)
        return b"".join(copied), places

    def delete(self) -> None:
        """Remove the file, then let go of it; nobody can adopt it in between. Doing it twice is the same as once."""
        if self._handle < 0:
            return
        try:
            if _is_at(self._handle, self.path):
                self.path.unlink()
        except OSError as error:
            raise _failure(self.path, "remove", error) from error
        self.close()

    def close(self) -> None:
        """Let go of the file and leave it where it is, for another process to adopt."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def __del__(self) -> None:
        self.close()

    def _read(self, place: Span) -> bytes:
        try:
            data = _pread(self._handle, place)
        except OSError as error:
            raise _failure(self.path, "read", error) from error
        if len(data) != place.length:
            raise IntegrityError(f"the spool {self.path} was cut short by another program; crawl again")
        return data


def adoptable(folder: Path) -> list[Path]:
    """Return the spools of a folder that nobody holds, oldest name first; none where there is no such folder.

    Only `Spool.adopt` holds one: another process may be quicker. Raises StorageError.
    """
    found = []
    for path in _named(folder):
        try:
            handle = _hold(path) if _is_of_ours(path) else None
        except OSError as error:
            raise _failure(path, "look at", error) from error
        if handle is not None:
            os.close(handle)
            found.append(path)
    return found


def planted(folder: Path) -> list[Path]:
    """Return what has a spool's name in a folder and is none of ours: links, pipes, files of another user.

    Whoever may write to the folder could put captures there that nobody made. Raises StorageError.
    """
    return [path for path in _named(folder) if path.is_symlink() or (path.exists() and not _is_of_ours(path))]


def _is_of_ours(path: Path) -> bool:
    """Tell whether a spool is a file of this user or of the one whose folder it is."""
    try:
        found = path.lstat()
        # A folder is told by what fails on it.
        fits = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        return fits and found.st_uid in (os.geteuid(), path.parent.stat().st_uid)
    except FileNotFoundError:
        return False


def _named(folder: Path) -> list[Path]:
    # Path.glob would take a folder that may not be read for an empty one, and leave captures behind unseen.
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(_ENDING))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _failure(folder, "look into", error) from error


def _hold(path: Path) -> int | None:
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # It may have been deleted between opening and locking: a lock on a nameless file holds nothing.
        held = _is_at(handle, path)
    except BlockingIOError:
        held = False
    if not held:
        os.close(handle)
    return handle if held else None


def _is_at(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)


def _write(handle: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(handle, view, offset)
        view, offset = view[done:], offset + done


def _pread(handle: int, place: Span) -> bytes:
    parts, offset, left = [], place.offset, place.length
    while left > 0 and (part := os.pread(handle, left, offset)):
        parts.append(part)
        offset, left = offset + len(part), left - len(part)
    return b"".join(parts)
