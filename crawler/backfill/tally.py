"""What became of the captures that a backfill met: taken in, passed over, refused."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from archive.facts.items import Capture
from archive.facts.names import stamp
from archive.facts.outcomes import Outcome

Skip = Literal[
    "other_host", "other_page", "no_address", "resource", "no_exchange", "other_record", "odd_row", "redirect",
    "unusable", "known",
]  # fmt: skip
"""Why a capture is passed over: it says nothing of an article, or nothing new."""


Refusal = Literal[
    "disconnect", "packing", "capturer", "no_end", "replay", "digest",
    "future", "before_edition", "before_its_day", "language", "unstorable",
]  # fmt: skip
"""Why a capture is refused: it is not whole, a replay rewrote it, its digest is another; it is of a time that can't be,
another edition's, or no WARC can hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """What was not taken in, and why."""

    url: str
    at: str
    reason: str
    """In words, for people."""
    kind: Refusal | None = None
    """Of a capture that was refused."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of every capture met."""

    taken: Counter[Outcome] = field(default_factory=Counter)
    """Outcome → captures taken in."""
    skipped: Counter[Skip] = field(default_factory=Counter)
    """Captures passed over."""
    refused: list[NotTaken] = field(default_factory=list)
    """Pages altered, cut or contradicting their own digest, of another language, or of a time that can't be."""
    unresolved: list[NotTaken] = field(default_factory=list)
    """Revisits whose payload no file had, and pages of which only other files show whether they are whole."""
    failed: list[NotTaken] = field(default_factory=list)
    """Captures that an index names and no server gave."""
    damaged: list[tuple[str, str]] = field(default_factory=list)
    """File and what is wrong in it."""

    def refuse(self, capture: Capture, reason: str, kind: Refusal) -> None:
        """Count a capture that is not taken in, and why."""
        self.refused.append(NotTaken(url=capture.url, at=stamp(capture.captured_at), reason=reason, kind=kind))

    def unsure(self, capture: Capture) -> None:
        """Count a page of which only other files show whether it is whole."""
        reason = "a page without an end: whether its host's pages have one, no other page of this file shows"
        self.unresolved.append(NotTaken(url=capture.url, at=stamp(capture.captured_at), reason=reason))

    def refusals(self) -> dict[str, int]:
        """Return how many captures were refused for what, by name."""
        return dict(sorted(Counter(one.kind or "" for one in self.refused).items()))
