"""One walk through a section's listing, newest first, until it overlaps with the last complete walk. No I/O."""

from dataclasses import dataclass, field
from datetime import date

from crawler.edition import article_day


@dataclass(slots=True, kw_only=True)
class Walk:
    """How far a walk has come and whether it is complete."""

    section: str
    known: frozenset[str]
    """Articles that a complete walk of this section saw; a whole page of them ends the walk."""
    listed: frozenset[str]
    """Articles that any walk saw, cut ones too: their pages don't count against the cap."""
    cap: int
    since: date | None = None
    pages: int = 0
    complete: bool = False
    ended: str = ""
    """Why it ended: overlap, end, since, cap, or what went wrong."""
    articles: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    """Articles it found that were not looked at: with one of them it isn't complete."""
    _new_pages: int = 0

    def take(self, ids: tuple[str, ...], urls: tuple[str, ...], next_url: str | None) -> str | None:
        """Take in one page's articles in order of rank; return the address of the next page to ask for, or None."""
        self.pages += 1
        fresh = set(ids) - self.articles
        self.articles |= fresh
        self._new_pages += not set(ids) <= self.listed
        if not fresh:
            # A listing that repeats itself, or an empty page past its end.
            return self._end("end" if self.articles else "empty", complete=bool(self.articles))
        if set(ids) <= self.known and not self.since:
            return self._end("overlap", complete=True)
        if self._past(urls):
            return self._end("since", complete=bool(set(ids) & self.known) or not self.known)
        if next_url is None:
            return self._end("end", complete=True)
        if self._new_pages >= self.cap:
            return self._end("cap", complete=False)
        return next_url

    def _past(self, urls: tuple[str, ...]) -> bool:
        if self.since is None:
            return False
        return all(day < self.since for url in urls if (day := article_day(url)))

    def _end(self, reason: str, *, complete: bool) -> str | None:
        self.ended, self.complete = reason, complete
        return None

    def fail(self, reason: str) -> None:
        """End the walk where a page could not be had: a gap that the next walk closes."""
        self.ended, self.complete = reason, False

    def summary(self) -> dict[str, object]:
        """Return what a commit says of this walk."""
        complete = self.complete and not self.unread
        return {"complete": complete, "pages": self.pages, "articles": len(self.articles), "ended": self.ended or "cut"}
