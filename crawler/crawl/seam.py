"""The seam between two pages of a listing: whether an article slipped through while they were read. No I/O.

A listing moves while it is walked: where an article above is taken out, the first one of the next page moves up to a
page that was read already. So the upper page is read again after the lower one. One taken out and one put on top within
these three readings cancel each other out: that is left to the deep walk.
"""

from collections.abc import Container
from dataclasses import dataclass

_MOST_READINGS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One page of a listing as it was read."""

    page: int
    url: str
    ids: tuple[str, ...]
    """In the order of rank."""


@dataclass(slots=True, kw_only=True)
class Seam:
    """Two neighbouring pages, the lower one read after the upper one."""

    above: Shelf
    below: Shelf
    again: Shelf | None = None
    """Which of the two is to be read again; None once that is settled."""
    closed: bool = False
    """Whether nothing lies between them that was not seen."""
    _readings: int = 0

    def look_at(self, known: Container[str]) -> None:
        """Settle it by what was read, or ask for the upper page again; `known` is what a complete walk saw before."""
        self.closed = self._overlaps() or self._lies_in(known)
        self.again = None if self.closed else self.above

    def _overlaps(self) -> bool:
        # What came on top meanwhile pushed the upper page's last articles down to the lower one.
        last, below = self.above.ids[-1], self.below.ids
        if last not in below:
            return False
        count = below.index(last) + 1
        return self.above.ids[-count:] == below[:count]

    def _lies_in(self, known: Container[str]) -> bool:
        # Boxes that stand on both pages say nothing of the list.
        own = [number for number in self.above.ids if number not in set(self.below.ids)]
        return bool(own) and own[-1] in known

    def take(self, ids: tuple[str, ...], *, news: bool) -> None:
        """Take in the page that was read again; `news` says that it shows an article which nobody saw.

        It is closed where there is none. Else what slipped through came to light; the other page is read again, until
        one shows nothing new, four times in all. A page that has nothing of what it had moved by more than a page, and
        the seam stays open.
        """
        before, self.again = self.again, None
        if before is None or (before.ids and set(ids).isdisjoint(before.ids)):
            return
        self.closed, self._readings = not news, self._readings + 1
        if news and self._readings < _MOST_READINGS:
            self.again = self.below if before is self.above else self.above
