"""An archive for datasette: `python -m examples.with_datasette [ARCHIVE] [-o FOLDER]`, then the command that it prints.

Views become tables with keys, so that a row leads to its article and its version, and each is shown by its headline.
"""

import argparse
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import archive
from archive.exporters.rowtypes import LatestRow

TABLES = {
    "articles": """CREATE TABLE articles (
        article_id TEXT PRIMARY KEY, headline TEXT, state TEXT, published TEXT, first_seen TEXT, last_seen TEXT,
        versions INTEGER, url TEXT)""",
    "versions": """CREATE TABLE versions (
        cite TEXT PRIMARY KEY, article_id TEXT REFERENCES articles (article_id), version INTEGER, headline TEXT,
        begun_at TEXT, source TEXT, text TEXT)""",
    "changes": """CREATE TABLE changes (
        cite TEXT PRIMARY KEY REFERENCES versions (cite), article_id TEXT REFERENCES articles (article_id), "to" TEXT,
        silent INTEGER, noise TEXT, fields TEXT, words_added INTEGER, words_removed INTEGER)""",
    "events": """CREATE TABLE events (
        number INTEGER PRIMARY KEY, article_id TEXT REFERENCES articles (article_id), event TEXT, not_before TEXT,
        not_after TEXT, detail TEXT, cite TEXT)""",
}
METADATA = {
    "title": "Press TV en français, as archived",
    "databases": {
        "archive": {
            "tables": {
                "articles": {"label_column": "headline", "sort_desc": "published", "facets": ["state"]},
                "versions": {"label_column": "headline", "sort_desc": "begun_at"},
                "changes": {"sort_desc": "to", "facets": ["silent", "noise"]},
                "events": {"sort_desc": "not_after", "facets": ["event"]},
            }
        }
    },
}


def main() -> None:
    """Write `archive.db` and `metadata.json` into a folder, and say how they are served."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("archive", nargs="?")
    parser.add_argument("-o", "--output", type=Path, default=Path())
    words = parser.parse_args()
    path, about = words.output / "archive.db", words.output / "metadata.json"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db, archive.open(words.archive) as opened:
        for table in TABLES.values():
            db.execute(table)
        _fill(db, "articles", opened.articles())
        _fill(db, "versions", (_version(row, opened.cite(row)) for row in opened.versions()))
        _fill(db, "changes", ({**change, **change["counts"]} for change in opened.changes()))
        _fill(db, "events", opened.events())
        db.commit()
    about.write_text(json.dumps(METADATA, ensure_ascii=False, indent=2), encoding="utf-8")
    print(f"datasette {path} --metadata {about}")


def _version(row: LatestRow, cite: str) -> dict[str, Any]:
    return {**row, "cite": cite, "text": "\n\n".join(filter(None, [row["lead"], *row["body"]]))}


def _fill(db: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    columns = [column for _, column, *_ in db.execute(f"PRAGMA table_info({table})")]
    marks, names = ", ".join("?" * len(columns)), ", ".join(f'"{column}"' for column in columns)
    cells = ([_cell(row.get(column)) for column in columns] for row in rows)
    db.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", cells)


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


if __name__ == "__main__":
    main()
