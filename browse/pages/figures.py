"""Figures: what happened on each day and in each section, with the crawls beside it, and what was edited most."""

from dataclasses import asdict
from typing import Any

from starlette.responses import Response

from archive.facts.names import stamp
from browse.asking import Ask, as_json
from browse.pages.lists import section_name
from browse.queries import figures as queries
from browse.shown import changes
from browse.shown.bars import bars

_DAYS = 60


def _days(ask: Ask) -> list[queries.DayFigures]:
    since = stamp(ask.since(_DAYS))
    return ask.site.reader.kept(ask.db, ("days", since), lambda: queries.by_day(ask.db, since))


def figures(ask: Ask) -> Response:
    """Show the figures, each chart with its table."""
    days, say = _days(ask), ask.tongue.say
    named = {
        "new": say("New"), "edited": say("Edited"), "silent": say("Edited without notice"), "vanished": say("Vanished"),
    }  # fmt: skip
    charts = [
        (name, title, bars([(day.day, getattr(day, name), day.crawls) for day in days]))
        for name, title in named.items()
    ]
    sections = ask.site.reader.kept(ask.db, ("by section",), lambda: queries.by_section(ask.db))
    return ask.render(
        "figures.html", since=ask.since(_DAYS), days=days, charts=charts, most=queries.most_edited(ask.db),
        states=changes.state_names(ask.tongue), sections=[(section_name(ask, row[0]), row) for row in sections],
    )  # fmt: skip


def figures_json(ask: Ask) -> Response:
    """Answer the figures as JSON."""
    names = ("section", "articles", "edited", "silent", "vanished")
    told: dict[str, Any] = {
        "schema": "presstv.figures/1",
        "days": [asdict(day) for day in _days(ask)],
        "sections": [dict(zip(names, row, strict=True)) for row in queries.by_section(ask.db)],
        "most_edited": [
            {"article_id": row.article_id, "headline": row.headline, "versions": row.versions}
            for row in queries.most_edited(ask.db)
        ],
    }
    return as_json(told)
