"""JSON lines: one canonical JSON object a line, gzip or zstd by the file's ending; the same archive, the same bytes."""

import gzip
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from archive.errors import NoSpace, StorageError, UsageError
from archive.record import canonical
from archive.stores import open_store, put_once

_LEVEL = 6
_NO_SPACE = frozenset({28, 122})


def write(rows: Iterable[dict[str, Any]], target: str | None) -> int:
    """Write rows to a path, a store's URI (s3://bucket/key) or, for None or `-`, to stdout; return how many.

    A file appears whole or not at all: it is written beside its place and renamed. Raises UsageError for a store's key
    that holds other bytes, NoSpace and StorageError for what the disk refuses.
    """
    if target in (None, "-"):
        return _lines(rows, sys.stdout.buffer)
    assert target is not None
    if "://" in target and not target.startswith("file://"):
        return _to_store(rows, target)
    return _to_file(rows, Path(target.removeprefix("file://")))


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
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as raw:
            with _packed(raw, path.name) as out:
                count = _lines(rows, out)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    except OSError as error:
        kind = NoSpace if error.errno in _NO_SPACE else StorageError
        raise kind(f"cannot write the export {path}: {error.strerror}; what was there is untouched") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _to_store(rows: Iterable[dict[str, Any]], target: str) -> int:
    place, _, key = target.rpartition("/")
    packed = io.BytesIO()
    with _packed(packed, key) as out:
        count = _lines(rows, out)
    if not put_once(open_store(place), key, packed.getvalue()):
        raise UsageError(f"{target} holds another export already, and nothing stored is replaced; choose another name")
    return count
