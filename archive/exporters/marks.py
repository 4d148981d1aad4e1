"""What every exported line says of itself, so that it can stand alone: its schema, its view, its edition."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archive.catalog.selection import Selection
from archive.facts.record import SCHEMA
from archive.opened import Archive

Row = dict[str, Any]
View = Callable[[Archive, Selection], Iterator[Row]]
GONE = "presstv.rows/1"
"""Of the rows of an increment that say how many an article has left."""
SCHEMAS: Mapping[str, str] = {
    "latest": SCHEMA,
    "versions": SCHEMA,
    "changes": "presstv.change/1",
    "events": "presstv.event/1",
    "checks": "presstv.check/1",
    "placements": "presstv.placement/1",
    "articles": "presstv.article/1",
    "records": SCHEMA,
    "captures": "presstv.capture/1",
    "commits": "presstv.commit/1",
}
"""View → the schema of its rows; DATA_FORMAT.md has the fields."""


def marked(view: str, rows: View) -> View:
    """Return the view with its rows' schema, name and edition in each of them."""

    def told(archive: Archive, chosen: Selection) -> Iterator[Row]:
        edition = archive.catalog.vocabulary.edition
        for row in rows(archive, chosen):
            schema = GONE if "rows" in row else SCHEMAS[view]
            yield {**row, "schema": schema, "view": view, "edition": edition}

    return told
