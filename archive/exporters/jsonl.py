"""JSON lines: one canonical JSON object a line, gzip or zstd by the file's ending; the same archive, the same bytes."""

import errno
import gzip
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from archive.errors import NoSpace, StorageError, UsageError
from archive.facts.canonical import canonical
from archive.stores.opening import open_store
from archive.stores.putting import put_once
from archive.stores.store import is_key

_LEVEL = 6
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FILE = re.compile(r"file:(?://(?:localhost)?(?=/))?", re.IGNORECASE)
_STORE = re.compile(r"(?:s3|memory):", re.IGNORECASE)


def write(rows: Iterable[dict[str, Any]], target: str | None) -> int:
    """Write rows to a path (bare or `file:`), a store's URI (s3://bucket/key) or, for None or `-`, stdout; count them.

    A file appears whole or not at all: it is written beside its place and renamed; a pipe or device is written to as it
    is. Raises UsageError for a store's key that can't be one or holds other bytes, NoSpace and StorageError.
    """
    if target is None or target == "-":
        return _to_stdout(rows)
    if _STORE.match(target):
        return _to_store(rows, target)
    return _to_file(rows, Path(os.path.realpath(_FILE.sub("", target, count=1))))


def _to_stdout(rows: Iterable[dict[str, Any]]) -> int:
    try:
        count = _lines(rows, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _failure("to stdout", error, "make room there") from error
    return count


def _failure(place: str, error: OSError, hint: str) -> StorageError | NoSpace:
    kind = NoSpace if error.errno in _NO_SPACE else StorageError
    return kind(f"cannot write the export {place}: {error.strerror}; {hint}")


def _lines(rows: Iterable[dict[str, Any]], out: Any) -> int:
    count = 0
    for row in rows:
        out.write(canonical(row) + b"\n")
        count += 1
    return count


@contextmanager
def _packed(raw: BinaryIO, name: str) -> Iterator[Any]:
    # Neither file name nor time goes into the header: the same rows give the same bytes on any day.
    if name.endswith(".gz"):
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as out:
            yield out
    elif name.endswith((".zst", ".zstd")):
        import zstandard  # noqa: PLC0415 - only for this ending

        with zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as out:
            yield out
    else:
        yield raw


def _to_file(rows: Iterable[dict[str, Any]], path: Path) -> int:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            # Renaming a file over /dev/null would take the device away.
            with path.open("wb") as raw:
                return _packed_lines(rows, raw, path.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return _replace(rows, path)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _failure(str(path), error, "what was there is untouched; choose another place with -o") from error


def _replace(rows: Iterable[dict[str, Any]], path: Path) -> int:
    part = path.with_name(f".export-{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as raw:
            count = _packed_lines(rows, raw, path.name)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return count


def _packed_lines(rows: Iterable[dict[str, Any]], raw: BinaryIO, name: str) -> int:
    with _packed(raw, name) as out:
        return _lines(rows, out)


def _to_store(rows: Iterable[dict[str, Any]], target: str) -> int:
    place, _, key = target.rpartition("/")
    if not is_key(key):
        raise UsageError(f"{target!r} names no object: end it with a file name of a-z, 0-9, dot and dash")
    store, packed = open_store(place), io.BytesIO()
    count = _packed_lines(rows, packed, key)
    if not put_once(store, key, packed.getvalue()):
        raise UsageError(f"{target} holds another export already, and nothing stored is replaced; choose another name")
    return count
