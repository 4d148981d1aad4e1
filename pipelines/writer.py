"""The writer of one crawl: the open batch, what it knows already, and the thread that commits full batches."""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from archive.catalog import memory
from archive.catalog.memory import LastLook
from archive.catalog.own import own_latest
from archive.committing import Committer
from archive.errors import ArchiveError, StorageError
from archive.facts.items import Capture, Check
from archive.facts.names import stamp
from archive.facts.outcomes import Keep
from archive.facts.record import Record
from archive.log.batch import Batch, Limits
from archive.log.chain import Commit
from archive.log.spool import Spool
from pipelines.look import Look
from pipelines.takeovers import Takeovers

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Open:
    batch: Batch
    undecided: set[tuple[str, datetime]] = field(default_factory=set)
    latest: dict[str, Record] = field(default_factory=dict)
    last_looks: dict[str, LastLook] = field(default_factory=dict)

    def let_go(self) -> None:
        if self.batch.spool is not None:
            self.batch.spool.close()


class Writer:
    """Gathers looks into batches and commits them, one at a time, off the caller's thread.

    A batch is committed when it is full and each of its captures is decided. The first error stops further commits;
    the spools stay, for the next crawl to adopt.
    """

    def __init__(self, committer: Committer, *, spool_dir: str | Path, limits: Limits | None = None) -> None:
        """Begin the first batch. Several writers may be given one committer: no two batches share a name."""
        self.failure: ArchiveError | None = None
        self.suspect: Callable[[], bool] = lambda: False
        """Whether the crawl's re-checks are not to be believed so far; each commit says so, the last one decides."""
        self._folder, self._limits = Path(spool_dir), limits or Limits()
        self._catalog = committer.archive.catalog
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")
        self._committer = committer.for_thread()
        self._committing: list[tuple[_Open, Future[Commit]]] = []
        self._waiting: list[_Open] = []
        self._takeovers = Takeovers()
        self._open = self._begin()

    @property
    def commits(self) -> list[Commit]:
        """What this writer has committed so far, oldest first."""
        return self._committer.commits

    def speak_for(self, crawl: str) -> None:
        """Let the commits from here on, the open batch's included, be those of another crawl: a dead one's."""
        own = self._committer
        own.named_by, own.crawl = own.named_by or own.crawl, crawl
        self._open.batch.crawl = crawl

    def _begin(self) -> _Open:
        return _Open(batch=self._committer.begin(partial(Spool.create, self._folder)))

    def _all(self) -> list[_Open]:
        return [self._open, *reversed(self._waiting), *(o for o, _ in reversed(self._committing))]

    def latest(self, article_id: str) -> Record | None:
        """Return the newest standing record of a capture of ours, uncommitted ones included; None without one."""
        for held in self._all():
            if article_id in held.latest:
                return held.latest[article_id]
        return own_latest(self._catalog.db, article_id)

    def showed(self, article_id: str, version: str) -> str | None:
        """Return when a committed version of that digest began, or None where there is none."""
        return memory.showed(self._catalog.db, article_id, version)

    def last_look(self, url: str) -> LastLook | None:
        """Return what the last look at `url` left, uncommitted ones included; None where it was never looked at."""
        for held in self._all():
            if url in held.last_looks:
                return held.last_looks[url]
        return memory.last_look(self._catalog.db, url)

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

    def decide(self, capture: Capture, keep: Keep, last: LastLook | None = None) -> None:
        """Say whether a spooled capture is kept: `capture`, `drop`, or `revisit` of the one kept before."""
        held = self._holder(capture)
        held.undecided.discard((capture.url, capture.captured_at))
        if keep == "drop":
            held.batch.drop(capture)
        elif keep == "revisit" and last is not None and last.kept_at is not None:
            held.batch.repeat(capture, of_url=last.kept_url or capture.url, of_time=stamp(last.kept_at))

    def add(self, look: Look, check: Check, *, record: Record | None, last: LastLook, keep: Keep) -> None:
        """Take in one judged look: its check, its record if it gave one, and the fate of its capture."""
        held = self._holder(look.capture)
        held.batch.checks.append(check)
        self._takeovers.look(check.answered or check.url, stamp(check.at), check.outcome, check.reason)
        held.last_looks[look.url] = last
        if record is not None:
            inside = look.capture if look.capture and held.batch.holds(look.capture) else None
            held.batch.records.append((record, inside))
            if look.kind != "mirror":
                held.latest[record["article_id"]] = record
        if look.capture is not None:
            self.decide(look.capture, keep, last)
        self.turn()

    def supersede(self, record: Record, look: Look) -> None:
        """Take in the new reading of a stored capture, found out of date by `look`; it begins no edit."""
        held = self._holder(look.capture)
        held.batch.records.append((record, None))
        held.latest[record["article_id"]] = record

    def turn(self) -> None:
        """Close the batch if it is full, and commit what waits for nothing more. Raises StorageError, NoSpace."""
        if self._open.batch.full(self._limits, self._committer.clock()):
            try:
                fresh = self._begin()
            except ArchiveError as error:
                self.failure = self.failure or error
                raise
            self._waiting.append(self._open)
            self._open = fresh
        self._settle()
        for held in [held for held in self._waiting if not held.undecided]:
            self._waiting.remove(held)
            self._submit(held, {})

    def _submit(self, held: _Open, summary: Mapping[str, Any]) -> None:
        suspect = {"suspect": True} if self.suspect() else {}
        self._committing.append((held, self._thread.submit(self._commit, held.batch, {**suspect, **summary})))

    def _settle(self) -> None:
        for held, future in list(self._committing):
            if future.done():
                self._committing.remove((held, future))
                self._note(held, future)

    def _note(self, held: _Open, future: Future[Commit]) -> None:
        try:
            future.result()
        except ArchiveError as error:
            self.failure = self.failure or error
            held.let_go()

    @property
    def behind(self) -> Future[Commit] | None:
        """The oldest commit under way when more than one is: the caller waits for it before it fetches more."""
        return self._committing[0][1] if len(self._committing) > 1 else None

    def _commit(self, batch: Batch, summary: Mapping[str, Any]) -> Commit:
        if self.failure:
            raise self.failure
        try:
            return self._committer.commit(batch, summary)
        except ArchiveError as error:
            self.failure = error
            raise
        except Exception as error:
            # Whatever it was, going on would pile up facts that never get committed.
            _log.exception("batch %s was not committed", batch.batch_id)
            kind = StorageError if isinstance(error, (OSError, sqlite3.Error)) else ArchiveError
            self.failure = kind(
                f"batch {batch.batch_id} was not committed: {type(error).__name__}: {error}; its spool is kept, "
                "the next crawl takes it in"
            )
            raise self.failure from error

    def close(self, summary: Mapping[str, Any]) -> None:
        """Commit what is left, with `summary` in the last commit; wait. Raises the error that stopped one.

        Captures that nobody decided upon are kept. After an error the spools lie where they were, let go of, so that
        any process may adopt them.
        """
        try:
            for held in (*self._waiting, self._open):
                held.undecided.clear()
            if not self.failure:
                self.turn()
                learned = {**summary.get("learned", {}), **self._takeovers.learned(self._catalog.db)}
                self._submit_rest({**summary, "learned": learned} if learned else summary)
        finally:
            self.abandon()
        if self.failure:
            raise self.failure

    def _submit_rest(self, summary: Mapping[str, Any]) -> None:
        rest = self._open.batch
        if summary or not rest.empty:
            self._submit(self._open, summary)
        elif rest.spool is not None:
            rest.spool.delete()

    def abandon(self) -> None:
        """Stop: wait for the commits under way and leave the rest in its spools, for any process to adopt."""
        self._thread.shutdown(wait=True)
        for held, future in self._committing:
            self._note(held, future)
        for held in (*self._waiting, self._open):
            if held.batch.size == 0 and held.batch.spool is not None:
                held.batch.spool.delete()
            held.let_go()
        self._committing.clear()
        self._waiting.clear()
        self._committer.archive.close()
