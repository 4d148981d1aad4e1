"""The front page: what happened since a day, and when the archive last looked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from archive.catalog import articles, crawls
from archive.catalog.days import days
from archive.catalog.suspects import suspects
from archive.facts.names import instant, stamp
from browse.asking import Ask, Subject, as_json
from browse.pages.lists import Asked, found, row_json, titles, told
from browse.pages.untold import day_json, total_of, unknown, untold
from browse.queries import lists
from browse.queries.lists import LISTS
from browse.shown.bars import Strip, strip_of

DAYS = 7
_SHOWN = 5
_STRIP_DAYS, _MOST_DAYS = 42, 366
_LATE = timedelta(days=1)


def front(ask: Ask) -> Response:
    """Show what is silent, edited, gone, back and new since a day."""
    since = ask.since(DAYS)
    named = titles(ask)
    boxes = []
    for name in LISTS:
        everything = found(ask, Asked(name=name, since=since))
        total = total_of(ask, name, everything)
        boxes.append((name, *named[name], total, untold(ask, name), told(ask, name, everything.rows[:_SHOWN])))
    last = crawls.last_crawl(ask.db)
    now = ask.site.clock()
    return ask.render(
        "front.html", since=since, boxes=boxes, counts=counts(ask), last=last,
        late=last is not None and now - instant(last["at"]) > _LATE, suspects=suspects(ask.db),
        strip=strip(ask, now, since), unknown=unknown(ask),
    )  # fmt: skip


def counts(ask: Ask) -> dict[str, int]:
    """Return how many articles, versions and looks there are."""
    return ask.site.reader.kept(ask.db, ("counts",), lambda: articles.counts(ask.db))


_LACKING: Mapping[str, Subject] = {
    "commits": "crawls",
    "checks": "looks",
    "captures": "captures",
    "bytes": "captures",
    "changes": "edits",
}


def known_counts(ask: Ask) -> dict[str, int | None]:
    """Return the same, None for what exported files don't tell."""
    lacks = {name for name, what in _LACKING.items() if not ask.site.tells(what)}
    return {name: None if name in lacks else number for name, number in counts(ask).items()}


def head_json(ask: Ask) -> dict[str, int | str] | None:
    """Return the archive's head as JSON; None where exported files don't say it."""
    return {"seq": ask.head[0], "digest": ask.head[1]} if ask.head else None


def strip(ask: Ask, now: datetime, since: datetime | None = None) -> Strip:
    """Return the outlet's last six weeks day by day, those without a look among them; all since a day further back."""
    last = now.astimezone(ask.tongue.zone).date()
    chosen = since.astimezone(ask.tongue.zone).date() if since else last
    first = max(min(last - timedelta(days=_STRIP_DAYS - 1), chosen), last - timedelta(days=_MOST_DAYS - 1))
    known = {day.day: day for day in days(ask.db, first.isoformat(), last.isoformat())}
    span = (first + timedelta(days=step) for step in range((last - first).days + 1))
    return strip_of([(day, known.get(day.isoformat())) for day in span])


def front_json(ask: Ask) -> Response:
    """Answer the front page as JSON."""
    since = ask.since(DAYS)
    boxes: dict[str, Any] = {}
    for name in LISTS:
        everything = found(ask, Asked(name=name, since=since))
        rows = [row_json(row) for row in lists.rows(ask.db, name, everything.rows[:_SHOWN])]
        boxes[name] = {"total": total_of(ask, name, everything), "rows": rows}
    return as_json(
        {
            "schema": "presstv.front/1",
            "since": stamp(since),
            "counts": known_counts(ask),
            "days": [day_json(ask, each.told) for each in strip(ask, ask.site.clock(), since).days if each.told],
            "lists": boxes,
        }
    )
