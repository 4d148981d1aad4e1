"""Exported rows made an archive again: records and looks go into commits, and these through the one fold.

Versions, changes and events are derived anew; rows of views that hold only what is derived are counted and passed over.
Lines wait on disk until they are folded, so that memory holds some of them at a time. What is searched is not put into
the catalog here (`searchable.py`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

import msgspec

from archive.catalog.catalog import Catalog
from archive.catalog.fold import Decoded, uncollected
from archive.errors import ArchiveError, ConfigurationError
from archive.exported.believed import take_word
from archive.exported.kinds import LineFacts, RowKind
from archive.exported.lines import ExportedLine
from archive.exported.manifests import ToldManifest
from archive.exported.spool import LineSpool, SpooledLine
from archive.facts.canonical import canonical, digest, parse
from archive.facts.items import Check
from archive.facts.names import instant
from archive.facts.outcomes import LISTINGS
from archive.facts.record import Record
from archive.languages.vocabulary import Vocabulary
from archive.log.chain import Commit, Log, Segment
from archive.log.segments import encode_lines
from archive.opened import Archive
from archive.stores.opening import open_store
from archive.trust.lines import wrong_check, wrong_record
from archive.warc.warc import target_uri

_RECORD = frozenset(Record.__annotations__)
_CHECK = frozenset(each.name for each in fields(Check))
_UNNAMED = "exported"
_CHUNK, _MOST_BYTES = 2_000, 2**23
"""Records of no known commit that go into one; bytes of lines that are folded at once."""
BytesDone = Callable[[int], None]
"""Told how many bytes more were read, or folded."""


class _Told(msgspec.Struct, kw_only=True):
    """A row of the view commits, as far as it is gone by."""

    committed_at: str | None = None
    digest: str | None = None
    summary: dict[str, Any] | None = None
    writer: dict[str, Any] | None = None


def unwatched(count: int) -> None:
    """Be told of progress, for nobody."""
    del count


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """An archive made of exported rows, and what they were."""

    archive: Archive
    rows: Mapping[RowKind, int]
    edits: bool
    """Whether older texts than the newest are among the lines, as views other than `latest` have them."""
    manifests: tuple[ToldManifest, ...] = ()
    """What lay beside the files and was read with them."""
    head: tuple[int, str] | None = None
    """Number and digest of the newest commit of which there is a row."""


@dataclass(slots=True)
class _Group:
    """What one commit is made of."""

    seq: int
    crawl: str
    checks: list[dict[str, Any]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    index: list[dict[str, Any]] = field(default_factory=list)
    """Of captures of others: who brought them says whose they are."""
    told: Mapping[str, Any] | None = None
    """Its row of the view commits."""
    size: int = 0

    def take(self, spooled: SpooledLine) -> None:
        """Take in a line. Raises ConfigurationError naming file and line for one that contradicts itself."""
        kind, line = spooled
        value, self.size = _parsed(line), self.size + len(line.data)
        if kind == "record":
            record = cast("Record", {name: value[name] for name in value.keys() & _RECORD})
            _check(line, wrong_record(record))
            self._whose(record, value.get("source"))
            self.records.append(record)
        elif kind == "check":
            check = {name: value[name] for name in value.keys() & _CHECK}
            _check(line, wrong_check(check))
            self.checks.append(check)
        else:
            _check(line, _wrong_commit(value))
            self.told = value

    def _whose(self, record: Record, source: object) -> None:
        place = record["capture"]
        if not isinstance(source, str) or "source" in place:
            return
        if source != self.crawl:
            place["source"] = {"name": source}
            return
        self.index.append(
            {
                "url": target_uri(record["url"]), "captured_at": record["captured_at"],
                "digest": record["digests"]["payload"], "status": place["http"]["status"],
                "filename": place["segment"], "offset": place["offset"], "length": place["length"], "mime": "",
            }
        )  # fmt: skip


def rebuilt(
    lines: Iterable[ExportedLine],
    folder: Path,
    vocabulary_of: Callable[[str | None], Vocabulary],
    *,
    reading: BytesDone = unwatched,
    folding: BytesDone = unwatched,
) -> Rebuilt:
    """Return an archive of the lines' records and looks, its catalog made as `catalog.sqlite` in an empty folder.

    `vocabulary_of` gives the words of the edition that the lines say, None where they say none. Raises
    ConfigurationError (4) naming file and line for what no export of this program holds, or of two editions or
    histories, and where there is no record and no look at all.
    """
    with uncollected(), closing(LineSpool(folder)) as spool:
        sorted_out = _Sorted(spool, vocabulary_of)
        for line in lines:
            sorted_out.take(line)
            reading(len(line.data))
        counts = sorted_out.counts
        if not counts["record"] + counts["check"]:
            raise ConfigurationError(
                "no records and no looks in these files; export the view versions, and checks with it"
            )
        spool.settle()
        store = open_store(f"file:{folder}/archive")
        vocabulary = sorted_out.vocabulary or vocabulary_of(None)
        catalog = Catalog(folder / "catalog.sqlite", store.uri, vocabulary)
        archive = Archive(store=store, log=Log(store), catalog=catalog)
        try:
            _fold(archive, spool, folding)
        except BaseException:
            archive.close()
            raise
        head = spool.head()
    return Rebuilt(
        archive=archive, rows=counts, manifests=tuple(sorted_out.manifests), head=head,
        edits=bool(sorted_out.texts - {"latest"}),
    )  # fmt: skip


class _Sorted:
    """Tells what each line is, and puts it where it waits."""

    def __init__(self, spool: LineSpool, vocabulary_of: Callable[[str | None], Vocabulary]) -> None:
        self._spool, self._vocabulary_of = spool, vocabulary_of
        self.counts: Counter[RowKind] = Counter()
        self.vocabulary: Vocabulary | None = None
        self.manifests: list[ToldManifest] = []
        self.texts: set[str | None] = set()
        """Views of the records."""

    def take(self, line: ExportedLine) -> None:
        known = LineFacts.of(line)
        kind = known.told(line.place)
        _check(line, known.wrong())
        self.counts[kind] += 1
        if known.edition is not None:
            self._edition(known.edition, line)
        if kind == "record":
            self.texts.add(known.view)
        if kind == "manifest":
            self._manifest(ToldManifest.of(line), line)
        elif kind != "derived":
            self._spool.add(kind, known, line)

    def _manifest(self, told: ToldManifest, line: ExportedLine) -> None:
        if self.manifests and told.archive != self.manifests[0].archive:
            raise ConfigurationError(
                f"{line.place}: of another archive than the files before; read those of one archive at a time"
            )
        self.manifests.append(told)

    def _edition(self, name: str, line: ExportedLine) -> None:
        if self.vocabulary is None:
            try:
                self.vocabulary = self._vocabulary_of(name)
            except ArchiveError as error:
                raise ConfigurationError(f"{line.place}: {error}") from error
        if self.vocabulary.edition != name:
            raise ConfigurationError(
                f"{line.place}: of the edition {name}, and the lines before are of {self.vocabulary.edition}; read the "
                "files of one edition at a time: in another a number is another article"
            )


def _parsed(line: ExportedLine) -> dict[str, Any]:
    try:
        value: dict[str, Any] = parse(line.data)
    except ValueError as error:
        raise ConfigurationError(f"{line.place}: no JSON; give files that scrapy export jsonl wrote, whole") from error
    return value


def _check(line: ExportedLine, wrong: str) -> None:
    if wrong:
        raise ConfigurationError(f"{line.place}: {wrong}; export it again")


def _wrong_commit(value: Mapping[str, Any]) -> str:
    try:
        if at := msgspec.convert(value, _Told).committed_at:
            instant(at)
    except (ValueError, OverflowError) as error:
        return f"it is no commit: {error}"
    return ""


def _fold(archive: Archive, spool: LineSpool, folding: BytesDone) -> None:
    part, size = list[_Group](), 0
    for group in _numbered(_grouped(spool)):
        part.append(group)
        size += group.size
        if size >= _MOST_BYTES:
            _take_in(archive, part, spool)
            folding(size)
            part, size = [], 0
    _take_in(archive, part, spool)
    folding(size)
    take_word(archive.catalog, spool)


def _grouped(spool: LineSpool) -> Iterator[_Group]:
    """Yield what commits are made of, in their order; records and looks of none come first, in chunks."""
    for seq, crawl in spool.commits():
        group = _Group(seq, crawl)
        for spooled in spool.of(seq, crawl):
            group.take(spooled)
            if not seq and len(group.records) + len(group.checks) >= _CHUNK:
                yield group
                group = _Group(seq, crawl)
        if group.records or group.checks or group.told:
            yield group


def _numbered(groups: Iterable[_Group]) -> Iterator[_Group]:
    """Yield the groups with the number that their commit gets: its own, unless some before it have none."""
    last = before = 0
    for group in groups:
        before += not group.seq
        group.seq = last = max(group.seq + before if group.seq else before, last + 1)
        yield group


def _take_in(archive: Archive, part: Sequence[_Group], spool: LineSpool) -> None:
    try:
        archive.catalog.take([(_commit(archive, group, spool), _lines(group)) for group in part])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ConfigurationError(f"these lines can't be folded ({error!r}); export them again") from error


def _lines(group: _Group) -> Decoded:
    return {"index": group.index, "records": group.records, "checks": group.checks}


def _commit(archive: Archive, group: _Group, spool: LineSpool) -> Commit:
    told = group.told or {}
    last = max((*(r["captured_at"] for r in group.records), *(c["at"] for c in group.checks)), default="")
    summary = dict(told.get("summary") or {})
    if not told and spool.holds(group.crawl):
        # Without the commits' own word a look says that its crawl is suspect.
        summary["suspect"] = True
    return Commit(
        seq=group.seq, previous=None, committed_at=instant(told.get("committed_at") or last),
        crawl=group.crawl or _UNNAMED, writer=told.get("writer") or {}, segments=_listings(archive, group),
        summary=summary,
        digest=told.get("digest") or digest(canonical([group.seq, group.crawl])), data=b"",
    )  # fmt: skip


def _listings(archive: Archive, group: _Group) -> tuple[Segment, ...]:
    """Store the looks at listings: what stood where is read from there when somebody asks."""
    looks = [check for check in group.checks if check["kind"] in LISTINGS]
    if not looks:
        return ()
    packed, key = encode_lines(looks), f"checks/{group.seq}.jsonl.gz"
    archive.store.create(key, packed.data)
    size, sha256 = len(packed.data), digest(packed.data)
    return (Segment(key=key, kind="checks", bytes=size, sha256=sha256, lines=packed.lines),)
