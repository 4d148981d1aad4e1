"""The views of an archive as rows: latest, versions, changes, checks. Each row is what DATA_FORMAT.md says."""

from collections.abc import Callable, Iterator
from typing import Any

from archive import lookup
from archive.archive import Archive
from archive.batch import decode_lines, read_segment
from archive.errors import UsageError
from archive.log import Head
from archive.record import Record

Row = dict[str, Any]


def latest(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield each article's newest record with its version number, how many there are, and its state."""
    for article in lookup.standings(archive.catalog.db):
        record = lookup.latest(archive.catalog.db, article.article_id) if article.versions else None
        if record is not None and since.covers(archive, record):
            yield _row(record, article.versions, article)


def versions(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every version by article and number, with the record that began it."""
    articles = lookup.standings(archive.catalog.db)
    article = next(articles, None)
    for version in lookup.versions(archive.catalog.db):
        while article is not None and article.article_id != version.article_id:
            article = next(articles, None)
        if article is not None and since.covers(archive, version.record):
            yield _row(version.record, version.number, article)


def _row(record: Record, number: int, article: lookup.Standing) -> Row:
    about = {
        "version": number,
        "versions": article.versions,
        "state": article.state,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
    }
    return {**record, **about}


def changes(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield one row for each version that has one before it: what changed, and whether the outlet said so."""
    for seq, change in lookup.changes(archive.catalog.db):
        if since.holds(seq, change["to"]):
            yield change


def checks(archive: Archive, since: "Since") -> Iterator[Row]:
    """Yield every look in the order of the log, with its commit number and crawl."""
    for commit in archive.log.after(Head(seq=0, digest=None)):
        if since.seq is not None and commit.seq <= since.seq:
            continue
        for segment in commit.segments:
            if segment.kind == "checks":
                for line in decode_lines(read_segment(archive.store, segment), segment.key):
                    if since.holds(commit.seq, line["at"]):
                        yield {"commit": commit.seq, "crawl": commit.crawl, **line}


class Since:
    """Where an export begins: past a commit number, or at an instant; with neither, at the beginning."""

    def __init__(self, text: str | None = None) -> None:
        """Read `--since`. Raises UsageError where it is neither a number nor a day or instant."""
        self.seq: int | None = None
        self.at = ""
        if text is None:
            return
        if text.isdecimal():
            self.seq = int(text)
        elif text[:4].isdecimal() and text[4:5] == "-":
            self.at = text
        else:
            raise UsageError(f"--since {text!r} is neither a commit number nor a day such as 2026-11-24")

    def holds(self, seq: int, at: str) -> bool:
        """Return whether something of that commit and instant (RFC 3339) is to be exported."""
        return seq > (self.seq or 0) and at >= self.at

    def covers(self, archive: Archive, record: Record) -> bool:
        """Return whether a record is to be exported, by its own commit."""
        if self.seq is None:
            return bool(record["captured_at"] >= self.at)
        return self.holds(lookup.commit_of(archive.catalog.db, record), record["captured_at"])


VIEWS: dict[str, Callable[[Archive, Since], Iterator[Row]]] = {
    "latest": latest,
    "versions": versions,
    "changes": changes,
    "checks": checks,
}
