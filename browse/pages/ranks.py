"""A listing over time: what stood where, under which teaser, for how long."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from starlette.responses import Response

from archive.exporters.listings import Shown
from archive.facts.names import stamp
from browse.asking import Ask, NotThere, as_csv, as_json, pages_of
from browse.pages.lists import MOMENT, section_name
from browse.pages.missing import no_such_page
from browse.queries import ranks as queries
from browse.shown.ranks import Standing, Teased, ranks, standings

DAYS = 7
_SECONDS = 1.0
"""How long segments are read for one page; what is left is read for the next one."""
_ROWS = 100
LISTINGS = ("front", "feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a listing showed from one instant to another."""

    since: str
    until: str
    shown: Shown
    standings: list[Standing]


def listing_name(ask: Ask, key: str) -> str:
    """Return what a listing is called."""
    named = {"front": ask.tongue.say("Front page of the outlet"), "feed": ask.tongue.say("Feed")}
    return named.get(key) or section_name(ask, key)


def told(ask: Ask) -> Told:
    """Return what the listing that the path names showed. Raises NotThere where no look ever saw it."""
    key, since, until = ask.place("key"), stamp(ask.since(DAYS, lately=True)), stamp(ask.until())
    begun = time.monotonic()
    shown = ask.site.reader.listings.shown(
        ask.db, key, since, until,
        may_go_on=lambda: ask.site.written is not None or time.monotonic() - begun < _SECONDS,
    )  # fmt: skip
    if not shown.looks and key not in (*LISTINGS, *ask.outlet.sections):
        raise NotThere(ask.tongue.say("No listing of the name “%(name)s” was seen.", name=key))
    numbers = {number for look in shown.looks for number in look.listed}
    found = queries.teasers(ask.db, key, numbers, since, until)
    teased = {number: [Teased(text=t, since=s, until=u) for t, s, u in each] for number, each in found.items()}
    headlines = queries.headlines(ask.db, numbers)
    return Told(since=since, until=until, shown=shown, standings=standings(shown.looks, headlines, teased))


def section_ranks(ask: Ask) -> Response:
    """Show a listing over time, the chart with its table."""
    answer, key, page = told(ask), ask.place("key"), ask.page_number()
    if refused := no_such_page(ask, pages_of(len(answer.standings), _ROWS)):
        return refused
    rows = answer.standings[(page - 1) * _ROWS : page * _ROWS]
    return ask.render(
        "ranks.html", key=key, name=listing_name(ask, key), since=ask.since(DAYS, lately=True),
        until=ask.until() - MOMENT,
        shown=answer.shown, rows=rows, total=len(answer.standings), page=page,
        pages=pages_of(len(answer.standings), _ROWS), traced=ask.word("a"),
        chart=ranks(ask.tongue, answer.shown.looks, answer.standings), ours=key in LISTINGS,
    )  # fmt: skip


def section_ranks_json(ask: Ask) -> Response:
    """Answer the same as JSON."""
    answer = told(ask)
    return as_json(
        {
            "schema": "presstv.ranks/1", "listing": ask.place("key"), "since": answer.since, "until": answer.until,
            "left": answer.shown.left, "looks": [look.at for look in answer.shown.looks],
            "articles": [_standing(each) for each in answer.standings],
        }
    )  # fmt: skip


def _standing(each: Standing) -> dict[str, Any]:
    stays = [{name: value for name, value in asdict(stay).items() if name != "article_id"} for stay in each.stays]
    return {
        "article_id": each.article_id, "headline": each.headline, "best": each.best, "worst": each.worst,
        "looks": each.looks, "seconds": int(each.there.total_seconds()), "first_look": each.first_look,
        "last_look": each.last_look, "teasers": [asdict(teased) for teased in each.teasers], "stays": stays,
    }  # fmt: skip


def section_ranks_csv(ask: Ask) -> Response:
    """Answer the same as CSV (RFC 4180), a row a stay."""
    return as_csv(("article_id", "rank", "since", "until", "looks", "teaser"), _rows(told(ask).standings))


def _rows(found: list[Standing]) -> Iterator[list[str | int]]:
    for each in found:
        for stay in each.stays:
            yield [each.article_id, stay.rank, stay.since, stay.until, stay.looks, each.called(stay)]
