"""WARC files made by others, read as a stream: plain, packed record by record or whole, torn or hostile.

Unlike `archive.warc.read` nothing is trusted and never is a file, or a record longer than `MOST`, in memory. Where
a file is damaged the fault is told and reading goes on at the next record that can be found.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from isal import isal_zlib

from archive.exchanges import END, Record, fields_of

MOST = 16 * 2**20
"""Bytes of a record's block that are kept; a longer one comes without its block, `warc-truncated` set."""
_MOST_HEAD = 2**16
_CHUNK = 2**16
_MOST_OUT = 2**20
_BOMB, _SMALL = 200, 64 * 2**20
_GZIP_WBITS = 31
_MAGIC = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BAD_GZIP: type[Exception] = isal_zlib.error  # type: ignore[assignment] # its stub says instance
_BEGIN = re.compile(rb"WARC/\d\.\d\r?\n")
Damaged = Callable[[str], object]
"""Called with a sentence for each fault, the byte in it."""


class _Torn(Exception):
    """What can't be read as it should be, from some byte on."""


class _Packed:
    """Decompressed bytes of a gzip file, member by member."""

    def __init__(self, stream: BinaryIO, data: bytes) -> None:
        self._stream, self._data, self._at = stream, data, 0
        self._inflate, self._in, self._out = isal_zlib.decompressobj(_GZIP_WBITS), 0, 0
        self.start = 0

    def _more(self) -> bool:
        self._data += (chunk := self._stream.read(_CHUNK))
        return bool(chunk)

    def _drop(self, count: int) -> None:
        self._data, self._at = self._data[count:], self._at + count

    def _fresh(self) -> None:
        self._inflate, self._in, self._out = isal_zlib.decompressobj(_GZIP_WBITS), 0, 0
        self.start = self._at

    def chunk(self) -> bytes:
        """Return the next bytes, none at the end. Raises _Torn."""
        while self._data or self._more():
            if self._in == 0 and not self._data.strip(b"\0"):
                # Some writers fill up the last block of a tape or a disk.
                self._drop(len(self._data))
                continue
            if self._in == 0:
                self._fresh()
            if content := self._step():
                return content
        if self._in:
            raise _Torn(f"the gzip member at byte {self.start} is cut off")
        return b""

    def _step(self) -> bytes:
        given = len(self._data)
        try:
            content = bytes(self._inflate.decompress(self._data, _MOST_OUT))
        except _BAD_GZIP as error:
            raise _Torn(f"the gzip member at byte {self.start} is damaged") from error
        rest = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        self._in, self._out = self._in + given - len(rest), self._out + len(content)
        self._drop(given - len(rest))
        if self._inflate.eof:
            self._in = 0
        elif self._out > max(_SMALL, _BOMB * self._in):
            raise _Torn(f"the gzip member at byte {self.start} unpacks to more than {_BOMB} times its size")
        return content

    def resume(self) -> bool:
        """Go on at the next member that begins a record; tell whether there is one."""
        self._drop(1)
        while True:
            found = self._data.find(_MAGIC)
            if found < 0:
                self._drop(max(0, len(self._data) - len(_MAGIC) + 1))
                if not self._more():
                    return False
                continue
            self._drop(found)
            while len(self._data) < 512 and self._more():
                pass
            if self._begins():
                self._fresh()
                return True
            self._drop(1)

    def _begins(self) -> bool:
        try:
            start = isal_zlib.decompressobj(_GZIP_WBITS).decompress(self._data[:512], 8)
        except _BAD_GZIP:
            return False
        return bytes(start).startswith(b"WARC/")


class _Plain:
    """The bytes of a file that is not packed."""

    def __init__(self, stream: BinaryIO, data: bytes) -> None:
        self._stream, self._data, self._at = stream, data, 0
        self.start = 0

    def chunk(self) -> bytes:
        """Return the next bytes, none at the end."""
        data, self._data = self._data or self._stream.read(_CHUNK), b""
        self.start, self._at = self._at, self._at + len(data)
        return data

    def resume(self) -> bool:
        """Tell that reading goes on with the bytes that come next."""
        return True


class _Reader:
    def __init__(self, source: "_Packed | _Plain") -> None:
        self.source, self.held = source, b""

    def need(self, count: int) -> bool:
        """Hold so many bytes at least; False at the end. Raises _Torn."""
        parts, have = [self.held], len(self.held)
        try:
            while have < count and (chunk := self.source.chunk()):
                parts.append(chunk)
                have += len(chunk)
        finally:
            self.held = b"".join(parts)
        return have >= count

    def next(self) -> Record | None:
        """Return the next record, None at the end. Raises _Torn."""
        self.held = self.held.lstrip(b"\r\n")
        while not self.held and self.need(1):
            self.held = self.held.lstrip(b"\r\n")
        if not self.held:
            return None
        at = self.source.start
        fields = fields_of(self._head(at))
        size = fields.get("content-length", "")
        if not size.isdecimal() or len(size) > 15:
            raise _Torn(f"the record at byte {at} names no length")
        block = self._block(int(size), at)
        if block is None:
            return Record(at, at, fields | {"warc-truncated": f"over {MOST} bytes"}, b"")
        return Record(at, at, fields, block)

    def _head(self, at: int) -> bytes:
        while (end := self.held.find(END)) < 0:
            if len(self.held) > _MOST_HEAD or not self.need(len(self.held) + 1):
                raise _Torn(f"no whole WARC record at byte {at}")
        if not _BEGIN.match(self.held) or end > _MOST_HEAD:
            raise _Torn(f"no WARC record at byte {at}")
        head, self.held = self.held[:end], self.held[end + len(END) :]
        return head

    def _block(self, size: int, at: int) -> bytes | None:
        if size > MOST:
            self._skip(size, at)
            return None
        if not self.need(size):
            raise _Torn(f"the record at byte {at} is cut off")
        block, self.held = self.held[:size], self.held[size:]
        return block

    def _skip(self, size: int, at: int) -> None:
        left = size - len(self.held)
        self.held = self.held[size:]
        while left > 0:
            chunk = self.source.chunk()
            if not chunk:
                raise _Torn(f"the record at byte {at} is cut off")
            self.held, left = chunk[left:] if left < len(chunk) else b"", left - len(chunk)

    def resume(self) -> bool:
        """Drop what can't be read, up to the next record; False at the end."""
        if isinstance(self.source, _Packed):
            self.held = b""
            return self.source.resume()
        self.held = self.held[1:]
        while True:
            if found := _BEGIN.search(self.held):
                self.held = self.held[found.start() :]
                return True
            self.held = self.held[-16:]
            if not self.need(len(self.held) + 1):
                return False


def records(stream: BinaryIO, damaged: Damaged) -> Iterator[Record]:
    """Yield the whole records of a file in their order; `damaged` hears of each fault.

    A Record's `offset` is that of its gzip member, or of the bytes it came with. A file of another kind is one fault.
    """
    start = stream.read(_CHUNK)
    if start.startswith(_ZSTD):
        damaged("it is packed with zstd; unpack it first: zstd -d")
        return
    packed = start.startswith(_MAGIC[:2])
    if not packed and not _BEGIN.match(start):
        damaged("it is empty" if not start else "it is no WARC file")
        return
    reader = _Reader(_Packed(stream, start) if packed else _Plain(stream, start))
    while True:
        try:
            record = reader.next()
        except _Torn as fault:
            damaged(str(fault))
            if not reader.resume():
                return
            continue
        if record is None:
            return
        yield record
