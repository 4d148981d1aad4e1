"""WARC files made by others, read as a stream: plain, packed record by record or whole, torn or hostile.

Unlike `archive.warc.warc.read` nothing is trusted and never is a file, or a record longer than `MOST`, in memory. Where
a file is damaged the fault is told and reading goes on at the next record that can be found. A record is handed out
once it is known to be whole: what follows it is a record or the end, and the checksum of its gzip member holds.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from isal import isal_zlib

from archive.warc.exchanges import HEAD_END, WarcRecord, fields_of

MOST = 16 * 2**20
"""Bytes of a record's block that are kept; a longer one comes without its block, `warc-truncated` set."""
_MOST_HEAD = 2**16
_MOST_FAULTS = 1000
_CHUNK = 2**16
_MOST_OUT = 2**18
_LOOK_BACK = 2**20
"""Bytes of a member that are kept until it has ended, to be looked through where it is damaged."""
_BOMB, _SMALL = 200, 64 * 2**20
_GZIP_WBITS = 31
_MAGIC = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_WARC = b"WARC/"
_ARC = b"filedesc:"
_BAD_GZIP: type[Exception] = isal_zlib.error  # type: ignore[assignment] # its stub says instance
_BEGIN = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
_DRAFT = re.compile(rb"WARC/0\.\d+ +\d")
Damaged = Callable[[str], object]
"""Called with a sentence for each fault, the byte in it."""


class _Torn(Exception):
    """What can't be read as it should be, from some byte on."""


class _Spoilt(_Torn):
    """The same in the packing: what comes next can't be unpacked."""


class _Packed:
    """Decompressed bytes of a gzip file, member by member."""

    def __init__(self, stream: BinaryIO, data: bytes) -> None:
        self._stream, self._data, self._at = stream, data, 0
        self._start, self._inside = 0, False
        self._fresh()

    def _fresh(self) -> None:
        self._inflate, self._in, self._out = isal_zlib.decompressobj(_GZIP_WBITS), 0, 0
        self._start, self._past = self._at, bytearray()

    def place(self, held: int) -> int:
        """Return where the member begins; `held` bytes of what was given are not used yet."""
        del held
        return self._start

    def _more(self) -> bool:
        self._data += (chunk := self._stream.read(_CHUNK))
        return bool(chunk)

    def _drop(self, count: int) -> None:
        self._data, self._at = self._data[count:], self._at + count

    def chunk(self) -> bytes:
        """Return the first bytes of the next member, none at the end. Raises _Spoilt."""
        start = b""
        while len(start) < len(_WARC):
            if not self._inside and not self._open():
                return start
            start += self.rest()
        return start

    def _open(self) -> bool:
        while self._data or self._more():
            if self._data.strip(b"\0"):
                self._fresh()
                self._inside = True
                return True
            # Some writers fill up the last block of a tape or a disk.
            self._drop(len(self._data))
        return False

    def rest(self) -> bytes:
        """Return the next bytes of the member that is open, none once it has ended as it should. Raises _Spoilt."""
        while self._inside and (self._data or self._more()):
            if content := self._step():
                return content
        if self._inside:
            raise self._spoilt("is cut off")
        return b""

    def _step(self) -> bytes:
        given = len(self._data)
        try:
            content = bytes(self._inflate.decompress(self._data, _MOST_OUT))
        except _BAD_GZIP as error:
            raise self._spoilt("is damaged") from error
        used = given - len(self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail)
        self._in, self._out = self._in + used, self._out + len(content)
        self._past += self._data[:used] if self._in <= _LOOK_BACK else b""
        self._drop(used)
        self._inside = not self._inflate.eof
        if self._inside and self._out > max(_SMALL, _BOMB * self._in):
            raise self._spoilt(f"unpacks to more than {_BOMB} times its size")
        return content

    def _spoilt(self, how: str) -> _Spoilt:
        """Go back to behind the member's first byte, and return the fault: a cut member takes in what follows it."""
        self._inside = False
        if self._in <= _LOOK_BACK:
            self._data, self._at = bytes(self._past) + self._data, self._start
            self._drop(1)
        return _Spoilt(f"the gzip member at byte {self._start} {how}")

    def resume(self) -> bool:
        """Go on at the next member that begins a record; tell whether there is one."""
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
                return True
            self._drop(1)

    def _begins(self) -> bool:
        try:
            start = isal_zlib.decompressobj(_GZIP_WBITS).decompress(self._data[:512], len(_WARC))
        except _BAD_GZIP:
            return False
        return bytes(start) == _WARC


class _Plain:
    """The bytes of a file that is not packed."""

    def __init__(self, stream: BinaryIO, data: bytes) -> None:
        self._stream, self._data, self._at = stream, data, 0

    def place(self, held: int) -> int:
        """Return where the bytes begin that are not used yet."""
        return self._at - held

    def rest(self) -> bytes:
        """Return the next bytes, none at the end."""
        data, self._data = self._data or self._stream.read(_CHUNK), b""
        self._at += len(data)
        return data

    chunk = rest

    def resume(self) -> bool:
        """Tell that reading goes on with the bytes that come next."""
        return True


class _Reader:
    def __init__(self, source: "_Packed | _Plain") -> None:
        self.source, self.held, self.ahead = source, b"", b""

    def _pull(self, *, inside: bool) -> bytes:
        """Return the next bytes; none at the end and, inside of a record, where the next member begins another."""
        if self.ahead and inside:
            return b""
        if self.ahead:
            chunk, self.ahead = self.ahead, b""
            return chunk
        chunk = self.source.rest()
        if chunk:
            return chunk
        chunk = self.source.chunk()
        if inside and chunk.startswith(_WARC):
            # A length that is a lie must not swallow the records behind it.
            self.ahead, chunk = chunk, b""
        return chunk

    def _need(self, count: int) -> bool:
        """Hold so many bytes of a record at least; False where there are no more. Raises _Spoilt."""
        parts, have = [self.held], len(self.held)
        try:
            while have < count and (chunk := self._pull(inside=True)):
                parts.append(chunk)
                have += len(chunk)
        finally:
            self.held = b"".join(parts)
        return have >= count

    def next(self) -> WarcRecord | None:
        """Return the next record, None at the end. Raises _Torn."""
        self.held = self.held.lstrip(b"\r\n")
        while not self.held:
            chunk = self._pull(inside=False)
            if not chunk:
                return None
            self.held = chunk.lstrip(b"\r\n")
        at = self.source.place(len(self.held))
        fields = fields_of(self._head(at))
        size = fields.get("content-length", "")
        if not (size.isascii() and size.isdecimal()) or len(size) > 15:
            raise _Torn(f"the record at byte {at} names no length")
        if int(size) > MOST:
            self._skip(int(size), at)
            self._end(at)
            return WarcRecord(at, at, fields | {"warc-truncated": f"over {MOST} bytes"}, b"")
        if not self._need(int(size)):
            raise _Torn(f"the record at byte {at} is cut off")
        block, self.held = self.held[: int(size)], self.held[int(size) :]
        try:
            self._end(at)
        except _Spoilt:
            raise
        except _Torn:
            # What the length took in too much of is looked through again.
            self.held = block + self.held
            raise
        return WarcRecord(at, at, fields, block)

    def _head(self, at: int) -> bytes:
        while (end := HEAD_END.search(self.held)) is None:
            if len(self.held) > _MOST_HEAD or not self._need(len(self.held) + 1):
                break
        if end is None or end.start() > _MOST_HEAD or not _BEGIN.match(self.held):
            self.held = self.held[1:]
            raise _Torn(f"no WARC record at byte {at}")
        head, self.held = self.held[: end.start()], self.held[end.end() :]
        return head

    def _skip(self, size: int, at: int) -> None:
        while len(self.held) < size:
            size -= len(self.held)
            self.held = self._pull(inside=True)
            if not self.held:
                raise _Torn(f"the record at byte {at} is cut off")
        self.held = self.held[size:]

    def _end(self, at: int) -> None:
        """Read on to what follows a record, which is another or the end of its member. Raises _Torn."""
        self.held = self.held.lstrip(b"\r\n")
        while len(self.held) < len(_WARC) and not self.ahead and (chunk := self.source.rest()):
            self.held = (self.held + chunk).lstrip(b"\r\n")
        if not _WARC.startswith(self.held[: len(_WARC)]):
            raise _Torn(f"the record at byte {at} is not as long as it says")

    def resume(self, fault: _Torn) -> bool:
        """Drop what can't be read, up to the next record; False at the end. Raises _Spoilt."""
        if isinstance(fault, _Spoilt):
            self.held = self.ahead = b""
            return self.source.resume()
        while not (found := _BEGIN.search(self.held)):
            self.held = self.held[-16:]
            if not (chunk := self._pull(inside=False)):
                self.held = b""
                return False
            self.held += chunk
        self.held = self.held[found.start() :]
        return True


def _unpacked(start: bytes) -> bytes:
    try:
        return bytes(isal_zlib.decompressobj(_GZIP_WBITS).decompress(start, _MOST_HEAD))
    except _BAD_GZIP:
        return b""


def _other_kind(start: bytes) -> str:
    """Return what a file is that begins so and is no WARC, and what to do; empty where it may be one."""
    start = start.lstrip(b"\r\n")
    if start.startswith(_ARC):
        return "it is an ARC file, the form before WARC; make a WARC of it first: warcio recompress IN OUT"
    if _DRAFT.match(start):
        version = start.partition(b" ")[0].decode()
        return f"it is {version}, a draft without named fields, which nobody reads today; ask its maker for WARC/1.0"
    return ""


def records(stream: BinaryIO, damaged: Damaged) -> Iterator[WarcRecord]:
    """Yield the whole records of a file in their order; `damaged` hears of each fault.

    A record's `offset` is that of its gzip member where there is one. A file of another kind is one fault.
    """
    start = stream.read(_CHUNK)
    if start.startswith(_ZSTD):
        damaged("it is packed with zstd; unpack it first: zstd -d")
        return
    packed = start.startswith(_MAGIC[:2])
    if kind := _other_kind(_unpacked(start) if packed else start):
        damaged(kind)
        return
    if not packed and not _BEGIN.match(start.lstrip(b"\r\n")):
        damaged("it is no WARC file" if start.strip() else "it is empty")
        return
    reader = _Reader(_Packed(stream, start) if packed else _Plain(stream, start))
    faults, fault, found = 0, None, False
    while faults <= _MOST_FAULTS:
        try:
            if fault is not None and not reader.resume(fault):
                return
            fault, record = None, reader.next()
        except _Torn as torn:
            fault, faults = torn, faults + 1
            damaged(str(fault))
            continue
        if record is None:
            if not found and not faults:
                damaged("it is empty")
            return
        found = True
        yield record
    damaged(f"it has more than {_MOST_FAULTS} faults: the rest of it is left")
