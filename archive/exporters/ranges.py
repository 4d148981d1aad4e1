"""Rows of views that go article by article, made in several processes: ranges of numbers, joined in their order.

Each process reads the catalog at one moment, the same as the others; what is packed and written is what one process
writes, byte for byte. Ranges that an export made which was stopped are not made again.
"""

import struct
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import zstandard

from archive.catalog.catalog import Catalog
from archive.catalog.selection import Selection
from archive.catalog.snapshots import SnapshotJudge
from archive.errors import StorageError
from archive.exporters.format import Progress, WrittenLines, unwatched
from archive.exporters.own import selected
from archive.exporters.packing import packed
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Log
from archive.opened import Archive, Away
from archive.parallel.cluster import Cluster
from archive.parallel.journal import Journal, going_on
from archive.parallel.workers import in_order
from archive.stores.opening import everywhere, open_store

BY_ARTICLE = ("latest", "versions", "changes", "events", "articles", "records")
"""The views whose rows stand by article number."""
_TO_A_RANGE = 200
_LEVEL = 1
LAST = 2**62
"""Where the last range of all ends."""
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

    processes: int | Cluster
    """How many of this machine's, or whose workers."""
    lines: WrittenLines
    """Of the format."""
    journal: Journal
    judging: Callable[[], SnapshotJudge]
    """Of the snapshots that a cluster's workers begin with (`Away`)."""

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
        away = Away(
            uri=everywhere(archive.store, archive.store.uri), head=told.head, vocabulary=told.vocabulary,
            judging=self.judging,
        )  # fmt: skip

        def making(left: Iterator[_Span]) -> Generator[_Rows, None, None]:
            if isinstance(self.processes, Cluster):
                return self.processes.in_order(partial(_rows_away, away, told), left, name=_name)
            return in_order(_rows, left, processes=self.processes, begin=partial(_begin, told), name=_name)

        pieces = spans(numbers_of(archive), _TO_A_RANGE, chosen.span)
        row = going_on(self.journal, pieces, making, name=_name, load=_loaded, dump=_dumped)
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


def numbers_of(archive: Archive) -> list[int]:
    """Return the numbers of all articles, sorted."""
    return [number for (number,) in archive.catalog.db.execute("SELECT article_id FROM articles ORDER BY 1")]


def spans(numbers: list[int], size: int, within: _Span | None = None) -> Iterator[_Span]:
    """Yield ranges of numbers that leave none out, both ends included; in each are so many of those given.

    With `within` they leave none of that range out, and hold no others.
    """
    first, last = within or (0, LAST)
    mine = [number for number in numbers if first <= number <= last]
    begins = [first, *mine[size::size]]
    yield from zip(begins, [*(number - 1 for number in begins[1:]), last], strict=True)


def share_of(numbers: list[int], number: int, of: int) -> _Span:
    """Return the range of one of so many shares, both ends included: together they leave no number out.

    As many articles are in each, where there are as many; of a share that has none the end lies before the beginning.
    """
    ends = [numbers[len(numbers) * place // of] if numbers else LAST for place in range(1, of)]
    return [0, *ends][number - 1], [*(end - 1 for end in ends), LAST][number - 1]


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
    return _made(*_here[0], span)


_own = threading.local()


def _rows_away(away: Away, told: _Told, span: _Span) -> _Rows:
    # One a thread: SQLite's connections stay in theirs.
    which = away.uri, away.head, told.own, str(away.vocabulary.zone)
    held: tuple[tuple[str, int, bool, str], Archive] | None = getattr(_own, "held", None)
    if held is None or held[0] != which:
        archive = away.open()
        # It is kept until the worker ends, and so is the catalog beside it that `own` makes.
        _own.stack = selected(archive, "own" if told.own else "all")
        _own.held = held = which, _own.stack.__enter__()
    return _made(held[1], told, span)


def _made(archive: Archive, told: _Told, span: _Span) -> _Rows:
    rows = [*VIEWS[told.view](archive, replace(told.chosen, span=span))]
    return _Rows(len(rows), zstandard.compress(told.lines.of(told.view, rows), _LEVEL))
