"""The views of an archive as rows: latest, versions, changes, events … Each row is what DATA_FORMAT.md says."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from archive import lives, lookup
from archive.archive import Archive
from archive.batch import decode_lines, read_segment
from archive.errors import UsageError
from archive.ids import stamp
from archive.record import Record

Row = dict[str, Any]
_MOST_COMMITS = 999_999_999_999


def latest(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield each article's newest record with its version number, how many there are, and its state."""
    return _rows(lookup.placed(archive.catalog.db, newest=True), since)


def versions(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every version by article and number, with the record that began it."""
    return _rows(lookup.placed(archive.catalog.db), since)


def _rows(placed: Iterator[tuple[lookup.Standing, int, int, Record]], since: "Since") -> Iterator[Row]:
    for article, number, seq, record in placed:
        if since.holds(seq, record["captured_at"]):
            yield {
                **record,
                "version": number,
                "versions": article.versions,
                "state": article.state,
                "first_seen": article.first_seen,
                "last_seen": article.last_seen,
            }


def changes(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield one row for each version that has one before it: what changed, and whether the outlet said so."""
    for seq, change in lookup.changes(archive.catalog.db):
        if since.holds(seq, change["to"]):
            yield change


def events(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every life event by article and time: what happened, not before and not after which instants."""
    for number, event in lives.events(archive.catalog.db):
        seq = event.pop("seq")
        if since.holds(seq, event["not_after"]):
            yield {"article_id": number, **event}


def checks(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every look in the order of the log, with its commit number and crawl."""
    for commit in archive.log.after():
        for segment in commit.segments:
            if segment.kind == "checks" and commit.seq > since.seq:
                for line in decode_lines(read_segment(archive.store, segment), segment.key):
                    if since.holds(commit.seq, line["at"]):
                        yield {"commit": commit.seq, "crawl": commit.crawl, **line}


def placements(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield each article's place in each listing at each look, in the order of the log.

    `section` is the listing's key, or `front` and `feed`; `rank` counts from 1 on each page.
    """
    for look in checks(archive, since):
        for rank, number in enumerate(look.get("listed", ()), 1):
            yield {
                "at": look["at"],
                "section": look.get("section") or look["kind"],
                "page": look.get("page", 1),
                "rank": rank,
                "article_id": number,
                "crawl": look["crawl"],
                "commit": look["commit"],
            }


class Since:
    """Where an export begins: past a commit number, or at an instant; with neither, at the beginning."""

    def __init__(self, text: str | None = None) -> None:
        """Read `--since`: a commit number, a day (its start in UTC) or an instant (UTC where it names no zone).

        Raises UsageError where it is none of these.
        """
        self.seq, self.at = 0, ""
        if text is None:
            return
        if text.isdecimal() and len(text) <= len(str(_MOST_COMMITS)):
            self.seq = int(text)
            return
        try:
            moment = datetime.fromisoformat(text) if "-" in text[1:] else None
            self.at = stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if moment else ""
        except (ValueError, OverflowError):
            self.at = ""
        if not self.at:
            raise UsageError(f"--since {text!r} is neither a commit number nor a day such as 2026-11-24")

    def holds(self, seq: int, at: str) -> bool:
        """Return whether something of that commit and instant (RFC 3339) is to be exported."""
        return seq > self.seq and at >= self.at


VIEWS: dict[str, Callable[[Archive, Since], Iterator[Row]]] = {
    "latest": latest,
    "versions": versions,
    "changes": changes,
    "events": events,
    "checks": checks,
    "placements": placements,
}
