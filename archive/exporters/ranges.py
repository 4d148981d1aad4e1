"""JSON lines of views that go article by article, made in several processes: ranges of numbers, joined in their order.

Each process reads the catalog at one moment, the same as the others; what is packed and written is what one process
writes, byte for byte.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from archive.catalog.catalog import Catalog
from archive.catalog.selection import Selection
from archive.errors import StorageError
from archive.exporters.format import Progress, unwatched
from archive.exporters.packing import packed
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Log
from archive.opened import Archive
from archive.parallel.workers import in_order
from archive.stores.opening import open_store

BY_ARTICLE = ("latest", "versions", "changes", "events", "articles", "records")
"""The views whose rows stand by article number."""
_TO_A_RANGE = 200
_LAST = 2**62


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


class _Rows(NamedTuple):
    rows: int
    lines: bytes


def write(
    archive: Archive,
    view: str,
    *,
    chosen: Selection,
    target: str | None,
    progress: Progress = unwatched,
    processes: int,
) -> int:
    """Write a view's rows to a target, made in so many processes, so many articles at a time. Raises as `write_to`.

    Raises StorageError where another process folded a commit into the catalog before all of these had begun.
    """
    told = _Told(
        uri=archive.store.uri, catalog=archive.catalog.path, place=archive.catalog.place,
        vocabulary=archive.catalog.vocabulary, own=archive.own, head=archive.catalog.head().seq, view=view,
        chosen=chosen,
    )  # fmt: skip
    numbers = [number for (number,) in archive.catalog.db.execute("SELECT article_id FROM articles ORDER BY 1")]
    row = in_order(
        _rows, spans(numbers, _TO_A_RANGE), processes=processes, begin=partial(_begin, told),
        name=lambda span: f"articles {span[0]} to {span[1]}",
    )  # fmt: skip
    with closing(row):
        return write_to(target, partial(_fill, progress(row)))


def _fill(row: Iterable[_Rows], out: BinaryIO, name: str) -> int:
    count = 0
    with packed(out, name) as lines:
        for made in row:
            lines.write(made.lines)
            count += made.rows
    return count


def spans(numbers: list[int], size: int) -> Iterator[tuple[int, int]]:
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


def _rows(span: tuple[int, int]) -> _Rows:
    archive, told = _here[0]
    rows = [canonical(row) + b"\n" for row in VIEWS[told.view](archive, replace(told.chosen, span=span))]
    return _Rows(len(rows), b"".join(rows))
