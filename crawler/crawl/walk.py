"""One walk through a section's listing, newest first, until it overlaps with the last complete walk. No I/O."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date

from crawler.crawl.seam import Shelf
from crawler.editions.edition import Edition

_MOST_REPEATS = 2


@dataclass(slots=True, kw_only=True)
class Walk:
    """How far a walk has come and whether it is complete: whether the next one may stop where it meets this one."""

    edition: Edition
    section: str
    known: Container[str]
    """Articles that a complete walk of this section saw; a whole page of them ends the walk."""
    listed: Container[str]
    """Articles that any walk saw, cut ones too: their pages don't count against the cap."""
    cap: int
    since: date | None = None
    pages: int = 0
    complete: bool = False
    ended: str = ""
    """Why it ended: overlap, end, since, cap, empty, or what went wrong; a summary may say cut, seam or unread, too."""
    articles: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    """Articles it found that were not looked at: with one of them it isn't complete."""
    shelf: Shelf | None = None
    """The page that was read last."""
    torn: set[int] = field(default_factory=set)
    """Pages of which it is not proven that the next one adjoins: with one of them it isn't complete."""
    _longest: int = 0
    _new_pages: int = 0
    _repeats: int = 0
    _overlapped: bool = False

    def take(self, ids: tuple[str, ...], urls: tuple[str, ...], next_url: str | None) -> str | None:
        """Take in one page's articles in order of rank; return the address of the next page to ask for, or None."""
        self.pages, self._longest = self.pages + 1, max(self._longest, len(ids))
        fresh = set(ids) - self.articles
        self.articles |= fresh
        self._new_pages += any(number not in self.listed for number in fresh)
        self._overlapped |= bool(ids) and self.knows(ids)
        # One page without news may be the last one again, pushed down by articles published meanwhile.
        self._repeats = 0 if fresh else self._repeats + 1
        end = self._end(ids, urls, next_url)
        if end is None:
            return next_url
        self.ended, self.complete = end
        return None

    def knows(self, ids: Iterable[str]) -> bool:
        """Return whether a complete walk of the section saw all of these articles."""
        return all(number in self.known for number in ids)

    def _end(self, ids: tuple[str, ...], urls: tuple[str, ...], next_url: str | None) -> tuple[str, bool] | None:
        if not self.articles:
            return "empty", False
        if self._overlapped and self.since is None:
            return "overlap", True
        if self._past(urls):
            # Below this page lies what nobody has seen, unless the walk met a complete one on its way.
            return "since", self._overlapped
        if not ids or next_url is None or self._repeats >= _MOST_REPEATS:
            return "end", True
        if self._new_pages >= self.cap:
            return "cap", False
        return None

    def _past(self, urls: tuple[str, ...]) -> bool:
        days = [day for url in urls if (day := self.edition.article_day(url))]
        return self.since is not None and bool(days) and max(days) < self.since

    def loop(self) -> None:
        """End the walk where the next page's address was asked before: the listing shows no more than it did."""
        self.ended, self.complete = "end", True

    def is_past_end(self) -> bool:
        """Return whether the page that was read last has fewer articles than one before it, as a last page has."""
        return self.shelf is not None and len(self.shelf.ids) < self._longest

    def fail(self, reason: str) -> None:
        """End the walk where a page could not be had: a gap that the next walk closes."""
        self.ended, self.complete = reason, False

    def summary(self) -> dict[str, object]:
        """Return what a commit says of this walk."""
        why = ""
        if self.complete:
            why = "seam" if self.torn else "unread" if self.unread else ""
        return {
            "complete": self.complete and not why,
            "pages": self.pages,
            "articles": len(self.articles),
            "ended": why or self.ended or "cut",
        }
