"""The open batch of a backfill: captures of one source, with their records and checks, until they are committed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.catalog import memory
from archive.committing import Committer
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.log.batch import Batch, Limits
from archive.log.spool import Spool, adoptable
from archive.warc.warc import target_uri
from crawler.backfill.sources import Provenance
from crawler.crawl.brake import BackfillBrake


@dataclass(slots=True, kw_only=True)
class OpenBatch:
    """What was taken in since the last commit."""

    committer: Committer
    folder: Callable[[], Path]
    """Where its captures lie until the commit; no crawl adopts them, their source has them still. Asked only where the
    archive is there, since its name is in it."""
    limits: Limits
    brake: BackfillBrake
    """Where it is pulled each commit says so, and the last one decides."""
    provenance: Provenance | None = None
    """What is being read: one batch holds captures of one source."""
    _batch: Batch | None = None
    _suspect: bool = False
    """Whether the newest commit says that the backfill is suspect."""

    def clear(self) -> None:
        """Remove what a killed backfill left behind; its source is read again."""
        if self.committer.archive.create:
            return
        for path in adoptable(self.folder()):
            if (spool := Spool.adopt(path)) is not None:
                spool.delete()

    def pending(self, place: tuple[str, str]) -> Capture | None:
        """Return the capture of an address at an instant (RFC 3339), or None where it holds none."""
        found = self._batch.places.get(place) if self._batch else None
        return found[0] if found else None

    def holds(self, url: str, at: datetime) -> bool:
        """Return whether a capture of an address at an instant is in the archive or in the open batch."""
        sql = "SELECT 1 FROM captures WHERE url = ? AND captured_at = ?"
        place = target_uri(url), stamp(at)
        held = self.committer.archive.catalog.db.execute(sql, place).fetchone()
        return held is not None or self.pending((url, stamp(at))) is not None

    def knows(self, capture: Capture) -> bool:
        """Return whether a capture is in the archive or in the open batch, with its payload."""
        at = stamp(capture.captured_at)
        pending = self.pending((capture.url, at))
        held = memory.holds(self.committer.archive.catalog.db, capture.url, at, capture.payload)
        return held or (pending is not None and pending.payload == capture.payload)

    def opened(self, url: str) -> list[tuple[str, str]]:
        """Return (address, instant) of each capture of an address that it holds."""
        return [place for place in self._batch.places if place[0] == url] if self._batch else []

    def room(self, capture: Capture) -> Batch:
        """Return the batch that takes a capture, a new one where it holds another of that address and instant."""
        if self.pending((capture.url, stamp(capture.captured_at))) is not None:
            self.commit()
        if self._batch is None:
            self._batch = self.committer.begin(lambda name, info: Spool.create(self.folder(), name, info))
            told = self.provenance.fields() if self.provenance else {}
            self._batch.provenance = {f"source-{name}": value for name, value in told.items()}
        return self._batch

    @property
    def full(self) -> bool:
        """Whether it is to be committed: it is full or old."""
        return self._batch is not None and self._batch.full(self.limits, self.committer.clock())

    def commit(self) -> None:
        """Commit what is open, if anything is."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        if batch.empty:
            assert batch.spool is not None
            batch.spool.delete()
            return
        summary: dict[str, Any] = {"taken": len(batch.places)}
        if self.provenance is not None:
            summary["source"] = self.provenance.fields()
        self._append(batch, {"backfill": summary})

    def close(self, learned: dict[str, Any]) -> None:
        """Commit what all captures together show; nothing where that is nothing, and the brake stands as was said."""
        if learned or self._suspect != self.brake.pulled:
            # What the last captures showed was said of none of their batches, or is said no more.
            told = {"learned": learned} if learned else {}
            self._append(self.committer.begin(), {"backfill": {"taken": 0}, **told})

    def _append(self, batch: Batch, summary: dict[str, Any]) -> None:
        self._suspect = self.brake.pulled
        told = {"suspect": True, "brake": self.brake.report()} if self._suspect else {}
        self.committer.commit(batch, {**summary, **told})

    def abandon(self) -> None:
        """Leave what is open; its source has it still."""
        if self._batch is not None and self._batch.spool is not None:
            self._batch.spool.delete()
        self._batch = None
