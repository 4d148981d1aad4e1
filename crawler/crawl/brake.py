"""The brake: when too many re-checks change or vanish at once it is the layout or the host, not the editors."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from archive.facts.names import stamp
from archive.facts.outcomes import ABSENT, SEEN, STRUCK, Outcome
from archive.facts.record import Record, identity
from pipelines.version import Judged

_ANSWERED = SEEN | ABSENT
_MOST_TOLD = 3
LATELY = timedelta(hours=48)
"""How far back a crawl's brake looks for articles that were there and are not any more."""
_HOUR, _HOURS = timedelta(hours=1), 24
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _is_too_much(struck: int, answered: int, share: float, minimum: int) -> bool:
    return struck >= minimum and struck > share * answered


def _count(ends: Counter[Outcome] | None, of: frozenset[Outcome]) -> int:
    return sum(ends[outcome] for outcome in of) if ends else 0


def _answers(ends: Counter[Outcome]) -> dict[str, int]:
    return dict(sorted((name, count) for name, count in ends.items() if count and name in _ANSWERED))


def _strategy(record: Record, field: str) -> str:
    # The body is read as blocks, of which some become captions and related links.
    sources = record["extraction"]["sources"]
    return str(sources.get("blocks" if field == "body" else field, "nothing"))


@dataclass(slots=True, kw_only=True)
class Brake:
    """The re-checks of one crawl: how many known articles were looked at, what changed in them, and what read them."""

    share: float = 0.2
    """Above this share of the answered re-checks changed or gone the crawl is suspect,"""
    minimum: int = 10
    """where they are so many at least."""
    noise: Callable[[], Collection[str]] = frozenset
    """Which addresses changed only where they do at each look: nobody edited those, and they pull no brake."""
    lately: Callable[[], Mapping[str, Outcome]] = dict
    """Gives addresses of articles → how the newest look of other crawls in the last `LATELY` ended: a host that loses
    its articles little by little, crawl by crawl, is no more to be believed. Asked where one was lost in this crawl."""
    _known: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _now: dict[str, Outcome] = field(default_factory=dict)
    _ends: Counter[Outcome] = field(default_factory=Counter)
    _changed: set[str] = field(default_factory=set)
    _fields: Counter[str] = field(default_factory=Counter)
    _strategies: dict[str, Counter[str]] = field(default_factory=dict)
    _layouts: Counter[str] = field(default_factory=Counter)

    def expect(self, url: str) -> None:
        """Note that an article which was there at its last look is looked at again, at `url`."""
        self._asked.add(url)
        self._known.add(url)

    def end(self, url: str, outcome: Outcome) -> None:
        """Note how the look at `url` ended; one that nobody expected is no re-check."""
        if outcome in _ANSWERED:
            self._now[url] = outcome
        if url in self._asked:
            self._asked.remove(url)
            self._ends[outcome] += 1
            if outcome == "changed":
                self._changed.add(url)

    def saw(self, item: Judged) -> None:
        """Note what read an article's page, and what differs from the record that it was held against."""
        verdict = item.verdict
        if item.look.article is not None and item.look.kind == "article":
            self.read(item.look.article.layout)
            if verdict.before is not None and verdict.record is not None:
                self.changed(verdict.before, verdict.record)

    def read(self, layout: str) -> None:
        """Note which layout read an article's page."""
        self._layouts[layout] += 1

    def changed(self, before: Record, after: Record) -> None:
        """Note which fields differ between two records of an article, and which strategies read them."""
        old, new = dict(identity(before)), dict(identity(after))
        for name in (name for name in new if old[name] != new[name]):
            self._fields[name] += 1
            was, now = (_strategy(record, name) for record in (before, after))
            self._strategies.setdefault(name, Counter())[f"{was} > {now}"] += 1

    @property
    def pulled(self) -> bool:
        """Whether what the re-checks found is not to be believed."""
        return self._pulled_at_once or self._pulled_lately

    @property
    def _pulled_at_once(self) -> bool:
        struck, answered = _count(self._ends, STRUCK), _count(self._ends, _ANSWERED)
        if not _is_too_much(struck, answered, self.share, self.minimum):
            return False
        edited = struck - len(self._changed.intersection(self.noise()))
        return _is_too_much(edited, answered, self.share, self.minimum)

    @property
    def _pulled_lately(self) -> bool:
        again = {} if ABSENT.isdisjoint(self._now.values()) else self._rechecked()
        if ABSENT.isdisjoint(again.values()):
            return False
        ends = self._since(again)
        return _is_too_much(_count(ends, ABSENT), ends.total(), self.share, self.minimum)

    def _rechecked(self) -> dict[str, Outcome]:
        before = self.lately()
        return {url: outcome for url, outcome in self._now.items() if url in self._known or url in before}

    def _since(self, again: dict[str, Outcome]) -> Counter[Outcome]:
        return Counter({**self.lately(), **again}.values())

    def report(self) -> dict[str, Any]:
        """Return the counts, JSON-ready: re-checks by outcome, fields that changed, their commonest strategies.

        `lately` holds the outcomes of the last `LATELY` where these are too many, and not the crawl's alone.
        """
        only_lately = self._pulled_lately and not self._pulled_at_once
        return {
            **({"lately": _answers(self._since(self._rechecked()))} if only_lately else {}),
            "rechecked": _answers(self._ends),
            "fields": dict(self._fields.most_common()),
            "strategies": {name: dict(told.most_common(_MOST_TOLD)) for name, told in sorted(self._strategies.items())},
            "layouts": dict(self._layouts.most_common()),
        }


@dataclass(slots=True, kw_only=True)
class BackfillBrake:
    """What others captured of articles that were known by then, by who captured it and of which host.

    It is braked as a crawl is, over captures of the same 24 hours, begun at any full hour: nobody sees a fifth of the
    articles changed in one day, whenever it was.
    """

    share: float = 0.2
    minimum: int = 10
    _ends: dict[tuple[str, str, int], Counter[Outcome]] = field(default_factory=dict)
    """(who, host, hour since 1970) → how the captures of that hour ended."""
    _named: dict[tuple[str, tuple[str, ...]], Outcome] = field(default_factory=dict)
    """(who, name of a capture) → how it ended, as far as is known."""
    _pulled: set[tuple[str, str, int]] = field(default_factory=set)
    """The hours from which on 24 are not to be believed."""

    def note(self, who: str, host: str, at: datetime, outcome: Outcome, *, name: tuple[str, ...] = ()) -> None:
        """Note what a capture of a known article, made at `at` (aware UTC), came to against the one before it.

        `name` names the capture where it may be noted again: what it came to last counts.
        """
        hour = (at - _EPOCH) // _HOUR
        ends = self._ends.setdefault((who, host, hour), Counter())
        if name:
            ends.subtract([told] if (told := self._named.get((who, name))) else [])
            self._named[who, name] = outcome
        ends[outcome] += 1
        # The hours around it, and how much was struck and answered up to each.
        around = [self._ends.get((who, host, near)) for near in range(hour - _HOURS + 1, hour + _HOURS)]
        struck, answered = ([0, *accumulate(_count(ends, of) for ends in around)] for of in (STRUCK, _ANSWERED))
        for place in range(_HOURS):
            many, of = (told[place + _HOURS] - told[place] for told in (struck, answered))
            window = who, host, hour - _HOURS + 1 + place
            turn = self._pulled.add if _is_too_much(many, of, self.share, self.minimum) else self._pulled.discard
            turn(window)

    @property
    def pulled(self) -> bool:
        """Whether what the captures show is not to be believed."""
        return bool(self._pulled)

    def report(self) -> dict[str, Any]:
        """Return, JSON-ready, of each source and host that is not believed the 24 hours in which most was struck."""
        worst: dict[tuple[str, str], tuple[int, int]] = {}
        for who, host, begin in self._pulled:
            struck = _count(self._day(who, host, begin), STRUCK)
            worst[who, host] = max(worst.get((who, host), (0, 0)), (struck, -begin))
        return {"sources": [self._told(who, host, -since) for (who, host), (_, since) in sorted(worst.items())]}

    def _told(self, who: str, host: str, begin: int) -> dict[str, Any]:
        since = stamp(_EPOCH + begin * _HOUR)
        return {"source": who, "host": host, "since": since, "rechecked": _answers(self._day(who, host, begin))}

    def _day(self, who: str, host: str, begin: int) -> Counter[Outcome]:
        ends: Counter[Outcome] = Counter()
        for hour in range(begin, begin + _HOURS):
            ends.update(self._ends.get((who, host, hour), {}))
        return ends
