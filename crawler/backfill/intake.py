"""Take captures made by others into the archive: each is read by today's code and leaves a record of its own.

The row of steps is `scope, whole, known, look, judge, add`. Our own looks leave a record only where something changed.
Captures of others arrive in any order, so that what lies between two of them may come last: with a record each, the
fold puts them into the order of capture time by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from archive.catalog import articles
from archive.committing import Committer
from archive.errors import UsageError
from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.facts.record import Record
from archive.log.batch import Batch, Limits
from archive.warc.exchanges import WarcRecord
from archive.warc.warc import Revisit
from crawler.backfill import steps, weighing
from crawler.backfill.bounds import Bounds
from crawler.backfill.neighbours import Judgement, Neighbours
from crawler.backfill.openbatch import OpenBatch
from crawler.backfill.revisits import Originals, Repeat, Repeats
from crawler.backfill.sources import Provenance
from crawler.backfill.steps import Met
from crawler.backfill.tally import Refusal, Skip, Tally
from crawler.backfill.weighing import Vanished
from crawler.crawl.brake import BackfillBrake
from crawler.crawl.patterns import Patterns
from crawler.net.redirects import REDIRECTS, is_home
from crawler.net.wrapped import unwrapped
from crawler.pages.likeness import NO_ANSWER, MadeUp
from crawler.pages.outcome import is_doubtful, made_up_of, settled
from crawler.reread.chains import APART, Chain, Chains, target_of
from crawler.reread.endings import Endings
from crawler.reread.stored import Recorder
from pipelines.look import Look
from pipelines.takeovers import Takeovers
from pipelines.version import Reread

_MOST_DOUBTFUL = 1_000


@dataclass(slots=True, kw_only=True)
class Intake:
    """The open batch of a backfill, and what it knows."""

    committer: Committer
    bounds: Bounds
    folder: Callable[[], Path]  # where the batch's captures lie until the commit
    limits: Limits
    alone: bool = False  # whether other files may show what these do not
    recorder: Recorder
    reread: Reread
    tally: Tally = field(default_factory=Tally)
    brake: BackfillBrake = field(default_factory=BackfillBrake)
    """What the captures show of known articles; each commit says whether it is pulled, the last one decides."""
    foreseen: Callable[[Chain], Look | Skip | None] = lambda _: None  # as read ahead, by another process
    batch: OpenBatch = field(init=False)
    _neighbours: Neighbours = field(init=False)
    _originals: Originals = field(init=False)
    _repeats: Repeats = field(init=False)
    _chains: Chains = field(init=False)  # redirects of articles, until what they led to comes along
    _doubtful: list[tuple[Look, Provenance, str]] = field(default_factory=list)
    """Looks that the answer to a made-up address decides, if one of the sources has it."""
    _unled: list[tuple[Chain, Provenance | None]] = field(default_factory=list)  # whose target no file had so far
    _made_up: MadeUp = NO_ANSWER
    _shown: bool = False  # whether a capture showed an article: else they may have been made before a gate
    _takeovers: Takeovers = field(default_factory=partial(Takeovers, own=False))
    _endings: Endings = field(init=False)
    _unsure: list[tuple[Look, Chain, Provenance, str]] = field(default_factory=list)
    """Looks at pages that lack an end, until others of their host are known."""
    _missed: list[tuple[Vanished, Provenance]] = field(default_factory=list)  # of what nobody had read by then

    def __post_init__(self) -> None:
        archive = self.committer.archive
        self.batch = OpenBatch(committer=self.committer, folder=self.folder, limits=self.limits, brake=self.brake)
        self._neighbours = Neighbours(db=archive.catalog.db, reread=self.reread)
        self._originals = Originals(
            store=archive.store, db=archive.catalog.db, pending=self.batch.pending, opened=self.batch.opened
        )
        self._repeats = Repeats(originals=self._originals, tally=self.tally)
        self._endings = Endings(db=archive.catalog.db, store=archive.store, alone=self.alone)
        self._chains = Chains(edition=self.bounds.edition)

    @property
    def provenance(self) -> Provenance | None:
        """What is being read."""
        return self.batch.provenance

    def clear(self) -> None:
        """Remove what a killed backfill left behind; its source is read again."""
        self.batch.clear()

    def begin(self, provenance: Provenance) -> None:
        """Begin a source: what is open of the one before is committed, and no redirect of it waits any longer."""
        self._unended()
        self.commit()
        self.batch.provenance = provenance

    def record(self, response: WarcRecord, request: WarcRecord | None, provenance: Provenance) -> None:
        """Take in a response or revisit of a WARC, or count why not. Raises IntegrityError for a bad WARC-Date."""
        if not self._in_scope(response, request, provenance):
            return
        found = steps.met(response, request)
        if steps.is_asked_plainly(found.capture):
            self._met(found, response, provenance, "")
        else:
            self.tally.skipped["unusable"] += 1

    def saved(self, record: WarcRecord, provenance: Provenance) -> None:
        """Take in a page that was saved as a file, or count why not. Raises IntegrityError for a bad WARC-Date."""
        self._met(steps.saved(record), record, provenance, "a saved file: of its exchange nothing is known")

    def _met(self, found: Met, record: WarcRecord, provenance: Provenance, detail: str) -> None:
        if torn := steps.torn(found, record):
            kind, why = torn
            self.tally.refuse(found.capture, why, kind)
        elif isinstance(found.capture, Revisit):
            told = {"digest": found.digest, "record_id": record.id}
            self._revisit(Repeat(revisit=found.capture, provenance=provenance, **told), last=False)
        else:
            self._originals.met(found.digest, found.capture, record.id)
            self.take(found.capture, provenance, detail)

    def _in_scope(self, response: WarcRecord, request: WarcRecord | None, provenance: Provenance) -> bool:
        url = unwrapped(response.uri)[0]
        if self.wanted(url):
            return True
        made_up = self.bounds.edition.is_made_up(url)
        front = self.bounds.ours(url) and is_home(url)
        if made_up or front or self._chains.waits(url):
            found = steps.met(response, request)
            fit = steps.is_sight(found.capture) and not self._unfit(found.capture)
            if fit and not steps.torn(found, response):
                self._beside(found.capture, provenance, front=front)
        return False

    def _beside(self, capture: Capture, provenance: Provenance, *, front: bool) -> None:
        """Take in what is no article's page but says something of articles: of its host, or where a redirect led."""
        if (told := steps.notice(capture, self.bounds.edition) if front else None) is not None:
            self._noticed(told)
        elif not front:
            self._led(capture, provenance)

    def _noticed(self, look: Look) -> None:
        self._takeovers.look(look.answered or look.url, stamp(look.at), "challenge", look.reason)

    def wanted(self, url: str) -> bool:
        """Return whether an address is an article's; count it where it is not."""
        skip = steps.scope(url, self.bounds)
        if skip is not None:
            self.tally.skipped[skip] += 1
        return skip is None

    def take(self, capture: Capture, provenance: Provenance, detail: str = "") -> None:
        """Take in a capture of an article's address, or count why not. Commits a batch that is full."""
        if (skip := steps.usable(capture)) is not None:
            self.tally.skipped[skip] += 1
        elif self.batch.knows(capture):
            self.tally.skipped["known"] += 1
            if capture.status not in REDIRECTS:
                # It may be what a redirect led to that is new.
                self._led(capture, provenance)
        elif unfit := self._unfit(capture):
            kind, reason = unfit
            self.tally.refuse(capture, reason, kind)
        elif self._led(capture, provenance):
            self._look((capture,), provenance, detail)

    def _unfit(self, capture: Capture) -> tuple[Refusal, str] | None:
        return steps.unfit(capture, self.bounds, self.committer.clock())

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

    def _unended(self) -> None:
        """Take in the redirects that nothing behind them ended, each with what it led to where that came before it.

        Of others another file may hold where they led: they wait for the end.
        """
        for chain in self._chains.rest():
            if self._ended_before(chain, self.provenance):
                continue
            if len(self._unled) < _MOST_DOUBTFUL:
                self._unled.append((chain, self.provenance))
            else:
                self.tally.skipped["redirect"] += len(chain)

    def _ended_before(self, chain: Chain, provenance: Provenance | None) -> bool:
        found = self._led_to_before(chain) if provenance else None
        if found is None or provenance is None:
            return False
        if self.provenance != provenance:
            self.begin(provenance)
        self._look((*chain, found), provenance, "")
        return True

    def _led_to_before(self, chain: Chain) -> Capture | None:
        target = target_of(chain[-1], self.bounds.edition.hosts)
        other = self.bounds.article(target or "") not in (None, self.bounds.article(chain[0].url))
        return self._originals.answered(target, chain[-1].captured_at, within=APART) if target and other else None

    def _look(self, chain: Chain, provenance: Provenance, detail: str) -> None:
        look = self.foreseen(chain) or steps.look(chain, self.bounds)
        if isinstance(look, str):
            self.tally.skipped[look] += 1
        elif look.outcome == "challenge":
            self._noticed(look)
            self.tally.skipped["unusable"] += 1
        elif reason := steps.foreign_language(look, self.bounds):
            self.tally.refuse(chain[-1], reason, "language")
        elif (told := self._endings.judge(look)) is None and len(self._unsure) < _MOST_DOUBTFUL:
            self._unsure.append((look, chain, provenance, detail))
        else:
            self._ended(told or look, chain, provenance, detail)

    def _ended(self, look: Look, chain: Chain, provenance: Provenance, detail: str) -> None:
        known = self._was_read(look.article_id or "0")
        if look.outcome == "truncated":
            self.tally.refuse(chain[-1], f"not whole: {look.detail}", "no_end")
        elif is_doubtful(look, known=known) and len(self._doubtful) < _MOST_DOUBTFUL:
            self._doubtful.append((look, provenance, detail))
        elif self.bounds.article(look.url) is not None:
            # What another address answered is told of the one that was asked by its own capture, the redirect.
            self._add(replace(look, at=chain[0].captured_at, capture=chain[0]), provenance, detail)

    def _settle(self) -> None:
        unsure, self._unsure = self._unsure, []
        for look, chain, provenance, detail in unsure:
            if self.provenance != provenance:
                self.begin(provenance)
            if told := self._endings.last(look):
                self._ended(told, chain, provenance, detail)
            else:
                self.tally.unsure(chain[-1])
        doubtful, self._doubtful = self._doubtful, []
        for look, provenance, detail in doubtful:
            if self.provenance != provenance:
                self.begin(provenance)
            told = settled(look, self._made_up, self.bounds.edition, shown=self._shown)
            self._add(told, provenance, detail)

    def _was_read(self, number: str) -> bool:
        return self._neighbours.has(number) or articles.was_read(self.committer.archive.catalog.db, number)

    def _add(self, look: Look, provenance: Provenance, detail: str) -> None:
        capture, record = look.capture, self.recorder(look)
        assert capture is not None
        self._shown = self._shown or look.article is not None
        if look.outcome in steps.UNUSABLE:
            self.tally.skipped["unusable"] += 1
            return
        if self.batch.pending((capture.url, stamp(capture.captured_at))) is not None:
            self.commit()
        batch = self.batch.room(capture)
        try:
            batch.spooled(capture)
        except UsageError as error:
            self.tally.refuse(capture, str(error), "unstorable")
            return
        judged = self._judge(record, capture, provenance, batch) if record else Judgement(outcome=look.ended)
        batch.checks.append(steps.check_of(look, judged, provenance, detail))
        self._takeovers.look(look.answered or look.url, stamp(capture.captured_at), judged.outcome, look.reason)
        self.tally.taken[judged.outcome] += 1
        if record is None:
            self._miss(
                Vanished(number=look.article_id or "0", url=capture.url, at=capture.captured_at, outcome=look.ended),
                provenance,
            )
        self.turn()

    def _miss(self, missed: Vanished, provenance: Provenance) -> None:
        if self._was_read(missed.number):
            weighing.miss(self.brake, missed, provenance)
        else:
            self._missed.append((missed, provenance))

    def _judge(self, record: Record, capture: Capture, provenance: Provenance, batch: Batch) -> Judgement:
        placed: Record = {**record, "capture": {**record["capture"], "source": provenance.fields()}}
        judged = self._neighbours.judge(placed)
        batch.records += [(again, None) for again in judged.again]
        batch.records.append((placed, capture))
        weighing.weigh(self.brake, placed, judged, self.bounds.edition.vocabulary)
        return judged

    def turn(self) -> None:
        """Commit the open batch where it is full or old."""
        if self.batch.full:
            self.commit()

    def commit(self) -> None:
        """Commit what is open, if anything is."""
        self._neighbours.committed()
        self.batch.commit()

    def _revisit(self, repeat: Repeat, *, last: bool) -> None:
        whole = self._repeats.resolve(repeat, last=last)
        if whole is not None:
            self.take(whole, repeat.provenance, steps.referred(repeat.revisit))

    def finish(self) -> None:
        """Resolve the revisits that came before their payload, and commit what is open."""
        for one in self._repeats.rest():
            # What one repeats may itself have waited until all files were read.
            self._settle()
            if self.provenance != one.provenance:
                self.begin(one.provenance)
            self._revisit(one, last=True)
        self._unended()
        self._settle()
        unled, self._unled = self._unled, []
        for chain, provenance in unled:
            if not self._ended_before(chain, provenance):
                self.tally.skipped["redirect"] += len(chain)
        self._settle()
        missed, self._missed = self._missed, []
        for vanished, source in missed:
            self._miss(vanished, source)
        self.commit()
        self.batch.close(self._learned())

    def _learned(self) -> dict[str, Any]:
        """Return what only all captures together show: hosts taken over, spots of the pages that rotate."""
        db, vocabulary = self.committer.archive.catalog.db, self.bounds.edition.vocabulary
        patterns = Patterns(db=db, vocabulary=vocabulary, crawl=self.committer.crawl)
        patterns.look_back()
        return {**self._takeovers.learned(db), **patterns.learned()}

    def abandon(self) -> None:
        """Leave what is open; its source has it still."""
        self.batch.abandon()
