"""Commits' lines as rows: captures, records, looks, what each look left of its address, placements and walks.

What is needed for the fold of the articles that they touch is remembered beside, so that nothing is read back.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from archive.catalog import teasers
from archive.catalog.articles import Db
from archive.catalog.crawls import listed_name
from archive.catalog.days import Days
from archive.catalog.interned import Interned, Result
from archive.catalog.life import LookRow
from archive.catalog.packing import packed, short
from archive.catalog.pages import Pages
from archive.catalog.patterns import stated
from archive.catalog.sights import CommittedRecord
from archive.catalog.traits import Sections
from archive.catalog.words import NewWords, texts_of
from archive.facts.canonical import canonical
from archive.facts.names import BACKFILL, instant, stamp
from archive.facts.record import Record, check_instants, source_line
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Commit
from archive.log.segments import most
from archive.warc import cdxj
from archive.warc.warc import target_uri

_WEB = ("http://", "https://")
_Name = tuple[str, str, str]
"""A capture's identity: its address as archived, its instant, the digest of its payload."""
_COMMITTED_BY = (
    "SELECT m.crawl FROM interned u JOIN captured c ON c.address = u.number JOIN commits m ON m.seq = c.seq "
    "WHERE u.text = ? AND c.captured_at = ? AND c.payload = ?"
)


@dataclass(slots=True)
class New:
    """What commits say of one article, in the order of the log."""

    looks: list[LookRow] = field(default_factory=list)
    """All but those at mirrors."""
    records: list[tuple[int, CommittedRecord]] = field(default_factory=list)
    """Each with the extractor's revision."""
    mirrored: list[str] = field(default_factory=list)
    """The instants of looks at mirrors."""
    others: bool = False
    """Whether something of it is not our own."""


class Entries:
    """Puts commits into the tables, one after the other. Of one transaction."""

    def __init__(self, db: Db, vocabulary: Vocabulary, *, searched: bool = True) -> None:
        """Unless `searched` the words of records are left out."""
        self._db = db
        self.interned = Interned(db)
        self.sections = Sections(db)
        self.days = Days(db, vocabulary.zone)
        self._words = NewWords(db, vocabulary.language if searched else None)
        self._pages = Pages(db, self.interned)
        self.new: defaultdict[int, New] = defaultdict(New)
        """By article, what was entered."""
        self.counted: Counter[str] = Counter()
        """How many rows more there are, by what `articles.counts` calls them."""

    def enter(self, new: Commit, lines: Mapping[str, Sequence[Any]]) -> set[int]:
        """Put a commit and its segments' decoded lines into the tables; return the articles read and looked at.

        `lines` are by kind: `index`, `records` and `checks`. Raises KeyError, TypeError or ValueError for lines that
        are none of these.
        """
        self._commit(new)
        index, records, checks = (lines.get(kind, ()) for kind in ("index", "records", "checks"))
        told = self._db.executemany(
            "INSERT OR IGNORE INTO captured VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [self._capture(new.seq, line) for line in index],
        )
        self.counted["captures"] += max(told.rowcount, 0)
        fresh = {(line["url"], line["captured_at"], line["digest"]) for line in index if told.rowcount == len(index)}
        read = {self._record(new, number, record, fresh) for number, record in enumerate(records)}
        rows = [self._look(new, number, check) for number, check in enumerate(checks)]
        self._db.executemany("INSERT INTO looks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self.counted["checks"] += len(rows)
        if not new.crawl.startswith(BACKFILL):
            self._pages.proofs(index, checks)
        for section, walk in new.summary.get("sections", {}).items():
            _walk(self._db, new, section, walk)
        return read | {row[4] for row in rows if row[4] is not None}

    def write(self) -> None:
        """Write what was gathered over the commits; the days wait for what is told of articles."""
        self._pages.write()
        self._words.write()

    def _commit(self, new: Commit) -> None:
        size = sum(s.bytes for s in new.segments) + len(new.data)
        self._db.execute(
            "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                new.seq, new.digest, stamp(new.committed_at), new.crawl, _batch(new), size,
                canonical(new.summary).decode(),
            ),
        )  # fmt: skip
        self._db.executemany(
            "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (new.seq, place, one.kind, one.bytes, one.lines, one.sha256, most(new, one), one.key)
                for place, one in enumerate(new.segments)
            ],
        )
        self.days.crawl(new)
        self.counted["commits"] += 1
        self.counted["bytes"] += size

    def _capture(self, seq: int, line: Mapping[str, Any]) -> tuple[Any, ...]:
        return (
            self.interned.text(line["url"]), line["captured_at"], line["digest"], int(line["status"]),
            self.interned.text(line["filename"]), int(line["offset"]), int(line["length"]),
            line["mime"] == cdxj.REVISIT, seq,
        )  # fmt: skip

    def _record(self, new: Commit, number: int, record: Record, fresh: Container[_Name]) -> int:
        # Whoever wrote it: each field is of its kind from here on, so that no reader has to doubt it.
        msgspec.convert(record, Record)
        at, digests, revision = record["captured_at"], record["digests"], record["extraction"]["revision"]
        check_instants(record)
        article_id, source = int(record["article_id"]), self._whose(new, record, fresh)
        self._db.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article_id, at, new.seq, number, self.interned.text(record["url"]), short(digests["payload"]),
                revision, short(digests["version"]), source, packed(record),
            ),
        )  # fmt: skip
        self.sections.meet(record["sections"])
        self.interned.text(record["extraction"]["layout"])
        self._words.add(texts_of(record))
        told = self.new[article_id]
        told.records.append((revision, CommittedRecord(at, new.seq, number, digests["version"], record, source)))
        told.others |= source is not None
        return article_id

    def _whose(self, new: Commit, record: Record, fresh: Container[_Name]) -> str | None:
        # A reading of today may be anybody's: whose a capture is follows from who committed it.
        if told := record["capture"].get("source"):
            return source_line(told)
        name = target_uri(record["url"]), record["captured_at"], record["digests"]["payload"]
        row = (new.crawl,) if name in fresh else self._db.execute(_COMMITTED_BY, name).fetchone()
        return row[0] if row and row[0].startswith(BACKFILL) else None

    def _look(self, new: Commit, number: int, check: Mapping[str, Any]) -> tuple[Any, ...]:
        at, url, answered = check["at"], check["url"], check.get("answered")
        instant(at)
        if not url.startswith(_WEB):
            raise ValueError(f"{url[:80]!r} is no address of the web")
        article = int(check["article_id"]) if check.get("article_id") else None
        source = check.get("source") or (new.crawl if new.crawl.startswith(BACKFILL) else None)
        number_of, maybe = self.interned.text, self.interned.maybe
        result, told = self.interned.result(check, source)
        row = (
            new.seq, number, at, number_of(url), article, result, maybe(check.get("confirms")), maybe(answered),
            maybe(stated(check)),
        )  # fmt: skip
        if article is not None:
            self._touch(article, at, url, answered, told, new)
        # What others were answered is no look of ours: it gives nothing to ask with, and nothing to be confirmed.
        if source is None:
            self._page(new, check)
        if check.get("section"):
            self._place(check["section"], [int(number) for number in check.get("listed", ())], new.crawl)
        return row

    def _place(self, section: str, listed: Sequence[int], crawl: str) -> None:
        rows = [(crawl, section, number) for number in listed]
        told = self._db.executemany("INSERT OR IGNORE INTO placements VALUES (?2, ?3, ?1, 0)", rows)
        self.counted[listed_name(section)] += max(told.rowcount, 0)
        if told.rowcount < len(rows):
            self._db.executemany("UPDATE placements SET crawl = ? WHERE section = ? AND article_id = ?", rows)

    def _touch(
        self, article: int, at: str, url: str, answered: str | None, result: Result, new: Commit
    ) -> None:  # fmt: skip
        told = self.new[article]
        told.others |= result.source is not None
        if result.kind == "mirror":
            told.mirrored.append(at)
            return
        told.looks.append(
            {
                "at": at, "url": url, "kind": result.kind, "outcome": result.outcome, "reason": result.reason,
                "status": result.status, "detail": result.detail, "answered": answered, "crawl": new.crawl,
                "seq": new.seq, "source": result.source,
            }
        )  # fmt: skip

    def _page(self, new: Commit, check: Mapping[str, Any]) -> None:
        if (check.get("listed") or check.get("teasers")) and check["kind"] != "sitemap":
            # Before the page says that this was the last look.
            teasers.note(self._db, new, check, self._pages.of(check["url"]))
        self._pages.look(check)


def _batch(new: Commit) -> str | None:
    return new.segments[0].key.rpartition("/")[2].partition(".")[0] if new.segments else None


def _walk(db: Db, new: Commit, section: str, walk: Mapping[str, Any]) -> None:
    db.execute(
        "INSERT OR REPLACE INTO walks VALUES (?, ?, ?, ?, ?, ?)",
        (section, new.seq, new.crawl, stamp(new.committed_at), bool(walk["complete"]), walk["pages"]),
    )
    if deep := walk.get("deep"):
        instant(deep["begun"])
        urlsplit(deep.get("url") or "")
        row = (section, deep["begun"], int(deep["page"]), deep.get("url"), deep.get("ended", ""))
        db.execute("INSERT OR REPLACE INTO deep_walks VALUES (?, ?, ?, ?, ?)", row)
    if walk["complete"]:
        unknown = "placements INDEXED BY placements_unknown SET known = 1 WHERE NOT known"
        db.execute(f"UPDATE {unknown} AND section = ? AND crawl = ?", (section, new.crawl))
