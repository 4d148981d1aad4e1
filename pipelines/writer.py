"""The writer of one crawl: the open batch, what it knows already, and the thread that commits full batches."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive import batch as batches
from archive import lookup
from archive.archive import Archive
from archive.batch import Batch
from archive.catalog import Catalog
from archive.errors import ArchiveError
from archive.ids import batch_id, stamp
from archive.items import Capture, Check, Look
from archive.log import Commit
from archive.lookup import Known
from archive.record import Record
from archive.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a batch is full: captures, bytes in its spool, or age."""

    captures: int = 200
    bytes: int = 32 * 2**20
    age: timedelta = timedelta(seconds=60)


@dataclass(slots=True, kw_only=True)
class _Open:
    batch: Batch
    undecided: set[tuple[str, datetime]] = field(default_factory=set)
    latest: dict[str, Record] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    full: bool = False


class Writer:
    """Gathers looks into batches and commits them, one at a time, off the caller's thread.

    A batch is committed when it is full and each of its captures is decided. The first error stops further commits;
    the spools stay, for the next crawl to adopt.
    """

    def __init__(
        self,
        archive: Archive,
        *,
        spool_dir: str | Path,
        crawl: str,
        program: Mapping[str, Any],
        clock: Callable[[], datetime],
        limits: Limits | None = None,
    ) -> None:
        """Begin the first batch. `program` is the commits' `writer`: name, version and extractor revision."""
        self.archive, self.crawl, self.program, self.clock = archive, crawl, program, clock
        self.limits = limits or Limits()
        self.failure: ArchiveError | None = None
        self.commits: list[Commit] = []
        self._folder = Path(spool_dir)
        self._count = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")
        self._catalog = Catalog(archive.catalog.path, archive.catalog.uri)
        self._committing: list[tuple[_Open, Future[Commit]]] = []
        self._waiting: list[_Open] = []
        self._open = self._begin()

    def _begin(self) -> _Open:
        self._count += 1
        now = self.clock()
        name = batch_id(now, self.crawl, self._count)
        return _Open(
            batch=Batch(batch_id=name, crawl=self.crawl, opened_at=now, spool=Spool.create(self._folder, name))
        )

    def _all(self) -> list[_Open]:
        return [self._open, *reversed(self._waiting), *(o for o, _ in reversed(self._committing))]

    def latest(self, article_id: str) -> Record | None:
        """Return the article's newest standing record, uncommitted ones included."""
        for held in self._all():
            if article_id in held.latest:
                return held.latest[article_id]
        return lookup.latest(self.archive.catalog.db, article_id)

    def known(self, url: str) -> Known | None:
        """Return what the last look at `url` left, uncommitted ones included."""
        for held in self._all():
            if url in held.known:
                return held.known[url]
        return lookup.known(self.archive.catalog.db, url)

    def spool(self, capture: Capture) -> None:
        """Write a capture to the spool; it survives the process from here on, and waits for `decide`."""
        self._open.batch.spooled(capture)
        self._open.undecided.add((capture.url, capture.captured_at))

    def _holder(self, capture: Capture | None) -> _Open:
        if capture is not None:
            name = (capture.url, capture.captured_at)
            for held in (self._open, *self._waiting):
                if name in held.undecided:
                    return held
        return self._open

    def decide(self, capture: Capture, keep: str, known: Known | None = None) -> None:
        """Say whether a spooled capture is kept: `capture`, `drop`, or `revisit` of the one kept before."""
        held = self._holder(capture)
        held.undecided.discard((capture.url, capture.captured_at))
        if keep == "drop":
            held.batch.drop(capture)
        elif keep == "revisit" and known is not None and known.kept_at is not None:
            held.batch.repeat(capture, of_url=capture.url, of_time=stamp(known.kept_at))

    def add(self, look: Look, check: Check, *, record: Record | None, known: Known, keep: str) -> None:
        """Take in one judged look: its check, its record if it gave one, and the fate of its capture."""
        held = self._holder(look.capture)
        held.batch.checks.append(check)
        held.known[look.url] = known
        if record is not None:
            inside = look.capture if look.capture and held.batch.holds(look.capture) else None
            held.batch.records.append((record, inside))
            held.latest[record["article_id"]] = record
        if look.capture is not None:
            self.decide(look.capture, keep, known)
        self.turn()

    def supersede(self, record: Record) -> None:
        """Take in a stored capture's new reading; it begins no edit."""
        self._open.batch.records.append((record, None))

    def turn(self) -> None:
        """Close the batch if it is full, and commit what waits for nothing more."""
        batch = self._open.batch
        age = self.clock() - batch.opened_at
        if not batch.empty and (
            len(batch.places) >= self.limits.captures
            or len(batch.checks) >= 10 * self.limits.captures
            or batch.size >= self.limits.bytes
            or age >= self.limits.age
        ):
            self._waiting.append(self._open)
            self._open = self._begin()
        self._settle()
        for held in [held for held in self._waiting if not held.undecided]:
            self._waiting.remove(held)
            summary = {"outcomes": batches.outcome_counts(held.batch.checks)}
            self._committing.append((held, self._thread.submit(self._commit, held.batch, summary)))

    def _settle(self) -> None:
        for held, future in list(self._committing):
            if future.done():
                self._committing.remove((held, future))
                self._note(future)

    def _note(self, future: Future[Commit]) -> None:
        try:
            self.commits.append(future.result())
        except ArchiveError as error:
            self.failure = self.failure or error

    @property
    def behind(self) -> Future[Commit] | None:
        """The oldest commit under way when more than one is: the caller waits for it before it fetches more."""
        return self._committing[0][1] if len(self._committing) > 1 else None

    def _commit(self, batch: Batch, summary: Mapping[str, Any]) -> Commit:
        if self.failure:
            raise self.failure
        try:
            new = batches.commit(
                batch,
                self.archive.log,
                head=self._catalog.head(),
                writer=self.program,
                summary=summary,
                clock=self.clock,
            )
            self._catalog.follow(self.archive.log)
        except ArchiveError as error:
            self.failure = self.failure or error
            raise
        assert batch.spool is not None
        batch.spool.delete()
        return new

    def close(self, summary: Mapping[str, Any]) -> None:
        """Commit what is left, with `summary` in the last commit; wait. Raises the error that stopped one."""
        for held in (*self._waiting, self._open):
            held.undecided.clear()
        self.turn()
        rest = self._open.batch
        if summary or not rest.empty:
            outcomes = {"outcomes": batches.outcome_counts(rest.checks)}
            self._committing.append((self._open, self._thread.submit(self._commit, rest, outcomes | dict(summary))))
        elif rest.spool is not None:
            rest.spool.delete()
        self._thread.shutdown(wait=True)
        for _, future in self._committing:
            self._note(future)
        self._committing.clear()
        self._catalog.close()
        if self.failure:
            raise self.failure
