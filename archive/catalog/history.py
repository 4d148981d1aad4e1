"""An article's history as one document: versions, events, remarks."""

from typing import Any

from archive.catalog import articles, events, turns
from archive.catalog.life import Event, in_order, life, remarks


def history_of(db: articles.Db, article_id: str) -> dict[str, Any]:
    """Return an article's versions and life events, JSON-ready. Raises UsageError where it isn't there."""
    article = articles.article_row(db, article_id)
    changes = {change["version"]: change for _, change in articles.changes(db, article.article_id)}
    versions = [
        {
            "version": version.number,
            "cite": version.cite,
            "captured_at": version.captured_at,
            "headline": version.record["headline"],
            "change": changes.get(version.number),
        }
        for version in articles.versions(db, article.article_id)
    ]
    number = int(article.article_id)
    looks, begun, shifts = list(events.looks_of(db, number)), events.begun_of(db, number), events.shifts_of(db, number)
    listed, beside = turns.told(db, number, [each["headline"] for each in begun])
    return {
        "schema": "presstv.history/1",
        "article_id": article.article_id,
        "url": article.url,
        "state": article.state,
        "headline": article.headline,
        "published": article.published,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "last_look": article.last_look,
        "versions": versions,
        "looks": len(looks),
        "events": [_told(event) for event in in_order([*life(looks, begun, shifts), *listed])],
        "remarks": [
            _told(event)
            for event in in_order([*remarks(looks, [each["captured_at"] for each in begun], shifts), *beside])
        ],
    }


def _told(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "seq"}
