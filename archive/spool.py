"""The spool: the write-ahead log of one batch. What `append` returned for survives kill -9, not a power cut."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from archive import warc
from archive.errors import NoSpace, StorageError
from archive.items import Capture

_ENDING = ".warc.gz"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a capture lies in a spool."""

    offset: int
    length: int


class Spool:
    """A file of captures, held by an exclusive flock while it is open."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file

    @classmethod
    def create(cls, folder: Path, batch: str) -> Self:
        """Make and hold a batch's spool. Raises NoSpace or StorageError."""
        path = folder / f"{batch}{_ENDING}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = path.open("xb+", buffering=0)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _explained(error, path) from error
        return cls(path, file)

    @classmethod
    def adopt(cls, path: Path) -> Self | None:
        """Hold a spool that nobody holds, cut back to its last whole capture; None where another process has it."""
        try:
            file = path.open("rb+", buffering=0)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not path.exists() or os.fstat(file.fileno()).st_ino != path.stat().st_ino:
                raise BlockingIOError  # another adopter was faster and has deleted it
        except OSError:
            file.close()
            return None
        spool = cls(path, file)
        whole = [capture.offset + capture.length for capture in spool.captures()]
        os.ftruncate(file.fileno(), max(whole, default=0))
        return spool

    def append(self, capture: Capture) -> Place:
        """Write a capture and hand it to the system; a torn tail is taken back. Raises NoSpace or StorageError."""
        data = warc.encode(capture)
        offset = self._file.seek(0, os.SEEK_END)
        try:
            written = 0
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), offset)
            raise _explained(error, self.path) from error
        return Place(offset=offset, length=len(data))

    def captures(self) -> Iterator[Capture]:
        """Yield the whole captures."""
        self._file.seek(0)
        yield from warc.read(self._file.read())

    def seal(self, parts: Sequence[Place | bytes]) -> tuple[bytes, list[tuple[int, int]]]:
        """Return a segment made of these parts in order, and (offset, length) of each in it."""
        out, places, at = [], [], 0
        for part in parts:
            data = part if isinstance(part, bytes) else self._read(part)
            places.append((at, len(data)))
            out.append(data)
            at += len(data)
        return b"".join(out), places

    def _read(self, place: Place) -> bytes:
        return os.pread(self._file.fileno(), place.length, place.offset)

    def delete(self) -> None:
        """Remove the spool and let it go."""
        self.path.unlink(missing_ok=True)
        self._file.close()


def adoptable(folder: Path) -> list[Path]:
    """Return the spools in a folder, oldest first; `Spool.adopt` finds out which of them nobody holds."""
    return sorted(folder.glob(f"*{_ENDING}")) if folder.is_dir() else []


def _explained(error: OSError, path: Path) -> StorageError | NoSpace:
    if error.errno in _FULL:
        return NoSpace(f"no space for the spool {path}: free some and crawl again, nothing is lost")
    return StorageError(f"cannot write the spool {path}: {error.strerror}; mend SPOOL_DIR and crawl again")
