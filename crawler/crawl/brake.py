"""The brake: when too many re-checks change or vanish at once it is the layout or the host, not the editors."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from archive.facts.outcomes import ABSENT, SEEN, STRUCK, Outcome
from archive.facts.record import Record, identity
from pipelines.version import Judged

_ANSWERED = SEEN | ABSENT
_MOST_TOLD = 3


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
    _asked: set[str] = field(default_factory=set)
    _ends: Counter[Outcome] = field(default_factory=Counter)
    _fields: Counter[str] = field(default_factory=Counter)
    _strategies: dict[str, Counter[str]] = field(default_factory=dict)
    _layouts: Counter[str] = field(default_factory=Counter)

    def expect(self, url: str) -> None:
        """Note that an article which was there at its last look is looked at again, at `url`."""
        self._asked.add(url)

    def end(self, url: str, outcome: Outcome) -> None:
        """Note how the look at `url` ended; one that nobody expected is no re-check."""
        if url in self._asked:
            self._asked.remove(url)
            self._ends[outcome] += 1

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
        struck = sum(self._ends[outcome] for outcome in STRUCK)
        answered = sum(self._ends[outcome] for outcome in _ANSWERED)
        return struck >= self.minimum and struck > self.share * answered

    def report(self) -> dict[str, Any]:
        """Return the counts, JSON-ready: re-checks by outcome, fields that changed, their commonest strategies."""
        return {
            "rechecked": dict(sorted((name, count) for name, count in self._ends.items() if name in _ANSWERED)),
            "fields": dict(self._fields.most_common()),
            "strategies": {name: dict(told.most_common(_MOST_TOLD)) for name, told in sorted(self._strategies.items())},
            "layouts": dict(self._layouts.most_common()),
        }
