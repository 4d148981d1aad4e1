"""Exported files as lines: plain, gzip or zstd by their first bytes, from a path or an object of a store."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from archive.errors import ConfigurationError, UsageError
from archive.facts.canonical import parse
from archive.stores.opening import open_object

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
MOST = 2**28
"""Bytes of one line."""


class ExportedLine(NamedTuple):
    """One line of an export, and where it stands."""

    place: str
    """`latest.jsonl.gz, line 12`."""
    value: dict[str, Any]


def lines_of(source: str) -> Iterator[ExportedLine]:
    """Yield the lines of a file or of `s3://BUCKET/KEY`, empty ones left out.

    Raises UsageError (2) where there is no such file, ConfigurationError (4) naming file and line for one that is cut
    or holds no JSON objects.
    """
    name, number = source.rpartition("/")[2] or source, 0
    with _opened(source) as raw, _unpacked(raw) as file:
        while line := _next(file, name, number):
            number += 1
            if line.strip():
                yield ExportedLine(f"{name}, line {number}", _object(line, f"{name}, line {number}"))


def _opened(source: str) -> BinaryIO:
    if source.startswith("s3://"):
        store, key = open_object(source)
        return io.BytesIO(store.get(key))
    try:
        return Path(source.removeprefix("file:")).open("rb")
    except OSError as error:
        raise UsageError(f"can't read {source}: {error.strerror}; give a file that scrapy export wrote") from error


def _unpacked(raw: BinaryIO) -> BinaryIO:
    begin = raw.read(4)
    raw.seek(0)
    if begin.startswith(_GZIP):
        return gzip.open(raw)  # type: ignore[return-value]
    if begin == _ZSTD:
        import zstandard  # noqa: PLC0415 - only for such files

        reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        return io.BufferedReader(reader)
    return raw


def _next(file: BinaryIO, name: str, number: int) -> bytes:
    try:
        line = file.readline(MOST)
    except (EOFError, OSError, zlib.error, ValueError) as error:
        raise ConfigurationError(f"{name} is cut or damaged behind line {number}; export it again") from error
    except Exception as error:
        # zstandard's error is its own class, and importing it for its name alone would cost every start.
        if type(error).__name__ != "ZstdError":
            raise
        raise ConfigurationError(f"{name} is cut or damaged behind line {number}; export it again") from error
    if len(line) == MOST:
        raise ConfigurationError(f"{name}, line {number + 1}: longer than {MOST} bytes, as no line of ours is")
    return line


def _object(line: bytes, place: str) -> dict[str, Any]:
    try:
        value = parse(line)
    except ValueError as error:
        raise ConfigurationError(f"{place}: no JSON; give files that scrapy export jsonl wrote, whole") from error
    if not isinstance(value, dict):
        raise ConfigurationError(f"{place}: no JSON object; give files that scrapy export jsonl wrote")
    return value
