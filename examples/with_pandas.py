"""An archive's rows as data frames: `python -m examples.with_pandas [ARCHIVE]`.

A row is a dict of Python's own values: numbers of articles are text, since they are names, and instants are RFC 3339.
"""

import sys

import pandas as pd

import archive


def main(uri: str | None = None) -> None:
    """Print how many versions, edits and silent edits each state's articles have, and which were edited last."""
    with archive.open(uri) as opened:
        articles = pd.DataFrame(opened.articles(), columns=["article_id", "state", "versions", "headline"])
        changes = pd.DataFrame(opened.changes(), columns=["article_id", "to", "silent", "cite", "headline"])
    changes["to"] = pd.to_datetime(changes["to"], utc=True, format="ISO8601").dt.tz_convert("Asia/Tehran")
    edits = changes.groupby("article_id").agg(edits=("cite", "count"), silent=("silent", "sum"))
    told = articles.join(edits, on="article_id").fillna({"edits": 0, "silent": 0})
    print(told.groupby("state")[["versions", "edits", "silent"]].sum().astype(int))
    print(changes.sort_values("to", ascending=False).head(5)[["to", "silent", "cite"]].to_string(index=False))


if __name__ == "__main__":
    main(*sys.argv[1:2])
