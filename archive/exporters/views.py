"""The views of an archive as rows: latest, versions, changes, events … Each row is what DATA_FORMAT.md says."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archive.catalog import articles
from archive.catalog.events import every_event
from archive.catalog.since import Since
from archive.exporters.shown import ShownTeasers
from archive.facts.names import BACKFILL
from archive.log.segments import decode_lines, most, read_segment
from archive.opened import Archive

Row = dict[str, Any]


def latest(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield each article's newest record with its version number, how many there are, and its state."""
    return _rows(articles.placed(archive.catalog.db, newest=True), since)


def versions(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every version by article and number, with the record that began it."""
    return _rows(articles.placed(archive.catalog.db), since)


def _rows(placed: Iterator[tuple[articles.ArticleRow, articles.Version, int]], since: "Since") -> Iterator[Row]:
    for article, version, seq in placed:
        if since.holds(seq, max(version.captured_at, version.record["captured_at"])):
            yield {
                **version.record,
                "source": version.source,
                "version": version.number,
                "versions": article.versions,
                "state": article.state,
                "state_source": article.state_source,
                "first_seen": article.first_seen,
                "last_seen": article.last_seen,
            }


def changes(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield one row for each version that has one before it: what changed, and whether the outlet said so."""
    for seq, change in articles.changes(archive.catalog.db):
        if since.holds(seq, change["to"]):
            yield change


def events(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every life event by article and time: what happened, not before and not after which instants."""
    for number, event in every_event(archive.catalog.db):
        seq = event.pop("seq")
        if since.holds(seq, event["not_after"]):
            yield {"article_id": number, **event}


def checks(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every look in the order of the log, with its commit number and crawl."""
    return (look for look in _looks(archive, since.seq) if since.holds(look["commit"], look["at"]))


def _looks(archive: Archive, seq: int) -> Iterator[Row]:
    for commit in archive.log.after():
        for segment in commit.segments:
            if segment.kind == "checks" and commit.seq > seq:
                for line in decode_lines(read_segment(archive.store, segment), segment.key, most(commit, segment)):
                    others = bool(line.get("source")) or commit.crawl.startswith(BACKFILL)
                    if not (archive.own and others):
                        yield {"commit": commit.seq, "crawl": commit.crawl, **line}


def placements(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield each article's place in each listing at each look, in the order of the log.

    `section` is the listing's key, or `front` and `feed`; `rank` counts from 1 on each page. A teaser that a look found
    again is looked up in the check that has it.
    """
    shown = ShownTeasers(archive, since=since.seq)
    for look in (each for each in _looks(archive, since.seq) if each["kind"] != "sitemap"):
        places = list(shown.of(look))
        if since.holds(look["commit"], look["at"]):
            yield from (_placement(look, rank, *place) for rank, place in enumerate(places, 1))


def _placement(look: Row, rank: int, article_id: str, teaser: Mapping[str, Any] | None) -> Row:
    return {
        "at": look["at"],
        "section": look.get("section") or look["kind"],
        "page": look.get("page", 1),
        "rank": rank,
        "article_id": article_id,
        "crawl": look["crawl"],
        "commit": look["commit"],
        **({} if teaser is None else {name: teaser.get(key, "") for name, key in _TEASER.items()}),
    }


_TEASER = {"teaser": "text", "picture": "picture"}
VIEWS: dict[str, Callable[[Archive, Since], Iterator[Row]]] = {
    "latest": latest,
    "versions": versions,
    "changes": changes,
    "events": events,
    "checks": checks,
    "placements": placements,
}
