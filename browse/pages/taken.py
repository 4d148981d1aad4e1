"""Result lists taken away in the formats of exports: JSONL, CSV, Parquet, BibTeX, RIS, CSL-JSON.

The rows are those of the view `latest` (DATA_FORMAT.md), one an article, by number; an Atom feed is in `feeds`.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, get_args

from starlette.responses import Response

from archive.catalog.articles import cited
from archive.catalog.selection import Selection
from archive.exporters import citing, csvfile, jsonl, parquet
from archive.exporters.citing import Cited
from archive.exporters.views import VIEWS
from browse.asking import TAKEN_ROWS, Ask
from browse.pages import lists as pages
from browse.pages import searching
from browse.pages.references import as_bibtex, as_csl, as_ris
from browse.queries import found, lists

Ending = Literal["jsonl", "csv", "parquet", "bib", "ris", "csl"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)
Numbers = Callable[[Ask], Iterable[int]]
Rows = Iterable[dict[str, Any]]


def _happened(ask: Ask) -> Iterable[int]:
    everything = pages.found(ask, pages.asked(ask))
    return (number for _, number, _ in everything.rows)


def _listed(ask: Ask) -> Iterable[int]:
    return lists.listed(ask.db, ask.place("key"), TAKEN_ROWS)


def _found(ask: Ask) -> Iterable[int]:
    question = searching.sought(ask)
    return found.numbers(question, searching.answer_of(ask, question).rows)


def _jsonl(_ask: Ask, rows: Rows) -> Response:
    out = io.BytesIO()
    jsonl.write_rows(rows, out, "")
    return Response(out.getvalue(), media_type="application/x-ndjson")


def _csv(_ask: Ask, rows: Rows) -> Response:
    out = io.BytesIO()
    csvfile.write_rows("latest", rows, out, "")
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8; header=present")


def _parquet(_ask: Ask, rows: Rows) -> Response:
    out = io.BytesIO()
    parquet.write_rows("latest", rows, out)
    return Response(out.getvalue(), media_type="application/vnd.apache.parquet")


def _cited(ask: Ask, rows: Rows) -> Iterable[Cited]:
    for row in rows:
        key = f"{cited(ask.db, row)}-{citing.digits_of(row)}"  # type: ignore[arg-type]
        yield citing.cited_as(key, row, ask.outlet.name, ask.base())  # type: ignore[arg-type]


_WRITTEN: dict[Ending, Callable[[Ask, Rows], Response]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "parquet": _parquet,
    "bib": lambda ask, rows: as_bibtex(_cited(ask, rows)),
    "ris": lambda ask, rows: as_ris(_cited(ask, rows)),
    "csl": lambda ask, rows: as_csl(_cited(ask, rows)),
}


def rows_of(ask: Ask, numbers: Iterable[int]) -> Rows:
    """Return the rows of the view `latest` of articles, the first 2,000 that are named."""
    chosen = [str(number) for number in list(dict.fromkeys(numbers))[:TAKEN_ROWS]]
    if not chosen:
        return []
    return VIEWS["latest"](ask.site.reader.archive_at(ask.db), Selection(ids=frozenset(chosen)))


def routes(path: str, numbers: Numbers, what: str) -> Sequence[tuple[str, Callable[[Ask], Response]]]:
    """Return the routes by which a list at a path is taken away, one a format."""
    return [(f"{path}.{ending}", _page(ending, numbers, what)) for ending in ENDINGS]


def _page(ending: Ending, numbers: Numbers, what: str) -> Callable[[Ask], Response]:
    def page(ask: Ask) -> Response:
        response = _WRITTEN[ending](ask, rows_of(ask, numbers(ask)))
        response.headers["content-disposition"] = f'attachment; filename="presstv-{what}.{ending}"'
        return response

    page.__name__, page.__doc__ = f"{what}_{ending}", f"Give the newest text of each article of a {what} as {ending}."
    return page


ROUTES = (
    *routes("/list/{list:list}", _happened, "list"),
    *routes("/sections/{key:key}", _listed, "section"),
    *routes("/search", _found, "search"),
)
