"""Rows of views that go article by article, made in several processes: ranges of numbers, joined in their order.

Each process reads the catalog at one moment, the same as the others; what is packed and written is what one process
writes, byte for byte. Ranges that an export made which was stopped are not made again.
"""

import struct
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import zstandard

from archive.catalog.catalog import Catalog
from archive.catalog.selection import Selection
from archive.errors import StorageError
from archive.exporters.format import Progress, WrittenLines, unwatched
from archive.exporters.packing import packed
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Log
from archive.opened import Archive
from archive.parallel.journal import Journal, going_on
from archive.parallel.workers import in_order
from archive.stores.opening import open_store

BY_ARTICLE = ("latest", "versions", "changes", "events", "articles", "records")
"""The views whose rows stand by article number."""
_TO_A_RANGE = 200
_LEVEL = 1
_LAST = 2**62
_COUNT = struct.Struct(">Q")
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What each process needs to know."""

    uri: str
    catalog: Path
    place: str
    vocabulary: Vocabulary
    own: bool
    head: int
    view: str
    chosen: Selection
    lines: WrittenLines


class _Rows(NamedTuple):
    rows: int
    packed: bytes
    """As they are written, packed by zstd."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """How a view's rows are made."""

    processes: int
    lines: WrittenLines
    """Of the format."""
    journal: Journal

    def write(
        self, archive: Archive, view: str, *, chosen: Selection, target: str | None, progress: Progress = unwatched,
        **options: str,
    ) -> int:  # fmt: skip
        """Write the rows to a target, so many articles at a time, and count them. Raises as `write_to`.

        Raises StorageError where another process folded a commit into the catalog before all of these had begun.
        """
        told = _Told(
            uri=archive.store.uri, catalog=archive.catalog.path, place=archive.catalog.place,
            vocabulary=archive.catalog.vocabulary, own=archive.own, head=archive.catalog.head().seq, view=view,
            chosen=chosen, lines=self.lines,
        )  # fmt: skip
        head = self.lines.head(view, **options)
        numbers = [number for (number,) in archive.catalog.db.execute("SELECT article_id FROM articles ORDER BY 1")]

        def making(left: Iterator[_Span]) -> Generator[_Rows, None, None]:
            return in_order(_rows, left, processes=self.processes, begin=partial(_begin, told), name=_name)

        row = going_on(self.journal, spans(numbers, _TO_A_RANGE), making, name=_name, load=_loaded, dump=_dumped)
        with closing(row):
            return write_to(target, partial(_fill, head, progress(row)))


def _fill(head: bytes, row: Iterable[_Rows], out: BinaryIO, name: str) -> int:
    count = 0
    with packed(out, name) as raw:
        raw.write(head)
        for made in row:
            raw.write(zstandard.decompress(made.packed))
            count += made.rows
    return count


def _name(span: _Span) -> str:
    return f"articles {span[0]} to {span[1]}"


def _dumped(made: _Rows) -> bytes:
    return _COUNT.pack(made.rows) + made.packed


def _loaded(_span: _Span, data: bytes) -> _Rows:
    (rows,) = _COUNT.unpack_from(data)
    return _Rows(rows, data[_COUNT.size :])


def spans(numbers: list[int], size: int) -> Iterator[_Span]:
    """Yield ranges of numbers that leave none out, both ends included; in each are so many of those given."""
    begins = [0, *numbers[size::size]]
    yield from zip(begins, [*(number - 1 for number in begins[1:]), _LAST], strict=True)


_here: list[tuple[Archive, _Told]] = []


def _begin(told: _Told) -> None:
    store = open_store(told.uri)
    catalog = Catalog(told.catalog, told.place, told.vocabulary)
    # From here on to the end of the process: what others fold meanwhile is not seen.
    catalog.db.execute("BEGIN")
    if catalog.head().seq != told.head:
        raise StorageError(
            f"the archive went on to commit {catalog.head().seq} while the export began at {told.head}: run it again"
        )
    archive = Archive(store=store, log=Log(store), catalog=catalog, own=told.own)
    _here[:] = [(archive, told)]


def _rows(span: _Span) -> _Rows:
    archive, told = _here[0]
    rows = [*VIEWS[told.view](archive, replace(told.chosen, span=span))]
    return _Rows(len(rows), zstandard.compress(told.lines.of(told.view, rows), _LEVEL))
