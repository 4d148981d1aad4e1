"""The front page: what happened since a day, and when the archive last looked."""

from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import Response

from archive.catalog import articles
from archive.catalog.suspects import suspects
from archive.facts.names import instant, stamp
from browse.asking import Ask, as_json
from browse.pages.lists import found, row_json, titles, told
from browse.queries import lists
from browse.queries.lists import LISTS

DAYS = 7
_SHOWN = 5
_STRIP_DAYS = 42
_LATE = timedelta(days=1)


def front(ask: Ask) -> Response:
    """Show what is silent, edited, gone, back and new since a day."""
    since = ask.since(DAYS)
    named = titles(ask)
    boxes = []
    for name in LISTS:
        everything = found(ask, name, since)
        boxes.append((name, *named[name], everything.total, told(ask, name, everything.rows[:_SHOWN])))
    last = articles.last_crawl(ask.db)
    now = ask.site.clock()
    return ask.render(
        "front.html", since=since, boxes=boxes, counts=counts(ask), last=last,
        late=last is not None and now - instant(last["at"]) > _LATE, suspects=suspects(ask.db), strip=strip(ask, now),
    )  # fmt: skip


def counts(ask: Ask) -> dict[str, int]:
    """Return how many articles, versions and looks there are."""
    return ask.site.reader.kept(ask.db, ("counts",), lambda: articles.counts(ask.db))


def strip(ask: Ask, now: datetime) -> list[tuple[date, int]]:
    """Return (day, crawls) of the last six weeks in UTC, days without a crawl among them."""
    first = now.date() - timedelta(days=_STRIP_DAYS - 1)
    crawls = dict(lists.days(ask.db, first.isoformat()))
    days = [first + timedelta(days=step) for step in range(_STRIP_DAYS)]
    return [(day, crawls.get(day.isoformat(), 0)) for day in days]


def front_json(ask: Ask) -> Response:
    """Answer the front page as JSON."""
    since = ask.since(DAYS)
    boxes: dict[str, Any] = {}
    for name in LISTS:
        everything = found(ask, name, since)
        rows = [row_json(row) for row in lists.rows(ask.db, name, everything.rows[:_SHOWN])]
        boxes[name] = {"total": everything.total, "rows": rows}
    return as_json({"schema": "presstv.front/1", "since": stamp(since), "counts": counts(ask), "lists": boxes})
