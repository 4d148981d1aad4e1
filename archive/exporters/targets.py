"""Where an export goes: stdout, a file, a pipe or device, an object of a store; the same for every format.

A file appears whole or not at all: it is written beside its place and renamed. What is told of it in its manifest comes
last, so that a manifest is never that of another file.
"""

import hashlib
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from archive.errors import NoSpace, StorageError, UsageError
from archive.stores.opening import open_store
from archive.stores.room import FULL
from archive.stores.sending import sending
from archive.stores.store import is_key
from archive.stores.temporary import part_in, sweep

Fill = Callable[[BinaryIO, str], int]
"""Writes the export to a stream, packed as its file name (empty for stdout) tells, and returns how many rows it has."""

MANIFEST = ".manifest.json"
"""What the name of a manifest has behind that of the file that it tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """One file or object of an export, as it lies there."""

    name: str
    """Without its folder."""
    bytes: int
    sha256: str
    """`sha256:…` of its bytes."""


class Written(int):
    """How many rows were written, and `files`: what holds them; none for stdout, a pipe or a device.

    `kept` more rows are in those of the files that lay there and were left as they are.
    """

    files: tuple[WrittenFile, ...]
    kept: int
    streamed: WrittenFile | None
    """What went to stdout, a pipe or a device; it has no name there."""

    def __new__(cls, rows: int, *files: WrittenFile, kept: int = 0, streamed: WrittenFile | None = None) -> Self:
        """Take the number of rows, and the files or the stream that hold them."""
        made = super().__new__(cls, rows)
        made.files, made.kept, made.streamed = files, kept, streamed
        return made


class _Counted(io.RawIOBase):
    """A stream that knows what went through it to another one."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw, self._hash, self._size = raw, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        given = bytes(data)
        self._raw.write(given)
        self._hash.update(given)
        self._size += len(given)
        return len(given)

    def told(self) -> WrittenFile:
        return WrittenFile(name="", bytes=self._size, sha256=f"sha256:{self._hash.hexdigest()}")


_FILE = re.compile(r"file:(?://(?:localhost)?(?=/))?", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_STORE = re.compile(r"(?:s3|memory):", re.IGNORECASE)


def write_to(target: str | None, fill: Fill) -> Written:
    """Write to a path (bare or `file:`), a store's URI (s3://bucket/key) or, for None or `-`, stdout; count the rows.

    A pipe or device is written to as it is. The manifest of a file that was there before is taken away. Raises
    UsageError for a store's key that can't be one or holds other bytes, NoSpace and StorageError.
    """
    if target is None or target == "-":
        return _to_stdout(fill)
    if is_store(target):
        return to_store(target, fill)
    check_target(target)
    return _to_file(local_path(target), fill)


def is_store(target: str) -> bool:
    """Return whether a target lies in a store."""
    return bool(_STORE.match(target))


def write_manifest(target: str, data: bytes) -> str:
    """Write the manifest of what was written to a target beside it; return its name. Raises as `write_to`."""
    beside = (target if is_store(target) else str(local_path(target))) + MANIFEST
    return put_manifest(beside, data)


def put_manifest(place: str, data: bytes) -> str:
    """Write a manifest to a place of its own; return its name. Raises as `write_to`."""
    written = write_to(place, lambda out, _: out.write(data)).files
    return written[0].name if written else place


def check_near(target: str) -> None:
    """Raise UsageError for an address that is neither a path nor a store's."""
    if _ELSEWHERE.match(target):
        raise UsageError(f"{target!r} is no place to write to; give a path, file:PATH or s3://BUCKET/KEY")


def check_target(target: str | None) -> bool:
    """Return whether an export to that target would take the place of a file that is there.

    Raises StorageError for a folder that is not there or stands in the file's place, UsageError for a store's key that
    can't be one and an address that is no store's.
    """
    if target is None or target == "-":
        return False
    if is_store(target):
        _key_of(target)
        return False
    check_near(target)
    path = local_path(target)
    why = ""
    if target.endswith("/") and not path.exists():
        why = f"it is named as a folder, and this export is one file; name it, such as {path / 'latest.jsonl'}"
    elif not path.parent.is_dir():
        why = f"there is no folder {path.parent}; make it first (mkdir -p), or choose another place with -o"
    elif _stat(path, stat.S_ISDIR):
        why = f"it is a folder; name a file in it with -o, such as {path / 'latest.jsonl'}"
    if why:
        raise StorageError(f"cannot write the export {path}: {why}")
    return _stat(path, stat.S_ISREG)


def _stat(path: Path, kind: Callable[[int], bool]) -> bool:
    try:
        return kind(path.stat().st_mode)
    except OSError:
        return False  # writing tells why


def local_path(target: str) -> Path:
    """Return the path of a target that lies in no store, links followed."""
    path = Path(_FILE.sub("", target, count=1))
    # /dev/stdout and the shell's >(…) lead to pipes that have no name of their own.
    return path if _stat(path, _is_stream) else Path(os.path.realpath(path))


def _is_stream(mode: int) -> bool:
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _key_of(target: str) -> str:
    key = target.rpartition("/")[2]
    if not is_key(key):
        raise UsageError(f"{target!r} names no object: end it with a file name of a-z, 0-9, dot and dash")
    return key


def _to_stdout(fill: Fill) -> Written:
    if sys.stdout is None:
        raise StorageError("cannot write the export to stdout: it is closed; name a file with -o")
    try:
        written = _streamed(sys.stdout.buffer, "", fill)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _failure("to stdout", error, "make room there") from error
    return written


def _streamed(raw: BinaryIO, name: str, fill: Fill) -> Written:
    counted = _Counted(raw)
    return Written(fill(cast("BinaryIO", counted), name), streamed=counted.told())


def _failure(place: str, error: OSError, hint: str) -> StorageError | NoSpace:
    kind = NoSpace if error.errno in FULL else StorageError
    return kind(f"cannot write the export {place}: {error.strerror}; {hint}")


@contextmanager
def failed(place: str) -> Iterator[None]:
    """Turn errors of the system, while a file is written there, into ours."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _failure(place, error, "what was there is untouched; choose another place with -o") from error


def _to_file(path: Path, fill: Fill) -> Written:
    with failed(str(path)):
        if path.exists() and not path.is_file() and not path.is_dir():
            # Renaming a file over /dev/null would take the device away.
            with path.open("wb") as raw:
                return _streamed(raw, path.name, fill)
        part = part_in(path.parent)
        try:
            count = write_part(part, path.name, fill)
            sweep(part)
            found = written_file(part, path.name)
            with suppress(OSError):  # there is none, or the name is too long for one
                path.with_name(path.name + MANIFEST).unlink()
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
        return Written(count, found)


def written_file(path: Path, name: str) -> WrittenFile:
    """Return what a file is that was written, under that name."""
    with path.open("rb") as raw:
        sha256 = hashlib.file_digest(raw, "sha256").hexdigest()
        return WrittenFile(name=name, bytes=raw.tell(), sha256=f"sha256:{sha256}")


def write_part(part: Path, name: str, fill: Fill) -> int:
    """Write a file beside its place, whole and durable; whoever asks renames it."""
    with part.open("xb") as raw:
        count = fill(raw, name)
        raw.flush()
        os.fsync(raw.fileno())
    return count


def to_store(target: str, fill: Fill) -> Written:
    """Write an object of a store, once. Raises UsageError as `write_to`."""
    key = _key_of(target)
    with sending(open_store(target.removesuffix(f"/{key}")), key) as out:
        count = fill(cast("BinaryIO", out), key)
        kept = out.keep()
    if not kept:
        raise UsageError(f"{target} holds another export already, and nothing stored is replaced; choose another name")
    return Written(count, WrittenFile(name=key, bytes=out.size, sha256=out.sha256))
