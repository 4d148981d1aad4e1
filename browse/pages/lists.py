"""Lists of articles: by what happened to them since a day, and by section."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from archive.catalog.articles import ArticleRow
from archive.catalog.crawls import listed
from archive.catalog.facets import Narrowing
from archive.facts.names import stamp
from browse.asking import PAGE_ROWS, Ask, NotThere, as_json, pages_of
from browse.pages.missing import no_such_page
from browse.pages.untold import total_of, untold
from browse.queries import lists
from browse.queries.lists import LISTS, Happened, ListName
from browse.shown import changes, life

DAYS = 30
"""How far back a list goes where no day is chosen."""
MOMENT = timedelta(microseconds=1)
"""Between the end of a day and the next one, whose beginning it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a list."""

    name: ListName
    since: datetime
    until: datetime | None = None
    """What happened at this instant or later is left out; None: nothing is."""
    section: str = ""
    """The name that articles have it under, capitals make no difference; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One row of a list, in words."""

    row: Happened
    when: str
    what: str


def list_name(text: str) -> ListName:
    """Return the list of that name. Raises NotThere where there is none."""
    for name in LISTS:
        if name == text:
            return name
    raise NotThere(f"no list {text!r}")


def titles(ask: Ask) -> dict[ListName, tuple[str, str]]:
    """Return (title, what is in it) of each list."""
    say = ask.tongue.say
    return {
        "silent": (say("Edited without notice"), say("The text changed and no date of the outlet’s says so.")),
        "changed": (say("Edited"), say("All edits, announced or not.")),
        "gone": (say("Vanished"), say("Articles that the outlet no longer shows.")),
        "back": (say("Back again"), say("Articles that were away and are there again.")),
        "new": (say("New"), say("Articles seen for the first time.")),
    }


def told(ask: Ask, name: ListName, part: lists.Rows) -> list[Told]:
    """Return a part of a list in words."""
    tongue = ask.tongue
    found = []
    for row in lists.rows(ask.db, name, part):
        what = changes.summary(tongue, row.change) if row.change else ""
        if name == "gone":
            what = tongue.say("removed") if row.confirmed else tongue.say("not found at the last look")
        known = row.not_before != row.not_after
        when = life.span(tongue, row.not_before, row.not_after) if known else tongue.say("when is not told")
        found.append(Told(row=row, when=when, what=what))
    return found


def asked(ask: Ask) -> Asked:
    """Return what a request asks of a list. Raises NotThere where there is no such list, Unfit for no day."""
    section = ask.word("section")[:200]
    return Asked(
        name=list_name(ask.place("list")),
        since=ask.since(DAYS),
        until=ask.until() if ask.word("until") else None,
        section=ask.outlet.sections.get(section, section),
    )


def found(ask: Ask, about: Asked) -> lists.Found:
    """Return a list's rows, kept for later pages of the same head."""
    since, until = stamp(about.since), stamp(about.until) if about.until else ""
    return ask.site.reader.kept(
        ask.db,
        ("list", about.name, since, until, about.section),
        lambda: lists.found(ask.db, about.name, since, until, _within(ask, about.section)),
    )


def _within(ask: Ask, section: str) -> Callable[[int], bool] | None:
    if not section:
        return None
    known = ask.site.reader.counted(ask.db)
    kinds = Narrowing(section=section).kinds(known) or set()
    return lambda number: known.of.get(number) in kinds


def happened(ask: Ask) -> Response:
    """Show a list."""
    about = asked(ask)
    everything, page = found(ask, about), ask.page_number()
    pages = pages_of(len(everything.rows))
    if refused := no_such_page(ask, pages):
        return refused
    part = everything.rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    title, what = titles(ask)[about.name]
    return ask.render(
        "list.html", name=about.name, title=title, about=what, since=about.since,
        until=about.until - MOMENT if about.until else None, section=about.section,
        rows=told(ask, about.name, part), total=total_of(ask, about.name, everything),
        untold=untold(ask, about.name), page=page, pages=pages,
    )  # fmt: skip


def happened_json(ask: Ask) -> Response:
    """Answer a list as JSON."""
    about = asked(ask)
    everything, page = found(ask, about), ask.page_number()
    if refused := no_such_page(ask, pages_of(len(everything.rows))):
        return refused
    part = everything.rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    rows = [row_json(row) for row in lists.rows(ask.db, about.name, part)]
    return as_json(
        {"schema": "presstv.list/1", "list": about.name, "since": stamp(about.since),
         "until": stamp(about.until) if about.until else None, "section": about.section or None,
         "total": total_of(ask, about.name, everything), "page": page, "rows": rows}
    )  # fmt: skip


def row_json(row: Happened) -> dict[str, Any]:
    """Return a row as JSON."""
    article = row.article
    return {
        "article_id": article.article_id, "url": article.url, "headline": article.headline, "state": article.state,
        "published": article.published, "not_before": row.not_before, "not_after": row.not_after,
        "version": row.version, "source": row.source, "confirmed": row.confirmed, "change": row.change,
    }  # fmt: skip


def sections(ask: Ask) -> Response:
    """Show the listings that crawls have walked, with how many articles each has shown."""
    counts = listed(ask.db)
    return ask.render(
        "sections.html", rows=[(key, section_name(ask, key), counts[key]) for key in ordered(ask, counts)]
    )


def sections_json(ask: Ask) -> Response:
    """Answer the listings as JSON."""
    counts = listed(ask.db)
    rows = [{"section": k, "name": section_name(ask, k), "articles": counts[k]} for k in ordered(ask, counts)]
    return as_json({"schema": "presstv.sections/1", "rows": rows})


def ordered(ask: Ask, keys: dict[str, int]) -> list[str]:
    """Return keys of sections in the order of the outlet's menu, those that it lacks last."""
    menu = [key for key in ask.outlet.sections if key in keys]
    return [*menu, *(key for key in keys if key not in ask.outlet.sections)]


def section_name(ask: Ask, key: str) -> str:
    """Return a section's name in the outlet's menu; its key where that lacks it."""
    return ask.outlet.sections.get(key, key)


def _listed_in(ask: Ask, key: str, page: int) -> tuple[int, list[ArticleRow]]:
    total, rows = lists.section_rows(ask.db, key, page, PAGE_ROWS)
    if not total:
        raise NotThere(ask.tongue.say("No listing of the name “%(name)s” was seen.", name=key))
    return total, rows


def section(ask: Ask) -> Response:
    """Show what a section has listed, the newest first."""
    key, page = ask.place("key"), ask.page_number()
    total, rows = _listed_in(ask, key, page)
    if refused := no_such_page(ask, pages_of(total)):
        return refused
    return ask.render(
        "section.html", key=key, name=section_name(ask, key), rows=rows, total=total, page=page,
        pages=pages_of(total), states=changes.state_names(ask.tongue),
    )  # fmt: skip


def section_json(ask: Ask) -> Response:
    """Answer what a section has listed as JSON."""
    key, page = ask.place("key"), ask.page_number()
    total, rows = _listed_in(ask, key, page)
    if refused := no_such_page(ask, pages_of(total)):
        return refused
    told = [{name: getattr(row, name) for name in type(row).__struct_fields__} for row in rows]
    return as_json({"schema": "presstv.section/1", "section": key, "total": total, "page": page, "rows": told})
