"""SQL over an archive's own files and over what only a fold knows: `python -m examples.with_duckdb [ARCHIVE]`.

The stored records are read where they lie, in the files that the log names; the changes come from `archive.open` as a
table of Arrow. A folder will do as it is; for a bucket load DuckDB's httpfs first.
"""

import sys

import duckdb
import pyarrow as pa

import archive

QUESTION = """
    SELECT
        strftime(published.utc::TIMESTAMPTZ AT TIME ZONE 'Asia/Tehran', '%Y') AS year,
        count(DISTINCT r.article_id) AS articles,
        count(DISTINCT c.cite) FILTER (c.silent) AS edited_silently
    FROM read_json(?, columns = {article_id: 'VARCHAR', published: 'STRUCT(utc VARCHAR)'}) r
    LEFT JOIN changes c ON c.article_id = r.article_id
    WHERE published.utc IS NOT NULL
    GROUP BY year ORDER BY year
"""
"""In the outlet's own zone: of the articles of each year, how many were edited without notice."""


def main(uri: str | None = None) -> None:
    """Print the answer as a table."""
    with archive.open(uri) as opened:
        folder = opened.uri.removeprefix("file:")
        segments = [segment for commit in opened.commits() for segment in commit["segments"]]
        files = [f"{folder}/{segment['key']}" for segment in segments if segment["kind"] == "records"]
        if not files:
            print("no article was read yet")
            return
        rows = [{name: change[name] for name in ("article_id", "cite", "silent")} for change in opened.changes()]
        kinds = [("article_id", pa.string()), ("cite", pa.string()), ("silent", pa.bool_())]
        with duckdb.connect() as db:
            db.register("changes", pa.Table.from_pylist(rows, schema=pa.schema(kinds)))
            print(db.sql(QUESTION, params=[files]))


if __name__ == "__main__":
    main(*sys.argv[1:2])
