"""`scrapy commit-shares`: what the shares of a backfill stored is examined, and named in commits, file by file.

What only all captures together show is told here: whether they are to be believed, which hosts were taken over, what
rotates. A capture that came with an earlier file, or with anybody's commit meanwhile, is left out.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from archive.catalog import articles, memory
from archive.committing import Committer
from archive.errors import IntegrityError, NamedMeanwhile
from archive.facts.canonical import digest
from archive.facts.items import Capture, Check
from archive.facts.names import commit_key, instant, segment_key, stamp
from archive.facts.outcomes import ABSENT, SEEN
from archive.facts.record import Record
from archive.log.batch import Batch
from archive.log.chain import Commit, Segment
from archive.log.segments import decode_lines, encode_lines, read_segment, write_segment
from archive.log.shares import ShareEnd, ShareRun, encoded, end_key
from archive.log.spool import Spool
from archive.stores.putting import put_once
from archive.texts.amounts import amount
from archive.trust.examining import examined
from archive.warc import warc
from archive.warc.warc import target_uri
from crawler.backfill import weighing
from crawler.backfill.files import lines_of
from crawler.backfill.neighbours import Judgement, Neighbours
from crawler.backfill.shares import FilePiece, FileTask, NamedLater, files_of, read_file_piece
from crawler.backfill.sources import Provenance
from crawler.backfill.weighing import Vanished
from crawler.crawl.brake import BackfillBrake
from crawler.crawl.patterns import Patterns
from crawler.reread.shares import check_all_there
from crawler.reread.stored import rereader
from pipelines.takeovers import Takeovers

SCHEMA = "presstv.shares/1"
_LISTED = ("sources", "refused", "unresolved", "failed", "damaged")
_COUNTED = ("skipped", "refusals")
_ANEW = ("suspect", "brake", "unpacked", "outcomes")
"""What a commit's summary says that is found out once more."""


def missing_files(committer: Committer, run: ShareRun) -> dict[int, int]:
    """Return the numbers of the shares that are not done, each with how many of its files are not taken in."""
    files, of = run.plan.words.ids, run.plan.of
    done = {place for place, _ in pieces_of(committer, run)}
    left = {n: sum(place not in done for place, _ in files_of(files, n, of)) for n in range(1, of + 1)}
    return {number: count for number, count in left.items() if count}


def check_whole(run: ShareRun, missing: Mapping[int, int]) -> None:
    """Raise UsageError naming the shares that are missing."""
    lacking = {number: f"{amount(count, 'file')} not taken in" for number, count in missing.items()}
    check_all_there(run, lacking, do=f"run scrapy backfill … --share N/{run.plan.of} with the same files")


def pieces_of(committer: Committer, run: ShareRun) -> Iterator[tuple[int, FilePiece]]:
    """Yield what each file came to that is taken in, in the order of the files. Raises IntegrityError."""
    for place in range(1, len(run.plan.words.ids) + 1):
        if (piece := read_file_piece(committer.archive, run, place)) is not None:
            yield place, piece


@dataclass(slots=True, kw_only=True)
class FilesJoining:
    """One commit of a backfill's shares."""

    committer: Committer
    """Its crawl is the run's."""
    task: FileTask
    run: ShareRun
    folder: Callable[[], Path]
    """Where captures lie that are stored anew, until their commit."""
    reports: list[Mapping[str, Any]] = field(default_factory=list)
    known: int = 0
    """Captures left out: they are in the archive."""
    taken: Counter[str] = field(default_factory=Counter)
    _brake: BackfillBrake = field(init=False)
    _neighbours: Neighbours = field(init=False)
    _takeovers: Takeovers = field(default_factory=partial(Takeovers, own=False))
    _missed: list[tuple[Vanished, Provenance]] = field(default_factory=list)
    _suspect: bool = False
    _was_suspect: bool = field(init=False)
    """Whether an earlier try of this commit found it suspect: of what it stored anew no brake can tell once more."""

    def __post_init__(self) -> None:
        archive = self.committer.archive
        self._brake = self.task.brake()
        said = "SELECT 1 FROM commits WHERE crawl = ? AND json_extract(summary, '$.suspect')"
        self._was_suspect = archive.catalog.db.execute(said, (self.run.crawl,)).fetchone() is not None
        self._neighbours = Neighbours(db=archive.catalog.db, reread=rereader(archive.store, self.task.edition))

    @property
    def _pulled(self) -> bool:
        return self._brake.pulled or self._was_suspect

    def join(self, missing: Mapping[int, int]) -> None:
        """Commit what is there; once nothing is missing, the run's end. Stopped anywhere and run again it goes on.

        Raises IntegrityError for what no share stores; all is examined before the first is committed.
        """
        pieces = [piece for _, piece in pieces_of(self.committer, self.run)]
        for piece in pieces:
            for one in piece.commits:
                self._check(one)
        for piece in pieces:
            self.reports.append(piece.report)
            for one in piece.commits:
                self._commit(one)
        self._close()
        if not missing:
            put_once(self.committer.archive.store, end_key(self.run.name), encoded(ShareEnd(how="committed")))

    def _check(self, one: NamedLater) -> None:
        if self._is_named(one):
            return
        named = Commit(
            seq=0, previous=None, committed_at=self.committer.clock(), crawl=self.run.crawl, writer={},
            segments=one.segments, summary=one.summary, digest="", data=b"",
        )  # fmt: skip
        if problem := next(iter(examined(self.committer.archive.store, named).report.problems), None):
            raise IntegrityError(
                f"{problem.key} is not what a share stores: {problem.detail.replace(commit_key(named.seq), 'it')}; "
                f"remove what tells of it in claims/shares/{self.run.name}/, and run its share again"
            )

    def _is_named(self, one: NamedLater) -> bool:
        held = "SELECT 1 FROM segments WHERE key = ?"
        db = self.committer.archive.catalog.db
        return any(db.execute(held, (segment.key,)).fetchone() for segment in one.segments)

    def _commit(self, one: NamedLater) -> None:
        # Somebody else may commit the same at this moment.
        self.committer.archive.catalog.follow(self.committer.archive.log)
        if self._is_named(one):
            # By an earlier try of this commit: the brake weighs all files together.
            self._weighed(one.summary, self._lines(one, "records"), self._lines(one, "checks"), stored=True)
            self._neighbours.committed()
            return
        captures = self._captures(one)
        new = [capture for capture in captures if not self._holds(capture)]
        self.known += len(captures) - len(new)
        if captures and not new:
            return
        records, written = self._told_of(one, captures, new)
        summary = {name: value for name, value in one.summary.items() if name not in _ANEW}
        checks = self._weighed(summary, records, written)
        self._suspect = self._pulled
        told = summary | ({"suspect": True, "brake": self._brake.report()} if self._suspect else {})
        if len(new) < len(captures):
            self._store_anew(new, records, checks, told)
        else:
            with suppress(NamedMeanwhile):
                self._name(one, checks, told, as_written=checks == written)
        self._neighbours.committed()

    def _name(
        self, one: NamedLater, checks: list[dict[str, Any]], summary: Mapping[str, Any], *, as_written: bool
    ) -> None:
        """Name what a piece stored; its looks are stored anew where they come to something else beside other files."""
        segments, unpacked = [*one.segments], dict(one.summary.get("unpacked", {}))
        if not as_written:
            batch = self.committer.begin()
            packed = encode_lines(checks)
            key = segment_key("checks", batch.opened_at.date(), batch.batch_id, "jsonl.gz")
            own = Segment(
                key=key, kind="checks", bytes=len(packed.data), sha256=digest(packed.data), lines=packed.lines
            )  # fmt: skip
            write_segment(self.committer.archive.store, own, packed.data)
            segments = [segment for segment in segments if segment.kind != "checks"] + [own]
            unpacked = {name: size for name, size in unpacked.items() if name in {s.key for s in segments}}
            unpacked[key] = packed.unpacked
        outcomes = Counter(check["outcome"] for check in checks)
        self.committer.name(segments, {**summary, "outcomes": dict(sorted(outcomes.items())), "unpacked": unpacked})
        self.taken.update(outcomes)

    def _lines(self, one: NamedLater, kind: str) -> list[Any]:
        store = self.committer.archive.store
        segments = [segment for segment in one.segments if segment.kind == kind]
        return [line for segment in segments for line in decode_lines(read_segment(store, segment), segment.key)]

    def _told_of(
        self, one: NamedLater, captures: list[Capture], new: list[Capture]
    ) -> tuple[list[Record], list[dict[str, Any]]]:
        """Return a piece's records and looks, without those of captures that are left out."""
        places = {(capture.segment, capture.offset) for capture in captures}
        left_out = places - {(capture.segment, capture.offset) for capture in new}
        names = {_named(capture.url, stamp(capture.captured_at), capture.payload) for capture in new}
        records = [record for record in self._lines(one, "records") if _place(record) not in left_out]
        checks = self._lines(one, "checks")
        if left_out:
            checks = [check for check in checks if _named(check["url"], check["at"], check.get("payload", "")) in names]
        return records, checks

    def _captures(self, one: NamedLater) -> list[Capture]:
        store = self.committer.archive.store
        warcs: list[Segment] = [segment for segment in one.segments if segment.kind == "warc"]
        return [capture for segment in warcs for capture in warc.read(read_segment(store, segment), segment.key)]

    def _holds(self, capture: Capture) -> bool:
        return memory.holds(
            self.committer.archive.catalog.db, capture.url, stamp(capture.captured_at), capture.payload
        )  # fmt: skip

    def _weighed(
        self, summary: Mapping[str, Any], records: list[Record], checks: list[dict[str, Any]], *, stored: bool = False
    ) -> list[dict[str, Any]]:
        """Tell the brake what a piece shows; return its looks by what they come to beside all that is committed."""
        found: dict[tuple[str, str], Judgement] = {}
        for record in records:
            if record["capture"].get("source"):
                judged = self._neighbours.judge(record, stored=stored)
                found[record["article_id"], record["captured_at"]] = judged
                weighing.weigh(self._brake, record, judged, self.task.edition.vocabulary)
        told = [_judged(check, found.get((check.get("article_id", ""), check["at"]))) for check in checks]
        source = summary.get("backfill", {}).get("source")
        for check in told:
            url = check.get("answered") or check["url"]
            self._takeovers.look(url, check["at"], check["outcome"], check.get("reason", ""))
            if check["outcome"] in ABSENT and source:
                vanished = Vanished(
                    number=check.get("article_id", "0"), url=check["url"], at=instant(check["at"]),
                    outcome=check["outcome"],
                )  # fmt: skip
                self._missed.append((vanished, Provenance(**source)))
        return told

    def _store_anew(
        self, new: list[Capture], records: list[Record], checks: list[Any], summary: Mapping[str, Any]
    ) -> None:
        """Commit these captures of a piece alone, with what was read of them."""
        batch = self.committer.begin(lambda name, info: Spool.create(self.folder(), name, info))
        fields = summary.get("backfill", {}).get("source", {})
        batch.provenance = {f"source-{name}": value for name, value in fields.items()}
        places = {(capture.segment, capture.offset): capture for capture in new}
        for capture in new:
            batch.spooled(capture)
        batch.records += [(record, places.get(_place(record))) for record in records]
        _add_checks(batch, checks)
        self.taken.update(check.outcome for check in batch.checks)
        self.committer.commit(batch, {**summary, "backfill": {**summary.get("backfill", {}), "taken": len(new)}})

    def _close(self) -> None:
        """Commit what only all captures together show, as `Intake.finish` does."""
        db, vocabulary = self.committer.archive.catalog.db, self.task.edition.vocabulary
        for vanished, source in self._missed:
            if articles.was_read(db, vanished.number):
                weighing.miss(self._brake, vanished, source)
        patterns = Patterns(db=db, vocabulary=vocabulary, crawl=self.committer.crawl)
        patterns.look_back()
        learned = {**self._takeovers.learned(db), **patterns.learned()}
        if learned or self._suspect != self._pulled:
            told: dict[str, Any] = {"learned": learned} if learned else {}
            told |= {"suspect": True, "brake": self._brake.report()} if self._pulled else {}
            self.committer.commit(self.committer.begin(), {"backfill": {"taken": 0}, **told})

    def report(self, missing: Mapping[int, int]) -> dict[str, Any]:
        """Return what it came to, JSON-ready: what `scrapy backfill` tells, and which shares are missing."""
        listed = {name: [row for report in self.reports for row in report[name]] for name in _LISTED}
        counted: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}
        for name, counts in counted.items():
            for report in self.reports:
                counts.update(report[name])
        if self.known:
            counted["skipped"]["known"] += self.known
        wrong = any(listed[name] for name in _LISTED[1:])
        commits = self.committer.commits
        return {
            "schema": SCHEMA, "run": self.run.name, "shares": self.run.plan.of, "crawl": self.committer.crawl,
            "archive": self.committer.archive.store.uri, "suspect": self._pulled, "brake": self._brake.report(),
            "taken": dict(sorted(self.taken.items())), **listed,
            **{name: dict(sorted(counts.items())) for name, counts in counted.items()},
            "commits": len(commits), "head": self.committer.archive.catalog.head().seq,
            "bytes": sum(s.bytes for c in commits for s in c.segments),
            "missing": {str(number): count for number, count in missing.items()},
            "exit": 6 if self._pulled else 3 if wrong else 0,
        }  # fmt: skip


def _judged(check: dict[str, Any], judged: Judgement | None) -> dict[str, Any]:
    if judged is None or check["outcome"] not in SEEN:
        return check
    told = {name: value for name, value in check.items() if name != "confirms"} | {"outcome": judged.outcome}
    return told | ({"confirms": judged.confirms} if judged.confirms else {})


def _place(record: Record) -> tuple[str, int]:
    return record["capture"]["segment"], record["capture"]["offset"]


def _named(url: str, at: str, payload: str) -> tuple[str, str, str]:
    return target_uri(url), at, payload.removeprefix("sha256:")


def _add_checks(batch: Batch, checks: list[Any]) -> None:
    for line in checks:
        told = {name: value for name, value in line.items() if name not in ("at", "listed", "teasers")}
        batch.checks.append(Check(at=instant(line["at"]), **told))


def lines_of_files(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the report for a person."""
    of = report["shares"]
    yield f"{report['run']}: {amount(of, 'share')} of a backfill"
    for number, count in report["missing"].items():
        yield f"  share {number}/{of} is missing: {amount(count, 'file')} not taken in; the run waits for it"
    yield from lines_of(dict(report))
    if report["unresolved"] or report["skipped"].get("redirect"):
        yield "  what one file lacks another may hold: run scrapy backfill with them once; what is known is passed over"
