"""What the pieces of a row of work came to, on disk until the row is done: one that was stopped goes on from there.

The file is a help, and nothing is lost with it: one that is gone, torn, old or of other words means the beginning.
"""

import fcntl
import glob
import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import FileIO
from itertools import chain, tee
from pathlib import Path
from typing import TypeVar

KEPT = timedelta(days=1)
"""How old a journal may be that is gone on with."""
_DIGITS = 16
_FRAME = struct.Struct(">III")
"""Before each piece: bytes of its name, bytes of what it came to, CRC-32 of both."""

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")


@dataclass(slots=True)
class Journal:
    """One row's file: first what lies there is taken piece by piece, then what is done is added."""

    path: Path
    _file: FileIO | None
    """None where it can't be had: all is done, and nothing is noted."""
    taken: int = 0
    """Pieces that were done before."""
    _reads: bool = field(init=False, default=True)

    def take(self, name: str) -> bytes | None:
        """Return what the next piece of the row came to before; None from the first on that was not done."""
        if self._file is None or not self._reads:
            return None
        begins = self._file.tell()
        found = _frame(self._file)
        if found is None or found[0] != name:
            self._reads = False
            self._file.truncate(begins)
            return None
        self.taken += 1
        return found[1]

    def add(self, name: str, data: bytes) -> None:
        """Note what a piece came to. A disk that refuses costs the time of doing it again, and gets its room back."""
        if self._file is None:
            return
        try:
            _write(self._file, name, data)
        except OSError:
            self.drop()

    def leave(self) -> None:
        """Let go of it; where it holds nothing it goes."""
        if self._file is not None and not os.fstat(self._file.fileno()).st_size:
            self.drop()
        if self._file is not None:
            self._file.close()

    def drop(self) -> None:
        """Forget it: the row is done, or nobody wants it."""
        if self._file is not None:
            with suppress(OSError):
                self.path.unlink()
            self._file.close()
            self._file = None


@contextmanager
def journal(catalog: Path, what: str, words: bytes, now: datetime) -> Iterator[Journal]:
    """Give the journal of a row of work of these words, beside the catalog; it goes where the block comes to its end.

    What the block raises leaves it for the next run, but that nobody reads what is written: then nobody wants it. Two
    runs of the same words have one, and the second goes without. `now` is aware.
    """
    stem = f"{catalog.name}.{what}-"
    for other in catalog.parent.glob(f"{glob.escape(stem)}*"):
        _sweep(other, now)
    path = catalog.with_name(stem + hashlib.sha256(words).hexdigest()[:_DIGITS])
    told = Journal(path, _held(path))
    try:
        yield told
    except BrokenPipeError:
        told.drop()
        raise
    else:
        told.drop()
    finally:
        told.leave()


def going_on(
    kept: Journal,
    pieces: Iterable[_Piece],
    work: Callable[[Iterator[_Piece]], Generator[_Result, None, None]],
    *,
    name: Callable[[_Piece], str],
    load: Callable[[_Piece, bytes], _Result],
    dump: Callable[[_Result], bytes],
) -> Generator[_Result, None, None]:
    """Yield what each piece comes to: by `load` those that were done before, and then by `work`, noted by `dump`."""
    waiting = iter(pieces)
    for piece in waiting:
        data = kept.take(name(piece))
        if data is None:
            asked, told = tee(chain((piece,), waiting))
            with closing(work(asked)) as row:
                for result, done in zip(row, told, strict=True):
                    kept.add(name(done), dump(result))
                    yield result
            return
        yield load(piece, data)


def _held(path: Path) -> FileIO | None:
    try:
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "r+")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # What it says is believed, so that it must be nobody else's.
        ours = os.fstat(file.fileno()).st_uid == os.geteuid()
    except OSError:
        ours = False
    if not ours:
        file.close()
    return file if ours else None


def _sweep(path: Path, now: datetime) -> None:
    """Remove a journal that is too old to go on with, unless somebody is at it."""
    with suppress(OSError):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - KEPT and (file := _held(path)):
            path.unlink()
            file.close()


def _frame(file: FileIO) -> tuple[str, bytes] | None:
    head = file.read(_FRAME.size)
    if len(head) < _FRAME.size:
        return None
    named, size, check = _FRAME.unpack(head)
    if named + size > os.fstat(file.fileno()).st_size - file.tell():
        return None
    data = file.read(named + size)
    if len(data) < named + size or zlib.crc32(data) != check:
        return None
    return data[:named].decode(errors="replace"), data[named:]


def _write(file: FileIO, name: str, data: bytes) -> None:
    named = name.encode()
    frame = memoryview(_FRAME.pack(len(named), len(data), zlib.crc32(named + data)) + named + data)
    while frame:
        frame = frame[file.write(frame) :]
