"""Exported rows made an archive in memory: records and looks go into commits again, and these through the one fold.

Versions, changes and events are derived anew; rows of views that hold only what is derived are counted and passed over.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast

from archive.catalog.catalog import Catalog
from archive.errors import ConfigurationError
from archive.exported.lines import ExportedLine
from archive.facts.canonical import canonical, digest
from archive.facts.items import Check
from archive.facts.names import instant
from archive.facts.outcomes import SegmentKind
from archive.facts.record import SCHEMA, Record
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import EMPTY, Commit, Draft, Head, Log, Segment
from archive.log.segments import encode_lines
from archive.opened import Archive
from archive.stores.memory import MemoryStore
from archive.trust.lines import wrong_check, wrong_record

RowKind = Literal["record", "check", "derived"]
_RECORD = frozenset(Record.__annotations__)
_CHECK = frozenset(field.name for field in fields(Check))
_LOOK = frozenset({"at", "url", "kind", "outcome"})
_DERIVED = (
    frozenset({"event", "not_after"}), frozenset({"from", "to", "fields"}), frozenset({"rank", "section"}),
    frozenset({"article_id", "rows"}),
)  # fmt: skip
"""Names that rows of views without texts and looks have; the last are of articles without rows in an increment."""
_UNNAMED = "exported"
_CHUNK = 2_000
"""Records of no known commit that go into one: folding them is seen to go on."""
Key = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """An archive made of exported rows, and what they were."""

    archive: Archive
    rows: Mapping[RowKind, int]


@dataclass(slots=True)
class _Gathered:
    """The rows of one commit."""

    checks: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)


def rebuilt(
    lines: Iterable[ExportedLine],
    catalog_path: str | Path,
    vocabulary: Vocabulary,
    progress: Callable[[Commit], None] | None = None,
) -> Rebuilt:
    """Return an archive of the lines' records and looks, its catalog made at a path.

    Raises ConfigurationError (4) naming file and line for what no export of this program holds, and where there is no
    record and no look at all.
    """
    log = Log(MemoryStore("memory:"))
    log.create(edition=vocabulary.edition, version="0")
    rows, said = _Rows(), {}
    for place, value in lines:
        rows.take(place, value)
        if "state" in value and "article_id" in value:
            said[str(value["article_id"])] = value
    if not rows.counts["record"] + rows.counts["check"]:
        raise ConfigurationError("no records and no looks in these files; export the view versions, and checks with it")
    _commit(log, rows)
    catalog = Catalog(catalog_path, log.store.uri, vocabulary)
    archive = Archive(store=log.store, log=log, catalog=catalog)
    catalog.follow(log, progress)
    _take_their_word(catalog, said, rows.looked)
    return Rebuilt(archive=archive, rows=rows.counts)


def kind_of(value: Mapping[str, Any], place: str) -> RowKind:
    """Return what a row is. Raises ConfigurationError for what no export of this program holds."""
    schema = value.get("schema")
    if schema == SCHEMA:
        return "record"
    if value.keys() >= _LOOK:
        return "check"
    if any(value.keys() >= names for names in _DERIVED):
        return "derived"
    what = f"of {schema!r}" if schema else "that no view of ours has"
    raise ConfigurationError(f"{place}: a row {what}; give files that this program's scrapy export jsonl wrote")


class _Rows:
    def __init__(self) -> None:
        self.commits: dict[Key, _Gathered] = {}
        self.records: dict[tuple[Any, ...], Record] = {}
        self.looked: set[str] = set()
        self.counts: Counter[RowKind] = Counter()
        self._seen_in: dict[tuple[str, str], Key] = {}

    def take(self, place: str, value: dict[str, Any]) -> None:
        kind = kind_of(value, place)
        self.counts[kind] += 1
        if kind == "record":
            self._take_record(place, cast("Record", {name: value[name] for name in value.keys() & _RECORD}))
        elif kind == "check":
            self._take_check(place, value)

    def _take_record(self, place: str, record: Record) -> None:
        if wrong := wrong_record(record):
            raise ConfigurationError(f"{place}: {wrong}; export it again")
        told = record["digests"]
        key = record["article_id"], record["captured_at"], told["payload"], record["extraction"]["revision"]
        self.records.setdefault(key, record)

    def _take_check(self, place: str, value: Mapping[str, Any]) -> None:
        check = {name: value[name] for name in value.keys() & _CHECK}
        if wrong := wrong_check(check):
            raise ConfigurationError(f"{place}: {wrong}; export it again")
        seq = value.get("commit")
        key = (seq if isinstance(seq, int) else 0, str(value.get("crawl") or _UNNAMED))
        self.commits.setdefault(key, _Gathered()).checks[canonical(check)] = check
        number = check.get("article_id")
        if number is not None:
            self.looked.add(number)
            self._seen_in.setdefault((number, check["at"]), key)

    def grouped(self) -> list[tuple[Key, _Gathered]]:
        """Return the rows by commit, records with the look that brought them; those of none come first."""
        alone: list[Record] = []
        for record in self.records.values():
            key = self._seen_in.get((record["article_id"], record["captured_at"]))
            (self.commits[key].records if key else alone).append(record)
        chunks = [alone[start : start + _CHUNK] for start in range(0, len(alone), _CHUNK)]
        first = [((0, _UNNAMED), _Gathered(records=chunk)) for chunk in chunks]
        return [*first, *sorted(self.commits.items())]


def _commit(log: Log, rows: _Rows) -> None:
    head: Head = EMPTY
    for number, ((_, crawl), gathered) in enumerate(rows.grouped(), 1):
        checks = list(gathered.checks.values())
        parts: dict[SegmentKind, list[Any]] = {"records": gathered.records, "checks": checks}
        segments, unpacked = [], {}
        for kind, values in parts.items():
            if values:
                packed = encode_lines(values)
                key = f"{kind}/{number}.jsonl.gz"
                log.store.create(key, packed.data)
                unpacked[key] = packed.unpacked
                size, sha256 = len(packed.data), digest(packed.data)
                segments.append(Segment(key=key, kind=kind, bytes=size, sha256=sha256, lines=packed.lines))
        last = max([*(record["captured_at"] for record in gathered.records), *(check["at"] for check in checks)])
        draft = Draft(
            crawl=crawl, writer={"name": _UNNAMED, "version": "0", "extractor": 0}, segments=segments,
            summary={"unpacked": unpacked}, committed_at=instant(last),
        )  # fmt: skip
        head = log.append(draft, head).head


def _take_their_word(catalog: Catalog, said: Mapping[str, Mapping[str, Any]], looked: set[str]) -> None:
    """Take an article's state from its row where the files hold no look at it from which to tell it."""
    with catalog.writing():
        for number, row in said.items():
            if number not in looked and row["state"] in ("gone", "removed"):
                catalog.db.execute(
                    "UPDATE articles SET state = ?, last_seen = coalesce(?, last_seen) WHERE article_id = ?",
                    (row["state"], row.get("last_seen"), int(number)),
                )
