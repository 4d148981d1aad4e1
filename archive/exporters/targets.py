"""Where an export goes: stdout, a file, a pipe or device, an object of a store; the same for every format.

A file appears whole or not at all: it is written beside its place and renamed.
"""

import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from archive.errors import NoSpace, StorageError, UsageError
from archive.stores.opening import open_store
from archive.stores.putting import put_once
from archive.stores.room import FULL
from archive.stores.store import is_key

Fill = Callable[[BinaryIO, str], int]
"""Writes the export to a stream, packed as its file name (empty for stdout) tells, and returns how many rows it has."""

_FILE = re.compile(r"file:(?://(?:localhost)?(?=/))?", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_STORE = re.compile(r"(?:s3|memory):", re.IGNORECASE)


def write_to(target: str | None, fill: Fill) -> int:
    """Write to a path (bare or `file:`), a store's URI (s3://bucket/key) or, for None or `-`, stdout; count the rows.

    A pipe or device is written to as it is. Raises UsageError for a store's key that can't be one or holds other bytes,
    NoSpace and StorageError.
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
    if _ELSEWHERE.match(target):
        raise UsageError(f"{target!r} is no place to write to; give a path, file:PATH or s3://BUCKET/KEY")
    path = local_path(target)
    why = ""
    if not path.parent.is_dir():
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


def _to_stdout(fill: Fill) -> int:
    if sys.stdout is None:
        raise StorageError("cannot write the export to stdout: it is closed; name a file with -o")
    try:
        count = fill(sys.stdout.buffer, "")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _failure("to stdout", error, "make room there") from error
    return count


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


def _to_file(path: Path, fill: Fill) -> int:
    with failed(str(path)):
        if path.exists() and not path.is_file() and not path.is_dir():
            # Renaming a file over /dev/null would take the device away.
            with path.open("wb") as raw:
                return fill(raw, path.name)
        part = path.with_name(f".export-{os.getpid()}-{os.urandom(4).hex()}.part")
        try:
            count = write_part(part, path.name, fill)
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
        return count


def write_part(part: Path, name: str, fill: Fill) -> int:
    """Write a file beside its place, whole and durable; whoever asks renames it."""
    with part.open("xb") as raw:
        count = fill(raw, name)
        raw.flush()
        os.fsync(raw.fileno())
    return count


def to_store(target: str, fill: Fill) -> int:
    """Write an object of a store, once. Raises UsageError as `write_to`."""
    key = _key_of(target)
    store, whole = open_store(target.removesuffix(f"/{key}")), io.BytesIO()
    count = fill(whole, key)
    if not put_once(store, key, whole.getvalue()):
        raise UsageError(f"{target} holds another export already, and nothing stored is replaced; choose another name")
    return count
