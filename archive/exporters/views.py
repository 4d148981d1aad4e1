"""The views of an archive as rows: latest, versions, changes, events … Each row is what DATA_FORMAT.md says."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archive.catalog import articles
from archive.catalog.articles import ArticleRow
from archive.catalog.events import every_event
from archive.catalog.moment import one_moment
from archive.catalog.selection import Selection, Where, Word
from archive.exporters.increments import with_gone
from archive.exporters.logged import captures, commits
from archive.exporters.looks import judged_looks, looks
from archive.exporters.marks import Row, View, marked
from archive.exporters.readings import crawls_of, every_record, known_articles, versions_of
from archive.exporters.shown import ShownTeasers
from archive.facts.outcomes import LISTINGS
from archive.opened import Archive

_EDITED_SILENTLY = "SELECT 1 FROM changes s WHERE s.silent AND s.article_id = a.article_id"


def latest(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield each article's newest record with its version number, how many there are, and its state."""
    where = _of_articles(chosen)
    return _whole(archive, "latest", chosen, versions_of(archive, chosen, where, _away(archive, chosen), newest=True))


def _of_articles(chosen: Selection) -> Where:
    where = chosen.articles("a.article_id")
    return _also(where, f" AND EXISTS ({_EDITED_SILENTLY})") if chosen.silent else where


def _away(archive: Archive, chosen: Selection) -> Callable[[ArticleRow], str | None]:
    """Return when an article that is away was first found to be, where days are asked for."""

    def since(article: ArticleRow) -> str | None:
        if article.state not in ("gone", "removed") or not chosen.is_timed():
            return None
        return articles.absent_since(archive.catalog.db, article.article_id) or article.last_look

    return since


def versions(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield every version by article and number, with the record that began it."""
    silent = f" AND EXISTS ({_EDITED_SILENTLY} AND s.number = v.number)" if chosen.silent else ""
    where = _also(chosen.articles("a.article_id"), silent)
    return _whole(archive, "versions", chosen, versions_of(archive, chosen, where, lambda _: None))


def records(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield every reading of every capture by article and time: mirrors' too, and those that a newer one replaced."""
    return _whole(archive, "records", chosen, every_record(archive, chosen, _of_articles(chosen)))


def known(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield every article by its number, those that were seen and never read among them."""
    rows = known_articles(archive, chosen, _of_articles(chosen), _away(archive, chosen))
    return _whole(archive, "articles", chosen, rows)


def changes(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield one row for each version that has one before it: what changed, and whether the outlet said so."""
    where = _also(chosen.articles("n.article_id"), " AND n.silent" if chosen.silent else "")
    for sign, at in ((">=", chosen.since.at), ("<=", chosen.until.at)):
        where = _also(where, f" AND n.to_at {sign} ?", at) if at else where
    crawl = crawls_of(archive.catalog.db)
    found = (
        row | {"commit": seq, "crawl": crawl(seq)} for seq, row in articles.changes(archive.catalog.db, where=where)
    )
    return _whole(archive, "changes", chosen, (row for row in found if chosen.in_section(row["sections"])))


def events(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield every life event by article and time: what happened, not before and not after which instants."""
    return _whole(archive, "events", chosen, _events(archive, chosen, _of_articles(chosen)))


def _events(archive: Archive, chosen: Selection, where: Where) -> Iterator[Row]:
    for about, event in every_event(archive.catalog.db, where):
        if chosen.happened(event["event"], event["not_after"]) and chosen.in_section(about["sections"]):
            proved = {name: value for name, value in event.items() if name != "seq"}
            yield {**about, **proved, "commit": event["seq"]}


def _also(where: Where, more: str, *values: Any) -> Where:
    return where[0] + more, [*where[1], *values]


def _whole(archive: Archive, view: str, chosen: Selection, rows: Iterator[Row]) -> Iterator[Row]:
    with one_moment(archive.catalog.db):
        yield from with_gone(archive.catalog.db, view, chosen, rows)


def checks(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield every look in the order of the log, with its commit, line and crawl, and whether it waits."""
    with one_moment(archive.catalog.db):
        for look in judged_looks(archive, chosen):
            named = not chosen.ids or look.get("article_id") in chosen.ids
            if named and chosen.timely(look["at"]) and _is_of(look, chosen):
                yield look


def _is_of(look: Row, chosen: Selection) -> bool:
    return not chosen.sections or (look["kind"] in LISTINGS and chosen.in_section([_listing(look)]))


def _listing(look: Row) -> str:
    return str(look.get("section") or look["kind"])


def placements(archive: Archive, chosen: Selection) -> Iterator[Row]:
    """Yield each article's place in each listing at each look, in the order of the log.

    `section` is the listing's key, or `front` and `feed`; `rank` counts from 1 on each page. A teaser that a look found
    again is looked up in the check that has it.
    """
    shown = ShownTeasers(archive, since=chosen.since.seq)
    with one_moment(archive.catalog.db):
        for look in (each for each in looks(archive, chosen) if each["kind"] != "sitemap"):
            places = list(shown.of(look))
            if chosen.timely(look["at"]) and chosen.in_section([_listing(look)]):
                found = (_placement(look, rank, *place) for rank, place in enumerate(places, 1))
                yield from (row for row in found if not chosen.ids or row["article_id"] in chosen.ids)


def _placement(look: Row, rank: int, article_id: str, teaser: Mapping[str, Any] | None) -> Row:
    return {
        "at": look["at"],
        "section": _listing(look),
        "page": look.get("page", 1),
        "rank": rank,
        "article_id": article_id,
        "crawl": look["crawl"],
        "commit": look["commit"],
        **({} if teaser is None else {name: teaser.get(key, "") for name, key in _TEASER.items()}),
    }


_TEASER = {"teaser": "text", "picture": "picture"}


def _at_once(rows: View) -> View:
    """Return a view of what the log holds as one moment of the catalog has it."""

    def told(archive: Archive, chosen: Selection) -> Iterator[Row]:
        with one_moment(archive.catalog.db):
            yield from rows(archive, chosen)

    return told


_MADE: Mapping[str, View] = {
    "latest": latest,
    "versions": versions,
    "changes": changes,
    "events": events,
    "checks": checks,
    "placements": placements,
    "articles": known,
    "records": records,
    "captures": _at_once(captures),
    "commits": _at_once(commits),
}
VIEWS: dict[str, View] = {view: marked(view, rows) for view, rows in _MADE.items()}
_OF_ARTICLES: frozenset[Word] = frozenset({"section", "since", "until", "state", "silent", "source", "ids", "query"})
_OF_LOOKS: frozenset[Word] = frozenset({"section", "since", "until", "source", "ids"})
SELECTED_BY: Mapping[str, frozenset[Word]] = {
    "latest": _OF_ARTICLES,
    "versions": _OF_ARTICLES,
    "changes": _OF_ARTICLES,
    "events": _OF_ARTICLES | {"event"},
    "checks": _OF_LOOKS,
    "placements": _OF_LOOKS,
    "articles": _OF_ARTICLES - {"section"},
    "records": _OF_ARTICLES,
    "captures": _OF_LOOKS - {"section"},
    "commits": _OF_LOOKS - {"section", "ids"},
}
"""View → words of the selection that mean something there (docs/commands.md); rows of looks never change."""
