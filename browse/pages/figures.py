"""Figures: what happened on each day and in each section, how soon articles were edited, and which most."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from archive.catalog.crawls import listed
from archive.catalog.days import Day, days
from archive.facts.names import stamp
from browse.asking import Ask, as_csv, as_json
from browse.pages.lists import section_name
from browse.pages.untold import day_json, unknown
from browse.queries import figures as queries
from browse.queries import latency
from browse.shown import changes
from browse.shown.bars import bars, columns

_DAYS = 60
MOST_DAYS = 400
_SECTION = ("section", "articles", "edited", "silent", "vanished")


def _first_day(ask: Ask) -> date:
    """Return the outlet's day that was chosen, none further back than 400 days."""
    last = ask.site.clock().astimezone(ask.tongue.zone).date()
    chosen = ask.since(_DAYS).astimezone(ask.tongue.zone).date()
    return max(chosen, last - timedelta(days=MOST_DAYS - 1))


def _days(ask: Ask) -> list[Day]:
    """Return the outlet's days since the chosen one on which there was anything, the last 400 at most."""
    return list(days(ask.db, _first_day(ask).isoformat()))[-MOST_DAYS:]


def _sections(ask: Ask) -> list[tuple[str, int, int, int, int]]:
    return queries.by_section(ask.db)


def _with_listings(ask: Ask) -> list[tuple[str, tuple[str, int, int, int, int]]]:
    """Return the sections, each behind the key of the listing of its name, empty where the archive has none."""
    keys: dict[str, str] = {}
    for key in listed(ask.db):
        keys.setdefault(section_name(ask, key), key)
    return [(keys.get(row[0], ""), row) for row in _sections(ask)]


def _known_sections(ask: Ask) -> list[tuple[str | int | None, ...]]:
    """Return the sections as rows; None for what exported files don't tell."""
    edits = ask.site.tells("edits")
    return [(*row[:2], *(row[2:4] if edits else (None, None)), row[4]) for row in _sections(ask)]


def _first_edits(ask: Ask) -> latency.FirstEdits:
    since = _first_day(ask).isoformat()
    return ask.site.reader.kept(ask.db, ("first edits", since), lambda: latency.first_edits(ask.db, since))


def _cadence(ask: Ask) -> latency.Cadence:
    now = ask.site.clock()
    return latency.cadence(ask.db, stamp(max(ask.since(_DAYS), now - timedelta(days=MOST_DAYS))), now)


def figures(ask: Ask) -> Response:
    """Show the figures, each chart with its table."""
    found, say = _days(ask), ask.tongue.say
    named = {
        "new": say("New"), "edited": say("Edited"), "silent": say("Edited without notice"), "removed": say("Vanished"),
        "restored": say("Back again"),
    }  # fmt: skip
    charts = [
        (name, title, bars([(day.day, getattr(day, name), day.crawls) for day in found]))
        for name, title in named.items()
        if name not in unknown(ask)
    ]
    edits = _first_edits(ask)
    return ask.render(
        "figures.html", since=ask.since(_DAYS), days=found, charts=charts, most=queries.most_edited(ask.db),
        states=changes.state_names(ask.tongue), sections=_with_listings(ask),
        edits=edits, cadence=_cadence(ask), unknown=unknown(ask),
        buckets=columns([(_span(ask, each), each.edited, each.silent) for each in edits.buckets]),
    )  # fmt: skip


def _span(ask: Ask, bucket: latency.Bucket) -> str:
    """Return the length of time that a bucket is for, short: `1–3 h`, `2–7 d`."""
    if bucket.below is None:
        return ask.tongue.say("%(days)s d or more", days=bucket.least // timedelta(days=1))
    if bucket.below <= timedelta(days=1):
        hours = (each // timedelta(hours=1) for each in (bucket.least, bucket.below))
        return "–".join(map(str, hours)) + "\u00a0h"
    days = (each // timedelta(days=1) for each in (bucket.least, bucket.below))
    return ask.tongue.say("%(span)s d", span="–".join(map(str, days)))


def figures_json(ask: Ask) -> Response:
    """Answer the figures as JSON; lengths of time are seconds."""
    edits, apart = _first_edits(ask), _cadence(ask)
    told: dict[str, Any] = {
        "schema": "presstv.figures/1",
        "days": [day_json(ask, day) for day in _days(ask)],
        "cadence": {"crawls": apart.crawls, "median": _seconds(apart.median), "longest": _seconds(apart.longest)}
        if ask.site.tells("crawls") else None,
        "first_edits": None if not ask.site.tells("edits") else {
            "measured": edits.measured, "left_out": edits.left_out, "unedited": edits.unedited,
            "median": _seconds(edits.median), "buckets": [dict(zip(_BUCKET, row, strict=True)) for row in _rows(edits)],
        },
        "sections": [dict(zip(_SECTION, row, strict=True)) for row in _known_sections(ask)],
        "most_edited": [
            {"article_id": row.article_id, "headline": row.headline, "versions": row.versions}
            for row in queries.most_edited(ask.db)
        ],
    }  # fmt: skip
    return as_json(told)


_BUCKET = ("at_least_seconds", "below_seconds", "edited", "silent")


def _rows(edits: latency.FirstEdits) -> list[tuple[int | None, ...]]:
    return [(_seconds(each.least), _seconds(each.below), each.edited, each.silent) for each in edits.buckets]


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def days_csv(ask: Ask) -> Response:
    """Give the figures by day as CSV."""
    return as_csv(tuple(Day.__slots__), (tuple(day_json(ask, day).values()) for day in _days(ask)))


def sections_csv(ask: Ask) -> Response:
    """Give the figures by section as CSV."""
    return as_csv(_SECTION, _known_sections(ask))


def first_edits_csv(ask: Ask) -> Response:
    """Give how soon articles were first edited as CSV."""
    return as_csv(_BUCKET, _rows(_first_edits(ask)))


def most_edited_csv(ask: Ask) -> Response:
    """Give the articles that were edited most as CSV."""
    rows: Iterable[Sequence[object]] = (
        (row.article_id, row.versions, row.headline, row.url) for row in queries.most_edited(ask.db)
    )
    return as_csv(("article_id", "versions", "headline", "url"), rows)
