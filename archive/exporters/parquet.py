"""Parquet: the rows of a view in columns with types, in one file, or in a folder with a file for each month.

The columns of a view are the same in every file (`rowtypes.py`), whatever its rows hold; nothing in a file says when
it was written. pyarrow is imported when a file is written, and only then.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, get_args, get_origin

from archive.catalog.selection import Selection
from archive.errors import ConfigurationError, StorageError
from archive.exporters.folders import is_folder
from archive.exporters.format import Format, Progress, unwatched
from archive.exporters.months import write_months
from archive.exporters.rowtypes import INSTANTS, MORE, ROWS, beside, fields_of, given, is_fields, item_of
from archive.exporters.targets import Written, local_path, write_to
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from archive.facts.names import instant
from archive.opened import Archive

_BATCH = 500
"""Rows that are put into columns at a time."""
_GROUP_BYTES = 2**24
"""Of columns unpacked, that make a row group: it is what a reader skips or reads whole, and what is held here."""


def write(archive: Archive, view: str, *, chosen: Selection, target: str | None, progress: Progress = unwatched) -> int:
    """Write a view's rows to a file, or into a folder by months; count them.

    Raises ConfigurationError where pyarrow is not installed, and as `write_to` and `write_months` do.
    """
    if find_spec("pyarrow") is None:
        raise ConfigurationError("Parquet needs the package pyarrow, which is not installed; run: make install")
    if is_folder(target):
        rows_to = partial(write_rows, view)
        made = write_months(archive, view, chosen=chosen, target=str(target), progress=progress, write=rows_to)
        return _with_kept(made, str(target)) if chosen.since.seq and made.files else made
    rows = progress(VIEWS[view](archive, chosen))
    return write_to(target, lambda out, _: write_rows(view, rows, out))


def write_rows(view: str, rows: Iterable[Mapping[str, Any]], out: BinaryIO) -> int:
    """Write rows of a view to a stream as one Parquet file; count them."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import
    from pyarrow import parquet  # noqa: PLC0415

    schema = schema_of(view)
    count = 0
    with parquet.ParquetWriter(pa.PythonFile(out, mode="w"), schema, compression="zstd") as file:
        for group in _groups(view, iter(rows), schema):
            file.write_table(group, row_group_size=group.num_rows)
            count += group.num_rows
    return count


def _with_kept(made: Written, folder: str) -> Written:
    """Return what was written into a folder on disk, counting the rows of files that were left as they were."""
    return Written(made, *made.files, kept=sum(_rows_in(local_path(folder) / each.name) for each in made.files) - made)


def _rows_in(path: Path) -> int:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    try:
        count: int = parquet.read_metadata(path).num_rows
    except pa.ArrowInvalid as error:
        raise StorageError(f"{path} is no whole Parquet file; export all months again, without --since") from error
    return count


def _groups(view: str, rows: Iterator[Mapping[str, Any]], schema: Any) -> Iterator[Any]:
    import pyarrow as pa  # noqa: PLC0415

    held: list[Any] = []
    while batch := list(islice(rows, _BATCH)):
        held.append(_batch(view, batch, schema))
        if sum(each.nbytes for each in held) >= _GROUP_BYTES:
            yield pa.concat_tables(held).combine_chunks()
            held = []
    if held:
        yield pa.concat_tables(held).combine_chunks()


def _batch(view: str, rows: Iterable[Mapping[str, Any]], schema: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    told = [{**_timed(row, fields_of(ROWS[view]), INSTANTS[view]), MORE: beside(view, row)} for row in rows]
    return pa.Table.from_pylist(told, schema=schema)


def _timed(
    row: Mapping[str, Any], kinds: Mapping[str, Any], instants: frozenset[str], above: str = ""
) -> dict[str, Any]:
    """Return a row whose instants are aware datetimes, and what has names of its own JSON."""
    told = dict(row)
    for name in row.keys() & kinds.keys():
        value, path = row[name], f"{above}{name}"
        if path in instants:
            told[name] = instant(value) if value else None
        elif kinds[name] is Any:
            told[name] = canonical(value).decode()
        elif value and is_fields(kind := given(kinds[name])):
            told[name] = _timed(value, fields_of(kind), instants, f"{path}.")
    return told


def schema_of(view: str) -> Any:
    """Return the columns of a view as pyarrow has them: instants are in microseconds, UTC."""
    import pyarrow as pa  # noqa: PLC0415

    fields = [pa.field(name, _type(kind, name, INSTANTS[view])) for name, kind in fields_of(ROWS[view]).items()]
    return pa.schema([*fields, pa.field(MORE, pa.string())])


def _type(kind: Any, path: str, instants: frozenset[str]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    kind = given(kind)
    if path in instants:
        return pa.timestamp("us", tz="UTC")
    if is_fields(kind):
        inner = {name: _type(each, f"{path}.{name}", instants) for name, each in fields_of(kind).items()}
        return pa.struct(inner)
    if item := item_of(kind):
        return pa.list_(_type(item, f"{path}[]", instants))
    if get_origin(kind) is dict:
        return pa.map_(*(_type(each, path, instants) for each in get_args(kind)))
    return {bool: pa.bool_(), int: pa.int64()}.get(kind, pa.string())


FORMAT = Format(name="parquet", views=tuple(ROWS), write=write, text=False, place="either", grows="folder")
