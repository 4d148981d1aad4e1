"""CSV (RFC 4180), UTF-8: one row a line, safe to open in a spreadsheet.

What a spreadsheet would take for a formula (CWE-1236) gets an apostrophe before it, where a cell begins and behind
whatever a reader with another separator could take for the end of one; DATA_FORMAT.md says how to take it away again.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any, BinaryIO

from archive.catalog.selection import Selection
from archive.errors import UsageError
from archive.exporters.format import Format, Option, Progress, WrittenLines, unwatched
from archive.exporters.packing import packed
from archive.exporters.rowtypes import MORE, ROWS, beside, leaves
from archive.exporters.targets import write_to
from archive.exporters.views import VIEWS
from archive.facts.canonical import canonical
from archive.opened import Archive

_BEGINS = "=+\\-@\t\r\uff1d\uff0b\uff0d\uff20"
"""What a formula begins with, full-width forms too."""
_ENDS = r";\t\r\n\x0b\x0c\x85\u2028\u2029"
"""Where a reader may see a cell or a line end."""
_UNSEEN = (
    r"\"' \x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00a0\u00ad\u061c\u180e\u2000-\u200f\u202a-\u202f\u205f-\u2069"
    r"\u3000\ufeff"
)
"""What may stand before a formula and not be seen: quotes, blanks, controls, marks of direction."""
_FORMULA = re.compile(rf"(?:^|(?<=[{_ENDS}]))(?=[{_UNSEEN}]*[{_BEGINS}])")
_BOM = "\ufeff"


def write(
    archive: Archive, view: str, *, chosen: Selection, target: str | None, bom: str, progress: Progress = unwatched
) -> int:
    """Write a view's rows to a target, and count them. Raises UsageError for another `bom` than yes and no."""
    head, rows = head_of(view, bom=bom), progress(VIEWS[view](archive, chosen))
    return write_to(target, partial(write_rows, view, rows, head=head))


def head_of(view: str, *, bom: str) -> bytes:
    """Return the line of a view's columns. Raises UsageError as `write`."""
    if bom not in ("yes", "no"):
        raise UsageError(f"--bom {bom!r}: write yes or no")
    names = [*(".".join(path) for path in _columns(view)), MORE]
    return (_BOM if bom == "yes" else "").encode() + _written([names])


def write_rows(view: str, rows: Iterable[Mapping[str, Any]], out: BinaryIO, name: str, *, head: bytes = b"") -> int:
    """Write rows of a view to a stream below the line of their columns, packed as its file's name tells; count them."""
    count = 0
    with packed(out, name) as raw:
        raw.write(head or head_of(view, bom="no"))
        for row in rows:
            raw.write(lines_of(view, [row]))
            count += 1
    return count


def lines_of(view: str, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows of a view as they are written."""
    columns = _columns(view)
    return _written([*(_cell(_at(row, path)) for path in columns), _cell(beside(view, row))] for row in rows)


@cache
def _columns(view: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(path) for path, _ in leaves(ROWS[view]))


def _written(lines: Iterable[Iterable[str | int]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def _at(row: Mapping[str, Any], path: Iterable[str]) -> Any:
    value: Any = row
    for name in path:
        value = value.get(name) if value else None
    return value


def _cell(value: Any) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return safe("\n".join(value))
    return safe(canonical(value).decode())


def safe(text: str) -> str:
    """Return a text of which no spreadsheet makes a formula, whatever it takes for a separator."""
    return _FORMULA.sub("'", text)


FORMAT = Format(
    name="csv",
    views=tuple(ROWS),
    write=write,
    lines=WrittenLines(head=head_of, of=lines_of),
    options=(
        Option(
            name="bom", metavar="WORD", default="no",
            help="yes or no: whether it begins with the mark by which Excel knows UTF-8",
        ),
    ),
)  # fmt: skip
