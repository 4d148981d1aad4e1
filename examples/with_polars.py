"""An archive's life events in polars: `python -m examples.with_polars [ARCHIVE]`.

What happens between two looks has two instants; how far apart they are says how exactly it is known.
"""

import sys

import polars as pl

import archive

COLUMNS = {"article_id": pl.String, "event": pl.String, "not_before": pl.String, "not_after": pl.String}


def main(uri: str | None = None) -> None:
    """Print how often each kind of event was seen, and within how many hours of it half of them were."""
    with archive.open(uri) as opened:
        rows = [{name: event[name] for name in COLUMNS} for event in opened.events()]  # type: ignore[literal-required]
    instants = pl.col("not_before", "not_after").str.to_datetime(time_zone="UTC")
    events = pl.DataFrame(rows, schema=COLUMNS).with_columns(instants)
    apart = (pl.col("not_after") - pl.col("not_before")).dt.total_seconds() / 3600
    told = events.group_by("event").agg(pl.len().alias("seen"), apart.median().round(2).alias("hours"))
    print(told.sort("event"))


if __name__ == "__main__":
    main(*sys.argv[1:2])
