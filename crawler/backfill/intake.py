"""Take captures made by others into the archive: each is read by today's code and leaves a record of its own.

The row of steps is `scope, whole, known, look, judge, add`. Our own looks leave a record only where something changed.
Captures of others arrive in any order, so that what lies between two of them may come last: with a record each, the
fold puts them into the order of capture time by itself.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.catalog import articles, memory
from archive.committing import Committer
from archive.errors import UsageError
from archive.facts.items import Capture, Check
from archive.facts.names import stamp
from archive.facts.outcomes import Kind
from archive.facts.record import Record
from archive.log.batch import Batch, Limits
from archive.log.spool import Spool, adoptable
from archive.warc.exchanges import WarcRecord
from archive.warc.warc import Revisit, target_uri
from crawler.backfill import steps
from crawler.backfill.bounds import Bounds
from crawler.backfill.neighbours import Judgement, Neighbours
from crawler.backfill.replays import unwrapped
from crawler.backfill.revisits import Originals
from crawler.backfill.sources import Provenance
from crawler.backfill.tally import NotTaken, Tally
from crawler.net.redirects import REDIRECTS
from crawler.pages.likeness import NO_ANSWER, MadeUp
from crawler.pages.outcome import compared, is_doubtful, made_up_of
from crawler.reread.chains import Chain, Chains
from crawler.reread.stored import Recorder
from pipelines.look import Look
from pipelines.version import Reread

_MOST_WAITING, _MOST_DOUBTFUL = 50_000, 1_000
_KIND: Kind = "article"
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    revisit: Revisit
    digest: str
    provenance: Provenance


@dataclass(slots=True, kw_only=True)
class Intake:
    """The open batch of a backfill, and what it knows."""

    committer: Committer
    bounds: Bounds
    folder: Path
    """Where the batch's captures lie until the commit; no crawl adopts them, their source has them still."""
    limits: Limits
    recorder: Recorder
    reread: Reread
    tally: Tally = field(default_factory=Tally)
    provenance: Provenance | None = None
    """What is being read: one batch holds captures of one source."""
    _batch: Batch | None = None
    _waiting: list[_Waiting] = field(default_factory=list)
    _neighbours: Neighbours = field(init=False)
    _originals: Originals = field(init=False)
    _chains: Chains = field(init=False)
    """Redirects of articles, until what they led to comes along."""
    _doubtful: list[tuple[Look, Provenance, str]] = field(default_factory=list)
    """Looks that the answer to a made-up address decides, if one of the sources has it."""
    _made_up: MadeUp = NO_ANSWER

    def __post_init__(self) -> None:
        archive = self.committer.archive
        self._neighbours = Neighbours(db=archive.catalog.db, reread=self.reread)
        self._originals = Originals(store=archive.store, db=archive.catalog.db, pending=self._pending)
        self._chains = Chains(edition=self.bounds.edition)

    def clear(self) -> None:
        """Remove what a killed backfill left behind; its source is read again."""
        for path in adoptable(self.folder):
            if (spool := Spool.adopt(path)) is not None:
                spool.delete()

    def begin(self, provenance: Provenance) -> None:
        """Begin a source: what is open of the one before is committed, and no redirect of it waits any longer."""
        for chain in self._chains.rest():
            self.tally.skipped["redirect"] += len(chain)
        self.commit()
        self.provenance = provenance

    def record(self, response: WarcRecord, request: WarcRecord | None, provenance: Provenance) -> None:
        """Take in a response or revisit of a WARC, or count why not. Raises IntegrityError for a bad WARC-Date."""
        if not self._in_scope(response, request, provenance):
            return
        found = steps.met(response, request)
        if why := steps.torn(found, response):
            self.tally.refuse(found.capture, why)
        elif isinstance(found.capture, Revisit):
            self._revisit(_Waiting(revisit=found.capture, digest=found.digest, provenance=provenance), last=False)
        else:
            self._originals.met(found.digest, found.capture)
            self.take(found.capture, provenance)

    def _in_scope(self, response: WarcRecord, request: WarcRecord | None, provenance: Provenance) -> bool:
        url = unwrapped(response.uri)[0]
        if self.wanted(url):
            return True
        made_up = self.bounds.edition.is_made_up(url)
        if made_up or self._chains.waits(url):
            found = steps.met(response, request)
            fit = steps.is_sight(found.capture) and not steps.unfit(found.capture, self.committer.clock())
            if fit and not steps.torn(found, response):
                self._led(found.capture, provenance)
        return False

    def wanted(self, url: str) -> bool:
        """Return whether an address is an article's; count it where it is not."""
        skip = steps.scope(url, self.bounds)
        if skip is not None:
            self.tally.skipped[skip] += 1
        return skip is None

    def holds(self, url: str, at: datetime) -> bool:
        """Return whether a capture of an address at an instant is in the archive or in the open batch."""
        sql = "SELECT 1 FROM captures WHERE url = ? AND captured_at = ?"
        place = target_uri(url), stamp(at)
        held = self.committer.archive.catalog.db.execute(sql, place).fetchone()
        return held is not None or self._pending((url, stamp(at))) is not None

    def take(self, capture: Capture, provenance: Provenance, detail: str = "") -> None:
        """Take in a capture of an article's address, or count why not. Commits a batch that is full."""
        if (skip := steps.usable(capture)) is not None:
            self.tally.skipped[skip] += 1
        elif self._known(capture):
            self.tally.skipped["known"] += 1
            if capture.status not in REDIRECTS:
                # It may be what a redirect led to that is new.
                self._led(capture, provenance)
        elif reason := steps.unfit(capture, self.committer.clock()):
            self.tally.refuse(capture, reason)
        elif self._led(capture, provenance):
            self._look((capture,), provenance, detail)

    def _led(self, capture: Capture, provenance: Provenance) -> bool:
        """Tell what a capture shows of the article whose redirect led to it; return whether it stands for itself, too.

        A redirect waits for what it led to: only that says whether the article is there.
        """
        chain = self._chains.take(capture)
        if chain is None:
            return False
        asked, *_ = chain
        if self.bounds.edition.is_made_up(asked.url):
            self._made_up = made_up_of(capture, self.bounds.edition) or self._made_up
        elif len(chain) > 1 and self.bounds.article(asked.url) != self.bounds.article(capture.url):
            self._look(chain, provenance, "")
        elif len(chain) > 1:
            self.tally.skipped["redirect"] += len(chain) - 1
        return True

    def _look(self, chain: Chain, provenance: Provenance, detail: str) -> None:
        look = steps.look(chain, self.bounds)
        if isinstance(look, str):
            self.tally.skipped[look] += 1
        elif reason := steps.foreign_language(look, self.bounds):
            self.tally.refuse(chain[-1], reason)
        elif is_doubtful(look, known=self._was_read(look.article_id or "0")) and len(self._doubtful) < _MOST_DOUBTFUL:
            self._doubtful.append((look, provenance, detail))
        elif self.bounds.article(look.url) is not None:
            # What another address answered is told of the one that was asked by its own capture, the redirect.
            self._add(replace(look, at=chain[0].captured_at, capture=chain[0]), provenance, detail)

    def _settle(self) -> None:
        doubtful, self._doubtful = self._doubtful, []
        for look, provenance, detail in doubtful:
            if self.provenance != provenance:
                self.begin(provenance)
            self._add(compared(look, self._made_up, self.bounds.edition), provenance, detail)

    def _was_read(self, number: str) -> bool:
        return self._neighbours.has(number) or articles.was_read(self.committer.archive.catalog.db, number)

    def _known(self, capture: Capture) -> bool:
        at = stamp(capture.captured_at)
        pending = self._pending((capture.url, at))
        held = memory.holds(self.committer.archive.catalog.db, capture.url, at, capture.payload)
        return held or (pending is not None and pending.payload == capture.payload)

    def _pending(self, place: tuple[str, str]) -> Capture | None:
        found = self._batch.places.get(place) if self._batch else None
        return found[0] if found else None

    def _add(self, look: Look, provenance: Provenance, detail: str) -> None:
        capture, record = look.capture, self.recorder(look)
        assert capture is not None
        if look.outcome in steps.UNUSABLE:
            self.tally.skipped["unusable"] += 1
            return
        batch = self._room(capture)
        try:
            batch.spooled(capture)
        except UsageError as error:
            self.tally.refuse(capture, str(error))
            return
        judged = self._judge(record, capture, provenance, batch) if record else Judgement(outcome=look.ended)
        batch.checks.append(
            Check(
                at=capture.captured_at, url=capture.url, kind=_KIND, outcome=judged.outcome, article_id=look.article_id,
                status=capture.status, detail=detail or look.detail, reason=look.reason, confirms=judged.confirms,
                payload=capture.payload, answered=look.answered, source=provenance.line(),
            )
        )  # fmt: skip
        self.tally.taken[judged.outcome] += 1
        self.turn()

    def _judge(self, record: Record, capture: Capture, provenance: Provenance, batch: Batch) -> Judgement:
        placed: Record = {**record, "capture": {**record["capture"], "source": provenance.fields()}}
        judged = self._neighbours.judge(placed)
        batch.records += [(again, None) for again in judged.again]
        batch.records.append((placed, capture))
        return judged

    def _room(self, capture: Capture) -> Batch:
        """Return the open batch, a new one where it holds another capture of that address and instant."""
        if self._pending((capture.url, stamp(capture.captured_at))) is not None:
            self.commit()
        if self._batch is None:
            self._batch = self.committer.begin(lambda name: Spool.create(self.folder, name))
            told = self.provenance.fields() if self.provenance else {}
            self._batch.provenance = {f"source-{name}": value for name, value in told.items()}
        return self._batch

    def turn(self) -> None:
        """Commit the open batch where it is full or old."""
        if self._batch is not None and self._batch.full(self.limits, self.committer.clock()):
            self.commit()

    def commit(self) -> None:
        """Commit what is open, if anything is."""
        batch, self._batch = self._batch, None
        self._neighbours.committed()
        if batch is None:
            return
        if batch.empty:
            assert batch.spool is not None
            batch.spool.delete()
            return
        summary: dict[str, Any] = {"taken": len(batch.places)}
        if self.provenance is not None:
            summary["source"] = self.provenance.fields()
        self.committer.commit(batch, {"backfill": summary})

    def _revisit(self, waiting: _Waiting, *, last: bool) -> None:
        revisit = waiting.revisit
        whole = self._originals.resolve(revisit, waiting.digest, revisit.url)
        if whole is not None:
            referred = revisit.refers_to_date
            self.take(whole, waiting.provenance, f"payload of the capture of {referred}" if referred else "a revisit")
        elif last or len(self._waiting) >= _MOST_WAITING:
            reason = "a revisit whose payload is in none of the files, and not in the archive"
            self.tally.unresolved.append(NotTaken(url=revisit.url, at=stamp(revisit.captured_at), reason=reason))
        else:
            self._waiting.append(waiting)

    def finish(self) -> None:
        """Resolve the revisits that came before their payload, and commit what is open."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if self.provenance != one.provenance:
                self.begin(one.provenance)
            self._revisit(one, last=True)
        self._settle()
        for chain in self._chains.rest():
            self.tally.skipped["redirect"] += len(chain)
        self.commit()

    def abandon(self) -> None:
        """Leave what is open; its source has it still."""
        if self._batch is not None and self._batch.spool is not None:
            self._batch.spool.delete()
        self._batch = None
