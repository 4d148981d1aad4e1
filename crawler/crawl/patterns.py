"""What one crawl sees in many articles at once: counters that move, clocks that run, texts edited alike."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from archive.catalog import patterns
from archive.catalog.articles import Db
from archive.facts.addresses import host_of
from archive.facts.names import BACKFILL, stamp
from archive.facts.record import Record
from archive.languages.vocabulary import Vocabulary
from archive.texts import clocks, spots
from archive.texts.changes import compare
from archive.texts.rotating import Spots
from archive.texts.spots import SpotFields, Turn
from pipelines.look import Look
from pipelines.version import Verdict


@dataclass(slots=True, kw_only=True)
class Patterns:
    """The looks of one crawl at known articles, and what they show together."""

    db: Db
    vocabulary: Vocabulary
    crawl: str
    _turns: dict[str, tuple[str, Turn]] = field(default_factory=dict)
    """By the address that was asked, with the instant of the look."""
    _edited: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    _stood: Counter[str] = field(default_factory=Counter)
    """Layout to how many of its pages were read and found unchanged."""
    _beats: dict[str, Counter[frozenset[tuple[str, int]]]] = field(default_factory=lambda: defaultdict(Counter))
    """Host to what its clocks did at looks that found a text unchanged, and how often,"""
    _pulses: dict[str, tuple[str, clocks.Pulse]] = field(default_factory=dict)
    """and at those that found one changed, by the address that was asked."""
    _since: str = ""
    _found: tuple[int, list[SpotFields]] = (0, [])
    """How many turns were looked into, and what was found."""

    def note(self, look: Look, verdict: Verdict) -> None:
        """Note a look at an article, as it was judged; any other look says nothing here."""
        if look.article is None or look.capture is None or look.kind != "article" or verdict.outcome == "new":
            return
        self._since = min(filter(None, (self._since, stamp(look.at))))
        host = host_of(look.capture.url)
        if verdict.before is None or verdict.record is None:
            self._stood[look.article.layout] += 1
            self._beats[host][frozenset(verdict.pulse.items())] += 1
            return
        self._pulses[look.url] = (host, verdict.pulse)
        self._turn(look.url, verdict.before, verdict.record)
        change = compare(verdict.before, verdict.record, self.vocabulary)
        self._edited[verdict.record["article_id"]] = frozenset() if change.noise else spots.edited_pairs(change)

    def _turn(self, name: str, old: Record, new: Record) -> None:
        self._turns[name] = (new["captured_at"], spots.turn_of(old, new))

    def look_back(self) -> None:
        """Note what the commits of a backfill changed, once they are folded: till then nobody knows what is between."""
        for old, new in patterns.changed_by(self.db, self.crawl):
            self._turn(f"{new['article_id']}@{new['captured_at']}", old, new)
            self._stood[new["extraction"]["layout"]] = 0
        if self._stood:
            stood = patterns.stood_in(self.db, self.crawl)
            self._stood = Counter(dict.fromkeys(self._stood, stood))

    def noise(self) -> frozenset[str]:
        """Return the addresses of the looks that found a text changed where all of it rotates, as far as is known."""
        told = self._told()
        return frozenset(url for url, (_, turn) in self._turns.items() if turn.is_noise(told.get(turn.layout, Spots())))

    def learned(self) -> dict[str, Any]:
        """Return what the crawl's looks showed together, for the summary's `learned`; empty for none."""
        noise = self.noise()
        rotates = {turn.article_id for url, (_, turn) in self._turns.items() if url in noise}
        edited = {number: pairs for number, pairs in self._edited.items() if number not in rotates}
        told = {"rotating": self._rotating(), "running": self._running(noise), "alike": spots.alike(edited)}
        return {name: found for name, found in told.items() if found}

    @property
    def _own(self) -> bool:
        # What others captured tells a crawl of ours nothing.
        return not self.crawl.startswith(BACKFILL)

    def _told(self) -> Mapping[str, Spots]:
        return patterns.by_layout(
            (spot["layout"], spot["kind"], text) for spot in self._rotating() for text in spot["texts"]
        )

    def _rotating(self) -> list[SpotFields]:
        # Asked after each commit: looked into anew only where more turned.
        count, found = self._found
        if count != len(self._turns):
            found = list(self._spots())
            self._found = (len(self._turns), found)
        return found

    def _spots(self) -> Iterable[SpotFields]:
        by_layout: dict[str, list[tuple[str, Turn]]] = defaultdict(list)
        for at, turn in self._turns.values():
            if turn.numbers or turn.texts:
                by_layout[turn.layout].append((at, turn))
        edited = patterns.reworded(self.db, own=self._own) if by_layout else ()
        past = spots.steps(row for row in edited if row[1] != self.crawl)
        for layout, turns in sorted(by_layout.items()):
            known = patterns.known_spots(self.db, layout, own=self._own)
            pages = patterns.newest_of(self.db, layout, own=self._own)
            counted = (turn for _, turn in turns)
            found = spots.counters(counted, pages, stood=self._stood[layout], known=known.numbers, past=past)
            for form, numbers in found.items():
                yield {"kind": "number", "layout": layout, "texts": [form], "articles": numbers}
            if texts := self._texts(turns, pages, known=bool(known.texts)):
                pool = texts | known.texts
                told = [turn for _, turn in turns if turn.texts and pool.issuperset(chain(*turn.texts))]
                shown = texts.union(chain.from_iterable(chain(*turn.texts) for turn in told))
                numbers = sorted({turn.article_id for turn in told}, key=int)
                yield {"kind": "text", "layout": layout, "texts": sorted(shown), "articles": numbers}

    def _texts(self, turns: Sequence[tuple[str, Turn]], pages: Sequence[Record], *, known: bool) -> frozenset[str]:
        turned = [(at, turn) for at, turn in turns if turn.texts]
        if len(turned) < spots.PAGES and not known:
            return frozenset()
        rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for at, turn in turned:
            rows[turn.article_id] += spots.shown_at(
                turn, patterns.looks_before(self.db, turn.article_id, at, spots.LOOKS, own=self._own)
            )
        texts = {text for told in rows.values() for row in told for text in row}
        headlines = patterns.headlined(self.db, texts, own=self._own) if texts else {}
        return spots.in_turn(rows, pages, headlines, known=known)

    def _running(self, noise: frozenset[str]) -> dict[str, Any]:
        # Where all that changed rotates nobody touched the text: those looks count, too.
        still = {host: [dict(pulse) for pulse in told.elements()] for host, told in self._beats.items()}
        for url in noise & self._pulses.keys():
            host, pulse = self._pulses[url]
            still.setdefault(host, []).append(dict(pulse))
        found: dict[str, Any] = {}
        for host, told in sorted(still.items()):
            ran = patterns.running_on(self.db, host)
            beats = {name: parts for name, parts in clocks.running(told).items() if parts or ran.get(name)}
            if beats:
                found[host] = {"clocks": beats, "since": self._since}
        return found
