"""An article's history as one document: versions, events, remarks."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from archive.catalog import articles, events, patterns, turns
from archive.catalog.articles import Version
from archive.catalog.life import Event, LookRow, in_order, life, remarks
from archive.catalog.selection import EVERYTHING, Selection
from archive.facts.days import day_of, in_words
from archive.languages.vocabulary import Vocabulary
from archive.texts.changes import Change, Known, compare


class Parts(NamedTuple):
    """What a history is made of, as it is read once."""

    versions: list[Version]
    looks: list[LookRow]
    begun: list[dict[str, Any]]
    """What began each version, as `events.begun_of` tells it."""


def parts_of(db: articles.Db, article_id: str) -> Parts:
    """Read an article's versions and looks. Raises UsageError where it isn't there."""
    number = int(articles.article_row(db, article_id).article_id)
    versions = list(articles.versions(db, str(number)))
    return Parts(versions, list(events.looks_of(db, number)), events.begun_of(db, number))


def history_of(
    db: articles.Db,
    article_id: str,
    *,
    chosen: Selection = EVERYTHING,
    zone: tzinfo = UTC,
    parts: Parts | None = None,
) -> dict[str, Any]:
    """Return an article's versions and life events, JSON-ready. Raises UsageError where it isn't there.

    Of the selection events and days count: they leave out versions, events and remarks. `zone` is the outlet's, `parts`
    what `parts_of` read already.
    """
    article = articles.article_row(db, article_id)
    told, looks, begun = parts or parts_of(db, article_id)
    changes = {change["version"]: change for _, change in articles.changes(db, article.article_id)}
    versions = [
        {
            "version": version.number,
            "cite": version.cite,
            "captured_at": version.captured_at,
            "source": version.source,
            "headline": version.record["headline"],
            "change": changes.get(version.number),
        }
        for version in told
        if chosen.timely(version.captured_at)
    ]
    number = int(article.article_id)
    shifts = events.shifts_of(db, number)
    listed, beside = turns.told(db, number, [each["headline"] for each in begun])
    return {
        "schema": "presstv.history/1",
        "article_id": article.article_id,
        "url": article.url,
        "state": article.state,
        "state_source": article.state_source,
        "headline": article.headline,
        "published": article.published,
        "day": day_of(told[-1].record["published"], zone) if told else None,
        "printed": in_words(told[-1].record["published"], zone) if told else None,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "last_look": article.last_look,
        "versions": versions,
        "looks": len(looks),
        "looks_of_others": sum(look["source"] is not None for look in looks),
        "events": _told(in_order([*life(looks, begun, shifts), *listed]), chosen),
        "remarks": _told(in_order([*remarks(looks, [each["captured_at"] for each in begun], shifts), *beside]), chosen),
    }


def change_between(db: articles.Db, old: Version, new: Version, vocabulary: Vocabulary) -> Change:
    """Return what differs between two versions of an article, with what is known of noise and of clocks that run.

    Of neighbours that is what the archive tells of them; of others the noise alone.
    """
    number = int(new.article_id)
    own = old.source is None and new.source is None
    known = Known(spots=patterns.spots_in(db, number, old.record, new.record, own=own))
    change = compare(old.record, new.record, vocabulary, known=known)
    stored = [each for _, each in articles.changes(db, new.article_id) if each["version"] == new.number]
    if not stored or old.number != new.number - 1:
        return change
    told = stored[0]
    return replace(
        change, noise=told["noise"], silent=told["silent"], clocks=tuple(told["clocks"]),
        running=tuple(told.get("running", ())),
    )  # fmt: skip


def _told(happened: Iterable[Event], chosen: Selection) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in event.items() if name != "seq"}
        for event in happened
        if chosen.happened(event["event"], event["not_after"])
    ]
