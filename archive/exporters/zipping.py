"""A zip file written to a stream: no entry is held in memory, and nothing is sought in what was written.

Each has the same time, so that the same entries are the same bytes.
"""

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_IN_MEMORY = 2**20


class ZipEntry(NamedTuple):
    """What was written of an entry."""

    path: str
    sha256: str
    """`sha256:…` of its bytes."""
    bytes: int


class Zipped:
    """A zip file that is being written."""

    def __init__(self, file: zipfile.ZipFile, release: Callable[[], None]) -> None:
        self._file, self._release = file, release
        self.entries: list[ZipEntry] = []

    @contextmanager
    def entry(self, path: str, *, stored: bool = False) -> Iterator["Hashed"]:
        """Give the stream to write an entry to; `stored` as it is, so that a reader can seek in it."""
        about = zipfile.ZipInfo(path, _FIRST_DAY)
        about.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        about.create_system, about.external_attr = 3, 0o644 << 16
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as held:
            out = Hashed(held)
            yield out
            # Only where its length is known is an entry's head without a place for one of 64 bits, which ReplayWeb.page
            # takes for the beginning of the entry.
            about.file_size = out.size
            held.seek(0)
            with self._file.open(about, "w") as raw:
                shutil.copyfileobj(held, raw, _IN_MEMORY)
        self._release()
        self.entries.append(ZipEntry(path, f"sha256:{out.hash.hexdigest()}", out.size))


class Hashed:
    """A stream that knows what went through it."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.hash, self.size = hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self._raw.write(data)
        self.hash.update(data)
        self.size += len(data)


class _Staged(io.RawIOBase):
    """What zipfile writes to: it goes back to an entry's head, so one entry at a time waits in a temporary file."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out, self._base = out, 0
        self._held = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with it

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._base + self._held.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            self._held.seek(offset - self._base)
        else:
            self._held.seek(offset, whence)
        return self.tell()

    def write(self, data: Any) -> int:
        return self._held.write(data)

    def release(self) -> None:
        """Hand on what was written: nobody goes back before it any more."""
        self._base += self._held.seek(0, io.SEEK_END)
        self._held.seek(0)
        shutil.copyfileobj(self._held, self._out, 2**20)
        self._held.seek(0)
        self._held.truncate()

    def close(self) -> None:
        self._held.close()
        super().close()


@contextmanager
def zipped(out: BinaryIO) -> Iterator[Zipped]:
    """Give a zip file that is written to a stream, whole when the block ends."""
    with _Staged(out) as staged:
        with zipfile.ZipFile(staged, "w", allowZip64=True) as file:
            yield Zipped(file, staged.release)
        staged.release()
