"""JSON lines: one canonical JSON object a line, gzip or zstd by the file's ending; the same archive, the same bytes."""

from collections.abc import Iterable
from functools import partial
from typing import Any, BinaryIO

from archive.catalog.selection import Selection
from archive.exporters.format import Format, Progress, WrittenLines, unwatched
from archive.exporters.packing import packed
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from archive.opened import Archive


def write(archive: Archive, view: str, *, chosen: Selection, target: str | None, progress: Progress = unwatched) -> int:
    """Write a view's rows to a target, and count them. Raises as `write_to`."""
    return write_to(target, partial(write_rows, progress(VIEWS[view](archive, chosen))))


def write_rows(rows: Iterable[dict[str, Any]], out: BinaryIO, name: str) -> int:
    """Write rows to a stream, a line each, packed as its file's name tells; count them."""
    count = 0
    with packed(out, name) as lines:
        for row in rows:
            lines.write(_line(row))
            count += 1
    return count


def _line(row: dict[str, Any]) -> bytes:
    return canonical(row) + b"\n"


def _head(_view: str) -> bytes:
    return b""


def _lines(_view: str, rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(map(_line, rows))


FORMAT = Format(
    name="jsonl", views=tuple(VIEWS), write=write, lines=WrittenLines(head=_head, of=_lines), grows="either"
)
