"""What the catalog answers: the questions of a crawl, of the commands and of the exporters."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from archive.catalog.cells import unsealed
from archive.catalog.packing import unpacked
from archive.catalog.selection import Where
from archive.errors import UsageError
from archive.facts.names import ARTICLE_ID, stamp
from archive.facts.outcomes import STATES, State
from archive.facts.record import Record

Db = sqlite3.Connection
MOST_VERSIONS = 2**20
"""Of one article; they part the row numbers of the catalog's `taken_out`: article × this + version."""


class ArticleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One article as the catalog has it; instants are RFC 3339 UTC text."""

    article_id: str
    url: str
    state: State
    """live, gone (its last look found nothing), removed (so did two, six hours apart) or unread (never read yet)."""
    headline: str
    published: str | None
    first_seen: str
    last_seen: str | None
    last_look: str
    last_outcome: str
    versions: int
    edited_at: str | None
    latest: str | None
    state_source: str | None = None
    """Who says that it is away, where not only looks of ours say so."""
    due_at: str = ""
    """When it is to be looked at again."""
    absent_from: str | None = None
    """The look with which it began to be away, while it is."""
    hosts: str | None = None
    """The hosts that looks saw it on, parted by spaces; None where new looks can't be added to the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article: where it begins and the record that stands for it.

    Where a look of ours found our own earlier text again behind what others captured, the record is of that earlier
    capture, and `captured_at` the look's.
    """

    article_id: str
    number: int
    of: int
    captured_at: str
    record: Record
    place: int = 1
    """Which it is of the captures of its instant: ours first, then in the log's order."""
    source: str | None = None
    """Whose capture its record was read from; None for our own."""
    last_at: str = ""
    """The `captured_at` of its last record; empty where that was not asked for."""

    @property
    def cite(self) -> str:
        """The citation that names its record's capture for ever: `ID@TIME`, or `ID@TIME/2` for the second of TIME."""
        return cite_of(self.article_id, self.record["captured_at"], self.place)

    @property
    def at(self) -> str:
        """What names it and no other version in `ID@TIME`: its citation's, or when its earlier text was found again."""
        found_again = self.captured_at != self.record["captured_at"]
        return self.captured_at if found_again else self.cite.partition("@")[2]


_OURS_ALONE = "FROM articles a WHERE NOT EXISTS (SELECT 1 FROM own o WHERE o.article_id = a.article_id)"
OWN = f"SELECT a.* {_OURS_ALONE} UNION ALL SELECT * FROM own"
"""Every article as our own looks alone have it."""


def own_first(order: str, where: str = "1") -> str:
    """Return SQL that gives the first articles in an order, as our own looks alone have them, as many as `?1` says.

    Where the order is that of an index no more than these are read.
    """
    ours = f"SELECT a.* {_OURS_ALONE} AND {where} ORDER BY {order} LIMIT ?1"
    shared = f"SELECT * FROM own WHERE {where} ORDER BY {order} LIMIT ?1"
    return f"SELECT * FROM ({ours}) UNION ALL SELECT * FROM ({shared}) ORDER BY {order} LIMIT ?1"


# SQLite takes the other columns from the row that holds the maximum.
READ_LAST = "max(r.revision * 1000000000000 + r.seq)"
"""Of grouped records `r` the reading that stands: of the highest revision, then the newest commit."""


def article_rows(db: Db) -> Iterator[ArticleRow]:
    """Yield every article known, by its number."""
    for row in db.execute("SELECT * FROM articles ORDER BY article_id"):
        yield row_of(row)


def row_of(row: Sequence[Any]) -> ArticleRow:
    """Return a row of the table as an article."""
    return ArticleRow(**dict(zip(ArticleRow.__struct_fields__, (str(row[0]), *row[1:]), strict=True)))


def article_row(db: Db, article_id: str) -> ArticleRow:
    """Return one article. Raises UsageError where the archive has none of that number."""
    row = None
    if ARTICLE_ID.fullmatch(article_id):
        row = db.execute("SELECT * FROM articles WHERE article_id = ?", (int(article_id),)).fetchone()
    if row is None:
        raise UsageError(f"no article {article_id!r} in the archive; find its number with: scrapy search WORDS")
    return row_of(row)


def newest_version(db: Db, article_id: str) -> Version | None:
    """Return the newest version of an article, with its newest record, or None where nothing was read."""
    row = db.execute(f"{_PLACED} WHERE a.article_id = ? AND {_NEWEST}", (int(article_id),)).fetchone()
    if row is None:
        return None
    version = _placed(row)[1]
    at, name = version.record["captured_at"], _name(version.record)
    return replace(version, place=place_of(db, article_id, at, name))


def head_of(db: Db) -> tuple[int, str]:
    """Return number and digest of the last commit that a connection's moment holds; (0, "") before the first."""
    row = db.execute("SELECT seq, digest FROM commits ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, "")


def latest(db: Db, article_id: str) -> Record | None:
    """Return the newest standing record of an article, or None."""
    row = db.execute(
        "SELECT r.packed FROM versions v JOIN records r ON r.article_id = v.article_id AND r.captured_at = v.last_at "
        "AND r.seq = v.last_seq AND r.line = v.last_line WHERE v.article_id = ? ORDER BY v.number DESC LIMIT 1",
        (int(article_id),),
    ).fetchone()
    return unpacked(row[0]) if row else None


def versions(db: Db, article_id: str | None = None) -> Iterator[Version]:
    """Yield the versions of one article, or of all by article number, each with the record that began it."""
    where = "WHERE v.article_id = ? " if article_id else ""
    rows = db.execute(
        "SELECT v.article_id, v.number, a.versions, v.captured_at, r.packed, r.source FROM versions v "
        "JOIN articles a ON a.article_id = v.article_id "
        "JOIN records r ON r.article_id = v.article_id AND r.captured_at = v.record_at "
        f"AND r.seq = v.seq AND r.line = v.line {where}ORDER BY v.article_id, v.number",
        (int(article_id),) if article_id else (),
    )
    for number, ordinal, of, captured_at, data, source in rows:
        record = unpacked(data)
        yield Version(
            article_id=str(number), number=ordinal, of=of, captured_at=captured_at, record=record,
            place=place_of(db, str(number), record["captured_at"], _name(record)), source=source,
        )  # fmt: skip


def place_of(db: Db, article_id: str, at: str, name: tuple[str, str]) -> int:
    """Return which it is of the captures of its instant, 1 where it is alone; `name` is its (address, payload)."""
    sql = "SELECT count(*) FROM records WHERE article_id = ? AND captured_at = ?"
    if db.execute(sql, (int(article_id), at)).fetchone()[0] == 1:
        return 1
    named = [_name(each) for each, _ in _captured(db, article_id, at)]
    return named.index(name) + 1 if name in named else 1


def _name(record: Record) -> tuple[str, str]:
    return record["url"], record["digests"]["payload"]


def _captured(db: Db, article_id: str, at: str) -> list[tuple[Record, str | None]]:
    """Return the record that stands for each capture of exactly that instant and whose it is.

    Ours come first, then the others in the log's order.
    """
    rows = db.execute(
        "SELECT address, payload, source, revision, packed FROM records WHERE article_id = ?1 AND captured_at = ?2 "
        "AND NOT EXISTS (SELECT 1 FROM checks c WHERE c.article_id = ?1 AND c.at = ?2 AND c.kind = 'mirror') "
        "ORDER BY seq, line",
        (int(article_id), at),
    )
    captures: dict[tuple[int, str], tuple[str | None, dict[int, bytes]]] = {}
    for address, payload, source, revision, data in rows:
        captures.setdefault((address, payload), (source, {}))[1][revision] = data
    ours_first = sorted(captures.values(), key=lambda capture: capture[0] is not None)
    return [(unpacked(told[max(told)]), source) for source, told in ours_first]


def captures_at(db: Db, article_id: str, at: datetime) -> list[Version]:
    """Return the captures of exactly that instant (aware UTC), in the order of their places.

    Each has the number of the version that it belongs to. Mirrors' captures belong to none. Raises UsageError where the
    archive has no such article.
    """
    known = list(versions(db, article_row(db, article_id).article_id))
    exact = _captured(db, article_id, stamp(at)) if known else []
    return [
        replace(_holding(known, record), captured_at=record["captured_at"], record=record, place=place, source=source)
        for place, (record, source) in enumerate(exact, 1)
    ]


def _holding(known: Sequence[Version], record: Record) -> Version:
    at = record["captured_at"]
    before = [version for version in known if version.captured_at < at]
    begun = [version for version in known if version.captured_at == at]
    # Of captures of one instant that read differently, each begins a version or goes on with the one before.
    told = record["digests"]["version"]
    alike = [version for version in (*before[-1:], *begun) if version.record["digests"]["version"] == told]
    return (alike or begun or before or known)[-1]


def placed(db: Db, where: Where = ("", []), *, newest: bool = False) -> Iterator[tuple[ArticleRow, Version, int]]:
    """Yield (article, version, commit number) by article and version, all of one moment of the catalog.

    The record is the one that began the version; with `newest` the newest of the newest version, one an article. The
    commit is that of the record, or of the look that found its text again. `where` is a condition on articles `a` and
    versions `v`.
    """
    which = _NEWEST if newest else "r.captured_at = v.record_at AND r.seq = v.seq AND r.line = v.line"
    for row in db.execute(f"{_PLACED} WHERE {which}{where[0]} ORDER BY a.article_id, v.number", where[1]):
        yield _placed(row)


_PLACED = (
    "SELECT v.number, v.captured_at, v.last_at, r.seq, v.seen_seq, r.source, r.packed, a.* FROM articles a "
    "JOIN versions v ON v.article_id = a.article_id JOIN records r ON r.article_id = v.article_id"
)
_NEWEST = "a.versions = v.number AND r.captured_at = v.last_at AND r.seq = v.last_seq AND r.line = v.last_line"


def _placed(row: Sequence[Any]) -> tuple[ArticleRow, Version, int]:
    number, begun, last_at, seq, seen_seq, source, data, *about = row
    article = row_of(about)
    version = Version(
        article_id=article.article_id, number=number, of=article.versions, captured_at=begun, record=unpacked(data),
        source=source, last_at=last_at,
    )  # fmt: skip
    return article, version, max(seq, seen_seq)


def standing_records(db: Db) -> Iterator[Record]:
    """Yield the record that stands for each capture, by article, captures of mirrors included."""
    rows = db.execute(
        f"SELECT r.packed, {READ_LAST} FROM records r GROUP BY r.article_id, r.captured_at, r.address, r.payload"
    )
    for data, _ in rows:
        yield unpacked(data)


def version_at(db: Db, article_id: str, at: datetime | None = None) -> Version:
    """Return the version in force at an instant (aware UTC), or the newest.

    Raises UsageError where the article, or a version by then, isn't there.
    """
    found = list(versions(db, article_row(db, article_id).article_id))
    if at is not None:
        found = [v for v in found if v.captured_at <= stamp(at)]
    if not found:
        when = f" at {stamp(at)}" if at else ""
        raise UsageError(f"article {article_id} has no version{when}; list them with: scrapy history {article_id}")
    return found[-1]


def changes(db: Db, article_id: str | None = None, where: Where = ("", [])) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (commit number, change) of each version that has one before it, by article number and version.

    The commit is that of the look that saw the version first. A change says whose capture began the version (`source`)
    and whose the one before (`source_before`), None for ours; the version's headline, address, sections and citation,
    and the article's state. `where` is a condition on changes `n`.
    """
    one = ("WHERE n.article_id = ?", [int(article_id)]) if article_id else ("WHERE 1", [])
    rows = db.execute(f"{_CHANGES} {one[0]}{where[0]} ORDER BY n.article_id, n.number", [*one[1], *where[1]])
    for seq, number, ordinal, from_at, to_at, text, state, source, before in rows:
        change = {"article_id": str(number), "version": ordinal, "from": from_at, "to": to_at}
        yield seq, change | {"state": state, "source": source, "source_before": before} | unsealed(text)


_WHOSE = (
    "(SELECT r.source FROM versions v JOIN records r ON r.article_id = v.article_id AND r.captured_at = v.record_at "
    "AND r.seq = v.seq AND r.line = v.line WHERE v.article_id = n.article_id AND v.number = n.{})"
)
_CHANGES = (
    "SELECT b.seen_seq, n.article_id, n.number, n.from_at, n.to_at, n.json, a.state, "
    f"{_WHOSE.format('number')}, {_WHOSE.format('number - 1')} "
    "FROM changes n JOIN articles a ON a.article_id = n.article_id "
    "JOIN versions b ON b.article_id = n.article_id AND b.number = n.number"
)


def cited(db: Db, record: Record) -> str:
    """Return the citation of the capture that a record was read from."""
    number, at = record["article_id"], record["captured_at"]
    return cite_of(number, at, place_of(db, number, at, _name(record)))


def cite_of(article_id: object, at: str, place: int) -> str:
    """Return the citation that names a capture for ever: `ID@TIME`, or `ID@TIME/2` for the second of TIME."""
    return f"{article_id}@{at}" + (f"/{place}" if place > 1 else "")


def absent_since(db: Db, article_id: str) -> str | None:
    """Return our first look (RFC 3339) since our last sight of an article that found it gone, or None."""
    row = db.execute(f"SELECT absent_from FROM ({OWN}) WHERE article_id = ?", (int(article_id),)).fetchone()
    return row[0] if row else None


def newest_live(db: Db, count: int) -> list[ArticleRow]:
    """Return so many of the articles that were there at our last look, the greatest numbers first."""
    return [row_of(row) for row in db.execute(own_first("article_id DESC", "state = 'live'"), (count,))]


def counts(db: Db) -> dict[str, int]:
    """Return how many commits, articles, versions, changes, captures and looks there are, and articles by state."""
    kept = dict(db.execute("SELECT name, number FROM counted").fetchall())
    return {name: kept.get(name, 0) for name in (*_COUNTED, *STATES, "bytes")}


_COUNTED = ("commits", "articles", "versions", "changes", "captures", "checks")


def state(db: Db, article_id: str) -> State | None:
    """Return an article's state (live, gone, removed, unread), or None where it is not known."""
    row = db.execute("SELECT state FROM articles WHERE article_id = ?", (int(article_id),)).fetchone()
    return row[0] if row else None


def was_read(db: Db, article_id: str) -> bool:
    """Return whether a record of the article exists, whatever became of it since."""
    return state(db, article_id) in _READ


_READ: frozenset[State | None] = frozenset({"live", "gone", "removed"})
