"""Which strategy read which field, month by month, and what recurs."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from archive.catalog.articles import Db, placed, standing_records
from archive.facts.record import Record
from archive.texts import recurrence

FIELDS = ("headline", "body", "published", "sections")


def months(db: Db) -> list[dict[str, Any]]:
    """Return by month of capture (UTC) how many captures each layout read, and each field each strategy, JSON-ready."""
    counts: dict[str, dict[str, Counter[str]]] = {}
    for record in standing_records(db):
        month = counts.setdefault(record["captured_at"][:7], {name: Counter() for name in ("layouts", *FIELDS)})
        month["layouts"][record["extraction"]["layout"] or "none"] += 1
        sources = record["extraction"]["sources"]
        for name in FIELDS:
            # The body's blocks are named after what the page object gives, before cleaning.
            month[name][sources.get(name) or (name == "body" and sources.get("blocks")) or "none"] += 1
    return [
        {
            "month": month,
            "records": found["layouts"].total(),
            "layouts": dict(found["layouts"].most_common()),
            "fields": {name: dict(found[name].most_common()) for name in FIELDS},
        }
        for month, found in sorted(counts.items())
    ]


def proposals(db: Db, *, articles: int, days: int) -> list[dict[str, Any]]:
    """Return the blocks that recur in so many articles of so many days, the most frequent first, JSON-ready."""

    def newest() -> Iterator[Record]:
        return (version.record for _, version, _ in placed(db, newest=True))

    return [
        {"text": block.text, "place": block.place, "articles": block.articles, "examples": block.examples}
        for block in recurrence.recurring(newest, articles=articles, days=days)
    ]
