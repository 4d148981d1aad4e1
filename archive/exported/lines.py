"""Exported files as lines: plain, gzip or zstd by their first bytes, from a path or an object of a store."""

import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from archive.errors import ConfigurationError, KeyMissing, UsageError
from archive.stores.objectfile import ObjectFile
from archive.stores.opening import open_object

_PACKED, _PART = 2**10, 2**23
"""Bytes of zstd unpacked at once, each of which may be tens of thousands, and of an object asked for at once."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
MOST = 2**25
"""Bytes of one line: the longest of ours is a commit's summary or a listing."""


class ExportedLine(NamedTuple):
    """One line of an export, and where it stands."""

    name: str
    """The file's, without its folder."""
    number: int
    """From 1."""
    data: bytes

    @property
    def place(self) -> str:
        """`latest.jsonl.gz, line 12`."""
        return f"{self.name}, line {self.number}"


def lines_of(source: str) -> Iterator[ExportedLine]:
    """Yield the lines of a file or of `s3://BUCKET/KEY`, empty ones left out.

    Raises UsageError (2) where there is no such file, ConfigurationError (4) naming file and line for one that is cut,
    or has a line longer than any of ours.
    """
    name, number = source.rpartition("/")[2] or source, 0
    with _opened(source) as raw, _unpacked(raw) as file:
        while line := _next(file, name, number):
            number += 1
            if number == 1:
                line = line.removeprefix(BOM_UTF8)
            if line.strip():
                yield ExportedLine(name, number, line)


def _opened(source: str) -> BinaryIO:
    if source.startswith("s3://"):
        store, key = open_object(source)
        try:
            return io.BufferedReader(ObjectFile(store, key, store.size(key)), _PART)
        except KeyMissing as error:
            raise UsageError(f"{error}; give the address of a file that scrapy export wrote") from error
    try:
        return Path(source.removeprefix("file:")).open("rb")
    except OSError as error:
        raise UsageError(f"can't read {source}: {error.strerror}; give a file that scrapy export wrote") from error


def _unpacked(raw: BinaryIO) -> BinaryIO:
    begin = raw.read(4)
    raw.seek(0)
    if begin.startswith(_GZIP):
        return gzip.open(raw)  # type: ignore[return-value]
    return io.BufferedReader(_Zstd(raw)) if begin == _ZSTD else raw


class _Zstd(io.RawIOBase):
    """Frames of zstd, one behind the other, unpacked; one that is cut does not end like one that is whole."""

    def __init__(self, raw: BinaryIO) -> None:
        import zstandard  # noqa: PLC0415 - only for such files

        self._raw, self._torn = raw, zstandard.ZstdError
        self._begin = zstandard.ZstdDecompressor().decompressobj
        self._frame: Any = self._begin()
        self._left, self._made, self._at = b"", b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        while self._at == len(self._made) and self._unpack():
            pass
        part = self._made[self._at : self._at + len(into)]
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _unpack(self) -> bool:
        packed = self._left or self._raw.read(_PACKED)
        if not packed:
            if self._frame is not None:
                raise EOFError("cut")
            return False
        self._frame = self._frame or self._begin()
        try:
            self._made, self._at = self._frame.decompress(packed), 0
        except self._torn as error:
            raise EOFError("damaged") from error
        self._left = b""
        if self._frame.eof:
            self._left, self._frame = self._frame.unused_data, None
        return True


def _next(file: BinaryIO, name: str, number: int) -> bytes:
    try:
        line = file.readline(MOST)
    except (EOFError, OSError, zlib.error, ValueError) as error:
        raise ConfigurationError(f"{name} is cut or damaged behind line {number}; export it again") from error
    if len(line) == MOST:
        raise ConfigurationError(f"{name}, line {number + 1}: longer than {MOST} bytes, as no line of ours is")
    return line
