"""Take captures made by others into the archive: each is read by today's code and leaves a record of its own.

Our own looks leave a record only where something changed. Captures of others arrive in any order, so that what lies
between two of them may come last: with a record each, the fold puts them into the order of capture time by itself.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from archive.catalog import memory
from archive.committing import Committer
from archive.errors import UsageError
from archive.facts.canonical import parse
from archive.facts.items import Capture, Check
from archive.facts.names import stamp
from archive.facts.outcomes import Kind, Outcome, Read
from archive.facts.record import Record, differ
from archive.log.batch import Batch, Limits
from archive.log.spool import Spool, adoptable
from archive.warc.exchanges import Record as WarcRecord
from archive.warc.exchanges import capture_of
from archive.warc.warc import Revisit, target_uri
from crawler.backfill.bounds import Bounds
from crawler.backfill.fitness import altered, cut_short, is_page, speaks_otherwise
from crawler.backfill.replays import unwrapped
from crawler.backfill.revisits import Originals, agrees, forms
from crawler.backfill.sources import Origin
from crawler.pages import REVISION
from crawler.reread.stored import Recorder, look_of
from pipelines.look import Look
from pipelines.version import Reread

_TAKEN = frozenset({200, 404, 410})
_UNUSABLE: frozenset[Outcome | Read] = frozenset({"http_error", "challenge"})
_AHEAD = timedelta(days=1)
_WEB = datetime(1993, 4, 30, tzinfo=UTC)
_MOST_WAITING = 50_000
_KIND: Kind = "article"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was not taken in, and why."""

    url: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    revisit: Revisit
    digest: str
    url: str
    origin: Origin


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of every capture met."""

    taken: Counter[str] = field(default_factory=Counter)
    """Outcome → captures taken in."""
    skipped: Counter[str] = field(default_factory=Counter)
    """other_host, other_page, resource, redirect, unusable, known → captures passed over."""
    refused: list[Refusal] = field(default_factory=list)
    """Pages altered, cut or contradicting their own digest."""
    unresolved: list[Refusal] = field(default_factory=list)
    """Revisits whose payload no file had."""
    failed: list[Refusal] = field(default_factory=list)
    """Captures that an index names and no server gave."""
    damaged: list[tuple[str, str]] = field(default_factory=list)
    """File and what is wrong in it."""


@dataclass(slots=True, kw_only=True)
class Taking:
    """The open batch of a backfill, and what it knows."""

    committer: Committer
    bounds: Bounds
    folder: Path
    """Where the batch's captures lie until the commit; no crawl adopts them, their source has them still."""
    limits: Limits
    recorder: Recorder
    reread: Reread
    tally: Tally = field(default_factory=Tally)
    label: Origin | None = None
    """What is being read: one batch holds captures of one source."""
    _batch: Batch | None = None
    _records: dict[str, list[Record]] = field(default_factory=dict)
    _waiting: list[_Waiting] = field(default_factory=list)
    _originals: Originals | None = None

    @property
    def originals(self) -> Originals:
        """Where the payloads of revisits are looked for."""
        if self._originals is None:
            archive = self.committer.archive
            self._originals = Originals(store=archive.store, db=archive.catalog.db, pending=self._pending)
        return self._originals

    def _pending(self, place: tuple[str, str]) -> Capture | None:
        found = self._batch.places.get(place) if self._batch else None
        return found[0] if found else None

    def clear(self) -> None:
        """Remove what a killed backfill left behind; its source is read again."""
        for path in adoptable(self.folder):
            if (spool := Spool.adopt(path)) is not None:
                spool.delete()

    def begin(self, label: Origin) -> None:
        """Begin a source: what is open of the one before is committed."""
        self.commit()
        self.label = label

    def record(self, response: WarcRecord, request: WarcRecord | None, origin: Origin) -> None:
        """Take in a response or revisit of a WARC, or count why not. Raises IntegrityError for a bad WARC-Date."""
        url, at, rewritten = unwrapped(response.uri)
        if not self.wanted(url):
            return
        capture = capture_of(response, request, None)
        digest = response.fields.get("warc-payload-digest", "")
        capture = replace(capture, url=url, captured_at=at or capture.captured_at, segment=None, offset=0, length=0)
        if rewritten:
            self.refuse(capture, "rewritten by a replay: fetch it with id_ behind the time in its address")
        elif isinstance(capture, Revisit):
            self._revisit(_Waiting(revisit=capture, digest=digest, url=url, origin=origin), last=False)
        elif why := cut_short(capture, dict(response.fields)):
            self.refuse(capture, f"not whole: {why}")
        elif not agrees(digest, *forms(capture, response.block.partition(b"\r\n\r\n")[2])):
            self.refuse(capture, f"its payload is not the one that {digest} names")
        else:
            self.originals.met(digest, capture)
            self.take(capture, origin)

    def wanted(self, url: str) -> bool:
        """Return whether an address is an article's; count it where it is not."""
        if not self.bounds.ours(url):
            self.tally.skipped["other_host"] += 1
        elif self.bounds.article(url) is None:
            self.tally.skipped["other_page"] += 1
        else:
            return True
        return False

    def holds(self, url: str, at: datetime) -> bool:
        """Return whether a capture of an address at an instant is in the archive or in the open batch."""
        sql = "SELECT 1 FROM captures WHERE url = ? AND captured_at = ?"
        place = target_uri(url), stamp(at)
        held = self.committer.archive.catalog.db.execute(sql, place).fetchone()
        return held is not None or self._pending((url, stamp(at))) is not None

    def take(self, capture: Capture, origin: Origin, detail: str = "") -> None:
        """Take in a capture of an article's address, or count why not. Commits a batch that is full."""
        if (skipped := self._passed_over(capture)) is not None:
            self.tally.skipped[skipped] += 1
            return
        if self._known(capture):
            self.tally.skipped["known"] += 1
            return
        if reason := self._unfit(capture):
            self.refuse(capture, reason)
            return
        look = look_of((capture,), self.bounds.edition)
        if capture.status not in _TAKEN:
            # A redirect to the front page is how the outlet says that an article is gone.
            look = Look(
                url=capture.url, kind=_KIND, at=capture.captured_at, outcome="soft_404", status=capture.status,
                capture=capture, article_id=self.bounds.article(capture.url), reason="front_page",
                detail="redirected to the front page",
            )  # fmt: skip
        if look is None or look.outcome in _UNUSABLE:
            self.tally.skipped["unusable"] += 1
            return
        if look.article is not None and (reason := speaks_otherwise(look.article, self.bounds.edition)):
            self.refuse(capture, reason)
            return
        self._add(capture, look, origin, detail)

    def _passed_over(self, capture: Capture) -> str | None:
        if capture.method not in ("GET", ""):
            return "unusable"
        if 300 <= capture.status < 400:
            return None if _leads_home(capture) else "redirect"
        if capture.status not in _TAKEN:
            return "unusable"
        return None if is_page(capture) else "resource"

    def _known(self, capture: Capture) -> bool:
        at = stamp(capture.captured_at)
        pending = self._pending((capture.url, at))
        held = memory.holds(self.committer.archive.catalog.db, capture.url, at, capture.payload)
        return held or (pending is not None and pending.payload == capture.payload)

    def _unfit(self, capture: Capture) -> str:
        if capture.captured_at > self.committer.clock() + _AHEAD:
            return "it says that it was made in the future"
        if capture.captured_at < _WEB:
            return "it says that it was made before there was a web: who captured it had no clock"
        return altered(capture)

    def refuse(self, capture: Capture, reason: str) -> None:
        """Count a capture that is not taken in, and why."""
        self.tally.refused.append(Refusal(url=capture.url, at=stamp(capture.captured_at), reason=reason))

    def _add(self, capture: Capture, look: Look, origin: Origin, detail: str) -> None:
        record = self.recorder(look)
        batch = self._room(capture)
        try:
            batch.spooled(capture)
        except UsageError as error:
            self.refuse(capture, str(error))
            return
        if record is None:
            outcome, confirms = look.ended, None
        else:
            record = record | {"capture": record["capture"] | {"source": origin.fields()}}
            outcome, confirms = self._judged(record, batch)
            batch.records.append((record, capture))
            self._records.setdefault(record["article_id"], []).append(record)
        batch.checks.append(
            Check(
                at=capture.captured_at, url=capture.url, kind=_KIND, outcome=outcome, article_id=look.article_id,
                status=capture.status, detail=detail or look.detail, reason=look.reason, confirms=confirms,
                payload=capture.payload, source=origin.line(),
            )
        )  # fmt: skip
        self.tally.taken[outcome] += 1
        self.turn()

    def _room(self, capture: Capture) -> Batch:
        """Return the open batch, a new one where it holds another capture of that address and instant."""
        if self._pending((capture.url, stamp(capture.captured_at))) is not None:
            self.commit()
        if self._batch is None:
            self._batch = self.committer.begin(lambda name: Spool.create(self.folder, name))
            self._batch.provenance = {f"source-{k}": v for k, v in (self.label.fields() if self.label else {}).items()}
        return self._batch

    def _judged(self, record: Record, batch: Batch) -> tuple[Outcome, str | None]:
        """Return outcome and what is confirmed, against the record in force at the time.

        Neighbours that an older revision read are read again: like is held against like, on both sides.
        """
        before, after = (self._alike(found, record, batch) for found in self._neighbours(record))
        del after
        if before is None:
            return "new", None
        if before["digests"]["version"] != record["digests"]["version"]:
            return "changed", None
        return "unchanged", before["captured_at"]

    def _alike(self, found: Record | None, record: Record, batch: Batch) -> Record | None:
        if found is None or found["extraction"]["revision"] >= REVISION or not differ(found, record):
            return found
        again = self.reread(found)
        if again is None:
            return found
        batch.records.append((again, None))
        self._records.setdefault(again["article_id"], []).append(again)
        return again

    def _neighbours(self, record: Record) -> tuple[Record | None, Record | None]:
        """Return the records in force before and after the instant of a record, uncommitted ones included."""
        number, at = record["article_id"], record["captured_at"]
        held = [*self._records.get(number, ()), *self._stored(number, at)]
        rank = lambda r: (r["captured_at"], r["extraction"]["revision"])  # noqa: E731 - used twice below
        before = max((r for r in held if r["captured_at"] <= at), key=rank, default=None)
        later = [r for r in held if r["captured_at"] > at]
        after = min(later, key=lambda r: (r["captured_at"], -r["extraction"]["revision"]), default=None)
        return before, after

    def _stored(self, number: str, at: str) -> Iterator[Record]:
        for sign, order in (("<=", "DESC"), (">", "ASC")):
            row = self.committer.archive.catalog.db.execute(
                f"SELECT json FROM records WHERE article_id = ? AND captured_at {sign} ? "
                f"ORDER BY captured_at {order}, revision DESC, seq DESC, line DESC LIMIT 1",
                (int(number), at),
            ).fetchone()
            if row:
                yield parse(row[0])

    def turn(self) -> None:
        """Commit the open batch where it is full or old."""
        if self._batch is not None and self._batch.full(self.limits, self.committer.clock()):
            self.commit()

    def commit(self) -> None:
        """Commit what is open, if anything is."""
        batch, self._batch = self._batch, None
        self._records.clear()
        if batch is None:
            return
        if batch.empty:
            assert batch.spool is not None
            batch.spool.delete()
            return
        summary: dict[str, Any] = {"taken": len(batch.places)}
        if self.label is not None:
            summary["source"] = self.label.fields()
        self.committer.commit(batch, {"backfill": summary})

    def _revisit(self, waiting: _Waiting, *, last: bool) -> None:
        whole = self.originals.resolve(waiting.revisit, waiting.digest, waiting.url)
        if whole is not None:
            referred = waiting.revisit.refers_to_date
            self.take(whole, waiting.origin, f"payload of the capture of {referred}" if referred else "a revisit")
        elif last or len(self._waiting) >= _MOST_WAITING:
            at = stamp(waiting.revisit.captured_at)
            reason = "a revisit whose payload is in none of the files, and not in the archive"
            self.tally.unresolved.append(Refusal(url=waiting.url, at=at, reason=reason))
        else:
            self._waiting.append(waiting)

    def finish(self) -> None:
        """Resolve the revisits that came before their payload, and commit what is open."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if self.label != one.origin:
                self.begin(one.origin)
            self._revisit(one, last=True)
        self.commit()

    def abandon(self) -> None:
        """Leave what is open; its source has it still."""
        if self._batch is not None and self._batch.spool is not None:
            self._batch.spool.delete()
        self._batch = None


def _leads_home(capture: Capture) -> bool:
    target = capture.header("location")
    if not target:
        return False
    try:
        parts, own = urlsplit(urljoin(capture.url, unwrapped(target)[0])), urlsplit(capture.url)
    except ValueError:
        return False
    return parts.path in ("", "/") and not parts.query and parts.hostname == own.hostname
