"""`scrapy backfill`: WARC and WACZ files made by others, read into the archive; what is told of it at the end."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, BinaryIO

from archive.errors import IntegrityError, OutletUnreachable, RefusedByOutlet
from archive.log.chain import Commit
from archive.texts.amounts import amount, amounts
from archive.warc.exchanges import Asked, WarcRecord, exchanges
from crawler.backfill import foreseen, wacz, warcfile
from crawler.backfill.foreseen import Foresight
from crawler.backfill.intake import Intake
from crawler.backfill.makers import Makers
from crawler.backfill.sources import Provenance, opened, sha256_of
from crawler.backfill.steps import is_saved_page, passed_over
from crawler.backfill.tally import NotTaken
from crawler.net.wrapped import unwrapped

_ZIP = b"PK\x03\x04"
_SHOWN = 3
Again = Callable[[], AbstractContextManager[BinaryIO]]
"""Opens a WARC once more, from its start."""


@dataclass(slots=True, kw_only=True)
class Backfill:
    """One backfill: its sources in turn, and what it took from them."""

    intake: Intake
    operator: str = ""
    """Who ran the crawlers, where the files don't say or say it wrongly."""
    progress: Callable[[WarcRecord], object] | None = None
    processes: int = 1
    """How many read the pages of long files."""
    sources: list[Provenance] = field(default_factory=list)
    _long: bool = False
    """Whether the file that is read is worth to be read by several."""

    def run(self, places: Iterable[str], remotes: Iterable[tuple[Provenance, Callable[[], None]]]) -> None:
        """Take in each file, then what each server holds; `remotes` are their names, and what asks them.

        Raises as `file` does, OutletUnreachable and RefusedByOutlet; what was taken in by then is committed.
        """
        try:
            self.intake.clear()
            for place in places:
                self.file(place)
            for provenance, fetch in remotes:
                self.sources.append(provenance)
                fetch()
            self.intake.finish()
        except (OutletUnreachable, RefusedByOutlet):
            self.intake.finish()
            raise
        finally:
            self.intake.abandon()

    def file(self, place: str) -> None:
        """Take in one file. Raises UsageError where it is not there, ConfigurationError for an unsafe zip."""
        with opened(place) as (name, file):
            provenance = Provenance(name=name, sha256=sha256_of(file), operator=self.operator)
            self.sources.append(provenance)
            self._long = self.processes > 1 and file.seek(0, io.SEEK_END) >= foreseen.LEAST_BYTES
            file.seek(0)
            start = file.read(len(_ZIP))
            file.seek(0)
            if start == _ZIP:
                try:
                    self._wacz(file, provenance)
                except wacz.NotWhole as error:
                    self._damaged(provenance.name)(str(error))
            else:
                self._warc(file, provenance, lambda: _opened_again(place))
        self.intake.commit()

    def _wacz(self, file: BinaryIO, provenance: Provenance) -> None:
        found = 0
        with wacz.opened(file, provenance.name) as zipped:
            for name, stream in wacz.warcs(zipped, self._damaged(provenance.name)):
                found += 1
                within = replace(provenance, name=f"{provenance.name}!{name}")
                self._warc(stream, within, partial(wacz.stream, zipped, name, _unheard))
        if not found and not self.intake.tally.damaged:
            self._damaged(provenance.name)("it holds no WARC below archive/")

    def _damaged(self, name: str) -> Callable[[str], None]:
        return lambda fault: self.intake.tally.damaged.append((name, fault))

    def _warc(self, stream: BinaryIO, provenance: Provenance, again: Again) -> None:
        self.intake.begin(provenance)
        if not self._long:
            self._taken(stream, provenance, again, lambda _: None)
            return
        foresight = Foresight(
            processes=self.processes, bounds=self.intake.bounds, knows=self.intake.batch.knows
        )  # fmt: skip
        self.intake.foreseen = foresight.of
        with foresight.over(_read_again(again)):
            self._taken(stream, provenance, again, foresight.turn)

    def _taken(
        self, stream: BinaryIO, provenance: Provenance, again: Again, turn: Callable[[WarcRecord], object]
    ) -> None:
        damaged = self._damaged(provenance.name)
        makers = Makers(file=provenance, again=partial(_read_again, again))
        asked: Asked | None = None
        for response, request in exchanges(self._records(stream, makers, damaged)):
            turn(response)
            if request is None and self.intake.bounds.article(unwrapped(response.uri)[0]):
                # Its request may stand anywhere: the file is read through once more where one is missed.
                asked = asked or Asked(_read_again(again))
            with self._made_by(makers.of(response.fields), damaged) as maker:
                self.intake.record(response, request or (asked.of(response) if asked else None), maker)

    @contextmanager
    def _made_by(self, maker: Provenance, damaged: warcfile.Damaged) -> Iterator[Provenance]:
        """Give who made what is taken in next; a record that can't be read is told, and the next one is read."""
        if self.intake.provenance != maker:
            self.intake.begin(maker)
        try:
            yield maker
        except IntegrityError as error:
            damaged(str(error))

    def _records(self, stream: BinaryIO, makers: Makers, damaged: warcfile.Damaged) -> Iterator[WarcRecord]:
        """Yield a file's records; what is no exchange is taken in, or counted, here."""
        for record in warcfile.records(stream, damaged):
            yield record
            if record.kind == "warcinfo":
                makers.note(record)
            elif is_saved_page(record, self.intake.bounds):
                with self._made_by(makers.of(record.fields).part("resource"), damaged) as maker:
                    self.intake.saved(record, maker)
            elif skip := passed_over(record, self.intake.bounds):
                self.intake.tally.skipped[skip] += 1
            if self.progress:
                self.progress(record)

    def exit_code(self) -> int:
        """Return 6 where the brake was pulled, 3 where something was not taken in that should have been, else 0."""
        tally = self.intake.tally
        if self.intake.brake.pulled:
            return 6
        return 3 if tally.refused or tally.unresolved or tally.failed or tally.damaged else 0


@contextmanager
def _opened_again(place: str) -> Iterator[BinaryIO]:
    with opened(place) as (_, file):
        yield file


def _unheard(_fault: str) -> None:
    """Take a fault that was told at the first reading."""


def _read_again(again: Again) -> Iterator[WarcRecord]:
    with again() as stream:
        yield from warcfile.records(stream, _unheard)


def report_of(backfill: Backfill) -> dict[str, Any]:
    """Return the report, JSON-ready."""
    tally, committer = backfill.intake.tally, backfill.intake.committer
    commits: list[Commit] = committer.commits
    return {
        "schema": "presstv.backfill/1",
        "crawl": committer.crawl,
        "archive": committer.archive.store.uri,
        "sources": [provenance.fields() for provenance in backfill.sources],
        "suspect": backfill.intake.brake.pulled,
        "brake": backfill.intake.brake.report(),
        "taken": dict(sorted(tally.taken.items())),
        "skipped": dict(sorted(tally.skipped.items())),
        "refused": [one | {"kind": r.kind} for one, r in zip(_refusals(tally.refused), tally.refused, strict=True)],
        "refusals": tally.refusals(),
        "unresolved": _refusals(tally.unresolved),
        "failed": _refusals(tally.failed),
        "damaged": [{"name": name, "detail": detail} for name, detail in tally.damaged],
        "commits": len(commits),
        "head": committer.archive.catalog.head().seq,
        "bytes": sum(s.bytes for c in commits for s in c.segments),
        "exit": backfill.exit_code(),
    }


def _refusals(refusals: Sequence[NotTaken]) -> list[dict[str, str]]:
    return [{"url": r.url, "at": r.at, "reason": r.reason} for r in refusals]


def lines_of(report: dict[str, Any]) -> Iterator[str]:
    """Yield the report for a person."""
    taken = ", ".join(f"{count} {outcome}" for outcome, count in report["taken"].items()) or "nothing new"
    skipped = ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in report["skipped"].items()) or "none"
    yield f"{report['crawl']} into {report['archive']}: {amount(len(report['sources']), 'source')}"
    yield f"  taken: {taken}"
    yield f"  passed over: {skipped}"
    if refusals := ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in report["refusals"].items()):
        yield f"  refused, by kind: {refusals}"
    for name in ("refused", "unresolved", "failed"):
        yield from _some(name, [f"{r['url']} of {r['at']}: {r['reason']}" for r in report[name]])
    for each in report["brake"]["sources"]:
        ends = ", ".join(f"{count} {outcome}" for outcome, count in each["rechecked"].items())
        yield f"  suspect: {each['source']} of {each['host']}, in 24 hours from {each['since']}: {ends}"
    if report["suspect"]:
        yield f"  what it saw changed or gone waits for: scrapy accept {report['crawl']}"
    yield from _some("damaged", [f"{d['name']}: {d['detail']}" for d in report["damaged"]])
    yield f"  stored: {amounts(commit=report['commits'], byte=report['bytes'])}; head {report['head']}"


def _some(name: str, lines: list[str]) -> Iterator[str]:
    yield from (f"  {name}: {line}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"  … and {len(lines) - _SHOWN} more {name}; --json lists them"
