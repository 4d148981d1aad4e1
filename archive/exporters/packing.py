"""Text formats packed by the ending of the file's name; the same rows give the same bytes on any day."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

_LEVEL = 6


@contextmanager
def packed(raw: BinaryIO, name: str) -> Iterator[Any]:
    """Give the stream to write to: gzip for `.gz`, zstd for `.zst` and `.zstd`, else `raw` itself."""
    # Neither file name nor time goes into the header.
    if name.endswith(".gz"):
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as out:
            yield out
    elif name.endswith((".zst", ".zstd")):
        import zstandard  # noqa: PLC0415 - only for this ending

        with zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as out:
            yield out
    else:
        yield raw


@contextmanager
def unpacked(path: Path) -> Iterator[Any]:
    """Give the stream to read what `packed` wrote to a file. Raises OSError, and what the packing's library raises."""
    if path.name.endswith(".gz"):
        with gzip.open(path, "rb") as rows:
            yield rows
    elif path.name.endswith((".zst", ".zstd")):
        import zstandard  # noqa: PLC0415 - only for this ending

        with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as rows:
            yield rows
    else:
        with path.open("rb") as rows:
            yield rows
